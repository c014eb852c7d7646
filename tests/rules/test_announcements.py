"""Who hears what beside the main way, and which cards are kept equal to the order."""

from dataclasses import replace

import pytest

from core.api import (
    Action,
    Block,
    Blocked,
    Flow,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Rules,
    Side,
    State,
    TechnicalContact,
    Tier,
)
from core.workflow.case import Grant
from notifications.rules.announcements import CardKind, owed
from tests.support.world.builders import (
    ADMINISTRATOR,
    AGENT_ATTESTANT,
    AGENT_COLLEAGUE,
    AGENT_RESERVE,
    ATTESTANT,
    COLLEAGUE,
    HANDLER,
    HOLDERS,
    ORDERER,
    RESERVE,
    SERVICE,
    TWO_ATTESTS,
    after,
    grant,
    pressed,
    situation,
    unanswered,
)

VIA = Flow.VIA_AGENT
TECHNICIAN = TechnicalContact("Ulf Teknik", "ulf@example.org")
STAND_IN = PersonId("PSTANDIN")
OTHER_AGENT = OrganisationId("OOTHER")


# The status card says it to whoever ordered.
SAYS_THE_LAST_DAY = {
    *(CardKind.CUSTOMER_ATTEST, CardKind.HANDED_OVER, CardKind.REMINDER, CardKind.STANDSTILL),
    *(CardKind.STATUS, CardKind.KEEP_OR_WITHDRAW),
}


def told(event, now):
    """Who gets a card of which kind; None is customer service's channel."""
    return {(card.kind, card.person) for card in owed(event, now.at(event.after), lambda kind: kind).cards}


def reminded(now, at):
    """What the clock's reminder makes of a case, whenever it comes."""
    event = pressed(now, Action.REMIND)
    decision = replace(event.decision, at=at)
    return replace(event, decision=decision, after=replace(event.after, decisions=(*now.case.decisions, decision)))


def repainted(event, now):
    return set(owed(event, now.at(event.after), lambda kind: kind).repaint)


def test_the_agents_reserve_hears_of_a_rejection_as_the_attestant_would_have():
    case = after(Action.APPROVE, Action.EMERGENCY_ATTEST, flow=VIA)
    now = situation(case, ATTESTANT)

    event = pressed(now, Action.REJECT)

    assert told(event, now) == {
        (CardKind.OUTCOME, ORDERER),
        (CardKind.OUTCOME, HANDLER),
        (CardKind.OUTCOME, AGENT_RESERVE),
    }


def test_those_who_could_have_decided_hear_that_a_reserve_did():
    now = situation(after(), RESERVE)

    event = pressed(now, Action.EMERGENCY_ATTEST)

    assert {(CardKind.EMERGENCY, ATTESTANT), (CardKind.EMERGENCY, COLLEAGUE)} <= told(event, now)


def test_whoever_worked_for_an_earlier_agent_hears_nothing_more():
    case = after(Action.APPROVE, Action.ATTEST, flow=VIA)
    now = situation(replace(case, agent=OTHER_AGENT), ATTESTANT)

    assert told(pressed(now, Action.REJECT), now) == {(CardKind.OUTCOME, ORDERER)}


def test_the_agents_cards_are_painted_over_when_the_order_goes_to_another_agent():
    question = after(Action.APPROVE, Action.ATTEST, Action.REQUEST_COMPLETION, flow=VIA)
    holders = {
        **HOLDERS,
        Part.AGENT_HANDLER: (Grant(PersonId("PNEW"), OTHER_AGENT, Role.AGENT_HANDLER),),
        Part.AGENT_ATTESTANT: (Grant(PersonId("PNEW2"), OTHER_AGENT, Role.ATTESTANT),),
    }
    now = situation(question, ORDERER, revised=replace(question, agent=OTHER_AGENT).anew(), holders=holders)

    event = pressed(now, Action.ANSWER)

    assert told(event, now) == {(CardKind.AGENT_APPROVAL, "PNEW")}
    assert {CardKind.AGENT_APPROVAL, CardKind.AGENT_ATTEST} <= repainted(event, now)


def test_the_administrator_hears_why_nobody_can_decide_and_again_when_the_reason_is_another():
    nobody = {**HOLDERS, Part.CUSTOMER_ATTESTANT: ()}
    limited = {**HOLDERS, Part.CUSTOMER_ATTESTANT: (grant(ATTESTANT, Part.CUSTOMER_ATTESTANT, limit_ore=1),)}
    empty = situation(after(), None, holders=nobody)
    first = pressed(empty, Action.REVIEW)
    again = pressed(empty.at(first.after), Action.REVIEW)
    other = pressed(situation(first.after, None, holders=limited), Action.REVIEW)

    assert told(first, empty) == told(other, empty) == {(CardKind.BLOCKED, ADMINISTRATOR)}
    assert told(again, empty) == set()
    assert other.after.blocked == Blocked(Block.OVER_LIMIT, told=True)


def test_the_orderers_card_says_when_nobody_can_decide_and_when_somebody_can():
    empty = situation(after(), None, holders={**HOLDERS, Part.CUSTOMER_ATTESTANT: ()})
    stopped = pressed(empty, Action.REVIEW)
    full = situation(stopped.after, None)
    released = pressed(full, Action.REVIEW)

    assert {CardKind.STATUS, CardKind.BLOCKED} <= repainted(stopped, empty)
    assert {CardKind.STATUS, CardKind.BLOCKED} <= repainted(released, full)
    assert told(released, full) == {(CardKind.CUSTOMER_ATTEST, ATTESTANT), (CardKind.CUSTOMER_ATTEST, COLLEAGUE)}


def test_without_an_administrator_customer_service_hears_that_nobody_can_decide():
    without = {**HOLDERS, Part.AGENT_HANDLER: (), Part.AGENT_ADMINISTRATOR: ()}
    now = situation(after(flow=VIA), None, holders=without)

    assert told(pressed(now, Action.REVIEW), now) == {(CardKind.BLOCKED, None)}


def test_a_question_goes_to_another_orderer_when_whoever_ordered_has_left_and_only_once():
    left = {**HOLDERS, Part.ORDERER: (grant(STAND_IN, Part.ORDERER),)}
    question = after(Action.REQUEST_COMPLETION)
    now = situation(question, None, holders=left, orderer_is_active=False)
    event = pressed(now, Action.REVIEW)

    assert told(event, now) == {(CardKind.COMPLETION, STAND_IN)}
    assert told(pressed(now.at(event.after), Action.REVIEW), now) == set()


def test_without_another_orderer_the_administrator_gets_the_question():
    left = {**HOLDERS, Part.ORDERER: ()}
    now = situation(after(), ATTESTANT, holders=left, orderer_is_active=False)

    assert (CardKind.COMPLETION, ADMINISTRATOR) in told(pressed(now, Action.REQUEST_COMPLETION), now)


def test_whoever_is_next_in_turn_gets_the_card_when_the_one_before_has_attested():
    in_turn = {Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(COLLEAGUE, ATTESTANT)),))}
    case = after(rules=in_turn)
    now = situation(case, COLLEAGUE, rules=in_turn)

    event = pressed(now, Action.ATTEST)

    assert [each.person for each in case.asked] == [COLLEAGUE]
    assert told(event, now) == {(CardKind.CUSTOMER_ATTEST, ATTESTANT)}
    assert {CardKind.STATUS, CardKind.CUSTOMER_ATTEST} <= repainted(event, now)


def test_the_first_of_two_attests_asks_nobody_anew():
    now = situation(after(rules={Side.CUSTOMER: TWO_ATTESTS}), ATTESTANT, rules={Side.CUSTOMER: TWO_ATTESTS})

    assert told(pressed(now, Action.ATTEST), now) == set()


def test_instructions_go_to_the_recipient_and_again_to_another_and_who_attested_hears_once():
    now = situation(after(Action.ATTEST, Action.CLAIM), SERVICE)
    sent = pressed(now, Action.SEND_INSTRUCTIONS, to=STAND_IN)
    again = pressed(now.at(sent.after), Action.SEND_AGAIN, to=ORDERER)

    assert told(sent, now) == {(CardKind.INSTRUCTIONS, STAND_IN), (CardKind.OUTCOME, ATTESTANT)}
    assert told(again, now) == {(CardKind.INSTRUCTIONS, ORDERER)}
    assert again.after.state is State.INSTRUCTIONS_SENT
    assert CardKind.STATUS in repainted(again, now)


def letters(event, now):
    """Who is written to, of which kind."""
    return {(card.kind, card.email) for card in owed(event, now, lambda kind: kind).cards if card.email is not None}


def asking(contact, *actions, flow=Flow.DIRECT):
    case = after(*actions, flow=flow)
    return situation(replace(case, content=replace(case.order, technical_contact=contact)), SERVICE)


def test_the_technical_contact_is_written_to_with_the_instructions_each_time_that_they_are_sent():
    now = asking(TECHNICIAN, Action.ATTEST, Action.CLAIM)
    sent = pressed(now, Action.SEND_INSTRUCTIONS)
    again = pressed(now.at(sent.after), Action.SEND_AGAIN)

    for event in (sent, again):
        assert letters(event, now) == {(CardKind.CONTACT_INSTRUCTIONS, "ulf@example.org")}


def test_the_technical_contact_is_written_to_when_the_agent_may_begin():
    now = asking(TECHNICIAN, Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, flow=VIA)

    assert letters(pressed(now, Action.INFORM_AGENT), now) == {(CardKind.CONTACT_START, "ulf@example.org")}


@pytest.mark.parametrize("contact", ["", "Ulf, ulf@example.org", TechnicalContact("Ulf", phone="+46101234567")])
def test_a_technical_contact_without_an_address_is_not_written_to(contact):
    now = asking(contact, Action.ATTEST, Action.CLAIM)

    assert letters(pressed(now, Action.SEND_INSTRUCTIONS), now) == set()


def test_the_orderers_card_counts_no_attest_of_somebody_who_has_a_conflict_of_interest():
    rules = {Side.CUSTOMER: TWO_ATTESTS}
    now = situation(after(rules=rules), ATTESTANT, rules=rules)

    assert CardKind.STATUS in repainted(pressed(now, Action.RECUSE), now)


def test_what_was_handed_over_to_somebody_who_then_has_a_conflict_of_interest_is_drawn_anew():
    now = situation(after(Action.HAND_OVER), COLLEAGUE)

    assert CardKind.HANDED_OVER in repainted(pressed(now, Action.RECUSE), now)


def test_an_order_that_customer_service_cancels_is_told_to_all_who_decided():
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, flow=VIA)
    now = situation(case, SERVICE)

    people = {person for kind, person in told(pressed(now, Action.CANCEL), now) if kind == CardKind.OUTCOME}
    assert people == {ORDERER, ATTESTANT, HANDLER, AGENT_ATTESTANT}
    assert AGENT_COLLEAGUE not in people


def test_the_orderer_hears_once_that_customer_service_pauses_and_once_that_it_goes_on():
    now = situation(after(Action.ATTEST, Action.CLAIM), SERVICE)
    held = pressed(now, Action.HOLD, reason="Vi väntar på TAK.")
    resumed = pressed(now.at(held.after), Action.RESUME)

    assert told(held, now) == {(CardKind.HOLD, ORDERER)}
    assert told(resumed, now) == {(CardKind.RESUMED, ORDERER)}
    assert CardKind.HOLD in repainted(resumed, now)


def test_the_orderers_card_says_that_customer_service_pauses_and_then_that_it_goes_on():
    waiting = situation(after(Action.ATTEST, Action.CLAIM), SERVICE)
    held = pressed(waiting, Action.HOLD)
    paused = waiting.at(held.after)

    resumed = pressed(paused, Action.RESUME)

    assert CardKind.STATUS in repainted(held, waiting)
    assert CardKind.STATUS in repainted(resumed, paused)


def test_whoever_was_asked_already_hears_that_a_colleague_leaves_it_to_them():
    now = situation(after(), ATTESTANT)
    event = pressed(now, Action.HAND_OVER, to=COLLEAGUE)

    assert told(event, now) == {(CardKind.HANDED_OVER, COLLEAGUE)}


def test_a_colleague_who_was_not_asked_gets_the_question_itself():
    case = after()
    alone = replace(case, asked=tuple(each for each in case.asked if each.person == ATTESTANT))
    now = situation(alone, ATTESTANT)

    assert told(pressed(now, Action.HAND_OVER, to=COLLEAGUE), now) == {(CardKind.CUSTOMER_ATTEST, COLLEAGUE)}


def progress(event, now):
    return {person for kind, person in told(event, now) if kind is CardKind.PROGRESS}


def test_the_orderer_hears_once_of_each_yes_that_lets_the_order_go_on():
    for before, by, action in (
        ((), HANDLER, Action.APPROVE),
        ((Action.APPROVE,), AGENT_ATTESTANT, Action.ATTEST),
        ((Action.APPROVE,), AGENT_RESERVE, Action.EMERGENCY_ATTEST),
        ((Action.APPROVE, Action.ATTEST), ATTESTANT, Action.ATTEST),
    ):
        now = situation(after(*before, flow=VIA), by)

        assert progress(pressed(now, action), now) == {ORDERER}, action


def test_the_orderer_hears_of_no_claim_and_of_no_end_twice():
    attested = situation(after(Action.ATTEST), SERVICE)
    claimed = pressed(attested, Action.CLAIM)
    now = attested.at(claimed.after)

    assert progress(claimed, attested) == set()
    assert progress(pressed(now, Action.RELEASE), now) == set()
    assert progress(pressed(now, Action.SEND_INSTRUCTIONS), now) == set()
    assert progress(pressed(now, Action.CANCEL), now) == set()
    assert progress(pressed(situation(after(), ATTESTANT), Action.REJECT), situation(after(), ATTESTANT)) == set()


def test_nobody_is_told_of_the_own_yes_or_of_the_first_of_two():
    own = situation(after(), ATTESTANT)
    mine = replace(own, case=replace(own.case, orderer=ATTESTANT))
    event = pressed(own, Action.ATTEST)
    two = situation(after(rules={Side.CUSTOMER: TWO_ATTESTS}), ATTESTANT, rules={Side.CUSTOMER: TWO_ATTESTS})

    assert progress(replace(event, after=replace(event.after, orderer=ATTESTANT)), mine) == set()
    assert progress(pressed(two, Action.ATTEST), two) == set()


def test_all_who_may_confirm_hear_again_that_nobody_has_and_of_it_when_another_does():
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, Action.INFORM_AGENT, flow=VIA)
    reminded = pressed(situation(case, None), Action.REMIND)
    now = situation(reminded.after, ORDERER)
    confirmed = pressed(now, Action.CONFIRM_CONNECTION)
    handlers = {HANDLER, *(each.person for each in HOLDERS[Part.AGENT_HANDLER])}

    assert told(reminded, now) == {(CardKind.CONFIRMING, each) for each in {ORDERER, *handlers}}
    assert told(confirmed, now) == {(CardKind.OUTCOME, each) for each in handlers}
    kinds = {CardKind.AGENT_START, CardKind.CONFIRMING, CardKind.OUTCOME, CardKind.STATUS, CardKind.CUSTOMER_SERVICE}
    assert kinds <= repainted(confirmed, now)


def test_the_attestants_of_both_sides_hear_that_the_agent_may_begin():
    case = after(Action.APPROVE, Action.ATTEST, Action.ATTEST, Action.CLAIM, flow=VIA)
    now = situation(case, SERVICE)

    heard = told(pressed(now, Action.INFORM_AGENT), now)

    assert {(CardKind.OUTCOME, each) for each in (ORDERER, ATTESTANT, AGENT_ATTESTANT)} <= heard


def test_every_card_that_says_the_last_day_to_answer_is_painted_again_when_the_order_is_kept():
    now = situation(unanswered(after()), ORDERER)

    event = pressed(now, Action.KEEP)

    assert repainted(event, now) >= SAYS_THE_LAST_DAY


def test_cards_that_ask_say_the_later_day_when_the_last_reminder_came_late_and_only_then():
    waiting = situation(after(), None)
    wait = waiting.case.wait
    late, early = (reminded(waiting, at) for at in (wait.closes, wait.due))

    assert repainted(late, waiting) >= SAYS_THE_LAST_DAY
    assert CardKind.CUSTOMER_ATTEST not in repainted(early, waiting)


def test_whoever_is_asked_only_now_gets_the_question_in_the_place_of_a_reminder():
    whole = after()
    case = replace(whole, asked=whole.asked[:1])
    now = situation(case, None)
    first = reminded(now, case.wait.closes)
    event = replace(first, after=replace(first.after, asked=whole.asked))
    heard = {card for card in told(event, now) if card[1] == COLLEAGUE}

    assert heard == {(CardKind.CUSTOMER_ATTEST, COLLEAGUE)}
