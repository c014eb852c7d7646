"""Whether the database is there, at the schema of this program, and takes what is to be saved."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.ports.health import HEALTHY, UNKNOWN, FaultCode, HealthCheck, HealthPart, PartFinding, failing
from core.shared.errors import TryAgain
from core.storage import migrations
from core.storage.database.database import Database
from core.storage.database.postgresql import ReadOnly
from core.storage.database.sqlite import DatabaseMissing, DatabaseReplaced, WriterEnded

T = TypeVar("T")


class DatabaseCheck:
    """Reads which revision the database stands at, and remembers it for who judges that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.revisions: Sequence[str] | None = None

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        self.revisions = None
        try:
            self.revisions = await _asked(lambda: self._database.inspect(migrations.revisions))
        except DatabaseMissing:
            return failing(FaultCode.DATABASE_MISSING)
        except DatabaseReplaced:
            return failing(FaultCode.DATABASE_REPLACED)
        except Exception as error:
            # Whatever a driver raises, and drivers raise what they like: the database does not answer.
            return failing(FaultCode.DATABASE_UNREACHABLE, {"error": name_of(error)})
        return HEALTHY


@dataclass(frozen=True)
class MigrationsCheck:
    """Judges the revision that was read a moment ago."""

    database: DatabaseCheck

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        stands_at = self.database.revisions
        if stands_at is None:
            return UNKNOWN
        if tuple(stands_at) == (migrations.newest(),):
            return HEALTHY
        about = {"database": "+".join(stands_at), "program": migrations.newest() or ""}
        return failing(_code(stands_at), about)


@dataclass(frozen=True)
class WriterCheck:
    """Lets nothing at all through where presses are saved."""

    database: Database

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        try:
            await _asked(self.database.try_writer)
        except WriterEnded:
            return failing(FaultCode.WRITER_ENDED)
        except ReadOnly:
            return failing(FaultCode.WRITER_READ_ONLY)
        except TryAgain:
            return failing(FaultCode.WRITER_SILENT)
        except Exception as error:
            # (the same): nothing is saved.
            return failing(FaultCode.WRITER_REFUSED, {"error": name_of(error)})
        return HEALTHY


def database_checks(database: Database) -> Mapping[HealthPart, HealthCheck]:
    """Return how the parts are looked at without which nothing can be saved."""
    asked = DatabaseCheck(database)
    return {
        HealthPart.DATABASE: asked,
        HealthPart.MIGRATIONS: MigrationsCheck(asked),
        HealthPart.WRITER: WriterCheck(database),
    }


def name_of(error: Exception) -> str:
    """Name what a database raised, without its text, which may hold an address or a statement."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    try:
        return await ask()
    except (DatabaseMissing, DatabaseReplaced, ReadOnly, WriterEnded):
        raise
    except Exception:
        # A connection that ended meanwhile says nothing of the database.
        return await ask()


def _code(stands_at: Sequence[str]) -> FaultCode:
    if not stands_at:
        return FaultCode.MIGRATIONS_MISSING
    is_known = migrations.known() >= set(stands_at)
    return FaultCode.MIGRATIONS_OLDER if is_known else FaultCode.MIGRATIONS_NEWER
