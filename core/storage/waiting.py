"""Reads what waits for a person: the database narrows it down, and the conditions of the flows table decide."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from core.db import to_micros
from core.judge import offered
from core.order import SOMEBODY, Situation
from core.ports import Waiting
from core.storage.coding import case_from_row
from core.words import PART_WAITED_FOR, ROLES_OF, CaseId, Part, PersonId, State


class Place(NamedTuple):
    """Where a page begins: after this case."""

    since: int
    case: str


FIRST = Place(-1, "")
HELD = """r.person_id = :person AND r.valid_from <= :at AND (r.valid_to IS NULL OR r.valid_to > :at)
          AND r.role IN ({roles})"""
PAGE = "(c.waiting_since, c.id) > (:since, :after) ORDER BY c.waiting_since, c.id LIMIT :batch"
BRANCHES: dict[State, str] = {
    State.AWAITING_AGENT_APPROVAL: "c.agent_id = r.organisation_id AND c.orderer_id <> :person",
    State.AWAITING_AGENT_ATTEST: """c.agent_id = r.organisation_id AND c.orderer_id <> :person
        AND (c.chosen_attestant_id IS NULL OR c.chosen_attestant_id = :person)""",
    State.AWAITING_CUSTOMER_ATTEST: """c.customer_id = r.organisation_id
        AND (c.orderer_id <> :person OR (SELECT self_attest_allowed FROM organisations WHERE id = c.customer_id))""",
}


def _branch(state: State, condition: str) -> str:
    return f"""SELECT * FROM (
        SELECT c.id, c.waiting_since FROM role_assignments r JOIN cases c ON {condition}
        WHERE {_held(PART_WAITED_FOR[state])} AND c.state = '{state}' AND {PAGE}) AS {state}"""  # noqa: S608 - made of constants


def _customer_service() -> str:
    return f"""SELECT * FROM (
        SELECT c.id, c.waiting_since FROM cases c
        WHERE c.state = '{State.AWAITING_CUSTOMER_SERVICE}' AND (c.claimed_by_id IS NULL OR c.claimed_by_id = :person)
          AND EXISTS (SELECT 1 FROM role_assignments r WHERE {_held(Part.CUSTOMER_SERVICE)}) AND {PAGE}) AS inera"""  # noqa: S608 - made of constants


def _held(part: Part) -> str:
    return HELD.format(roles=", ".join(f"'{role}'" for role in sorted(ROLES_OF[part])))


WHOLE = """c.*, customer.self_attest_allowed AS customer_alone, agent.self_attest_allowed AS agent_alone
    FROM cases c JOIN organisations customer ON customer.id = c.customer_id
    LEFT JOIN organisations agent ON agent.id = c.agent_id"""
WAITING = text(f"""
    SELECT {WHOLE} JOIN ({" UNION ALL ".join([*map(_branch, BRANCHES, BRANCHES.values()), _customer_service()])}) AS w
        ON w.id = c.id JOIN persons ON persons.id = :person AND persons.active
    ORDER BY c.waiting_since, c.id LIMIT :batch""")
ONE = text(f"SELECT {WHOLE} WHERE c.id = :case")


def read_waiting(
    connection: Connection, person: PersonId, at: datetime, after: CaseId | None, limit: int
) -> list[Waiting]:
    """Cases the person may decide or take now, longest waiting first. A page after a case that has left begins anew."""
    place = FIRST if after is None else _place(connection, person, after)
    found: dict[CaseId, Waiting] = {}
    for row in _candidates(connection, person, at, place, limit):
        case = CaseId(row.id)
        if case not in found and _may_act(row, person):
            found[case] = Waiting(case, PART_WAITED_FOR[State(row.state)])
        if len(found) == limit:
            break
    return list(found.values())


def _candidates(connection: Connection, person: PersonId, at: datetime, place: Place, limit: int) -> Iterator[Row[Any]]:
    while True:
        values = {"person": person, "at": to_micros(at), "since": place.since, "after": place.case, "batch": limit}
        rows = connection.execute(WAITING, values).all()
        yield from rows
        if len(rows) < limit:
            return
        place = Place(rows[-1].waiting_since, rows[-1].id)


def _place(connection: Connection, person: PersonId, after: CaseId) -> Place:
    row = connection.execute(ONE, {"case": after}).one_or_none()
    waits = row is not None and State(row.state) in PART_WAITED_FOR and _may_act(row, person)
    return Place(row.waiting_since, row.id) if row is not None and waits else FIRST


def _may_act(row: Row[Any], person: PersonId) -> bool:
    # Roles are held against the case by the statement; separation of duties and choices by the table's conditions.
    situation = Situation(
        case=case_from_row(row),
        person=person,
        roles={},
        holders=SOMEBODY,
        self_attest_allowed=bool(row.customer_alone),
        agent_self_attest_allowed=bool(row.agent_alone),
    )
    return bool(offered(situation, PART_WAITED_FOR[situation.case.state]))
