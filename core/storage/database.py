"""Two databases behind one door: a piece of work is a plain function of a connection, run in one transaction."""

import asyncio
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from core.storage.constant import Constant, Exchange, carried_out
from core.storage.direct import CLOSE_SECONDS, Direct
from core.storage.discreet import discreetly

T = TypeVar("T")
Work = Callable[[Connection], T]

BATCH = 32
BUSY_TIMEOUT_MS = 10_000
TURN_SECONDS = 10
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged commit survives a power cut
    "foreign_keys=ON",
    "recursive_triggers=ON",  # REPLACE cannot pass the history's guard
    "temp_store=MEMORY",  # what a savepoint remembers is not written to a file of its own
)
# True on a standby too, where every transaction is so.
_READ_ONLY = Constant("SELECT current_setting('transaction_read_only')")

log = logging.getLogger(__name__)


class DatabaseMissing(Exception):
    """The file that was opened is gone from its place; what is saved now is gone with it when the process ends."""


class DatabaseReplaced(Exception):
    """Another file stands in the place of the one that was opened."""


class ReadOnly(Exception):
    """The database takes nothing that changes it."""


class WriterEnded(Exception):
    """Nothing can be saved by this process any more."""


class Database(Protocol):
    """Runs work. Work is synchronous, touches nothing but its connection, and may be run again after an error."""

    dialect: str

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run work in one transaction: committed when it returns, rolled back when it raises."""
        ...

    async def look(self, exchange: Exchange[T]) -> T:
        """Hold an exchange that only reads."""
        ...

    async def press(self, exchange: Exchange[T]) -> T:
        """Hold one that writes by one guarded statement (PostgreSQL) or as one unit (SQLite); committed on return."""
        ...

    async def inspect(self, work: Work[T]) -> T:
        """Read what must come from where the database is now. Raises DatabaseMissing and DatabaseReplaced."""
        ...

    async def try_writer(self) -> None:
        """See that presses could be saved, saving nothing. Raises ReadOnly, WriterEnded, or what a press would meet."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


def open_database(url: str, *, pool_size: int = 8) -> Database:
    """A database by SQLAlchemy URL: `sqlite:///file.db` or `postgresql://…` (the driver is ours to choose)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(str(_file(parsed)))
    return PostgresDatabase(
        parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False), pool_size
    )


def absent_file(url: str) -> Path | None:
    """The file of SQLite that a URL names and that is not there; opening it would make it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    file = _file(parsed).absolute()
    return None if file.exists() else file


def _file(parsed: URL) -> Path:
    return Path(parsed.database or "kundportal.db")


class PostgresDatabase:
    """PostgreSQL through asyncpg. A press runs in autocommit: its one writing statement is its transaction."""

    dialect = "postgresql"

    def __init__(self, url: str, pool_size: int) -> None:
        self._engine = create_async_engine(
            url, pool_size=pool_size, max_overflow=0, isolation_level="AUTOCOMMIT", hide_parameters=True
        )
        self._transactions = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._direct = Direct(self._engine.sync_engine)
        # The pool lets whoever has just returned a connection take it again before those who wait: some wait for ever.
        self._turns = asyncio.Semaphore(pool_size)
        # Whoever inspects takes no turn: that all connections are at work is no fault, and their work goes first.
        self._inspecting = create_async_engine(
            url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT", hide_parameters=True
        )

    async def read(self, work: Work[T]) -> T:
        with discreetly():
            async with self._turn():
                return await _read(self._engine, work)

    async def look(self, exchange: Exchange[T]) -> T:
        with discreetly():
            async with self._turn():
                return await self._direct.hold(exchange)

    async def press(self, exchange: Exchange[T]) -> T:
        return await self.look(exchange)

    async def write(self, work: Work[T]) -> T:
        with discreetly():
            async with self._turn(), self._transactions.begin() as connection:
                return await connection.run_sync(work)

    async def inspect(self, work: Work[T]) -> T:
        with discreetly():
            return await _read(self._inspecting, work)

    async def try_writer(self) -> None:
        # As a press does, but out of turn.
        if await self._direct.hold(_is_read_only()):
            raise ReadOnly

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """One's turn for a connection, first come first served; TimeoutError when it does not come."""
        async with asyncio.timeout(TURN_SECONDS):
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def close(self) -> None:
        await self._direct.close()
        # A server that answers nothing is left to find out by itself.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(self._engine.dispose(), self._inspecting.dispose())


async def _read(engine: AsyncEngine, work: Work[T]) -> T:
    def unit() -> T:
        with engine.sync_engine.connect() as connection:
            return work(connection)

    # Connecting, working and letting go in one switch: through the asyncio engine each would be its own.
    return await greenlet_spawn(unit)


def _is_read_only() -> Exchange[bool]:
    return (yield _READ_ONLY, {})[0][0] == "on"


class SqliteDatabase:
    """SQLite with one writer thread: whole units of work, whatever waits sharing one durable commit."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._engine = _sqlite_engine(path)
        # Here rather than in the writer's thread, where nobody would hear that the file cannot be opened.
        self._writing = self._engine.connect()
        self._path = path
        self._file = _identity(path)
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._has_ended = False
        self._writer = threading.Thread(target=self._write_for_ever, name="sqlite-writer", daemon=True)
        self._writer.start()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")
        self._reading: Connection | None = None

    async def read(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, work)

    async def write(self, work: Work[T]) -> T:
        unit = _Unit(work, asyncio.get_running_loop())
        self._waiting.put(unit)
        if self._has_ended:
            self._turn_away()
        return await unit.future

    async def look(self, exchange: Exchange[T]) -> T:
        return await self.read(lambda connection: carried_out(connection, exchange))

    async def press(self, exchange: Exchange[T]) -> T:
        return await self.write(lambda connection: carried_out(connection, exchange))

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
        # A transaction that changes nothing is not written to the disk.
        await self.write(lambda _: None)

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
            raw.execute("COMMIT")

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def _write_for_ever(self) -> None:
        batch: list[_Unit] = []
        try:
            with self._writing as connection:
                raw = _raw(connection)
                while (first := self._waiting.get()) is not None:
                    batch = [first]
                    is_last = self._fill(batch)
                    _commit_together(connection, raw, batch)
                    _deliver(batch)
                    batch = []
                    if is_last:
                        return
        except BaseException:
            # Nobody waits for the thread: what ends it would pass in silence.
            log.critical("writer_ended", exc_info=True)
            _refuse(batch)
        finally:
            self._has_ended = True
            self._turn_away()

    def _turn_away(self) -> None:
        """Refuse what waits for a writer that has ended; whoever comes later does this for itself."""
        with suppress(queue.Empty):
            while True:
                unit = self._waiting.get_nowait()
                _refuse([] if unit is None else [unit])

    def _fill(self, batch: list["_Unit"]) -> bool:
        """Put what else waits into a batch, in place so that no failure loses any of it; True when it is the last."""
        while len(batch) < BATCH and not self._waiting.empty():
            unit = self._waiting.get()
            if unit is None:
                return True
            batch.append(unit)
        return False


class _Unit:
    """One piece of work that waits for the writer, and the place where its answer goes."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Work[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self, connection: Connection, raw: sqlite3.Connection) -> None:
        raw.execute("SAVEPOINT unit")
        try:
            self.result = self.work(connection)
        except Exception as error:
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


def _commit_together(connection: Connection, raw: sqlite3.Connection, batch: list[_Unit]) -> None:
    try:
        # Does nothing, unless the batch before could not even be rolled back.
        raw.rollback()
        raw.execute("BEGIN IMMEDIATE")
        for unit in batch:
            unit.run(connection, raw)
        raw.execute("COMMIT")
    except Exception as error:
        # Whatever fails here, the disk or the memory, the writer outlives it.
        for unit in batch:
            unit.error = error
        with suppress(sqlite3.Error, MemoryError):
            raw.rollback()


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


def _identity(path: str) -> tuple[int, int]:
    """Which file stands there, whatever it is called."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _raw(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker what the engine made
    return driver


def _sqlite_engine(path: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
