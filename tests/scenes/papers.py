"""Forms, documents and mails."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from bot.forms.inputs import FieldErrors
from bot.forms.orders.ending import EndModal
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.order_sum import sum_lines
from bot.forms.orders.units import read_units
from bot.views.organisations.amounts import entry_problem
from bot.web.fields import AskedField, Field
from core.api import (
    AgreementType,
    CaseId,
    ConnectionWay,
    Cost,
    EarlierConnection,
    HeldDocument,
    OrganisationId,
    Period,
    Signature,
)
from notifications.documents.pdf import pdf_of
from notifications.documents.signed import SignedDocument
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import CardMessage
from notifications.texts import cost, price, say, when
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
        ("1\u00a0maj\u00a02026", "first day"),
        (price(SV, soon), "price"),
    )
    mine = [(builders.CUSTOMER, "Region Exempel")]
    yield Scene(
        "an order form",
        said,
        lambda: [as_sent(OrderModal.build(OrderFormState(mine, TODAY, offers=[offer], offer=offer), METADATA, SV))],
    )
    had = EarlierConnection(ConnectionWay(offer.terms.id, builders.AGENT), {SV: "NPÖ tidigare"}, ("Aa",))
    asks = OrderFormState(mine, TODAY, offers=[offer], offer=offer, earlier=[(had, "Journalia AB")])
    more = (("Aa", "unit"), ("NPÖ tidigare", "offer of before"), ("Journalia AB", "agent of before"))
    yield Scene(
        "an order form that asks what becomes of what there is",
        said | meaning(*more),
        lambda: [as_sent(OrderModal.build(asks, METADATA, SV))],
    )
    one, two = (cost(SV, Cost(100_000 * count, 1_200_000, Period.YEAR)) for count in (1, 2))
    counts = ((number, "number of units") for number in "12")
    yield Scene(
        "the sum of an order form",
        meaning(*counts, (one, "own cost"), (two, "own cost"), ("Aa", "unit"), ("Region Exempel", "customer")),
        lambda: [_sums(OrderFormState(mine, TODAY, units=(units,), org_number="1")) for units in UNITS_TYPED],
    )
    names = {"service": "Nationell patientöversikt", "offer": "NPÖ Producent", "organisation": "Region Exempel"}
    yield Scene(
        "a form that ends what is connected",
        meaning(*((names[name], name) for name in ("service", "offer")), ("Region Exempel", "customer")),
        lambda: [as_sent(EndModal.build(OrderFormState([], TODAY), ENDS_UNITS, names, METADATA, SV))],
    )
    yield Scene(
        "a unit twice",
        meaning(("7", "line of the second"), ("3", "line of the first"), ("Aa", "unit")),
        lambda: _wrong_units({"units": "\n\nAa\nB\nC\nD\nAa"}),
    )
    yield Scene(
        "a unit twice, in two fields",
        meaning(("2", "line of the second"), ("3", "line of the first"), ("Aa", "unit")),
        lambda: _wrong_units({"units": "\n\nAa", "units.2": "\nAa"}),
    )
    yield Scene(
        "units that are no units",
        meaning(*((str(line), "line") for line in range(1, 6)), *((piece, "piece") for piece in WRITTEN_WRONG)),
        lambda: _wrong_units({"units": "\n".join(WRITTEN_WRONG.values())}),
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


# Lines of units that are none, by what is quoted of them.
WRITTEN_WRONG = {
    "FEL ID": "Aa; FEL ID",
    "SE2222222222-A1": "SE2222222222-A1",
    "Plan 2": "Bb; SE2222222222-A2; Plan 2",
    "SE2222222222-A3": "Cc SE2222222222-A3",
    f"{'Dd' * 19}D…": "Dd" * 101,
}


UNITS_TYPED = ("Bb", "Aa; SE2222222222-A1\nBb")


def _sums(form: OrderFormState) -> list[object]:
    return list(sum_lines(form, builders.offer_choice(), SV))


def _wrong_units(typed: Mapping[str, str]) -> Iterator[object]:
    wrong = read_units(typed)
    yield wrong.in_words(SV) if isinstance(wrong, FieldErrors) else wrong


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
