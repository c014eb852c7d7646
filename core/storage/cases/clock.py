"""What the clock must look at: cases whose time has come, and those around which something has changed."""

from datetime import datetime

from sqlalchemy import Connection, text

from core.shared.vocabulary import Action, CaseId, Part
from core.shared.working_days import is_quiet
from core.storage.database.locks import CLOCK
from core.storage.database.sessions import bind_ids, rows_of, statements
from core.storage.tables import to_micros
from core.workflow.flows import FLOWS

# So many notes are taken at a time.
NOTES = 100

REVIEWED = ", ".join(
    sorted({f"'{row.source}'" for row in FLOWS if row.who is Part.CLOCK and row.does is Action.REVIEW})
)
NOTED = text("SELECT 1 FROM reviews WHERE due_at <= :at LIMIT 1")
TAKE = text("""
    DELETE FROM reviews WHERE id IN (SELECT id FROM reviews WHERE due_at <= :at ORDER BY due_at, id LIMIT :most)
    RETURNING organisation_id, offer_id""")
_WAITING = f"closed_at IS NULL AND state IN ({REVIEWED})"
# Said so that no index of states is used: SQLite would rather read and sort all cases that wait than the few changed.
_WAITS = f"closed_at IS NULL AND COALESCE(state, '') IN ({REVIEWED})"
OF_ORGANISATIONS = statements(f"""
    SELECT id FROM cases WHERE customer_id {{among}} AND {_WAITING}
    UNION SELECT id FROM cases WHERE agent_id {{among}} AND {_WAITING}""")  # noqa: S608 - constants
OF_OFFERS = statements(f"SELECT id FROM cases WHERE offer_id {{among}} AND {_WAITING}")  # noqa: S608 - constants
# Apart from finding them: PostgreSQL takes most of a large customer's orders to wait, and would read all there are.
LET_KNOW = statements(f"UPDATE cases SET review_at = :at WHERE id {{among}} AND {_WAITS}")  # noqa: S608 - constants
# A change only matters where somebody is asked, a deadline may have come in any state.
_CHANGED = f"""
    SELECT id, review_at AS since FROM cases WHERE review_at <= :at AND {_WAITS} ORDER BY review_at LIMIT :most"""  # noqa: S608 - constants
# So many are counted; more are no other news.
MOST_COUNTED = 1_000
_LATE = "SELECT id, due_at AS since FROM cases WHERE due_at <= :at ORDER BY due_at LIMIT :most"
DUE = text(f"""
    SELECT id FROM (SELECT * FROM ({_LATE}) AS late UNION ALL SELECT * FROM ({_CHANGED}) AS changed) AS due
    GROUP BY id ORDER BY MIN(since), id LIMIT :most""")  # noqa: S608 - constants
# Nothing comes due in the evening or on free days: what a clock that stood still has left is left until the morning.
CHANGED = text(f"SELECT id FROM ({_CHANGED}) AS changed ORDER BY since, id")  # noqa: S608 - constants


def is_noted(connection: Connection, at: datetime) -> bool:
    """True when something has changed around cases, which they do not know yet."""
    return connection.execute(NOTED, {"at": to_micros(at)}).first() is not None


def take_notes(connection: Connection, at: datetime) -> None:
    """Let the cases that wait know of what has changed around them, each note once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOCK})
    notes = connection.execute(TAKE, {"at": to_micros(at), "most": NOTES}).all()
    for found, ids in (
        (OF_ORGANISATIONS, {note.organisation_id for note in notes} - {None}),
        (OF_OFFERS, {note.offer_id for note in notes} - {None}),
    ):
        if cases := [row.id for row in rows_of(connection, found, sorted(ids))] if ids else []:
            values = {"at": to_micros(at), "ids": bind_ids(connection, cases)}
            connection.execute(LET_KNOW[connection.dialect.name], values)


def count_due(connection: Connection, at: datetime) -> int:
    """How many cases a row of the clock is due for; more than a thousand are a thousand."""
    return len(read_due(connection, at, MOST_COUNTED))


def read_due(connection: Connection, at: datetime, limit: int) -> tuple[CaseId, ...]:
    """The cases that a row of the clock is due for, the longest overdue first."""
    query = CHANGED if is_quiet(at) else DUE
    return tuple(connection.execute(query, {"at": to_micros(at), "most": limit}).scalars())
