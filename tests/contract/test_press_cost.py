"""What a press asks of the database, counted: two round trips or five statements, whatever else there is."""

import pytest
from sqlalchemy import text

from core.api import Action, CaseQuery, Revision, Unit
from core.shared import errors
from core.storage.cases import statements
from core.storage.cases.loading import read_values
from core.storage.cases.repository import write_values
from tests.contract.counting import AGENT_ATTEST, APPROVE, ATTEST, CLAIM, LOOK, PRESS, counting, own, press
from tests.contract.office import via_agent
from tests.fakes.judged import change_of
from tests.support.world import seed
from tests.support.world.seed import AGENT, AMIR, ANNA, BO, CECILIA, HELENA, KARIN, RUT

ASK = (BO, Action.REQUEST_COMPLETION, {"message": "Vilken enhet?"})
TO_CLAIM_VIA_AGENT = (APPROVE, AGENT_ATTEST, ATTEST, CLAIM)

# The order, who pressed before, and the press.
PRESSES = {
    "attest": ({}, (), ATTEST),
    "reject": ({}, (), (BO, Action.REJECT, {"reason": "Nej"})),
    "withdraw": ({}, (), (ANNA, Action.WITHDRAW, {"confirmed": True})),
    "claim": ({}, (ATTEST,), CLAIM),
    "release": ({}, (ATTEST, CLAIM), (KARIN, Action.RELEASE, {})),
    "approve": (via_agent(), (), APPROVE),
    "attest for the agent": (via_agent(), (APPROVE,), AGENT_ATTEST),
    "ask for completion": ({}, (), ASK),
    "answer in words": ({}, (ASK,), (ANNA, Action.ANSWER, {"message": "Enheten är ny"})),
    "hand over": ({}, (), (BO, Action.HAND_OVER, {"to": CECILIA})),
    "declare a conflict": ({}, (), (BO, Action.RECUSE, {"confirmed": True})),
    "attest in an emergency": ({}, (), (RUT, Action.EMERGENCY_ATTEST, {"reason": "Driftstopp"})),
    "send back within the agent": (via_agent(), (APPROVE,), (AMIR, Action.SEND_BACK, {"message": "Vilken?"})),
    "hold": ({}, (ATTEST, CLAIM), (KARIN, Action.HOLD, {"reason": "Väntar"})),
}
# What ends an order also connects.
ENDS = {
    "send instructions": ({}, (ATTEST, CLAIM), (KARIN, Action.SEND_INSTRUCTIONS, {"message": "Gör så här"})),
    "inform the agent": (via_agent(), TO_CLAIM_VIA_AGENT, (KARIN, Action.INFORM_AGENT, {"message": "Ni kan börja"})),
}
# The refusal, who pressed before, and the press from a card that was drawn before they did.
REFUSALS = {
    "a stranger": (errors.NoRole, (), (HELENA, Action.ATTEST, {"confirmed": True})),
    "no reason": (errors.ReasonRequired, (), (BO, Action.REJECT, {})),
    "an old card": (errors.AlreadyDecided, (ATTEST,), (CECILIA, Action.ATTEST, {"confirmed": True})),
    "the own repeat": (errors.AlreadyDecidedByYou, (ATTEST,), ATTEST),
}


@pytest.fixture
async def counted(database_url):
    async with counting(database_url) as made:
        yield made


async def sent(counted, asking):
    """The first words of the statements that the database is sent meanwhile."""
    counted.meter.clear()
    await asking
    assert counted.meter.round_trips == len(counted.meter.statements)
    return counted.meter.words()


@pytest.mark.parametrize("kind", PRESSES)
async def test_a_press_is_two_round_trips_on_postgresql_and_five_statements_on_sqlite_and_one_commit(counted, kind):
    changes, earlier, pressed = PRESSES[kind]
    case = await counted.case(changes, *earlier)

    words = await sent(counted, counted.orders.act(press(case, *pressed)))

    assert own(words) == PRESS[counted.database.dialect]
    assert counted.commits(words) == 1
    assert counted.database.dialect == "sqlite" or words == own(words)


@pytest.mark.parametrize("kind", ENDS)
async def test_the_press_that_ends_an_order_connects_in_its_one_commit(counted, kind):
    changes, earlier, pressed = ENDS[kind]
    case = await counted.case(changes, *earlier)

    words = await sent(counted, counted.orders.act(press(case, *pressed)))

    again = [*LOOK, "SELECT"] if counted.database.dialect == "postgresql" else []
    done = [word for word in own(words) if not word.startswith("COMMIT")]
    assert done == [*again, *PRESS[counted.database.dialect], "INSERT", "INSERT"]
    assert counted.commits(words) == 1


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refused_press_is_one_look(counted, kind):
    refusal, earlier, pressed = REFUSALS[kind]
    shown = await counted.case({})
    for one in earlier:
        await counted.orders.act(press(shown, *one))

    with pytest.raises(refusal):
        await sent(counted, counted.orders.act(press(shown, *pressed)))

    assert own(counted.meter.words()) == LOOK


async def test_considering_a_press_is_one_look(counted):
    case = await counted.case({})

    words = await sent(counted, counted.orders.consider(press(case, *ATTEST)))

    assert own(words) == LOOK


async def test_an_answer_that_changes_the_order_is_one_commit(counted):
    case = await counted.case(via_agent(), (HELENA, Action.REQUEST_COMPLETION, {"message": "Vilken enhet?"}))
    revision = Revision((Unit("En annan"),), "REF-2", agent=AGENT, technical_contact="it@example.org")

    words = await sent(counted, counted.orders.act(press(case, ANNA, Action.ANSWER, {"revision": revision})))

    assert [word.strip(";") for word in words].count("COMMIT") == 1


async def test_the_clock_asks_as_much_of_the_database_as_a_press(counted):
    case = await counted.case({})
    looked_at = text("UPDATE cases SET review_at = 1 WHERE id = :case")
    await counted.database.write(lambda connection: connection.execute(looked_at, {"case": case.id}).close())

    words = await sent(counted, counted.orders.run_clock())

    is_noted, due = LOOK, LOOK
    assert own(words) == [*is_noted, *due, *PRESS[counted.database.dialect]]


async def test_among_many_orders_and_people_a_press_sends_the_same(counted):
    among_few = await sent(counted, counted.orders.act(press(await counted.case({}), *ATTEST)))
    await counted.fill()
    among_many = await sent(counted, counted.orders.act(press(await counted.case({}), *ATTEST)))

    assert among_many == among_few


async def test_everything_a_press_reads_or_writes_is_found_by_an_index(counted):
    await counted.fill()
    wanted = press(await counted.case(via_agent()), *APPROVE)
    change = await change_of(counted.orders, wanted)

    plans = await counted.database.write(lambda connection: [*plans_of(connection, wanted, change)])

    assert len(plans) == len(statements.WRITES[counted.database.dialect]) + 1
    assert plans[0]
    assert [line for plan in plans for line in plan if reads_a_whole_table(line)] == []


def plans_of(connection, wanted, change):
    """How the database would run each statement of a press."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        # A few offers and prices are read faster from end to end; what counts is that they could be found otherwise.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    yield plan_of(connection, statements.READS[dialect], read_values(CaseQuery(wanted.case, wanted.by, seed.NOW)))
    for statement in statements.WRITES[dialect]:
        yield plan_of(connection, statement, write_values(change))


def plan_of(connection, statement, values):
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"), values)]
    return [row[0].strip() for row in connection.execute(text(f"EXPLAIN {statement}"), values)]


def reads_a_whole_table(line):
    """Lists that the statement brings or makes itself (rights, needed roles, holders) are no tables."""
    if line.startswith("SCAN"):
        return line.split()[1] not in {"json_each", "g", "n", "x", "y", "CONSTANT"} and "(subquery" not in line
    return "Seq Scan" in line
