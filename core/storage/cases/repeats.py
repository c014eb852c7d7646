"""Wishes that come again: each is kept by whose it was, its key, and a fingerprint of what it asked for."""

import hashlib
import json
from dataclasses import asdict

from sqlalchemy import Connection, insert, select, text

from core.shared.errors import KeyReused
from core.shared.vocabulary import CaseId, PersonId
from core.storage.context.coding import case_from_row
from core.storage.tables import placements
from core.workflow.case import Case
from core.workflow.commands import Apply, PlaceOrder

# Who asks and from where says nothing of what is asked for.
_ASIDE = frozenset({"by", "key", "surface"})
# Raw numbers, as the press reads them: the typed columns would turn instants into datetimes first.
_CASE = text("SELECT * FROM cases WHERE id = :case")


def made_before(connection: Connection, person: PersonId, wish: PlaceOrder | Apply) -> Case | None:
    """The case that a wish has made already. Raises KeyReused where its key came with another wish."""
    mine = (placements.c.person_id == person, placements.c.key == wish.key)
    row = connection.execute(select(placements.c.fingerprint, placements.c.case_id).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != _fingerprint(wish):
        raise KeyReused(case=row.case_id)
    return read_case(connection, row.case_id)


def note_made(connection: Connection, person: PersonId, wish: PlaceOrder | Apply, case: CaseId) -> None:
    """Know the wish by its key from now on."""
    row = {"person_id": person, "key": wish.key, "fingerprint": _fingerprint(wish), "case_id": case}
    connection.execute(insert(placements), row)


def read_case(connection: Connection, case: CaseId) -> Case | None:
    """The case with a number."""
    row = connection.execute(_CASE, {"case": case}).one_or_none()
    return None if row is None else case_from_row(row)


def _fingerprint(wish: PlaceOrder | Apply) -> str:
    content = {name: value for name, value in asdict(wish).items() if name not in _ASIDE}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
