"""Unlinking Slack accounts from people: in history, and in cards on their way to them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, true, update

from core.audit.records import AuditRecord
from core.identity.accounts import UNLINKED, Allowing, Identity, LettingIn, Undoing, account_hash, account_name
from core.ports.cases import NewId, Now
from core.ports.register import AccountTransaction
from core.shared.vocabulary import (
    Happened,
    LineKind,
    LinkState,
    OrganisationId,
    OrganisationKind,
    PersonId,
)
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.storage.administration.owed_cards import SqlRegisterNews
from core.storage.audit.audit_records import write_record
from core.storage.database.conditions import goes_on
from core.storage.database.database import Database
from core.storage.database.sessions import finish
from core.storage.tables.homes import GUEST, asked_anew, asking, asking_of_guests

T = TypeVar("T")
ACCOUNTS, CARDS = tables.identities, tables.cards
# The row that is there while mail is on.
MAIL = "mail"
# What asks whose an account is; as what asks whether a guest's is let in it says what became of that.
QUESTION = "link"


@dataclass(frozen=True)
class SqlAccounts:
    """Implements core.ports.identity.AccountRepository on SQLite and PostgreSQL."""

    database: Database
    new_id: NewId

    async def transact(self, use_case: Callable[[AccountTransaction], Awaitable[T]]) -> T:
        """See AccountRepository."""

        def work(connection: Connection) -> T:
            return finish(use_case(SqlAccountTransaction(connection, self.new_id)))

        return await self.database.write(work)

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """See AccountRepository."""
        return await self.database.read(lambda connection: _barred(connection, person))

    async def allow(
        self, person: PersonId, allowing: Allowing, now: Now, account: Identity | None
    ) -> Sequence[Identity]:
        """See AccountRepository."""
        return await self.database.write(lambda connection: _allow(connection, person, allowing, now, account))

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """See AccountRepository."""
        seen = update(ACCOUNTS).where(_of(account), reads.is_linked()).values(seen_at=at)
        await self.database.write(lambda connection: connection.execute(seen))


@dataclass(frozen=True)
class SqlAccountTransaction(SqlRegisterNews):
    """Implements core.ports.register.AccountTransaction."""

    new_id: NewId

    async def hold_accounts(self, person: PersonId, account: Identity | None) -> Sequence[Identity]:
        """See AccountTransaction."""
        mine = and_(ACCOUNTS.c.person_id == person, true() if account is None else _of(account))
        linked = select(ACCOUNTS).where(mine, reads.is_linked())
        rows = self.connection.execute(linked.order_by(*ACCOUNTS.primary_key).with_for_update()).all()
        return [Identity(row.issuer, row.subject) for row in rows]

    async def end_link(self, account: Identity, person: PersonId, undoing: Undoing, at: datetime) -> int:
        """See AccountTransaction."""
        ended = update(ACCOUNTS).where(_of(account)).values(state=undoing.leaves, at=at, seen_at=None)
        if undoing.leaves is LinkState.BARRED:
            # A guest's is to be said yes to again, by an administrator too.
            ended = ended.values(is_let_in=False)
        self.connection.execute(ended)
        _turn_away(self.connection, account, person, at, self.new_id)
        why = {"why": undoing.why, "by": undoing.key}
        return _note(self.connection, Happened.UNLINKED, account, person, undoing, at, **why)

    async def let_guest_in(self, person: PersonId, letting: LettingIn, at: datetime) -> bool:
        """See AccountTransaction."""
        account = letting.account
        asked = select(ACCOUNTS).where(reads.waits_for_yes(letting.organisation), ACCOUNTS.c.person_id == person)
        if self.connection.execute(asked.where(_of(account)).with_for_update()).first() is None:
            return False
        let_in = update(ACCOUNTS).where(_of(account)).values(state=LinkState.OFFERED, is_let_in=True, at=at)
        self.connection.execute(let_in)
        _show_question_anew(self.connection, account, person, at)
        _note(self.connection, Happened.LET_IN, account, person, letting, at)
        return True

    async def load_organisations(
        self, person: PersonId, at: datetime
    ) -> Sequence[tuple[OrganisationId, frozenset[OrganisationKind]]]:
        """See AccountTransaction."""
        held, organisations = tables.role_assignments.c, tables.organisations.c
        mine = and_(held.organisation_id == organisations.id, held.person_id == person, goes_on(held.valid_to, at))
        query = select(organisations.id, organisations.kinds).where(exists().where(mine)).order_by(organisations.id)
        rows = self.connection.execute(query)
        return [(OrganisationId(id_), frozenset(map(OrganisationKind, kinds))) for id_, kinds in rows]

    async def is_reached(self, person: PersonId) -> bool:
        """See AccountTransaction."""
        other = exists().where(ACCOUNTS.c.person_id == person, reads.is_linked())
        return bool(self.connection.scalar(select(or_(other, exists().where(tables.workspaces.c.id == MAIL)))))


def _note(
    connection: Connection,
    happened: Happened,
    account: Identity,
    person: PersonId,
    acting: Undoing | LettingIn,
    at: datetime,
    **facts: object,
) -> int:
    """Write the line that tells what somebody did to a person's account, which it names by a hash alone."""
    hashed = account_hash(account, tables.salt_of(connection, account.issuer, account.subject))
    line = AuditRecord(
        LineKind.IDENTITY,
        happened,
        at,
        acting.surface,
        person=acting.by,
        about=person,
        organisation=acting.organisation,
        facts={"workspace": account.issuer, "account_hash": hashed, **facts},
        assurance=acting.assurance,
    )
    return write_record(connection, line)


def _turn_away(connection: Connection, account: Identity, person: PersonId, at: datetime, new_id: NewId) -> None:
    """Let nothing more be shown to an account: its messages stay as they are, and what they ask is asked anew."""
    _show_question_anew(connection, account, person, at)
    here = and_(CARDS.c.workspace_id == account.issuer, CARDS.c.address == account.subject)
    mine = and_(CARDS.c.person_id == person, here, CARDS.c.kind != QUESTION)
    nowhere = {"workspace_id": None, "address": None, "leased_until": None, "attempts": 0, "due_at": at}
    on_the_way = and_(mine, CARDS.c.channel.is_(None), CARDS.c.due_at.is_not(None))
    connection.execute(update(CARDS).where(on_the_way).values(nowhere))
    stands = and_(mine, CARDS.c.channel.is_not(None), CARDS.c.given_up_at.is_(None))
    asked = (*asking(connection, stands), *asking_of_guests(connection, stands))
    again = [asked_anew(row, new_id("C"), at) for row in asked]
    _ask_alone(connection, account, person, at)
    ended = {"given_up_at": at, "last_error": UNLINKED, "due_at": None, "leased_until": None}
    connection.execute(update(CARDS).where(stands).values(ended))
    if again:
        connection.execute(insert(CARDS), again)


def _ask_alone(connection: Connection, account: Identity, person: PersonId, at: datetime) -> None:
    """Ask by themselves whoever was asked in a channel of that Slack, and cannot decide there any more."""
    there, cases = CARDS.alias("there"), tables.cases
    is_there = CARDS.c.asked_in.in_(select(there.c.id).where(there.c.workspace_id == account.issuer))
    now = select(cases.c.revision).where(
        cases.c.id == CARDS.c.case_id, cases.c.step == CARDS.c.step, cases.c.closed_at.is_(None)
    )
    rests = and_(CARDS.c.person_id == person, is_there, now.exists())
    anew = {"asked_in": None, "due_at": at, "must_show": now.scalar_subquery(), "last_error": UNLINKED}
    connection.execute(update(CARDS).where(rests).values(anew))


def _show_question_anew(connection: Connection, account: Identity, person: PersonId, at: datetime) -> None:
    is_asked = and_(CARDS.c.person_id == person, CARDS.c.kind == QUESTION)
    asks_for_yes = and_(CARDS.c.kind == GUEST, CARDS.c.given_up_at.is_(None))
    question = update(CARDS).where(CARDS.c.about == account_name(account), or_(is_asked, asks_for_yes))
    connection.execute(question.values(must_show=CARDS.c.must_show + 1, priority=0, due_at=at))


# --- confirmed again


def _barred(connection: Connection, person: PersonId) -> list[Identity]:
    mine = and_(ACCOUNTS.c.person_id == person, ACCOUNTS.c.state == LinkState.BARRED)
    rows = connection.execute(select(ACCOUNTS).where(mine).order_by(*ACCOUNTS.primary_key).with_for_update())
    return [Identity(row.issuer, row.subject) for row in rows]


def _allow(
    connection: Connection, person: PersonId, allowing: Allowing, now: Now, account: Identity | None = None
) -> list[Identity]:
    allowed = [barred for barred in _barred(connection, person) if account in {None, barred}]
    at = now()
    for allowed_account in allowed:
        anew = update(ACCOUNTS).where(_of(allowed_account)).values(state=LinkState.UNDONE, at=at)
        connection.execute(anew)
        _show_question_anew(connection, allowed_account, person, at)
        hashed = account_hash(
            allowed_account, tables.salt_of(connection, allowed_account.issuer, allowed_account.subject)
        )
        facts = {"workspace": allowed_account.issuer, "account_hash": hashed}
        kind, happened = LineKind.IDENTITY, Happened.ALLOWED
        line = AuditRecord(kind, happened, at, allowing.surface, person=allowing.by, about=person, facts=facts)
        write_record(connection, line)
    return allowed


def _of(account: Identity) -> ColumnElement[bool]:
    return and_(ACCOUNTS.c.issuer == account.issuer, ACCOUNTS.c.subject == account.subject)
