"""Orders by the hundred thousand on either database: copies of a few that were really placed and pressed on.

Of some kinds there are as many as there are orders. What waits for the readers whom tests ask for are a few everywhere.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Index, Table, insert, select, text, update

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Case,
    CaseQuery,
    Engine,
    Identity,
    OfferId,
    Orders,
    PersonId,
    PlaceOrder,
    Seen,
    Surface,
    Unit,
    new_id,
)
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database
from core.use_cases.clock import Clock
from notifications.rules.announcements import Announcements
from tests.fakes.clock import FakeClock
from tests.support.world import many, seed
from tests.support.world.seed import AMIR, ANNA, BO, HELENA, KALLE, KARIN

DAY = timedelta(days=1)
# Of so many organisations others' orders are, and how many there are everywhere of what waits for one reader.
CROWD, FEW = 1_000, 150
# In microseconds, how long after one another they were placed, the last of them now.
MINUTE, HOUR = "CAST(60000000 AS bigint)", "CAST(3600000000 AS bigint)"
OF_CASE = {"cases": "id", "case_units": "case_id", "case_words": "case_id", "history": "case_id", "cards": "case_id"}
OTHER = {"sqlite": "substr('000000' || (n % {0}), -6)", "postgresql": "lpad(CAST(n % {0} AS text), 6, '0')"}
NUMBER = {"sqlite": "substr('00000' || n, -6)", "postgresql": "lpad(CAST(n AS text), 6, '0')"}
MADE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY rowid",
    "postgresql": "SELECT relname FROM pg_class WHERE relkind = 'i' ORDER BY oid",
}

Act = tuple[PersonId, Action, Mapping[str, Any]]
ATTEST: Act = (BO, Action.ATTEST, {"confirmed": True})
CLAIM: Act = (KARIN, Action.CLAIM, {})
CARRIED_OUT: tuple[Act, ...] = (
    ATTEST,
    CLAIM,
    (KARIN, Action.SEND_INSTRUCTIONS, {"message": "Gör så här."}),
    (ANNA, Action.CONFIRM_CONNECTION, {"confirmed": True}),
)
CONVEYED: tuple[Act, ...] = (
    (HELENA, Action.APPROVE, {"certified": True, "attestant": AMIR}),
    (AMIR, Action.ATTEST, {"confirmed": True}),
    ATTEST,
    CLAIM,
    (KARIN, Action.INFORM_AGENT, {"message": "Ni kan börja."}),
    (HELENA, Action.CONFIRM_CONNECTION, {"confirmed": True}),
)


class Kind(NamedTuple):
    """Orders to which the same was done. Their numbers begin with a digit of their own."""

    digit: int
    share: float | None  # of all; None: FEW
    is_others: bool  # not those of the one customer
    acts: tuple[Act, ...] = ()
    offer: OfferId = seed.SITHS
    days: int = 0  # before now they were placed, and nobody has answered since


KINDS = (
    # First, while the clock finds nothing else due: whoever ordered is asked whether to keep them.
    Kind(1, None, False, days=40),
    Kind(2, 0.4, False, CARRIED_OUT),
    Kind(3, 0.3, True),
    Kind(4, 0.2, True, (ATTEST,)),
    Kind(5, 0.1, True, CONVEYED, seed.NPO_AGENT),
    Kind(6, None, True, (ATTEST, CLAIM)),
    Kind(7, None, True, (ATTEST, (KALLE, Action.CLAIM, {}))),
    Kind(8, None, False),
    Kind(9, None, False, (), seed.NPO_AGENT),
)


async def fill(database: Database, orders: int) -> None:
    """So many orders, and a few more that wait or are taken, in a database with the small world alone."""
    clock = FakeClock(seed.NOW)
    engine = Engine(SqlCaseRepository(database), Announcements(), clock, new_id)
    placed = [(kind, await _placed(engine, clock, kind)) for kind in KINDS]
    await database.write(lambda connection: many.add_crowd(connection, CROWD))
    await database.unhurried().write(lambda connection: _copy_all(connection, placed, orders))


async def _placed(engine: Engine, clock: FakeClock, kind: Kind) -> Case:
    orders, via_agent = Orders(engine), kind.offer == seed.NPO_AGENT
    clock.at = seed.NOW - kind.days * DAY
    case = await orders.place(
        PlaceOrder(
            by=_account(ANNA),
            customer=seed.REGION,
            offer=kind.offer,
            agent=seed.AGENT if via_agent else None,
            units=(Unit(f"Enhet {kind.digit}", f"SE2321000016-A{kind.digit}"),),
            technical_contact="it@example.org",
            invoice_ref="REF-1",
            terms_accepted=True,
            key=f"multitude {kind.digit}",
            surface=Surface.SLACK,
        )
    )
    for person, action, answers in kind.acts:
        seen = Seen(case.step, case.content_version, case.claim)
        pressed = ActOnCase(case.id, action, _account(person), Surface.SLACK, seen, Answers(**answers))
        case = (await orders.act(pressed)).after
    while case.due_at is not None and case.due_at < seed.NOW:
        clock.at = case.due_at
        await Clock(engine).run()
        case = (await orders.look(CaseQuery(case.id, None, clock.at))).case
    clock.at = seed.NOW
    return case


def _account(person: PersonId) -> Identity:
    return Identity(seed.TEAM, seed.slack_user(person))


def _copy_all(connection: Connection, placed: list[tuple[Kind, Case]], orders: int) -> None:
    if connection.dialect.name == "postgresql":
        # What is made here fits together; looking after each reference would only take its time.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    # An index of what is there already is made in a fraction of what it costs to add to it row by row.
    indexes = _indexes(connection)
    for index in indexes:
        index.drop(connection)
    for kind, case in placed:
        count = FEW if kind.share is None else int(orders * kind.share)
        for name, changed in _changes(kind, connection.dialect.name).items():
            copying = text(_copying(tables.metadata.tables[name], changed))
            connection.execute(copying, {"case": case.id, "count": count})
    for index in indexes:
        index.create(connection)


def _indexes(connection: Connection) -> list[Index]:
    """Those that guard nothing, in the order in which they were made: of two that would do SQLite goes by that."""
    named = {index.name: index for name in OF_CASE for index in tables.metadata.tables[name].indexes}
    made = connection.execute(text(MADE[connection.dialect.name])).scalars()
    return [index for name in made if (index := named.get(name)) is not None and not index.unique]


def _changes(kind: Kind, dialect: str) -> Mapping[str, Mapping[str, str | None]]:
    """What the columns of a copy hold that are not as in what was placed; None for those the database counts."""
    apart = HOUR if kind.share is None else MINUTE
    number, other = f"'B-{kind.digit}' || {NUMBER[dialect]}", OTHER[dialect].format(CROWD)
    ago = {name: f"t.{name} - (:count - n) * {apart}" for name in ("created_at", "waiting_since", "closed_at", "at")}
    # Of the customer's own people: what others ordered they had no part in.
    own = ", ".join(f"'{person}'" for person, _, _, roles in seed.PEOPLE if roles[0][0] == seed.REGION)
    of_case = {"case_id": number}
    others = {"customer_id": f"'O-X' || {other}"} if kind.is_others else {}
    person = f"CASE WHEN t.person_id IN ({own}) THEN 'P-X' || {other} ELSE t.person_id END"
    persons = {"person_id": person} if kind.is_others else {}
    case = {"id": number, "due_at": f"t.due_at + n * {apart}"}
    orderer = {"orderer_id": f"'P-X' || {other}"} if kind.is_others else {}
    posted = {"workspace_id": f"'{seed.TEAM}'", "channel": f"'{many.CHANNEL}'", "does_show": "t.must_show"}
    card = {"id": f"t.id || {number}", "ts": f"'1.' || t.id || {number}", "due_at": "NULL", "owed_at": "NULL"}
    return {
        "cases": ago | case | others | orderer,
        "case_units": of_case | others,
        "case_words": of_case,
        "history": {"id": None} | of_case | ago | persons,
        "cards": of_case | posted | card | persons,
    }


def _copying(table: Table, changed: Mapping[str, str | None]) -> str:
    columns = {column.name: changed.get(column.name, f"t.{column.name}") for column in table.columns}
    kept = {name: sql for name, sql in columns.items() if sql is not None}
    order = "n, t.id" if table.name == "history" else "n"
    return f"""INSERT INTO {table.name} ({", ".join(kept)})
        WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :count)
        SELECT {", ".join(kept.values())} FROM {table.name} t CROSS JOIN copies
        WHERE t.{OF_CASE[table.name]} = :case ORDER BY {order}"""  # noqa: S608 - constants


def let_some_be_due(connection: Connection) -> None:
    """Some orders and cards that others' work would find due at `seed.NOW`, and what has changed around some orders."""
    cases, cards = tables.cases, tables.cards
    waiting = _first(connection, cases.c.id, cases.c.id.startswith("B-8"), 60)
    connection.execute(update(cases).where(cases.c.id.in_(waiting[:30])).values(due_at=seed.NOW))
    connection.execute(update(cases).where(cases.c.id.in_(waiting[30:])).values(review_at=seed.NOW))
    shown = _first(connection, cards.c.id, cards.c.case_id.startswith("B-3"), 240)
    connection.execute(update(cards).where(cards.c.id.in_(shown)).values(due_at=seed.NOW))
    new = {"workspace_id": None, "channel": None, "ts": None, "does_show": 0}
    connection.execute(update(cards).where(cards.c.id.in_(shown[200:])).values(**new))
    notes = [{"organisation_id": seed.REGION, "offer_id": None}, {"organisation_id": None, "offer_id": seed.NPO_AGENT}]
    connection.execute(insert(tables.reviews), [note | {"due_at": seed.LONG_AGO} for note in notes])


def _first(connection: Connection, column: Any, condition: Any, count: int) -> list[Any]:
    return list(connection.execute(select(column).where(condition).order_by(column).limit(count)).scalars())
