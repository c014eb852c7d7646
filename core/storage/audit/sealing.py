"""Sealing committed rows of history into the keyed chain, a batch at a time and never in the way of a press."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from core.audit.seals import FORMS, NEWEST_FORM, Checkpoint, Head, Seal, SealKey
from core.ports.cases import Now
from core.storage import tables
from core.storage.database.database import Database
from core.storage.register.rows import LOCK
from core.storage.tables import to_micros

BATCH = 1_000
BATCHES_A_TICK = 20
# PostgreSQL hands out ids before it commits, so a row may turn up below a sealed one. Not after this long: no
# transaction of ours waits for anybody, but those that write the register, during which nothing is sealed.
LATE = timedelta(minutes=10)

COLUMNS = ", ".join(("id", *FORMS[NEWEST_FORM]))
# The bound inside is the same as outside: it keeps PostgreSQL from reading every seal there is.
UNSEALED = text(f"""SELECT {COLUMNS} FROM history h WHERE h.id > :floor AND NOT EXISTS (
    SELECT 1 FROM seals s WHERE s.history_id = h.id AND s.history_id > :floor) ORDER BY h.id LIMIT :batch""")  # noqa: S608 - names of ours
# The ids that follow on the floor without a gap are those that are as far from it as they are many.
SETTLED = text("""SELECT max(history_id) FROM (
    SELECT history_id, history_id - ROW_NUMBER() OVER (ORDER BY history_id) AS before FROM seals
    WHERE history_id > :floor) AS above WHERE before = :floor""")
_OLD = text("SELECT highest_id FROM checkpoints WHERE at <= :late ORDER BY number DESC LIMIT 1")
_LAST = text("SELECT number, chain, key FROM seals ORDER BY number DESC LIMIT 1")

Stored = Mapping[Any, Any]  # a row of history by column, as the driver gives it

log = logging.getLogger(__name__)


class BrokenChain(Exception):
    """The end of the chain is not as it was left, or the key is another: sealing on would cover the trace."""


class Sealer:
    """Seals what is not sealed yet. Any number may run: one at a time seals, and the others let it be."""

    def __init__(self, database: Database, secret_key: str, now: Now, *, earlier: Sequence[str] = ()) -> None:
        self._database = database
        self._key = SealKey(secret_key, earlier)
        self._now = now

    async def seal(self) -> int:
        """Seal the rows there are, up to so many batches, and return how many those were."""
        done = 0
        try:
            for _ in range(BATCHES_A_TICK):
                done += (sealed := await self._batch())
                if sealed < BATCH:
                    break
        except BrokenChain:
            log.error("history_chain_broken")  # noqa: TRY400 - a fact, and where it was found says nothing more
        return done

    async def _batch(self) -> int:
        at = self._now()
        # Most of the time there is nothing to do, and reading it stands in nobody's way.
        if not await self._database.read(lambda connection: _unsealed(connection, self._key, at)[1]):
            return 0
        return await self._database.write(lambda connection: _seal(connection, self._key, at))


def read_head(connection: Connection) -> tuple[Head, str] | None:
    """Read the end of the chain and its proof; None when there is none."""
    row = connection.execute(select(tables.seal_heads)).mappings().one_or_none()
    if row is None:
        return None
    return Head(**{name: row[name] for name in vars(Head())}), row["proof"]


def floor_of(connection: Connection, head: Head, at: datetime) -> int:
    """Return the history id up to which no row can turn up any more."""
    old = connection.execute(_OLD, {"late": to_micros(at - LATE)}).scalar()
    return max(head.settled_id, old or 0)


def _seal(connection: Connection, key: SealKey, at: datetime) -> int:
    if not _is_alone(connection):
        return 0
    # Read anew: another sealer may have been here since.
    head, rows = _unsealed(connection, key, at)
    if not rows:
        return 0
    if head.number == 0:
        # Once in the life of a database; a second time, somebody took the whole chain away.
        log.warning("history_chain_begun")
    sealed = _chained(key, head, rows)
    connection.execute(insert(tables.seals), [vars(seal) for seal in sealed])
    _leave(connection, key, _after(connection, head, sealed, at), at)
    return len(sealed)


def _is_alone(connection: Connection) -> bool:
    """Say whether no other process seals, or writes the register; SQLite has one writer as it is."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}).scalar())


def _unsealed(connection: Connection, key: SealKey, at: datetime) -> tuple[Head, Sequence[Stored]]:
    head = _checked_head(connection, key)
    values = {"floor": floor_of(connection, head, at), "batch": BATCH}
    return head, connection.execute(UNSEALED, values).mappings().all()


def _checked_head(connection: Connection, key: SealKey) -> Head:
    last = connection.execute(_LAST).one_or_none()
    stored_head = read_head(connection)
    if stored_head is None and last is None:
        return Head()
    if stored_head is None or last is None:
        raise BrokenChain
    head, proof = stored_head
    if (head.number, head.chain) != (last.number, last.chain) or not key.proves_head(proof, head, last.key):
        raise BrokenChain
    return head


def _chained(key: SealKey, head: Head, rows: Sequence[Stored]) -> list[Seal]:
    sealed: list[Seal] = []
    before: Seal | Head = head
    for number, row in enumerate(rows, head.number + 1):
        before = key.seal(row, number, before)
        sealed.append(before)
    return sealed


def _after(connection: Connection, head: Head, sealed: Sequence[Seal], at: datetime) -> Head:
    last, floor = sealed[-1], floor_of(connection, head, at)
    return Head(
        number=last.number,
        chain=last.chain,
        history_id=last.history_id,
        highest_id=max(head.highest_id, last.history_id),
        settled_id=connection.execute(SETTLED, {"floor": floor}).scalar() or floor,
    )


def _leave(connection: Connection, key: SealKey, head: Head, at: datetime) -> None:
    """Write down where the chain ends: the head anew, and a checkpoint to stay."""
    checkpoint = Checkpoint(head.number, head.chain, head.highest_id, at)
    proof = key.proof_of_checkpoint(checkpoint, to_micros(at))
    connection.execute(insert(tables.checkpoints), vars(checkpoint) | {"proof": proof})
    connection.execute(delete(tables.seal_heads))
    connection.execute(insert(tables.seal_heads), vars(head) | {"id": 1, "proof": key.proof_of_head(head)})
