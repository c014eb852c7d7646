"""What a person in a hurry must not misread: whom something went to, what counts no longer, why there is no button."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from bot.acts.orders.reading import kept_out
from bot.forms.orders.decisions import ConfirmModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.modals import choices
from bot.forms.orders.order_modal import OrderModal
from bot.views.home import home
from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    Action,
    Block,
    CardId,
    CaseList,
    Cost,
    Flow,
    Grant,
    Language,
    ListedCase,
    Part,
    Payer,
    PersonId,
    Role,
    Side,
    State,
    Unit,
)
from core.views.case_view import disclose
from core.workflow.order_rules import as_before
from notifications.render.button_values import Pointer
from notifications.rules.announcements import CardKind
from tests.support.drawn import detours
from tests.support.drawn.cards import a_card, cards_of, shown
from tests.support.drawn.drawings import METADATA
from tests.support.drawn.reading import as_read, modal_as_read
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import a_page, order_forms, reading, revision
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
SENT = (Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)


def read(case, kind, part, language=Language.SV, rules=None, **changes):
    dossier = builders.dossier(case, **({} if rules is None else {"rules": rules}))
    return as_read(shown(dossier, a_card(kind, part, case, **changes), language))


def recipient_in(drawn):
    menu = next(each["element"] for each in drawn["blocks"] if each.get("block_id") == InstructionsModal.RECIPIENT)
    return menu["initial_option"]["text"]["text"]


# --- whom instructions went to


def test_whoever_ordered_is_spoken_to_where_the_card_tells_of_what_they_did_or_got():
    instructed, withdrawn = after(*SENT), after(Action.WITHDRAW)
    connected = after(*SENT, Action.CONFIRM_CONNECTION)

    assert "Instruktionen skickades till dig 12\xa0mars" in read(instructed, CardKind.STATUS, Part.ORDERER)
    assert "Anslutningen bekräftades av dig" in read(connected, CardKind.STATUS, Part.ORDERER)
    assert "Tillbakatagen av dig 12\xa0mars" in read(withdrawn, CardKind.STATUS, Part.ORDERER)
    assert "Withdrawn by you" in read(withdrawn, CardKind.STATUS, Part.ORDERER, Language.EN)


def test_whoever_got_the_card_instead_of_who_ordered_reads_who_it_was():
    to_another = {"person": builders.ADMINISTRATOR}

    assert "Instruktionen skickades till Anna Ek" in read(after(*SENT), CardKind.STATUS, Part.ORDERER, **to_another)
    withdrawn = read(after(Action.WITHDRAW), CardKind.STATUS, Part.ORDERER, **to_another)
    assert "Tillbakatagen av Anna Ek" in withdrawn


def test_nobody_is_taken_for_whoever_ordered_for_having_the_same_name():
    people = {**builders.PEOPLE, builders.ADMINISTRATOR: builders.PEOPLE[builders.ORDERER]}
    *before, last = after(Action.WITHDRAW).decisions
    withdrawn = replace(after(Action.WITHDRAW), decisions=(*before, replace(last, person=builders.ADMINISTRATOR)))

    def told(case):
        return as_read(shown(builders.dossier(case, people), a_card(CardKind.STATUS, Part.ORDERER, case), Language.SV))

    assert "Instruktionen skickades till Anna Ek" in told(detours.sent_to(builders.ADMINISTRATOR))
    assert "Tillbakatagen av Anna Ek" in told(withdrawn)


def test_the_orderer_is_told_who_got_the_instructions_instead():
    text = read(detours.sent_to(builders.ADMINISTRATOR), CardKind.STATUS, Part.ORDERER)

    assert "Instruktionen skickades till Hans Roos" in text
    assert "Hans Roos har fått instruktionen i ett eget meddelande." in text
    assert "Instruktionen finns i ett eget meddelande" not in text


def test_the_orderer_who_got_the_instructions_is_led_to_them():
    text = read(after(*SENT), CardKind.STATUS, Part.ORDERER)

    assert "Instruktionen finns i ett eget meddelande." in text


def test_customer_services_card_names_who_got_the_instructions():
    again = detours.sent_to(builders.ADMINISTRATOR)
    other, whole = read(again, CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE), builders.view(again, Side.INERA)
    orderer = read(after(*SENT), CardKind.CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE)

    assert "✓ Instruktionen skickad igen av Eva Rosén till Hans Roos" in other
    assert "instruktion skickad av Eva Rosén till Hans Roos" in as_read(DetailsModal.build(whole, Language.SV))
    assert "✓ Instruktion skickad av Eva Rosén till Anna Ek" in orderer


def test_what_is_sent_again_goes_to_whom_it_went_to_unless_another_is_chosen():
    view = replace(builders.view(after(*SENT), Side.INERA), orderer_language=Language.SV)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_AGAIN)
    people = [(builders.ORDERER, "Anna Ek"), (builders.COLLEAGUE, "Frida Näs")]

    drawn = as_sent(
        InstructionsModal.build(view, row, METADATA, Language.SV, recipients=people, earlier=builders.COLLEAGUE)
    )

    assert recipient_in(drawn) == "Frida Näs"
    assert "Förvald är den som fick instruktionen senast." in modal_as_read(drawn)
    assert "Beställaren läser på svenska." in modal_as_read(drawn)


@dataclass(frozen=True)
class Names:
    """A desk that can look up what people are called."""

    people: dict[PersonId, str]

    @property
    def queries(self):
        return self

    async def names(self, people, organisations):
        return {each: self.people[each] for each in people}, {}


@pytest.mark.parametrize(
    ("sent_to", "chosen"),
    [
        ((builders.ADMINISTRATOR,), "Hans Roos"),
        ((builders.ADMINISTRATOR, builders.COLLEAGUE), "Frida Näs"),
        ((builders.COLLEAGUE, builders.ADMINISTRATOR), "Hans Roos"),
        ((builders.COLLEAGUE, builders.ORDERER), "Anna Ek (har beställt)"),
        ((builders.COLLEAGUE, None), "Anna Ek (har beställt)"),
        ((None, builders.COLLEAGUE, builders.ADMINISTRATOR), "Hans Roos"),
    ],
)
async def test_chosen_beforehand_is_who_got_the_instructions_the_last_time(sent_to, chosen):
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS, *[Action.SEND_AGAIN] * (len(sent_to) - 1))
    before, sent = case.decisions[: -len(sent_to)], case.decisions[-len(sent_to) :]
    told = tuple(replace(each, to=to) for each, to in zip(sent, sent_to, strict=True))
    case = replace(case, decisions=(*before, *told))
    view = builders.view(case, Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_AGAIN)
    others = (builders.COLLEAGUE, builders.ADMINISTRATOR)
    orderers = {Part.ORDERER: tuple(builders.grant(each, Part.ORDERER) for each in (builders.ORDERER, *others))}

    offered = await choices(Names(builders.PEOPLE), builders.situation(case, builders.SERVICE, holders=orderers), row)
    drawn = as_sent(InstructionsModal.build(view, row, METADATA, Language.SV, **offered))

    assert recipient_in(drawn) == chosen


def test_the_only_one_who_can_get_instructions_is_named_when_it_is_not_the_orderer():
    view = builders.view(after(Action.ATTEST, Action.CLAIM), Side.INERA)
    row = next(each for each in view.offers[Part.CUSTOMER_SERVICE] if each.does is Action.SEND_INSTRUCTIONS)

    drawn = as_sent(
        InstructionsModal.build(view, row, METADATA, Language.SV, recipients=[(builders.COLLEAGUE, "Frida Näs")])
    )

    assert recipient_in(drawn) == "Frida Näs"
    assert "skickas till Anna Ek" not in modal_as_read(drawn)


def test_an_english_reader_is_told_that_the_text_is_customer_services_own():
    text = read(after(*SENT), CardKind.INSTRUCTIONS, Part.ORDERER, Language.EN)

    assert "Message from Inera customer service, as they wrote it" in text


# --- what counts


def test_one_of_several_attests_that_counts_no_longer_says_so():
    case = after(Action.ATTEST, Action.ATTEST, rules=detours.TWO)
    *before, first, last = case.decisions
    void = replace(case, decisions=(*before, replace(first, counts=False), last))

    text = read(void, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, rules=detours.TWO, step=first.step)

    assert "**– Attesterad av Bo Lund 12\u00a0mars\u00a02026\u00a0kl.\u00a015.32.** Gäller inte längre." in text
    assert "✓ Attesterad av Bo Lund" not in text


def test_the_whole_order_leaves_out_nothing_of_what_happened():
    case = after(*detours.ROUND * 5)

    text = as_read(DetailsModal.build(builders.view(case), Language.SV))

    assert text.count("komplettering begärd av") == 5
    assert "tidigare" not in text


def test_a_question_that_was_answered_by_a_change_is_no_decision_that_ceased_to_count():
    decided = builders.pressed(builders.situation(revised(invoice_ref="ZZ2")), Action.ATTEST).after

    text = read(decided, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, step=1)

    assert "**? Komplettering begärd av Bo Lund" in text
    assert "Beställaren har svarat genom att ändra beställningen." in text
    assert "gäller inte längre" not in text


# --- what does not concern this order


@pytest.mark.parametrize("language", Language)
def test_an_order_without_an_agent_says_nothing_of_agents(language):
    case = after(Action.REQUEST_COMPLETION)

    card = read(case, CardKind.COMPLETION, Part.ORDERER, language)
    form = modal_as_read(revision(builders.view(case), language))

    assert "agent" not in card.casefold()
    assert "agent" not in form.casefold()


def test_an_order_through_an_agent_says_that_another_agent_begins_it_anew():
    case = after(Action.REQUEST_COMPLETION, flow=VIA)

    assert "önskad start eller agent" in read(case, CardKind.COMPLETION, Part.ORDERER)
    assert "önskad start eller agent" in modal_as_read(revision(builders.view(case), Language.SV))


@pytest.mark.parametrize(("language", "wrong"), [(Language.SV, "kundens"), (Language.EN, "customer's")])
def test_an_agent_that_orders_an_assignment_is_nowhere_called_a_customer(language, wrong):
    found = {}
    for name, case in builders.journeys(Flow.AGENT_ASSIGNMENT):
        dossier = builders.dossier(case)
        for card in cards_of(case):
            found[f"{name}: {card.kind} {card.part}"] = as_read(shown(dossier, card, language))
        for side in (Side.CUSTOMER, Side.INERA):
            whole = as_sent(DetailsModal.build(disclose(dossier, side), language))
            found[f"{name}: whole for {side}"] = modal_as_read(whole)

    assert found
    assert [name for name, text in found.items() if wrong in text.casefold() or "kundavtal" in text] == []


def test_an_assignment_is_attested_in_a_sentence_of_its_own():
    found = [case for _, case in builders.journeys(Flow.AGENT_ASSIGNMENT)]
    case = next(each for each in found if each.state is State.AWAITING_CUSTOMER_ATTEST)
    view = builders.view(case)
    attest = next(row for row in view.offers[Part.CUSTOMER_ATTESTANT] if row.does is Action.ATTEST)

    text = modal_as_read(ConfirmModal.build(view, attest, METADATA, Language.SV))

    assert "får agentuppdrag för **Nationell patientöversikt**." in text


def test_an_assignment_is_for_no_care_units():
    offer = builders.offer_choice(flow=Flow.AGENT_ASSIGNMENT)
    chosen = replace(dict(order_forms())["one organisation"], offer=offer)
    form = modal_as_read(OrderModal.build(chosen, METADATA, Language.SV))

    assert "Ineras kundservice granskar beställningen" in form
    assert "Vårdenheter" not in form


# --- why there is no button


def with_limit(person, *limits_ore):
    grants = tuple(Grant(person, builders.CUSTOMER, Role.ATTESTANT, each) for each in limits_ore)
    return builders.situation(after(), person, grants=grants)


def test_an_attestant_whose_limit_is_too_low_is_told_why_nothing_can_be_attested():
    assert kept_out(with_limit(builders.ATTESTANT, 100), Side.CUSTOMER).code == "limit"
    assert kept_out(with_limit(builders.ATTESTANT, None), Side.CUSTOMER) is None


def test_whoever_may_attest_in_another_right_is_told_of_no_hindrance():
    assert kept_out(with_limit(builders.ATTESTANT, 100, None), Side.CUSTOMER) is None


def test_whoever_is_not_asked_is_not_told_why_not():
    assert kept_out(builders.situation(after(), builders.ORDERER), Side.CUSTOMER) is None
    waits_for_the_agent = after(flow=VIA)
    assert kept_out(builders.situation(waits_for_the_agent, builders.ATTESTANT), Side.CUSTOMER) is None


def test_the_whole_order_says_why_its_reader_may_not_decide():
    reading = CaseReading(kept_out="Beloppet är högre än din beloppsgräns.")

    assert "Beloppet är högre" in as_read(DetailsModal.build(builders.view(after()), Language.SV, reading))


def test_whoever_is_asked_to_keep_an_order_reads_on_the_whole_of_it_what_follows_and_when_it_ends():
    asked, said = builders.view(builders.unanswered(after())), "Om ingen svarar går den ut **27 april 2026**."
    opened = [(asked, Part.ORDERER), (asked, Part.CUSTOMER_ATTESTANT), (builders.view(after()), Part.ORDERER)]

    texts = [as_read(DetailsModal.build(view, Language.SV, reading(view, part))) for view, part in opened]

    assert [said in text.replace("\xa0", " ") for text in texts] == [True, False, False]
    assert texts[0].index("Vill ni ha den kvar?") < texts[0].index("Behåll beställningen")


def test_whoever_opens_the_whole_order_can_decide_before_all_of_it_is_read():
    view = builders.view(after())
    reading = CaseReading(
        offers=[(Part.CUSTOMER_ATTESTANT, view.offers[Part.CUSTOMER_ATTESTANT])],
        pointer=Pointer("test", CardId("C23456789BCDF"), view.case),
    )

    text = as_read(DetailsModal.build(view, Language.SV, reading))

    parts = ["betalar totalt", "väntar på **Bo Lund", "(Attestera!)", "Fakturareferens", "● Kundens attestant"]
    assert sorted(parts, key=text.index) == parts


def test_the_whole_order_says_that_it_stands_still():
    case = detours.blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NOBODY)

    text = as_read(DetailsModal.build(builders.view(case), Language.SV))

    assert "**Ingen hos Region Exempel kan besluta om beställningen just nu." in text


# --- what stands still


def ordered_line(case):
    facts = home.HomeFacts(
        "test", "Anna Ek", inbox=a_page([ListedCase(builders.view(case), Part.ORDERER)], CaseList.ORDERED)
    )
    return as_read(home.build(facts, Language.SV))


def test_the_orderers_home_tab_says_that_an_order_stands_still_and_why():
    text = ordered_line(detours.blocked(State.AWAITING_CUSTOMER_ATTEST, Block.NOBODY))

    assert "Ingen hos Region Exempel kan besluta om beställningen just nu." in text


def test_the_orderers_home_tab_says_of_what_is_terminated_its_last_day_and_not_when_that_was_confirmed():
    ended = after(Action.ATTEST, Action.CLAIM, Action.CONFIRM_END, flow=Flow.TERMINATION)

    text = ordered_line(ended)

    assert "Klar, anslutningen är uppsagd, sista dag 30\xa0april\xa02026" in text


def test_the_orderers_home_tab_says_nothing_of_what_hinders_the_agent():
    text = ordered_line(detours.blocked(State.AWAITING_AGENT_ATTEST, Block.OVER_LIMIT, VIA))

    assert "beloppsgräns" not in text.casefold()


def test_the_orderers_home_tab_says_that_customer_service_has_paused():
    held = replace(after(Action.ATTEST, Action.CLAIM), hold="Vi väntar på TAK.")

    assert "Pausad av Ineras kundservice: Vi väntar på TAK." in ordered_line(held)


# --- what a reserve attestant did


def test_a_reserve_attestant_gets_a_receipt():
    text = read(after(Action.EMERGENCY_ATTEST), CardKind.RECEIPT, Part.CUSTOMER_EMERGENCY)

    assert "# Du har attesterat som reserv: Nationell patientöversikt" in text
    assert "Du attesterade 12\xa0mars\xa02026\xa0kl.\xa015.32 beställning B-2345678 för Region Exempel" in text.replace(
        "**", ""
    )
    assert "De som kunde ha attesterat har fått veta att du gjorde det" in text


def test_those_whose_place_a_reserve_attestant_took_read_when():
    text = read(after(Action.EMERGENCY_ATTEST), CardKind.STATUS, Part.ORDERER).replace("**", "")

    assert "Gun Holm attesterade som reservattestant 12\xa0mars\xa02026\xa0kl.\xa015.32." in text


def test_a_reserve_attestant_sees_on_the_home_tab_whom_an_order_waits_for():
    item = ListedCase(builders.view(after()), Part.CUSTOMER_EMERGENCY)

    text = as_read(home.build(home.HomeFacts("test", "Gun Holm", reserved=[item], is_reserve=True), Language.SV))

    assert "# Som reservattestant" in text
    assert "väntar på Bo Lund eller Frida Näs" in text
    assert "Attestera som reserv)" not in text


# --- what a new version changed


def revised(flow=Flow.DIRECT, **order):
    """A case whose orderer has answered with another order."""
    asked = after(Action.REQUEST_COMPLETION, flow=flow)
    changed = replace(asked, content=replace(asked.order, before=as_before(asked), **order)).anew()
    now = builders.situation(asked, builders.ORDERER, revised=changed)
    return builders.pressed(now, Action.ANSWER).after


def test_a_question_asked_anew_says_what_has_changed():
    case = revised(invoice_ref="ZZ2", units=(*builders.UNITS[:2], Unit("Rehab Väster")))

    text = read(case, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT)

    assert "Ändrad **" in text
    assert "Tillagt: **Rehab Väster**\nBorttaget: **Rehab Öster**\n**Fakturareferens**: **4711-A** → **ZZ2**" in text


def test_a_unit_that_got_its_hsa_id_is_neither_new_nor_gone():
    case = revised(units=(*builders.UNITS[:2], Unit("Rehab Öster", "SE2222222222-A1B9")))

    text = read(case, CardKind.CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT)

    assert "Ändrat HSA-id: **Rehab Öster (SE2222222222-A1B9)**" in text
    assert "Tillagt" not in text
    assert "Borttaget" not in text


def test_the_whole_order_says_what_the_version_changed():
    text = as_read(DetailsModal.build(builders.view(revised(desired_start=date(2026, 5, 4))), Language.SV))

    assert "**Ändrat i version 2**\n**Önskad start**: **1\u00a0april\u00a02026** → **4\u00a0maj\u00a02026**" in text


def test_the_agent_reads_nothing_of_the_customers_reference_or_cost():
    dearer = {**builders.order(VIA).costs, Payer.CUSTOMER: Cost(9_900_000)}
    case = revised(VIA, invoice_ref="HEMLIG-2", costs=dearer)

    agents = as_read(DetailsModal.build(builders.view(case, Side.AGENT), Language.SV))
    customers = as_read(DetailsModal.build(builders.view(case), Language.SV))

    assert "HEMLIG-2" in customers
    assert "99\u00a0000" in customers
    assert "Ändrat i version" not in agents
    assert "HEMLIG" not in agents


def test_an_agent_that_had_no_part_in_it_is_not_told_what_was_before():
    case = revised(VIA, units=builders.UNITS[:1])
    through_another = replace(
        case, content=replace(case.order, before=replace(case.order.before, agent=builders.INERA))
    )

    assert "Borttaget" in as_read(DetailsModal.build(builders.view(case, Side.AGENT), Language.SV))
    assert "Borttaget" not in as_read(DetailsModal.build(builders.view(through_another, Side.AGENT), Language.SV))
    customers = as_read(DetailsModal.build(builders.view(through_another), Language.SV))
    assert "**Agent**: **Inera AB** → **Journalia AB**" in customers
