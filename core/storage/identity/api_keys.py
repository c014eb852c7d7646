"""API keys: made once, shown once, stored as a digest."""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from core.audit.records import AuditRecord
from core.identity.tokens import token_hash
from core.ports.api_keys import KeyHolder
from core.ports.cases import NewId
from core.register.administration import Author
from core.shared.errors import KeyExpired, PersonInactive
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId, Surface
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.audit.audit_records import write_record
from core.storage.database.database import Database

# kp_<id>_<secret>: the id finds the row, the secret opens it.
TOKEN = re.compile(r"kp_(K[0-9A-Z]{10})_([A-Za-z0-9_-]{43})")
NOBODY = "0" * 64
# For how long a key opens anything, where nobody says otherwise.
LASTS = timedelta(days=365)
# Keys are made and revoked by whoever runs the product, at a terminal.
BY_COMMAND = Author("command", Surface.FILE)


@dataclass(frozen=True)
class KeyLine:
    """A key as an operator lists it; the secret is not known to us."""

    id: str
    label: str
    person: str | None
    organisation: str | None
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime
    used_on: date | None


class Keys:
    """Makes, finds and revokes keys: the protocol of `core.ports.api_keys.ApiKeys`, and what an operator does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noting = set[str]()

    async def create(
        self,
        new_id: NewId,
        at: datetime,
        label: str,
        owner: tuple[PersonId, OrganisationId] | None,
        *,
        lasts: timedelta = LASTS,
    ) -> str:
        """Make a key and return its token, to be shown this once; `owner` None makes it Inera's operator's."""
        id_, secret = new_id("K"), secrets.token_urlsafe(32)
        person, organisation = owner or (None, None)
        values = {"id": id_, "hash": token_hash(secret), "label": label, "created_at": at, "expires_at": at + lasts}
        values |= {"person_id": person, "organisation_id": organisation}

        def work(connection: Connection) -> None:
            connection.execute(insert(tables.api_keys), values)
            _note(connection, Happened.GRANTED, id_, owner, at)

        await self._database.write(work)
        return f"kp_{id_}_{secret}"

    async def holder(self, token: str, at: datetime) -> KeyHolder | None:
        """Return whom a key speaks for; None for anything that is no key of ours. Raise KeyExpired or
        PersonInactive.
        """
        match = TOKEN.fullmatch(token)
        if match is None:
            return None
        id_, secret = match.groups()
        row = await self._database.read(lambda connection: _key(connection, id_))
        if not hmac.compare_digest(NOBODY if row is None else row.hash, token_hash(secret)) or row is None:
            return None
        # Only whoever holds the secret hears more than that it opens nothing.
        if row.expires_at <= at:
            raise KeyExpired(at=row.expires_at)
        if row.active is False:
            raise PersonInactive
        return KeyHolder(id_, row.person_id, row.organisation_id, row.used_on)

    async def note_use(self, holder: KeyHolder, at: datetime) -> None:
        """Note the day that a key was used on. Whoever asks meanwhile for the same waits for nothing."""
        day, keys = day_of(at), tables.api_keys
        if holder.key in self._noting:
            return
        earlier = or_(keys.c.used_on.is_(None), keys.c.used_on < day)
        noted = update(keys).where(keys.c.id == holder.key, earlier).values(used_on=day)
        self._noting.add(holder.key)
        try:
            await self._database.write(lambda connection: connection.execute(noted).close())
        finally:
            self._noting.discard(holder.key)

    async def note_refused(self, key: str | None, code: str, holder: KeyHolder | None, at: datetime) -> None:
        """Record that a key was refused, or what it asked for: `holder` where it was one of ours."""
        about, organisation = (None, None) if holder is None else (holder.person, holder.organisation)
        facts = {"code": code, "number": key}
        line = AuditRecord(
            LineKind.KEY, Happened.REFUSED, at, Surface.API, about=about, organisation=organisation, facts=facts
        )

        def work(connection: Connection) -> None:
            write_record(connection, line)

        await self._database.write(work)

    async def revoke(self, id_: str, at: datetime) -> bool:
        """End a key at once; False when there is none that is valid."""
        keys = tables.api_keys
        valid = update(keys).where(keys.c.id == id_, keys.c.revoked_at.is_(None))
        ended = valid.values(revoked_at=at).returning(keys.c.person_id, keys.c.organisation_id)

        def work(connection: Connection) -> bool:
            row = connection.execute(ended).one_or_none()
            if row is not None:
                owner = (
                    None if row.person_id is None else (PersonId(row.person_id), OrganisationId(row.organisation_id))
                )
                _note(connection, Happened.ENDED, id_, owner, at)
            return row is not None

        return await self._database.write(work)

    async def list(self) -> Sequence[KeyLine]:
        """Read every key, the newest first."""
        return await self._database.read(_lines)


def _note(
    connection: Connection, happened: Happened, id_: str, owner: tuple[PersonId, OrganisationId] | None, at: datetime
) -> None:
    person, organisation = owner or (None, None)
    facts = {"by": BY_COMMAND.by, "number": id_, "is_operators": owner is None}
    line = AuditRecord(
        LineKind.KEY, happened, at, BY_COMMAND.surface, about=person, organisation=organisation, facts=facts
    )
    write_record(connection, line)


def _key(connection: Connection, id_: str) -> Row[*tuple[Any, ...]] | None:
    keys, people = tables.api_keys, tables.persons
    query = (
        select(
            keys.c.hash, keys.c.person_id, keys.c.organisation_id, keys.c.expires_at, keys.c.used_on, people.c.active
        )
        .outerjoin(people, people.c.id == keys.c.person_id)
        .where(keys.c.id == id_, keys.c.revoked_at.is_(None))
    )
    return connection.execute(query).one_or_none()


def _lines(connection: Connection) -> list[KeyLine]:
    keys = tables.api_keys.c
    query = (
        select(
            keys.id,
            keys.label,
            tables.persons.c.email,
            tables.organisations.c.name,
            keys.created_at,
            keys.revoked_at,
            keys.expires_at,
            keys.used_on,
        )
        .select_from(tables.api_keys)
        .outerjoin(tables.persons, tables.persons.c.id == keys.person_id)
        .outerjoin(tables.organisations, tables.organisations.c.id == keys.organisation_id)
        .order_by(keys.created_at.desc(), keys.id)
    )
    return [KeyLine(*row) for row in connection.execute(query)]
