"""Our own pace towards Slack, mail and visitors: rate limits as token buckets, one row each, shared by all processes.

What Slack asks for where that was too fast is read in `slack_errors.py`. A bucket is kept as the instant it is next
full (the theoretical arrival time of GCRA), so that it needs no upkeep: a row in the past, or none, is a full bucket.
What Slack counts over a minute is kept as the instants at which what was taken of it comes back.
"""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import BigInteger, Connection, case, delete, or_, select, type_coerce

from core.storage.tables import MICROSECOND, from_micros, paces, to_micros, workspaces
from notifications.database import put, put_where
from notifications.mail.port import MAIL

POST = "chat.postMessage"
UPDATE = "chat.update"
LOOK_UP = "users.lookupByEmail"


@dataclass(frozen=True)
class Pace:
    """One token each `interval`; a rested bucket holds `burst` of them."""

    interval: timedelta
    burst: int


@dataclass(frozen=True)
class Quota:
    """So many tokens within any stretch of time as long as `span`; one that was taken comes back after it."""

    span: timedelta
    tokens: int

    @property
    def interval(self) -> timedelta:
        """How often one may be taken for ever."""
        return self.span / self.tokens


# Slack: "50+ per minute" for tier 3, some hundreds of posts a minute in a workspace, one a second in a channel, with
# short bursts allowed. A call that was counted here arrives a little later, some sooner than others: so the burst stays
# below Slack's, and the minute is longer than its.
PACES: Mapping[str, Pace] = {POST: Pace(timedelta(milliseconds=200), 30)}
A_MINUTE = Quota(timedelta(seconds=62), 50)
ALLOWED: Mapping[str, Quota] = {UPDATE: A_MINUTE, LOOK_UP: A_MINUTE}
CHANNEL = Pace(timedelta(seconds=1), 2)
# Nobody counts what an address is sent by mail but we.
MAILBOX = Pace(timedelta(seconds=1), 4)
# No bucket is full later than this, with the longest wait that Slack may ask for: the clock was set back since, and the
# bucket counts as full.
FURTHEST = timedelta(hours=5)
# What anybody can have sent by an application, of the form or over HTTP: in common by mail and in a workspace each, to
# one address or account, and about one organisation's number.
# What is above waits for its turn; the application itself is kept.
APPLIED, APPLIED_TO, APPLIED_FOR = "applied", "applied-to", "applied-for"
# First mails to people whom somebody has added to an organisation in Slack, each organisation's together.
ADDED_TO = "added-to"
TO_STRANGERS: Mapping[str, Pace] = {
    APPLIED: Pace(timedelta(minutes=1), 30),
    APPLIED_TO: Pace(timedelta(hours=1), 3),
    APPLIED_FOR: Pace(timedelta(minutes=30), 6),
    ADDED_TO: Pace(timedelta(minutes=5), 10),
}


def bucket(workspace: str, what: str) -> str:
    """Name a workspace's bucket for a method, or for posts in a channel (or to a user id)."""
    return f"{workspace} {what}"


def bucket_applied(workspace: str, what: str, whose: str) -> str:
    """Name a bucket for what applications have sent: to an address, or about a number, kept as a hash."""
    return f"{workspace} {what}:{sha256(whose.encode()).hexdigest()[:32]}"


def bucket_added(organisation: str) -> str:
    """Name the bucket for first mails to people who were added to an organisation."""
    return bucket(MAIL, f"{ADDED_TO}:{organisation}")


def buckets_to(workspace: str | None, address: str) -> tuple[str, ...]:
    """Name the buckets that pace what is sent to an account in a workspace; None: by mail, to an address."""
    where = workspace or MAIL
    return bucket(where, address), bucket_applied(where, APPLIED_TO, address)


class Buckets:
    """Some buckets as they are at one instant, spent from in memory. `back_at`: when tokens of a quota return."""

    def __init__(
        self, full_at: Mapping[str, datetime], at: datetime, back_at: Mapping[str, Sequence[datetime]] | None = None
    ) -> None:
        self._full_at = dict(full_at)
        self._back_at = {name: list(instants) for name, instants in (back_at or {}).items()}
        self._at = at

    def free_at(self, names: Iterable[str]) -> datetime:
        """Return when each of the buckets has a token: now, or later."""
        return max([self._at, *(self._free_at(name) for name in names if name in self._full_at)])

    def spend(self, names: Iterable[str], at: datetime) -> None:
        """Take a token of each, at an instant from which they are free."""
        for name in names:
            if (allowed := _quota(name)) is None:
                self._full_at[name] = max(self._full_at.get(name, at), at) + _pace(name).interval
            else:
                returns = self._back_at.get(name, [])
                insort(returns, at + allowed.span)
                self._keep(name, returns[-allowed.tokens :])

    def close(self, names: Iterable[str], until: datetime) -> None:
        """Let no token go before an instant, and then one."""
        for name in names:
            if (allowed := _quota(name)) is None:
                pace = _pace(name)
                closed = until + (pace.burst - 1) * pace.interval
                self._full_at[name] = max(self._full_at.get(name, closed), closed)
            else:
                turns = [until + number * allowed.interval for number in range(allowed.tokens)]
                taken = self._back_at.get(name, [])
                turns[len(turns) - len(taken) :] = map(max, turns[len(turns) - len(taken) :], taken)
                self._keep(name, turns)

    def copy(self) -> "Buckets":
        """Copy the buckets, to plan ahead with."""
        return Buckets(self._full_at, self._at, self._back_at)

    def rows(self, names: Iterable[str]) -> list[dict[str, object]]:
        """Return the buckets as rows of `paces`."""
        return [
            {
                "bucket": name,
                "full_at": self._full_at[name],
                "back_at": [to_micros(each) for each in self._back_at[name]] if name in self._back_at else None,
            }
            for name in sorted(set(names))
        ]

    def _keep(self, name: str, returns: Sequence[datetime]) -> None:
        self._back_at[name] = list(returns)
        self._full_at[name] = returns[-1]

    def _free_at(self, name: str) -> datetime:
        if (allowed := _quota(name)) is None:
            pace = _pace(name)
            return self._full_at[name] - (pace.burst - 1) * pace.interval
        returns = self._back_at.get(name, [])
        return self._at if len(returns) < allowed.tokens else returns[-allowed.tokens]


def lock_and_load(connection: Connection, workspace: str, names: Iterable[str], at: datetime) -> Buckets:
    """Load buckets of a workspace, for one relay at a time until its transaction ends."""
    connection.execute(select(workspaces.c.id).where(workspaces.c.id == workspace).with_for_update())
    return load(connection, names, at)


def load(connection: Connection, names: Iterable[str], at: datetime) -> Buckets:
    """Load buckets from their rows; whoever means to spend holds the row of their workspace locked."""
    query = select(paces).where(paces.c.bucket.in_(sorted(set(names))), paces.c.full_at <= at + FURTHEST)
    rows = connection.execute(query).all()
    back_at = {row.bucket: [*map(from_micros, row.back_at)] for row in rows if row.back_at is not None}
    return Buckets({row.bucket: row.full_at for row in rows}, at, back_at)


def save(connection: Connection, buckets: Buckets, names: Iterable[str]) -> None:
    """Store what was spent."""
    if rows := buckets.rows(names):
        put(connection, paces, rows)


def take(connection: Connection, name: str, pace: Pace, at: datetime) -> bool:
    """Take a token of one bucket in one statement, whoever else does so now; False when it has none."""
    full_at = type_coerce(paces.c.full_at, BigInteger)
    is_spent = full_at.between(to_micros(at), to_micros(at + FURTHEST))
    later = case((is_spent, full_at), else_=to_micros(at)) + pace.interval // MICROSECOND
    row = {"bucket": name, "full_at": at + pace.interval}
    has_one = or_(paces.c.full_at <= at + (pace.burst - 1) * pace.interval, paces.c.full_at > at + FURTHEST)
    return put_where(connection, paces, row, changed={"full_at": later}, where=has_one)


def forget_rested(connection: Connection, prefix: str, at: datetime) -> None:
    """Remove the rows of buckets that are full again, among those whose names begin so."""
    past = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    connection.execute(delete(paces).where(paces.c.bucket >= prefix, paces.c.bucket < past, paces.c.full_at <= at))


def _quota(name: str) -> Quota | None:
    return ALLOWED.get(name.rpartition(" ")[2])


def _pace(name: str) -> Pace:
    where, _, what = name.partition(" ")
    place = MAILBOX if where == MAIL else CHANNEL
    return PACES.get(what) or TO_STRANGERS.get(what.partition(":")[0], place)
