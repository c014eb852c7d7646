"""What became of a card somebody worked on: each is written only while the lease is still ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    select,
    update,
)

from core.api import CardId, Happened, Identity, NewId, Now, Part
from core.storage.tables import Instant, cards, cases, identities, persons, workspaces
from notifications.accounts.account_links import make_due, record_link
from notifications.cards.card import Card, owed
from notifications.cards.digests import tell_apart
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.outbox.delivery_notes import note_delivery
from notifications.outbox.leases import needed
from notifications.outbox.repository import adopt
from notifications.outbox.role_channels import leave_channel, note_reached, turn_back
from notifications.rules.announcements import ASKING, ENCLOSES_THE_AGREEMENT, IN_THE_THREAD, LAST_WORDS, CardKind
from notifications.slack import pacing
from notifications.slack.port import MessagePlace

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
# With the pauses above, about twenty-four hours of trying.
MOST_ATTEMPTS = 150
# About eight minutes: those whom a channel was to ask can be asked by themselves.
CHANNEL_ATTEMPTS = 9
# What waits for its reader's answer.
ASKS = frozenset({*ASKING.values(), CardKind.COMPLETION})
# What customer service is told where no administrator could be.
SECOND_BEST = frozenset({CardKind.NOT_READY, CardKind.PRICE_MISSING, CardKind.SLACK_OFF, CardKind.CHANNEL_LOST})
# An account that takes no messages may be opened again, and Slack does not say so: what waits is tried this often.
TRY_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class DeliveryResults:
    """Keeps what became of cards that a relay worked on, each in one transaction. `lost` hears of what is given up."""

    database: Transactions
    now: Now
    new_id: NewId
    lost: Callable[[Card], None] = lambda _: None

    async def begin(self, card: Card) -> bool:
        """Write down that a message may soon stand that nobody knows of; False where the card is another's by now."""
        at = self.now()
        return await self.database.change(lambda connection: begin(connection, card, at))

    async def record(self, card: Card, place: MessagePlace, *, shown: int) -> None:
        """Keep where a card was posted or edited, and the revision that it shows."""
        at = self.now()
        run = self.database.write if any(_tellings(card)) else self.database.change
        is_ours = await run(lambda connection: record(connection, card, place, shown=shown, at=at))
        if not is_ours and card.workspace != MAIL:
            # Another relay has taken the card over, so what we sent is a second message of it.
            await self.database.write(lambda connection: adopt(connection, card.id, place, at=at, new_id=self.new_id))
        if card.last_error is not None and not card.is_copy:
            # It may have been told of as lost.
            await self.database.write(lambda connection: repaint_notice(connection, card, at))

    async def hold(self, card: Card, until: datetime) -> None:
        """Keep the silence that Slack asks for, in all relays."""
        at = self.now()
        await self.database.write(lambda connection: hold(connection, card, until, at))

    async def put_off(self, card: Card, until: datetime, why: str | None) -> None:
        """Look at a card again later; no failure."""
        await self.database.write(lambda connection: put_off(connection, card, until, why))

    async def fail(self, card: Card, error: str, *, chance: float) -> bool:
        """Try again after a pause; False when it has gone on for too long and the card is given up."""
        at = self.now()
        goes_on = await self.database.write(
            lambda connection: fail(connection, card, error, at=at, chance=chance, new_id=self.new_id)
        )
        if not goes_on:
            await self._tell_again(card)
        return goes_on

    async def unsettle(self, card: Card, error: str, *, chance: float, moves: bool) -> None:
        """Try again after a pause what a channel did not take, where the channel is then."""
        at = self.now()
        await self.database.write(
            lambda connection: unsettle(connection, card, error, at=at, chance=chance, moves=moves)
        )

    async def leave_channel(self, card: Card, error: str) -> None:
        """Ask each by themselves what an organisation's channel did not take, and tell who administers it."""
        at = self.now()
        await self.database.write(lambda connection: leave_channel(connection, card, error, at, self.new_id))

    async def turn_back(self, card: Card) -> bool:
        """Ask each otherwise where a card was to stand in a channel chosen no more; False where it goes on."""
        at = self.now()
        return await self.database.write(lambda connection: turn_back(connection, card, at))

    async def release(self, card: Card) -> None:
        """Let go of a card as it was."""
        await self.database.write(lambda connection: release(connection, card))

    async def drop(self, card: Card) -> None:
        """Let go of a notice for good: it has become needless before anybody saw it."""
        await self.database.write(lambda connection: drop(connection, card))

    async def forget(self, card: Card, error: str) -> None:
        """Owe a card anew whose message is gone."""
        at = self.now()
        await self.database.write(lambda connection: forget(connection, card, error, at))

    async def give_up(self, card: Card, error: str) -> bool:
        """Mark a card that nothing helps, and tell customer service's channel whom it was for.

        False where it goes by mail instead, and where that was told before.
        """
        at = self.now()
        is_over = await self.database.write(
            lambda connection: give_up(connection, card, error, at=at, new_id=self.new_id)
        )
        if is_over:
            await self._tell_again(card)
        return is_over

    async def redirect(self, card: Card, error: str) -> bool:
        """Let a card go by mail instead; False where it cannot."""
        at = self.now()
        return await self.database.write(lambda connection: redirect(connection, card, error, at))

    async def settle(self, card: Card) -> None:
        """Let a card stay as it was, sent or not."""
        await self.database.write(lambda connection: settle(connection, card, shown=card.must_show))

    async def leave(self, card: Card, error: str) -> None:
        """Let a message of an order closed long ago be as it is: it cannot be edited any more."""
        await self.database.write(lambda connection: leave(connection, card, error))

    async def _tell_again(self, card: Card) -> None:
        self.lost(card)
        at = self.now()
        await self.database.write(lambda connection: tell_again(connection, card, at=at, new_id=self.new_id))


def begin(connection: Connection, card: Card, at: datetime) -> bool:
    """A card is about to be posted: unless what comes of it is heard, a message of it may stand somewhere."""
    since = func.coalesce(cards.c.doubted_at, literal(at, Instant))
    return connection.execute(_mine(card).values(doubted_at=since)).rowcount > 0


def _tellings(card: Card) -> Iterator[Callable[[Connection, Card, datetime], None]]:
    """Yield what is written besides, in the same transaction, once a card stands somewhere."""
    if card.kind in ENCLOSES_THE_AGREEMENT:
        yield _note_sent
    if card.is_in_role_channel and card.place is None:
        yield note_reached


def _note_sent(connection: Connection, card: Card, at: datetime) -> None:
    note_delivery(connection, card, Happened.SENT, at)


def record(connection: Connection, card: Card, place: MessagePlace, *, shown: int, at: datetime) -> bool:
    """The card stands somewhere and shows a revision; it stays owed when a newer one came while it was sent.

    Also when it was asked for anew meanwhile, for what stands on it of another case. False where another has it by now.
    """
    is_owed = case(
        (cards.c.must_show > shown, literal(at, Instant)), (cards.c.due_at != card.due_at, cards.c.due_at), else_=None
    )
    done = _mine(card).values(
        channel=place.channel,
        ts=place.ts,
        does_show=shown,
        due_at=is_owed,
        owed_at=is_owed,
        leased_until=None,
        attempts=0,
        last_error=None,
        given_up_at=None,
        **_heard(card),
    )
    is_ours = connection.execute(done).rowcount > 0
    for tell in _tellings(card) if is_ours else ():
        tell(connection, card, at)
    return is_ours


def hold(connection: Connection, card: Card, until: datetime, at: datetime) -> None:
    """Slack asks us to wait: every relay leaves these buckets alone until then. That is no failure."""
    workspace = card.workspace or ""
    names = needed(workspace, card.place and card.place.channel, card.address)
    buckets = pacing.lock_and_load(connection, workspace, names, at)
    buckets.close(names, until)
    pacing.save(connection, buckets, names)
    put_off(connection, card, until, card.last_error)


def put_off(connection: Connection, card: Card, until: datetime, error: str | None = None) -> None:
    """Let go of a card until later, without counting it as a failure."""
    later = _mine(card).values(due_at=until, leased_until=None, last_error=error, **_heard(card))
    connection.execute(later)


def fail(connection: Connection, card: Card, error: str, *, at: datetime, chance: float, new_id: NewId) -> bool:
    """It went wrong and may go well later; False when it has gone wrong for too long and is given up.

    What was posted, for all we know, stays in doubt.
    A channel's card is never given up: nobody else would hear of it, save what a role's was to ask (`leave_channel`).
    """
    if card.attempts + 1 >= MOST_ATTEMPTS and not card.is_of_a_channel:
        return not give_up(connection, card, error, at=at, new_id=new_id)
    due_at = at + pause(card.attempts, chance)
    later = _mine(card).values(due_at=due_at, leased_until=None, attempts=card.attempts + 1, last_error=error)
    connection.execute(later)
    return True


def pause(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many failed attempts: doubling, bounded, spread by a chance between 0 and 1."""
    longest = min(FIRST_PAUSE * 2 ** min(attempts, 20), LONGEST_PAUSE)
    return longest * (0.75 + chance / 2)


def unsettle(connection: Connection, card: Card, error: str, *, at: datetime, chance: float, moves: bool) -> None:
    """A channel takes nothing until somebody mends it, or sets another: its card finds the way anew after a pause.

    `moves` when it must not stay where it stands.
    """
    nowhere = {"workspace_id": None, "address": None, "channel": None, "ts": None, "does_show": 0} if moves else {}
    due_at = at + pause(card.attempts, chance)
    later = _mine(card).values(
        due_at=due_at,
        leased_until=None,
        attempts=card.attempts + 1,
        last_error=error,
        **_heard(card),
        **nowhere,
    )
    if connection.execute(later).rowcount > 0 and moves and card.place is not None:
        note_delivery(connection, card, Happened.MOVED, at, error=error)


def release(connection: Connection, card: Card) -> None:
    """Let go of a card as it was, of which nothing was posted meanwhile."""
    connection.execute(_mine(card).values(leased_until=None, **_heard(card)))


def forget(connection: Connection, card: Card, error: str, at: datetime) -> None:
    """Its message is gone or closed for edits: post it anew. A copy that is gone is no loss."""
    if card.is_copy:
        connection.execute(delete(cards).where(cards.c.id == card.id))
        return
    anew = {"channel": None, "ts": None, "does_show": 0, "due_at": at, "leased_until": None, "last_error": error}
    connection.execute(_mine(card).values(**anew))


def leave(connection: Connection, card: Card, error: str) -> None:
    """A card of an order closed long ago that can be edited no more: it stays as it is, and nobody is told."""
    connection.execute(_mine(card).values(due_at=None, owed_at=None, leased_until=None, last_error=error))


def give_up(connection: Connection, card: Card, error: str, *, at: datetime, new_id: NewId) -> bool:
    """A hopeless card goes by mail where it can: False. Else it stays given up, and customer service hears of it.

    What asks somebody is tried again as long as it may be answered. Whoever is not reached then either has been told
    of already: False.
    """
    if redirect(connection, card, error, at):
        return False
    again = at + TRY_AGAIN if _may_arrive(connection, card) else None
    first = {} if card.is_given_up else {"given_up_at": at}
    let_go = {"owed_at": None, "leased_until": None, "last_error": error, **_heard(card)}
    ended = _mine(card).values(due_at=again, **let_go, **first)
    if connection.execute(ended).rowcount == 0 or card.is_given_up:
        return not card.is_given_up
    note_delivery(connection, card, Happened.GIVEN_UP, at, error=error)
    if card.kind is CardKind.DIGEST:
        tell_apart(connection, [card.id], error, at)
    if card.kind is CardKind.LINK:
        _withdraw_offer(connection, card, error, at)
    elif card.kind in SECOND_BEST:
        tell_instead(connection, card, at=at, new_id=new_id)
    elif _matters(connection, card) and connection.scalar(select(cards.c.id).where(_notice_of(card))) is None:
        connection.execute(insert(cards).values(_undelivered(card, at, new_id)))
    return True


def redirect(connection: Connection, card: Card, error: str, at: datetime) -> bool:
    """Let a card go by mail instead, where mail is on and its reader has not left; False where it cannot."""
    if card.person is None or card.workspace == MAIL or card.is_copy or card.is_reduced or card.kind is CardKind.LINK:
        return False
    mail_is_on = exists().where(workspaces.c.id == MAIL)
    email = connection.scalar(select(persons.c.email).where(persons.c.id == card.person, persons.c.active, mail_is_on))
    if email is None:
        return False
    there = {"workspace_id": MAIL, "address": email, "channel": None, "ts": None, "does_show": 0, "doubted_at": None}
    owed = {"due_at": at, "leased_until": None, "attempts": 0, "last_error": error}
    if connection.execute(_mine(card).values(**there, **owed)).rowcount > 0 and card.workspace is not None:
        note_delivery(connection, card, Happened.MOVED, at, error=error)
    return True


def settle(connection: Connection, card: Card, *, shown: int) -> None:
    """A card stays as it was, sent or not: what has changed since says its reader nothing that another does not."""
    is_owed = case((cards.c.must_show > shown, cards.c.due_at), else_=None)
    connection.execute(_mine(card).values(does_show=shown, due_at=is_owed, owed_at=is_owed, leased_until=None))


def tell_again(connection: Connection, card: Card, *, at: datetime, new_id: NewId) -> None:
    """After `give_up`, in a transaction of its own: the notice there is tells of this card too."""
    if _matters(connection, card) and not repaint_notice(connection, card, at):
        connection.execute(insert(cards).values(_undelivered(card, at, new_id)))


def repaint_notice(connection: Connection, card: Card, at: datetime) -> bool:
    """Show the notice of this case and person anew; False when there is none.

    In a transaction of its own: waiting for a notice while holding another card could deadlock with a press.
    """
    # A notice on its way for the first time keeps its lease, so that it is not posted twice.
    free = case((cards.c.does_show > 0, None), else_=cards.c.leased_until)
    anew = update(cards).where(_notice_of(card)).values(about=card.id, due_at=at, leased_until=free)
    return connection.execute(anew).rowcount > 0


def drop(connection: Connection, card: Card) -> None:
    """A notice that has become needless before anybody saw it, unless it has more to tell by now."""
    mine = and_(cards.c.id == card.id, cards.c.leased_until == card.leased_until, cards.c.about == card.about)
    connection.execute(delete(cards).where(mine))


def _heard(card: Card) -> dict[str, Any]:
    """What was heard of a card that was to be posted leaves no more doubt than there was before; an edit began none."""
    return {} if card.place is not None else {"doubted_at": card.doubted_at}


def _mine(card: Card) -> Update:
    return update(cards).where(cards.c.id == card.id, cards.c.leased_until == card.leased_until)


def _withdraw_offer(connection: Connection, card: Card, error: str, at: datetime) -> None:
    # An account that cannot be asked cannot answer: the person's other cards look further, or are given up in turn.
    issuer, _, subject = (card.about or "").partition("/")
    asked = and_(identities.c.issuer == issuer, identities.c.subject == subject, identities.c.state == "offered")
    declined = connection.execute(update(identities).where(asked).values(state="declined", at=at)).rowcount > 0
    if card.person is not None and declined:
        record_link(connection, Identity(issuer, subject), card.person, Happened.DECLINED, at, error)
    if card.person is not None:
        make_due(connection, card.person, at)


def _may_arrive(connection: Connection, card: Card) -> bool:
    """True for what asks a person in Slack, while the case is open."""
    is_a_persons = card.person is not None and card.workspace not in {None, MAIL} and not card.is_copy
    return is_a_persons and card.kind in ASKS and _matters(connection, card)


def _matters(connection: Connection, card: Card) -> bool:
    """False for a card that asks or shows, once there is nothing left to decide."""
    if card.case is None or card.is_of_a_channel or card.is_copy or card.is_reduced:
        return False
    closed = select(cases.c.closed_at).where(cases.c.id == card.case)
    # What stands in the living card's thread is said by that, too, which is missed where it is lost.
    is_missed = card.kind not in IN_THE_THREAD and connection.scalar(closed) is None
    return card.kind in LAST_WORDS or is_missed


def _notice_of(card: Card) -> ColumnElement[bool]:
    """Once per case and person is enough; what is to nobody in particular has none."""
    if card.person is None and card.email is None:
        return false()
    subject = cards.alias("subject")
    reader = subject.c.person_id == card.person if card.email is None else subject.c.email == card.email
    of_them = exists().where(subject.c.id == cards.c.about, reader)
    return and_(cards.c.case_id == card.case, cards.c.kind == CardKind.UNDELIVERED, of_them)


def _undelivered(card: Card, at: datetime, new_id: NewId) -> dict[str, object]:
    id_ = CardId(new_id("C"))
    return owed(id_, CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE, at, case_id=card.case, about=card.id)


def tell_instead(connection: Connection, card: Card, *, at: datetime, new_id: NewId) -> None:
    """Let customer service's channel have what was said in a card that was given up, unless another has got it.

    To be called after the card was given up in the same transaction: of two lost at once, the second sees the first.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(card.about, 0))))
    mine = and_(cards.c.case_id.is_(None), cards.c.kind == card.kind, cards.c.about == card.about)
    if connection.scalar(select(cards.c.id).where(mine, cards.c.given_up_at.is_(None)).limit(1)) is None:
        row = owed(CardId(new_id("C")), card.kind, Part.CUSTOMER_SERVICE, at, about=card.about)
        connection.execute(insert(cards).values(row))
