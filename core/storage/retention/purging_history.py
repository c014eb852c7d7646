"""Takes away the oldest rows of history, a batch at a time, and writes down where what is left begins."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from core.audit.seals import Beginning, Seal, SealKey
from core.storage import tables
from core.storage.audit.baselines import carry
from core.storage.audit.seal_reads import last_key, read_page, read_start, seal_of_beginning
from core.storage.audit.sealing import BrokenChain, Stored, read_head
from core.storage.tables import to_micros

PAGE = 1_000

log = logging.getLogger(__name__)


def history_purge(secret_key: str, earlier: Sequence[str] = ()) -> "HistoryPurge":
    """Make the purge of a history that was sealed with this secret, and with earlier ones."""
    return HistoryPurge(SealKey(secret_key, earlier))


@dataclass(frozen=True)
class HistoryPurge:
    """Takes rows from the chain's beginning up to the first that is not due, so that what is left is one chain still.

    The last row stays, however old: the end of the chain stands on it. Rows are held against their seals first, and
    nothing goes where something does not fit: a purge must not carry off the trace of what was done to history. What
    they tell of the register is kept, as the baseline from which the rest is replayed.
    """

    key: SealKey

    def count(self, connection: Connection, before: datetime) -> int:
        """Count the rows that are due, read by the page."""
        counted = 0
        beginning, last = read_start(connection, self.key).beginning, _last(connection)
        after = beginning.number
        while page := _ages(connection, after, last):
            due = [number for number, at in page if at < before]
            counted, after = counted + len(due), page[-1][0]
            if len(due) < len(page):
                break
        return counted

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Take a batch of what is due; how many rows that was."""
        try:
            seals = self._due(connection, before)
        except BrokenChain:
            log.error("history_not_purged")  # noqa: TRY400 - a fact; verify-history names what does not fit
            return 0
        if seals:
            self._go(connection, seals, before, at)
        return len(seals)

    def _due(self, connection: Connection, before: datetime) -> list[Seal]:
        start, head = read_start(connection, self.key), read_head(connection)
        if head is None:
            return []
        if start.forged or not self.key.proves_head(head[1], head[0], last_key(connection)):
            raise BrokenChain
        page = read_page(connection, start.beginning.number, head[0].number - 1)
        last = seal_of_beginning(start.beginning)
        due: list[Seal] = []
        for seal in page.seals:
            row = self._held(seal, last, page.rows)
            if row["at"] >= to_micros(before):
                break
            due.append(seal)
            last = seal
        return due

    def _held(self, seal: Seal, last: Seal, rows: Mapping[int, Stored]) -> Stored:
        """Return the row of a seal, which must follow on the last one and be of this row. Raise BrokenChain."""
        follows = (seal.number, seal.after_id) == (last.number + 1, last.history_id)
        row = rows.get(seal.history_id)
        if not follows or row is None or not self.key.links(seal, last):
            raise BrokenChain
        # A seal that follows is ours, and so of a form that we know.
        if not self.key.holds(seal, row):
            raise BrokenChain
        return row

    def _go(self, connection: Connection, seals: list[Seal], before: datetime, at: datetime) -> None:
        last, ids = seals[-1], [seal.history_id for seal in seals]
        beginning = Beginning(last.number, last.chain, last.history_id, before, at)
        proof = self.key.proof_of_beginning(beginning, to_micros(before), to_micros(at))
        carry(connection, ids, at)
        # First the protocol, by which the guards let the rest go; then the rows, while their seals say whose they are.
        connection.execute(insert(tables.history_purges), vars(beginning) | {"proof": proof})
        connection.execute(delete(tables.history).where(tables.history.c.id.in_(ids)))
        connection.execute(delete(tables.seals).where(tables.seals.c.number <= last.number))
        connection.execute(delete(tables.checkpoints).where(tables.checkpoints.c.number <= last.number))
        log.info("history_purged rows=%s up_to_seal=%s", len(seals), last.number)


def _last(connection: Connection) -> int:
    return connection.execute(select(func.max(tables.seals.c.number))).scalar() or 0


def _ages(connection: Connection, after: int, last: int) -> list[tuple[int, datetime]]:
    seals, rows = tables.seals, tables.history
    query = (
        select(seals.c.number, rows.c.at)
        .join(rows, rows.c.id == seals.c.history_id)
        .where(seals.c.number > after, seals.c.number < last)
        .order_by(seals.c.number)
        .limit(PAGE)
    )
    return [(number, at) for number, at in connection.execute(query)]
