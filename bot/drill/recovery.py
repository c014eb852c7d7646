"""After the troubles: time passes until everything owed is shown, and what stands twice is looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, select

from bot.config.settings import Settings
from bot.sandbox.block_kit.elements import elements_of
from bot.sandbox.box import Box
from bot.sandbox.shapes import Json
from bot.sandbox.world.world import Conversation, PostedMessage
from bot.wiring.joined import Joined, join
from core.api import Language, new_id
from core.storage.audit.sealing import Sealer
from core.storage.database.database import Database
from core.storage.reads.waiting import count_waiting
from core.storage.tables import cards, workspaces
from notifications.cards.card import Card, card_from_row
from notifications.cards.drawer import DrawnCard
from notifications.mail.port import MAIL
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.leases import CardLeases
from notifications.outbox.relay import Relay
from notifications.outbox.slack_delivery import Delivery
from notifications.render.button_values import read, read_more
from notifications.slack.slack_gateway import Gateway

# At the pace that Slack allows, what a drill leaves takes hours.
STEP, LONGEST = timedelta(seconds=20), timedelta(hours=24)
# Cards are drawn so many at a time.
PAGE = 200


@dataclass
class PassingTime:
    """A clock that somebody moves on."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at


@dataclass(frozen=True)
class Recovery:
    """What carries on once the processes have ended: the product's own relay and sealer, by a clock that runs fast."""

    settings: Settings
    database: Database
    gateway: Gateway
    box: Box
    clock: PassingTime = field(default_factory=PassingTime)

    async def is_connected(self) -> bool:
        """Say whether nothing keeps us from any Slack."""
        return not await self.database.read(_has_problem)

    async def carry(self) -> bool:
        """Let time pass until nothing is owed to Slack; False where something is owed for ever."""
        joined, results = self._joined(), DeliveryResults(self.database, self.clock, new_id)
        parts = joined.drawer, joined.directory, joined.workspaces, joined.gateway
        delivery = Delivery(results, *parts, self.clock, lambda: 0.5, relocation=joined.relocation)
        relay = Relay(CardLeases(self.database, self.clock, new_id, count_waiting), delivery, self.clock)
        until = self.clock.at + LONGEST
        while self.clock.at < until:
            await relay.drain()
            if not await self.database.read(_is_owing):
                return True
            self.clock.at += STEP
        return False

    async def seal(self) -> None:
        """Seal what has been written in history since the processes have ended."""
        secret, earlier = self.settings.history_keys()
        while await Sealer(self.database, secret, self.clock, earlier=earlier).seal():
            pass

    async def drawn(self) -> Sequence[tuple[Card, DrawnCard]]:
        """Draw every card that stands somewhere by what the database says now."""
        drawer, languages = self._joined().drawer, await self.database.read(_languages)
        drawn = list[tuple[Card, DrawnCard]]()
        for workspace, standing in groupby(await self.database.read(_standing), lambda card: card.workspace or ""):
            found = list(standing)
            for some in (found[start : start + PAGE] for start in range(0, len(found), PAGE)):
                batch = await drawer.read(some, languages[workspace], self.clock.at)
                drawn += [(card, drawer.drawn(card, batch)) for card in some]
        return drawn

    def shown(self, card: Card) -> PostedMessage | None:
        """Return the message that stands where a card is said to stand."""
        channel, ts = _place(card)
        where = self.box.world.conversations.get(channel)
        return None if where is None else where.messages.get(ts)

    async def copies(self) -> Sequence[tuple[Conversation, PostedMessage]]:
        """Return the messages that no card is known to stand at: somebody ended between posting and keeping that."""
        known = {_place(card) for card in await self.database.read(_standing)}
        return [(where, message) for where, message in self._cards() if (where.id, message.ts) not in known]

    def _cards(self) -> Iterator[tuple[Conversation, PostedMessage]]:
        for where in self.box.world.conversations.values():
            for message in where.messages.values():
                if message.bot and message.only_for is None and any(map(_points, message.blocks or [])):
                    yield where, message

    def _joined(self) -> Joined:
        return join(self.settings, self.database, self.gateway)[0]


def _place(card: Card) -> tuple[str, str]:
    return (card.place.channel, card.place.ts) if card.place is not None else ("", "")


def _points(block: Json) -> bool:
    """True where something in a block stands for an order, or for something else that we know."""
    values = (
        each.get("value", "") for element in elements_of(block) for each in (element, *element.get("options", ()))
    )
    return any(read(value) is not None or read_more(value) is not None for value in values)


def _has_problem(connection: Connection) -> bool:
    return connection.execute(select(workspaces.c.id).where(workspaces.c.problem.is_not(None))).first() is not None


def _is_owing(connection: Connection) -> bool:
    # Whose reader has not said which account is theirs waits for that person, however long.
    somewhere = (cards.c.workspace_id.is_not(None), cards.c.workspace_id != MAIL)
    return connection.execute(select(cards.c.id).where(cards.c.due_at.is_not(None), *somewhere)).first() is not None


def _standing(connection: Connection) -> list[Card]:
    standing = select(cards).where(cards.c.channel.is_not(None), cards.c.workspace_id != MAIL)
    return [card_from_row(row) for row in connection.execute(standing.order_by(cards.c.workspace_id, cards.c.id))]


def _languages(connection: Connection) -> Mapping[str, Language]:
    found = connection.execute(select(workspaces.c.id, workspaces.c.language))
    return {row.id: Language(row.language) for row in found}
