"""The register behind one door: work on it runs in a transaction of its own."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from core.ports.cases import NewId, Now
from core.register.administration import author_of_register
from core.storage.engine.database import Database
from core.storage.register.register import Writer, write_register

T = TypeVar("T")


class Register:
    """Reads and writes the register, on both databases."""

    def __init__(self, database: Database, now: Now, new_id: NewId) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a read of `core.storage.register.register_reads`."""
        return await self._database.read(work)

    async def write(self, by: str, work: Callable[[Writer], T]) -> T:
        """Let a writer write; nothing is kept when it raises. `by` is who grants roles."""
        return await self._database.write(
            lambda connection: work(write_register(connection, self._now, self._new_id, author_of_register(by)))
        )
