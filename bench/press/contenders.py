"""Who takes part: the bare driver, the use case in process, and the whole product behind HTTP."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from typing import Protocol

from bench.press.child import Round
from bench.press.world import Press

# A round's presses and their times are one line each way.
LINE_LIMIT = 10_000_000


class Contender(Protocol):
    """Something that can press."""

    async def start(self, url: str, synchronous: str) -> None:
        """Get ready on a database."""
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

    async def start(self, url: str, synchronous: str) -> None:
        """See Contender."""
        words = (sys.executable, "-m", self.module, url, synchronous)
        self.process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT)
        await self._answer()

    async def round(self, presses: list[Press], at_once: int) -> Round:
        """See Contender."""
        wanted = {"presses": [[press.case, press.card, press.person] for press in presses], "at_once": at_once}
        self.process.stdin.write(json.dumps(wanted).encode() + b"\n")
        return await self._answer()

    async def stop(self) -> None:
        """See Contender."""
        self.process.stdin.close()
        await self.process.wait()

    async def _answer(self) -> Round:
        line = await self.process.stdout.readline()
        if not line:
            raise ChildProcessError(self.module)
        return json.loads(line)
