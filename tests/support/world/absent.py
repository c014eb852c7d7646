"""Who is away, as the product keeps it on a database."""

from core.api import new_id
from core.storage.administration.absences import SqlSubstitutes
from core.storage.engine.database import Database
from notifications.rules.register_announcements import RegisterAnnouncements


def substitutes(database: Database) -> SqlSubstitutes:
    """Substitutions, and who hears of those that somebody makes for herself."""
    return SqlSubstitutes(database, RegisterAnnouncements(), new_id)
