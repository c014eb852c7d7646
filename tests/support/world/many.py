"""Rows by the thousand: orders copied from one that was really placed, and people who have nothing to do with them."""

from itertools import count as count_from
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, insert, select

from core.api import CaseId, new_id
from core.storage import tables
from tests.support.world import seed

Rows = list[dict[str, Any]]
Copy = dict[str, Rows]
CHANNEL = "D0MANY00001"
# A card that can be pressed has been posted, and nothing is owed on it.
POSTED = {"workspace_id": seed.TEAM, "channel": CHANNEL, "does_show": 1, "due_at": None}
# Among thousands drawn by lot two are the same now and then; none that is drawn has a zero or a one.
_numbers = count_from()


def rows_of(connection: Connection, case: CaseId) -> Copy:
    """Everything a case has, by table."""
    words = tables.case_words.c.case_id
    columns = (tables.cases.c.id, tables.case_units.c.case_id, words, tables.history.c.case_id, tables.cards.c.case_id)
    return {column.table.name: _rows(connection, column, case) for column in columns}


def copies(template: Copy, count: int) -> list[Copy]:
    """Other cases like it, their cards posted."""
    return [_copy(template, f"B-{next(_numbers):07}") for _ in range(count)]


def add(connection: Connection, orders: list[Copy]) -> None:
    """Insert copies."""
    for name in orders[0]:
        # An order without units has no words to be found by.
        if rows := [row for order in orders for row in order[name]]:
            connection.execute(insert(tables.metadata.tables[name]), rows)


def add_crowd(connection: Connection, count: int) -> None:
    """Organisations with all that the register holds of one, so that it is no small table either."""
    crowd = [f"X{number:06}" for number in range(count)]
    connection.execute(insert(tables.organisations), [_organisation(each, number) for number, each in enumerate(crowd)])
    connection.execute(insert(tables.persons), [_person(each) for each in crowd])
    connection.execute(insert(tables.role_assignments), [_role(each) for each in crowd])
    connection.execute(insert(tables.identities), [_identity(each) for each in crowd])
    absences = [_substitution(each, other) for each, other in pairwise(crowd)]
    connection.execute(insert(tables.substitutions), absences)
    connection.execute(insert(tables.agreements), [_agreement(each) for each in crowd])
    connection.execute(insert(tables.agent_assignments), [_assignment(each) for each in crowd])


def timestamp(card: str) -> str:
    """Where a copied card stands in the channel; any text will do, so long as it is the card's alone."""
    return f"1700000000.{card}"


def _rows(connection: Connection, column: Any, case: CaseId) -> Rows:
    return [dict(row) for row in connection.execute(select(column.table).where(column == case)).mappings()]


def _copy(template: Copy, case: str) -> Copy:
    return {name: [_renamed(row, case) for row in rows] for name, rows in template.items()}


def _renamed(row: dict[str, Any], case: str) -> dict[str, Any]:
    if "case_id" not in row:
        return row | {"id": case}
    copied = row | {"case_id": case}
    if "must_show" in row:
        card = new_id("C")
        return copied | {"id": card, "ts": timestamp(card)} | POSTED
    copied.pop("id", None)
    return copied


def _organisation(id_: str, number: int) -> dict[str, Any]:
    return {
        "id": f"O-{id_}",
        "name": id_,
        "org_number": f"{9_000_000_000 + number}",
        "org_number_is_personal": False,
        "kinds": ["customer"],
        "category": "region",
    }


def _person(id_: str) -> dict[str, Any]:
    return {"id": f"P-{id_}", "name": id_, "email": f"{id_}@example.org", "language": "sv"}


def _role(id_: str) -> dict[str, Any]:
    return {
        "person_id": f"P-{id_}",
        "organisation_id": f"O-{id_}",
        "role": "attestant",
        "valid_from": seed.LONG_AGO,
        "granted_by": "many",
    }


def _substitution(absent: str, substitute: str) -> dict[str, Any]:
    return {
        "absent_id": f"P-{absent}",
        "substitute_id": f"P-{substitute}",
        "organisation_id": f"O-{absent}",
        "role": "attestant",
        "valid_from": seed.LONG_AGO,
        "valid_to": seed.NOW,
        "created_by": "many",
    }


def _agreement(id_: str) -> dict[str, Any]:
    return {"organisation_id": f"O-{id_}", "type": "kundavtal", "valid_from": seed.LONG_AGO}


def _assignment(id_: str) -> dict[str, Any]:
    return {"agent_id": f"O-{id_}", "service_id": "npo", "valid_from": seed.LONG_AGO}


def _identity(id_: str) -> dict[str, Any]:
    return {
        "issuer": seed.TEAM,
        "subject": f"U{id_}",
        "person_id": f"P-{id_}",
        "state": "confirmed",
        "at": seed.LONG_AGO,
    }
