"""The Slack workspaces we are installed in: rows with encrypted tokens, kept in memory for the presses."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, select, update

from core.api import Language, Now
from core.storage.tables import cards, workspaces
from notifications.database import Row, Transactions, put
from notifications.mail.port import MAIL
from notifications.slack.port import Slack

REFRESH = timedelta(seconds=30)
# A team we do not know may have been installed a moment ago, by another process.
REFRESH_FOR_STRANGER = timedelta(seconds=1)
UNREADABLE = "unreadable_token"
# Why a card waits that is for a channel which nobody has set yet.
NO_CHANNEL = "no_channel"


@dataclass(frozen=True)
class Workspace:
    """A workspace; `id` is the issuer of its accounts, "slack:T0123". `problem` says why nothing is sent there."""

    id: str
    team_id: str
    enterprise_id: str | None
    name: str
    token: str
    bot_user_id: str
    channel: str | None
    language: Language
    problem: str | None


def issuer(team_id: str) -> str:
    """Return the issuer of a workspace's accounts, which is also the workspace's id here."""
    return f"slack:{team_id}"


class Workspaces:
    """Reads from memory, at most half a minute old; tokens are encrypted with a key derived from SECRET_KEY."""

    def __init__(self, database: Transactions, secret_key: str, now: Now) -> None:
        self._database = database
        self._cipher = Fernet(_key(secret_key))
        self._now = now
        self._known: dict[str, Workspace] = {}
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def ensure(
        self,
        *,
        team_id: str,
        enterprise_id: str | None,
        name: str,
        token: str,
        bot_user_id: str,
        channel: str | None,
        language: Language,
    ) -> Workspace:
        """Make the workspace's row, or bring it up to date; a problem noted before is forgotten."""
        workspace = Workspace(
            id=issuer(team_id),
            team_id=team_id,
            enterprise_id=enterprise_id,
            name=name,
            token=token,
            bot_user_id=bot_user_id,
            channel=channel,
            language=language,
            problem=None,
        )
        await self._refresh()
        if self._known.get(workspace.id) != workspace:
            await self._database.write(lambda connection: self._put(connection, workspace))
            await self._refresh()
        return self._known[workspace.id]

    async def by_team(self, team_id: str | None, enterprise_id: str | None) -> Workspace | None:
        """Return the workspace of a request: by team, else the one workspace of the enterprise."""
        workspace = await self._find(team_id, enterprise_id, REFRESH)
        return workspace or await self._find(team_id, enterprise_id, REFRESH_FOR_STRANGER)

    async def by_id(self, workspace_id: str) -> Workspace | None:
        """Return the workspace with an id such as "slack:T0123"; one that has a problem, or none, is asked for anew."""
        await self._freshen(REFRESH)
        workspace = self._known.get(workspace_id)
        if workspace is None or workspace.problem is not None:
            await self._refresh()
        return self._known.get(workspace_id)

    async def all(self) -> Sequence[Workspace]:
        """Return every workspace, by id."""
        await self._freshen(REFRESH)
        return tuple(self._known.values())

    @property
    def known(self) -> Sequence[Workspace]:
        """Every workspace as it was last read, without reading it now."""
        return tuple(self._known.values())

    async def note_problem(self, workspace_id: str, problem: str) -> None:
        """Stop sending to a workspace until it is ensured anew: its token was revoked, or lacks a scope."""
        at = self._now()
        statement = update(workspaces).where(workspaces.c.id == workspace_id).values(problem=problem, changed_at=at)
        await self._database.write(lambda connection: connection.execute(statement))
        await self._refresh()

    async def _find(self, team_id: str | None, enterprise_id: str | None, age: timedelta) -> Workspace | None:
        await self._freshen(age)
        workspace = self._known.get(issuer(team_id)) if team_id else None
        if workspace or not enterprise_id:
            return workspace
        same = [known for known in self._known.values() if known.enterprise_id == enterprise_id]
        return same[0] if len(same) == 1 else None

    async def _freshen(self, age: timedelta) -> None:
        if self._is_older_than(age):
            async with self._reading:
                if self._is_older_than(age):
                    await self._refresh()

    def _is_older_than(self, age: timedelta) -> bool:
        return self._read_at is None or self._now() - self._read_at >= age

    async def _refresh(self) -> None:
        at = self._now()
        rows = await self._database.read(_rows)
        self._known = {row.id: self._workspace(row) for row in rows}
        self._read_at = at

    def _put(self, connection: Connection, workspace: Workspace) -> None:
        put(connection, workspaces, [self._row(workspace)])
        if workspace.channel is not None:
            # What waited for a channel to be set has one now.
            due = update(cards).where(cards.c.workspace_id.is_(None), cards.c.last_error == NO_CHANNEL)
            connection.execute(due.where(cards.c.due_at.is_not(None)).values(due_at=self._now(), leased_until=None))

    def _row(self, workspace: Workspace) -> Row:
        return {
            "id": workspace.id,
            "team_id": workspace.team_id,
            "enterprise_id": workspace.enterprise_id,
            "name": workspace.name,
            "bot_token": self._cipher.encrypt(workspace.token.encode()).decode(),
            "bot_user_id": workspace.bot_user_id,
            "channel": workspace.channel,
            "language": workspace.language,
            "problem": None,
            "changed_at": self._now(),
        }

    def _workspace(self, row: Any) -> Workspace:
        token, problem = self._open(row.bot_token)
        return Workspace(
            id=row.id,
            team_id=row.team_id,
            enterprise_id=row.enterprise_id,
            name=row.name,
            token=token,
            bot_user_id=row.bot_user_id,
            channel=row.channel,
            language=Language(row.language),
            problem=row.problem or problem,
        )

    def _open(self, encrypted: str) -> tuple[str, str | None]:
        try:
            return self._cipher.decrypt(encrypted.encode()).decode(), None
        except InvalidToken:
            return "", UNREADABLE


async def connect_workspace(
    slack: Slack, known: Workspaces, *, token: str, channel: str | None, language: Language
) -> Workspace:
    """Make or update the row of the workspace a token belongs to. Raise SlackProblem when Slack refuses the token."""
    installed = await slack.auth_test(token)
    return await known.ensure(
        team_id=installed.team_id,
        enterprise_id=installed.enterprise_id,
        name=installed.team,
        token=token,
        bot_user_id=installed.bot_user_id,
        channel=channel,
        language=language,
    )


def _rows(connection: Connection) -> Sequence[Any]:
    # That of mail says whether mail is on; nobody is looked for there.
    return connection.execute(select(workspaces).where(workspaces.c.id != MAIL).order_by(workspaces.c.id)).all()


def _key(secret_key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kundportal workspace tokens").derive(
        secret_key.encode()
    )
    return base64.urlsafe_b64encode(derived)
