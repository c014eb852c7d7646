"""Signing in, on a database: what was mailed is used up by the session that it opens, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from core.identity.sign_ins import CODE_TRIES, NewSignIn, NewWebSession, WebSession
from core.register.organisations import Person
from core.shared.errors import OrderError, SignInOver, WrongCode
from core.shared.vocabulary import Assurance
from core.storage import tables
from core.storage.database.database import Database
from core.storage.identity.sessions import begin_session, forget_sessions
from core.storage.reads.queries import ANSWERED, answered_from_row

SIGN_INS = tables.sign_ins


@dataclass(frozen=True)
class SqlSignIns:
    """Implements core.ports.sign_ins.SignIns on SQLite and PostgreSQL."""

    database: Database

    async def ask(self, sign_in: NewSignIn, email: str) -> Person | None:
        """See core.ports.sign_ins.SignIns."""
        people = tables.persons

        def work(connection: Connection) -> Person | None:
            # What opens nothing any more is of use to nobody.
            connection.execute(delete(SIGN_INS).where(SIGN_INS.c.expires_at <= sign_in.began_at))
            found = select(*ANSWERED).where(people.c.email == email.lower(), people.c.active)
            row = connection.execute(found).one_or_none()
            values = {
                "id": sign_in.id,
                "person_id": None if row is None else row.id,
                "link_hash": sign_in.link_hash,
                "code_hash": sign_in.code_hash,
                "browser_hash": sign_in.browser_hash,
                "began_at": sign_in.began_at,
                "expires_at": sign_in.expires_at,
            }
            connection.execute(insert(SIGN_INS), values)
            return None if row is None else answered_from_row(row)

        return await self.database.write(work)

    async def holder(self, link_hash: str, at: datetime) -> Person:
        """See core.ports.sign_ins.SignIns."""
        people = tables.persons
        good = (SIGN_INS.c.link_hash == link_hash, *_good(at), people.c.active)
        query = select(*ANSWERED).join(SIGN_INS, SIGN_INS.c.person_id == people.c.id).where(*good)
        row = await self.database.read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            raise SignInOver
        return answered_from_row(row)

    async def by_link(self, link_hash: str, session: NewWebSession) -> WebSession:
        """See core.ports.sign_ins.SignIns."""

        def work(connection: Connection) -> WebSession:
            used = _use_up(connection, SIGN_INS.c.link_hash == link_hash, session.began_at)
            return _begin(connection, used, session, Assurance.MAIL_LINK)

        return await self.database.write(work)

    async def by_code(self, browser_hash: str, code_hash: str, session: NewWebSession) -> WebSession:
        """See core.ports.sign_ins.SignIns."""
        mine = SIGN_INS.c.browser_hash == browser_hash

        def work(connection: Connection) -> WebSession | OrderError:
            tried = _try_code(connection, mine, session.began_at)
            if not compare_digest(tried.code_hash, code_hash):
                # Not raised here: what undoes the transaction would give the try back.
                return WrongCode(left=CODE_TRIES - tried.tries) if tried.tries < CODE_TRIES else SignInOver()
            return _begin(connection, _use_up(connection, mine, session.began_at), session, Assurance.MAIL_CODE)

        result = await self.database.write(work)
        if isinstance(result, OrderError):
            raise result
        return result


def _good(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return SIGN_INS.c.used_at.is_(None), SIGN_INS.c.expires_at > at


def _try_code(connection: Connection, which: ColumnElement[bool], at: datetime) -> Row[*tuple[Any, ...]]:
    """Count a try before the code is looked at: those that come at once are counted one after another."""
    may_try = (which, *_good(at), SIGN_INS.c.tries < CODE_TRIES)
    counted = update(SIGN_INS).where(*may_try).values(tries=SIGN_INS.c.tries + 1)
    row = connection.execute(counted.returning(SIGN_INS.c.code_hash, SIGN_INS.c.tries)).one_or_none()
    if row is None:
        raise SignInOver
    return row


def _use_up(connection: Connection, which: ColumnElement[bool], at: datetime) -> Row[*tuple[Any, ...]]:
    """Use a mail's link and code up; whoever comes second waits, and then is refused."""
    used = update(SIGN_INS).where(which, *_good(at)).values(used_at=at).returning(SIGN_INS.c.person_id)
    row = connection.execute(used).one_or_none()
    if row is None:
        raise SignInOver
    return row


def _begin(connection: Connection, used: Row[*tuple[Any, ...]], new: NewWebSession, assurance: Assurance) -> WebSession:
    people = tables.persons
    found = select(*ANSWERED).where(people.c.id == used.person_id, people.c.active)
    row = connection.execute(found).one_or_none()
    if row is None:
        # Nobody's address, or somebody who has left since.
        raise SignInOver
    forget_sessions(connection, new.began_at)
    return begin_session(connection, answered_from_row(row), new, assurance)
