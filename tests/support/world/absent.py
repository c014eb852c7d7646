"""Who is away, as the product keeps it on a database."""

from core.api import Absences, Now, new_id
from core.storage.administration.absences import SqlSubstitutes
from core.storage.database.database import Database
from notifications.rules.register_announcements import RegisterAnnouncements


def absences(database: Database, now: Now) -> Absences:
    """The use cases about absence on a database."""
    return Absences(SqlSubstitutes(database), RegisterAnnouncements(), now, new_id)
