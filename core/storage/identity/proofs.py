"""Attempts to identify and proofs, on a database: made here, spent by the press that carries them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.identity.accounts import Identity
from core.identity.proofs import Occasion
from core.identity.tokens import token_hash
from core.ports.cases import NewId
from core.shared.errors import AttemptGone, IdentifiedAsAnother, IdentityNotLinked
from core.shared.vocabulary import Action, CaseId, PersonId
from core.storage import tables
from core.storage.database.database import Database
from core.storage.tables.links import stands


@dataclass(frozen=True)
class SqlProofs:
    """Implements core.ports.identity.Proofs on SQLite and PostgreSQL."""

    database: Database
    new_id: NewId

    async def begin(self, attempt: str, occasion: Occasion, *, method: str, at: datetime, until: datetime) -> None:
        """See core.ports.identity.Proofs."""
        values = {
            "id": f"{method}:{self.new_id('E')}",
            "attempt": token_hash(attempt),
            "person_id": occasion.person,
            "case_id": occasion.case,
            "step": occasion.step,
            "content_version": occasion.content_version,
            "action": occasion.action,
            "method": method,
            "begun_at": at,
            "expires_at": until,
        }
        await self.database.write(lambda connection: connection.execute(insert(tables.proofs), values).close())

    async def complete(self, attempt: str, account: Identity, token: str, *, at: datetime, until: datetime) -> Occasion:
        """See core.ports.identity.Proofs."""
        proven = {"hash": token_hash(token), "expires_at": until}
        return await self.database.write(_completing(token_hash(attempt), account, proven, at))


def _completing(
    attempt: str, account: Identity, proven: Mapping[str, object], at: datetime
) -> Callable[[Connection], Occasion]:
    def work(connection: Connection) -> Occasion:
        person = _person(connection, account)
        row = _attempt(connection, attempt, at)
        if row.person_id != person:
            raise IdentifiedAsAnother
        # Two that come back with the same answer: the one that waited finds nothing left to prove.
        proofs = tables.proofs
        if not connection.execute(
            update(proofs).where(proofs.c.attempt == attempt, proofs.c.hash.is_(None)).values(proven)
        ).rowcount:
            raise AttemptGone
        return _occasion(row)

    return work


def _person(connection: Connection, account: Identity) -> PersonId:
    accounts = tables.identities.c
    mine = (accounts.issuer == account.issuer, accounts.subject == account.subject, stands())
    person = connection.execute(select(accounts.person_id).where(*mine)).scalar_one_or_none()
    if person is None:
        raise IdentityNotLinked
    return PersonId(person)


def _attempt(connection: Connection, attempt: str, at: datetime) -> Row[*tuple[Any, ...]]:
    proofs = tables.proofs.c
    waiting = (proofs.attempt == attempt, proofs.hash.is_(None), proofs.expires_at > at)
    row = connection.execute(select(tables.proofs).where(*waiting)).one_or_none()
    if row is None:
        raise AttemptGone
    return row


def _occasion(row: Row[*tuple[Any, ...]]) -> Occasion:
    return Occasion(PersonId(row.person_id), CaseId(row.case_id), row.step, row.content_version, Action(row.action))
