"""What a press asks of the database between request and answer, counted: it never grows with the orders."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from core import errors
from core.api import Action, ActOnCase, Answers, Case, Look, Orders, Seen, Surface, Unit, new_id
from core.storage import press_sql
from core.storage.database import Database
from core.storage.press import read_values, write_values
from core.storage.store import SqlStore
from notifications.announcements import Announcements
from tests import many, seed
from tests.contract.meters import Meter, metered
from tests.contract.office import identity, via_agent, wish
from tests.fakes.judged import change_of
from tests.seed import AMIR, ANNA, BO, CECILIA, HELENA, KARIN

MANY = 2_000
PRESS = {"postgresql": ["SELECT", "WITH"], "sqlite": ["SELECT", "UPDATE", "INSERT", "UPDATE", "INSERT"]}
# SQLite's price for many presses in one durable commit, so that each can still be undone alone.
SHARING = {"BEGIN", "SAVEPOINT", "ROLLBACK", "RELEASE"}

ATTEST = (BO, Action.ATTEST, {"confirmed": True})
CLAIM = (KARIN, Action.CLAIM, {})
APPROVE = (HELENA, Action.APPROVE, {"certified": True, "attestant": AMIR})
AGENT_ATTEST = (AMIR, Action.ATTEST, {"confirmed": True})
TO_CLAIM_VIA_AGENT = (APPROVE, AGENT_ATTEST, ATTEST, CLAIM)

# The order, who pressed before, and the press.
PRESSES = {
    "attest": ({}, (), ATTEST),
    "reject": ({}, (), (BO, Action.REJECT, {"reason": "Nej"})),
    "withdraw": ({}, (), (ANNA, Action.WITHDRAW, {"confirmed": True})),
    "claim": ({}, (ATTEST,), CLAIM),
    "release": ({}, (ATTEST, CLAIM), (KARIN, Action.RELEASE, {})),
    "send instructions": ({}, (ATTEST, CLAIM), (KARIN, Action.SEND_INSTRUCTIONS, {"message": "Gör så här"})),
    "approve": (via_agent(), (), APPROVE),
    "attest for the agent": (via_agent(), (APPROVE,), AGENT_ATTEST),
    "inform the agent": (via_agent(), TO_CLAIM_VIA_AGENT, (KARIN, Action.INFORM_AGENT, {"message": "Ni kan börja"})),
}
# The refusal, who pressed before, and the press from a card that was drawn before they did.
REFUSALS = {
    "a stranger": (errors.NoRole, (), (HELENA, Action.ATTEST, {"confirmed": True})),
    "no reason": (errors.ReasonRequired, (), (BO, Action.REJECT, {})),
    "an old card": (errors.AlreadyDecided, (ATTEST,), (CECILIA, Action.ATTEST, {"confirmed": True})),
    "the own repeat": (errors.AlreadyDecidedByYou, (ATTEST,), ATTEST),
}


@dataclass(frozen=True)
class Counted:
    """A database whose statements are counted, and the use cases on it."""

    database: Database
    orders: Orders
    meter: Meter

    async def case(self, changes: dict[str, Any], *earlier: tuple) -> Case:
        """A new order on which some have pressed."""
        number = new_id("C")
        case = await self.orders.place(wish(**changes | {"key": number, "units": (Unit(number),)}))
        for one in earlier:
            case = (await self.orders.act(press(case, *one))).after
        return case

    async def fill(self) -> None:
        """Many other orders, and as many people and organisations."""
        case = await self.case({})
        template = await self.database.read(lambda connection: many.rows_of(connection, case.id))
        await self.database.write(lambda connection: many.add(connection, many.copies(template, MANY)))
        await self.database.write(lambda connection: many.add_crowd(connection, MANY))
        await self.database.write(lambda connection: connection.execute(text("ANALYZE")).close())

    async def sent(self, asking) -> list[str]:
        """The first words of what the database is sent meanwhile."""
        self.meter.clear()
        await asking
        assert self.meter.round_trips == len(self.meter.statements)
        return self.meter.words()


@pytest.fixture
async def counted(database_url):
    async with metered(database_url) as (meter, url):
        database = await seed.seeded(url)
        orders = Orders(SqlStore(database), Announcements(), lambda: seed.NOW, new_id)
        made = Counted(database, orders, meter)
        # Connections are opened, and statements prepared, when they are first used.
        case = await made.case({})
        await orders.consider(press(case, *ATTEST))
        await orders.act(press(case, *ATTEST))
        yield made
        await database.close()


def press(case, person, action, answers):
    seen = Seen(case.step, case.content_version)
    return ActOnCase(case.id, action, identity(person), Surface.SLACK, seen, Answers(**answers))


def own(words):
    """The press's own statements, without what SQLite needs to share a commit."""
    return [word for word in words if word not in SHARING | {"COMMIT"}]


def commits(counted, words):
    """How often something was made durable: each writing statement of PostgreSQL is its own transaction."""
    return words.count("COMMIT") if counted.database.dialect == "sqlite" else words.count("WITH")


@pytest.mark.parametrize("kind", PRESSES)
async def test_a_press_is_two_round_trips_on_postgresql_and_five_statements_on_sqlite_and_one_commit(counted, kind):
    changes, earlier, pressed = PRESSES[kind]
    case = await counted.case(changes, *earlier)

    words = await counted.sent(counted.orders.act(press(case, *pressed)))

    assert own(words) == PRESS[counted.database.dialect]
    assert commits(counted, words) == 1
    assert counted.database.dialect == "sqlite" or own(words) == words


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refused_press_is_one_look(counted, kind):
    refusal, earlier, pressed = REFUSALS[kind]
    shown = await counted.case({})
    for one in earlier:
        await counted.orders.act(press(shown, *one))

    with pytest.raises(refusal):
        await counted.sent(counted.orders.act(press(shown, *pressed)))

    assert own(counted.meter.words()) == ["SELECT"]


async def test_opening_a_modal_is_one_look_before_the_answer(counted):
    case = await counted.case({})

    words = await counted.sent(counted.orders.consider(press(case, *ATTEST)))

    assert own(words) == ["SELECT"]


async def test_with_many_orders_and_people_a_press_is_sent_the_same(counted):
    among_few = await counted.sent(counted.orders.act(press(await counted.case({}), *ATTEST)))
    await counted.fill()
    among_many = await counted.sent(counted.orders.act(press(await counted.case({}), *ATTEST)))

    assert among_many == among_few


async def test_everything_a_press_reads_or_writes_is_found_by_an_index(counted):
    await counted.fill()
    wanted = press(await counted.case(via_agent()), *APPROVE)
    change = await change_of(counted.orders, wanted)
    dialect = counted.database.dialect

    look = read_values(Look(wanted.case, wanted.by, seed.NOW))
    read = await counted.database.read(lambda connection: plan(connection, press_sql.READS[dialect], look))
    written = [
        await counted.database.read(lambda connection, sql=sql: plan(connection, sql, write_values(change)))
        for sql in press_sql.WRITES[dialect]
    ]

    assert read
    for line in [*read, *(line for lines in written for line in lines)]:
        assert is_narrow(line), line


def plan(connection, sql, values):
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"), values)]
    return [row[0].strip() for row in connection.execute(text(f"EXPLAIN {sql}"), values)]


def is_narrow(line):
    """No table is read from end to end; lists that came with the statement, and eight holders at most, may be."""
    if "Seq Scan" in line:
        return False
    return not line.startswith("SCAN") or line.split()[1] in {"json_each", "x", "CONSTANT"}
