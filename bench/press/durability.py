"""The one switch that only a benchmark has: SQLite whose last commits a power cut may take."""

import sqlite3

from sqlalchemy import event
from sqlalchemy.pool import Pool


def set_synchronous(level: str) -> None:
    """Of every SQLite connection that this process opens from now on; FULL is what the product sets itself."""
    if level != "FULL":
        event.listen(Pool, "checkout", _less_durable)


def _less_durable(connection: object, record: object, proxy: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")
