"""PostgreSQL through asyncpg: turns for all that waits, and for presses connections without SQLAlchemy around them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it has none
from asyncpg import InterfaceError, PostgresError  # pyright: ignore[reportMissingTypeStubs] - (the same)
from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from core.shared.errors import OrderError, TryAgain, Unsure
from core.shared.press_ids import note_saved
from core.storage.database.error_privacy import discreetly
from core.storage.database.losses import Losses, is_lost, name_of, once_more, saving
from core.storage.database.sessions import Constant, DriverSession, Session, Use, WantsTransaction, Work
from core.storage.database.timeouts import GIVEN_UP, UNHURRIED, TimeLimits, asking_to_try_again

T = TypeVar("T")

# Seconds until a turn must have come. Of the turns that presses have no part in, so many are for reading alone.
TURN_SECONDS = 10
FOR_READING = 2
# Whoever stops does not wait for a server that answers nothing.
CLOSE_SECONDS = 2
# Until a server has let somebody in: who waits for one that is gone hears of it.
CONNECT_SECONDS = 10
BELL = "kundportal"
_RING = Constant(f"SELECT CAST(pg_notify('{BELL}', '') AS text)")
# After so many seconds a bell that cannot be heard is listened to anew.
DEAF_SECONDS = 5.0
# True on a standby too, where every transaction is so.
_READ_ONLY = Constant("SELECT current_setting('transaction_read_only')")

# Any: (the same)
_driver: Any = asyncpg

log = logging.getLogger(__name__)


class ReadOnly(Exception):
    """The database takes nothing that changes it."""


class PostgresDatabase:
    """PostgreSQL through asyncpg. A press runs in autocommit: its one writing statement is its transaction."""

    dialect = "postgresql"

    def __init__(self, url: str, pool_size: int, limits: TimeLimits, losses: Losses | None = None) -> None:
        self._url, self._limits = url, limits
        self._losses = losses or Losses()
        options: dict[str, Any] = {
            "max_overflow": 0,
            "isolation_level": "AUTOCOMMIT",
            "hide_parameters": True,
            "connect_args": {"server_settings": limits.of_server, "async_creator_fn": _connected},
        }
        self._engine = create_async_engine(url, pool_size=pool_size, **options)
        self._transactions = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._direct = Direct(self._engine.sync_engine, limits.of_server)
        # The pool lets whoever has just returned a connection take it again before those who wait: some wait for ever.
        self._turns, self._size = asyncio.Semaphore(pool_size), pool_size
        # What is written in a transaction may wait for locks: all of them together leave turns to those who read, and
        # have none of those of presses, which wait for nobody but other presses of their case.
        self._writes = asyncio.Semaphore(max(1, pool_size - FOR_READING))
        self._presses = asyncio.Semaphore(pool_size)
        # Whoever inspects takes no turn: that all connections are at work is no fault, and their work goes first.
        self._inspecting = create_async_engine(url, pool_size=1, **options)
        self._open = OpenConnections(self._engine.sync_engine, self._inspecting.sync_engine)
        self._unhurried: PostgresDatabase | None = None
        self._is_closing = False

    async def read(self, work: Work[T]) -> T:
        with discreetly(), self._losses.telling(), asking_to_try_again():
            async with _turn(self._turns, TURN_SECONDS):
                return await once_more(partial(_alone, self._engine, work), self._goes_on)

    async def look(self, use: Use[T]) -> T:
        with discreetly(), self._losses.telling(), asking_to_try_again():
            async with _turn(self._presses, self._limits.lock_seconds or TURN_SECONDS):
                return await once_more(partial(self._direct.run, use), self._goes_on)

    async def press(self, use: Use[T]) -> T:
        done = await self.look(use)
        note_saved()
        return done

    async def write(self, work: Work[T]) -> T:
        return await self._in_turn(partial(self._write, work))

    async def change(self, work: Work[T]) -> T:
        return await self._in_turn(partial(_change, self._engine, work))

    async def _in_turn(self, attempt: Callable[[], Awaitable[T]]) -> T:
        with discreetly(), self._losses.telling(), asking_to_try_again():
            async with _turn(self._writes, TURN_SECONDS), _turn(self._turns, TURN_SECONDS):
                done = await once_more(attempt, self._goes_on)
        note_saved()
        return done

    async def _write(self, work: Work[T]) -> T:
        async with self._transactions.connect() as connection:
            transaction = await connection.begin()
            try:
                done = await connection.run_sync(work)
                with saving():
                    await transaction.commit()
            except Exception as error:
                if is_lost(error):
                    # Also where the server is there still, and takes no writes any more.
                    await connection.invalidate()
                raise
            return done

    async def inspect(self, work: Work[T]) -> T:
        with discreetly():
            return await _alone(self._inspecting, work)

    async def try_writer(self) -> None:
        # As a press does, but out of turn.
        if await self._direct.run(_is_read_only):
            raise ReadOnly

    async def ring(self) -> None:
        # Apart from what was written: a transaction that notifies waits for every other that does.
        await self.look(_ring)

    async def hear(self, rung: Callable[[], None]) -> None:
        while True:
            try:
                with suppress(TryAgain, Unsure), self._losses.telling():
                    await self._direct.listen(BELL, rung)
            except (OSError, PostgresError, InterfaceError) as error:
                log.warning("bell_not_heard error=%s", name_of(error))
            await asyncio.sleep(DEAF_SECONDS)

    def unhurried(self) -> "PostgresDatabase":
        if self._limits == UNHURRIED:
            return self
        if self._unhurried is None:
            self._unhurried = PostgresDatabase(self._url, 1, UNHURRIED, self._losses)
        return self._unhurried

    def _goes_on(self) -> bool:
        return not self._is_closing

    async def close(self) -> None:
        self._is_closing = True
        if self._unhurried is not None:
            await self._unhurried.close()
        await self._end_of_work()
        await self._direct.close()
        # A server that answers nothing is left to find out by itself.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(self._engine.dispose(), self._inspecting.dispose())
        self._open.cut_off()

    async def _end_of_work(self) -> None:
        """Wait, a while, for what is under way: once every turn has come back, nothing is."""
        taken: list[asyncio.Semaphore] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for turns in (self._turns, self._presses) * self._size:
                    await turns.acquire()
                    taken.append(turns)
        for turns in taken:
            turns.release()


@asynccontextmanager
async def _turn(turns: asyncio.Semaphore, seconds: float) -> AsyncGenerator[None]:
    """Wait for a turn, first come first served. Raise TryAgain when it does not come in time."""
    try:
        # A turn that is free is taken at once: no clock is set for it.
        async with asyncio.timeout(seconds if turns.locked() else None):
            await turns.acquire()
    except TimeoutError:
        log.warning("waited_too_long for=turn")
        raise TryAgain from None
    try:
        yield
    finally:
        turns.release()


async def _alone(engine: AsyncEngine, work: Work[T]) -> T:
    """Run work whose every statement is a transaction of its own."""

    def unit() -> T:
        with engine.sync_engine.connect() as connection:
            return work(connection)

    # Connecting, working and letting go in one switch: through the asyncio engine each would be its own.
    return await greenlet_spawn(unit)


async def _change(engine: AsyncEngine, work: Work[T]) -> T:
    def done(connection: Connection) -> T:
        try:
            return work(connection)
        except Exception as error:
            if is_lost(error):
                # Also where the server is there still, and takes no writes any more.
                connection.invalidate()
            raise

    return await _alone(engine, done)


async def _ring(session: Session) -> None:
    await session.fetch(_RING, {})


async def _is_read_only(session: Session) -> bool:
    return (await session.fetch(_READ_ONLY, {}))[0][0] == "on"


class OpenConnections:
    """The connections of SQLAlchemy's engines, also those in use, of which a pool that is given up forgets."""

    def __init__(self, *engines: Engine) -> None:
        # Any: asyncpg has no types.
        self._drivers: set[Any] = set()
        for engine in engines:
            event.listen(engine, "connect", self._opened)
            event.listen(engine, "close", self._ended)

    def cut_off(self) -> None:
        """End what is still connected, whoever uses it."""
        while self._drivers:
            self._drivers.pop().terminate()

    def _opened(self, connection: Any, _: object) -> None:
        self._drivers.add(connection.driver_connection)

    def _ended(self, connection: Any, _: object) -> None:
        self._drivers.discard(connection.driver_connection)


class Direct:
    """Connections of the driver with nothing of SQLAlchemy's around them, for presses.

    As many as were ever used at once. Which one is free last is used first, so that few are kept busy.
    """

    def __init__(self, engine: Engine, settings: Mapping[str, str]) -> None:
        self._engine = engine
        self._settings = settings
        # Any: (the same)
        self._free: list[Any] = []
        self._used: set[Any] = set()

    async def run(self, use: Use[T]) -> T:
        """Run what uses a session; each of its statements is a transaction of its own."""
        driver = await self._take()
        self._used.add(driver)
        try:
            return await use(DriverSession(driver))
        except (OrderError, WantsTransaction, *GIVEN_UP):
            raise
        except BaseException as error:
            # What is more than a refusal may have broken the connection, and who loses one the others to that server.
            driver.terminate()
            if is_lost(error):
                self._forget()
            raise
        finally:
            self._used.discard(driver)
            self._free.append(driver)

    async def listen(self, channel: str, rung: Callable[[], None]) -> None:
        """Call at each notice, and once at first, until the connection ends, which is one of its own."""
        driver, ended = await greenlet_spawn(self._connect), asyncio.Event()
        try:

            def tell(*_: object) -> None:
                rung()

            driver.add_termination_listener(lambda *_: ended.set())  # pyright: ignore[reportUnknownLambdaType] - (the same)
            await driver.add_listener(channel, tell)
            rung()
            await ended.wait()
        finally:
            driver.terminate()

    async def close(self) -> None:
        """Let go of every connection, together; one in use, and one that does not close in time, is cut off."""
        free, self._free = self._free, []
        await asyncio.gather(*map(_closed, free))
        for driver in self._used:
            driver.terminate()

    def _forget(self) -> None:
        while self._free:
            self._free.pop().terminate()

    async def _take(self) -> Any:
        while self._free:
            driver = self._free.pop()
            if not driver.is_closed():
                return driver
        return await greenlet_spawn(self._connect)

    def _connect(self) -> Any:
        # SQLAlchemy knows what a URL means to the driver.
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        options["server_settings"] = {**options.get("server_settings", {}), **self._settings}
        options["async_creator_fn"] = _connected
        return self._engine.dialect.connect(*arguments, **options).driver_connection


async def _connected(*words: Any, **options: Any) -> Any:
    try:
        return await _driver.connect(*words, timeout=CONNECT_SECONDS, **options)
    except TimeoutError as late:
        raise ConnectionAbortedError from late


async def _closed(driver: Any) -> None:
    with suppress(TimeoutError):
        await driver.close(timeout=CLOSE_SECONDS)
