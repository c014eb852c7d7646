"""Connections that are lost, as when a server fails and another takes its place, and disks that are full or fail: what
is tried once more, and what is told to whom it cannot help.

What only reads, and what cannot have been saved, is done again on another connection, once. Where the loss came while
something was being saved nobody knows, it is not done again: whoever asked is told so, and looks.
"""

import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from asyncpg import InterfaceError, InternalClientError, PostgresError  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import DBAPIError

from core.shared.errors import TryAgain, Unsure
from core.shared.press_ids import may_be_saved, note_saved

T = TypeVar("T")

log = logging.getLogger(__name__)

# What the server says of a statement that came to nothing: it stands by or takes no writes, is told to stop, or
# begins and takes no work yet, has no room for another connection, or none on its disk, or cannot read or write there.
UNDONE = frozenset({"25006", "57P01", "57P03", "53300", "53100", "58030"})
# The classes of all that is about a connection.
OF_CONNECTIONS = "08"
# What SQLite says of a disk that is full, or fails. It rolls back what it could not write.
OF_DISKS = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
# What was written and may not have reached the disk is found there after a crash, or not.
NOT_FLUSHED = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})


class LostWhileSaving(Exception):
    """The connection was lost after something was sent to be saved, and before it was answered."""


def is_lost(error: BaseException | None) -> bool:
    """Say whether an error is about the connection, the server or the disk behind it, and not about what was asked."""
    return any(_is_loss(each) for each in _causes(error))


def is_of_disk(error: BaseException) -> bool:
    """Say whether SQLite's disk is full, or fails."""
    return any((_sqlite_code(each) or 0) & 0xFF in OF_DISKS for each in _causes(error))


async def once_more(attempt: Callable[[], Awaitable[T]], goes_on: Callable[[], bool]) -> T:
    """Do something, once more where it lost its connection and has saved nothing; not where nothing goes on."""
    try:
        return await attempt()
    except Exception as error:
        if not is_lost(error) or isinstance(error, LostWhileSaving) or not goes_on():
            raise
        log.debug("connection_lost error=%s", name_of(error))
    return await attempt()


class Losses:
    """Knows in a process whether its database is away. The log has a line when it goes, and one when it is back."""

    def __init__(self) -> None:
        self._is_away = False
        # When it last went or came: who began to ask before that tells nothing new.
        self._changed_at = 0.0

    @contextmanager
    def telling(self) -> Generator[None]:
        """Let TryAgain be raised where a connection was lost and nothing was saved, Unsure where nobody knows.

        Nor is "nothing was saved" said to whom something has been saved for before, by the same press.
        """
        began = time.monotonic()
        try:
            yield
        except LostWhileSaving as lost:
            note_saved()
            error = name_of(lost.__cause__ or lost)
            self._went(began, error)
            # Of each: somebody must look.
            log.warning("saving_lost saved=unknown error=%s", error)
            raise Unsure from lost.__cause__
        except TryAgain as hindered:
            if may_be_saved():
                raise Unsure from hindered.__cause__
            raise
        except Exception as error:
            if not is_lost(error):
                raise
            self._went(began, name_of(error))
            raise (Unsure if may_be_saved() else TryAgain) from error
        else:
            if self._is_away and began >= self._changed_at:
                log.warning("database_back after_seconds=%.0f", self._changes())

    def _went(self, began: float, error: str) -> None:
        if not self._is_away and began >= self._changed_at:
            log.warning("database_lost error=%s", error)
            self._changes()

    def _changes(self) -> float:
        """Note that it went or came; return how many seconds it was as before."""
        before, self._changed_at = self._changed_at, time.monotonic()
        self._is_away = not self._is_away
        return self._changed_at - before


@contextmanager
def saving() -> Generator[None]:
    """Mark what is lost in here as lost while saving, unless the server says that it came to nothing."""
    try:
        yield
    except Exception as error:
        if not is_lost(error) or any(map(_is_undone, _causes(error))):
            raise
        raise LostWhileSaving from error


def name_of(error: BaseException) -> str:
    """Name what a database raised, without its text, which may hold an address or a statement."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from, of the driver's own last."""
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__


def _state(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _is_undone(error: BaseException) -> bool:
    if (code := _sqlite_code(error)) is not None:
        return code not in NOT_FLUSHED
    return _state(error) in UNDONE or _is_unsent(error)


def _sqlite_code(error: BaseException) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _is_loss(error: BaseException) -> bool:
    if (code := _sqlite_code(error)) is not None:
        # Beyond the first byte it says more of the same.
        return code & 0xFF in OF_DISKS
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, PostgresError):
        return _state(error) in UNDONE or _state(error).startswith(OF_CONNECTIONS)
    # That something took too long says nothing of the way there: see postgresql.py, where it does.
    return (isinstance(error, OSError) and not isinstance(error, TimeoutError)) or _is_unsent(error)


def _is_unsent(error: BaseException) -> bool:
    """What the driver says where the connection is closed already, or the server has just said that it ends."""
    return isinstance(error, InternalClientError) or (isinstance(error, InterfaceError) and "closed" in str(error))
