"""Notes that a person has left, or is back: in history, in what the person may do, and for cases that wait."""

from datetime import datetime

from sqlalchemy import Connection

from core.lines import Author, Happened, Line
from core.storage.lines import write_line
from core.storage.reviews import organisations_around, review_organisation
from core.storage.roles import Roles
from core.storage.substitutions import end_substitutions
from core.words import LineKind, PersonId


def note_presence(connection: Connection, person: PersonId, happened: Happened, at: datetime, author: Author) -> None:
    """Let history tell, and whatever the person may do end: who is back has only what is granted from then on.

    Waiting cases are looked at wherever the person has had a role or has stood in for somebody.
    """
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
    Roles(connection, at, author).end_all(person)
    end_substitutions(connection, person, at, author)
