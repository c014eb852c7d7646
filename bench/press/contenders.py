"""Who takes part: the bare driver, the use case in process, and the whole product behind HTTP."""

import asyncio
import json
import socket
import sys
from asyncio.subprocess import PIPE
from typing import Protocol

from bench.press.child import Round
from bench.press.load import Line, over_http
from bench.press.payload import Submission
from bench.press.slack import swallowing
from bench.press.world import Press, World

# A round's presses and their times are one line each way.
LINE_LIMIT = 10_000_000


class Contender(Protocol):
    """Something that can press."""

    async def start(self, world: World, synchronous: str) -> None:
        """Get ready on a database, with SQLite's `synchronous` as given."""
        ...

    async def round(self, presses: list[Press], at_once: int) -> Round:
        """Press everything, and tell what it took."""
        ...

    async def stop(self) -> None:
        """End what was started."""
        ...


class Child:
    """A contender that presses in a process of its own and is told when: `raw` and `step`."""

    def __init__(self, module: str) -> None:
        self.module = module

    async def start(self, world: World, synchronous: str) -> None:
        """See Contender."""
        words = (sys.executable, "-m", self.module, world.url, synchronous)
        self.process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT)
        if self.process.stdin is None or self.process.stdout is None:
            raise ChildProcessError(self.module)
        self.wishes, self.answers = self.process.stdin, self.process.stdout
        await self._answer()

    async def round(self, presses: list[Press], at_once: int) -> Round:
        """See Contender."""
        wanted = {"presses": [[press.case, press.card, press.person] for press in presses], "at_once": at_once}
        self.wishes.write(json.dumps(wanted).encode() + b"\n")
        return await self._answer()

    async def stop(self) -> None:
        """See Contender."""
        self.wishes.close()
        await self.process.wait()

    async def _answer(self) -> Round:
        line = await self.answers.readline()
        if not line:
            raise ChildProcessError(self.module)
        return json.loads(line)


class Server:
    """The whole product in a process of its own, loaded from this one: `ours`. Its relay runs, at Slack's pace."""

    async def start(self, world: World, synchronous: str) -> None:
        """See Contender."""
        self.world = world
        self.slack = await swallowing()
        self.listening = socket.create_server(("127.0.0.1", 0))
        number = self.listening.fileno()
        slack_url = f"http://127.0.0.1:{self.slack.sockets[0].getsockname()[1]}/api/"
        words = (sys.executable, "-m", "bench.press.server", str(number), world.url, synchronous, slack_url)
        self.process = await asyncio.create_subprocess_exec(*words, pass_fds=[number])
        await world.until_connected()

    async def round(self, presses: list[Press], at_once: int) -> Round:
        """See Contender."""
        lines = [await self.line() for _ in range(at_once)]
        submission = await Submission.like(self.world, presses[0])
        try:
            return await over_http(presses, lines, submission, self.process.pid)
        finally:
            for line in lines:
                line.close()

    async def stop(self) -> None:
        """See Contender."""
        self.process.terminate()
        await self.process.wait()
        self.listening.close()
        self.slack.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers."""
        return self.listening.getsockname()

    async def line(self) -> Line:
        """A connection of one's own."""
        _, line = await asyncio.get_running_loop().create_connection(Line, *self.address)
        return line
