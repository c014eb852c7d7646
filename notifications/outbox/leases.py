"""Which cards are owed, and taking some to work on: leased, so that two relays never work on one card at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from core.api import SLACK_OFF, UNLINKED, CardId, CaseId, NewId, Now, Part, State
from core.storage.tables import (
    Instant,
    cards,
    cases,
    history,
    identities,
    persons,
    role_assignments,
    signatures,
    workspaces,
)
from core.storage.tables.homes import is_off
from core.storage.tables.links import may_get_card, preferred, stands
from notifications.cards.card import LET_GO, PRESSED, Card, card_from_row
from notifications.cards.digests import CountWaiting, awaits_others, gather
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.outbox.role_channels import ask_in_channels
from notifications.rules.announcements import TOGETHER, CardKind
from notifications.slack import pacing
from notifications.slack.workspaces import CHANGED_HANDS

# Longer than a batch of calls can take, each with its time-out; a crash frees its cards after it.
LEASE = timedelta(seconds=30)
# A mail server may take its time before it promises to deliver; to ask another meanwhile would send a second copy.
MAIL_LEASE = timedelta(minutes=6)
BATCH = 8
AHEAD = 100
# What an application says by itself, before anybody has looked at it.
BY_THE_FORM = frozenset({CardKind.APPLICATION, CardKind.APPLICATION_RECEIVED})
# What whoever applies can have sent to somebody, though it be a stranger who has nothing to do with it.
TO_ANYBODY = frozenset({CardKind.APPLICATION_RECEIVED, CardKind.NEW_ADMINISTRATOR, CardKind.APPLICATION_REJECTED})
PLACE_AT_ONCE = 500
# Whoever was added longer ago has been written to, though the cards of then are kept no longer.
LATELY = timedelta(days=30)
# What was lost is told of for so long; what another card went out for instead is not lost.
REMEMBERED = timedelta(days=7)
ELSEWHERE = (SLACK_OFF, UNLINKED, LET_GO, CHANGED_HANDS)
# Cards that Slack's pace holds up are not due meanwhile: what is due and stays so is what nobody works on.
LATE = timedelta(minutes=5)
# A case is a wide row, and is looked into for these alone.
_NUMBER = case(
    (
        cards.c.kind.in_(BY_THE_FORM),
        select(cases.c.applicant_number).where(cases.c.id == cards.c.case_id).scalar_subquery(),
    )
).label("number")
# Since when a card that others' pace may hold back is owed; its `due_at` says only when its next turn comes.
_SINCE = func.coalesce(
    case(
        (
            cards.c.kind.in_(BY_THE_FORM | TO_ANYBODY),
            select(cases.c.waiting_since).where(cases.c.id == cards.c.case_id).scalar_subquery(),
        ),
        (cards.c.workspace_id == MAIL, select(history.c.at).where(history.c.id == cards.c.line_id).scalar_subquery()),
    ),
    cards.c.due_at,
).label("since")
_first, _shown, _granter = role_assignments.alias(), cards.alias(), persons.alias()
_mine, _other = cases.alias(), cases.alias()
# The application came to customer service after another with its number: it stands on the card of the first.
_STANDS_WITH = and_(
    cards.c.kind.in_(TOGETHER),
    cards.c.channel.is_(None),
    exists(
        select(_mine.c.id)
        .join(_other, _other.c.applicant_number == _mine.c.applicant_number)
        .where(_mine.c.id == cards.c.case_id, _mine.c.state == State.APPLICATION_SUBMITTED)
        .where(_other.c.state == State.APPLICATION_SUBMITTED)
        .where(tuple_(_other.c.waiting_since, _other.c.id) < tuple_(_mine.c.waiting_since, _mine.c.id))
    ),
)


# Whom a mail is the first thing that reaches, and where that person was added by somebody in Slack, lately.
# Others have come in by customer service: those of a file and of an operator's key, with nobody's id for who granted
# their role, and those of an agreement, whose roles hold from the instant at which its last signatory signed.
_ADDED_TO = case(
    (
        and_(
            cards.c.workspace_id == MAIL,
            cards.c.person_id.is_not(None),
            cards.c.channel.is_(None),
            select(_shown.c.id)
            .where(_shown.c.person_id == cards.c.person_id, _shown.c.does_show > 0)
            .limit(1)
            .correlate(cards)
            .scalar_subquery()
            .is_(None),
        ),
        select(_first.c.organisation_id)
        .where(
            _first.c.id
            == select(func.min(role_assignments.c.id))
            .where(role_assignments.c.person_id == cards.c.person_id)
            .correlate(cards)
            .scalar_subquery(),
            _first.c.valid_from > bindparam("lately", type_=Instant),
            exists().where(_granter.c.id == _first.c.granted_by),
            ~exists().where(
                signatures.c.person_id == _first.c.granted_by, signatures.c.signed_at == _first.c.valid_from
            ),
        )
        .correlate(cards)
        .scalar_subquery(),
    )
).label("added_to")
_AT = bindparam("at", type_=Instant)
_NOBODYS = and_(cards.c.due_at <= _AT, or_(cards.c.leased_until.is_(None), cards.c.leased_until <= _AT))
# What is due, and nobody works on; asked with what `_at` says. Skipping what a press has locked means never to wait for
# one while holding other cards. Made once: to make it takes as long as to ask it.
_DUE = (
    select(
        cards.c.id,
        cards.c.channel,
        cards.c.address,
        cards.c.kind,
        cards.c.priority,
        _NUMBER,
        _ADDED_TO,
        _SINCE,
        _STANDS_WITH.label("stands_with"),
    )
    .where(_NOBODYS)
    .order_by(cards.c.priority, cards.c.due_at, cards.c.line_id, cards.c.id)
    .with_for_update(skip_locked=True)
)
_OWED = select(exists().where(cards.c.workspace_id == bindparam("workspace"), _NOBODYS))


@dataclass(frozen=True)
class Owing:
    """A workspace (None: readers not found yet) with something owed, and when its first card is due."""

    workspace: str | None
    at: datetime


@dataclass(frozen=True)
class CardLeases:
    """What a relay finds owed, and takes to work on. `count_waiting` counts what waits for a person."""

    database: Transactions
    now: Now
    new_id: NewId
    count_waiting: CountWaiting

    async def owing(self, at: datetime) -> Sequence[Owing]:
        """Return where something is owed and when, once the readers of new cards have been looked for."""
        places = await self.database.read(owed_in)
        if not any(place.workspace is None and place.at <= at for place in places):
            return places
        await self.database.write(lambda connection: find_readers(connection, at, self.new_id, self.count_waiting))
        return await self.database.read(owed_in)

    async def claim(self, workspace: str) -> Sequence[Card]:
        """Lease some due cards of a workspace that its rate limits allow now; empty when there are none."""
        at = self.now()
        return await self.database.write(lambda connection: lease_due(connection, workspace, at))

    async def is_owed(self, workspace: str) -> bool:
        """Say whether a workspace is owed something now that nobody works on."""
        at = self.now()
        asked = {"workspace": workspace, "at": at}
        return bool(await self.database.read(lambda connection: connection.scalar(_OWED, asked)))

    async def claim_homeless(self) -> Sequence[Card]:
        """Lease a few due cards whose reader has no confirmed account."""
        at = self.now()
        return await self.database.write(
            lambda connection: lease_homeless(connection, at, self.new_id, self.count_waiting)
        )


class OwedHow(StrEnum):
    """How a card that Slack or a reader's mail does not show as it is stands."""

    LOST = "lost"  # it reached nobody, and was told of as lost
    HELD = "held"  # its Slack, or mail, takes nothing until somebody mends it
    LATE = "late"  # it has been due for long, and nobody works on it
    TRIED = "tried"  # it was not taken, and is tried again
    OWED = "owed"  # it goes out in its turn


@dataclass(frozen=True)
class Outstanding:
    """A card that is owed, or was lost: since when, and the code of what was answered last."""

    card: CardId
    case: CaseId | None
    kind: CardKind
    workspace: str | None
    standing: OwedHow
    since: datetime
    attempts: int
    error: str | None


def outstanding(connection: Connection, at: datetime) -> list[Outstanding]:
    """Return what is owed by now, and what was lost lately, the gravest first and of those the oldest."""
    lost = and_(cards.c.given_up_at > at - REMEMBERED, cards.c.last_error.not_in(ELSEWHERE))
    statement = (
        select(*(cards.c[name] for name in _OUTSTANDING), workspaces.c.problem, _standing(at).label("standing"))
        .outerjoin(workspaces, workspaces.c.id == cards.c.workspace_id)
        .where(or_(cards.c.due_at.is_not(None), lost))
    )
    found = [_outstanding(row) for row in connection.execute(statement)]
    return sorted(found, key=lambda each: ([*OwedHow].index(each.standing), each.since, each.card))


_OUTSTANDING = (
    "id",
    "case_id",
    "kind",
    "workspace_id",
    "due_at",
    "attempts",
    "last_error",
    "given_up_at",
)


def count_owed(connection: Connection, at: datetime) -> Mapping[OwedHow, int]:
    """Return how many cards are owed by now, by how they stand."""
    owed = (
        select(_standing(at).label("standing"))
        .select_from(cards)
        .outerjoin(workspaces, workspaces.c.id == cards.c.workspace_id)
        .where(cards.c.due_at.is_not(None))
        .subquery()
    )
    counted = connection.execute(select(owed.c.standing, func.count()).group_by(owed.c.standing))
    none = dict.fromkeys((how for how in OwedHow if how is not OwedHow.LOST), 0)
    return none | {OwedHow(standing): count for standing, count in counted}


def _standing(at: datetime) -> ColumnElement[str]:
    is_nobodys = or_(cards.c.leased_until.is_(None), cards.c.leased_until <= at)
    return case(
        (cards.c.due_at.is_(None), OwedHow.LOST.value),
        (workspaces.c.problem.is_not(None), OwedHow.HELD.value),
        (and_(cards.c.due_at < at - LATE, is_nobodys), OwedHow.LATE.value),
        (cards.c.attempts > 0, OwedHow.TRIED.value),
        else_=OwedHow.OWED.value,
    )


def _outstanding(row: Any) -> Outstanding:  # Any: a SQLAlchemy row has its columns as attributes
    since = row.given_up_at if row.due_at is None else row.due_at
    kind, standing = CardKind(row.kind), OwedHow(row.standing)
    error = row.problem if standing is OwedHow.HELD else row.last_error
    return Outstanding(row.id, row.case_id, kind, row.workspace_id, standing, since, row.attempts, error)


def owed_in(connection: Connection) -> list[Owing]:
    """Return where something is owed, in one statement over owed cards; workspaces with a problem are left out."""
    at = case((cards.c.leased_until > cards.c.due_at, cards.c.leased_until), else_=cards.c.due_at)
    statement = (
        select(cards.c.workspace_id, func.min(at))
        .outerjoin(workspaces, workspaces.c.id == cards.c.workspace_id)
        .where(cards.c.due_at.is_not(None))
        .where(or_(cards.c.workspace_id.is_(None), workspaces.c.problem.is_(None)))
        .where(or_(cards.c.workspace_id.is_(None), workspaces.c.id.is_not(None)))
        .group_by(cards.c.workspace_id)
    )
    return [Owing(workspace, at) for workspace, at in connection.execute(statement)]


def find_readers(connection: Connection, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> int:
    """Find the readers of new cards: in channels of organisations, confirmed accounts, customer service's channel,
    contacts by mail; returns how many were found. What the clock has done is let out first, by itself or in
    one message.
    """
    # What is asked in a channel is in nobody's message.
    in_channels = ask_in_channels(connection, at, new_id)
    gather(connection, at, new_id, count_waiting)
    is_letter, is_persons = cards.c.email.is_not(None), cards.c.person_id.is_not(None)
    is_to_customer_service = and_(~is_persons, ~is_letter, cards.c.part == Part.CUSTOMER_SERVICE)
    return (
        in_channels
        + _place(connection, at, _ACCOUNT, and_(is_persons, ~is_letter))
        + _place(connection, at, _CHANNEL, is_to_customer_service)
        # Also to contacts who are in Slack: what they are to follow or sign stands behind a link that only a mail has.
        + _place(connection, at, _MAILBOX, is_letter)
    )


def lease_due(connection: Connection, workspace: str, at: datetime) -> list[Card]:
    """Lease some due cards of a workspace that its rate limits allow now, the most urgent first.

    Cards over the limits are due again when their turn comes; nobody sleeps on them. An application that stands on the
    card of another is owed nothing until it is the first.
    """
    if not _lock(connection, workspace):
        return []
    found = connection.execute(_DUE.where(cards.c.workspace_id == workspace).limit(AHEAD), _at(at)).all()
    if not found:
        return []
    # A newcomer is due as early as what was put off to the same token: whoever has waited longest goes first.
    due = sorted(found, key=lambda row: (row.priority, row.since))
    if together := [row.id for row in due if row.stands_with]:
        # Asked again now that their rows are ours: a decision on the first meanwhile makes another the first.
        connection.execute(update(cards).where(cards.c.id.in_(together), _STANDS_WITH).values(due_at=None))
    needs = {row.id: _needed(workspace, row) for row in due if not row.stands_with}
    names = {name for each in needs.values() for name in each}
    buckets = pacing.load(connection, names, at)
    now, later = _share_out(needs, buckets, at)
    pacing.save(connection, buckets, {name for each in now for name in needs[each]})
    if later:
        connection.execute(_PUT_OFF, [{"card": card, "due_at": turn} for card, turn in later.items()])
    return _lease(connection, now, at + (MAIL_LEASE if workspace == MAIL else LEASE))


def lease_homeless(connection: Connection, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> list[Card]:
    """Lease a few due cards whose reader has no confirmed account yet."""
    find_readers(connection, at, new_id, count_waiting)
    nobodys = _DUE.where(cards.c.workspace_id.is_(None), not_(awaits_others())).limit(BATCH)
    due = connection.execute(nobodys, _at(at)).all()
    return _lease(connection, [row.id for row in due], at + LEASE)


def needed(workspace: str, channel: str | None, address: str | None) -> tuple[str, ...]:
    """The buckets a card takes a token of: an edit where it stands somewhere, else a post to its address."""
    if channel is not None:
        return (pacing.bucket(workspace, pacing.UPDATE),)
    return pacing.bucket(workspace, pacing.POST), pacing.bucket(workspace, address or "")


def _needed(workspace: str, row: Any) -> tuple[str, ...]:  # Any: a SQLAlchemy row has its columns as attributes
    """As `needed`, and tokens of those on whose word a stranger is written to: an application's, or an organisation's.

    The most common bucket first, that of the place itself last. What customer service's press leads to waits for none.
    """
    first, *place = needed(workspace, row.channel, row.address)
    if row.channel is not None or row.priority == PRESSED:
        return first, *place
    applied = [] if row.added_to is None else [pacing.bucket_added(row.added_to)]
    if row.number is not None:
        number = pacing.bucket_applied(workspace, pacing.APPLIED_FOR, row.number)
        applied += [pacing.bucket(workspace, pacing.APPLIED), number]
    if row.kind in TO_ANYBODY:
        applied.append(pacing.bucket_applied(workspace, pacing.APPLIED_TO, row.address or ""))
    return first, *applied, *place


def _lock(connection: Connection, workspace: str) -> bool:
    """One relay at a time shares out a workspace's tokens; also says whether the workspace can be reached."""
    statement = select(workspaces.c.id).where(workspaces.c.id == workspace, workspaces.c.problem.is_(None))
    return connection.execute(statement.with_for_update()).first() is not None


def _at(at: datetime) -> dict[str, datetime]:
    """What `_DUE` is asked with."""
    return {"at": at, "lately": at - LATELY}


def _share_out(
    needs: dict[CardId, tuple[str, ...]], buckets: pacing.Buckets, at: datetime
) -> tuple[list[CardId], dict[CardId, datetime]]:
    now: list[CardId] = []
    later: dict[CardId, datetime] = {}
    # Each card that must wait gets a turn of its own, so that a long queue is looked at once and not at every token.
    plan = buckets.copy()
    for card in _in_turn(needs, buckets):
        names = needs[card]
        turn = plan.free_at(names)
        if turn > at:
            later[card] = turn
        elif len(now) < BATCH:
            now.append(card)
            buckets.spend(names, at)
        plan.spend(names, turn)
    return now, later


def _in_turn(needs: dict[CardId, tuple[str, ...]], buckets: pacing.Buckets) -> list[CardId]:
    """The cards in the order in which their own buckets let them go: only so is a bucket that they share spent.

    From the narrowest bucket to the widest, so that what waits for its own spends nothing of others' meanwhile.
    """
    plan, order = buckets.copy(), list(needs)
    own = {card: (names[1:] or names)[::-1] for card, names in needs.items()}
    turns = dict.fromkeys(needs, plan.free_at(()))
    for level in range(max(map(len, own.values()), default=0)):
        for card in order:
            names = own[card][level : level + 1]
            turns[card] = max(turns[card], plan.free_at(names))
            plan.spend(names, turns[card])
        order.sort(key=turns.__getitem__)
    return order


_PUT_OFF = update(cards).where(cards.c.id == bindparam("card"))


def _lease(connection: Connection, ids: Sequence[CardId], until: datetime) -> list[Card]:
    if not ids:
        return []
    statement = update(cards).where(cards.c.id.in_(ids)).values(leased_until=until).returning(*cards.c)
    leased = {row.id: card_from_row(row) for row in connection.execute(statement)}
    return [leased[each] for each in ids]


_ACCOUNT = (
    select(identities.c.issuer, identities.c.subject)
    .join(workspaces, workspaces.c.id == identities.c.issuer)
    .join(persons, persons.c.id == identities.c.person_id)
    # What is in an organisation's Slack that is off reaches nobody there.
    .where(identities.c.person_id == cards.c.person_id, stands(), persons.c.active, not_(is_off()))
    .where(may_get_card())
    .order_by(*preferred())
    .limit(1)
    .correlate(cards)
)
_CHANNEL = (
    select(workspaces.c.id, workspaces.c.channel)
    .where(workspaces.c.channel.is_not(None))
    .order_by(workspaces.c.problem.is_not(None), workspaces.c.id)
    .limit(1)
)

_MAILBOX = select(workspaces.c.id, cards.c.email).where(workspaces.c.id == MAIL).correlate(cards)


def _place(connection: Connection, at: datetime, home: Select[Any, Any], readers: ColumnElement[bool]) -> int:
    workspace, address = home.selected_columns
    # Whether it is to be let out first is known sooner than where its reader is.
    new = (
        select(cards.c.id)
        .where(cards.c.workspace_id.is_(None), cards.c.due_at <= at, readers, not_(awaits_others()), home.exists())
        .limit(PLACE_AT_ONCE)
        .with_for_update(skip_locked=True, of=cards)
        .cte("new")
    )
    statement = (
        update(cards)
        .where(cards.c.id.in_(select(new.c.id)))
        .values(
            workspace_id=home.with_only_columns(workspace).scalar_subquery(),
            address=home.with_only_columns(address).scalar_subquery(),
        )
    )
    return connection.execute(statement).rowcount
