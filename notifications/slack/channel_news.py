"""What a channel has taken, by the cards that are owed there: nobody asks Slack, whose answer would need a scope."""

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from core.storage.tables import cards
from notifications.database import Transactions
from notifications.slack.slack_errors import CAUSES, RESTRICTED, Cause

# Until somebody mends the channel; what else goes wrong with a message passes, or is about that message.
OUT_OF_REACH = or_(
    cards.c.last_error.in_(sorted(CAUSES[Cause.CHANNEL_ARCHIVED] | CAUSES[Cause.NOT_IN_CHANNEL])),
    cards.c.last_error.startswith(RESTRICTED, autoescape=True),
)


@dataclass(frozen=True)
class ChannelNews:
    """Reads from the database."""

    database: Transactions

    async def refused_with(self) -> str | None:
        """Return why a card that is owed to a channel does not stand there; None where no such card waits."""
        of_a_channel = (cards.c.person_id.is_(None), cards.c.email.is_(None))
        owed = (*of_a_channel, cards.c.due_at.is_not(None), OUT_OF_REACH)
        return await self.database.read(
            lambda connection: connection.execute(select(cards.c.last_error).where(*owed).limit(1)).scalar()
        )

    async def has_taken(self, channel: str) -> bool:
        """Say whether a message of ours stands in a channel."""
        return await self.database.read(lambda connection: _stands_in(connection, channel))


def _stands_in(connection: Connection, channel: str) -> bool:
    found = select(cards.c.id).where(cards.c.channel == channel, cards.c.ts.is_not(None))
    return connection.execute(found.limit(1)).first() is not None
