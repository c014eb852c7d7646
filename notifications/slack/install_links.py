"""Links by which an administrator installs the app in the organisation's own Slack; of each secret a hash is stored."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select, update

from core.api import CaseId, LinkUnknown, NewId, Now, OrganisationId, PersonId, Role, token_hash
from core.storage.tables import cases, install_links, persons, role_assignments, workspaces
from notifications.database import Transactions

LASTS = timedelta(days=7)
# How long somebody may take at Slack.
STATE_LASTS = timedelta(minutes=15)
LINKS = install_links.c


@dataclass(frozen=True)
class InstallLink:
    """Whose the link is, and for which organisation."""

    id: str
    organisation: OrganisationId
    person: PersonId
    expires_at: datetime


@dataclass(frozen=True)
class NewInstallLink:
    """A link that was just made; its token is stored nowhere."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class InstallLinks:
    """Where the links live. Each is used up by an installation; one whose person makes another is replaced by that."""

    database: Transactions
    now: Now
    new_id: NewId

    async def make(self, organisation: OrganisationId, person: PersonId) -> NewInstallLink:
        """Make a link for an administrator."""
        at, made = self.now(), NewInstallLink(token_urlsafe(32), self.now() + LASTS)
        row = {
            "id": self.new_id("L"),
            "hash": token_hash(made.token),
            "organisation_id": organisation,
            "person_id": person,
            "created_at": at,
            "expires_at": made.expires_at,
        }

        def work(connection: Connection) -> None:
            replaced = and_(LINKS.organisation_id == organisation, LINKS.person_id == person)
            connection.execute(delete(install_links).where(or_(replaced, LINKS.expires_at <= at)))
            connection.execute(insert(install_links).values(row))

        await self.database.write(work)
        return made

    async def invite(self, case: CaseId, email: str) -> NewInstallLink | None:
        """Make a link for whom an application has made administrator, as long as there is no Slack of the own."""
        at = self.now()
        found = await self.database.read(lambda connection: _administrator_by(connection, case, email, at))
        return None if found is None else await self.make(*found)

    async def open(self, token: str) -> InstallLink:
        """Return the link behind a token, changing nothing. Raise LinkUnknown, also where it is used or too old."""
        mine = and_(LINKS.hash == token_hash(token), self._is_good())
        return _known(
            await self.database.read(lambda connection: connection.execute(select(install_links).where(mine)).first())
        )

    async def leave(self, link: InstallLink, browser: str) -> str:
        """Let a browser go to Slack with the link; return what Slack is to bring back, once, from that browser."""
        state, until = token_urlsafe(32), self.now() + STATE_LASTS
        gone = {"state_hash": token_hash(state), "browser_hash": token_hash(browser), "state_until": until}
        mine = and_(LINKS.id == link.id, self._is_good())
        statement = update(install_links).where(mine).values(gone).returning(*LINKS)
        _known(await self.database.write(lambda connection: connection.execute(statement).first()))
        return state

    async def come_back(self, state: str, browser: str) -> InstallLink:
        """Return the link that a browser went to Slack with. Of two who come with one state the second is refused.

        Raise LinkUnknown, also for another browser and for what took too long.
        """
        at = self.now()
        mine = and_(LINKS.state_hash == token_hash(state), LINKS.browser_hash == token_hash(browser))
        went = and_(mine, LINKS.state_until > at, self._is_good())
        here = {"state_hash": None, "browser_hash": None, "state_until": None}
        statement = update(install_links).where(went).values(here).returning(*LINKS)
        return _known(await self.database.write(lambda connection: connection.execute(statement).first()))

    async def use_up(self, link: InstallLink) -> None:
        """Let nobody install by a link any more, since somebody has."""
        used = update(install_links).where(LINKS.id == link.id).values(used_at=self.now())
        await self.database.write(lambda connection: connection.execute(used))

    def _is_good(self) -> ColumnElement[bool]:
        return and_(LINKS.used_at.is_(None), LINKS.expires_at > self.now())


def _administrator_by(
    connection: Connection, case: CaseId, email: str, at: datetime
) -> tuple[OrganisationId, PersonId] | None:
    held = role_assignments.c
    has_slack = exists().where(workspaces.c.organisation_id == cases.c.customer_id, workspaces.c.problem.is_(None))
    query = (
        select(cases.c.customer_id, persons.c.id)
        .join(role_assignments, held.organisation_id == cases.c.customer_id)
        .join(persons, persons.c.id == held.person_id)
        .where(cases.c.id == case, persons.c.email == email.lower(), persons.c.active, ~has_slack)
        .where(held.role == Role.ADMINISTRATOR, held.valid_from <= at, or_(held.valid_to.is_(None), held.valid_to > at))
    )
    row = connection.execute(query).first()
    return None if row is None else (row.customer_id, row.id)


def _known(row: Any) -> InstallLink:  # Any: a SQLAlchemy row has its columns as attributes
    if row is None:
        raise LinkUnknown
    return InstallLink(row.id, row.organisation_id, row.person_id, row.expires_at)
