"""What was carried out is confirmed by whoever knows that it works, or called off; on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.api import Action, CaseQuery, State, day_of
from core.shared import errors
from core.shared.working_days import add_working_days, at_closing
from core.storage import tables
from core.storage.audit.replaying import replay
from core.use_cases.clock import Clock
from notifications.rules.announcements import CardKind
from tests.contract.archive import Archive
from tests.contract.office import via_agent
from tests.contract.test_connections import HELD, NORTH, SOUTH, ended
from tests.contract.test_replaying_connections import office as with_two_agents
from tests.contract.test_replaying_connections import terminate
from tests.support.world.seed import AMIR, ANNA, ASTA, BO, CECILIA, DAVID, HELENA, KALLE, KARIN, NOW

office = with_two_agents
CONFIRM = Action.CONFIRM_CONNECTION
VIA = via_agent() | {"units": (NORTH, SOUTH)}
WAYS = {"directly": {"units": (NORTH, SOUTH)}, "through an agent": VIA}


async def connections(office, case):
    """Of each connection of a case, in order: when it was confirmed, and until when it is."""
    query = select(HELD.c.confirmed_at, HELD.c.valid_to).where(HELD.c.case_id == case.id).order_by(HELD.c.id)
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def told(office, case, *kinds):
    """Whom cards of some kinds went to in a case."""
    return {(card.kind, card.person_id) for card in await office.cards(case_id=case.id) if card.kind in kinds}


async def holds(office):
    found = await replay(office.database)
    return found.holds, found.differences


async def refused(office, case, person, action=CONFIRM, **answers):
    with pytest.raises(errors.OrderError) as refusal:
        await office.press(case, person, action, **answers)
    return refusal.value.code


async def tick(office):
    return await Clock(office.orders.engine).run()


CONFIRMERS = {
    "the orderer": (ANNA, "directly"),
    "customer service, claimed by a colleague": (KALLE, "directly"),
    "the orderer, through an agent": (ANNA, "through an agent"),
    "the agent's orderer who approved": (HELENA, "through an agent"),
    "another of the agent's orderers": (ASTA, "through an agent"),
    "customer service, through an agent": (KARIN, "through an agent"),
}


@pytest.mark.parametrize("who", CONFIRMERS)
async def test_whoever_may_know_confirms_with_one_press_and_the_order_is_closed(office, who):
    person, way = CONFIRMERS[who]
    case = await ended(office, **WAYS[way])
    waits, before = (case.closed_at, case.due_at), await connections(office, case)
    office.clock.forward(days=3)

    case = await office.press(case, person, CONFIRM)

    ends = at_closing(add_working_days(day_of(NOW), 20))
    assert (waits, before) == ((None, ends), [(None, None)] * 2)
    assert (case.state, case.closed_at, case.due_at) == (State.CONNECTED, office.clock(), None)
    assert (case.decisions[-1].person, case.decisions[-1].at) == (person, office.clock())
    assert await connections(office, case) == [(office.clock(), None)] * 2
    assert await holds(office) == (True, [])


OTHERS = {
    "another orderer": (CECILIA, "not_your_order"),
    "the customer's attestant": (BO, "no_role"),
    "the agent's attestant": (AMIR, "no_role"),
    "somebody of another organisation": (DAVID, "no_role"),
}


@pytest.mark.parametrize("who", OTHERS)
async def test_nobody_else_confirms(office, who):
    person, code = OTHERS[who]
    case = await ended(office, **VIA)

    assert await refused(office, case, person) == code
    assert await connections(office, case) == [(None, None)] * 2


async def test_an_agent_has_nothing_to_confirm_of_what_goes_through_nobody(office):
    case = await ended(office, units=(NORTH,))

    assert await refused(office, case, HELENA) == "no_role"


async def test_whom_instructions_were_sent_to_confirms_too(office):
    case = await ended(office, units=(NORTH,))
    case = await office.press(case, KARIN, Action.SEND_AGAIN, message="Till dig", to=CECILIA)

    assert (await office.press(case, CECILIA, CONFIRM)).state is State.CONNECTED


async def test_another_orderer_confirms_once_whoever_ordered_has_left(office):
    case = await ended(office, units=(NORTH,))
    await office.change(tables.persons, tables.persons.c.id == ANNA, active=False)

    assert (await office.press(case, CECILIA, CONFIRM)).state is State.CONNECTED


async def test_a_second_press_changes_nothing_and_is_told_who_was_first(office):
    case = await ended(office, units=(NORTH,))
    await office.press(case, ANNA, CONFIRM)
    at = office.clock()
    office.clock.forward(days=1)

    assert await refused(office, case, ANNA) == "already_decided_by_you"
    assert await refused(office, case, KARIN) == "already_decided"
    assert await connections(office, case) == [(at, None)]


async def test_of_several_who_confirm_at_once_one_does(office):
    case = await ended(office, **VIA)
    people = (ANNA, HELENA, KARIN, KALLE)

    came = await asyncio.gather(*(office.press(case, each, CONFIRM) for each in people), return_exceptions=True)

    assert [type(each) for each in came].count(type(case)) == 1
    assert {each.code for each in came if isinstance(each, Exception)} <= {"already_decided", "moved_on"}
    assert await connections(office, case) == [(office.clock(), None)] * 2
    assert await holds(office) == (True, [])


HEARS = {
    ANNA: {(CardKind.OUTCOME, HELENA), (CardKind.OUTCOME, ASTA)},
    HELENA: {(CardKind.OUTCOME, ANNA), (CardKind.OUTCOME, ASTA)},
    KARIN: {(CardKind.OUTCOME, ANNA), (CardKind.OUTCOME, HELENA), (CardKind.OUTCOME, ASTA)},
}


@pytest.mark.parametrize("person", HEARS)
async def test_the_others_who_waited_for_it_hear_that_it_is_confirmed(office, person):
    case = await ended(office, **VIA)
    before = {card.id for card in await office.cards(case_id=case.id)}

    await office.press(case, person, CONFIRM)

    made = [card for card in await office.cards(case_id=case.id) if card.id not in before]
    assert {(card.kind, card.person_id) for card in made} == HEARS[person]


async def test_whoever_may_confirm_is_asked_again_every_twenty_working_days_and_it_never_expires(office):
    case = await ended(office, **VIA)
    asked = []
    for _ in range(3):
        case = await stored(office, case)
        office.clock.at = case.due_at + timedelta(minutes=1)
        assert await tick(office) == 1
        asked.append(await office.cards(case_id=case.id, kind=CardKind.CONFIRMING))
    case = await stored(office, case)

    assert [len(each) for each in asked] == [3, 6, 9]
    assert {each.person_id for each in asked[0]} == {ANNA, HELENA, ASTA}
    assert (case.state, case.closed_at) == (State.AGENT_INFORMED, None)
    assert (await office.press(case, HELENA, CONFIRM)).state is State.CONNECTED
    assert await holds(office) == (True, [])


async def stored(office, case):
    """The case as it stands."""
    query = CaseQuery(case.id, None, NOW)
    return (await office.orders.engine.cases.press(lambda unit: unit.load(query))).case


@pytest.mark.parametrize("way", WAYS)
async def test_what_nobody_ever_confirms_customer_service_calls_off_with_a_reason(office, way):
    case = await ended(office, **WAYS[way])
    office.clock.forward(days=200)

    assert await refused(office, case, KALLE, Action.CANCEL) == "reason_required"
    assert await refused(office, case, ANNA, Action.CANCEL, reason="Nej") == "no_role"
    case = await office.press(case, KALLE, Action.CANCEL, reason="Det blev inte av.")

    assert (case.state, case.closed_at, case.due_at) == (State.CANCELLED, office.clock(), None)
    assert await connections(office, case) == [(None, office.clock())] * 2
    assert (CardKind.OUTCOME, ANNA) in await told(office, case, CardKind.OUTCOME)
    assert await refused(office, case, ANNA) in {"already_decided", "closed"}
    assert await holds(office) == (True, [])
    # Nothing of it stands in the way of another.
    assert (await ended(office, **WAYS[way] | {"key": "V2"})).closed_at is None


async def test_what_nobody_has_confirmed_blocks_as_what_somebody_has(office):
    case = await ended(office, units=(NORTH,))
    with pytest.raises(errors.AlreadyConnected):
        await office.place(units=(NORTH,), key="V2")
    await office.press(case, ANNA, CONFIRM)
    with pytest.raises(errors.AlreadyConnected):
        await office.place(units=(NORTH,), key="V3")


async def test_what_nobody_has_confirmed_may_be_ended_and_then_ordered_anew(office):
    case = await ended(office, units=(NORTH,))
    await terminate(office, "T1", day_of(NOW), units=(NORTH,))
    office.clock.forward(days=2)

    again = await ended(office, units=(NORTH,), key="V2")
    confirmed = await office.press(case, KARIN, CONFIRM)

    # What is over is confirmed no more.
    assert (confirmed.state, (await connections(office, case))[0][0]) == (State.CONNECTED, None)
    assert await connections(office, again) == [(None, None)]
    assert await holds(office) == (True, [])


async def test_retention_begins_when_it_is_confirmed_and_not_before(office):
    archive = Archive(office)
    case = await ended(office, units=(NORTH,))
    await archive.drain()
    before = await archive.after(days=3_000)
    case = await office.press(case, ANNA, CONFIRM)
    at = office.clock()
    await archive.drain()
    await archive.after(days=800)
    gone = [await archive.after(days=1) for _ in range(2)]
    after = await archive.stored()

    assert not {"slack_ids", "free_texts", "decisions"} & set(before)
    assert any("free_texts" in each for each in gone)
    assert "Gör så här" not in str(after)
    assert await connections(office, case) == [(at, None)]


async def test_what_was_closed_before_anybody_confirmed_anything_is_confirmed_as_the_rest_and_nobody_is_asked(office):
    case = await office.place(units=(NORTH,))
    await office.carry_out(case)
    office.clock.forward(days=400)
    assert await tick(office) == 0
    stood = await stored(office, case)
    assert (stood.state, stood.closed_at) == (State.INSTRUCTIONS_SENT, NOW)

    confirmed = await office.press(stood, ANNA, CONFIRM)

    assert (confirmed.state, confirmed.closed_at) == (State.CONNECTED, office.clock())
    assert await connections(office, case) == [(office.clock(), None)]
