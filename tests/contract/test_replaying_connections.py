"""What is connected is what history says that cases began and ended, and what is not is named, whoever wrote it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from core.api import Action, Flow, Unit
from core.audit.differences import Differs
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.audit import connection_records, connection_walk, replaying
from core.storage.audit.replaying import replay
from tests.contract.archive import Archive
from tests.contract.ledger import Ledger
from tests.contract.office import open_office, via_agent
from tests.contract.test_connections import HELD, ended
from tests.support.world.baseline import baselines, write_baseline
from tests.support.world.seed import AGENT, AMIR, BO, CLINIC, HELENA, KARIN, LONG_AGO, NOW, NPO_AGENT

NORTH, SOUTH, EAST = Unit("Norra", "SE2321000016-N1"), Unit("Södra"), Unit("Östra")
LINES = tables.history.c.kind == "connection"
NAMED = {Differs.CONNECTION, Differs.NOT_ENDED, Differs.LINE}


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    await made.database.write(make_agent)
    await made.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield made
    await made.database.close()


def make_agent(connection):
    """Let the clinic convey what the agent does, by the same people."""
    agreed = {"organisation_id": CLINIC, "type": "agentavtal", "valid_from": LONG_AGO}
    connection.execute(insert(tables.agreements).values(agreed))
    given = {"agent_id": CLINIC, "service_id": "npo", "valid_from": LONG_AGO}
    connection.execute(insert(tables.agent_assignments).values(given))
    for person, role in ((HELENA, "agent_handler"), (AMIR, "attestant")):
        held = {"person_id": person, "role": role, "granted_by": KARIN, "valid_from": LONG_AGO}
        connection.execute(insert(tables.role_assignments).values(organisation_id=CLINIC, **held))


async def terminate(office, key, last_day, **changes):
    case = await office.place(flow=Flow.TERMINATION, invoice_ref="", key=key, **changes)
    case = await office.press(await office.attest(case, BO), KARIN, Action.CLAIM)
    return await office.press(case, KARIN, Action.CONFIRM_END, last_day=last_day)


@pytest.fixture
async def lived(office):
    """Orders direct and through an agent, ends of some units and of all, and a change of agent after such an end."""
    today = day_of(NOW)
    await ended(office, units=(NORTH, SOUTH, EAST))
    await ended(office, **via_agent() | {"units": (NORTH, SOUTH)})
    await terminate(office, "T1", today + timedelta(days=9), units=(NORTH,))
    await terminate(office, "T2", today, units=(SOUTH, EAST))
    await terminate(office, "T3", today + timedelta(days=9), offer=NPO_AGENT, agent=AGENT, units=(NORTH, SOUTH))
    anew = {"agent": CLINIC, "change_of_agent": True, "key": "A2"}
    await ended(office, **via_agent() | anew | {"units": (NORTH,)})
    office.clock.forward(days=10)
    await ended(office, key="V3", units=(SOUTH,))


async def differences(office):
    found = await replay(office.database)
    assert {each.kind for each in found.differences} <= NAMED, found.differences
    return found.differences


async def test_what_nobody_touched_is_what_cases_began_and_ended(office, lived, monkeypatch):
    whole = await replay(office.database)
    monkeypatch.setattr(replaying, "PAGE", 2)
    monkeypatch.setattr(connection_walk, "PAGE", 2)
    in_pieces = await replay(office.database)

    assert (whole.differences, whole.connections) == ([], 7)
    assert (in_pieces.differences, in_pieces.connections) == ([], 7)


async def test_of_many_units_each_row_of_history_tells_of_some(office, monkeypatch):
    monkeypatch.setattr(connection_records, "ENTRIES", 2)
    case = await ended(office, units=(NORTH, SOUTH, EAST))
    query = select(tables.history.c.evidence).where(LINES, tables.history.c.case_id == case.id)
    told = await office.database.read(lambda connection: connection.execute(query).scalars().all())

    assert [len(json.loads(each)["connections"]) for each in told] == [2, 1]
    assert "Norra" not in str(told)
    # Each of the rows tells of a part of what the case connects.
    assert await differences(office) == []


CHANGED = {
    "organisation_id": CLINIC,
    "service_id": "npo",
    "offer_id": NPO_AGENT,
    "agent_id": CLINIC,
    "unit_key": "annan",
    "unit_name_key": " annan",
    "unit_name": "Annan",
    "unit_hsa_id": "SE2321000016-X",
    "valid_from": NOW - timedelta(days=1),
    "valid_to": NOW + timedelta(days=1),
    "confirmed_at": NOW,
}


@pytest.mark.parametrize("column", CHANGED)
@pytest.mark.parametrize("number", [1, 7])
async def test_a_connection_that_is_changed_by_hand_is_named_once(office, lived, column, number):
    await office.change(HELD, HELD.c.id == number, **{column: CHANGED[column]})

    assert [(each.kind, each.about) for each in await differences(office)] == [(Differs.CONNECTION, str(number))]


ENDS = {
    "begun anew": {"valid_to": None, "ended_by_id": None},
    "at another instant": {"valid_to": NOW + timedelta(days=3)},
    "by another": {"ended_by_id": select(HELD.c.case_id).where(HELD.c.id == 1).scalar_subquery()},
}


@pytest.mark.parametrize("how", ENDS)
async def test_an_end_that_is_moved_by_hand_is_named_once(office, lived, how):
    """Of the connection that ended by a change of agent, and was to end later by a termination before that."""
    ends = select(HELD).where(HELD.c.agent_id == AGENT, HELD.c.unit_name == "Norra")
    row = await office.database.read(lambda connection: connection.execute(ends).one())
    assert row.valid_to == NOW
    await office.change(HELD, HELD.c.id == row.id, **ENDS[how])

    assert [(each.kind, each.about) for each in await differences(office)] == [(Differs.CONNECTION, str(row.id))]


async def test_an_end_that_is_put_back_to_an_earlier_one_is_named(office, lived):
    cases = tables.cases.c
    earlier = select(cases.id).where(cases.flow == Flow.TERMINATION, cases.offer_id == NPO_AGENT)
    (case,) = await office.database.read(lambda connection: connection.execute(earlier).scalars().all())
    query = select(HELD.c.valid_to).where(HELD.c.ended_by_id == case)
    until = await office.database.read(lambda connection: connection.execute(query).scalar_one())
    which = (HELD.c.agent_id == AGENT) & (HELD.c.unit_name == "Norra")
    await office.change(HELD, which, valid_to=until, ended_by_id=case)

    assert [each.kind for each in await differences(office)] == [Differs.CONNECTION]


async def test_a_connection_that_is_removed_or_added_by_hand_is_named(office, lived):
    def tamper(connection):
        row = dict(connection.execute(select(HELD).where(HELD.c.id == 2)).mappings().one())
        connection.execute(delete(HELD).where(HELD.c.id == 2))
        connection.execute(insert(HELD).values(row | {"id": 4_000_000_000}))

    await office.database.write(tamper)
    found = await differences(office)

    assert [(each.about, bool(each.expected), bool(each.stands)) for each in found] == [
        ("2", True, False),
        ("4000000000", False, True),
    ]


async def test_of_many_that_are_gone_some_are_named_and_the_rest_counted(office, lived, monkeypatch):
    monkeypatch.setattr(connection_walk, "NAMED", 2)
    await office.database.write(lambda connection: connection.execute(delete(HELD)))
    found = await replay(office.database)

    assert [each.kind for each in found.differences] == [Differs.CONNECTION] * 2
    assert (found.unnamed > 0, found.holds) == (True, False)


WHOLE = {"unit_key": "", "unit_name_key": None, "unit_name": None, "unit_hsa_id": None}
FORGED = {
    "of a case that waits": ("waits", "began", WHOLE),
    "of another unit": ("ended", "began", {"unit_name": "En till"}),
    "by another case": ("ended", "ended", {}),
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_line_that_its_case_did_not_make_is_named_though_the_table_agrees(office, how):
    which, action, changes = FORGED[how]
    cases = {"waits": await office.place(key="W1"), "ended": await ended(office, units=(NORTH,))}

    def forge(connection):
        row = dict(connection.execute(select(HELD)).mappings().one())
        row |= {"id": 99, "case_id": cases[which].id} | changes
        connection.execute(insert(HELD).values(row))
        made = connection.execute(select(HELD).where(HELD.c.id == 99)).one()
        entry = [99, *connection_records.kept_connection(connection_records.connection_of(made))]
        line = {"kind": "connection", "action": action, "at": NOW, "surface": "slack", "case_id": cases[which].id}
        facts = {"evidence": json.dumps({"connections": [entry]})}
        connection.execute(insert(tables.history).values(line | facts))

    await office.database.write(forge)

    assert [each.kind for each in await differences(office)] == [Differs.NOT_ENDED]


async def test_a_line_that_cannot_be_read_is_named(office, lived):
    line = {"kind": "connection", "action": "began", "at": NOW, "surface": "slack", "evidence": '{"connections":[[1]]}'}
    await office.database.write(lambda connection: connection.execute(insert(tables.history).values(line)))

    assert [each.kind for each in await differences(office)] == [Differs.LINE]


async def test_what_stood_before_history_told_of_it_is_held_against_the_baseline(office):
    """And what ends or changes of it later against the later line."""
    await ended(office, units=(NORTH, SOUTH, EAST))
    await Ledger(office.url, office.database, office.clock).tamper("DELETE FROM history WHERE kind = 'connection'")
    untold = await differences(office)
    await office.database.write(lambda connection: baselines[-1](connection, NOW))
    told = await differences(office)
    await terminate(office, "T1", day_of(NOW), units=(SOUTH,))
    ended_since = await differences(office)
    await office.change(HELD, HELD.c.id.in_([1, 2]), valid_to=NOW + timedelta(days=9), ended_by_id=None)
    await office.database.write(lambda connection: connection.execute(delete(HELD).where(HELD.c.id == 3)))

    assert [each.about for each in untold] == ["1", "2", "3"]
    assert (told, ended_since) == ([], [])
    assert [each.about for each in await differences(office)] == ["1", "2", "3"]


async def test_what_a_purge_takes_of_history_it_carries_on(office, lived):
    """Purged twice: what the first one carried, and what ended since then."""
    archive = Archive(office)
    await archive.drain()
    gone = await archive.after(days=12 * 366)
    carried = await differences(office)
    await terminate(office, "T9", day_of(office.clock()), units=(SOUTH,))
    since = await differences(office)
    again = await archive.after(days=12 * 366)
    await archive.after(days=366)
    left = await archive.rows(tables.history, LINES)
    whole = await differences(office)
    await office.change(HELD, HELD.c.id.in_([1, 7]), unit_name="Annan")
    await office.database.write(lambda connection: connection.execute(delete(HELD).where(HELD.c.id == 3)))

    assert gone["history"] > 0 and again["history"] > 0  # noqa: PT018 - both
    assert (carried, since, whole, left) == ([], [], [], [])
    assert [each.about for each in await differences(office)] == ["1", "3", "7"]
