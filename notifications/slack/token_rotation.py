"""The rotation of tokens that expire: each is exchanged for the next in good time, by whichever process takes its row.

A refresh token counts once. So whoever asks for the next pair leases the row first, and keeps what comes back as long
as the row holds the refresh token that it came for.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from core.api import Now
from core.storage.tables import workspaces
from core.storage.tables.homes import EXPIRED, OFF, REFUSED_REFRESH
from notifications.database import Transactions
from notifications.slack.port import SlackApp, TokenPair
from notifications.slack.slack_errors import SlackProblem, Wait
from notifications.slack.token_seal import SealBroken, TokenSeal
from notifications.slack.workspaces import REVOKED, Workspaces, sealed

# Slack's tokens are good for twelve hours: there are two for whatever keeps us from the next one.
AHEAD = timedelta(hours=2)
# Longer than a call may take; a crash frees the row after it, while Slack may still take the same refresh token.
LEASE = timedelta(seconds=30)
AT_ONCE = 8
# What was given is not given again: as long as the database takes it not, it is tried anew.
PAUSE_SECONDS = 1.0
# Nobody gets another token here until the app is installed anew. What else goes wrong is ours, or passes.
REFUSED = frozenset({"account_inactive", REFUSED_REFRESH, REVOKED})

log = logging.getLogger(__name__)


class TokenExchange(Protocol):
    """Slack, as far as it gives the next tokens."""

    async def rotate(self, app: SlackApp, refresh_token: str) -> TokenPair:
        """Return the next pair of tokens; the refresh token counts once. Raise SlackProblem."""
        ...


class Off(Protocol):
    """Switches off a workspace for which Slack gives no more tokens."""

    async def __call__(self, workspace: str, problem: str, *, token: str | None = None) -> None:
        """Switch it off, as long as it has this access token."""
        ...


@dataclass(frozen=True)
class DueToken:
    """A workspace whose row we have leased, and its tokens."""

    workspace: str
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True)
class TokenRotation:
    """Gets the next tokens. Several may run at once, in several processes: each row is one's alone."""

    database: Transactions
    seal: TokenSeal
    workspaces: Workspaces
    slack: TokenExchange
    app: SlackApp
    off: Off
    now: Now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> int:
        """Rotate every token that is due, a few at a time; return how many were. What fails is tried again later."""
        rotated, seen = 0, set[str]()
        while await self.database.read(partial(self._has_due, seen=seen)):
            if not (taken := await self.database.write(partial(self._take, seen=seen))):
                # Somebody else is taking them.
                break
            seen |= {row.id for row in taken}
            # One that fails, whatever it fails of, leaves the others to be kept.
            done = await asyncio.gather(*map(self._rotate, taken), return_exceptions=True)
            await self.workspaces.refresh()
            rotated += sum(each is True for each in done)
            if failed := [each for each in done if isinstance(each, BaseException)]:
                raise failed[0]
        return rotated

    def _is_due(self, seen: Collection[str]) -> ColumnElement[bool]:
        at, known = self.now(), workspaces.c
        # Each once in a run: Slack might give a token that is due again at once.
        is_new = known.id.not_in(sorted(seen))
        is_free = or_(known.rotating_until.is_(None), known.rotating_until <= at)
        # What is off for another reason has no use for a token.
        may_go_on = or_(known.problem.is_(None), known.problem.not_in(sorted(OFF - {EXPIRED})))
        return and_(known.refresh_token.is_not(None), known.expires_at <= at + AHEAD, is_free, is_new, may_go_on)

    def _has_due(self, connection: Connection, seen: Collection[str]) -> bool:
        return connection.scalar(select(workspaces.c.id).where(self._is_due(seen)).limit(1)) is not None

    def _take(self, connection: Connection, seen: Collection[str]) -> Sequence[Any]:
        query = select(workspaces).where(self._is_due(seen)).order_by(workspaces.c.expires_at).limit(AT_ONCE)
        rows = connection.execute(query.with_for_update(skip_locked=True)).all()
        leased = workspaces.c.id.in_([row.id for row in rows])
        connection.execute(update(workspaces).where(leased).values(rotating_until=self.now() + LEASE))
        return rows

    async def _rotate(self, row: Any) -> bool:
        due, since = self._opened(row), self.now()
        if due is None:
            return False
        try:
            tokens = await self.slack.rotate(self.app, due.refresh_token)
        except SlackProblem as problem:
            log.warning("token_not_rotated workspace=%s error=%s", due.workspace, problem.error)
            if isinstance(problem, Wait):
                await self._wait(due, timedelta(seconds=problem.seconds))
            elif problem.error in REFUSED:
                await self.off(due.workspace, problem.error, token=due.token)
            return False
        return await self._keep(due, tokens, since)

    async def _wait(self, due: DueToken, pause: timedelta) -> None:
        until = self.now() + max(pause, LEASE)
        mine = update(workspaces).where(workspaces.c.id == due.workspace).values(rotating_until=until)
        await self.database.write(lambda connection: connection.execute(mine))

    async def _keep(self, due: DueToken, tokens: TokenPair, since: datetime) -> bool:
        while True:
            try:
                is_kept = await self.database.write(lambda connection: self._put(connection, due, tokens, since))
            except Exception:
                log.exception("token_not_kept workspace=%s", due.workspace)
                await self.sleep(PAUSE_SECONDS)
            else:
                log.info("token_rotated workspace=%s kept=%s", due.workspace, is_kept)
                return is_kept

    def _put(self, connection: Connection, due: DueToken, tokens: TokenPair, since: datetime) -> bool:
        mine = workspaces.c.id == due.workspace
        row = connection.execute(select(workspaces).where(mine).with_for_update()).first()
        held = None if row is None else self._opened(row)
        if row is None or held is None or held.refresh_token != due.refresh_token:
            # The app was installed anew meanwhile, or somebody else has got the next pair for the same token.
            return False
        mended = {"problem": None, "is_settled": False} if row.problem in {EXPIRED, REFUSED_REFRESH} else {}
        values = {**sealed(self.seal, tokens, since), **mended}
        connection.execute(update(workspaces).where(mine).values(**values))
        return True

    def _opened(self, row: Any) -> DueToken | None:
        """Open a row's tokens; None where there are none, or none that a key of ours opens."""
        try:
            return DueToken(row.id, self.seal.open(row.bot_token), self.seal.open(row.refresh_token or ""))
        except SealBroken:
            return None
