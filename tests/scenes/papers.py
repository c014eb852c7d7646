"""Forms, documents and mails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.forms.orders.ending import EndModal
from bot.forms.orders.order import OrderModal
from bot.forms.orders.order_form import OrderForm
from bot.forms.orders.units import read_units
from bot.slack.views.organisations.amounts import entry_problem
from bot.web.fields import AskedField, Field
from core.api import (
    AgreementType,
    CaseId,
    HeldDocument,
    OrganisationId,
    Signature,
)
from notifications.documents.pdf import pdf_of
from notifications.documents.signed import SignedDocument
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import CardMessage
from notifications.texts import price, say, when
from tests.scenes.scene import SV, Scene, meaning
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import ENDS_UNITS, METADATA, TODAY
from tests.support.world import builders
from tests.support.world.builders import AT

FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


def of_forms() -> Iterator[Scene]:
    soon = builders.price(valid_from=date(2026, 5, 1))
    offer = builders.offer_choice()
    offer = replace(offer, terms=replace(offer.terms, prices=(soon,)))
    said = meaning(
        ("Nationell patientöversikt", "service"),
        ("NPÖ Producent", "offer"),
        ("1 maj 2026", "first day"),
        (price(SV, soon), "price"),
    )
    mine = [(builders.CUSTOMER, "Region Exempel")]
    yield Scene(
        "an order form",
        said,
        lambda: [as_sent(OrderModal.build(OrderForm(mine, TODAY, offers=[offer], offer=offer), METADATA, SV))],
    )
    names = {"service": "Nationell patientöversikt", "offer": "NPÖ Producent", "organisation": "Region Exempel"}
    yield Scene(
        "a form that ends what is connected",
        meaning(*((names[name], name) for name in ("service", "offer")), ("Region Exempel", "customer")),
        lambda: [as_sent(EndModal.build(OrderForm([], TODAY), ENDS_UNITS, names, METADATA, SV))],
    )
    yield Scene(
        "a unit twice",
        meaning(("7", "line of the second"), ("3", "line of the first")),
        lambda: [read_units("\n\nA\nB\nC\nD\nA").in_words(SV)],
    )
    values = {"tiers": "1000: 1\n2000: 2"}
    yield Scene(
        "a line that is wrong",
        meaning(("2", "line")),
        lambda: [entry_problem(SV, {"field": "tiers", "problem": "too_many", "index": 1}, values)],
    )
    yield Scene(
        "a field of a page",
        meaning(
            ("Etiketten", "label"), ("etiketten", "label"), ("Undrar?", "label"), ("Felet", "error"), ("Vems", "whose")
        ),
        _told,
    )


def _told() -> Iterator[object]:
    for of, label in (("", "Etiketten"), ("Vems", "Etiketten"), ("", "Undrar?")):
        yield AskedField(Field("f", "f"), of, label, "", "", "Felet").told(lambda key, **values: say(SV, key, **values))


def of_papers() -> Iterator[Scene]:
    signature = Signature("Signe Ström", AT, "link_confirm")
    paper = HeldDocument(
        OrganisationId("O1"),
        "Region Exempel",
        AgreementType.KUNDAVTAL,
        CaseId("A-2345678"),
        "kundavtal-1",
        "b" * 64,
        "# Titel",
        AT,
        None,
        (signature,),
    )
    said = meaning(
        ("Signe Ström", "signatory"), (when(SV, AT), "when sign"), ("kundavtal-1", "version"), ("b" * 64, "hash")
    )
    yield Scene("a signed document", said, lambda: [SignedDocument(paper).parts, pdf_of(SignedDocument(paper))])
    enclosed = Enclosed("Bo Lund", number="B-2345678")
    yield Scene(
        "a mail",
        meaning(("B-2345678", "number"), ("Ämnet", "text")),
        lambda: [draw_mail(CardMessage("Ämnet", []), enclosed, SV)],
    )
