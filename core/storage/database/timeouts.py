"""Timeouts: how long anybody may wait in the database, and the error for whom it took longer."""

import logging
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from asyncpg import (  # pyright: ignore[reportMissingTypeStubs]
    LockNotAvailableError,
    PostgresError,
    QueryCanceledError,
)
from sqlalchemy.exc import DBAPIError

from core.shared.errors import TryAgain

log = logging.getLogger(__name__)

# What the server raises of a statement that it gave up: nothing of it was saved, and the connection is as it was.
GIVEN_UP = (LockNotAvailableError, QueryCanceledError)


class TimeLimits(NamedTuple):
    """Seconds that a statement may wait for a lock, and may take in all; 0 where there is no limit.

    Slack waits three seconds for an answer: who waits for a lock must hear before that.
    """

    lock_seconds: float = 2
    statement_seconds: float = 20

    @property
    def of_server(self) -> dict[str, str]:
        """The limits as settings of a connection to PostgreSQL; what has none is left as the operator has it."""
        settings = {"lock_timeout": self.lock_seconds, "statement_timeout": self.statement_seconds}
        return {name: f"{seconds * 1000:.0f}ms" for name, seconds in settings.items() if seconds}


USUAL = TimeLimits()
# For what takes its time: migrations, exports, purges, verifying.
UNHURRIED = TimeLimits(0, 0)


@contextmanager
def asking_to_try_again() -> Generator[None]:
    """Let TryAgain be raised where a statement was given up, and log what it waited for."""
    try:
        yield
    except (PostgresError, DBAPIError) as error:
        given_up = _given_up(error)
        if given_up is None:
            raise
        log.warning("waited_too_long for=%s", "lock" if isinstance(given_up, LockNotAvailableError) else "statement")
        raise TryAgain from error


def is_busy(error: BaseException) -> bool:
    """Say whether SQLite raised an error because another process writes."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.OperationalError) and code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _given_up(error: BaseException | None) -> BaseException | None:
    while error is not None and not isinstance(error, GIVEN_UP):
        error = getattr(error, "orig", None) or error.__cause__
    return error
