"""Holds what Slack still has against what was shown there, as far as no further scope is needed, and mends it."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from core.api import STOCKHOLM, CaseId, Now, is_working_day
from core.storage.tables import cards, cases
from notifications.cards.card import ASKS_IN, Card, card_from_row
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.outbox.reconciling.patience import Sleep, patiently
from notifications.outbox.reconciling.stray_copies import Doubted, ReadsMessages, StrayCopies, StrayCopy
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Never, SlackProblem, TryLater
from notifications.slack.workspaces import Workspace, Workspaces

AT_ONCE = 100
# A workspace that is silent more often than this is left out too.
SILENCES = 3
# What follows a case as long as it is open.
FOLLOWS = (CardKind.STATUS, CardKind.APPLICATION)

NOT_FOUND = "message_not_found"
# Whoever installed the app does not let it read the direct messages with it.
UNGRANTED = "missing_scope"

Standing = tuple[Card, MessagePlace]

log = logging.getLogger(__name__)


class FindsMessages(ReadsMessages, Protocol):
    """Finds messages without a scope to read them, and its own copies with one."""

    async def has_message(self, token: str, place: MessagePlace) -> bool:
        """Say whether a message is still there. Raise Wait, TryLater or Never: the app does not reach its channel."""
        ...


@dataclass(frozen=True)
class LostMessage:
    """A card of an open case whose message Slack does not have, by Slack's own word, and whether it is owed again."""

    card: str
    case: CaseId | None
    kind: CardKind
    workspace: str
    error: str
    is_mended: bool = False


@dataclass
class Reconciled:
    """What was found: how many messages were looked for, those that are gone, those that stand a second time, and what
    Slack said where it ended early.

    `left_out` has the error of each workspace by its id; of its messages the rest was not looked for. In those that are
    `unread` second messages may stand: the app may not read there.
    """

    looked_for: int = 0
    lost: list[LostMessage] = field(default_factory=list[LostMessage])
    copies: list[StrayCopy] = field(default_factory=list[StrayCopy])
    unread: set[str] = field(default_factory=set[str])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    silences: Counter[str] = field(default_factory=Counter[str])

    def left_unanswered(self, workspace: str, problem: SlackProblem) -> None:
        """Leave a message out; and all others of a workspace that has no answer, again and again or for any call."""
        self.silences[workspace] += 1
        if not isinstance(problem, TryLater) or self.silences[workspace] > SILENCES:
            self.left_out[workspace] = problem.error


@dataclass(frozen=True)
class Reconciliation:
    """Looks for the messages of open cases, one after the other, and for second messages of cards that are in doubt.

    Several may look at once: mending twice is mending. Whether a message that is there shows the truth is not read; a
    press on it finds out.
    """

    database: Transactions
    workspaces: Workspaces
    slack: FindsMessages
    now: Now
    sleep: Sleep

    async def run(self, *, repair: bool) -> Reconciled:
        """Look for each message that an open case stands on; with `repair` owe again what is gone. Wake the relay."""
        found = Reconciled()
        async for card, place in self._standing():
            workspace = card.workspace or ""
            if workspace in found.left_out:
                continue
            try:
                error = await self._missing(workspace, place)
            except SlackProblem as problem:
                found.left_unanswered(workspace, problem)
                continue
            found.looked_for += 1
            if error is not None:
                is_mended = repair and await self._owe_again(card, place)
                found.lost.append(LostMessage(card.id, card.case, card.kind, workspace, error, is_mended))
                log.warning("message_missing card=%s case=%s error=%s mended=%s", card.id, card.case, error, is_mended)
        await self._find_copies(found, repair=repair)
        for workspace, error in found.left_out.items():
            log.warning("workspace_left_out workspace=%s error=%s", workspace, error)
        return found

    async def run_by_day(self) -> None:
        """The same with repair, unless people are at rest: a message that is posted anew is heard."""
        if is_working_day(self.now().astimezone(STOCKHOLM).date()):
            await self.run(repair=True)

    async def _find_copies(self, found: Reconciled, *, repair: bool) -> None:
        search = StrayCopies(self.database, self.slack, self.now, self.sleep)
        after: Doubted | None = None
        while some := await search.doubted(after):
            for where in some:
                if where.workspace not in found.left_out and where.workspace not in found.unread:
                    await self._look(search, where, found, repair=repair)
            after = some[-1]

    async def _look(self, search: StrayCopies, where: Doubted, found: Reconciled, *, repair: bool) -> None:
        try:
            found.copies += await search.look(await self._known(where.workspace), where, repair=repair)
        except SlackProblem as problem:
            if problem.error == UNGRANTED:
                found.unread.add(where.workspace)
            elif isinstance(problem, Never) and not problem.is_of_the_workspace:
                log.info("conversation_not_read workspace=%s error=%s", where.workspace, problem.error)
            else:
                found.left_unanswered(where.workspace, problem)

    async def _standing(self) -> AsyncIterator[Standing]:
        after = ""
        while some := await self.database.read(lambda connection, after=after: _standing(connection, after)):
            for each in some:
                yield each
            after = some[-1][0].id

    async def _missing(self, workspace: str, place: MessagePlace) -> str | None:
        """What Slack says of a message that is not there; None where it is."""
        known = await self._known(workspace)
        try:
            ask = partial(self.slack.has_message, known.token, place)
            return None if await patiently(ask, self.sleep) else NOT_FOUND
        except Never as problem:
            if problem.is_of_the_workspace:
                raise
            return problem.error

    async def _known(self, workspace: str) -> Workspace:
        known = await self.workspaces.by_id(workspace)
        if known is None:
            raise Never("unknown_workspace")
        if known.problem is not None:
            raise Never(known.problem)
        return known

    async def _owe_again(self, card: Card, place: MessagePlace) -> bool:
        """Owe a card that nobody has taken up meanwhile: the relay finds it gone in its turn, and posts it anew."""
        there = and_(cards.c.id == card.id, cards.c.channel == place.channel, cards.c.ts == place.ts)
        owed = update(cards).where(there, cards.c.due_at.is_(None)).values(due_at=self.now())
        return await self.database.write(lambda connection: connection.execute(owed).rowcount > 0)


def _standing(connection: Connection, after: str) -> Sequence[Standing]:
    """Return some cards that stand in Slack and are owed nothing, and whose open case is where they ask."""
    stands = and_(cards.c.ts.is_not(None), cards.c.workspace_id != MAIL, ~cards.c.is_reduced, cards.c.due_at.is_(None))
    joined = select(cards).join(cases, cases.c.id == cards.c.case_id)
    now = joined.where(stands, cards.c.about.is_(None), cases.c.closed_at.is_(None), or_(*_alive()), cards.c.id > after)
    rows = connection.execute(now.order_by(cards.c.id).limit(AT_ONCE))
    return [(card_from_row(row), MessagePlace(row.channel, row.ts)) for row in rows]


def _alive() -> Iterator[ColumnElement[bool]]:
    yield cards.c.kind.in_(FOLLOWS)
    for kind, state in ASKS_IN.items():
        yield and_(cards.c.kind == kind, cases.c.state == state)
