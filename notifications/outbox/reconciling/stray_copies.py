"""Finds second messages of a card that nobody knows of, where a Slack lets the app read what it has written."""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_, update

from core.api import CardId, Language, Now
from core.storage.tables import cards, persons
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.outbox.reconciling.patience import Sleep, patiently
from notifications.render import button_values
from notifications.render.drawings import nudges
from notifications.render.surfaces import block_kit
from notifications.slack.port import Blocks, HistoryPage, MessagePlace, SeenMessage
from notifications.slack.slack_errors import CAUSES, Cause, Never, SlackProblem
from notifications.slack.workspaces import Workspace

AT_ONCE = 100
# Slack's clock and ours differ a little.
EARLIER = timedelta(minutes=1)
# What was posted a moment ago may not have been written down yet.
SETTLED = timedelta(minutes=2)

log = logging.getLogger(__name__)


class ReadsMessages(Protocol):
    """Reads what the app has written, where it may, and edits it."""

    async def history(self, token: str, channel: str, *, oldest: float, latest: float, cursor: str = "") -> HistoryPage:
        """Return some messages between two times. Raise SlackProblem: Never `missing_scope` where it may not."""
        ...

    async def update(self, token: str, *, place: MessagePlace, text: str, blocks: Blocks) -> None:
        """Replace a message."""
        ...


@dataclass(frozen=True)
class Doubted:
    """Somebody's direct messages, in which a second message of a card may stand since a time."""

    workspace: str
    channel: str
    since: datetime


@dataclass(frozen=True)
class StrayCopy:
    """A message with a card's buttons that stands where nobody knows of it, and whether it has lost them."""

    card: CardId
    workspace: str
    place: MessagePlace
    is_mended: bool = False


@dataclass(frozen=True)
class StrayCopies:
    """Looks through the direct messages in which posts went unheard. What is found there is reduced to one line.

    Channels are left alone: to read them the app would read what people write.
    """

    database: Transactions
    slack: ReadsMessages
    now: Now
    sleep: Sleep

    async def doubted(self, after: Doubted | None) -> Sequence[Doubted]:
        """Return some conversations that are in doubt, those that come after one."""
        return await self.database.read(partial(_doubted, after=after))

    async def look(self, workspace: Workspace, where: Doubted, *, repair: bool) -> Sequence[StrayCopy]:
        """Look through a conversation; with `repair` reduce what is found, and doubt no more. Raise SlackProblem."""
        until = self.now() - SETTLED
        seen = [each async for each in self._read(workspace, where, until) if each.by == workspace.bot_user_id]
        strays = await self.database.read(lambda connection: [*_strays(connection, where, seen)])
        if not repair:
            return [stray for stray, _ in strays]
        mended = [await self._reduce(workspace, stray, language) for stray, language in strays]
        if all(each.is_mended for each in mended):
            await self.database.write(lambda connection: _doubt_no_more(connection, where, until, self.now()))
        return mended

    async def _read(self, workspace: Workspace, where: Doubted, until: datetime) -> AsyncIterator[SeenMessage]:
        oldest, latest = (where.since - EARLIER).timestamp(), until.timestamp()
        cursor = ""
        while True:
            ask = partial(
                self.slack.history, workspace.token, where.channel, oldest=oldest, latest=latest, cursor=cursor
            )
            page = await patiently(ask, self.sleep)
            for each in page.messages:
                yield each
            if not (cursor := page.cursor):
                return

    async def _reduce(self, workspace: Workspace, stray: StrayCopy, language: Language | None) -> StrayCopy:
        """Answer with the copy mended, or as it was where Slack lets nobody change it."""
        message = block_kit.message(nudges.came_twice(language or workspace.language))
        try:
            await patiently(partial(self.slack.update, workspace.token, place=stray.place, **message), self.sleep)
        except SlackProblem as problem:
            if isinstance(problem, Never) and problem.is_of_the_workspace:
                raise
            if problem.error not in CAUSES[Cause.MESSAGE_GONE]:
                log.warning("copy_left card=%s error=%s", stray.card, problem.error)
                return stray
        log.info("copy_reduced card=%s", stray.card)
        return replace(stray, is_mended=True)


def _doubted(connection: Connection, after: Doubted | None) -> Sequence[Doubted]:
    place = tuple_(cards.c.workspace_id, cards.c.channel)
    query = select(cards.c.workspace_id, cards.c.channel, func.min(cards.c.doubted_at)).where(_in_doubt())
    if after is not None:
        query = query.where(place > tuple_(after.workspace, after.channel))
    found = query.group_by(cards.c.workspace_id, cards.c.channel).order_by(cards.c.workspace_id, cards.c.channel)
    return [Doubted(*row) for row in connection.execute(found.limit(AT_ONCE))]


def _in_doubt() -> ColumnElement[bool]:
    """Its card stands, in somebody's direct messages, and nobody is at work on it."""
    is_direct = and_(cards.c.workspace_id != MAIL, cards.c.channel.startswith("D", autoescape=True))
    return and_(cards.c.doubted_at.is_not(None), is_direct, cards.c.ts.is_not(None), cards.c.leased_until.is_(None))


def _strays(
    connection: Connection, where: Doubted, seen: Sequence[SeenMessage]
) -> Iterator[tuple[StrayCopy, Language | None]]:
    """Return what carries the buttons of a card that is known to stand elsewhere; and its reader's language."""
    is_here = and_(cards.c.channel == where.channel, cards.c.ts.in_([each.ts for each in seen]))
    known = set(connection.execute(select(cards.c.ts).where(is_here)).scalars())
    unknown = {each.ts: card for each in seen if each.ts not in known and (card := _card_of(each)) is not None}
    stands = and_(cards.c.workspace_id == where.workspace, cards.c.ts.is_not(None), cards.c.leased_until.is_(None))
    query = select(cards.c.id, persons.c.language).outerjoin(persons, persons.c.id == cards.c.person_id)
    rows = connection.execute(query.where(stands, cards.c.id.in_(unknown.values())))
    languages = {row.id: row.language and Language(row.language) for row in rows}
    for ts, card in unknown.items():
        if card in languages:
            yield StrayCopy(card, where.workspace, MessagePlace(where.channel, ts)), languages[card]


def _card_of(message: SeenMessage) -> CardId | None:
    """Return the card whose buttons a message has, None where it has none of ours."""
    return next((found.card for value in message.values if (found := _pointer(value)) and found.card), None)


def _pointer(value: str) -> button_values.Pointer | None:
    more = button_values.read_more(value)
    return button_values.read(value) if more is None else more[0]


def _doubt_no_more(connection: Connection, where: Doubted, until: datetime, at: datetime) -> None:
    """Let the cards of a conversation that was looked through say no more that they may stand twice."""
    here = and_(cards.c.workspace_id == where.workspace, cards.c.channel == where.channel)
    looked_through = and_(here, _in_doubt(), cards.c.doubted_at < until)
    connection.execute(update(cards).where(looked_through).values(doubted_at=None, due_at=at))
