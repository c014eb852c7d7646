"""Everything again, as somebody else's: whatever forgets to ask whose a row is meets one that is not its own."""

import hashlib
from collections.abc import Mapping, Set
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, insert, select

from core.storage import tables
from core.storage.tables import metadata
from tests.support.world.seed import LONG_AGO, NOW

Row = dict[str, Any]
Rows = list[Row]
World = Mapping[str, Rows]
FAR = NOW + timedelta(days=1000)

PERSON, ORGANISATION, SERVICE, OFFER, CASE, WORKSPACE = "person", "organisation", "service", "offer", "case", "space"
# What the columns name.
NAMED: Mapping[str, Set[str]] = {
    PERSON: {"persons.id", "person_id", "orderer_id", "chosen_attestant_id", "claimed_by_id", "absent_id"}
    | {"substitute_id", "created_by", "changed_by", "about_id", "granted_by"},
    ORGANISATION: {"organisations.id", "organisation_id", "customer_id", "agent_id"},
    SERVICE: {"services.id", "service_id"},
    OFFER: {"offers.id", "offer_id"},
    CASE: {"cases.id", "case_id", "ended_by_id"},
    WORKSPACE: {"workspaces.id", "workspace_id", "issuer"},
}
# What is one row's alone, whatever it is about.
DIGESTS = frozenset({"hash", "attempt", "document_hash", "link_hash", "code_hash", "browser_hash", "state_hash"})
OWN = DIGESTS | frozenset({"cards.id", "personal_links.id", "proofs.id", "api_keys.id", "attachments.id", "form"}) | {
    "sign_ins.id", "sessions.id", "install_links.id",
    "team_id", "email", "org_number", "applicant_number", "channel", "ts",
}  # fmt: skip
NUMBERS = frozenset({"org_number", "applicant_number"})
TEXTS = frozenset({"content", "decisions", "progress", "evidence"})
# There is one chain of seals and one protocol of purges; paces and the forms that were sent are about no case.
ALONE = frozenset(
    {"seals", "checkpoints", "seal_heads", "history_purges", "install_links", "paces", "submissions", "schema_support"}
    # A week is told of by a clock that nobody has here.
    | {"weekly_reports", "report_pictures"}
)
NOTHING_IN_COMMON = 7
TYPES = ("kundavtal", "agentavtal")


def neighbours(connection: Connection) -> Mapping[str, Rows]:
    """Move in beside whoever is there; the rows that are the neighbours', by table.

    Other cases of the same people, the same people elsewhere, other services, and in the same organisations colleagues
    who no longer have their roles, do not have them yet, or have left. Last, another world with nothing in common.
    """
    rows, added = everything(connection), dict[str, Rows]()
    for new in (
        _others(rows, 1, {CASE}),
        _others(rows, 2, {ORGANISATION, CASE}),
        _others(rows, 3, {SERVICE, OFFER, CASE}),
        _at_other_times(_others(rows, 4, {PERSON, CASE}), valid_from=LONG_AGO, valid_to=NOW),
        _at_other_times(_others(rows, 5, {PERSON, CASE}), valid_from=NOW + tables.MICROSECOND, valid_to=FAR),
        _left(_others(rows, 6, {PERSON, CASE})),
        _others(rows, NOTHING_IN_COMMON, {PERSON, ORGANISATION, SERVICE, OFFER, CASE, WORKSPACE}),
        _over(rows),
    ):
        for table in metadata.sorted_tables:
            added.setdefault(table.name, []).extend(_add(connection, table, new.get(table.name, []), rows))
    return added


def everything(connection: Connection) -> World:
    """Every row of every table."""
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in metadata.sorted_tables
    }


def _others(rows: World, number: int, kinds: Set[str]) -> World:
    """Every row that names something of some kinds, as it is of another one.

    An organisation has one agreement of a type at a time, so others of the same one had ended before all that is there.
    """
    known = _ids(rows, kinds)
    rows = rows if ORGANISATION in kinds else {**rows, "agreements": _earlier(rows["agreements"], number)}
    return {
        table: [_other(table, row, number, kinds, known) for row in of_table if _names(table, row, kinds)]
        for table, of_table in rows.items()
        if table not in ALONE
    }


def _earlier(agreements: Rows, number: int) -> Rows:
    began, ended = (LONG_AGO - timedelta(days=100 * (number + past)) for past in (1, 0))
    return [{**row, "valid_from": began, "ended_at": ended} for row in agreements]


def _ids(rows: World, kinds: Set[str]) -> Set[str]:
    tables = {table for kind in kinds for table, _, column in (each.partition(".") for each in NAMED[kind]) if column}
    return {row["id"] for table in tables for row in rows[table]}


def _names(table: str, row: Row, kinds: Set[str]) -> bool:
    return any(value is not None and _kind(table, column) in kinds for column, value in row.items())


def _kind(table: str, column: str) -> str | None:
    return next((kind for kind, named in NAMED.items() if {column, f"{table}.{column}"} & named), None)


def _other(table: str, row: Row, number: int, kinds: Set[str], known: Set[str]) -> Row:
    return {column: _renamed(table, column, value, number, kinds, known) for column, value in row.items()}


def _renamed(table: str, column: str, value: Any, number: int, kinds: Set[str], known: Set[str]) -> Any:
    if not isinstance(value, str):
        return value
    if column in TEXTS:
        for each in known:
            value = value.replace(f'"{each}"', f'"{_another("id", each, number)}"')
        return value
    is_own = OWN & {column, f"{table}.{column}"}
    # Where the rest is the same a key, an account or a unit must be another; else it is the same on purpose.
    is_own = is_own or (column == "key" and PERSON not in kinds)
    is_own = is_own or (column == "subject" and WORKSPACE not in kinds)
    is_own = is_own or (column in {"unit_key", "unit_name_key"} and not kinds & {ORGANISATION, OFFER})
    return _another(column, value, number) if is_own or _kind(table, column) in kinds else value


def _another(column: str, value: str, number: int) -> str:
    digest = hashlib.sha256(f"{value}~{number}".encode()).hexdigest()
    if column in DIGESTS:
        return digest
    if column in NUMBERS:
        return f"{int(digest, 16) % 10**10:010}"
    # Some come after whose row it is, and some before: what takes the first that it finds takes the wrong one.
    return f"{number}~{value}" if column == "email" or number == NOTHING_IN_COMMON else f"{value}~{number}"


def _at_other_times(rows: World, **times: Any) -> World:
    lasting = ("role_assignments", "substitutions")
    return {table: [{**row, **times} if table in lasting else row for row in of] for table, of in rows.items()}


def _left(rows: World) -> World:
    return {**rows, "persons": [{**row, "active": False} for row in rows["persons"]]}


def _over(rows: World) -> World:
    """What the same people and organisations had until this moment, and prices of before."""
    held = {(row["person_id"], row["organisation_id"], row["role"]) for row in rows["role_assignments"]}
    roles = [{**row, "role": "administrator", "valid_to": NOW} for row in rows["role_assignments"]]
    made = {(row["organisation_id"], row["type"]) for row in rows["agreements"]}
    before = {"valid_from": date(2020, 1, 1), "valid_to": date(2023, 12, 31)}
    no_document = {"case_id": None, "document_version": None, "document_hash": None}
    return {
        "role_assignments": [
            each for each in roles if (each["person_id"], each["organisation_id"], "administrator") not in held
        ],
        "agreements": [
            *(
                {**row, "type": kind, "ended_at": NOW, "case_id": None}
                for row in rows["agreements"]
                for kind in TYPES
                if (row["organisation_id"], kind) not in made and row["valid_from"] is not None
            ),
            *({**row, **no_document} for row in _earlier(rows["agreements"], 0)),
        ],
        "price_items": [{**row, **before} for row in rows["price_items"]],
    }


def _add(connection: Connection, table: Table, new: Rows, rows: World) -> Rows:
    """Insert those whose key is free; what the database numbers gets numbers below all that it gives."""
    (first, *_) = keys = [column.name for column in table.primary_key]
    if isinstance(table.c[first].type, Integer) and keys == ["id"]:
        lowest = connection.execute(select(func.min(table.c.id))).scalar() or 0
        # In a trigger of SQLite -1 is an id that is not known yet.
        new = [{**row, "id": min(lowest, -9) - place} for place, row in enumerate(new, 1)]
    taken = {tuple(row[each] for each in keys) for row in rows[table.name]}
    new = [row for row in new if tuple(row[each] for each in keys) not in taken]
    if new:
        connection.execute(insert(table), new)
    return new
