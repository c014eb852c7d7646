"""What a database is really sent, read where it goes by: SQLite's own trace, and PostgreSQL's wire."""

import asyncio
import sqlite3
import struct
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import event, make_url
from sqlalchemy.pool import Pool

SOCKET = ".s.PGSQL.5432"


class Meter:
    """Statements in the order they were run, and how often a client waited for the database."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.round_trips = 0

    def clear(self) -> None:
        """Forget what was seen."""
        self.statements.clear()
        self.round_trips = 0

    def words(self) -> list[str]:
        """The first word of each statement."""
        return [statement.split()[0].upper() for statement in self.statements]


@asynccontextmanager
async def metered(url: str) -> AsyncIterator[tuple[Meter, str]]:
    """A meter, and the URL by which a database is reached through it."""
    if url.startswith("sqlite"):
        with _sqlite() as meter:
            yield meter, url
    else:
        async with _postgres(url) as found:
            yield found


@contextmanager
def _sqlite() -> Iterator[Meter]:
    meter = Meter()

    def note(statement: str) -> None:
        # The program of a trigger is traced as the statement that fired it, once more.
        if statement not in meter.statements[-1:]:
            meter.statements.append(statement)
            meter.round_trips += 1

    def trace(connection: object, record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note)

    event.listen(Pool, "connect", trace)
    try:
        yield meter
    finally:
        event.remove(Pool, "connect", trace)


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[tuple[Meter, str]]:
    meter, place = Meter(), make_url(url)
    behind = f"{place.query['host']}/{SOCKET}"
    with tempfile.TemporaryDirectory(prefix="kundportal-meter-") as folder:
        server = await asyncio.start_unix_server(lambda r, w: _through(r, w, behind, meter), Path(folder) / SOCKET)
        async with server:
            yield meter, place.set(query={"host": folder}).render_as_string(hide_password=False)


async def _through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: str, meter: Meter) -> None:
    there, back = await asyncio.open_unix_connection(behind)
    listener = _Listener(meter)
    await asyncio.gather(_pump(reader, back, listener.hear), _pump(there, writer, len))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Callable[[bytes], None]) -> None:
    try:
        while data := await reader.read(65_536):
            hear(data)
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


class _Listener:
    """Understands as much of the protocol as counting takes: Query and Sync are answered, Bind names a statement."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.heard = bytearray()
        self.prepared: dict[bytes, str] = {}
        self.is_greeted = False

    def hear(self, data: bytes) -> None:
        self.heard += data
        while (message := self._next()) is not None:
            self._note(*message)

    def _next(self) -> tuple[bytes, bytes] | None:
        kind = 1 if self.is_greeted else 0
        if len(self.heard) < kind + 4:
            return None
        (length,) = struct.unpack_from("!I", self.heard, kind)
        if len(self.heard) < kind + length:
            return None
        message = bytes(self.heard[:kind]), bytes(self.heard[kind + 4 : kind + length])
        del self.heard[: kind + length]
        self.is_greeted = True
        return message

    def _note(self, kind: bytes, body: bytes) -> None:
        if kind == b"P":
            name, statement, _ = body.split(b"\0", 2)
            self.prepared[name] = statement.decode()
        if kind == b"B":
            self.meter.statements.append(self.prepared[body.split(b"\0", 2)[1]])
        if kind == b"Q":
            self.meter.statements.append(body.rstrip(b"\0").decode())
        if kind in b"QS":
            self.meter.round_trips += 1
