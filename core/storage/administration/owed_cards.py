"""Who may have to hear of a change in the register, and the cards that tell of it, each with its audit record's id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from core.register.administration import ChangeContext
from core.shared.vocabulary import OrganisationId
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.workflow.events import NewCard


@dataclass(frozen=True)
class SqlRegisterNews:
    """What each transaction on the register has: who may have to hear of a change, and the cards that tell of it."""

    connection: Connection

    async def load_concerned(self, organisation: OrganisationId, at: datetime) -> ChangeContext:
        """See RegisterTransaction."""
        return reads.change_context(self.connection, organisation, at)

    async def tell(self, cards: Sequence[tuple[int, NewCard]], at: datetime) -> None:
        """See RegisterTransaction."""
        put_cards(self.connection, cards, at)


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
