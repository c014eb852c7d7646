"""The texts of documents on a database, held against their hashes whenever they are read."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, select

from core.shared.errors import DocumentChanged
from core.storage.database.database import Database
from core.storage.tables import documents


@dataclass(frozen=True)
class SqlDocuments:
    """Implements core.ports.cases.Documents on SQLite and PostgreSQL."""

    database: Database

    async def text(self, hash_: str) -> str:
        """See core.ports.cases.Documents."""
        found = await self.database.read(lambda connection: _read(connection, hash_))
        if found is None or not is_unchanged(found, hash_):
            raise DocumentChanged
        return found


def is_unchanged(text: str, hash_: str) -> bool:
    """True where a stored text is the one that its hash was taken of."""
    return hash_of(text) == hash_


def hash_of(text: str) -> str:
    """What a document is known by."""
    return sha256(text.encode()).hexdigest()


def _read(connection: Connection, hash_: str) -> str | None:
    return connection.execute(select(documents.c.text).where(documents.c.hash == hash_)).scalar_one_or_none()
