"""Connections of PostgreSQL's driver with nothing of SQLAlchemy's around them, for presses."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.util import greenlet_spawn

from core.shared.errors import OrderError
from core.storage.database.sessions import DriverSession, Use, WantsTransaction
from core.storage.database.timeouts import GIVEN_UP

T = TypeVar("T")

# Whoever stops does not wait for a server that answers nothing.
CLOSE_SECONDS = 2


class Direct:
    """As many as were ever used at once. Which one is free last is used first, so that few are kept busy."""

    def __init__(self, engine: Engine, settings: Mapping[str, str]) -> None:
        self._engine = engine
        self._settings = settings
        # Any: asyncpg has no types.
        self._free: list[Any] = []

    async def run(self, use: Use[T]) -> T:
        """Run what uses a session; each of its statements is a transaction of its own."""
        driver = await self._take()
        try:
            return await use(DriverSession(driver))
        except (OrderError, WantsTransaction, *GIVEN_UP):
            raise
        except BaseException:
            # What is more than a refusal may have broken the connection.
            driver.terminate()
            raise
        finally:
            self._free.append(driver)

    async def close(self) -> None:
        """Let go of every connection, together; one that does not close in time is cut off."""
        free, self._free = self._free, []
        await asyncio.gather(*map(_closed, free))

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
        return self._engine.dialect.connect(*arguments, **options).driver_connection


async def _closed(driver: Any) -> None:
    with suppress(TimeoutError):
        await driver.close(timeout=CLOSE_SECONDS)
