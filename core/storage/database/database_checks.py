"""Whether the database is there, at the schema of this program, and takes what is to be saved."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.ports.health import HEALTHY, UNKNOWN, FaultCode, HealthCheck, HealthPart, PartFinding, failing
from core.shared.errors import TryAgain
from core.storage import migrations
from core.storage.database.database import Database
from core.storage.database.losses import name_of
from core.storage.database.postgresql import ReadOnly
from core.storage.database.sqlite import DatabaseMissing, DatabaseReplaced, WriterEnded

T = TypeVar("T")


class DatabaseCheck:
    """Reads where the database stands, and remembers it for who judges that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.schema: migrations.Schema | None = None

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        self.schema = None
        try:
            self.schema = await _asked(lambda: self._database.inspect(migrations.schema_of))
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
    """Judges what was read a moment ago."""

    database: DatabaseCheck

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        schema = self.database.schema
        if schema is None:
            return UNKNOWN
        if schema.suits_program:
            return HEALTHY
        about = {"database": "+".join(schema.revisions), "program": migrations.newest() or ""}
        return failing(_code(schema), about)


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


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    try:
        return await ask()
    except (DatabaseMissing, DatabaseReplaced, ReadOnly, WriterEnded):
        raise
    except Exception:
        # A connection that ended meanwhile says nothing of the database.
        return await ask()


def _code(schema: migrations.Schema) -> FaultCode:
    if not schema.revisions:
        return FaultCode.MIGRATIONS_MISSING
    return FaultCode.MIGRATIONS_NEWER if schema.is_newer else FaultCode.MIGRATIONS_OLDER
