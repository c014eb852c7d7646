"""The Slacks that somebody is linked in, and which of them gets the messages: the person's own choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select, true, update

from core.api import Asking, LinkedSlack
from core.storage.tables import identities, workspaces
from core.storage.tables.links import preferred, stands
from notifications.database import Transactions


@dataclass(frozen=True)
class LinkedSlacks:
    """Reads where somebody is linked, and keeps which Slack the person has chosen."""

    database: Transactions

    async def of(self, who: Asking) -> Sequence[LinkedSlack]:
        """Return the Slacks that a person is linked in, by name: to an organisation's Slack that one and Inera's."""
        return await self.database.read(lambda connection: _linked(connection, who))

    async def choose(self, who: Asking, slack: str) -> bool:
        """Let messages to a person go to a Slack from now on; False where it is none to choose, and nothing changes."""
        return await self.database.write(lambda connection: _choose(connection, who, slack))


def _linked(connection: Connection, who: Asking) -> list[LinkedSlack]:
    own = identities.c.organisation_id
    where = true() if who.within is None else or_(own.is_(None), own == who.within)
    accounts = (
        select(workspaces.c.id, workspaces.c.name, workspaces.c.problem, identities.c.is_preferred)
        .join(identities, identities.c.issuer == workspaces.c.id)
        .where(identities.c.person_id == who.person, stands(), where)
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


def _choose(connection: Connection, who: Asking, slack: str) -> bool:
    if not any(each.id == slack and each.is_reached for each in _linked(connection, who)):
        return False
    mine = and_(identities.c.person_id == who.person, identities.c.issuer.like("slack:%"))
    connection.execute(update(identities).where(mine).values(is_preferred=identities.c.issuer == slack))
    return True
