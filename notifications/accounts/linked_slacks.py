"""The Slacks that somebody is linked in, and which of them gets the messages: the person's own choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update

from core.api import LinkedSlack, PersonId
from core.storage.tables import identities, workspaces
from core.storage.tables.links import preferred, stands
from notifications.database import Transactions


@dataclass(frozen=True)
class LinkedSlacks:
    """Reads where somebody is linked, and keeps which Slack the person has chosen."""

    database: Transactions

    async def of(self, person: PersonId) -> Sequence[LinkedSlack]:
        """Return the Slacks that a person is linked in, by name."""
        return await self.database.read(lambda connection: _linked(connection, person))

    async def choose(self, person: PersonId, slack: str) -> bool:
        """Let messages to a person go to a Slack from now on; False where it is none to choose, and nothing changes."""
        return await self.database.write(lambda connection: _choose(connection, person, slack))


def _linked(connection: Connection, person: PersonId) -> list[LinkedSlack]:
    accounts = (
        select(workspaces.c.id, workspaces.c.name, workspaces.c.problem, identities.c.is_preferred)
        .join(identities, identities.c.issuer == workspaces.c.id)
        .where(identities.c.person_id == person, stands())
        .order_by(*preferred())
    )
    rows = connection.execute(accounts).all()
    gets = next((row.id for row in rows if row.problem is None), None)
    # Somebody may have several accounts in one, linked before the choice or after it.
    chosen = {row.id for row in rows if row.is_preferred}
    found = {
        row.id: LinkedSlack(row.id, row.name, row.id == gets, row.id in chosen, is_reached=row.problem is None)
        for row in rows
    }
    return sorted(found.values(), key=lambda slack: (slack.name, slack.id))


def _choose(connection: Connection, person: PersonId, slack: str) -> bool:
    if not any(each.id == slack and each.is_reached for each in _linked(connection, person)):
        return False
    mine = and_(identities.c.person_id == person, identities.c.issuer.like("slack:%"))
    connection.execute(update(identities).where(mine).values(is_preferred=identities.c.issuer == slack))
    return True
