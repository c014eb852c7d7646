"""The wire to PostgreSQL, which can be cut: for good, or where something passes, once the server has answered that."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

SOCKET = ".s.PGSQL.5432"
CHUNK = 65_536


class Wire:
    """Carries connections to a server, from a thread of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        asked = make_url(url)
        self._server = f"{asked.query['host']}/{SOCKET}"
        self._here = folder / SOCKET
        self.url = asked.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._listening: asyncio.Server | None = None
        self._at: bytes | None = None
        self._nth: int | None = None
        self._is_heard = self._stays = True
        self._is_cut = True
        self.cuts = 0
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def mend(self) -> None:
        """Carry, from now on."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        """End every connection, and let nobody in."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()

    def cut_at(self, words: bytes) -> None:
        """End the connection on which this passes next: the server does what it is told, and the answer is lost."""
        self._at = words

    def cut_nth(self, number: int, *, heard: bool, stays: bool) -> None:
        """End the connection on which the so manieth message passes, before the server has heard it or after that.

        Where it `stays` so, every other ends too, and nobody is let in: as when the server stops.
        """
        self._nth, self._is_heard, self._stays = number, heard, stays

    def leave(self) -> int | None:
        """Cut nothing any more; return how many messages there were to come, None where it was cut."""
        left, self._nth = self._nth, None
        if self._is_cut:
            self.mend()
        return left

    def close(self) -> None:
        """Let go of everything."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._is_cut = False
        self._listening = await asyncio.start_unix_server(self._carry, self._here)

    async def _end(self) -> None:
        self._is_cut = True
        if self._listening is not None:
            self._listening.close()
        self._here.unlink(missing_ok=True)
        for each in self._open:
            each.transport.abort()
        while self._open:  # noqa: ASYNC110 - what is waited for ends with them
            await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            # It was let in just before.
            writer.transport.abort()
            return
        # From here on: whoever is only on the way to the server is cut off too.
        self._open.add(writer)
        there, back = await asyncio.open_unix_connection(self._server)
        self._open.add(back)
        cut = asyncio.Event()
        pumps = {
            asyncio.create_task(self._pour(reader, back, cut, {writer, back})),
            asyncio.create_task(_pour_back(there, writer, cut)),
        }
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, back):
            each.transport.abort()
        await asyncio.wait(pumps)
        self._open -= {writer, back}

    async def _pour(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        cut: asyncio.Event,
        mine: set[asyncio.StreamWriter],
    ) -> None:
        with suppress(OSError):
            while some := await reader.read(CHUNK):
                if self._at is not None and self._at in some:
                    self._at = None
                    self.cuts += 1
                    cut.set()
                if self._is_nth():
                    self.cuts += 1
                    cut.set()
                    if self._stays:
                        self._stop(mine)
                    if not self._is_heard:
                        return
                writer.write(some)
                await writer.drain()

    def _is_nth(self) -> bool:
        if self._nth is None:
            return False
        self._nth -= 1
        if self._nth:
            return False
        self._nth = None
        return True

    def _stop(self, mine: set[asyncio.StreamWriter]) -> None:
        self._is_cut = True
        if self._listening is not None:
            self._listening.close()
        self._here.unlink(missing_ok=True)
        for each in self._open - mine:
            each.transport.abort()


async def _pour_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
    with suppress(OSError):
        while (some := await reader.read(CHUNK)) and not cut.is_set():
            writer.write(some)
            await writer.drain()


@contextmanager
def wired(url: str) -> Iterator[Wire]:
    """A wire to the server of a database, whole at first."""
    # Short, as the name of a socket must be.
    folder = Path(tempfile.mkdtemp(prefix="kundportal-wire-"))
    wire = Wire(url, folder)
    wire.mend()
    try:
        yield wire
    finally:
        wire.close()
        shutil.rmtree(folder)
