"""Sessions on a database: found by their token's hash, with the person as the register has it at that moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from core.audit.records import AuditRecord
from core.identity.sign_ins import NOTED_EVERY, SESSION_RESTS, NewWebSession, WebSession
from core.register.organisations import Person
from core.shared.vocabulary import Assurance, Happened, LineKind, PersonId, SessionId, Surface
from core.storage import tables
from core.storage.audit.audit_records import write_record
from core.storage.database.database import Database
from core.storage.reads.queries import ANSWERED, answered_from_row

SESSIONS, PEOPLE = tables.sessions, tables.persons
_WITH_PERSON = (
    select(
        *ANSWERED,
        SESSIONS.c.id.label("session_id"),
        SESSIONS.c.assurance,
        SESSIONS.c.browser,
        SESSIONS.c.began_at,
        SESSIONS.c.used_at,
        SESSIONS.c.expires_at,
    )
    .join(PEOPLE, PEOPLE.c.id == SESSIONS.c.person_id)
    .where(PEOPLE.c.active)
)


@dataclass(frozen=True)
class SqlSessions:
    """Implements core.ports.sign_ins.Sessions on SQLite and PostgreSQL."""

    database: Database

    async def find(self, token_hash: str, at: datetime) -> WebSession | None:
        """See core.ports.sign_ins.Sessions."""
        query = _WITH_PERSON.where(SESSIONS.c.hash == token_hash)
        row = await self.database.read(lambda connection: connection.execute(query).one_or_none())
        session = None if row is None else _session(row)
        if session is None or session.is_over(at):
            return None
        if at - session.used_at >= NOTED_EVERY:
            used = update(SESSIONS).where(SESSIONS.c.id == session.id).values(used_at=at)
            await self.database.write(lambda connection: connection.execute(used).close())
        return session

    async def of(self, person: PersonId, at: datetime) -> Sequence[WebSession]:
        """See core.ports.sign_ins.Sessions."""
        query = _WITH_PERSON.where(SESSIONS.c.person_id == person).order_by(SESSIONS.c.used_at.desc(), SESSIONS.c.id)
        rows = await self.database.read(lambda connection: connection.execute(query).all())
        return [session for session in map(_session, rows) if not session.is_over(at)]

    async def end(self, person: PersonId, session: SessionId | None = None) -> int:
        """See core.ports.sign_ins.Sessions."""
        return await self.database.write(lambda connection: end_sessions(connection, person, session))

    async def sign_out(self, person: PersonId, at: datetime) -> int:
        """End a person's sessions, and mails to sign in by, for whoever runs this; say how many sessions they were."""
        return await self.database.write(lambda connection: _sign_out(connection, person, at))


def _sign_out(connection: Connection, person: PersonId, at: datetime) -> int:
    connection.execute(delete(tables.sign_ins).where(tables.sign_ins.c.person_id == person))
    if ended := end_sessions(connection, person):
        facts = {"sessions": ended}
        line = AuditRecord(LineKind.IDENTITY, Happened.SIGNED_OUT, at, Surface.FILE, about=person, facts=facts)
        write_record(connection, line)
    return ended


def begin_session(connection: Connection, person: Person, new: NewWebSession, assurance: Assurance) -> WebSession:
    """Store a session that begins."""
    values = {
        "id": new.id,
        "hash": new.token_hash,
        "person_id": person.id,
        "assurance": assurance,
        "browser": new.browser,
        "began_at": new.began_at,
        "used_at": new.began_at,
        "expires_at": new.expires_at,
    }
    connection.execute(insert(SESSIONS), values)
    return WebSession(new.id, person, assurance, new.browser, new.began_at, new.began_at, new.expires_at)


def end_sessions(connection: Connection, person: PersonId, session: SessionId | None = None) -> int:
    """End a session of a person, or all of them; whoever holds one is asked to sign in at the next request."""
    which = [SESSIONS.c.person_id == person, *([] if session is None else [SESSIONS.c.id == session])]
    return connection.execute(delete(SESSIONS).where(*which)).rowcount


def forget_sessions(connection: Connection, at: datetime) -> None:
    """Take away those that are over: nobody's browser is known here for longer than it is signed in."""
    is_over = or_(SESSIONS.c.expires_at <= at, SESSIONS.c.used_at <= at - SESSION_RESTS)
    connection.execute(delete(SESSIONS).where(is_over))


def _session(row: Row[*tuple[Any, ...]]) -> WebSession:
    return WebSession(
        id=SessionId(row.session_id),
        person=answered_from_row(row),
        assurance=Assurance(row.assurance),
        browser=row.browser,
        began_at=row.began_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )
