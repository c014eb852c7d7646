"""Cards that tell of changes in an organisation's register, each put into the outbox with its audit record's id."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from core.storage import tables
from core.workflow.events import NewCard


def put_cards(connection: Connection, owed: Sequence[tuple[int, NewCard]], at: datetime) -> None:
    """Put cards into the outbox, each with the id of the audit record that it tells of."""
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
