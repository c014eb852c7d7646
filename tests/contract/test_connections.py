"""What the end of an order connects, on both databases: a row for each unit, with the decision, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from core.api import Action, Asking, Unit
from core.shared import errors
from core.storage import tables
from core.storage.context.standings import Wished, refused_units
from core.storage.reads.queries import SqlQueries
from tests.contract.office import Office, open_office, via_agent
from tests.support.world.seed import AGENT, AMIR, BO, CLINIC, HELENA, KARIN, NOW, REGION, SITHS

NORTH, SOUTH = Unit("Norra  mottagningen", "SE2321000016-n1"), Unit("Södra")
SEND, INFORM = (Action.SEND_INSTRUCTIONS, "Gör så här"), (Action.INFORM_AGENT, "Ni kan börja")
HELD = tables.connections


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def claimed(office, **changes):
    """A case that lacks only what ends it."""
    return await decided(office, await office.place(**changes))


async def decided(office, case):
    """A placed order once everybody has said yes."""
    if case.agent is not None:
        case = await office.press(case, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
        case = await office.attest(case, AMIR)
    return await office.press(await office.attest(case, BO), KARIN, Action.CLAIM)


async def ended(office, **changes):
    return await carried_out(office, await claimed(office, **changes))


async def carried_out(office, case):
    """The case after what ends it."""
    action, message = SEND if case.agent is None else INFORM
    return await office.press(case, KARIN, action, message=message)


async def rows(office) -> list[dict[str, Any]]:
    query = select(HELD).order_by(HELD.c.id)
    found = await office.database.read(lambda connection: connection.execute(query).mappings().all())
    return [{name: value for name, value in row.items() if name != "id" and value is not None} for row in found]


def begun(case, service, **values):
    about = {"organisation_id": REGION, "service_id": service, "offer_id": case.order.offer, "case_id": case.id}
    return about | {"valid_from": NOW, "unit_key": ""} | values


NAMED = {"unit_name": NORTH.name, "unit_hsa_id": NORTH.hsa_id}
KEPT = {"unit_key": "SE2321000016-N1", "unit_name_key": " norra mottagningen"}


async def test_instructions_connect_each_unit_and_nobody_has_confirmed_it(office):
    case = await claimed(office, units=(NORTH, SOUTH))
    before = await rows(office)
    case = await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")

    assert before == []
    assert await rows(office) == [
        begun(case, "siths", **NAMED | KEPT),
        begun(case, "siths", unit_key="södra", unit_name="Södra"),
    ]


async def test_the_go_ahead_connects_through_the_agent(office):
    case = await ended(office, **via_agent() | {"units": (SOUTH,)})

    assert await rows(office) == [begun(case, "npo", agent_id=AGENT, unit_key="södra", unit_name="Södra")]


async def test_an_order_without_units_connects_what_it_is_about_as_a_whole(office):
    case = await ended(office)

    assert await rows(office) == [begun(case, "siths")]


async def test_instructions_that_are_sent_again_connect_nothing_more(office):
    case = await ended(office)
    await office.press(case, KARIN, Action.SEND_AGAIN, message="En gång till")

    assert len(await rows(office)) == 1


async def test_units_that_change_agent_end_with_the_earlier_one_when_the_new_one_begins(office):
    """A unit that the new order does not name, one of another service and one that goes through nobody stay."""
    first = await ended(office, **via_agent() | {"units": (NORTH, SOUTH)})
    await office.change(HELD, HELD.c.case_id == first.id, agent_id=CLINIC)
    await ended(office, key="V2", units=(Unit(NORTH.name),))
    last = await ended(office, **via_agent() | {"units": (Unit(NORTH.name),), "key": "V3", "change_of_agent": True})

    found = [(each.get("agent_id"), each["unit_name"], each.get("valid_to")) for each in await rows(office)]
    assert found == [
        (CLINIC, NORTH.name, NOW),
        (CLINIC, "Södra", None),
        (None, NORTH.name, None),
        (AGENT, NORTH.name, None),
    ]
    assert {each.get("ended_by_id") for each in await rows(office)} == {None, last.id}


RENAMED = {
    "under another name": (Unit("Nya Norra", NORTH.hsa_id), Unit(NORTH.name)),
    "under another name, the HSA-id in other letters": (Unit("Nya Norra", NORTH.hsa_id.upper()), Unit(NORTH.name)),
    "without its HSA-id": (Unit(NORTH.name), Unit("Nya Norra", NORTH.hsa_id)),
}


@pytest.mark.parametrize("how", RENAMED)
async def test_a_unit_that_changes_agent_as_something_else_is_found_as_what_it_was(office, how):
    """A unit with an HSA-id is that HSA-id, whatever it is called, and what it was called is found as well."""
    anew, wished = RENAMED[how]
    first = await ended(office, **via_agent() | {"units": (NORTH,)})
    await office.change(HELD, HELD.c.case_id == first.id, agent_id=CLINIC)
    await ended(office, **via_agent() | {"units": (anew,), "key": "V2", "change_of_agent": True})

    with pytest.raises(errors.AlreadyConnected):
        await office.place(**via_agent() | {"units": (wished,), "key": "V3"})
    other = Unit(NORTH.name if anew.hsa_id else "En annan", "SE2321000016-ANNAN")
    assert await office.place(**via_agent() | {"units": (other,), "key": "V4"})


async def test_a_unit_changes_agent_again_by_what_it_was_called_before(office):
    first = await ended(office, **via_agent() | {"units": (NORTH,)})
    await office.change(HELD, HELD.c.case_id == first.id, agent_id=CLINIC)
    anew = via_agent() | {"change_of_agent": True}
    second = await ended(office, **anew | {"units": (Unit("Nya Norra", NORTH.hsa_id),), "key": "V2"})
    await office.change(HELD, HELD.c.case_id == second.id, agent_id=CLINIC)
    third = await ended(office, **anew | {"units": (Unit(NORTH.name),), "key": "V3"})

    found = [(each["case_id"], each.get("ended_by_id")) for each in await rows(office)]
    assert found == [(first.id, second.id), (second.id, third.id), (third.id, None)]


async def test_a_direct_connection_ends_none_through_an_agent(office):
    first = await ended(office, **via_agent() | {"units": (SOUTH,)})
    await office.change(HELD, HELD.c.case_id == first.id, offer_id=SITHS)
    direct = await claimed(office, key="V2", units=(Unit("En annan"),))
    await office.change(HELD, HELD.c.case_id == first.id, unit_key="en annan")
    await office.press(direct, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")

    assert [each.get("valid_to") for each in await rows(office)] == [None, None]


async def test_what_is_connected_follows_an_offer_that_moves_to_another_service(office):
    case = await ended(office, units=(NORTH,))
    await office.change(tables.offers, tables.offers.c.id == case.order.offer, service_id="npo")

    with pytest.raises(errors.AlreadyConnected):
        await office.place(key="V2", units=(NORTH,))
    assert await SqlQueries(office.database).has_service(Asking(KARIN), REGION, case.order.offer, NOW)


async def test_what_began_a_moment_later_by_another_clock_is_connected_all_the_same(office):
    case = await ended(office, units=(NORTH,))
    await office.change(HELD, HELD.c.case_id == case.id, valid_from=NOW + timedelta(seconds=1))

    with pytest.raises(errors.AlreadyConnected):
        await office.place(key="V2", units=(NORTH,))
    assert await SqlQueries(office.database).has_service(Asking(KARIN), REGION, case.order.offer, NOW)


async def test_each_unit_is_found_that_is_kept_by_the_same_name(office):
    case = await ended(office, units=(Unit("Norra"),))
    wished = Wished(
        REGION, case.order.offer, None, (Unit("Norra", "SE2321000016-A"), Unit("Norra", "SE2321000016-B")), False
    )
    refused = await office.database.read(lambda connection: refused_units(connection, wished, NOW))

    assert refused == list(wished.units)


async def test_of_many_presses_at_once_one_connects(office):
    case = await claimed(office)
    pressed = [office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här") for _ in range(8)]
    answers = await asyncio.gather(*pressed, return_exceptions=True)

    refused = [each for each in answers if isinstance(each, BaseException)]
    assert len(refused) == 7
    assert all(isinstance(each, errors.OrderError) for each in refused)
    assert len(await rows(office)) == 1


async def test_an_order_whose_connection_cannot_be_written_has_not_ended(office):
    case = await claimed(office)

    def refuse(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO connections"):
            raise RuntimeError("the disk is full")

    engine = office.database._engine
    target = getattr(engine, "sync_engine", engine)
    event.listen(target, "before_cursor_execute", refuse)
    with pytest.raises(RuntimeError):
        await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Gör så här")
    event.remove(target, "before_cursor_execute", refuse)

    query = select(tables.cases.c.state).where(tables.cases.c.id == case.id)
    state = await office.database.read(lambda connection: connection.execute(query).scalar_one())
    assert (state, await rows(office)) == ("awaiting_customer_service", [])
