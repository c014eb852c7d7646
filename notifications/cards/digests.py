"""One message of a day for whoever has much waiting, in the place of a card of each order.

What the clock does to orders is told so: reminders, new prices, what nobody answers, and what has ended.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    delete,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from core.api import (
    Action,
    Asking,
    CardId,
    NewId,
    OrganisationId,
    Part,
    PersonId,
    at_closing,
    day_of,
    in_the_morning,
    is_quiet,
    next_working_day,
)
from core.storage.tables import cards, cases, history, identities, persons, workspaces
from core.storage.tables.columns import unindexed
from core.storage.tables.homes import is_off
from core.storage.tables.links import organisation_of_card, preferred, stands
from notifications.cards.card import Card, card_from_row, owed
from notifications.rules.announcements import CardKind

# Of so many that are to be decided each is told of by itself.
MOST_APART = 5
# So many people are looked at in one transaction: for each it is read what waits.
PEOPLE_AT_ONCE = 10
# What the message lists of itself: these ask, and are gone once it is owed.
LISTED = frozenset({CardKind.REMINDER, CardKind.KEEP_OR_WITHDRAW, CardKind.CONFIRMING})
# What is told beside what waits for the reader: of these the message is drawn, so they rest in it.
NEWS = frozenset({CardKind.STANDSTILL, CardKind.OUTCOME})
# A new price asks anew whoever pays it: these are listed too, and rest as a question does that is asked in a channel.
ANEW = frozenset({CardKind.AGENT_APPROVAL, CardKind.AGENT_ATTEST, CardKind.CUSTOMER_ATTEST})
# What the clock does by itself. Whom it asks since another's rights or account have changed is asked at once.
BY_ITSELF = (Action.REMIND, Action.REPRICE, Action.EXPIRE)
# Counts what waits for a person, no further than asked for.
CountWaiting = Callable[[Connection, Asking, datetime, int], int]

log = logging.getLogger(__name__)


@cache
def awaits_others() -> ColumnElement[bool]:
    """Say in SQL that a card tells a person what the clock did, and that nobody has let it out yet, by itself or with
    others.

    What somebody has done is told of each order by itself, and at once; so is what finds another way to its reader.
    """
    # Looked for by its case, one at a time: all of history is read by nobody.
    of_the_clock = (
        select(history.c.id)
        .where(history.c.case_id == cards.c.case_id)
        .where(history.c.action.in_(BY_ITSELF), history.c.at == cards.c.owed_at)
        .limit(1)
        .correlate(cards)
        .scalar_subquery()
    )
    # Written out: a value beside the statement not every SQLite holds against what an index is of (ix_cards_gathered).
    kinds = sorted(LISTED | NEWS | ANEW)
    is_such = cards.c.kind.in_([literal(kind.value, literal_execute=True) for kind in kinds])
    is_new = and_(is_such, cards.c.alone_on.is_(None), unindexed(cards.c.workspace_id).is_(None))
    is_on_its_way = and_(unindexed(cards.c.last_error).is_(None), unindexed(cards.c.asked_in).is_(None))
    return and_(is_new, is_on_its_way, unindexed(cards.c.person_id).is_not(None), of_the_clock.is_not(None))


def gather(connection: Connection, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> None:
    """Let out what those are told for whom little waits, and owe others one message a day instead of theirs.

    Never both on one day: whoever was reminded of one order that day is reminded of the others too.
    """
    for person in _people(connection, at):
        for who in homes(connection, person):
            _gather(connection, who, at, new_id, count_waiting)


def _people(connection: Connection, at: datetime) -> Sequence[PersonId]:
    """Those whose reminders wait to be let out; each is one relay's alone, or both would owe the message."""
    # The first by the index, or all that is due would be read for each few. Of two relays at once one lets nobody out.
    whose = select(cards.c.person_id).where(_reminds(at)).distinct().order_by(cards.c.person_id).limit(PEOPLE_AT_ONCE)
    query = select(persons.c.id).where(persons.c.id.in_(whose)).order_by(persons.c.id)
    return connection.execute(query.with_for_update(skip_locked=True, key_share=True)).scalars().all()


def _reminds(at: datetime) -> ColumnElement[bool]:
    return and_(cards.c.due_at <= at, awaits_others())


def homes(connection: Connection, person: PersonId) -> Sequence[Asking]:
    """Return as whom somebody is reminded: in Slacks of organisations of what is theirs, and elsewhere of the rest."""
    accounts = (
        select(identities.c.organisation_id)
        .join(workspaces, workspaces.c.id == identities.c.issuer)
        .where(identities.c.person_id == person, stands(), not_(is_off()))
        .order_by(*preferred())
    )
    # Inera's own carries everything: nothing goes to what comes after it.
    own = frozenset(takewhile(lambda each: each is not None, connection.execute(accounts).scalars()))
    return [*(Asking(person, each) for each in sorted(own)), Asking(person, beside=own)]


def _gather(connection: Connection, who: Asking, at: datetime, new_id: NewId, count_waiting: CountWaiting) -> None:
    person, today = who.person, day_of(at)
    about = today.isoformat() if who.within is None else f"{today.isoformat()}/{who.within}"
    affair = organisation_of_card()
    where = or_(affair.is_(None), affair.not_in(who.beside)) if who.within is None else affair == who.within
    is_told = _has(connection, person, cards.c.kind == CardKind.DIGEST, cards.c.about == about)
    is_reminded = _has(connection, person, cards.c.alone_on == today, where)
    theirs = select(cards.c.kind, cards.c.case_id).where(cards.c.person_id == person, _reminds(at), where)
    told = connection.execute(theirs).all()
    if not told:
        return
    # Whoever is to decide does so by the card of each; of anything else two orders are read in a list.
    is_list = len({row.case_id for row in told if row.kind not in ANEW and row.kind != CardKind.REMINDER}) > 1
    news = sum(row.kind in NEWS for row in told)
    is_apart = not is_told and not is_list and not _has_much(connection, who, at, news, count_waiting)
    # A press waits for what is locked from here on, so nothing is counted any more.
    found = connection.execute(_theirs(person, at).where(where)).all()
    if not found:
        return
    asks = [row.id for row in found if row.kind in LISTED]
    tells = [row.id for row in found if row.kind not in LISTED]
    if is_apart:
        connection.execute(_set([*asks, *tells], alone_on=today))
        return
    if is_reminded and not is_told:
        connection.execute(_set(asks, alone_on=today))
        asks = []
    if is_told:
        # It lists them. What has come to be asked since, tomorrow's does.
        listed = [row.id for row in found if row.kind == CardKind.REMINDER]
        connection.execute(delete(cards).where(cards.c.id.in_(listed)))
        asks = [each for each in asks if each not in listed]
    if is_told or is_reminded or is_quiet(at) or at >= at_closing(today):
        # What is done as offices close, or at night, is read in the morning.
        morning = in_the_morning(next_working_day(today + timedelta(days=at >= in_the_morning(today))))
        connection.execute(_set([*asks, *tells], due_at=morning))
        return
    digest = _digest(person, Part(found[0].part), about, at, new_id)
    connection.execute(delete(cards).where(cards.c.id.in_(asks)))
    connection.execute(insert(cards).values(digest))
    connection.execute(_set(tells, asked_in=digest["id"], due_at=None))


def _set(ids: Sequence[CardId], **values: object) -> Update:
    return update(cards).where(cards.c.id.in_(ids)).values(**values)


def _has_much(connection: Connection, who: Asking, at: datetime, news: int, count_waiting: CountWaiting) -> bool:
    """Say whether more waits for somebody, with what is to be told beside it, than is told of one by one."""
    try:
        return news + count_waiting(connection, who, at, MOST_APART + 1) > MOST_APART
    except SQLAlchemyError:
        raise
    except Exception:
        # One case that cannot be read keeps nobody else's messages back; its reader is reminded of each by itself.
        log.exception("waiting_not_counted person=%s", who.person)
        return False


def _theirs(person: PersonId, at: datetime) -> Select[str, str, str]:
    # What a press has locked is looked at the next time.
    query = select(cards.c.id, cards.c.part, cards.c.kind).where(cards.c.person_id == person, _reminds(at))
    return query.order_by(cards.c.id).with_for_update(skip_locked=True)


def _has(connection: Connection, person: PersonId, *which: ColumnElement[bool]) -> bool:
    query = select(cards.c.id).where(cards.c.person_id == person, *which).limit(1)
    return connection.execute(query).first() is not None


def read_gathered(connection: Connection, digests: Sequence[CardId]) -> list[Card]:
    """Return the cards that some messages tell of in their place, the oldest order first."""
    query = select(cards).where(cards.c.asked_in.in_(digests)).order_by(cards.c.owed_at, cards.c.case_id)
    return [card_from_row(row) for row in connection.execute(query)]


def reminded(connection: Connection, card: Card, person: PersonId) -> Asking:
    """Return as whom a message's reader is reminded: its day may be followed by the organisation that it is of."""
    organisation = (card.about or "").partition("/")[2]
    return Asking(person, OrganisationId(organisation)) if organisation else homes(connection, person)[-1]


def tell_apart(connection: Connection, digests: Sequence[CardId], error: str, at: datetime) -> None:
    """Let each card out that rests in messages which their reader cannot read: what was read there only if it asks."""
    there = cards.alias("there")
    is_unread = cards.c.asked_in.in_(select(there.c.id).where(there.c.id.in_(digests), there.c.channel.is_(None)))
    asks = and_(cards.c.asked_in.in_(digests), cards.c.kind.in_(sorted(ANEW)), cases.c.step == cards.c.step)
    now = select(cases.c.revision).where(cases.c.id == cards.c.case_id, or_(is_unread, asks)).correlate(cards)
    anew = {"asked_in": None, "due_at": at, "must_show": now.scalar_subquery(), "attempts": 0, "last_error": error}
    connection.execute(update(cards).where(cards.c.asked_in.in_(digests), now.exists()).values(anew))


def _digest(person: PersonId, part: Part, about: str, at: datetime, new_id: NewId) -> dict[str, object]:
    return owed(CardId(new_id("C")), CardKind.DIGEST, part, at, person_id=person, about=about)
