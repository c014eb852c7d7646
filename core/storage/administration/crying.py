"""Owes the cards that tell of changes in an organisation's register, each hanging on its line of history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from core.ports.cases import NewId
from core.ports.register import RegisterAnnouncer
from core.register.administration import RegisterChanged
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.workflow.events import NewCard


def cry(
    connection: Connection, changes: Sequence[RegisterChanged], *, crier: RegisterAnnouncer, new_id: NewId, at: datetime
) -> None:
    """Let those concerned hear of changes of one organisation."""
    people = reads.around(connection, changes[0].keeper.organisation, at)
    owe(connection, [(kept.line, card) for kept in changes for card in crier.cry(kept, people, new_id)], at)


def owe(connection: Connection, owed: Sequence[tuple[int, NewCard]], at: datetime) -> None:
    """Owe cards that each tell of a line of history."""
    rows = [
        {
            "id": card.id,
            "person_id": card.person,
            "kind": card.kind,
            "part": card.part,
            "must_show": 1,
            "does_show": 0,
            "priority": 1,
            "due_at": at,
            "attempts": 0,
            "line_id": line,
            "about": card.about,
        }
        for line, card in owed
    ]
    if rows:
        connection.execute(insert(tables.cards), rows)
