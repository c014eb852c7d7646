"""Keeping people's data out of a database's errors: names and addresses have no place in a log.

SQLAlchemy leaves a statement's values out when it is told to, and SQLite says none. PostgreSQL's server and driver
quote them, in messages and details, so theirs say instead which error it is, and about which table or constraint.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

from asyncpg import InterfaceError, PostgresError  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import StatementError

# Beside the message, where the server quotes what it was given.
QUOTING = ("detail", "hint", "where", "query", "internal_query")
# Classes of errors whose messages quote nothing that was given: they are about the server, which the operator must
# read, or our own triggers'.
QUOTES_NOTHING = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58", "P0"})
# The kind of error, and names of the schema, which hold nobody's data.
NAMES = ("sqlstate", "table_name", "column_name", "constraint_name")


@contextmanager
def discreetly() -> Generator[None]:
    """Take out of a driver's errors everything that somebody wrote, and let them pass."""
    try:
        yield
    except Exception as error:
        for link in list(_chain(error)):
            _hush(link)
        raise


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "orig", None)]


def _hush(error: BaseException) -> None:
    driven = next((link for link in _chain(error) if isinstance(link, PostgresError | InterfaceError)), None)
    if driven is None:
        return
    if isinstance(error, PostgresError):
        for name in QUOTING:
            setattr(error, name, None)
    if str(getattr(driven, "sqlstate", ""))[:2] in QUOTES_NOTHING:
        return
    if isinstance(error, PostgresError | InterfaceError | StatementError) or _is_adapted(error):
        error.args = (_said(driven), *error.args[1:])


def _is_adapted(error: BaseException) -> bool:
    """Say whether an error is SQLAlchemy's own copy of one of the driver, which repeats its text."""
    return type(error).__module__.startswith("sqlalchemy.")


def _said(error: BaseException) -> str:
    names = [str(getattr(error, name)) for name in NAMES if getattr(error, name, None)]
    return " ".join((type(error).__name__, *names))
