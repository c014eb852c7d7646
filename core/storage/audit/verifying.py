"""Verifying every row of history against its seal, and naming what does not fit; page by page, in constant memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from core.audit.seals import FORMS, NEWEST_FORM, Checkpoint, Seal, SealKey
from core.storage.audit.findings import NAMED, Finding, FindingKind, Report
from core.storage.audit.seal_reads import (
    End,
    SealPage,
    read_beyond,
    read_end,
    read_ids,
    read_page,
    read_rows,
    read_sealed,
    read_start,
    seal_of_beginning,
)
from core.storage.audit.sealing import Stored
from core.storage.database.database import Database
from core.storage.tables import to_micros

BEFORE_ALL = -(2**63)
CHAIN_LENGTH = 64

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Missed:
    """A row that is not as it was sealed: what the seal expects, and whether anything stands there."""

    seal: Seal
    stands: bool


def read_outside(text: str) -> tuple[int, str]:
    """Parse a checkpoint's text, as `Checkpoint.text` wrote it, to its seal's number and chain. Raise ValueError."""
    number, _, chain = text.strip().partition(":")
    if not number.isdecimal() or len(chain) != CHAIN_LENGTH:
        raise ValueError(text)
    return int(number), chain


def no_progress(done: int, size: int) -> None:
    """Ignore how far the walk has come."""


async def verify(
    database: Database,
    secret_key: str,
    at: datetime,
    *,
    earlier: Sequence[str] = (),
    outside: tuple[int, str] | None = None,
    progress: Progress = no_progress,
) -> Report:
    """Compare history with its seals, and these with a checkpoint kept outside: a seal's number and its chain.

    `earlier` are secrets that history was sealed with before.
    """
    while True:
        walk = _SealWalk(database, SealKey(secret_key, earlier), at, outside, progress)
        await walk.run()
        if not await walk.is_overtaken():
            return walk.report


class _SealWalk:
    """One verification: first along the chain, then along history for what the chain does not know."""

    def __init__(
        self, database: Database, key: SealKey, at: datetime, outside: tuple[int, str] | None, progress: Progress
    ) -> None:
        self.report = Report()
        self._database = database
        self._key = key
        self._at = at
        self._outside = outside
        self._progress = progress
        self._first = 0  # the last number that went with a purge
        self._before = Seal(0, 0, 0, NEWEST_FORM, "", "")
        self._missed: list[Missed] = []
        self._strays: dict[str, int] = {}  # what stands where it should not, by digest
        self._removed: set[int] = set()  # rows whose seal is gone
        self._done = 0

    async def run(self) -> None:
        end = await self._database.read(lambda connection: read_end(connection, self._key, self._at))
        if end.finding is not None:
            self.report.add(end.finding)
        if end.finding == Finding(FindingKind.KEY):
            return
        await self._begin()
        async for page in self._chain(end):
            self._check(page)
            self._tell(len(page.seals), end)
        await self._lacking(self._before.number + 1, end.number, end.history_id)
        self._check_outside()
        await self._walk_history(end)
        if end.finding is None:
            for number, row in await self._database.read(read_beyond):
                self.report.add(Finding(FindingKind.SEAL_INSERTED, row, number))
        self._judge()

    async def is_overtaken(self) -> bool:
        """Say whether a purge took, while this walked, what it had yet to come to."""
        return (await self._read(read_start, self._key)).beginning.number > self._first

    async def _begin(self) -> None:
        start = await self._read(read_start, self._key)
        for number in start.forged:
            self.report.add(Finding(FindingKind.PURGE_FORGED, seal=number))
        beginning = start.beginning
        self.report.purged, self.report.purged_before = beginning.number, beginning.decided_before
        self._first = beginning.number
        self._before = seal_of_beginning(beginning)
        self._hold_outside(self._before)

    def _tell(self, more: int, end: End) -> None:
        self._done += more
        self._progress(self._done, max(self._done, end.number + end.rows))

    # --- along the chain

    async def _chain(self, end: End) -> AsyncIterator[SealPage]:
        after = BEFORE_ALL
        while True:
            page = await self._read(read_page, after, end.number)
            if not page.seals:
                return
            for seal in page.seals:
                await self._lacking(self._before.number + 1, seal.number - 1, seal.after_id)
                self._check_seal(seal)
            yield page
            after = page.seals[-1].number

    async def _read(self, work: Callable[..., T], *values: object) -> T:
        return await self._database.read(lambda connection: work(connection, *values))

    def _check_seal(self, seal: Seal) -> None:
        self.report.sealed += 1
        if seal.number <= self._first:
            self.report.add(Finding(FindingKind.SEAL_INSERTED, seal.history_id, seal.number))
            return
        follows = seal.number == self._before.number + 1
        if seal.form not in FORMS or (follows and not self._is_linked(seal)):
            self.report.add(Finding(FindingKind.SEAL_CHANGED, seal.history_id, seal.number))
        self._hold_outside(seal)
        self._before = seal

    def _is_linked(self, seal: Seal) -> bool:
        return self._key.links(seal, self._before) and seal.after_id == self._before.history_id

    def _hold_outside(self, seal: Seal) -> None:
        if self._outside == (seal.number, seal.chain):
            self._outside = None

    async def _lacking(self, first: int, last: int, last_row: int) -> None:
        """Report seals that are missing; the one after them says which row the last of them was of."""
        for number in range(first, min(last, first + NAMED)):
            self.report.add(Finding(FindingKind.SEAL_REMOVED, None, number))
        self.report.unnamed += max(0, last - first - NAMED)
        if first <= last:
            stands = bool(await self._read(read_rows, [last_row]))
            self.report.add(Finding(FindingKind.SEAL_REMOVED if stands else FindingKind.REMOVED, last_row, last))
            self._removed.add(last_row)

    def _check(self, page: SealPage) -> None:
        seals = {seal.number: seal for seal in page.seals if seal.number > self._first}
        for seal in seals.values():
            self._check_row(seal, page.rows.get(seal.history_id))
        for checkpoint, proof in page.checkpoints:
            if not self._key.proves_checkpoint(proof, checkpoint, to_micros(checkpoint.at)):
                self.report.add(Finding(FindingKind.CHECKPOINT_CHANGED, seal=checkpoint.number))
            elif checkpoint.number in seals:
                self._hold_to(checkpoint, seals[checkpoint.number])

    def _hold_to(self, checkpoint: Checkpoint, seal: Seal) -> None:
        finding = Finding(FindingKind.SEAL_CHANGED, seal.history_id, seal.number)
        if seal.chain != checkpoint.chain and finding not in self.report.findings:
            self.report.add(finding)

    def _check_row(self, seal: Seal, row: Stored | None) -> None:
        if row is not None and self._key.holds(seal, row):
            return
        if len(self._missed) >= NAMED:
            self.report.unnamed += 1
            return
        self._missed.append(Missed(seal, stands=row is not None))
        if row is not None:
            self._strays |= dict.fromkeys(self._key.digests(row), seal.history_id)

    def _check_outside(self) -> None:
        if self._outside is not None:
            is_older = self._outside[0] < self._first
            self.report.add(
                Finding(FindingKind.OUTSIDE_PURGED if is_older else FindingKind.OUTSIDE, seal=self._outside[0])
            )

    # --- along history

    async def _walk_history(self, end: End) -> None:
        after = BEFORE_ALL
        while ids := await self._read(read_ids, after):
            # Seals are read after ids: what is sealed in between is sealed.
            sealed = await self._read(read_sealed, ids[0], ids[-1])
            await self._check_unsealed([id_ for id_ in ids if id_ not in sealed], end)
            self._tell(len(ids), end)
            after = ids[-1]

    async def _check_unsealed(self, ids: Sequence[int], end: End) -> None:
        wanted = {missed.seal.digest for missed in self._missed}
        # What they say is only asked for when there is something to look for.
        rows = await self._read(read_rows, ids) if ids and wanted else {}
        for id_ in ids:
            moved = self._key.digests(rows[id_]) & wanted if id_ in rows else set[str]()
            if moved:
                self._strays |= dict.fromkeys(moved, id_)
            elif id_ > end.floor:
                self.report.unsealed += 1
            elif id_ not in self._removed:
                self.report.add(Finding(FindingKind.INSERTED, id_))

    # --- in the end

    def _judge(self) -> None:
        for missed in self._missed:
            row, stands_at = missed.seal.history_id, self._strays.get(missed.seal.digest)
            if stands_at is not None:
                self.report.add(Finding(FindingKind.MOVED, row, missed.seal.number, stands_at))
            else:
                kind = FindingKind.CHANGED if missed.stands else FindingKind.REMOVED
                self.report.add(Finding(kind, row, missed.seal.number))
