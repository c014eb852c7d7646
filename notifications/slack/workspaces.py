"""The Slack workspaces we are installed in: rows with sealed tokens, kept in memory for the presses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.api import Language, LinkState, Now, OrganisationId, token_hash
from core.storage.tables import cards, identities, organisations, workspaces
from core.storage.tables.homes import EXPIRED, OFF, REFUSED_REFRESH, UNREADABLE
from notifications.database import Row, Transactions, put, put_where
from notifications.mail.port import MAIL
from notifications.slack.port import Granted, Slack, TokenPair
from notifications.slack.slack_errors import Never
from notifications.slack.token_seal import SealBroken, TokenSeal

# What another process has changed is known within this time, without a press that asks.
REFRESH = timedelta(seconds=10)
# A team we do not know may have been installed a moment ago, by another process.
REFRESH_FOR_STRANGER = timedelta(seconds=1)
# The kind of the card that asks whose an account is: nobody else can answer it.
QUESTION = "link"
# Why a card waits that is for a channel which nobody has set yet.
NO_CHANNEL = "no_channel"

# The next token is asked for in good time; where it has not come so shortly before the end, something is wrong.
NEARLY = timedelta(hours=1)
# How long the first token of a setting is taken to be good for: it is due at once, and not late yet.
FIRST_LASTS = NEARLY + timedelta(minutes=30)

# The app is there no more: somebody who runs the workspace has taken it away.
UNINSTALLED, REVOKED = "app_uninstalled", "token_revoked"
GONE = frozenset({"account_inactive", "invalid_auth", UNINSTALLED, REVOKED})
CHANGED_HANDS = "workspace_changed"

log = logging.getLogger(__name__)


class NotInstalled(Exception):
    """The app was not installed for an organisation, and nothing has changed. `why` is TAKEN or ELSEWHERE."""

    TAKEN, ELSEWHERE = "taken", "elsewhere"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Workspace:
    """A workspace, or an Enterprise organisation that has the app in all of its own.

    `id` is the issuer of its accounts, "slack:T0123" or "slack:E0123", and `team_id` the same without a word before it.
    `organisation` is whose it is, None for Inera's own. `problem` says why nothing is sent there. `expires_at` is the
    token's, None for one that does not expire.
    """

    id: str
    team_id: str
    enterprise_id: str | None
    name: str
    token: str = field(repr=False)
    bot_user_id: str
    channel: str | None
    language: Language
    problem: str | None
    organisation: OrganisationId | None = None
    expires_at: datetime | None = None

    @property
    def is_org_wide(self) -> bool:
        """True for an Enterprise organisation: the accounts of all its workspaces are its own."""
        return self.team_id == self.enterprise_id

    @property
    def is_off(self) -> bool:
        """True for an organisation's Slack in which the app is no more: as core.storage.tables.homes says."""
        return self.organisation is not None and self.problem in OFF

    def has_expired(self, at: datetime) -> bool:
        """True where the token is good for no call any more, until the next has been given for it."""
        return self.expires_at is not None and self.expires_at <= at

    def is_late(self, at: datetime) -> bool:
        """True where the next token should have come by now: a Slack that is off asks for none."""
        return not self.is_off and self.has_expired(at + NEARLY)


def issuer(team_id: str) -> str:
    """Return the issuer of a workspace's accounts, which is also the workspace's id here."""
    return f"slack:{team_id}"


class Workspaces:
    """Reads from memory, which `keep` keeps fresh, so that no press waits for the database to say whose token it is."""

    def __init__(self, database: Transactions, seal: TokenSeal, now: Now) -> None:
        self._database = database
        self._seal = seal
        self._now = now
        self._known: Mapping[str, Workspace] = {}
        self._of_enterprise: Mapping[str, Sequence[Workspace]] = {}
        # What was read last, so that of a thousand rows only those are opened that are others by now.
        self._read: Mapping[str, tuple[Any, ...]] = {}
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
        organisation: OrganisationId | None = None,
        refresh_token: str | None = None,
    ) -> Workspace:
        """Make the workspace's row, or bring it up to date; a problem noted before is forgotten.

        With a `refresh_token` the token is the first of a row of them, which goes on in the database alone.
        """
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
            organisation=organisation,
        )
        await self.refresh()
        if refresh_token is not None:
            await self._database.write(lambda connection: self._begin(connection, workspace, refresh_token))
            await self.refresh()
        elif self._known.get(workspace.id) != workspace:
            await self._database.write(lambda connection: self._put(connection, workspace))
            await self.refresh()
        return self._known[workspace.id]

    async def begun_with(self, token: str) -> Workspace | None:
        """Return the workspace that was given this token first, of those that expire; by now it has another."""
        query = select(workspaces.c.id).where(workspaces.c.began_with == token_hash(token))
        found = await self._database.read(lambda connection: connection.scalar(query))
        await self.refresh()
        return None if found is None else self._known.get(found)

    async def resume(self, begun: Workspace, *, name: str, channel: str | None, language: Language) -> Workspace:
        """Bring up to date what stands beside a workspace's tokens; a problem noted before is forgotten."""
        workspace = replace(begun, name=name, channel=channel, language=language, problem=None)
        if workspace != begun:
            await self._database.write(lambda connection: self._resume(connection, workspace))
            await self.refresh()
        return self._known[workspace.id]

    async def install(self, organisation: OrganisationId, granted: Granted, language: Language) -> Workspace:
        """Keep what Slack has given for an organisation. Raise NotInstalled.

        Nobody takes over a workspace that is another's, or moves an organisation to another one without its first
        being taken away. What stands in one that changes hands is let alone, and nobody there stands for anybody.
        """
        workspace = Workspace(
            id=issuer(granted.team_id),
            team_id=granted.team_id,
            enterprise_id=granted.enterprise_id,
            name=granted.name,
            token=granted.tokens.token,
            bot_user_id=granted.bot_user_id,
            channel=None,
            language=language,
            problem=None,
            organisation=organisation,
        )
        try:
            await self._database.write(lambda connection: self._install(connection, workspace, granted))
        except IntegrityError as error:
            # Somebody else was a moment faster.
            raise NotInstalled(NotInstalled.ELSEWHERE) from error
        await self.refresh()
        return self._known[workspace.id]

    def _install(self, connection: Connection, workspace: Workspace, granted: Granted) -> None:
        at = self._now()
        theirs = or_(workspaces.c.id == workspace.id, workspaces.c.organisation_id == workspace.organisation)
        rows = connection.execute(select(workspaces).where(theirs).with_for_update()).all()
        here = next((row for row in rows if row.id == workspace.id), None)
        is_ours = here is not None and here.organisation_id == workspace.organisation
        if here is not None and not is_ours and (here.organisation_id is None or not _is_gone(here)):
            raise NotInstalled(NotInstalled.TAKEN)
        former = [row for row in rows if row.id != workspace.id]
        if not all(map(_is_gone, former)):
            raise NotInstalled(NotInstalled.ELSEWHERE)
        if not is_ours:
            # Whoever had these two has taken the app away. A row that came meanwhile is somebody else's.
            connection.execute(delete(workspaces).where(workspaces.c.id.in_([row.id for row in rows])))
            _begin_anew(connection, workspace.id, at)
        made = {**self._row(workspace), **sealed(self._seal, granted.tokens, at), "is_settled": False}
        mine = workspaces.c.organisation_id == workspace.organisation
        if not put_where(connection, workspaces, made, changed=made, where=mine):
            raise NotInstalled(NotInstalled.TAKEN)

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Keep what is known fresh until cancelled; `sleep` takes seconds."""
        while True:
            await sleep(REFRESH.total_seconds())
            try:
                await self._freshen(REFRESH)
            except Exception:
                # The database may be away for a while; what was known is so still.
                log.exception("workspaces_not_read")

    async def seal_anew(self) -> None:
        """Seal with the newest key what an earlier one has sealed; what can be opened again is used again."""
        for row in await self._database.read(_rows):
            anew = {name: self._sealed_anew(getattr(row, name)) for name in ("bot_token", "refresh_token")}
            changed: Row = {name: sealed for name, sealed in anew.items() if sealed is not None}
            if row.problem == UNREADABLE and self._open(row.bot_token)[1] is None:
                changed = {**changed, "problem": None}
            if changed:
                # Whatever has been written meanwhile was sealed with the newest.
                mine = (workspaces.c.id == row.id, workspaces.c.bot_token == row.bot_token)
                statement = update(workspaces).where(*mine).values(**changed)
                await self._database.write(lambda connection, sealed=statement: connection.execute(sealed))

    async def by_team(self, team_id: str | None, enterprise_id: str | None) -> Workspace | None:
        """Return the workspace of a request: by team, else that of the enterprise, or its only one.

        What is known is said from memory. A stranger may have been installed a moment ago, by another process.
        """
        if (workspace := self._find(team_id, enterprise_id)) is not None:
            return workspace
        await self._freshen(REFRESH_FOR_STRANGER)
        return self._find(team_id, enterprise_id)

    async def by_id(self, workspace_id: str) -> Workspace | None:
        """Return the workspace with an id such as "slack:T0123"; one that has a problem, or none, is asked for anew."""
        await self._freshen(REFRESH)
        workspace = self._known.get(workspace_id)
        if workspace is None or workspace.problem is not None:
            await self.refresh()
        return self._known.get(workspace_id)

    async def all(self) -> Sequence[Workspace]:
        """Return every workspace, by id."""
        await self._freshen(REFRESH)
        return tuple(self._known.values())

    def of_token(self, token: str) -> Workspace | None:
        """Return the workspace whose token it is, as it was last read."""
        return next((each for each in self._known.values() if each.token == token), None)

    @property
    def known(self) -> Sequence[Workspace]:
        """Every workspace as it was last read, without reading it now."""
        return tuple(self._known.values())

    async def note_problem(
        self, workspace_id: str, problem: str, *, token: str | None = None, since: datetime | None = None
    ) -> bool:
        """Stop sending to a workspace until it is ensured anew: its token was revoked, or lacks a scope.

        What was said of another `token`, or happened before the app was installed there (`since`), is of before. True
        where an organisation's Slack is off from now on: its cards are to follow.
        """
        gone_off = await self._database.write(
            lambda connection: self._note_problem(connection, workspace_id, problem, token, since)
        )
        await self.refresh()
        return gone_off

    def _note_problem(
        self, connection: Connection, workspace_id: str, problem: str, token: str | None, since: datetime | None
    ) -> bool:
        mine = workspaces.c.id == workspace_id
        row = connection.execute(select(workspaces).where(mine).with_for_update()).first()
        if row is None or (token is not None and self._open(row.bot_token)[0] != token):
            return False
        if since is not None and row.installed_at is not None and since < row.installed_at:
            return False
        if problem == EXPIRED and row.refresh_token is not None:
            # Nobody has taken anything away: the next token is due at once.
            connection.execute(update(workspaces).where(mine).values(expires_at=self._now()))
            return False
        if row.organisation_id is not None and row.problem in OFF and problem not in OFF:
            # It is off, whatever else is wrong.
            return False
        goes_off = row.organisation_id is not None and problem in OFF and row.problem not in OFF
        follow = {"is_settled": False} if goes_off else {}
        noted = update(workspaces).where(mine).values(problem=problem, changed_at=self._now(), **follow)
        connection.execute(noted)
        return goes_off

    def home_of(self, workspace: Workspace, team_id: str | None) -> str:
        """Return the issuer of an account of some team that acts where the app stands in a workspace.

        Everybody of an Enterprise organisation is known by that; whoever comes from elsewhere has an account there.
        """
        if team_id in {None, workspace.team_id, workspace.enterprise_id}:
            return workspace.id
        theirs = self._known.get(issuer(str(team_id)))
        is_theirs = theirs is not None and theirs.enterprise_id != workspace.enterprise_id
        return workspace.id if workspace.is_org_wide and not is_theirs else issuer(str(team_id))

    def _find(self, team_id: str | None, enterprise_id: str | None) -> Workspace | None:
        workspace = self._known.get(issuer(team_id)) if team_id else None
        if workspace or not enterprise_id:
            return workspace
        same = self._of_enterprise.get(enterprise_id, ())
        return self._known.get(issuer(enterprise_id)) or (same[0] if len(same) == 1 else None)

    async def _freshen(self, age: timedelta) -> None:
        if self._is_older_than(age):
            async with self._reading:
                if self._is_older_than(age):
                    await self.refresh()

    def _is_older_than(self, age: timedelta) -> bool:
        return self._read_at is None or self._now() - self._read_at >= age

    async def refresh(self) -> None:
        """Read what is known anew."""
        at = self._now()
        found = await self._database.read(_rows)
        rows = {row.id: tuple(row) for row in found}
        self._known = {
            row.id: self._known[row.id] if self._read.get(row.id) == rows[row.id] else self._workspace(row)
            for row in found
        }
        of_enterprise: dict[str, list[Workspace]] = {}
        for workspace in self._known.values():
            of_enterprise.setdefault(workspace.enterprise_id or "", []).append(workspace)
        self._of_enterprise, self._read, self._read_at = of_enterprise, rows, at

    def _put(self, connection: Connection, workspace: Workspace) -> None:
        put(connection, workspaces, [self._row(workspace)])
        self._let_out(connection, workspace)

    def _begin(self, connection: Connection, workspace: Workspace, refresh_token: str) -> None:
        """Keep the first of tokens that follow each other, unless another process has begun with it already."""
        tokens, began = TokenPair(workspace.token, refresh_token, FIRST_LASTS.seconds), token_hash(workspace.token)
        row = {**self._row(workspace), **sealed(self._seal, tokens, self._now()), "began_with": began}
        is_new = workspaces.c.began_with.is_distinct_from(began)
        put_where(connection, workspaces, row, changed=row, where=is_new)
        self._let_out(connection, workspace)

    def _resume(self, connection: Connection, workspace: Workspace) -> None:
        beside = {"name": workspace.name, "channel": workspace.channel, "language": workspace.language}
        mine = update(workspaces).where(workspaces.c.id == workspace.id)
        connection.execute(mine.values(**beside, problem=None, changed_at=self._now()))
        self._let_out(connection, workspace)

    def _let_out(self, connection: Connection, workspace: Workspace) -> None:
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
            "bot_token": self._seal.seal(workspace.token),
            "bot_user_id": workspace.bot_user_id,
            "channel": workspace.channel,
            "language": workspace.language,
            "problem": None,
            "changed_at": self._now(),
            "organisation_id": workspace.organisation,
            "refresh_token": None,
            "expires_at": None,
            "installed_at": self._now(),
            "is_settled": True,
            "rotating_until": None,
            "began_with": None,
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
            organisation=row.organisation_id,
            expires_at=row.expires_at,
        )

    def _open(self, sealed: str) -> tuple[str, str | None]:
        try:
            return self._seal.open(sealed), None
        except SealBroken:
            return "", UNREADABLE

    def _sealed_anew(self, sealed: str | None) -> str | None:
        """Seal with the newest key; None where it is, or cannot be opened."""
        token, problem = ("", None) if sealed is None else self._open(sealed)
        return None if sealed is None or problem or self._seal.is_newest(sealed) else self._seal.seal(token)


async def connect_workspace(
    slack: Slack,
    known: Workspaces,
    *,
    token: str,
    channel: str | None,
    language: Language,
    refresh_token: str | None = None,
) -> Workspace:
    """Make or update the row of the workspace a token belongs to. Raise SlackProblem when Slack refuses the token.

    One with a `refresh_token` is the first of a row of tokens: once it is known, the newest of them is asked with.
    """
    begun = None if refresh_token is None else await known.begun_with(token)
    if begun is not None:
        if begun.problem == REFUSED_REFRESH:
            raise Never(begun.problem)
        installed = await slack.auth_test(begun.token)
        return await known.resume(begun, name=installed.team, channel=channel, language=language)
    installed = await slack.auth_test(token)
    return await known.ensure(
        team_id=installed.team_id,
        enterprise_id=installed.enterprise_id,
        name=installed.team,
        token=token,
        bot_user_id=installed.bot_user_id,
        channel=channel,
        language=language,
        refresh_token=refresh_token,
    )


def sealed(seal: TokenSeal, tokens: TokenPair, since: datetime) -> Row:
    """Return the columns of tokens that were asked for at a time."""
    refresh = tokens.refresh_token
    return {
        "bot_token": seal.seal(tokens.token),
        "refresh_token": refresh and seal.seal(refresh),
        "expires_at": tokens.expires_at(since),
        "rotating_until": None,
    }


def _begin_anew(connection: Connection, workspace: str, at: datetime) -> None:
    """Let a workspace that is somebody's for the first time know nothing of whoever had it before."""
    connection.execute(update(identities).where(identities.c.issuer == workspace).values(is_let_in=False))
    open_ = identities.c.state.in_([LinkState.CONFIRMED, LinkState.OFFERED, LinkState.ASKED])
    linked = and_(identities.c.issuer == workspace, open_)
    connection.execute(update(identities).where(linked).values(state=LinkState.UNDONE, at=at, seen_at=None))
    here = cards.c.workspace_id == workspace
    nowhere = {"workspace_id": None, "address": None, "leased_until": None, "attempts": 0, "due_at": at}
    on_the_way = and_(here, cards.c.channel.is_(None), cards.c.due_at.is_not(None), cards.c.kind != QUESTION)
    connection.execute(update(cards).where(on_the_way).values(nowhere))
    over = {"given_up_at": at, "last_error": CHANGED_HANDS, "due_at": None, "leased_until": None}
    connection.execute(update(cards).where(here).values(over))


def _is_gone(row: Any) -> bool:
    """Say whether the app was taken away from a workspace, and what stood there has found another way."""
    return row.problem in GONE and row.is_settled


def _rows(connection: Connection) -> Sequence[Any]:
    # That of mail says whether mail is on; nobody is looked for there. An organisation's speaks as that has chosen.
    language = func.coalesce(organisations.c.language, workspaces.c.language).label("language")
    others = [column for column in workspaces.c if column is not workspaces.c.language]
    query = select(*others, language).outerjoin(organisations, organisations.c.id == workspaces.c.organisation_id)
    return connection.execute(query.where(workspaces.c.id != MAIL).order_by(workspaces.c.id)).all()
