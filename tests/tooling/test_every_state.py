"""What an operator reads of a case at a terminal, in every state of every flow, in both languages."""

import asyncio
import csv
import io
import itertools
import json

from typer.testing import CliRunner

from bot.cli.commands import app
from core.api import APPLICATION_FLOWS, Action, Flow, Language, Purpose, State, Unit
from core.workflow.flows import FLOWS
from tests.contract.ledger import SECRET
from tests.contract.office import Office, identity, open_office, via_agent
from tests.support.world import seed
from tests.support.world.applicants import FIRST, SECOND, Hall, hall_over, wish
from tests.support.world.seed import AGENT, AMIR, ANNA, ASSIGNMENT, BO, HELENA, KARIN, OLGA

SURE, SAID = {"confirmed": True}, {"message": "Så här."}
ASKED, BECAUSE = {"message": "Vilken enhet?"}, {"reason": "Nej.", "reason_code": "other"}
APPROVE = (HELENA, Action.APPROVE, {"certified": True, "attestant": AMIR})
AGENT_ATTEST = (AMIR, Action.ATTEST, SURE)
ATTEST, CLAIM = (BO, Action.ATTEST, SURE), (KARIN, Action.CLAIM, {})
CANCEL, WITHDRAW = (KARIN, Action.CANCEL, BECAUSE | SURE), (ANNA, Action.WITHDRAW, SURE)
CONFIRM = (ANNA, Action.CONFIRM_CONNECTION, {})
CLEAR = (KARIN, Action.APPROVE, SURE)
SENT = (KARIN, Action.SEND_INSTRUCTIONS, SAID)

DIRECT: dict[str, object] = {}
ENDING = {"flow": Flow.TERMINATION, "invoice_ref": ""}
ASSIGNED = {"by": identity(OLGA), "customer": AGENT, "offer": ASSIGNMENT, "units": ()}

# How an order is placed, and what is done to it then: each way is an order of its own.
WAYS = (
    (DIRECT, (ATTEST, CLAIM, SENT, CONFIRM)),
    (DIRECT, (ATTEST, CLAIM, CANCEL)),
    (DIRECT, ((BO, Action.REJECT, BECAUSE),)),
    (DIRECT, ((BO, Action.REQUEST_COMPLETION, ASKED), (ANNA, Action.ANSWER, SAID), WITHDRAW)),
    (via_agent(), (APPROVE, AGENT_ATTEST, ATTEST, CLAIM, (KARIN, Action.INFORM_AGENT, SAID), CONFIRM)),
    (via_agent(2), (APPROVE, AGENT_ATTEST, ATTEST, CLAIM, CANCEL)),
    (via_agent(3), ((HELENA, Action.REJECT, BECAUSE),)),
    (via_agent(4), ((HELENA, Action.REQUEST_COMPLETION, ASKED), WITHDRAW)),
    (ASSIGNED, (CLAIM, CLEAR, AGENT_ATTEST, CANCEL)),
    (ASSIGNED, (CLAIM, (KARIN, Action.REQUEST_COMPLETION, ASKED), (OLGA, Action.WITHDRAW, SURE))),
    (ASSIGNED, (CLAIM, CLEAR, (AMIR, Action.REJECT, BECAUSE))),
    (ENDING, ((BO, Action.REJECT, BECAUSE),)),
    (ENDING, (ATTEST, CLAIM, CANCEL)),
    (ENDING, (ATTEST, CLAIM, (KARIN, Action.CONFIRM_END, {"last_day": seed.NOW.date()}))),
    (ENDING, ((BO, Action.REQUEST_COMPLETION, ASKED), WITHDRAW)),
)
# What nobody does anything about, until its time is over.
LEFT = ((DIRECT, ()), (via_agent(5), ()), (ASSIGNED, (CLAIM, CLEAR)), (ENDING, ()))


# What nobody has sent in is stored nowhere.
DRAFTS = {(flow, State.DRAFT) for flow in Flow}


def states(row) -> set[State]:
    """The states that a row of the table is in, and leads to."""
    return {row.source, *({row.target} if isinstance(row.target, State) else ())}


class Operator:
    """Reads each case in each state that no other of its flow was read in."""

    def __init__(self, office: Office, hall: Hall) -> None:
        self.office, self.hall = office, hall
        self.numbers = itertools.count(1)
        self.seen = set[tuple[Flow, State]]()

    async def types(self, *words: str) -> str:
        environment = {"DATABASE_URL": self.office.url, "SECRET_KEY": SECRET, "COLUMNS": "200"}
        told = await asyncio.to_thread(CliRunner().invoke, app, [*words], env=environment)
        assert (told.exit_code, told.exception) == (0, None), (words, told.output, told.exception)
        return told.output

    async def reads(self, case) -> None:
        if (case.flow, case.state) in self.seen:
            return
        self.seen.add((case.flow, case.state))
        for language in Language:
            assert case.id in await self.types("history", case.id, "--language", language)
            assert case.id in await self.types("who", case.id, "--language", language)


async def test_history_and_who_tell_of_a_case_in_every_state_and_all_of_it_is_exported(fresh_sqlite_url):
    office = await open_office(fresh_sqlite_url)
    operator = Operator(office, hall_over(office.database))
    for wished, steps in WAYS:
        await goes(operator, wished, steps)
    left = [await goes(operator, wished, steps) for wished, steps in LEFT]
    for flow in APPLICATION_FLOWS:
        left += await applies(operator, flow)
    await run_out(operator, left)
    # The last, since it gives the assignment that the others ask for.
    await goes(operator, ASSIGNED, (CLAIM, CLEAR, AGENT_ATTEST, SENT))
    await signs(operator)
    exported = await operator.types("history", "--export", "jsonl")
    rows = csv.DictReader(io.StringIO(await operator.types("history", "--export", "csv")))
    await office.database.close()

    assert operator.seen == {(row.flow, state) for row in FLOWS for state in states(row)} - DRAFTS
    assert [json.loads(line)["id"] for line in exported.splitlines()] == [int(row["id"]) for row in rows]


async def goes(operator: Operator, wished, steps):
    """An order goes a way, and is read at each step."""
    office, number = operator.office, next(operator.numbers)
    named = {"key": f"W{number}", "units": (Unit(f"Enhet {number}"),)}
    if wished is ENDING:
        await office.carry_out(await office.place(**named | {"key": f"C{number}"}))
    case = await office.place(**named | wished | {"key": f"W{number}"})
    await operator.reads(case)
    for who, does, answers in steps:
        case = await office.press(case, who, does, **answers)
        await operator.reads(case)
    return case


async def applies(operator: Operator, flow: Flow):
    """An agreement is applied for in all ways that this can go; returns what nobody does anything about."""
    hall = operator.hall

    async def sent(way: str):
        case = await hall.applications.apply(wish(flow, f"{flow} {way}"))
        await operator.reads(case)
        return case

    asked = await hall.ask(await sent("withdrawn"))
    await operator.reads(asked)
    await hall.applications.withdraw(await hall.link(asked))
    await operator.reads(await hall.now(asked))
    await operator.reads(await hall.reject(await sent("rejected")))
    cancelled = await hall.approve(await sent("cancelled"))
    await operator.reads(cancelled)
    await operator.reads(await hall.press(cancelled, Action.CANCEL, **BECAUSE, **SURE))
    declined = await hall.approve(await sent("declined"))
    await hall.applications.decline(await hall.link(declined, FIRST, Purpose.SIGN), "Vi behöver det inte.")
    await operator.reads(await hall.now(declined))
    left = await hall.approve(await sent("left"))
    return [left]


async def signs(operator: Operator) -> None:
    """Both agreements come to hold, the agent's of one that is a customer by then."""
    hall = operator.hall
    for flow in APPLICATION_FLOWS:
        case = await hall.approve(await hall.applications.apply(wish(flow, f"{flow} signed")))
        for contact in (FIRST, SECOND):
            case = await hall.sign(case, contact)
        await operator.reads(case)


async def run_out(operator: Operator, left) -> None:
    """The clock does all that it does by itself, one due moment after the other."""
    hall = operator.hall
    while due := [case.due_at for case in left if case.due_at is not None]:
        hall.clock.at = min(due)
        await hall.tick()
        left = [await hall.now(case) for case in left]
        for case in left:
            await operator.reads(case)
