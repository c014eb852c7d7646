"""The clock looks at waiting cases around which something has changed, each note once, and at those that are late."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, select

from core.api import Action, ActOnCase, Answers, Seen, Surface, Tier, new_id
from core.storage import tables
from core.storage.cases import clock, repository
from core.storage.register.registry import Register
from tests.contract.office import Office, identity, open_office, via_agent
from tests.contract.statements import scans
from tests.fakes.judged import change_of, ticks_of
from tests.support.world.seed import AGENT, AMIR, ANNA, BO, CECILIA, CLINIC, HELENA, NOW, NPO_AGENT, REGION, SITHS

MINUTE = timedelta(minutes=1)
CUSTOMER_SERVICE = "awaiting_customer_service"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def note(office, at=NOW, **about):
    await office.database.write(lambda connection: connection.execute(insert(tables.reviews), about | {"due_at": at}))


async def notes(office):
    return await office.database.read(lambda connection: connection.execute(select(tables.reviews)).all())


async def due(office, at=NOW, limit=100):
    return await office.orders.engine.cases.due(at, limit)


@pytest.mark.parametrize("about", [{"organisation_id": REGION}, {"organisation_id": AGENT}, {"offer_id": NPO_AGENT}])
async def test_a_note_about_either_organisation_or_the_offer_makes_the_cases_that_wait_due(office, about):
    case = await office.place(**via_agent())
    await note(office, **about)

    assert await due(office) == (case.id,)
    assert await notes(office) == []


@pytest.mark.parametrize("about", [{"organisation_id": CLINIC}, {"offer_id": SITHS}])
async def test_a_note_about_others_is_nothing_to_a_case(office, about):
    await office.place(**via_agent())
    await note(office, **about)

    assert await due(office) == ()
    assert await notes(office) == []


async def test_a_note_waits_for_its_time(office):
    case = await office.place()
    await note(office, at=NOW + MINUTE, organisation_id=REGION)

    assert await due(office) == ()
    assert len(await notes(office)) == 1
    assert await due(office, NOW + MINUTE) == (case.id,)


async def test_a_case_that_nobody_decides_is_not_looked_at_for_a_note(office):
    await office.attest(await office.place(), BO)
    await note(office, organisation_id=REGION)

    assert await due(office) == ()


async def test_a_looked_at_case_is_not_due_again(office):
    await office.place()
    await note(office, organisation_id=REGION)

    assert (await office.orders.run_clock(), await office.orders.run_clock()) == (1, 0)


async def test_two_schedulers_take_a_note_once(office):
    other = await office.another()
    case = await office.place()
    for number in range(20):
        await office.place(**via_agent(number))
    await note(office, organisation_id=REGION)

    await asyncio.gather(*(each.orders.run_clock() for each in (office, other)))

    query = select(tables.history.c.action).where(tables.history.c.case_id == case.id)
    lines = await office.database.read(lambda connection: list(connection.execute(query).scalars()))
    assert sorted(lines) == ["review", "submit"]
    await other.database.close()


async def test_the_longest_overdue_comes_first_and_a_case_twice_due_comes_once(office):
    first, second = await office.place(), await office.place(**via_agent())
    late = second.due_at + MINUTE
    await note(office, at=first.due_at - MINUTE, organisation_id=REGION)
    await due(office, first.due_at - MINUTE)
    await office.change(tables.cases, tables.cases.c.id == second.id, review_at=first.due_at - 2 * MINUTE)

    assert await due(office, late) == (second.id, first.id)
    assert await due(office, late, limit=1) == (second.id,)


async def test_cases_that_cannot_be_ticked_keep_no_other_from_its_turn_and_are_logged_once(office, caplog):
    broken = [await office.place(**via_agent(number)) for number in range(3)]
    for case in broken:
        early = {"due_at": case.due_at - MINUTE, "decisions": "no JSON"}
        await office.change(tables.cases, tables.cases.c.id == case.id, **early)
    whole = [await office.place(**via_agent(number)) for number in range(3, 6)]
    office.clock.at = whole[0].due_at

    assert [await office.orders.run_clock(limit=2) for _ in range(3)] == [2, 1, 0]
    stumbled = [each.getMessage() for each in caplog.records if "clock_stumbled" in each.getMessage()]
    assert sorted(stumbled) == sorted(f"clock_stumbled case={case.id}" for case in broken)


async def test_a_case_that_stumbles_again_after_it_went_well_is_logged_again(office, caplog):
    case = await office.place()
    (decisions,) = await office.database.read(lambda c: c.execute(select(tables.cases.c.decisions)).scalars().all())
    for stored in ("no JSON", decisions, "no JSON"):
        await office.change(tables.cases, tables.cases.c.id == case.id, decisions=stored, due_at=NOW)
        await office.orders.run_clock()

    assert [each.getMessage() for each in caplog.records].count(f"clock_stumbled case={case.id}") == 2


async def test_what_changes_while_somebody_decides_is_looked_at_afterwards(office):
    case = await office.place(**via_agent())
    pressed = ActOnCase(case.id, Action.APPROVE, identity(HELENA), Surface.SLACK, Seen(1, 1), Answers(certified=True))
    change = await change_of(office.orders, pressed)
    await note(office, organisation_id=AGENT)
    await due(office)

    assert await office.database.press(partial(repository.save, change=change))

    assert await due(office) == (case.id,)


async def test_what_changes_while_somebody_ends_a_case_is_nothing_to_it(office):
    case = await office.place()
    wish = ActOnCase(case.id, Action.REJECT, identity(BO), Surface.SLACK, Seen(1, 1), Answers(reason="Ryms inte"))
    change = await change_of(office.orders, wish)
    await note(office, organisation_id=REGION)
    await due(office)

    assert await office.database.press(partial(repository.save, change=change))

    marked = select(tables.cases.c.review_at).where(tables.cases.c.id == case.id)
    assert await office.database.read(lambda connection: connection.execute(marked).scalar_one()) is None


async def test_a_review_that_read_too_early_does_not_hide_what_changed_since(office):
    case = await office.place()
    await note(office, organisation_id=REGION)
    await due(office)
    (change,) = await ticks_of(office.orders)
    await note(office, at=NOW + MINUTE, organisation_id=REGION)
    await due(office, NOW + MINUTE)

    assert await office.database.press(partial(repository.save, change=change))

    assert await due(office, NOW + MINUTE) == (case.id,)


@pytest.mark.parametrize("flow", ["direct", "via an agent"])
async def test_an_order_whose_attests_suffice_by_the_new_rules_goes_on_and_history_says_why(office, flow):
    register, is_via_agent = Register(office.database, office.clock, new_id), flow == "via an agent"
    where, first, state = (AGENT, AMIR, "awaiting_customer_attest") if is_via_agent else (REGION, BO, CUSTOMER_SERVICE)
    await register.write("test", lambda writer: writer.tiers(where, [Tier(0, 2)]))
    case = await office.place(**via_agent() if is_via_agent else {})
    asked = await office.press(case, HELENA, Action.APPROVE, certified=True) if is_via_agent else case
    waiting = await office.attest(asked, first)
    await register.write("test", lambda writer: writer.tiers(where, [Tier(0)]))

    assert (await office.orders.run_clock(), await office.orders.run_clock()) == (1, 0)

    lines = (
        select(tables.history).where(tables.history.c.case_id == case.id).order_by(tables.history.c.id.desc()).limit(1)
    )
    (line,) = await office.database.read(lambda connection: connection.execute(lines).all())
    assert (line.action, line.part, line.from_state, line.to_state) == ("review", "clock", waiting.state, state)
    assert json.loads(line.evidence)["reason_code"] == "enough_attests"
    cards = {(each.kind, each.person_id) for each in await office.cards(step=waiting.step + 1)}
    if is_via_agent:
        assert cards == {("customer_attest", BO), ("customer_attest", CECILIA), ("progress", ANNA)}
    else:
        assert cards == {("customer_service", None), ("progress", ANNA)}


@pytest.mark.parametrize(
    "work",
    [
        partial(clock.is_noted, at=NOW),
        partial(clock.read_due, at=NOW, limit=10),
        partial(clock.take_notes, at=NOW),
    ],
)
async def test_the_clock_finds_what_is_due_by_an_index(office, work):
    await office.place()
    for about in ({"organisation_id": REGION}, {"offer_id": SITHS}):
        await note(office, **about)

    assert await office.database.write(partial(scans, work=work)) == []
