"""What waits for people of an organisation is reminded of before it ends: the clock comes to it sooner."""

from collections.abc import Iterator, Sequence

from alembic import op
from sqlalchemy import BigInteger, Connection, String, bindparam, column, select, table

from core.shared.working_days import add_working_days, day_of, in_the_morning
from core.storage.tables import from_micros, to_micros

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

WAITS = ("awaiting_agent_approval", "awaiting_agent_attest", "awaiting_customer_attest", "completion_requested")
WORKING_DAYS = 2
AT_ONCE = 1_000
cases = table(
    "cases",
    column("id", String),
    column("state", String),
    column("waiting_since", BigInteger),
    column("due_at", BigInteger),
    column("closed_at", BigInteger),
)


def upgrade() -> None:
    """From orders that ended without a word: each is reminded of as if it had been from the beginning, by one nudge."""
    connection = op.get_bind()
    sooner = cases.update().where(cases.c.id == bindparam("case")).values(due_at=bindparam("first"))
    for some in _waiting(connection):
        first = [{"case": id_, "first": _first(since)} for id_, since in some]
        connection.execute(sooner, first)


def _waiting(connection: Connection) -> Iterator[Sequence[tuple[str, int]]]:
    found, after = select(cases.c.id, cases.c.waiting_since).order_by(cases.c.id).limit(AT_ONCE), ""
    waits = found.where(cases.c.state.in_(WAITS), cases.c.closed_at.is_(None), cases.c.due_at.is_not(None))
    while some := [(row.id, row.waiting_since) for row in connection.execute(waits.where(cases.c.id > after))]:
        yield some
        after = some[-1][0]


def _first(since: int) -> int:
    return to_micros(in_the_morning(add_working_days(day_of(from_micros(since)), WORKING_DAYS)))
