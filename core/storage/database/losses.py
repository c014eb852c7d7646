"""Connections that are lost, as when a server fails and another takes its place: what is tried once more, and what is
told to whom it cannot help.

What only reads, and what cannot have been saved, is done again on another connection, once. Where the loss came while
something was being saved nobody knows, it is not done again: whoever asked is told so, and looks.
"""

import logging
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from asyncpg import InterfaceError, InternalClientError, PostgresError  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import DBAPIError

from core.shared.errors import TryAgain, Unsure

T = TypeVar("T")

log = logging.getLogger(__name__)

# What the server says of a statement that came to nothing: it stands by or takes no writes, is told to stop, or
# begins and takes no work yet, and has no room for another connection.
UNDONE = frozenset({"25006", "57P01", "57P03", "53300"})
# The classes of all that is about a connection.
OF_CONNECTIONS = "08"


class LostWhileSaving(Exception):
    """The connection was lost after something was sent to be saved, and before it was answered."""


def is_lost(error: BaseException | None) -> bool:
    """Say whether an error is about the connection, or the server behind it, and not about what was asked."""
    return any(_is_loss(each) for each in _causes(error))


async def once_more(attempt: Callable[[], Awaitable[T]], goes_on: Callable[[], bool]) -> T:
    """Do something, once more where it lost its connection and has saved nothing; not where nothing goes on."""
    try:
        return await attempt()
    except Exception as error:
        if not is_lost(error) or isinstance(error, LostWhileSaving) or not goes_on():
            raise
        log.debug("connection_lost error=%s", name_of(error))
    return await attempt()


@contextmanager
def telling_of_losses() -> Generator[None]:
    """Let TryAgain be raised where a connection was lost and nothing was saved, Unsure where nobody knows."""
    try:
        yield
    except LostWhileSaving as lost:
        log.warning("database_lost saved=unknown error=%s", name_of(lost.__cause__ or lost))
        raise Unsure from lost.__cause__
    except Exception as error:
        if not is_lost(error):
            raise
        log.warning("database_lost saved=nothing error=%s", name_of(error))
        raise TryAgain from error


@contextmanager
def saving() -> Generator[None]:
    """Mark what is lost in here as lost while saving, unless the server says that it came to nothing."""
    try:
        yield
    except Exception as error:
        if not is_lost(error) or any(_state(each) in UNDONE or _is_unsent(each) for each in _causes(error)):
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


def _is_loss(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, PostgresError):
        return _state(error) in UNDONE or _state(error).startswith(OF_CONNECTIONS)
    # That something took too long says nothing of the way there: see postgresql.py, where it does.
    return (isinstance(error, OSError) and not isinstance(error, TimeoutError)) or _is_unsent(error)


def _is_unsent(error: BaseException) -> bool:
    """What the driver says where the connection is closed already, or the server has just said that it ends."""
    return isinstance(error, InternalClientError) or (isinstance(error, InterfaceError) and "closed" in str(error))
