"""Personal links on a database: made once, found by their token's hash, used up beside what they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.identity.personal_links import (
    PersonalLink,
    card_sealed_in,
    check_link,
    link_key,
    link_token,
    seal_card,
)
from core.identity.tokens import token_hash
from core.shared.errors import LinkUnknown
from core.shared.vocabulary import CardId, CaseId, LinkId, Purpose
from core.storage.database.database import Database
from core.storage.tables import personal_links


@dataclass(frozen=True)
class SqlPersonalLinks:
    """Implements core.ports.identity.PersonalLinks on SQLite and PostgreSQL."""

    database: Database
    secret_key: str

    async def make(self, link: PersonalLink) -> str:
        """See core.ports.identity.PersonalLinks."""
        token = link_token(link_key(self.secret_key), link.id)

        def work(connection: Connection) -> None:
            if link.purpose is Purpose.READ:
                _forget_read(connection, link)
            store_link(connection, link, token)

        await self.database.write(work)
        return token

    async def open(self, token: str, purpose: Purpose, at: datetime) -> PersonalLink:
        """See core.ports.identity.PersonalLinks."""
        link = await self.database.read(lambda connection: find_link(connection, token))
        check_link(link, purpose, at)
        return link

    def seal_card(self, card: CardId) -> str:
        """See core.ports.identity.PersonalLinks."""
        return seal_card(link_key(self.secret_key), card)

    def card_sealed_in(self, token: str) -> CardId:
        """See core.ports.identity.PersonalLinks."""
        return card_sealed_in(link_key(self.secret_key), token)


def store_link(connection: Connection, link: PersonalLink, token: str) -> None:
    """Store a link, unless it is there already; it opens by the newest token, should the secret have changed since."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        "id": link.id,
        "hash": token_hash(token),
        "purpose": link.purpose,
        "case_id": link.case,
        "person_id": link.person,
        "email": link.email,
        "step": link.step,
        "content_version": link.content_version,
        "document_hash": link.document_hash,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
    }
    stored = dialect.insert(personal_links).values(row)
    changed = personal_links.c.hash != stored.excluded.hash
    again = stored.on_conflict_do_update(index_elements=["id"], set_={"hash": stored.excluded.hash}, where=changed)
    connection.execute(again)


def find_link(connection: Connection, token: str) -> PersonalLink:
    """Read the link behind a token, good or not. Raise LinkUnknown."""
    return _one(connection, personal_links.c.hash == token_hash(token))


def use_up_link(connection: Connection, link: LinkId, purpose: Purpose, at: datetime) -> PersonalLink:
    """Use a link up inside the transaction of what it is for; whoever comes second waits, and then is refused.

    Raise LinkUnknown, LinkUsed or LinkExpired. What undoes the transaction gives the link back.
    """
    mine = personal_links.c.id == link
    free = update(personal_links).where(mine, personal_links.c.used_at.is_(None)).values(used_at=at)
    free = free.where(personal_links.c.purpose == purpose, personal_links.c.expires_at > at)
    is_used_up = connection.execute(free).rowcount > 0
    used = _one(connection, mine)
    if not is_used_up:
        check_link(used, purpose, at)
    return used


def end_links(connection: Connection, case: CaseId, purpose: Purpose, at: datetime) -> None:
    """End the links of a case that are still good: others have been sent, or there is nothing left to do."""
    good = (
        personal_links.c.case_id == case,
        personal_links.c.purpose == purpose,
        personal_links.c.used_at.is_(None),
        personal_links.c.expires_at > at,
    )
    connection.execute(update(personal_links).where(*good).values(expires_at=at))


def forget_links(connection: Connection, cases: Sequence[str]) -> None:
    """Delete the links of cases: they hold addresses."""
    connection.execute(delete(personal_links).where(personal_links.c.case_id.in_(cases)))


def _forget_read(connection: Connection, link: PersonalLink) -> None:
    # Links to read by are made again and again, long after their case is closed: a person's own go when they are over.
    mine = (personal_links.c.person_id == link.person, personal_links.c.purpose == Purpose.READ)
    connection.execute(delete(personal_links).where(*mine, personal_links.c.expires_at <= link.created_at))


def _one(connection: Connection, which: ColumnElement[bool]) -> PersonalLink:
    row: Any = connection.execute(select(personal_links).where(which)).one_or_none()
    if row is None:
        raise LinkUnknown
    return PersonalLink(
        id=row.id,
        purpose=Purpose(row.purpose),
        case=row.case_id,
        email=row.email,
        created_at=row.created_at,
        expires_at=row.expires_at,
        person=row.person_id,
        step=row.step,
        content_version=row.content_version,
        document_hash=row.document_hash,
        used_at=row.used_at,
    )
