"""Fifty at once decide, hand over, withdraw, change and lose their roles, in several processes: everything agrees."""

import random
from collections import Counter

import httpx
import pytest

from core.api import Action, PersonId, Seen, State
from core.storage import tables
from tests.flow.slack import PATIENCE, case_in
from tests.kill import truth
from tests.kill.crowd import ATTESTANTS, Crowd, crowding
from tests.kill.storm import Press, Storm
from tests.support.machines.large import at_night
from tests.support.world import seed
from tests.support.world.seed import BO

pytestmark = pytest.mark.slow

AT_ONCE = 50


@pytest.mark.parametrize(
    ("kind", "processes", "rounds"), [("postgres", 2, at_night(100, 20)), ("sqlite", 1, at_night(25, 10))]
)
async def test_whatever_fifty_do_at_once_history_state_and_cards_agree_and_every_answer_is_true(
    request, kind, processes, rounds
):
    async with crowding(request.getfixturevalue(f"fresh_{kind}_url"), *[()] * processes) as crowd:
        heard = Counter()
        for number in range(rounds):
            heard += await one_round(crowd, number)
        await crowd.carried()
        await every_message_offers_what_its_reader_may_do(crowd)
    # Of each fifty somebody is first.
    assert heard[""] >= rounds


async def one_round(crowd: Crowd, number: int) -> Counter[str]:
    """One order, fifty requests about it, and everything that they have left; how often each answer was given."""
    draw = random.Random(number)
    case = await crowd.order(number, attests=1 + number % 2)
    storm, is_asked_about = Storm(draw, ATTESTANTS), number % 3 == 2
    if is_asked_about:
        case = await crowd.portal.ask(case, BO)
    began = Seen(case.step, case.content_version)
    dismissed = draw.sample(ATTESTANTS, len(ATTESTANTS) if number % 10 == 9 else 2)
    drawn = storm.while_the_orderer_is_asked if is_asked_about else storm.while_attestants_are_asked
    presses = draw.sample([*drawn(began)], AT_ONCE - len(dismissed))

    answers = await crowd.at_once(draw, case.id, presses, dismissed)

    past = await crowd.past(case.id, began, dismissed)
    truth.history_leads_to_the_state(past)
    heard = [(press, truth.is_true(past, press, answer)) for press, answer in answers]
    truth.what_was_said_to_count_is_what_is_told(past, [press for press, key in heard if not key])
    truth.cards_ask_whom_the_case_asks(past)
    truth.everybody_has_the_cards_that_the_state_calls_for(past)
    await whoever_lost_the_role_decides_nothing_any_more(crowd, past, dismissed[0])
    await crowd.take_back(dismissed)
    return Counter(key for _, key in heard)


async def whoever_lost_the_role_decides_nothing_any_more(crowd: Crowd, past: truth.Past, person: PersonId) -> None:
    """Not on the newest card either, where the order still waits for a decision."""
    if past.case.state is State.AWAITING_CUSTOMER_ATTEST:
        press = Press(person, Action.ATTEST, Seen(past.case.step, past.case.content_version))
        assert truth.is_true(past, press, await crowd.press(past.case.id, press)) == "no_role"


async def every_message_offers_what_its_reader_may_do(crowd: Crowd) -> None:
    """Slack shows each order as it stands: who is asked can decide, and nobody else is offered to."""
    cards = await crowd.rows(tables.cards)
    assert [each for each in cards if each.given_up_at is not None or each.does_show < each.must_show] == []
    with httpx.Client(base_url=crowd.slack_url, timeout=PATIENCE) as http:
        offered = {
            (case_in(message), person.user)
            for person in crowd.readers(http)
            for message in person.messages()
            if "kp.attest" in person.acts(message)
        }
    wanted = {
        (case.id, seed.slack_user(each.person))
        for case in await crowd.cases()
        for each in case.asked
        if case.state is State.AWAITING_CUSTOMER_ATTEST
    }
    assert offered == wanted
