"""Organisations among a hundred thousand, found by id, by number, or by the beginnings of words in names."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, false, insert, select

from core.identity.accounts import Asking
from core.register.organisations import Organisation, clean_org_number, words_of
from core.shared.vocabulary import (
    OrganisationId,
    Role,
)
from core.storage import tables
from core.storage.context.asking_person import role_used
from core.storage.context.coding import organisation_from_row
from core.storage.database.sessions import rows_of, statements

ORGANISATIONS = statements("SELECT * FROM organisations WHERE id {among}")
WORDS = tables.organisation_words
# No name has more words; each is a statement of its own within the search.
MOST_WORDS = 12
# The last of all letters: what begins with a word stands before the word and this.
LAST = "\U0010ffff"


def write_words(connection: Connection, organisation: OrganisationId, name: str) -> None:
    """Let an organisation be found by its name as it is now."""
    connection.execute(delete(WORDS).where(WORDS.c.organisation_id == organisation))
    words = [{"word": word, "organisation_id": organisation} for word in sorted(words_of(name))]
    if words:
        connection.execute(insert(WORDS), words)


def organisations_by_id(connection: Connection, ids: Iterable[OrganisationId]) -> dict[OrganisationId, Organisation]:
    """Return organisations by id; unknown ids are left out."""
    found = map(organisation_from_row, rows_of(connection, ORGANISATIONS, tuple(ids)))
    return {each.id: each for each in found}


def find_organisations(connection: Connection, search: str, limit: int) -> list[Organisation]:
    """Organisations whose names hold words that begin as those typed, by name; the first of all where none is typed."""
    table = tables.organisations
    query = select(table).where(*matching(search)).order_by(table.c.name, table.c.id).limit(limit)
    return [organisation_from_row(row) for row in connection.execute(query)]


def find_administered(connection: Connection, who: Asking, search: str, at: datetime, limit: int) -> list[Organisation]:
    """The same among the organisations of which a person is an administrator now."""
    table, held = tables.organisations, tables.role_assignments.c
    mine = exists().where(held.organisation_id == table.c.id, held.role == Role.ADMINISTRATOR, role_used(who, at))
    query = select(table).where(mine, *matching(search)).order_by(table.c.name, table.c.id).limit(limit)
    return [organisation_from_row(row) for row in connection.execute(query)]


def sought_words(search: str) -> list[str]:
    """Return the words by which something is found, the longest first: they are said of the fewest."""
    return sorted(words_of(search), key=len, reverse=True)[:MOST_WORDS]


def matching(search: str) -> Iterable[ColumnElement[bool]]:
    """The conditions on organisations that a search makes; none where nothing is typed."""
    number = clean_org_number(search)
    if number is not None:
        return [tables.organisations.c.org_number == number]
    words = sought_words(search)
    # What holds no letter at all is no beginning of a word.
    return list(map(_has_word, words)) or [false()] * bool(search.strip())


def _has_word(word: str) -> ColumnElement[bool]:
    begins = and_(WORDS.c.word >= word, WORDS.c.word < word + LAST)
    return tables.organisations.c.id.in_(select(WORDS.c.organisation_id).where(begins))
