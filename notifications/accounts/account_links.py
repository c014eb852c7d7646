"""Links of Slack accounts to people: offered, then confirmed or declined by whoever holds the account."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, insert, or_, select, update

from core.api import (
    UNLINKED,
    AuditRecord,
    CardId,
    Happened,
    Identity,
    Language,
    LineKind,
    LinkState,
    NewId,
    OrganisationId,
    Part,
    PersonId,
    Surface,
    account_hash,
    account_name,
)
from core.storage.tables import cards, cases, history, identities, persons, role_assignments, salt_of, workspaces
from notifications.accounts.administrators import ask_for_yes
from notifications.cards.card import LET_GO, PRESSED, owed
from notifications.database import put_if_missing
from notifications.mail.port import MAIL
from notifications.rules.announcements import CardKind


@dataclass(frozen=True)
class Link:
    """An account and the person it may stand for; `organisation` is whose Slack says so, None for Inera's own."""

    account: Identity
    person: PersonId
    state: LinkState
    since: datetime | None = None
    organisation: OrganisationId | None = None


@dataclass(frozen=True)
class Sought:
    """Somebody to be found in Slack, with the links there are already.

    `belongs` are the organisations where the person has a role that is not over, `has_been` those where there ever was
    one, or is to be.
    """

    person: PersonId
    name: str
    email: str
    language: Language | None
    is_active: bool
    links: tuple[Link, ...]
    belongs: frozenset[OrganisationId]
    has_been: frozenset[OrganisationId]

    def may_be_told_by(self, organisation: OrganisationId | None) -> bool:
        """Say whether a Slack may say which account is the person's: Inera's own, or of an organisation with a role.

        Whoever runs an organisation's Slack can give any account any address: the account carries its roles alone.
        """
        return organisation is None or organisation in self.belongs

    def may_get(self, told_by: OrganisationId | None, affair: OrganisationId | None) -> bool:
        """Say whether an account gets what is an organisation's affair: as core.storage.tables.links does.

        `told_by` is whose Slack says whose the account is, `affair` None for nobody's in particular.
        """
        is_alone = affair is None and self.has_been <= {told_by}
        return told_by is None or told_by == affair or is_alone


def read_sought(connection: Connection, person: PersonId, at: datetime) -> Sought:
    """Read a person, the links there are, and where the person has a role, as of an instant."""
    row = connection.execute(select(persons).where(persons.c.id == person)).one()
    links = connection.execute(select(identities).where(identities.c.person_id == person))
    held = connection.execute(select(role_assignments).where(role_assignments.c.person_id == person)).all()
    # A role that was called off before it began was never held.
    roles = [each for each in held if each.valid_to is None or each.valid_to > each.valid_from]
    return Sought(
        person=row.id,
        name=row.name,
        email=row.email,
        language=Language(row.language) if row.language else None,
        is_active=row.active,
        links=tuple(map(_link, links)),
        belongs=_organisations(each for each in roles if each.valid_to is None or each.valid_to > at),
        has_been=_organisations(roles),
    )


def _link(row: Any) -> Link:  # Any: a SQLAlchemy row has its columns as attributes
    return Link(Identity(row.issuer, row.subject), row.person_id, LinkState(row.state), row.at, row.organisation_id)


def _organisations(roles: Iterable[Any]) -> frozenset[OrganisationId]:
    return frozenset(each.organisation_id for each in roles)


def offer(
    connection: Connection,
    account: Identity,
    person: PersonId,
    *,
    at: datetime,
    new_id: NewId,
    organisation: OrganisationId | None = None,
) -> bool:
    """Ask the holder of an account, once, whether it is this person's; False when the account is spoken for already.

    Whoever waited as a guest, and is one no longer, is asked too. `organisation` is whose Slack says so, None for
    Inera's own.
    """
    row = {
        "organisation_id": organisation,
        "issuer": account.issuer,
        "subject": account.subject,
        "person_id": person,
        "state": LinkState.OFFERED,
        "at": at,
    }
    if put_if_missing(connection, identities, row):
        connection.execute(insert(cards).values(_question(account, person, at, new_id)))
    elif _turn(connection, account, person, {LinkState.ASKED}, LinkState.OFFERED, at):
        _show_question_anew(connection, account, person, at)
    else:
        return False
    record_link(connection, account, person, Happened.OFFERED, at)
    return True


def ask(
    connection: Connection,
    account: Identity,
    person: PersonId,
    *,
    at: datetime,
    new_id: NewId,
    organisation: OrganisationId | None = None,
) -> None:
    """Let a guest's account wait for an administrator's yes; its holder is asked whose it is after that, once.

    Whoever says no, or becomes a guest, is asked about anew; a link that was taken away stays so.
    """
    row = {
        "organisation_id": organisation,
        "issuer": account.issuer,
        "subject": account.subject,
        "person_id": person,
        "state": LinkState.ASKED,
        "at": at,
    }
    again = {LinkState.OFFERED, LinkState.DECLINED, LinkState.UNDONE}
    if put_if_missing(connection, identities, row):
        # Owed once an administrator has said yes.
        connection.execute(insert(cards).values(_question(account, person, at, new_id) | {"due_at": None}))
        record_link(connection, account, person, Happened.ASKED, at)
    elif _turn(connection, account, person, again, LinkState.ASKED, at):
        # A question that stands in Slack can no longer be answered with yes.
        _show_question_anew(connection, account, person, at, cards.c.channel.is_not(None))
        record_link(connection, account, person, Happened.ASKED, at)
    # Also of who has got a first role, and a first administrator, since.
    ask_for_yes(connection, account, at, new_id)


def is_let_in(connection: Connection, account: Identity, person: PersonId) -> bool:
    """Say whether an administrator has said yes to a guest's account as this person's."""
    mine = and_(_is(account), identities.c.person_id == person, identities.c.is_let_in)
    return connection.execute(select(identities.c.state).where(mine)).first() is not None


def answer(connection: Connection, account: Identity, state: LinkState, at: datetime, *, new_id: NewId) -> Link | None:
    """Store what the holder of an account said; None when nothing was asked.

    A confirmed link stays confirmed, and one that is barred stays so, whatever the holder says; a guest's yes waits for
    an administrator first.
    """
    row = connection.execute(select(identities).where(_is(account)).with_for_update()).first()
    if row is None:
        return None
    is_too_early = row.state == LinkState.ASKED and state is LinkState.CONFIRMED
    if is_too_early or row.state in {LinkState.CONFIRMED, LinkState.BARRED}:
        return Link(account, row.person_id, LinkState(row.state))
    # Whoever confirms has just been looked at.
    seen_at = at if state is LinkState.CONFIRMED else None
    connection.execute(update(identities).where(_is(account)).values(state=state, at=at, seen_at=seen_at))
    _show_question_anew(connection, account, row.person_id, at)
    record_link(connection, account, row.person_id, Happened(state), at)
    make_due(connection, row.person_id, at)
    if state is LinkState.CONFIRMED:
        _tell_by_mail(connection, account, row.person_id, at, new_id)
        thaw(connection, _kept(account, row.person_id), at)
        _revive(connection, row.person_id, at)
    return Link(account, row.person_id, state)


def _tell_by_mail(connection: Connection, account: Identity, person: PersonId, at: datetime, new_id: NewId) -> None:
    """Put a mail to the own address into the outbox, where mail is on: it does not stand on Slack's word."""
    mail_is_on = exists().where(workspaces.c.id == MAIL)
    email = connection.scalar(select(persons.c.email).where(persons.c.id == person, mail_is_on))
    if email is not None:
        address = {"workspace_id": MAIL, "address": email, "about": account_name(account)}
        row = owed(CardId(new_id("C")), CardKind.LINKED, Part.ORDERER, at, person_id=person, **address)
        connection.execute(insert(cards).values(row))


def record_link(
    connection: Connection,
    account: Identity,
    person: PersonId,
    action: Happened,
    at: datetime,
    error: str | None = None,
) -> None:
    """Record what became of an account's link: the holder answers in Slack, the rest is the product's doing."""
    by_itself = action in {Happened.OFFERED, Happened.ASKED} or error is not None
    surface = Surface.CLOCK if by_itself else Surface.SLACK
    hashed = account_hash(account, salt_of(connection, account.issuer, account.subject))
    facts = {"workspace": account.issuer, "account_hash": hashed, "error": error}
    # Whoever says that an account is not theirs is somebody we do not know.
    who = person if action is Happened.CONFIRMED else None
    line = AuditRecord(LineKind.IDENTITY, action, at, surface, person=who, about=person, facts=facts)
    connection.execute(insert(history).values(line.values()))


def person_asked(connection: Connection, account: Identity) -> PersonId | None:
    """Read whose an account was asked to be, whatever the answer; None when nobody asked."""
    return connection.execute(select(identities.c.person_id).where(_is(account))).scalar_one_or_none()


def is_barred(connection: Connection, account: Identity) -> bool:
    """Say whether nobody may confirm an account as long as its person, or the operator, has not allowed it."""
    barred = select(identities.c.person_id).where(_is(account), identities.c.state == LinkState.BARRED)
    return connection.execute(barred).first() is not None


def set_language(connection: Connection, person: PersonId, language: Language) -> None:
    """Store what Slack says a person reads, where the person has chosen nothing."""
    unknown = and_(persons.c.id == person, persons.c.language.is_(None))
    connection.execute(update(persons).where(unknown).values(language=language))


def choose_language(connection: Connection, person: PersonId, language: Language) -> None:
    """Store what a person has chosen to read."""
    connection.execute(update(persons).where(persons.c.id == person).values(language=language))


def make_due(connection: Connection, person: PersonId, at: datetime) -> None:
    """Make cards due at once that wait for a person to be found."""
    waiting = and_(cards.c.workspace_id.is_(None), cards.c.due_at.is_not(None))
    connection.execute(update(cards).where(cards.c.id.in_(_free(person, waiting))).values(due_at=at, leased_until=None))


def _revive(connection: Connection, person: PersonId, at: datetime) -> None:
    """Owe cards again that were given up before anybody saw them, while there is something to decide."""
    is_let_go = cards.c.last_error.is_not_distinct_from(LET_GO)
    unseen = and_(cards.c.given_up_at.is_not(None), cards.c.does_show == 0, ~is_let_go)
    is_open = exists().where(cases.c.id == cards.c.case_id, cases.c.closed_at.is_(None))
    revision = select(cases.c.revision).where(cases.c.id == cards.c.case_id).scalar_subquery()
    anew = {
        "workspace_id": None,
        "address": None,
        "given_up_at": None,
        "must_show": revision,
        "due_at": at,
        "attempts": 0,
    }
    lost = and_(unseen, is_open)
    connection.execute(update(cards).where(cards.c.id.in_(_free(person, lost))).values(**anew))


def _kept(account: Identity, person: PersonId) -> ColumnElement[bool]:
    """The messages of open cases that an account kept when it stood for the person no longer."""
    here = and_(cards.c.workspace_id == account.issuer, cards.c.address == account.subject)
    is_open = exists().where(cases.c.id == cards.c.case_id, cases.c.closed_at.is_(None))
    was_kept = and_(cards.c.given_up_at.is_not(None), cards.c.last_error == UNLINKED)
    return and_(cards.c.person_id == person, here, was_kept, is_open)


def thaw(connection: Connection, kept: ColumnElement[bool], at: datetime) -> None:
    """Let messages that were kept as they stood show the truth again, as it is now.

    What was to ask the same elsewhere, and has not, is not needed.
    """
    revision = select(cases.c.revision).where(cases.c.id == cards.c.case_id).scalar_subquery()
    shown = func.coalesce(revision, cards.c.must_show)
    anew = {"given_up_at": None, "last_error": None, "must_show": shown, "due_at": at, "attempts": 0}
    thawed = select(cards.c.person_id, cards.c.case_id, cards.c.kind, cards.c.step).where(kept).subquery()
    same = exists().where(
        thawed.c.person_id == cards.c.person_id,
        thawed.c.case_id == cards.c.case_id,
        thawed.c.kind == cards.c.kind,
        thawed.c.step == cards.c.step,
    )
    unsent = and_(cards.c.does_show == 0, cards.c.channel.is_(None), same)
    connection.execute(delete(cards).where(unsent, cards.c.leased_until.is_(None)))
    connection.execute(update(cards).where(cards.c.id.in_(_unheld(kept))).values(**anew))


def _free(person: PersonId, which: ColumnElement[bool]) -> Select[Any]:
    return _unheld(and_(cards.c.person_id == person, which))


def _unheld(which: ColumnElement[bool]) -> Select[Any]:
    # A card that a press holds is owed by that press; to wait for it while holding others could end in a deadlock.
    mine = select(cards.c.id).where(which).with_for_update(skip_locked=True).cte("mine")
    return select(mine.c.id)


def _turn(
    connection: Connection, account: Identity, person: PersonId, was: Collection[LinkState], to: LinkState, at: datetime
) -> bool:
    """Turn the link of an account to a person from one of these states to another; False where it is in none."""
    mine = and_(_is(account), identities.c.person_id == person, identities.c.state.in_(was))
    return bool(connection.execute(update(identities).where(mine).values(state=to, at=at)).rowcount)


def _show_question_anew(
    connection: Connection, account: Identity, person: PersonId, at: datetime, *where: ColumnElement[bool]
) -> None:
    is_asked = and_(cards.c.person_id == person, cards.c.kind == CardKind.LINK)
    asks_for_yes = and_(cards.c.kind == CardKind.GUEST, cards.c.given_up_at.is_(None))
    question = and_(cards.c.about == account_name(account), or_(is_asked, asks_for_yes), *where)
    shown = {"must_show": cards.c.must_show + 1, "priority": PRESSED, "due_at": at}
    connection.execute(update(cards).where(question).values(**shown))


def _is(account: Identity) -> ColumnElement[bool]:
    return and_(identities.c.issuer == account.issuer, identities.c.subject == account.subject)


def _question(account: Identity, person: PersonId, at: datetime, new_id: NewId) -> dict[str, object]:
    address = {"workspace_id": account.issuer, "address": account.subject, "about": account_name(account)}
    return owed(CardId(new_id("C")), CardKind.LINK, Part.ORDERER, at, person_id=person, **address)
