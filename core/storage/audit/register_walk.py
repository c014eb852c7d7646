"""Replaying the register beside the cases, and comparing it with what stands; memory grows with the register."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, Row, select

from core.audit.differences import Difference, Differs
from core.audit.register_replay import (
    LATE,
    LATER,
    NOTHING_SAID,
    EntryKey,
    EntryKind,
    ReplayedEntry,
    ReplayedSubstitution,
    Rights,
    Value,
)
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId, Surface
from core.storage import tables
from core.storage.audit.baselines import read_baselines, readable
from core.storage.audit.register_records import KINDS, LATER_KINDS, TABLES, read_entries, recorded_entries
from core.storage.audit.verifying import BEFORE_ALL
from core.storage.database.database import Database

T = TypeVar("T")

PAGE = 1_000
# The register may be changed while it is looked at: so often it is looked at anew before that is a difference.
LOOKS = 5
ROWS = tables.history.c
# What somebody who keeps an organisation changes.
KEPT = frozenset({LineKind.ROLE, LineKind.SUBSTITUTION, LineKind.ORGANISATION})


class RegisterReport(Protocol):
    """Where what differs is named, and what was looked at is counted."""

    entries: int
    rights_from: datetime | None
    unjudged: int

    def add(self, differences: Iterable[Difference]) -> None:
        """Add differences to the report."""
        ...


class RegisterWalk:
    """The register along one walk through history, from the baseline on."""

    def __init__(self, database: Database, report: RegisterReport) -> None:
        self._database = database
        self._found = report
        self._rights = Rights()
        # The rows that tell how the register stood, by whether they tell what began to be held later, None of those of
        # connections: when an upgrade wrote them, and the last of them.
        self._stood: dict[bool | None, datetime] = {}
        self._begins: dict[bool | None, int] = {False: BEFORE_ALL, True: BEFORE_ALL}
        self._settled: datetime | None = None  # rows that are older do not turn up any more
        self._floor = self._passed = BEFORE_ALL  # the last of these, and the last row that the walk has passed
        self._seen: set[int] = set()  # the lines after the floor that were followed

    async def begin(self) -> None:
        """Take the register as it stands by the baseline."""
        newest = await self._read(_newest)
        self._settled = None if newest is None else newest - LATE
        async for page in self._pages(Happened.CARRIED):
            purges = await self._read(_purges_at, sorted({row.at for row in page}))
            self._take(page, [row for row in page if row.at not in purges])
        async for page in self._pages(Happened.STOOD):
            self._take(page, [row for row in page if not self._is_an_upgrades(row)])
        self._found.rights_from = self._stood.get(False)

    def rights_at(self, row: Row[Any]) -> Rights | None:
        """Return the register where the walk has come to; None before it is known."""
        self._rights.knows_agreements = row.id > self._begins[True]
        if row.id > self._begins[False]:
            return self._rights
        self._found.unjudged += 1
        return None

    def follow(self, row: Row[Any]) -> None:
        """Follow a row that is no change of a case."""
        if row.kind not in KINDS or row.id <= self._begins[row.kind in LATER_KINDS] or row.id in self._seen:
            return
        self._seen.add(row.id)
        for entry in self._read_of(row):
            self._see_to_author(row, entry)
            self._rights.change(entry, row.at)

    async def see_to_late(self) -> None:
        """Follow lines that were saved after the walk had passed them: whatever relied on them comes after."""
        if self._passed > self._floor:
            await self._catch_up(self._passed)

    def came_to(self, row: Row[Any]) -> None:
        """Note how far the walk has come."""
        self._passed = row.id
        if self._settled is not None and row.at < self._settled:
            self._floor = row.id
            self._seen.clear()

    async def compare(self) -> None:
        """Compare what stands with the replayed register, however it is changed meanwhile."""
        differing: dict[EntryKey, tuple[Value, Value]] | None = None
        for _ in range(LOOKS):
            # Lines are read before what they tell of, so they are never older than it where both are old.
            await self._catch_up(None)
            differing = await self._differing(differing)
            if not differing:
                return
        for (of, id_), (expected, stands) in (differing or {}).items():
            self._found.add(
                [Difference(Differs.REGISTER, what=of, expected=_plain(expected), stands=_plain(stands), about=id_)]
            )

    # --- helpers

    def _is_an_upgrades(self, row: Row[Any]) -> bool:
        """Say whether a row is one of those that an upgrade wrote all at once: the first of what they tell of."""
        told = {entry.key.of for entry in readable(row)}
        is_later = None if told == {EntryKind.CONNECTION} else told <= LATER
        if self._stood.setdefault(is_later, row.at) != row.at:
            return False
        self._begins[is_later] = row.id
        return True

    async def _read(self, work: Callable[..., T], *values: object) -> T:
        return await self._database.read(lambda connection: work(connection, *values))

    async def _pages(self, action: Happened) -> AsyncIterator[Sequence[Row[Any]]]:
        after = BEFORE_ALL
        while page := await self._read(read_baselines, action, after):
            yield page
            after = page[-1].id

    def _take(self, page: Sequence[Row[Any]], forged: Sequence[Row[Any]]) -> None:
        self._found.add(Difference(Differs.BASELINE, row=row.id) for row in forged)
        for row in page:
            if row not in forged:
                for entry in self._read_of(row):
                    if entry.key.of is not EntryKind.CONNECTION:
                        self._rights.take(entry)

    def _read_of(self, row: Row[Any]) -> Sequence[ReplayedEntry]:
        try:
            return recorded_entries(row)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._found.add([Difference(Differs.LINE, what="words", row=row.id)])
            return []

    def _see_to_author(self, row: Row[Any], entry: ReplayedEntry) -> None:
        """Check that a person who keeps an organisation has the right to; files and keys are the operator's."""
        if row.surface not in {Surface.SLACK, Surface.WEB} or row.person_id is None or row.kind not in KEPT:
            return
        person, where = PersonId(row.person_id), OrganisationId(row.organisation_id or "")
        is_own = isinstance(entry.value, ReplayedSubstitution) and entry.value.absent == person
        if not is_own and not self._rights.may_keep(person, where, row.at):
            self._found.add([Difference(Differs.KEPT, what=entry.key.of, stands=person, row=row.id)])

    async def _catch_up(self, until: int | None) -> None:
        after = self._floor
        while page := await self._read(_lines, after, until):
            for row in page:
                self.follow(row)
            after = page[-1].id

    async def _differing(self, among: Mapping[EntryKey, object] | None) -> dict[EntryKey, tuple[Value, Value]]:
        """Return entries whose stored value differs, of all or among some: by their records, and as they stand."""
        differing: dict[EntryKey, tuple[Value, Value]] = {}
        stand: set[EntryKey] = set()
        for of in TABLES:
            page, after = await self._read(read_entries, of, None, PAGE)
            while after is not None:
                stand.update(entry.key for entry in page)
                for entry in page:
                    expected = self._rights.value(entry.key)
                    if expected != entry.value and (among is None or entry.key in among):
                        differing[entry.key] = expected, entry.value
                page, after = await self._read(read_entries, of, after, PAGE)
        self._found.entries = len(stand)
        for key, expected in self._rights.entries.items():
            is_asked = among is None or key in among
            if is_asked and key not in stand and expected != NOTHING_SAID.get(key.of):
                differing[key] = expected, None
        return differing


def _newest(connection: Connection) -> datetime | None:
    return connection.execute(select(ROWS.at).order_by(ROWS.id.desc()).limit(1)).scalar()


def _purges_at(connection: Connection, at: Sequence[datetime]) -> set[datetime]:
    made = tables.history_purges.c.at
    return set(connection.execute(select(made).where(made.in_(at))).scalars())


def _lines(connection: Connection, after: int, until: int | None) -> Sequence[Row[Any]]:
    mine = [ROWS.id > after, ROWS.kind.in_(KINDS)] + ([] if until is None else [ROWS.id <= until])
    return connection.execute(select(tables.history).where(*mine).order_by(ROWS.id).limit(PAGE)).all()


def _plain(value: Value) -> str:
    """Write an entry by its ids, codes, amounts and instants."""
    match value:
        case tuple():
            return " ".join(f"{tier.from_ore}:{tier.attests}:{','.join(tier.sequence)}" for tier in value)
        case None:
            return ""
        case bool() | int():
            return str(value).lower()
        case _:
            return " ".join(_word(part) for part in astuple(value))


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, cast(tuple[object, ...], value)))
    return "-" if value is None else str(value)
