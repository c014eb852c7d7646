"""SQLite with one writer thread: whole units of work, of which whatever waits shares one durable commit."""

import asyncio
import logging
import os
import queue
import sqlite3
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

from core.shared.errors import TryAgain
from core.shared.press_ids import note_saved
from core.storage.database.losses import Losses, is_lost, saving
from core.storage.database.sessions import Use, Work, run_in
from core.storage.database.timeouts import TimeLimits, is_busy

T = TypeVar("T")

# So many presses share a commit on SQLite; and so many of all else, which is one where presses wait.
BATCH, OTHERS = 32, 4
# So long SQLite's writer waits for another process where there is no limit, and looks again so often.
BUSY_SECONDS, LOOK_SECONDS = 10, 0.002
# After a disk took nothing, presses are taken to be saved again once it takes so many bytes.
ROOM_BYTES = 1_000_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged commit survives a power cut
    "foreign_keys=ON",
    "recursive_triggers=ON",  # REPLACE cannot pass the history's guard
    "temp_store=MEMORY",  # what a savepoint remembers is not written to a file of its own
)

log = logging.getLogger(__name__)


class DatabaseMissing(Exception):
    """The file that was opened is gone from its place; what is saved now is gone with it when the process ends."""


class DatabaseReplaced(Exception):
    """Another file stands in the place of the one that was opened."""


class WriterEnded(Exception):
    """Nothing can be saved by this process any more."""


class SqliteDatabase:
    """SQLite with one writer thread: whole units of work, whatever waits sharing one durable commit."""

    dialect = "sqlite"

    def __init__(self, path: str, limits: TimeLimits) -> None:
        self._patience = limits.lock_seconds or BUSY_SECONDS
        _make_for_its_owner(path)
        self._engine = _sqlite_engine(path, self._patience)
        # Here rather than in the writer's thread, where nobody would hear that the file cannot be opened.
        self._writing = self._engine.connect()
        # It waits by itself, and looks more often.
        _raw(self._writing).execute("PRAGMA busy_timeout = 0")
        self._path = path
        self._file = _identity(path)
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._line = _Line()
        self._is_closing = self._has_ended = False
        self._refused_by: BaseException | None = None
        self._writer = threading.Thread(target=self._write_for_ever, name="sqlite-writer", daemon=True)
        self._writer.start()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")
        self._reading: Connection | None = None
        # A disk that is full takes nothing, and is read all the same.
        self._losses_reading, self._losses_writing = Losses(), Losses()

    async def read(self, work: Work[T]) -> T:
        with self._losses_reading.telling():
            return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, work)

    async def write(self, work: Work[T]) -> T:
        return await self._saved(_Unit(work, asyncio.get_running_loop()))

    async def change(self, work: Work[T]) -> T:
        return await self.write(work)

    async def look(self, use: Use[T]) -> T:
        return await self.read(partial(run_in, use=use))

    async def press(self, use: Use[T]) -> T:
        return await self._saved(_Press(partial(run_in, use=use), asyncio.get_running_loop()))

    async def inspect(self, work: Work[T]) -> T:
        def in_place(connection: Connection) -> T:
            if _identity(self._path) != self._file:
                raise DatabaseReplaced
            return work(connection)

        try:
            # Where no file is, none must be made: a connection that is opened would do that.
            await asyncio.get_running_loop().run_in_executor(self._reader, _identity, self._path)
            return await self.read(in_place)
        except FileNotFoundError as error:
            raise DatabaseMissing from error

    async def try_writer(self) -> None:
        # As a press. A transaction that changes nothing is not written to the disk.
        await self._written(_Press(lambda _: None, asyncio.get_running_loop()))
        if self._refused_by is not None:
            try:
                await asyncio.to_thread(_try_disk, self._path)
            except OSError:
                raise self._refused_by from None
            self._refused_by = None

    async def ring(self) -> None:
        """Do nothing: SQLite serves one process, which knows what it wrote."""

    async def hear(self, rung: Callable[[], None]) -> None:  # noqa: ARG002 - (the same)
        await asyncio.Event().wait()

    def unhurried(self) -> Self:
        return self

    async def close(self) -> None:
        self._waiting.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.get_running_loop().run_in_executor(self._reader, self._stop_reading)
        self._reader.shutdown()
        self._engine.dispose()

    def _read(self, work: Work[T]) -> T:
        if self._reading is None:
            self._reading = self._engine.connect()
        raw = _raw(self._reading)
        raw.execute("BEGIN")
        try:
            return work(self._reading)
        finally:
            # Nothing where SQLite has rolled it back itself, as after some failures.
            raw.commit()

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()

    async def _saved(self, unit: "_Unit") -> Any:
        with self._losses_writing.telling():
            done = await self._written(unit)
        note_saved()
        return done

    async def _written(self, unit: "_Unit") -> Any:
        self._waiting.put(unit)
        if self._has_ended:
            self._turn_away()
        return await unit.future

    def _write_for_ever(self) -> None:
        line = self._line
        try:
            with self._writing as connection:
                raw = _raw(connection)
                while self._take_in():
                    line.step_up()
                    _commit_together(connection, raw, line.at_work, self._patience)
                    self._refused_by = next(filter(is_lost, (unit.error for unit in line.at_work)), self._refused_by)
                    _deliver(line.at_work)
                    line.at_work.clear()
        except BaseException:
            # Nobody waits for the thread: what ends it would pass in silence.
            log.critical("writer_ended", exc_info=True)
            _refuse(line.everybody())
        finally:
            self._has_ended = True
            self._turn_away()

    def _take_in(self) -> bool:
        """Let whatever has come stand in line, waiting where nothing has; False when nothing comes any more."""
        while not self._is_closing and (not self._line or not self._waiting.empty()):
            unit = self._waiting.get()
            if unit is None:
                self._is_closing = True
            else:
                self._line.add(unit)
        return bool(self._line)

    def _turn_away(self) -> None:
        """Refuse what waits for a writer that has ended; whoever comes later does this for itself."""
        with suppress(queue.Empty):
            while True:
                unit = self._waiting.get_nowait()
                _refuse([] if unit is None else [unit])


class _Unit:
    """One piece of work that waits for the writer, with the press it is of, and the place where its answer goes."""

    __slots__ = ("context", "error", "future", "loop", "result", "work")

    def __init__(self, work: Work[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.context = copy_context()
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self, connection: Connection, raw: sqlite3.Connection) -> None:
        raw.execute("SAVEPOINT unit")
        try:
            self.result = self.context.run(self.work, connection)
        except Exception as error:
            if not raw.in_transaction:
                # SQLite has rolled back everybody's, as where the disk is full.
                raise
            self.error = error
            raw.execute("ROLLBACK TO unit")
        raw.execute("RELEASE unit")

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class _Press(_Unit):
    """One that goes before all else."""


class _Line:
    """Who waits for the writer. Presses step up before all else, and one other with them, so that none waits for ever.

    Whoever has stepped up is `at_work`, and everybody stands somewhere: no failure loses any.
    """

    def __init__(self) -> None:
        self.at_work: list[_Unit] = []
        self._presses: deque[_Unit] = deque()
        self._others: deque[_Unit] = deque()

    def __bool__(self) -> bool:
        return bool(self._presses or self._others)

    def add(self, unit: _Unit) -> None:
        (self._presses if isinstance(unit, _Press) else self._others).append(unit)

    def step_up(self) -> None:
        """Let those who share the next commit begin to work."""
        while self._presses and len(self.at_work) < BATCH:
            self.at_work.append(self._presses.popleft())
        most = len(self.at_work) + (1 if self.at_work else OTHERS)
        while self._others and len(self.at_work) < most:
            self.at_work.append(self._others.popleft())

    def everybody(self) -> list[_Unit]:
        return [*self.at_work, *self._presses, *self._others]


def _commit_together(connection: Connection, raw: sqlite3.Connection, batch: list[_Unit], patience: float) -> None:
    try:
        # Does nothing, unless the batch before could not even be rolled back.
        raw.rollback()
        _begin(raw, patience)
        for unit in batch:
            unit.run(connection, raw)
        with saving():
            raw.execute("COMMIT")
    except Exception as error:
        # Whatever fails here, the disk or the memory, the writer outlives it.
        told = TryAgain() if is_busy(error) else error
        for unit in batch:
            unit.error = told
        with suppress(sqlite3.Error, MemoryError):
            raw.rollback()


def _begin(raw: sqlite3.Connection, patience: float) -> None:
    """Begin to write. SQLite's own waiting looks ever more seldom, and misses the pauses of who writes a lot."""
    until = time.monotonic() + patience
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            if time.monotonic() >= until:
                log.warning("waited_too_long for=lock")
                raise
            time.sleep(LOOK_SECONDS)
        else:
            return


def _refuse(batch: list[_Unit]) -> None:
    for unit in batch:
        unit.error = WriterEnded()
    _deliver(batch)


def _deliver(batch: list[_Unit]) -> None:
    loops = {unit.loop for unit in batch}
    for loop in loops:
        mine = [unit for unit in batch if unit.loop is loop]
        # A loop that has closed holds nobody who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_answer, mine)


def _answer(units: list[_Unit]) -> None:
    for unit in units:
        unit.answer()


def _try_disk(path: str) -> None:
    """Write beside the database what presses may soon need. Raise OSError where the disk does not take it."""
    with tempfile.TemporaryFile(dir=os.path.dirname(os.path.abspath(path))) as file:
        file.write(bytes(ROOM_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _identity(path: str) -> tuple[int, int]:
    """Return device and number of the file that stands there, whatever it is called."""
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _raw(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker what the engine made
    return driver


def _make_for_its_owner(path: str) -> None:
    """Make the file with rights for its owner alone, which SQLite gives its files beside it too; one that is stays."""
    # What keeps a file from being made is told by SQLite.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sqlite_engine(path: str, patience: float) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": patience},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
