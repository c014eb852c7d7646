"""Unlinking Slack accounts from people: in history, in cards on their way to them, and for those who must hear."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, insert, or_, select, true, update

from core.audit.records import AuditRecord
from core.identity.accounts import UNLINKED, Allowing, Identity, Undoing, account_hash, account_name
from core.ports.cases import NewId, Now
from core.ports.register import RegisterAnnouncer
from core.register.administration import ChangeContext, Keeper, RegisterChanged
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    Happened,
    LineKind,
    LinkState,
    OrganisationId,
    OrganisationKind,
    PersonId,
    State,
    Undone,
)
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.storage.administration.owed_cards import put_cards
from core.storage.audit.audit_records import write_record
from core.storage.database.conditions import goes_on
from core.storage.database.database import Database
from core.workflow.events import NewCard

ACCOUNTS, CARDS = tables.identities, tables.cards
# The row that is there while mail is on.
MAIL = "mail"
# What asks whose an account is, and says what became of that.
QUESTION = "link"


@dataclass(frozen=True)
class SqlAccounts:
    """Implements core.ports.identity.Accounts on SQLite and PostgreSQL."""

    database: Database
    announcer: RegisterAnnouncer
    new_id: NewId
    now: Now

    async def undo(self, person: PersonId, undoing: Undoing, account: Identity | None = None) -> Sequence[Identity]:
        """See core.ports.identity.Accounts."""

        def work(connection: Connection) -> list[Identity]:
            return undo_links(
                connection, person, undoing, self.now, account, announcer=self.announcer, new_id=self.new_id
            )

        return await self.database.write(work)

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """See core.ports.identity.Accounts."""
        return await self.database.read(lambda connection: _barred(connection, person))

    async def allow(self, person: PersonId, allowing: Allowing, account: Identity | None = None) -> Sequence[Identity]:
        """See core.ports.identity.Accounts."""
        return await self.database.write(lambda connection: _allow(connection, person, allowing, self.now, account))

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """See core.ports.identity.Accounts."""
        seen = update(ACCOUNTS).where(_of(account), reads.is_linked()).values(seen_at=at)
        await self.database.write(lambda connection: connection.execute(seen))


def undo_links(
    connection: Connection,
    person: PersonId,
    undoing: Undoing,
    now: Now,
    account: Identity | None = None,
    *,
    announcer: RegisterAnnouncer,
    new_id: NewId,
) -> list[Identity]:
    """Unlink a person's confirmed Slack accounts, or one of them, and return which they were; none when none was.

    Cards on their way to them find their reader anew, as for anybody who has no account. The person and the
    administrators of her organisations get a card. `now` is asked once nobody else holds the accounts.
    """
    mine = and_(ACCOUNTS.c.person_id == person, true() if account is None else _of(account))
    linked = select(ACCOUNTS).where(mine, reads.is_linked())
    rows = connection.execute(linked.order_by(*ACCOUNTS.primary_key).with_for_update()).all()
    at = now()
    lines = [_undo(connection, row, undoing, at, new_id) for row in rows]
    accounts = [Identity(row.issuer, row.subject) for row in rows]
    if lines:
        _tell(connection, person, accounts[-1], lines[-1], undoing, at, announcer=announcer, new_id=new_id)
    return accounts


def _undo(connection: Connection, row: Row[Any], undoing: Undoing, at: datetime, new_id: NewId) -> int:
    account, person = Identity(row.issuer, row.subject), PersonId(row.person_id)
    ended = update(ACCOUNTS).where(_of(account)).values(state=undoing.leaves, at=at, seen_at=None)
    connection.execute(ended)
    _turn_away(connection, account, person, at, new_id)
    hashed = account_hash(account, tables.salt_of(connection, account.issuer, account.subject))
    line = AuditRecord(
        LineKind.IDENTITY,
        Happened.UNLINKED,
        at,
        undoing.surface,
        person=undoing.by,
        about=person,
        organisation=undoing.organisation,
        facts={"workspace": account.issuer, "account_hash": hashed, "why": undoing.why, "by": undoing.key},
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
    asked_anew = [_again(row, at, new_id) for row in _asking(connection, stands)]
    ended = {"given_up_at": at, "last_error": UNLINKED, "due_at": None, "leased_until": None}
    connection.execute(update(CARDS).where(stands).values(ended))
    if asked_anew:
        connection.execute(insert(CARDS), asked_anew)


def _show_question_anew(connection: Connection, account: Identity, person: PersonId, at: datetime) -> None:
    about = CARDS.c.about == account_name(account)
    question = update(CARDS).where(CARDS.c.person_id == person, CARDS.c.kind == QUESTION, about)
    connection.execute(question.values(must_show=CARDS.c.must_show + 1, priority=0, due_at=at))


def _asking(connection: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    """Read the cards, of some, that ask what their case waits for now, each with the case's state and revision."""
    cases = tables.cases.c
    query = select(CARDS, cases.state, cases.revision).join(tables.cases, cases.id == CARDS.c.case_id)
    is_asked = and_(which, CARDS.c.about.is_(None), cases.closed_at.is_(None), CARDS.c.step == cases.step)
    cards = connection.execute(query.where(is_asked)).all()
    return [row for row in cards if PART_WAITED_FOR.get(State(row.state)) == row.part]


def _again(row: Row[Any], at: datetime, new_id: NewId) -> dict[str, object]:
    return {
        "id": new_id("C"),
        "case_id": row.case_id,
        "person_id": row.person_id,
        "kind": row.kind,
        "part": row.part,
        "step": row.step,
        "must_show": row.revision,
        "does_show": 0,
        "priority": 1,
        "due_at": at,
        "attempts": 0,
    }


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


# --- who hears of it


def _tell(
    connection: Connection,
    person: PersonId,
    account: Identity,
    line: int,
    undoing: Undoing,
    at: datetime,
    *,
    announcer: RegisterAnnouncer,
    new_id: NewId,
) -> None:
    """Put the cards about it into the outbox, one to each who hears of it, in however many organisations."""
    cards_of: dict[tuple[PersonId | None, str], NewCard] = {}
    # An administrator knows what she has done; whoever answered for an account may be somebody else than its person.
    actor = undoing.by if undoing.why is Undone.ADMINISTRATOR else None
    for id_, kinds in _organisations(connection, person, at) or [(OrganisationId(""), frozenset())]:
        keeper = Keeper(actor or PersonId(""), id_, kinds, None)
        change = RegisterChanged(line, LineKind.IDENTITY, Happened.UNLINKED, keeper, about=person)
        context = reads.change_context(connection, id_, at) if id_ else ChangeContext()
        for card in announcer.announce(change, context, new_id):
            cards_of.setdefault((card.person, card.kind), card)
    # The person's own mail leads to where the account may be let in again.
    barred = account_name(account) if undoing.leaves is LinkState.BARRED else None
    reached = _is_reached(connection, person)
    cards = [replace(card, about=barred) if card.person == person else card for card in cards_of.values()]
    put_cards(connection, [(line, card) for card in cards if card.person != person or reached], at)


def _is_reached(connection: Connection, person: PersonId) -> bool:
    """Say whether a person has another account, or mail: who has neither reads at the account what became of it."""
    other = exists().where(ACCOUNTS.c.person_id == person, reads.is_linked())
    return bool(connection.scalar(select(or_(other, exists().where(tables.workspaces.c.id == MAIL)))))


def _organisations(
    connection: Connection, person: PersonId, at: datetime
) -> list[tuple[OrganisationId, frozenset[OrganisationKind]]]:
    """Read where a person has a role that is not over."""
    held, organisations = tables.role_assignments.c, tables.organisations.c
    mine = and_(held.organisation_id == organisations.id, held.person_id == person, goes_on(held.valid_to, at))
    query = select(organisations.id, organisations.kinds).where(exists().where(mine)).order_by(organisations.id)
    return [(OrganisationId(id_), frozenset(map(OrganisationKind, kinds))) for id_, kinds in connection.execute(query)]


def _of(account: Identity) -> ColumnElement[bool]:
    return and_(ACCOUNTS.c.issuer == account.issuer, ACCOUNTS.c.subject == account.subject)
