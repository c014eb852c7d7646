"""What the end of a connection writes and whom it tells, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.api import Action, Cost, Existing, Flow, Payer, Period, Side, State, Unit
from core.shared import errors
from core.shared.working_days import beginning_of, day_of
from core.storage import tables
from core.storage.cases.effects import connections_of
from tests.contract.office import Office, open_office, via_agent
from tests.support.world.seed import AGENT, AMIR, ASTA, BO, CLINIC, HELENA, KARIN, NOW, NPO_AGENT

NORTH, SOUTH = Unit("Norra mottagningen", "SE2321000016-N1"), Unit("Södra")
HELD, TODAY = tables.connections, day_of(NOW)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def connected(office, **changes):
    case = await office.place(**changes)
    await office.carry_out(case, at=NOW - timedelta(days=30))
    return case


async def end(office, **changes):
    """A termination that Anna sends in."""
    return await office.place(**{"flow": Flow.TERMINATION, "invoice_ref": "", "key": "T1"} | changes)


async def ended(office, last_day=TODAY, **changes):
    case = await office.attest(await end(office, **changes), BO)
    case = await office.press(case, KARIN, Action.CLAIM)
    return await office.press(case, KARIN, Action.CONFIRM_END, last_day=last_day)


async def rows(office):
    query = select(HELD.c.unit_name, HELD.c.valid_to, HELD.c.ended_by_id).order_by(HELD.c.id)
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def test_some_units_end_after_the_day_that_is_confirmed_and_are_ordered_anew_then(office):
    await connected(office, units=(NORTH, SOUTH))
    case = await ended(office, units=(Unit(NORTH.name),))

    until = beginning_of(TODAY + timedelta(days=1))
    assert (case.state, case.closed_at, case.decisions[-1].last_day) == (State.TERMINATED, NOW, TODAY)
    assert await rows(office) == [(NORTH.name, until, case.id), ("Södra", None, None)]
    with pytest.raises(errors.AlreadyConnected):
        await office.place(units=(NORTH,), key="V2")
    office.clock.forward(days=1)
    with pytest.raises(errors.AlreadyConnected):
        await office.place(units=(SOUTH,), key="V3")
    assert await office.place(units=(NORTH,), key="V4")


async def test_an_end_says_what_each_payer_paid_again_and_again_for_the_units_that_end(office):
    await connected(office, units=(NORTH, SOUTH))
    case = await end(office, units=(NORTH,))

    assert case.order.ending_costs == {Payer.CUSTOMER: Cost(0, 120_000, Period.YEAR)}
    assert case.order.first_year_ore(Side.CUSTOMER) == 0


async def test_a_unit_is_ended_by_what_it_was_called_before_too(office):
    await connected(office, units=(NORTH,))
    await office.change(HELD, HELD.c.id == 1, valid_to=NOW)
    await connected(office, units=(Unit("Nya Norra", NORTH.hsa_id),), key="V2")
    case = await ended(office, units=(Unit(NORTH.name),))

    assert [ended_by for *_, ended_by in await rows(office)] == [None, case.id]


async def test_what_names_no_unit_ends_as_a_whole(office):
    await connected(office)
    case = await ended(office, last_day=TODAY - timedelta(days=1))

    assert await rows(office) == [(None, beginning_of(TODAY), case.id)]


async def test_what_names_no_unit_comes_beside_what_goes_through_another_agent(office):
    """Nothing ends that no order says it replaces."""
    await office.change(tables.offers, tables.offers.c.id == NPO_AGENT, needs_units=False)
    await connected(office, **via_agent() | {"units": ()})
    await connected(office, **via_agent() | {"units": (SOUTH,), "key": "V2"})
    await office.change(HELD, HELD.c.id.is_not(None), agent_id=CLINIC)
    case = await office.press(
        await office.place(**via_agent() | {"units": (), "key": "V3", "existing": Existing.ADD}),
        HELENA,
        Action.APPROVE,
        certified=True,
    )
    case = await office.attest(await office.attest(case, AMIR), BO)
    case = await office.press(case, KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.INFORM_AGENT, message="Ni kan börja")

    assert [ended_by for *_, ended_by in await rows(office)] == [None, None, None]


async def test_through_an_agent_nobody_there_is_asked_and_its_orderers_are_told_at_the_end(office):
    held = {"offer": NPO_AGENT, "agent": AGENT, "units": (NORTH,)}
    await connected(office, **via_agent() | held)
    case = await ended(office, **held)

    assert [each.person for each in case.decisions if each.organisation == AGENT] == []
    told = {(card.kind, card.person_id) for card in await office.cards(case_id=case.id) if card.part == "agent_handler"}
    assert told == {("outcome", HELENA), ("outcome", ASTA)}
    assert (await rows(office))[-1][2] == case.id


@pytest.mark.parametrize("values", [{"organisation_id": CLINIC}, {"valid_to": NOW}, {"agent_id": CLINIC}])
async def test_nobody_ends_what_is_anothers_or_over_or_goes_another_way(office, values):
    await connected(office, units=(NORTH,))
    await office.change(HELD, HELD.c.id.is_not(None), **values)

    with pytest.raises(errors.FormError):
        await end(office, units=(NORTH,))


@pytest.mark.parametrize(
    "values",
    [{"organisation_id": CLINIC}, {"offer_id": NPO_AGENT}, {"agent_id": AGENT}, {"valid_to": NOW - timedelta(days=9)}],
)
async def test_what_is_connected_beside_it_does_not_end_with_it(office, values):
    case = await connected(office, units=(NORTH,))
    beside = next(connections_of(case, NOW - timedelta(days=20))) | values
    await office.database.write(lambda connection: connection.execute(HELD.insert().values(beside)))

    ended_by = await ended(office, units=(NORTH,))

    assert [row[2] for row in await rows(office)] == [ended_by.id, None]


async def test_where_nobody_may_attest_nothing_is_ended(office):
    await connected(office, units=(NORTH,))
    await office.change(tables.role_assignments, tables.role_assignments.c.role == "attestant", valid_to=NOW)

    with pytest.raises(errors.NoAttestant):
        await end(office, units=(NORTH,))


async def test_what_is_over_meanwhile_gets_no_last_day(office):
    await connected(office, units=(NORTH,))
    case = await office.attest(await end(office, units=(NORTH,)), BO)
    case = await office.press(case, KARIN, Action.CLAIM)
    await office.change(HELD, HELD.c.id.is_not(None), valid_to=NOW)

    with pytest.raises(errors.FormError) as told:
        await office.press(case, KARIN, Action.CONFIRM_END, last_day=TODAY)
    assert told.value.facts["fields"] == {"last_day": "not_connected"}
    assert await rows(office) == [(NORTH.name, NOW, None)]


async def test_two_at_once_are_one(office):
    await connected(office, units=(NORTH,))
    case = await end(office, units=(NORTH,))

    with pytest.raises(errors.DuplicateOrder) as told:
        await end(office, units=(NORTH,), key="T2")
    assert told.value.facts["case"] == case.id


async def test_without_a_day_nothing_is_confirmed(office):
    await connected(office, units=(NORTH,))
    case = await office.attest(await end(office, units=(NORTH,)), BO)
    case = await office.press(case, KARIN, Action.CLAIM)

    with pytest.raises(errors.FormError):
        await office.press(case, KARIN, Action.CONFIRM_END)
