"""Forms that were sent: what was kept counts once, whatever has become of it since."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from core.shared.errors import AlreadySent
from core.shared.vocabulary import PersonId
from core.storage.register.rows import lock_register
from core.storage.tables import submissions


def count_once(connection: Connection, person: PersonId, key: str, at: datetime) -> None:
    """Know a person's form by its key from this transaction on. Raises AlreadySent for one that is known; none without.

    What is refused after this is not kept, and its form may be sent again.
    """
    if not key:
        return
    lock_register(connection)
    name = f"{person}/{key}"
    if connection.execute(select(submissions.c.key).where(submissions.c.key == name)).first() is not None:
        raise AlreadySent
    connection.execute(insert(submissions), {"key": name, "person_id": person, "at": at})
