"""Notes that a person has left, or is back: in history, and for the cases where that person may decide."""

from datetime import datetime

from sqlalchemy import Connection

from core.lines import Author, Happened, Line
from core.storage.lines import write_line
from core.storage.reviews import organisations_around, review_organisation
from core.words import LineKind, PersonId


def note_presence(connection: Connection, person: PersonId, happened: Happened, at: datetime, author: Author) -> None:
    """Let history tell, and waiting cases be looked at wherever the person has a role or stands in for somebody."""
    line = Line(
        LineKind.PERSON,
        happened,
        at,
        author.surface,
        person=author.person,
        about=person,
        facts={"by": author.by},
    )
    write_line(connection, line)
    for organisation in organisations_around(connection, person, at):
        review_organisation(connection, organisation, [at])
