"""What customer service and contacts read of an application: all that they need, and what speaks against it."""

import re
from dataclasses import replace

import pytest

from bot.forms.orders.decisions import ConfirmModal
from bot.forms.orders.questions import QuestionModal
from bot.forms.orders.reasons import RejectModal
from bot.forms.refusal_sentences import refusal
from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    SIDE_OF,
    Action,
    AttachedFile,
    CaseId,
    Contact,
    FileKind,
    Flow,
    Language,
    Part,
    ReasonCode,
    Role,
    Side,
    State,
    authorized_row,
    find,
)
from core.applications.application import Applying
from core.http.bodies.application_bodies import application_read
from core.shared.errors import TooManyRounds
from core.views.case_view import disclose
from notifications.render.button_values import Pointer
from notifications.render.pieces.facts import Lost
from notifications.rules.announcements import APPLICATIONS, LAST_WORDS, CardKind
from tests.support.drawn.applied import APPLICATION, BYGDEN, WAYS, applied, asking, card, dossier, other
from tests.support.drawn.cards import loose, message
from tests.support.drawn.drawings import nodes, strings
from tests.support.drawn.limits import TITLE
from tests.support.drawn.reading import as_read as marked
from tests.support.drawn.sent import as_sent
from tests.support.world.builders import AT

NEW = Applying()


def as_read(drawn):
    """As a person reads it, whatever stands out."""
    return marked(drawn).replace("**", "")


def buttons(drawn):
    return [each["text"]["text"] for each in nodes(drawn) if each.get("type") == "button"]


def menu(drawn):
    found = [each for each in nodes(drawn) if each.get("type") == "overflow"]
    return [option["text"]["text"] for each in found for option in each["options"]]


def service(*actions, applying=NEW, **changes):
    return card(applied(*actions, **changes), CardKind.APPLICATION, applying=applying)


def test_the_line_that_a_telephone_shows_says_where_an_application_stands():
    assert service()["text"].endswith("från Bygdens region: ansökan inskickad.")


def test_the_lines_of_an_address_are_told_apart():
    assert "Box 1, 123 45 Bygden" in as_read(service(invoice_address="Box 1\n123 45 Bygden"))


def test_customer_service_reads_every_fact():
    read = as_read(service())

    for fact in (
        "Ny kundansökan: Bygdens region",
        "222222-2222",
        "Region",
        "Fakturagatan 1, 123 45 Bygden",
        "4711-B",
        "Alva Admin, alva@bygden.example",
        "Frej Firma, frej@bygden.example",
        "Signe Ström, signe@bygden.example",
        "Kim Kontakt, kim@bygden.example",
        "2 ska signera, i förening",
        "Svenska",
        "A-2345678",
    ):
        assert fact in read, fact


def test_it_is_taken_first_and_decided_then():
    assert buttons(service()) == ["Ta ärendet", "Visa hela ansökan"]
    claimed = service(Action.CLAIM)
    assert buttons(claimed) == ["Godkänn", "Begär komplettering", "Avslå"]
    assert menu(claimed) == ["Visa hela ansökan", "Släpp ärendet", "Jag är jävig"]


def test_what_is_known_already_is_pointed_out():
    known = Applying(name="Bygdens landsting", others=(other(), other("A-3333333")), others_count=2)
    read = as_read(service(applying=known))

    assert "Organisationsnumret finns redan i Kundportalen: Bygdens landsting." in read
    assert "Organisationen har 2 öppna ansökningar till. Jämför dem innan du beslutar." in read
    assert "⚠" not in as_read(service())


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            Language.SV,
            """\
Fler öppna ansökningar med samma organisationsnummer
A-2222222 · kundansökan från Bygdens kommun
Skickades in 12 mars 2026 kl. 11.32 · Administratör: Olle Okänd, olle@elsewhere.example (Visa)
A-3333333 · agentansökan från Bygdens kommun
Skickades in 12 mars 2026 kl. 11.32 · Administratör: Olle Okänd, olle@elsewhere.example
Väntar på komplettering (Visa)
~ Och 4 till. Alla som väntar på beslut står i Kundportalen.""",
        ),
        (
            Language.EN,
            """\
More open applications with the same organisation number
A-2222222 · customer application from Bygdens kommun
Sent in 12 March 2026 at 11:32 · Administrator: Olle Okänd, olle@elsewhere.example (Show)
A-3333333 · agent application from Bygdens kommun
Sent in 12 March 2026 at 11:32 · Administrator: Olle Okänd, olle@elsewhere.example
Waiting for a completion (Show)
~ And 4 more. All that wait for a decision are in Kundportalen.""",
        ),
    ],
)
def test_other_applications_with_the_number_stand_below_its_own_buttons_each_with_one_that_opens_it(language, told):
    asked = other("A-3333333", flow=Flow.AGENT_APPLICATION, state=State.APPLICATION_COMPLETION_REQUESTED)
    known = Applying(others=(other(), asked), others_count=6, first=applied().id)

    drawn = card(applied(Action.CLAIM), CardKind.APPLICATION, language, known)

    assert as_read(drawn).replace("\xa0", " ").endswith(f"---\n{told}")
    shown = [each for each in nodes(drawn) if each.get("action_id") == "kp.details" and each["type"] == "button"]
    assert [each["value"].split("|")[1:3] for each in shown] == [["", "A-2222222"], ["", "A-3333333"]]
    assert [each["accessibility_label"][-9:] for each in shown] == ["A-2222222", "A-3333333"]


@pytest.mark.parametrize("way", ["asked", "approved", "rejected"])
def test_beside_what_is_not_to_be_decided_now_no_others_stand(way):
    assert "A-2222222" not in as_read(service(*WAYS[way], applying=Applying(others=(other(),), others_count=1)))


def test_what_stands_with_another_says_which_and_is_opened_not_decided():
    behind = service(Action.CLAIM, applying=Applying(others=(other(),), others_count=1, first=CaseId("A-2222222")))

    assert "Ansökan A-2345678 har samma organisationsnummer som A-2222222, och visas i meddelandet om den." in as_read(
        behind
    )
    assert buttons(behind) == ["Visa hela ansökan"]


def test_whoever_opens_an_application_reads_what_speaks_against_it_as_on_a_card():
    known = Applying(name="Bygdens landsting", others=(other(),), others_count=1)
    view = disclose(dossier(applied(), known), SIDE_OF[Part.CUSTOMER_SERVICE])

    read = as_read(DetailsModal.build(view, Language.SV))

    assert "Organisationsnumret finns redan i Kundportalen: Bygdens landsting." in read
    assert "Organisationen har 1 öppen ansökan till. Jämför dem innan du beslutar." in read


FILE = AttachedFile(FileKind.PDF, 1_250_000, AT)


@pytest.mark.parametrize(
    ("file", "side", "can_fetch", "offered"),
    [
        (FILE, Side.INERA, True, ["kp.file"]),
        (FILE, Side.INERA, False, []),
        (None, Side.INERA, True, []),
        (FILE, Side.CUSTOMER, True, []),
    ],
)
def test_a_file_is_told_of_and_offered_to_customer_service_alone_and_where_there_are_pages(
    file, side, can_fetch, offered
):
    view = disclose(dossier(applied(), Applying(file=file)), side)
    drawn = DetailsModal.build(view, Language.SV, CaseReading(pointer=Pointer("test"), can_fetch=can_fetch))

    assert [each["action_id"] for each in nodes(as_sent(drawn)) if each.get("action_id") == "kp.file"] == offered
    told = "Bevis på behörighet" in as_read(drawn) and "PDF, 1,2" in as_read(drawn)
    assert told == (file is not None and side is Side.INERA)


def test_an_administrator_who_is_new_there_and_people_who_had_left_are_pointed_out():
    ada = Contact("Ada Adman", "ada@bygden.example")
    there = {"organisation": BYGDEN, "name": "Bygdens landsting"}
    new, first, known, back = (
        as_read(service(applying=Applying(**there, **more)))
        for more in (
            {"administrators": (ada,)},
            {},
            {"administrators": (APPLICATION.administrator, ada)},
            {"people": {"kim@bygden.example": "PKIM"}, "left": frozenset({"kim@bygden.example"})},
        )
    )

    assert "⚠ Alva Admin är inte administratör där i dag. Det är Ada Adman, som har fått veta" in new
    assert "⚠ Organisationen har ingen administratör i dag. Kontrollera att Alva Admin får företräda" in first
    assert "administratör där" not in known
    assert "ingen administratör" not in known
    assert "Har lämnat tidigare: Kim Kontakt." in back
    assert "Finns redan som användare" not in back


PLANTED = Contact("PLANTED Spärras i dag: inera.example/in", "planted@evil.example")
EVERY_WORD = {
    **{name: "PLANTED Org" for name in ("organisation", "invoice_address", "invoice_ref")},
    **{"administrator": PLANTED, "signatories": (PLANTED,), "agreement_contact": PLANTED, "signatures_needed": 1},
}
# Who is told of an application that nobody at customer service has looked at, customer service itself aside.
TOLD_AT_ONCE = [
    each.card
    for each in APPLICATIONS
    if each.becomes is State.APPLICATION_SUBMITTED and each.part is not Part.CUSTOMER_SERVICE
]


@pytest.mark.parametrize("kind", TOLD_AT_ONCE)
@pytest.mark.parametrize("language", Language)
def test_what_somebody_wrote_in_an_application_reaches_nobody_before_customer_service_has_looked(language, kind):
    drawn = card(applied(**EVERY_WORD), kind, language)

    assert "PLANTED" not in str(drawn).upper()


@pytest.mark.parametrize("language", Language)
def test_who_administers_an_organisation_reads_which_application_names_another_and_whom_to_call(language):
    case = applied()

    read = as_read(card(case, CardKind.NEW_ADMINISTRATOR, language))

    assert case.id in read
    assert "222222-2222" in read
    assert {
        Language.SV: "kontakta [Ineras kundservice](mailto:",
        Language.EN: "contact [Inera customer service](mailto:",
    }[language] in read


def test_a_lead_reads_why_nobody_may_act_what_helps_and_later_that_it_is_over():
    case = applied()
    view = disclose(dossier(case), SIDE_OF[Part.CUSTOMER_SERVICE])

    stuck, over = (
        as_read(message(loose(CardKind.UNATTENDED, Part.CUSTOMER_SERVICE, step=step), view, Language.SV))
        for step in (case.step, case.step - 1)
    )

    assert "Ingen på kundservice får göra något i ärendet" in stuck
    assert "ge rollen kundservice till någon som inte har del i det" in stuck
    assert "Ärendet har gått vidare" in over
    assert "Du behöver inte göra något." in over
    assert case.id in stuck
    assert case.id in over


def test_who_has_the_agreement_already_is_not_approved():
    known = Applying(name="Bygdens landsting", has_agreement=True)
    drawn = service(Action.CLAIM, applying=known)

    assert "Bygdens landsting har redan kundavtalet" in as_read(drawn)
    assert buttons(drawn) == ["Begär komplettering", "Avslå", "Visa hela ansökan"]


def test_who_has_signed_and_who_has_not():
    assert "Ingen har signerat ännu. 2 signaturer behövs." in as_read(service(*WAYS["approved"]))
    assert "1 av 2 har signerat: Frej Firma." in as_read(service(*WAYS["one has signed"]))
    assert "Avtalet är tecknat: Bygdens region" in as_read(service(*WAYS["active"]))


def test_whoever_is_named_in_several_roles_has_signed_as_signatory_alone():
    frej = APPLICATION.signatories[0]
    case = applied(*WAYS["one has signed"], administrator=frej, agreement_contact=frej)
    view = disclose(dossier(case), SIDE_OF[Part.CUSTOMER_SERVICE])

    named = application_read(view, view.application).named

    assert [each.role for each in named if each.email == frej.email and each.has_signed] == [Role.SIGNATORY]
    assert len([each for each in named if each.email == frej.email]) == 3


def test_the_day_when_it_ends_is_told_and_not_the_day_of_a_reminder():
    for way in ("approved", "one has signed"):
        assert " går ut 27\u00a0april\u00a02026 om inte alla har signerat" in as_read(service(*WAYS[way]))


def test_when_nobody_signed_in_time_customer_service_sends_new_links():
    assert "Skicka nya länkar" in buttons(service(*WAYS["not signed"]))


@pytest.mark.parametrize("way", ["approved", "one has signed", "not signed"])
def test_what_is_approved_and_not_signed_can_be_cancelled(way):
    assert "Avbryt ärendet" in menu(service(*WAYS[way]))


def test_who_cancelled_it_and_why_stands_on_the_card():
    read = as_read(service(*WAYS["cancelled"]))

    assert "Avbruten: Bygdens region" in read
    assert "Avbruten av " in read
    assert "Därför att." in read


def test_a_sole_traders_number_and_address_stand_nowhere():
    drawn = card(applied(org_number="8112189876", invoice_address="Hemgatan 1"), CardKind.APPLICATION)
    assert "enskild firma" in as_read(drawn)
    assert not [text for text in strings(drawn) if "811218" in text or "Hemgatan" in text]


@pytest.mark.parametrize("language", Language)
def test_the_first_mail_holds_nothing_that_the_applicant_wrote(language):
    said = {"organisation": "PLANTED Org", "invoice_address": "PLANTED 1", "invoice_ref": "PLANTED 2"}
    named = {
        each: Contact(f"PLANTED {each}", "planted@bygden.example") for each in ("administrator", "agreement_contact")
    }
    case = applied(**said, **named, signatories=(Contact("PLANTED firma", "planted@bygden.example"),))

    drawn = card(case, CardKind.APPLICATION_RECEIVED, language)

    assert not [text for text in strings(drawn) if "planted" in text.lower()]
    assert case.id in as_read(drawn)


def test_what_inera_knows_of_others_is_not_told_to_the_applicant():
    known = Applying(name="Bygdens landsting", has_agreement=True, others=(other(),), others_count=1)
    for kind in (CardKind.APPLICATION_RECEIVED, CardKind.TO_COMPLETE, CardKind.APPLICATION_REJECTED):
        read = as_read(card(applied(*WAYS["asked"]), kind, applying=known))
        assert "landsting" not in read
        assert "A-2222222" not in read


@pytest.mark.parametrize(
    ("kind", "way", "words"),
    [
        (CardKind.APPLICATION_RECEIVED, "sent in", "Vi har tagit emot en ansökan"),
        (CardKind.TO_COMPLETE, "asked", "Vem är firmatecknare?"),
        (CardKind.APPLICATION_REJECTED, "rejected", "Därför att."),
        (CardKind.APPLICATION_APPROVED, "approved", "Du blir administratör för"),
        (CardKind.AGREEMENT_TO_SIGN, "approved", "2 signaturer behövs, i förening."),
        (CardKind.SIGN_REMINDER, "one has signed", "1 av 2 har signerat: Frej Firma."),
        (CardKind.NAMED_CONTACT, "approved", "angett dig som kontaktperson för avtal"),
        (CardKind.AGREEMENT_DECLINED, "declined", "Frej Firma har avböjt att signera kundavtalet"),
        (CardKind.APPLICATION_CANCELLED, "cancelled", "Därför att."),
        (CardKind.SIGN_EXPIRED, "not signed", "Då kan nya länkar skickas."),
        (CardKind.APPLICATION_LAPSED, "lapsed", "avslutad eftersom vi inte fick svar i tid"),
        (
            CardKind.AGREEMENT_SIGNED,
            "active",
            "Kundavtalet mellan Bygdens region och Inera är signerat och gäller från",
        ),
        (CardKind.INVITATION, "active", "När båda finns är ni klara att beställa."),
    ],
)
def test_each_mail_says_what_has_happened_and_what_to_do(kind, way, words):
    drawn = card(applied(*WAYS[way]), kind)

    assert words in as_read(drawn)
    assert not buttons(drawn)


def test_a_rejection_says_what_kind_of_reason_it_has():
    case = applied(*WAYS["rejected"])
    decided = replace(case.decisions[-1], reason_code=ReasonCode.WRONG_SIGNATORY)

    text = as_read(card(replace(case, decisions=(*case.decisions[:-1], decided)), CardKind.APPLICATION_REJECTED))

    assert "Motivering: Fel firmatecknare\n> Därför att." in text


def test_an_agent_reads_of_the_agent_agreement():
    drawn = card(applied(*WAYS["approved"], flow=Flow.AGENT_APPLICATION), CardKind.AGREEMENT_TO_SIGN)

    assert drawn["text"] == "Signera agentavtalet för Bygdens region"


@pytest.mark.parametrize("language", Language)
def test_modals_say_what_follows(language):
    case = applied(Action.CLAIM)
    view = disclose(dossier(case, NEW), SIDE_OF[Part.CUSTOMER_SERVICE])
    modals = {
        action: as_sent(modal.build(view, find(case.flow, case.state, action)[0], "", language))
        for action, modal in (
            (Action.APPROVE, ConfirmModal),
            (Action.RECUSE, ConfirmModal),
            (Action.REJECT, RejectModal),
            (Action.REQUEST_COMPLETION, QuestionModal),
        )
    }

    for drawn in modals.values():
        assert len(drawn["title"]["text"]) <= TITLE
        assert "Bygdens region" in as_read(drawn)
        assert not {"beställning", "order"} & set(as_read(drawn).lower().split())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "code", ["stale", "changed", "closed", "not_possible", "not_found", "already_decided", "has_agreement"]
)
def test_a_refusal_about_an_application_speaks_of_no_order(language, code):
    sentence = refusal(language, code, {"case": "A-2345678", "person": "Eva Rosén", "action": "reject", "at": AT})

    assert not re.search(r"beställ|\border\b", sentence, re.IGNORECASE)
    assert sentence.endswith(".")


def test_who_asks_too_often_is_told_so_of_the_application():
    case = replace(applied(Action.CLAIM), rounds=5)

    with pytest.raises(TooManyRounds) as told:
        authorized_row(asking(case), Action.REQUEST_COMPLETION, None)

    sentence = refusal(Language.SV, told.value.code, told.value.facts)
    assert sentence.startswith("Ansökan har redan kompletterats 5 gånger.")


def test_the_whole_application_shows_every_fact_and_the_chain():
    view = disclose(dossier(applied(*WAYS["one has signed"]), NEW), SIDE_OF[Part.CUSTOMER_SERVICE])

    read = as_read(DetailsModal.build(view, Language.SV))

    for fact in (
        APPLICATION.invoice_address,
        "Frej Firma, frej@bygden.example",
        "Väntar på signering",
        "Steg 2 av 2",
    ):
        assert fact in read, fact


# --- a message that reached nobody


@pytest.mark.parametrize(
    ("way", "kind", "expected"),
    [
        ((), CardKind.APPLICATION_RECEIVED, "Ansökan ligger kvar"),
        ((Action.CLAIM, Action.REJECT), CardKind.APPLICATION_RECEIVED, "Ansökan är avslutad"),
        ((Action.CLAIM, Action.REJECT), CardKind.APPLICATION_REJECTED, "Ansökan är avslutad"),
    ],
)
def test_customer_service_reads_of_an_application_that_a_message_about_it_reached_nobody(way, kind, expected):
    lost = Lost.LAST_WORDS if kind in LAST_WORDS else Lost.REQUEST
    note = {"person": "Alva Ask", "error": "mail_off", "lost": lost}
    facts = loose(CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE, note=note)
    view = disclose(dossier(applied(*way)), SIDE_OF[Part.CUSTOMER_SERVICE])

    drawn = message(facts, view, Language.SV)

    assert expected in as_read(drawn)
    assert "Visa hela ansökan" in buttons(drawn)
    assert "eställning" not in str(drawn)
