"""Modals build themselves and read themselves, the home tab fits what is in it, and units are read as people type."""

# ruff: noqa: E501 - a line of a snapshot is a line on the screen

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.acts.orders.forms import _command
from bot.forms.inputs import FieldErrors, InputProblem
from bot.forms.orders import order_fields
from bot.forms.orders.decisions import ApproveModal, ConfirmModal
from bot.forms.orders.messages import InstructionsModal, MessageModal
from bot.forms.orders.order_form_state import OrderAnswers
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.order_sum import sum_mark
from bot.forms.orders.reasons import EmergencyModal, HoldModal, RejectModal
from bot.forms.orders.units import UNITS_FIELD_LIMIT, LineProblems, read_units, write_units
from bot.slack.payloads import typed_in
from bot.views.home import home
from bot.views.home.status import link_message
from bot.views.notices import HelpModal, NoticeModal
from bot.views.orders.details import CaseReading, DetailsModal
from bot.views.organisations.holdings import HoldingsModal
from core.api import (
    ANSWER_LIMITS,
    SIDE_OF,
    UNIT_LIMIT,
    UNITS_LIMIT,
    Action,
    AgentField,
    AgreementType,
    Answers,
    Conveyed,
    Flow,
    FormError,
    HeldAgreement,
    HeldService,
    Holdings,
    Language,
    OfferId,
    Part,
    PersonId,
    PriceKind,
    ReasonCode,
    Revision,
    Role,
    Routine,
    Side,
    Stands,
    State,
    TechnicalContact,
    Unit,
)
from core.views.case_view import disclose
from core.views.record import Timeline
from core.views.timeline import disclose_timeline
from core.workflow.order_rules import draft
from notifications.render.button_values import SEPARATOR, Pointer
from notifications.render.pieces.parts import clean
from notifications.rules.announcements import CardKind
from notifications.texts import keys, template
from tests.doors.standing import BY
from tests.support.drawn.cards import loose, message
from tests.support.drawn.drawings import METADATA, PORTAL, home_facts, nodes, order_forms
from tests.support.drawn.reading import as_read, modal_as_read
from tests.support.drawn.sent import as_sent
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
FORMS = dict(order_forms())
HOMES = dict(home_facts())


def built(modal, case, part, action, language=Language.SV, **choices):
    view = builders.view(case, SIDE_OF[part])
    row = next(each for each in view.offers[part] if each.does is action)
    return as_sent(modal.build(view, row, METADATA, language, **choices))


def values_of(view, **typed):
    """What is read of a form in which `typed` was filled in and the rest was left alone."""
    asked = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    return {block: typed.get(block.partition(".")[0]) or as_begun(element) for block, element in asked.items()}


def as_begun(element):
    if element["type"] == "checkboxes":
        return [each["value"] for each in element.get("initial_options", ())]
    if element["type"] in {"datepicker", "plain_text_input"}:
        return element.get("initial_date") or element.get("initial_value") or ""
    return element.get("initial_option", {}).get("value", "")


def read_whole(case, side=Side.CUSTOMER, **more):
    """What somebody on a side reads of a case, the whole history with it."""
    past = disclose_timeline(builders.dossier(case), Timeline(case.decisions, builders.PEOPLE), side)
    return CaseReading(past=past, **more)


TICKED = ["yes"]


# --- confirm


def test_an_attest_is_confirmed_with_amount_and_organisation_in_view():
    assert modal_as_read(built(ConfirmModal, after(), Part.CUSTOMER_ATTESTANT, Action.ATTEST)) == snapshot("""\
== Attestera ==
Kontrollera uppgifterna. Du godkänner och attesterar beställningen av **Nationell patientöversikt** för **Region Exempel**.
Kostnad: **37\xa0000\xa0kr första året (25\xa0000\xa0kr vid start), därefter 12\xa0000\xa0kr/år exkl.\xa0moms**.
Beslutet loggas med ditt namn. Du kan inte ångra beslutet.
Du attesterar utan e-legitimation.
Kommentar: []
  ~ Visas hos Region Exempel och för Ineras kundservice. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Attestera) (Avbryt)\
""")


def test_the_agents_attest_is_confirmed_for_the_agent():
    view = built(ConfirmModal, after(Action.APPROVE, flow=VIA), Part.AGENT_ATTESTANT, Action.ATTEST)

    assert modal_as_read(view) == snapshot("""\
== Attestera ==
Kontrollera uppgifterna. Du godkänner och attesterar för **Journalia AB** att **Region Exempel** ansluts till **Nationell patientöversikt** via er.
Kostnad: **3\xa0000\xa0kr vid start exkl.\xa0moms**.
Beslutet loggas med ditt namn. Du kan inte ångra beslutet.
Du attesterar utan e-legitimation.
Kommentar: []
  ~ Visas hos Journalia AB och för Ineras kundservice, inte för kunden. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Attestera) (Avbryt)\
""")


def test_a_withdrawal_is_confirmed_without_a_cost():
    assert modal_as_read(built(ConfirmModal, after(), Part.ORDERER, Action.WITHDRAW)) == snapshot("""\
== Ta tillbaka beställning ==
Vill du ta tillbaka beställningen av **Nationell patientöversikt** för **Region Exempel**? De som har fått frågan ser att beställningen är tillbakatagen. Det kan inte ångras.
~ Beställning B-2345678, version 1
(Ta tillbaka) (Avbryt)\
""")


def test_submitting_a_confirmation_confirms():
    assert ConfirmModal.read({}) == Answers(confirmed=True)


def test_a_modal_carries_what_it_was_opened_for():
    view = built(ConfirmModal, after(), Part.ORDERER, Action.WITHDRAW)

    assert view["private_metadata"] == METADATA
    assert view["callback_id"] == "kp.confirm"


# --- reject


def test_a_rejection_asks_why_and_says_who_will_read_it():
    case = after(Action.APPROVE, Action.ATTEST, flow=VIA)

    assert modal_as_read(built(RejectModal, case, Part.CUSTOMER_ATTESTANT, Action.REJECT)) == snapshot("""\
== Avslå beställningen ==
Du avslår **Nationell patientöversikt** för **Region Exempel**. Beställningen avslutas.
Orsak *: <Fel vårdenhet / Fel erbjudande / Fel fakturauppgifter / Ryms inte i budget / Behovet finns inte längre / Redan beställd / Annat>
Varför avslår du? *: []
  ~ Motiveringen visas för Region Exempel och Journalia AB. Skriv inga patientuppgifter eller personnummer.
Intern anteckning: []
  ~ Visas bara för dem som arbetar med beställningen hos Region Exempel.
(Avslå) (Avbryt)\
""")


def test_a_direct_order_has_no_other_side_to_keep_a_note_from():
    view = built(RejectModal, after(), Part.CUSTOMER_ATTESTANT, Action.REJECT)

    assert RejectModal.INTERNAL not in values_of(view)


def test_only_the_agent_can_say_that_it_is_not_its_customer():
    agents = built(RejectModal, after(flow=VIA), Part.AGENT_HANDLER, Action.REJECT)
    customers = built(RejectModal, after(), Part.CUSTOMER_ATTESTANT, Action.REJECT)

    assert "Inte vår kund" in modal_as_read(agents)
    assert "Inte vår kund" not in modal_as_read(customers)


def test_a_rejection_is_read():
    view = built(RejectModal, after(flow=VIA), Part.AGENT_HANDLER, Action.REJECT)
    state = values_of(view, reason_code="no_dpa", reason="  Avtal saknas. ", internal="Ring dem.")

    assert RejectModal.read(state) == Answers(
        reason_code=ReasonCode.NO_DPA, reason="Avtal saknas.", internal="Ring dem."
    )


def test_what_nobody_sees_is_left_out_of_what_was_typed_in_a_modal():
    state = {
        "reason_code": "other",
        "reason": "\ufeffF\u200bel \u202een\u00adhet\u2069 \u3164\ufe0f\u034f",
    }

    assert RejectModal.read(state).reason == "Fel enhet"


def test_a_rejection_without_a_reason_is_told_at_its_fields():
    errors = RejectModal.read(values_of(built(RejectModal, after(), Part.CUSTOMER_ATTESTANT, Action.REJECT)))

    assert isinstance(errors, FieldErrors)
    assert errors.in_words(Language.SV) == {"reason_code": "Välj en orsak.", "reason": "Skriv en motivering."}
    assert errors.in_words(Language.EN) == {"reason_code": "Choose a reason.", "reason": "Write a reason."}


def test_a_reason_that_is_too_long_or_of_no_known_code_is_told():
    errors = RejectModal.read({"reason_code": "rude", "reason": "x" * 2001})

    assert errors == {
        "reason_code": InputProblem("field_error.reason_code.required"),
        "reason": InputProblem("field_error.too_long"),
    }


@pytest.mark.parametrize(
    ("modal", "part", "action", "names"),
    [
        (RejectModal, Part.AGENT_HANDLER, Action.REJECT, {"reason", "internal"}),
        (ApproveModal, Part.AGENT_HANDLER, Action.APPROVE, {"comment"}),
        (ConfirmModal, Part.CUSTOMER_ATTESTANT, Action.ATTEST, {"comment"}),
        (HoldModal, Part.CUSTOMER_SERVICE, Action.HOLD, {"reason"}),
        (EmergencyModal, Part.CUSTOMER_EMERGENCY, Action.EMERGENCY_ATTEST, {"reason"}),
    ],
)
def test_a_form_takes_as_much_of_an_answer_as_is_kept_of_it(monkeypatch, modal, part, action, names):
    for number, name in enumerate(sorted(ANSWER_LIMITS)):
        monkeypatch.setitem(ANSWER_LIMITS, name, 7 + number)
    done = (Action.ATTEST, Action.CLAIM) if action is Action.HOLD else ()
    view = built(modal, after(*done, flow=VIA if part is Part.AGENT_HANDLER else Flow.DIRECT), part, action)
    blocks = [block for block in view["blocks"] if block["type"] == "input"]
    takes = {block["block_id"]: block["element"]["max_length"] for block in blocks if "max_length" in block["element"]}
    read = modal.read(values_of(view, **{name: "x" * (ANSWER_LIMITS[name] + 1) for name in names}))

    assert takes == {name: ANSWER_LIMITS[name] for name in names}
    assert {name for name, problem in read.items() if problem == InputProblem("field_error.too_long")} == names


# --- approve

STEN = (builders.AGENT_ATTESTANT, "David Sten")


def approval(*attestants):
    return built(ApproveModal, after(flow=VIA), Part.AGENT_HANDLER, Action.APPROVE, attestants=list(attestants))


def test_an_approval_asks_for_the_certificate_and_who_shall_attest():
    assert modal_as_read(approval(STEN)) == snapshot("""\
== Godkänn ==
Du godkänner att **Region Exempel** ansluter till **Nationell patientöversikt** via **Journalia AB**.
Journalia AB har agentuppdrag för tjänsten, och personuppgiftsbiträdesavtal finns med kunden där det krävs. *: [ ] Jag intygar detta
Attestant hos Journalia AB *: <**Alla attestanter (upp till fem får frågan)** / David Sten>
  ~ Om du väljer en person får bara den personen frågan.
Kommentar: []
  ~ Visas för Region Exempel, Journalia AB och Ineras kundservice. Skriv inga patientuppgifter eller personnummer.
Beslutet loggas med ditt namn. Du kan inte ångra beslutet.
Du godkänner utan e-legitimation.
~ Beställning B-2345678, version 1
(Godkänn) (Avbryt)\
""")


def test_an_approval_is_for_all_attestants_unless_one_is_chosen():
    all_of_them = values_of(approval(STEN), certified=TICKED)
    one = values_of(approval(STEN), certified=TICKED, attestant=builders.AGENT_ATTESTANT)

    assert ApproveModal.read(all_of_them) == Answers(certified=True, attestant=None)
    assert ApproveModal.read(one) == Answers(certified=True, attestant=builders.AGENT_ATTESTANT)


def test_an_approval_without_the_certificate_is_told_at_the_box():
    errors = ApproveModal.read(values_of(approval(STEN)))

    assert isinstance(errors, FieldErrors)
    assert errors.in_words(Language.SV) == {"certified": "Markera rutan för att intyga. Sedan kan du godkänna."}


def test_more_than_a_hundred_attestants_are_asked_for_while_typing():
    people = [(PersonId(f"P{number}"), f"Person {number}") for number in range(100)]

    menu = next(node for node in nodes(approval(*people)) if node.get("action_id") == "kp.attestants")

    assert menu["type"] == "external_select"
    assert menu["initial_option"]["value"] == "all"
    assert len(ApproveModal.choices(Language.SV, people)) == 100


# --- what customer service writes

TAKEN = (Action.ATTEST, Action.CLAIM)


def test_instructions_begin_with_the_offers_template_filled_in():
    view = built(InstructionsModal, after(Action.ATTEST, Action.CLAIM), Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS)

    assert modal_as_read(view) == snapshot("""\
== Skicka instruktion ==
Instruktionen skickas till **Anna Ek hos Region Exempel** som ett meddelande.
Teknisk kontakt: **Ulf Teknik, 010-123 45 67**
**Nationell patientöversikt, Region Exempel**
Instruktion *: [Så ansluter Region Exempel till Nationell patientöversikt: https://exempel.se/start. Gäller Vårdcentralen Norr (SE2222222222-A1B2), Vårdcentralen Söder (SE2222222222-A1B3), Rehab Öster.]
  ~ Adresser som börjar med https:// blir länkar. Skriv inga patientuppgifter eller personnummer.
**Samma text på engelska**
> How Region Exempel connects to National Patient Overview: https://exempel.se/start. It covers Vårdcentralen Norr (SE2222222222-A1B2), Vårdcentralen Söder (SE2222222222-A1B3), Rehab Öster.
(Skicka) (Avbryt)\
""")


def test_instructions_for_an_order_without_units_name_the_customer_in_their_place():
    case = after(Action.ATTEST, Action.CLAIM, content=builders.order(units=()))

    view = modal_as_read(built(InstructionsModal, case, Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS))

    assert "https://exempel.se/start. Gäller Region Exempel." in view


def test_instructions_are_begun_in_the_language_of_the_orderer_who_will_read_them():
    case = after(Action.ATTEST, Action.CLAIM)
    view = disclose(builders.dossier(case, orderer_language=Language.EN), Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_INSTRUCTIONS)

    modal = modal_as_read(InstructionsModal.build(view, row, METADATA, Language.SV))

    assert "Mottagaren läser på engelska." in modal
    assert builders.TEMPLATE[Language.EN].partition("{")[0] in modal


def test_whoever_writes_sees_the_same_text_as_others_read_it():
    view = disclose(builders.dossier(after(*TAKEN), orderer_language=Language.EN), Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_INSTRUCTIONS)

    modal = modal_as_read(InstructionsModal.build(view, row, METADATA, Language.SV))

    field, beside = modal.split("Samma text på svenska")
    assert builders.TEMPLATE[Language.EN].partition("{")[0] in field
    assert builders.TEMPLATE[Language.SV].partition("{")[0] in beside
    assert "Samma text på engelska" not in modal


def test_an_offer_with_one_text_shows_it_once():
    one = builders.offer_words(template={Language.SV: builders.TEMPLATE[Language.SV]})
    view = disclose(builders.dossier(after(*TAKEN), offer=one), Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_INSTRUCTIONS)

    assert "Samma text på" not in modal_as_read(InstructionsModal.build(view, row, METADATA, Language.SV))


def test_what_is_sent_again_stands_as_it_was_sent_and_in_no_other_words():
    sent = after(*TAKEN, Action.SEND_INSTRUCTIONS)

    modal = modal_as_read(built(InstructionsModal, sent, Part.CUSTOMER_SERVICE, Action.SEND_AGAIN))

    assert "Samma text på" not in modal


def test_an_offer_without_a_template_begins_with_our_own_words():
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, flow=VIA)
    bare = builders.dossier(case, offer=builders.offer_words(template={}))
    view = disclose(bare, Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.INFORM_AGENT)

    assert modal_as_read(MessageModal.build(view, row, METADATA, Language.SV)) == snapshot("""\
== Informera agenten ==
Meddelandet skickas till **agentens beställare hos Journalia AB**.
Teknisk kontakt: **Ulf Teknik, 010-123 45 67**
**Nationell patientöversikt, Region Exempel**
Meddelande *: [Ni kan nu påbörja den tekniska anslutningen av Region Exempel till Nationell patientöversikt. Det gäller Vårdcentralen Norr (SE2222222222-A1B2), Vårdcentralen Söder (SE2222222222-A1B3), Rehab Öster.]
  ~ Adresser som börjar med https:// blir länkar. Skriv inga patientuppgifter eller personnummer.
**Samma text på engelska**
> You may now begin the technical connection of Region Exempel to National Patient Overview. It covers Vårdcentralen Norr (SE2222222222-A1B2), Vårdcentralen Söder (SE2222222222-A1B3), Rehab Öster.
(Skicka) (Avbryt)\
""")


def test_a_text_is_read_as_typed_and_must_be_there():
    assert InstructionsModal.read({"message": " Hej\n\nVälkommen "}) == Answers(message="Hej\n\nVälkommen")
    assert InstructionsModal.read({}) == {"message": InputProblem("field_error.message.required")}
    assert MessageModal.read({"message": "x" * 2901}) == {"message": InputProblem("field_error.message.too_long")}


# --- the order form


def test_the_form_begins_with_what_is_ordered():
    assert modal_as_read(OrderModal.build(FORMS["one organisation"], METADATA, Language.SV)) == snapshot("""\
== Ny beställning ==
Du beställer för **Region Exempel**.
Tjänst och erbjudande *: <NPÖ Producent / NPÖ Producent / NPÖ Producent>
  ~ Erbjudandet avgör om beställningen går direkt eller via en agent. Fråga er agent om du är osäker. Saknar du en tjänst? Fler tjänster tillkommer efter hand.
(Skicka) (Avbryt)\
""")


def test_the_form_asks_for_what_the_offer_needs():
    assert modal_as_read(OrderModal.build(FORMS["via agent"], METADATA, Language.SV)) == snapshot("""\
== Ny beställning ==
Du beställer för **Region Exempel**.
Tjänst och erbjudande *: <NPÖ Producent / **NPÖ Producent** / NPÖ Producent>
  ~ Erbjudandet avgör om beställningen går direkt eller via en agent. Fråga er agent om du är osäker. Saknar du en tjänst? Fler tjänster tillkommer efter hand.
~ Nationell patientöversikt, NPÖ Producent
~ Beställningen går först till agenten, sedan till er attestant och sist till Ineras kundservice.
~ Pris: 1\xa0000\xa0kr vid start per vårdenhet, 12\xa0000\xa0kr/år. Alla priser exkl.\xa0moms.
~ Lägg gärna alla vårdenheter i samma beställning. En tilläggsbeställning kan ge en ny uppstartskostnad.
Agent *: <Journalia AB>
  ~ Agenten godkänner och attesterar beställningen innan er egen attestant får den.
Vårdenheter *: []
  ~ En vårdenhet per rad: bara namnet, eller namnet och HSA-id med semikolon mellan. Exempel: Vårdcentralen Norr; SE2222222222-A1B2.
Fakturareferens *: []
Önskad start: []
Namn på teknisk kontakt: []
  ~ Den som agenten frågar om tekniken.
E-postadress till teknisk kontakt *: []
Telefonnummer till teknisk kontakt: []
  ~ Svenskt nummer med riktnummer, till exempel 070-174 06 05, eller utländskt som börjar med +.
Kommentar: []
  ~ Visas för er attestant och Ineras kundservice. Skriv inga patientuppgifter eller personnummer.
[Läs villkoren för Nationell patientöversikt, NPÖ Producent](https://exempel.se/villkor/npo)
Villkor *: [ ] Jag har läst och godkänner villkoren
**Summan visas här när du har skrivit vårdenheterna.**
(Skicka) (Avbryt)\
""")


def test_an_agent_named_for_information_is_not_asked_and_the_form_says_so():
    text = modal_as_read(OrderModal.build(FORMS["agent named"], METADATA, Language.SV))

    assert "Agent: <Journalia AB>\n  ~ För kännedom. Agenten får ingen fråga om den här beställningen." in text


def test_putting_all_units_in_one_order_is_asked_for_only_where_a_new_order_costs_a_new_start():
    offer = builders.offer_choice("npo-producent")
    yearly = replace(offer.terms, prices=(builders.price(kind=PriceKind.RECURRING),))

    with_start = as_read(OrderModal.build(replace(FORMS["one organisation"], offer=offer), METADATA, Language.SV))
    without = replace(FORMS["one organisation"], offer=replace(offer, terms=yearly))

    assert "tilläggsbeställning" in with_start
    assert "tilläggsbeställning" not in as_read(OrderModal.build(without, METADATA, Language.SV))


def test_a_person_of_several_organisations_chooses_one():
    assert "Organisation *: <Region Exempel / Vårdbolaget AB>" in modal_as_read(
        OrderModal.build(FORMS["two organisations"], METADATA, Language.SV)
    )


def test_an_organisation_with_nothing_to_order_is_told_whom_to_ask():
    view = as_sent(OrderModal.build(FORMS["nothing to order"], METADATA, Language.SV))

    assert "submit" not in view
    assert view["private_metadata"] == METADATA
    assert "Kontakta [Ineras kundservice](mailto:kundservice@example.se)." in as_read(view)


ROUTINES = tuple(
    Routine({Language.SV: f"Rutin {number}", Language.EN: f"Routine {number}"}, f"https://exempel.se/rutin/{number}")
    for number in (1, 2)
)
ROUTINES_IN_ENGLISH = "**Routines: **[Routine 1](https://exempel.se/rutin/1), [Routine 2](https://exempel.se/rutin/2)"


def test_routines_are_links_in_the_form_below_the_terms():
    form = replace(FORMS["via agent"], offer=builders.offer_choice(routines=ROUTINES))

    read = as_read(OrderModal.build(form, METADATA, Language.EN)).splitlines()

    assert (
        read.index(ROUTINES_IN_ENGLISH) == next(at for at, line in enumerate(read) if "exempel.se/villkor" in line) + 1
    )


@pytest.mark.parametrize("side", [Side.CUSTOMER, Side.INERA])
def test_routines_are_links_in_the_whole_order_and_under_the_instructions(side):
    sent = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    view = disclose(builders.dossier(sent, offer=builders.offer_words(routines=ROUTINES)), side)
    facts = loose(CardKind.INSTRUCTIONS, Part.ORDERER)

    assert ROUTINES_IN_ENGLISH in as_read(DetailsModal.build(view, Language.EN)).splitlines()
    assert ROUTINES_IN_ENGLISH in as_read(message(facts, view, Language.EN)).splitlines()


def test_the_routines_of_an_offer_say_nothing_of_its_end():
    ends = builders.dossier(after(flow=Flow.TERMINATION), offer=builders.offer_words(routines=ROUTINES))

    assert "Routine" not in as_read(DetailsModal.build(disclose(ends, Side.CUSTOMER), Language.EN))


def test_without_routines_nothing_is_said_of_them():
    assert "Rutin" not in as_read(DetailsModal.build(builders.view(after()), Language.SV))


def test_the_customer_never_sees_the_agents_price():
    assert "777" not in str(as_sent(OrderModal.build(FORMS["via agent"], METADATA, Language.SV)))


def test_a_price_that_changes_is_told_with_its_day():
    later = builders.price(kind=PriceKind.RECURRING, amount_ore=60_000, valid_from=date(2027, 1, 1))
    offer = builders.offer_choice()
    offer = replace(offer, terms=replace(offer.terms, prices=(builders.price(), later)))
    form = replace(FORMS["one organisation"], offer=offer)

    text = as_read(OrderModal.build(form, METADATA, Language.SV))

    assert (
        "Pris: 1\u00a0000\u00a0kr vid start per vårdenhet, 600\u00a0kr/år per vårdenhet från 1\u00a0januari\u00a02027."
        " Alla priser exkl.\u00a0moms." in text
    )


def test_a_filled_in_form_is_read_as_an_order():
    view = as_sent(OrderModal.build(FORMS["filled in"], METADATA, Language.SV))

    assert OrderModal.read(values_of(view)) == OrderAnswers(
        organisation=builders.CUSTOMER,
        offer=FORMS["filled in"].offer.terms.id,
        fields=Revision(
            units=builders.UNITS,
            invoice_ref="4711-A",
            agent=builders.AGENT,
            desired_start=date(2026, 4, 1),
            technical_contact=TechnicalContact("Ulf Teknik", "ulf.teknik@region.example", "070-174 06 05"),
            comment=clean(FORMS["filled in"].comment),
        ),
        terms_accepted=True,
    )


def test_an_organisation_that_is_chosen_is_read():
    view = as_sent(OrderModal.build(FORMS["direct"], METADATA, Language.SV))
    state = values_of(view, organisation="OTWO", offer="npo-agent")

    read = OrderModal.read(state)

    assert isinstance(read, OrderAnswers)
    assert (read.organisation, read.offer) == ("OTWO", "npo-agent")


def test_an_empty_form_is_told_at_the_fields_it_has():
    organisation = OrderModal.read(
        values_of(as_sent(OrderModal.build(FORMS["two organisations"], METADATA, Language.SV)))
    )
    offer = OrderModal.read(values_of(as_sent(OrderModal.build(FORMS["one organisation"], METADATA, Language.SV))))

    assert organisation == {"organisation": InputProblem("field_error.organisation.required")}
    assert offer == {"offer.OCUSTOMER": InputProblem("field_error.offer.required")}


def test_an_organisation_without_the_offers_yet_is_asked_for_one_there():
    view = as_sent(OrderModal.build(FORMS["two organisations"], METADATA, Language.SV))

    errors = OrderModal.read(values_of(view, organisation="OTWO"))

    assert errors == {"organisation": InputProblem("field_error.offer.required")}


def test_a_unit_that_cannot_be_read_is_told_with_its_line():
    view = as_sent(OrderModal.build(FORMS["filled in"], METADATA, Language.SV))

    values = values_of(view, units="Norr; SE2222222222-A1\nSöder; SE22-A1")

    assert OrderModal.read(values).fields.unread == ("units",)
    said = OrderModal.errors(Language.SV, {"units": "required"}, values)
    assert said["units"].startswith("Rad 2: ”SE22-A1” är inget HSA-id.")


def test_a_date_that_is_none_is_told():
    view = as_sent(OrderModal.build(FORMS["filled in"], METADATA, Language.SV))

    values = values_of(view, desired_start="i morgon")

    assert OrderModal.read(values).fields.unread == ("desired_start",)
    assert OrderModal.errors(Language.SV, {"desired_start": "unread"}, values) == {
        "desired_start": template(Language.SV, "field_error.date")
    }


def test_all_that_is_wrong_is_said_at_once_what_cannot_be_read_and_what_the_core_refuses():
    form = FORMS["via agent"]
    typed = {"agent": builders.AGENT, "units": "Söder; SE22-A1", "invoice_ref": "", "technical_contact": "ingen"}
    values = values_of(as_sent(OrderModal.build(form, METADATA, Language.SV)), **typed)

    with pytest.raises(FormError) as refused:
        drafted(form, values)

    assert set(OrderModal.errors(Language.SV, refused.value.facts["fields"], values)) == {
        "units",
        "invoice_ref",
        "technical_contact.email",
        "technical_contact.phone",
        "terms_accepted",
    }


@pytest.mark.parametrize("name", ["direct", "via agent", "agent named"])
def test_nothing_that_an_order_needs_is_called_optional(name):
    form, answers = (
        FORMS[name],
        {"agent": builders.AGENT, "units": "Norr", "invoice_ref": "R", "terms_accepted": TICKED},
    )
    view = as_sent(OrderModal.build(form, METADATA, Language.SV))
    needed = {each["block_id"] for each in view["blocks"] if each["type"] == "input" and not each.get("optional")}
    typed = answers | {"offer": form.offer.terms.id, "technical_contact": "it@region.example"}

    filled = values_of(view, **typed)
    case = drafted(form, {block: said if block in needed else type(said)() for block, said in filled.items()})

    assert case.order.invoice_ref == "R"


def drafted(form, values):
    """The order that a form makes. Raises FormError."""
    wish = _command(BY, OrderModal.read(values), key="K")
    return draft(builders.case_in(State.DRAFT, flow=form.offer.terms.flow), wish, form.offer.terms, "B-1", builders.AT)


def test_an_offer_that_no_agent_can_take_says_so_instead_of_asking_for_the_rest():
    form = replace(FORMS["via agent"], agents=[])
    view = as_sent(OrderModal.build(form, METADATA, Language.SV))
    assert "Ingen agent kan ta emot en sådan beställning just nu." in as_read(view)
    assert [each["block_id"] for each in view["blocks"] if each["type"] == "input"] == ["offer.OCUSTOMER"]

    values = values_of(view, offer=form.offer.terms.id)
    with pytest.raises(FormError) as refused:
        drafted(form, values)
    said = OrderModal.errors(Language.SV, refused.value.facts["fields"], values)
    assert list(said) == ["offer.OCUSTOMER"]
    assert said["offer.OCUSTOMER"].startswith("Ingen agent kan ta emot")


def test_where_another_organisation_can_be_chosen_there_is_a_button_since_slack_wants_one():
    two = replace(FORMS["two organisations"], organisation=builders.CUSTOMER)

    assert "submit" in as_sent(OrderModal.build(two, METADATA, Language.SV))


def test_what_the_core_refuses_is_told_at_its_field_or_at_the_choice_it_hangs_on():
    full = values_of(as_sent(OrderModal.build(FORMS["filled in"], METADATA, Language.SV)))
    first = values_of(as_sent(OrderModal.build(FORMS["one organisation"], METADATA, Language.SV)))
    fields = {"invoice_ref": "required", "units": "too_many"}

    assert OrderModal.errors(Language.SV, fields, full) == {
        "invoice_ref": "Skriv er fakturareferens.",
        "units": "Det är för många vårdenheter. Lägg högst 200 i en beställning.",
    }
    assert set(OrderModal.errors(Language.SV, fields, first)) == {"offer.OCUSTOMER"}


def test_another_offer_keeps_what_is_typed_and_empties_the_box_of_the_terms():
    form = FORMS["filled in"]
    other = replace(form, offer=builders.offer_choice("another", VIA, AgentField.REQUIRED))

    before, now = (ids(as_sent(OrderModal.build(each, METADATA, Language.SV))) for each in (form, other))

    assert before ^ now == {
        ("terms_accepted", "terms_accepted.npo-agent"),
        ("terms_accepted", "terms_accepted.another"),
    }


def ids(view):
    return {(block["block_id"], block["element"]["action_id"]) for block in view["blocks"] if block["type"] == "input"}


def test_another_organisation_has_offers_of_its_own():
    form = FORMS["direct"]
    other = replace(form, organisation=FORMS["two organisations"].organisations[1][0], offer=None)

    blocks = [block for block, _ in ids(as_sent(OrderModal.build(other, METADATA, Language.SV)))]

    assert sorted(blocks) == ["offer.OTWO", "organisation"]


def test_a_change_of_organisation_or_offer_is_sent_at_once():
    view = as_sent(OrderModal.build(FORMS["direct"], METADATA, Language.SV))

    sent = [block["element"]["action_id"] for block in view["blocks"] if block.get("dispatch_action")]

    assert sent == ["kp.organisation", "kp.offers", "kp.units"]


def of_units(form, language=Language.SV):
    """What the form says under its terms, which is about what it costs."""
    view = as_sent(OrderModal.build(form, METADATA, language))
    (lines,) = [block for block in view["blocks"] if block["type"] == "rich_text"][-1:]
    return "".join(node["text"] for node in nodes(lines) if node.get("type") == "text")


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ((), "Summan visas här när du har skrivit vårdenheterna."),
        ((" \n;\n",), "Summan visas här när du har skrivit vårdenheterna."),
        (
            ("Norr",),
            "Summa för 1 vårdenhet: 13 000 kr första året (1 000 kr vid start), därefter 12 000 kr/år exkl. moms",
        ),
        (
            ("Norr\nSöder; S", "Väst"),
            "Summa för 3 vårdenheter: 15 000 kr första året (3 000 kr vid start), därefter 12 000 kr/år exkl. moms",
        ),
    ],
)
def test_the_form_says_what_the_order_comes_to_as_it_is_typed(units, said):
    form = replace(FORMS["direct"], units=units)

    assert of_units(form).replace("\u00a0", " ") == said


def test_an_offer_without_units_has_its_sum_at_once():
    offer = FORMS["direct"].offer
    form = replace(FORMS["direct"], offer=replace(offer, terms=replace(offer.terms, needs_units=False)))

    assert of_units(form, Language.EN).startswith("Sum: ")


OTHERS = "Norr; SE2222222222-A1\nSöder; SE2321000016-B2\nÖster\nVäster; SE5555555555-C3"


def test_an_hsa_id_with_another_number_is_shown_and_not_refused():
    form = replace(FORMS["direct"], units=(OTHERS,), org_number="2321000016")

    assert of_units(form).endswith(
        "Kontrollera HSA-id för Norr, Väster. Numret hör inte till Region Exempel, men beställningen går att skicka."
    )
    assert isinstance(read_units({"units": OTHERS}), tuple)


@pytest.mark.parametrize("number", ["2222222222", ""])
def test_an_hsa_id_is_held_against_a_number_that_may_be_known(number):
    form = replace(FORMS["direct"], units=("Norr; SE2222222222-A1",), org_number=number)

    assert "HSA-id" not in of_units(form)


def test_of_many_hsa_ids_with_another_number_five_are_named():
    form = replace(FORMS["direct"], units=write_units(MANY_UNITS), org_number="2321000016")

    assert "nummer 4, … och 195 till. Numret" in of_units(form)


@pytest.mark.parametrize(
    ("before", "after_it"),
    [
        ("", "N"),
        ("Norr", "Norr\nS"),
        ("Norr\nS", "Norr"),
        ("Norr; SE2222222222-", "Norr; SE2222222222-A"),
        ("Norr; SE2222222222-A", "Norra; SE2222222222-A"),
        ("N" * 1_499, "N" * 1_500),
    ],
)
def test_what_the_sum_or_the_fields_hang_on_has_another_mark(before, after_it):
    assert sum_mark((before,)) != sum_mark((after_it,))


@pytest.mark.parametrize(
    ("before", "after_it"),
    [("N", "Norr"), ("Norr;", "Norr; SE22"), ("Norr; SE2222222222-A", "Norr; SE2222222222-A1B2"), ("Norr", "Norr\n")],
)
def test_what_makes_no_difference_to_them_keeps_the_mark(before, after_it):
    assert sum_mark((before,)) == sum_mark((after_it,))


# --- units

NORR, SODER = Unit("Norr", "SE2222222222-A1"), Unit("Söder")


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("Norr; SE2222222222-A1", (NORR,)),
        ("Norr;SE2222222222-A1\n\n  Söder  \n", (NORR, SODER)),
        ("SE2222222222-A1;Norr", (NORR,)),
        ("Norr\tSE2222222222-A1\nSöder;", (NORR, SODER)),
        ("Norr\tSE2222222222-A1\r\nSöder\t\r\n", (NORR, SODER)),
        ("Norr; se2222222222-A1", (NORR,)),
        ("Norr, plan 2; SE2222222222-A1", (Unit("Norr, plan 2", "SE2222222222-A1"),)),
        ("Vårdcentralen, Umeå", (Unit("Vårdcentralen, Umeå"),)),
        ("Norr, ", (Unit("Norr,"),)),
        ("Sekreterarna", (Unit("Sekreterarna"),)),
        ("SE-huset i Gävle", (Unit("SE-huset i Gävle"),)),
        ("Norr; SE5555555555-A1", (Unit("Norr", "SE5555555555-A1"),)),
        ("", ()),
        (" \n;\n", ()),
    ],
)
def test_units_are_read_as_they_are_typed(typed, units):
    assert read_units({"units": typed}) == units


def wrong(line, problem, piece, **values):
    return InputProblem(f"field_error.{problem}", {"line": line, "piece": piece} | values)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("A\nB; FEL ID", wrong(2, "unit_hsa_id", "FEL ID")),
        ("Namn\tHSA-id\nNorr\tSE2222222222-A1", wrong(1, "unit_hsa_id", "HSA-id")),
        ("Norr; SE222222222-A1", wrong(1, "unit_hsa_id", "SE222222222-A1")),
        ("SE12; Norr", wrong(1, "unit_hsa_id", "SE12")),
        ("SE2222222222", wrong(1, "unit_hsa_id", "SE2222222222")),
        ("Norr; SE2222222222-Å1", wrong(1, "unit_hsa_id", "SE2222222222-Å1")),
        ("Norr; SE2222222222\u2013A1", wrong(1, "unit_hsa_id", "SE2222222222\u2013A1")),
        (f"Norr; {'x' * 100}", wrong(1, "unit_hsa_id", f"{'x' * 39}…")),
        ("Söder\nNorr SE2222222222-A1", wrong(2, "unit_separator", "SE2222222222-A1")),
        ("SE2222222222-A1 Norr", wrong(1, "unit_separator", "SE2222222222-A1")),
        ("SE2222222222-A1, Norr", wrong(1, "unit_separator", "SE2222222222-A1")),
        ("Norr (se2222222222-a1)", wrong(1, "unit_separator", "se2222222222-a1")),
        ("Norr SE2222222222-A1; SE2222222222-A2", wrong(1, "unit_separator", "SE2222222222-A1")),
        ("\nSE2222222222-A1", wrong(2, "unit_name", "SE2222222222-A1")),
        ("SE2222222222-A1; SE2222222222-A2", wrong(1, "unit_name", "SE2222222222-A1")),
        ("Norr; SE2222222222-A1; plan 2", wrong(1, "unit_pieces", "plan 2")),
        (f"A\n{'x' * 201}; SE2222222222-A1", wrong(2, "unit_too_long", f"{'x' * 39}…")),
        ("A\nAnna 121212-1212", InputProblem("field_error.unit_personal_number", {"line": 2})),
        ("A; 121212-1212; B", InputProblem("field_error.unit_personal_number", {"line": 1})),
        ("Söder\n\nsöder", wrong(3, "unit_repeated", "söder", first=1)),
        ("Norr; SE2222222222-A1\nNorra  vc\nSE2222222222-a1; Väst", wrong(3, "unit_repeated", "Väst", first=1)),
        ("Norr; SE2222222222-A1\nnorr", wrong(2, "unit_repeated", "norr", first=1)),
        ("Norra vc\nNorra \u00a0 VC; SE2222222222-A1", wrong(2, "unit_repeated", "Norra VC", first=1)),
        ("Norr; SE2222222222-A1\nSE2222222222-A1; Väst", wrong(2, "unit_repeated", "Väst", first=1)),
    ],
)
def test_a_unit_that_is_not_plainly_written_is_refused_at_its_line(typed, problem):
    assert read_units({"units": typed}) == {"units": LineProblems([problem])}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.SV,
            "Rad 2: ”FEL ID” är inget HSA-id. Rad 4: ”a” är samma vårdenhet som på rad 1. Ta bort en av dem. "
            "Skriv namn; HSA-id eller bara namnet, till exempel Vårdcentralen Norr; SE2222222222-A1B2.",
        ),
        (
            Language.EN,
            "Line 2: “FEL ID” is not an HSA-id. Line 4: “a” is the same care unit as on line 1. Remove one of them. "
            "Write name; HSA-id or only the name, for example Vårdcentralen Norr; SE2222222222-A1B2.",
        ),
    ],
)
def test_all_lines_that_are_wrong_are_told_at_once_and_how_to_write_them(language, said):
    problems = read_units({"units": "A\nB; FEL ID\n\na"})

    assert isinstance(problems, FieldErrors)
    assert problems.in_words(language) == {"units": said}


def test_of_many_lines_that_are_wrong_the_first_are_quoted_and_the_others_numbered():
    problems = read_units({"units": "\n".join(["a; fel"] * 10 + ["b"] + ["a; fel"] * 3)})

    assert isinstance(problems, FieldErrors)
    said = problems.in_words(Language.SV)["units"]
    assert "Rad 8: ”fel”" in said
    assert "Rad 9:" not in said
    assert "Det är fel även på rad 9–10, 12–14." in said
    assert said.endswith("SE2222222222-A1B2.")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("line", ["a;b\nc\n", "a;b\n", f"{'x' * 80};{'y' * 80}\n", "x;SE2222222222-A\n"])
def test_however_many_lines_are_wrong_a_field_can_say_so(language, line):
    text = (line * UNITS_FIELD_LIMIT)[: UNITS_FIELD_LIMIT - 1]
    problems = read_units({"units": text})

    assert isinstance(problems, FieldErrors)
    assert 0 < len(problems.in_words(language)["units"]) <= 2_000


def test_what_is_wrong_in_a_further_field_is_said_there_by_the_line_of_that_field():
    problems = read_units({"units": "A\nB", "units.2": "C\nD; FEL\nb"})

    wrongs = [wrong(2, "unit_hsa_id", "FEL"), wrong(3, "unit_repeated_above", "b", first=2)]
    assert problems == {"units.2": LineProblems(wrongs)}


def test_a_field_that_is_full_is_no_list_to_trust():
    full, not_full = (f"{'A' * 150}\n" * 19 + "B" * 131, "B")

    assert len(full) == UNITS_FIELD_LIMIT
    assert read_units({"units": full, "units.2": "C"}) == {"units": InputProblem("field_error.units_full")}
    assert read_units({"units": full[:-1].split("\n")[0], "units.2": not_full}) == (Unit("A" * 150), Unit("B"))


def test_the_fields_of_a_form_hold_as_many_units_as_an_order_may_have_however_long_they_are():
    longest = tuple(Unit("N" * UNIT_LIMIT, f"SE2222222222-{number:018}") for number in range(UNITS_LIMIT))

    fields = write_units(longest)

    assert len(fields) <= order_fields.FIELDS_LIMIT
    names = ["units", *(f"units.{number}" for number in range(2, len(fields) + 1))]
    assert read_units(order_fields.units_in(dict(zip(names, fields, strict=True)))) == longest


def test_units_are_read_from_no_more_fields_than_a_form_has():
    names = ["units", *(f"units.{number}" for number in range(2, 22))]

    assert list(order_fields.units_in(dict.fromkeys(names, "Norr"))) == names[:20]


MANY_UNITS = tuple(Unit(f"Vårdcentralen nummer {number}", f"SE2222222222-A{number}") for number in range(200))


@pytest.mark.parametrize("units", [builders.UNITS, MANY_UNITS])
def test_units_that_are_written_are_read_again(units):
    assert read_units(dict(in_fields(write_units(units)))) == units


def in_fields(texts):
    return ((f"units.{number}", text) for number, text in enumerate(texts))


def test_two_hundred_units_are_taken_in_as_many_fields_as_they_need_and_one_more_is_there():
    view = as_sent(OrderModal.build(replace(FORMS["direct"], units=write_units(MANY_UNITS)), METADATA, Language.SV))

    fields = {block["block_id"]: block["element"] for block in view["blocks"] if "units" in block.get("block_id", "")}
    typed = {field: element.get("initial_value", "") for field, element in fields.items()}
    assert list(fields) == ["units", "units.2", "units.3", "units.4"]
    assert typed["units.4"] == ""
    assert order_fields.read_fields(typed).units == MANY_UNITS


def test_fields_of_units_stay_as_they_are_when_the_form_is_drawn_anew():
    typed = {"units": "A", "units.2": "", "units.3": "C"}

    assert order_fields.typed(typed)["units"] == ("A", "", "C")
    assert order_fields.read_fields(dict(reversed(typed.items()))).units == (Unit("A"), Unit("C"))


@given(st.text())
def test_whatever_is_typed_is_units_or_a_problem(typed):
    assert isinstance(read_units({"units": typed}), tuple | FieldErrors)


# --- payloads that lack something

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "selected_option", "selected_options", "selected_date", "x"]), inner
        )
    ),
    max_leaves=8,
)
BLOCKS = st.sampled_from(
    ["reason", "reason_code", "certified", "attestant", "message", "units", "offer.O1", "desired_start"]
)


@given(st.dictionaries(BLOCKS, JSON))
def test_reading_never_fails_whatever_slack_leaves_out(state):
    typed = typed_in({"state": {"values": state}})

    for modal in (ConfirmModal, RejectModal, ApproveModal, InstructionsModal, MessageModal, OrderModal):
        assert modal.read(typed) is not None


# --- notices


def test_a_refusal_is_one_sentence_under_a_title():
    assert modal_as_read(NoticeModal.build(Language.SV, "notice.refused", "Beställningen är avslutad.")) == snapshot("""\
== Det gick inte ==
Beställningen är avslutad.
(Stäng)\
""")


def test_the_details_show_the_whole_order():
    case = after(Action.APPROVE, Action.ATTEST, Action.REJECT, flow=VIA)

    assert modal_as_read(DetailsModal.build(builders.view(case), Language.SV, read_whole(case))) == snapshot("""\
== Beställningen ==
# Nationell patientöversikt
**Region Exempel** betalar totalt **25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år** exkl.\xa0moms för **3\xa0vårdenheter** · beställt av Anna Ek
**Avslagen**
---
Beställning | B-2345678
Läge | Avslagen
Erbjudande | NPÖ Producent
Anslutning | Via agent: Journalia AB
Kund | Region Exempel (222222-2222)
Kundkategori | Region
Önskad start | 1\xa0april\xa02026
**Vårdenheter (3)**
Vårdcentralen Norr (SE2222222222-A1B2)
Vårdcentralen Söder (SE2222222222-A1B3)
Rehab Öster
Beställd av | Anna Ek, 12\xa0mars\xa02026\xa0kl.\xa014.32
Teknisk kontakt | Ulf Teknik, 010-123 45 67
Fakturareferens | 4711-A
Kostnad | 37\xa0000\xa0kr första året (25\xa0000\xa0kr vid start), därefter 12\xa0000\xa0kr/år exkl.\xa0moms
Agentens kostnad | Visas bara för Journalia AB och Ineras kundservice
[Läs villkoren](https://exempel.se/villkor/npo)
**Kommentar**
> Vi byter journalsystem i april.
---
**Stegen**
✓ Agentens beställare, Journalia AB: godkände 12\xa0mars\xa02026\xa0kl.\xa015.32
✓ Agentens attestant, Journalia AB: attesterade 12\xa0mars\xa02026\xa0kl.\xa016.32
✗ Kundens attestant, Region Exempel: avslagen av Bo Lund 12\xa0mars\xa02026\xa0kl.\xa017.32
---
# Vad som har hänt
Bo Lund avslog 12\xa0mars\xa02026\xa0kl.\xa017.32
**Motivering: Fel vårdenhet**
> Rehab Öster hör inte till oss.
**Intern anteckning, visas bara hos Region Exempel**
> Hör av dig till Karin.
Agentens attestant hos Journalia AB attesterade 12\xa0mars\xa02026\xa0kl.\xa016.32
Agentens beställare hos Journalia AB godkände 12\xa0mars\xa02026\xa0kl.\xa015.32
Anna Ek skickade in beställningen 12\xa0mars\xa02026\xa0kl.\xa014.32
~ Beställning B-2345678, version 1
(Stäng)\
""")


def test_the_details_say_when_it_was_ordered_where_the_orderers_name_is_hidden():
    text = as_read(DetailsModal.build(builders.view(after(flow=VIA), Side.AGENT), Language.SV))

    assert "Beställd | 12\u00a0mars\u00a02026\u00a0kl.\u00a014.32" in text


def test_an_order_without_units_has_no_row_of_units():
    case = after()
    view = builders.view(replace(case, content=replace(case.order, units=())))

    assert "Vårdenheter" not in as_read(DetailsModal.build(view, Language.SV))


def test_the_details_show_every_unit():
    units = tuple(Unit(f"Enhet {number}.") for number in range(200))
    case = after()
    view = builders.view(replace(case, content=replace(case.order, units=units)))

    text = as_read(DetailsModal.build(view, Language.SV))

    assert all(unit.name in text for unit in units)


def test_the_help_draws_every_flow_and_names_my_roles():
    assert modal_as_read(HelpModal.build(Language.SV, [Part.ORDERER, Part.CUSTOMER_ATTESTANT], PORTAL)) == snapshot("""\
== Så fungerar det ==
Beställningar i Kundportalen godkänns här i Slack. Den som ska besluta får ett meddelande med det som behövs. Du beslutar med en knapp, och varje beslut räknas en gång.
**Dina roller: beställare, attestant.**
**Direktbeställning**
1. Beställaren fyller i beställningen.
2. Er attestant kontrollerar, godkänner och attesterar, eller avslår.
3. Ineras kundservice skickar en instruktion till beställaren.
4. Beställaren bekräftar när anslutningen fungerar.
**Beställning via agent**
1. Beställaren fyller i beställningen och väljer agent.
2. Agentens beställare (handläggare agent) kontrollerar och godkänner eller avslår.
3. Agentens attestant kontrollerar, godkänner och attesterar, eller avslår.
4. Kundens attestant kontrollerar, godkänner och attesterar, eller avslår.
5. Ineras kundservice informerar agenten om att den tekniska anslutningen av kunden kan påbörjas.
6. Agenten eller beställaren bekräftar när anslutningen fungerar.
**Agentuppdrag**
1. Agentens beställare av agentuppdrag väljer erbjudandet för tjänsten och fyller i beställningen.
2. Ineras kundservice granskar och godkänner eller avslår.
3. Agentens attestant attesterar eller avslår.
4. Ineras kundservice skickar en instruktion, och då kan kunder välja agenten för tjänsten.
**När något kommer emellan**
**Frågor**: den som ska besluta kan begära komplettering. Beställaren svarar, eller ändrar uppgifterna.
**Frånvaro**: ange en ersättare på fliken Hem. Ersättaren beslutar i sitt eget namn.
**Jäv**: välj Jag är jävig under ··· (Mer), så får andra frågan. Där kan du också lämna över till en kollega.
**Brådskande**: en reservattestant öppnar hela beställningen och attesterar där, med en motivering. De som kunde ha attesterat får veta det.
**Vem gör vad**
**Beställare**: beställer för sin organisation och kan ta tillbaka beställningen tills kundens attestant har attesterat.
**Attestant**: attesterar eller avslår för sin organisation. Ingen attesterar sin egen beställning, om inte organisationen tillåter det.
**Agentens beställare**: intygar och godkänner att kunden ansluter via agenten, och väljer attestant.
**Reservattestant**: attesterar i brådskande fall i attestantens ställe, med en motivering.
**Administratör**: sköter roller, användare och attestregler för sin organisation, och får veta om ingen kan besluta.
**Ineras kundservice**: tar ärendet och skickar instruktion eller informerar agenten.
**Kommandon**
**/kundportal**: visar vad som väntar på dig.
**/kundportal ny**: öppnar en ny beställning.
**/kundportal och ett nummer**: visar den beställningen.
**/kundportal organisation och ett namn**: visar en organisation som du administrerar.
**/kundportal hjälp**: visar den här hjälpen.
~ Kunden ser inte agentens kostnad och agenten ser inte kundens. Namn på den som beslutar visas för den egna sidan och för Inera.
~ Personer, roller och regler för attest sköter er administratör på fliken Hem.
(Öppna Kundportalen)
(Stäng)\
""")


# --- the home tab


def test_the_home_tab_shows_what_waits_and_what_i_have_ordered():
    assert as_read(home.build(HOMES["one of each"], Language.SV)) == snapshot("""\
# Kundportalen
Hej **Anna Ek**. Här ser du vad som väntar på dig och vad du har beställt.
Du är beställare hos Region Exempel.
(Ny beställning) (Tjänster och avtal) (Sök)
---
<**Väntar på dig** / Dina beställningar / Din organisations beställningar / Beslutat av dig / Inte tagna / Dina ärenden / Kollegors ärenden / Väntar på andra / Försenade>
# 1 väntar på dig
~ Beloppet är kostnaden första året. Tiden räknas i arbetsdagar.
B-2345678 · Nationell patientöversikt · 37\xa0000\xa0kr · 3\xa0enheter · Anna Ek (Visa)
---
# Dina beställningar (1)
B-2345678 · Nationell patientöversikt · 37\xa0000\xa0kr · 3\xa0enheter · Väntar på kundens attest (Visa)
---
~ Skriv /kundportal ny för att beställa och /kundportal hjälp för att se hur det fungerar.
(Så fungerar det) <**Svenska** / English>\
""")


def test_an_empty_home_tab_is_kind():
    assert as_read(home.build(HOMES["nothing"], Language.SV)) == snapshot("""\
# Kundportalen
Hej **Bo Ek**. Här ser du vad som väntar på dig.
Du är attestant hos Region Exempel.
(Tjänster och avtal) (Sök)
---
# Väntar på dig
Inget väntar på dig just nu. När något behöver ditt beslut får du ett meddelande, och det visas här.
---
~ Skriv /kundportal hjälp för att se hur det fungerar.
(Så fungerar det) (Öppna Kundportalen) <**Svenska** / English>\
""")


def test_a_person_without_any_role_is_told_whom_to_ask():
    text = as_read(home.build(HOMES["no role"], Language.SV))

    assert "Du har ingen roll i Kundportalen ännu. Be er administratör ge dig den roll du behöver." in text
    assert "beställa" not in text


def test_roles_are_read_as_a_sentence_in_both_languages():
    roles = [Role.ADMINISTRATOR, Role.ORDERER, Role.ATTESTANT]
    many = replace(HOMES["nothing"], roles=[("Region Exempel", roles)] + [("Journalia AB", [Role.ATTESTANT])] * 6)

    swedish, english = (as_read(home.build(many, language)) for language in (Language.SV, Language.EN))

    assert "Du är administratör, beställare och attestant hos Region Exempel. Du är attestant hos" in swedish
    assert "Journalia AB. … och 2 till" in swedish
    assert "Your role at Region Exempel: administrator, orderer and attestant." in english


def test_somebody_at_inera_reads_so():
    assert "Du är medarbetare på Ineras kundservice." in as_read(home.build(HOMES["at Inera"], Language.SV))


def _of_slacks(name):
    """The part of the home tab about where messages go."""
    _, found, text = as_read(home.build(HOMES[name], Language.SV)).partition("# Dina meddelanden i Slack\n")
    return text.partition("\n---")[0] if found else None


def test_whoever_is_linked_in_several_slacks_sees_which_gets_the_messages_and_chooses_another():
    assert _of_slacks("linked in several") == snapshot("""\
Du är kopplad i flera Slack. Välj vilket av dem som får dina nya meddelanden. Det du redan har fått står kvar där det står.
Inera: du är kopplad (Skicka hit)
Region Exempel: får dina nya meddelanden\
""")


def test_a_slack_that_cannot_be_reached_is_not_to_be_chosen():
    assert _of_slacks("linked in several, one of them off") == snapshot("""\
Du är kopplad i flera Slack. Välj vilket av dem som får dina nya meddelanden. Det du redan har fått står kvar där det står.
Inera: får dina nya meddelanden
Region Exempel: du har valt det här, men det kan inte nås just nu
Region Exempels prov: kan inte nås just nu\
""")


def test_whoever_is_linked_in_one_slack_has_nothing_to_choose():
    one = replace(HOMES["linked in several"], slacks=HOMES["linked in several"].slacks[:1])

    assert "Dina meddelanden i Slack" not in as_read(home.build(one, Language.SV))


def test_a_stranger_is_told_what_to_do():
    assert as_read(home.build(HOMES["unlinked"], Language.SV)) == snapshot("""\
# Kundportalen
**Ditt Slack-konto är inte kopplat till någon person i Kundportalen ännu.**
Be er administratör lägga upp dig i Kundportalen med samma e-postadress som du har i Slack. Öppna sedan den här fliken igen.
---
~ Skriv /kundportal hjälp för att se hur det fungerar.
(Så fungerar det) <**Svenska** / English>\
""")


@pytest.mark.parametrize("drawn", [home.build, link_message])
def test_whoever_holds_an_account_that_was_unlinked_is_told_what_lets_it_in_and_asked_nothing(drawn):
    text = as_read(drawn(HOMES["barred"], Language.SV))

    assert "Med länken i mejlet om kontot tillåter du att det kopplas igen" in text
    assert "Ja, det är jag" not in text


def test_whoever_cannot_be_known_now_is_asked_to_try_again_and_not_to_go_to_anybody():
    text = as_read(home.build(HOMES["not known now"], Language.SV))

    assert "Slack svarar inte just nu, så vi kan inte se vem du är. Försök igen om en stund." in text
    assert "administratör" not in text


def test_a_stranger_with_a_known_address_is_asked():
    assert "(Ja, det är jag!) (Nej, det är inte jag)" in as_read(home.build(HOMES["maybe you"], Language.SV))


def test_titles_fit_in_both_languages():
    for language in Language:
        titles = [key for key in keys(language) if key.startswith(("confirm.title.", "confirm.submit.", "notice."))]
        for key in [*titles, "order.title", "details.title", "help.title"]:
            assert len(template(language, key)) <= 24, key


@pytest.mark.parametrize("line", ["\u2003;\u2003", "\u00a0;\u00a0", ";;", "\t"])
def test_a_line_of_nothing_but_marks_is_no_unit(line):
    assert read_units({"units": f"Vårdcentralen Norr\n{line}\n"}) == (Unit("Vårdcentralen Norr"),)


def test_a_field_problem_that_nobody_foresaw_still_has_a_sentence():
    assert OrderModal.errors(Language.SV, {"offer": "unknown", "comment": "never_heard_of"}, {})


@pytest.mark.parametrize(
    ("count", "start", "buttons"),
    [
        (20, 0, []),
        (21, 0, [("more", 20)]),
        (60, 20, [("more", 40), ("home", 0)]),
        (60, 40, [("home", 0)]),
    ],
)
def test_services_are_leafed_through_to_the_last_page_and_back(count, start, buttons):
    names = {Language.SV: "NPÖ", Language.EN: "NPÖ"}
    held = Holdings(conveys=(Conveyed("npo", names, builders.AT, None),) * count)
    place = (builders.CUSTOMER, "Region Exempel")

    drawn = as_sent(HoldingsModal.build(place, [place], held, Pointer("test"), Language.SV, start=start))

    found = [each for block in drawn["blocks"] if block["type"] == "actions" for each in block["elements"]]
    assert [
        (each["action_id"].rpartition(".")[2], int(each["value"].rpartition(SEPARATOR)[2])) for each in found
    ] == buttons


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.SV, "till och med 30\u00a0juni\u00a02026"),
        (Language.EN, "up to and including 30\u00a0June\u00a02026"),
    ],
)
def test_a_service_that_ends_says_its_last_day_in_the_readers_language(language, said):
    names, last_day = dict.fromkeys(Language, "NPÖ"), date(2026, 6, 30)
    ends = HeldService("npo", names, OfferId("npo"), names, Stands.CONNECTED, builders.AT, 0, 1, last_day=last_day)
    place = (builders.CUSTOMER, "Region Exempel")

    drawn = as_sent(HoldingsModal.build(place, [place], Holdings((ends,)), Pointer("test"), language))

    assert said in as_read(drawn)


def test_earlier_agreements_come_after_the_services_page_by_page_each_with_its_document():
    def agreement(hash_, ended=builders.AT, of=AgreementType.KUNDAVTAL):
        return HeldAgreement(of, builders.AT, ended, "2.0", hash_ * 64, 2)

    names = dict.fromkeys(Language, "Nationell patientöversikt")
    earlier = tuple(agreement(each) for each in "bcd")
    agent = agreement("e", None, AgreementType.AGENTAVTAL)
    conveys = (Conveyed("npo", names, builders.AT, None),) * 18
    held = Holdings(agreements=(agent, agreement("a", None), *earlier), conveys=conveys, reads_documents=True)
    place = (builders.CUSTOMER, "Region Exempel")

    def read(start):
        drawn = as_sent(
            HoldingsModal.build(place, [place], held, Pointer("test"), Language.SV, start=start, can_read=True)
        )
        return [
            each["value"].rpartition(SEPARATOR)[2][-1]
            for each in nodes(drawn)
            if each.get("action_id") == "kp.read_agreement"
        ]

    assert read(0) == ["e", "a", "b", "c"]
    assert read(20) == ["e", "a", "d"]


@pytest.mark.parametrize("can_read", [True, False])
@pytest.mark.parametrize("may_read", [True, False])
def test_a_document_is_read_where_it_opens_in_a_browser_and_by_those_it_concerns(can_read, may_read):
    agreement = HeldAgreement(AgreementType.KUNDAVTAL, builders.AT, None, "2.0", "a" * 64, 2)
    held = Holdings(agreements=(agreement,), reads_documents=may_read)
    place = (builders.CUSTOMER, "Region Exempel")

    drawn = as_sent(HoldingsModal.build(place, [place], held, Pointer("test"), Language.SV, can_read=can_read))

    offered = [each["action_id"] for each in nodes(drawn) if each.get("type") == "button"]
    assert offered == ["kp.read_agreement"] * (can_read and may_read)
