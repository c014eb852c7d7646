"""A drill from beginning to end: the world made, the stack started, everything failing, and then the judgement."""

import asyncio
import random
import secrets
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from bot.config.settings import Settings
from bot.demo.run import Demo, bind, prepare
from bot.drill.crowd import Crowd, CrowdTold, OrderWish
from bot.drill.databases import DatabaseKind, MadeDatabase, NamedServer, database_made
from bot.drill.invariants import (
    NAMED,
    Judgement,
    judge_kept,
    judge_once,
    judge_replays,
    judge_returns,
    judge_true,
    read_stored,
)
from bot.drill.plan import DrillPlan, PlannedTrouble
from bot.drill.recovery import Recovery
from bot.drill.stack import PATIENCE_SECONDS, DrilledProcess, NotUp, Road, environment
from bot.drill.troubles import Hear, SkewedClock, Troubles
from bot.sandbox.app import create_app
from bot.sandbox.box import Box
from bot.sandbox.server import Server
from bot.sandbox.world.world import Conversation, PostedMessage
from bot.server.duties import Duty
from core.api import new_id
from core.storage.database.database import Database, open_database
from core.storage.database.timeouts import UNHURRIED
from core.storage.identity.api_keys import Keys
from core.storage.reads.queries import SqlQueries
from core.storage.register.register_reads import organisation_by_number
from notifications.slack.slack_gateway import open_gateway
from notifications.texts import name_contact

# Who orders what: address, organisationsnummer, offer, and the number of an agent. They are the demo's.
ORDERED = (
    ("anna.berg@region.example", "2222222222", "npo-producent", None),
    ("anna.berg@region.example", "2222222222", "1177-tidbokning-direkt", None),
    ("anna.berg@region.example", "2222222222", "npo-producent-agent", "5555555555"),
    ("farid.haddad@solsidan.example", "5599000006", "npo-producent", None),
    ("farid.haddad@solsidan.example", "5599000006", "npo-producent-agent", "5555555555"),
    ("maja.holm@exempelby.example", "2120990003", "npo-producent", None),
)
# Copies that stand there still after so many looks will not be found.
LOOKS = 3


@dataclass
class DrillReport:
    """What was done in a drill, what went wrong in it, and what still held afterwards."""

    plan: DrillPlan
    database: str
    began_at: datetime
    presses: int = 0
    unanswered: int = 0
    longest_silence: float = 0.0
    forms: int = 0
    acknowledged: int = 0
    orders: int = 0
    changes: int = 0
    kills: dict[str, int] = field(default_factory=dict[str, int])
    troubles: list[PlannedTrouble] = field(default_factory=list[PlannedTrouble])
    copies: int = 0
    judgements: list[Judgement] = field(default_factory=list[Judgement])
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """True where every invariant holds."""
        return all(each.holds for each in self.judgements)

    def as_json(self) -> Mapping[str, Any]:
        """Return it for a file; of what is wrong so much is named, and all is counted."""
        told = asdict(self) | {"began_at": self.began_at.isoformat(timespec="seconds"), "holds": self.holds}
        judged = [
            {"invariant": each.invariant, "holds": each.holds, "looked_at": each.looked_at, "wrong": each.wrong[:NAMED]}
            | {"wrong_in_all": len(each.wrong)}
            for each in self.judgements
        ]
        return told | {"judgements": judged}


async def drill(plan: DrillPlan, kind: DatabaseKind, server: NamedServer | None, hear: Hear) -> DrillReport:
    """Run a drill on a database of its own. `hear` is told of each trouble. Raise NoServer, NotUp, FailoverFailed."""
    began = datetime.now(UTC)
    report = DrillReport(plan, kind, began)
    with tempfile.TemporaryDirectory(prefix="kundportal-drill-") as folder:
        async with database_made(kind, server) as made, standing(made, Path(folder), plan.seconds) as stage:
            await fail_under_load(stage, plan, report, hear)
            await judge(stage, report)
    report.seconds = round((datetime.now(UTC) - began).total_seconds(), 1)
    return report


@dataclass(frozen=True)
class DrillStage:
    """Everything that a drill is about, standing."""

    demo: Demo
    settings: Settings
    box: Box
    clock: SkewedClock
    made: MadeDatabase
    processes: Sequence[DrilledProcess]
    road: Road
    told: CrowdTold = field(default_factory=CrowdTold)


@asynccontextmanager
async def standing(made: MadeDatabase, folder: Path, seconds: float) -> AsyncGenerator[DrillStage]:
    """Make the world in a database, and run the product and the small Slack on it; its logs go to the folder.

    Slack's limits are off, and no call hangs for longer than the drill is to take in `seconds`.
    """
    demo = Demo(made.url, bind(0), bind(0), secret_key=secrets.token_hex(32))
    await prepare(demo)
    slack = demo.sandbox()
    slack = slack.model_copy(update={"limits": False, "hang": min(slack.hang, seconds)})
    settings = demo.settings(slack)
    name_contact(settings.contact())
    clock = SkewedClock()
    sandbox = create_app(slack, clock)
    duties: Sequence[Duty | None] = [None] if made.url.startswith("sqlite") else [Duty.WEB, *Duty]
    processes = [_process(number, duty, settings, folder) for number, duty in enumerate(duties)]
    road = Road(demo.product, processes)
    async with _served(sandbox, demo), road.open():
        try:
            await asyncio.gather(*(each.begin() for each in processes))
            yield DrillStage(demo, settings, sandbox.state.box, clock, made, processes, road)
        finally:
            await asyncio.gather(*(each.clear() for each in processes))


@asynccontextmanager
async def _opened(made: MadeDatabase) -> AsyncGenerator[Database]:
    """Open the database for a while: its server may fail, and no connection of ours outlives that."""
    database = open_database(made.url, limits=UNHURRIED)
    try:
        yield database
    finally:
        await database.close()


def _process(number: int, duty: Duty | None, settings: Settings, folder: Path) -> DrilledProcess:
    options = () if duty is None else ("--only", duty)
    return DrilledProcess(f"{duty or 'all'}-{number}", options, environment(settings), folder)


@asynccontextmanager
async def _served(sandbox: FastAPI, demo: Demo) -> AsyncGenerator[None]:
    server = Server(sandbox, 0)
    running = asyncio.create_task(server.serve([demo.page]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


# --- what goes wrong


async def fail_under_load(stage: DrillStage, plan: DrillPlan, report: DrillReport, hear: Hear) -> None:
    """Let people press, and everything go wrong meanwhile."""
    async with _opened(stage.made) as database:
        wishes = [await _wish(database, *each) for each in ORDERED]
    people = Crowd(stage.box, stage.demo.address, stage.demo.site, wishes, plan.draw, stage.told)
    await people.begin()
    troubles = Troubles(plan, stage.box, stage.clock, stage.road, stage.made, stage.processes, report.troubles)
    await asyncio.gather(people.act_for(plan.seconds, plan.presses), troubles.cause(hear))


async def _wish(database: Database, address: str, number: str, offer: str, agent: str | None) -> OrderWish:
    person = await SqlQueries(database).person_by_email(address)
    organisation = await database.read(lambda connection: organisation_by_number(connection, number))
    through = await database.read(lambda connection: organisation_by_number(connection, agent)) if agent else None
    if person is None or organisation is None:
        raise LookupError(address)
    key = await Keys(database).create(new_id, datetime.now(UTC), "drill", (person.id, organisation.id))
    return OrderWish(key, offer, None if through is None else through.id)


# --- what still holds


async def judge(stage: DrillStage, report: DrillReport) -> None:
    """End the processes, let time pass, and hold every invariant against what is there."""
    absent = await _absent(stage.processes)
    async with _opened(stage.made) as database, open_gateway(stage.settings.slack_api_url) as gateway:
        recovery = Recovery(stage.settings, database, gateway, stage.box)
        absent += await _ended(stage.processes)
        if not await recovery.is_connected():
            await _connect(stage, recovery)
        is_settled = await recovery.carry()
        report.copies = len(await recovery.copies())
        for _ in range(LOOKS):
            if not (copies := await recovery.copies()):
                break
            await _look_at(stage, copies)
            is_settled = await recovery.carry()
        await recovery.seal()
        stored = await database.read(read_stored)
        report.judgements = [
            judge_kept(stage.told, stored),
            judge_once(stage.told, stored),
            await judge_true(recovery, stored, is_settled=is_settled),
            await judge_replays(database, stage.settings),
            judge_returns(stage.processes, absent),
        ]
    report.presses, report.unanswered = stage.told.presses, stage.told.unanswered
    report.longest_silence = round(stage.told.longest_silence, 1)
    report.forms = len(stage.told.forms)
    report.acknowledged, report.orders = len(stage.told.acknowledged), len(stage.told.orders)
    report.changes = sum(map(len, stored.lines.values()))
    report.kills = {each.name: each.kills for each in stage.processes}


async def _connect(stage: DrillStage, recovery: Recovery) -> None:
    """Start what sends anew, as an operator does once a token works again, until nothing holds a Slack back."""
    sending = [each for each in stage.processes if each.sends]
    await asyncio.gather(*(each.begin() for each in sending))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await recovery.is_connected():  # noqa: ASYNC110 - another process connects it
            await asyncio.sleep(0.1)
    await _ended(sending)


async def _look_at(stage: DrillStage, copies: Sequence[tuple[Conversation, PostedMessage]]) -> None:
    """Let somebody press a button of each: any press, whatever comes of it, lets the product know of the copy."""
    answering = [each for each in stage.processes if each.answers_people]
    await asyncio.gather(*(each.begin() for each in answering))
    people = Crowd(stage.box, stage.demo.address, stage.demo.site, (), random.Random, stage.told)
    for where, message in copies:
        await people.look_at(where, message)
    await _ended(answering)


async def _absent(processes: Sequence[DrilledProcess]) -> list[str]:
    """Return who does not answer any more."""
    return await _named_late(each.is_up() for each in processes)


async def _ended(processes: Sequence[DrilledProcess]) -> list[str]:
    """Tell processes to end, and return who goes on."""
    return await _named_late(each.end() for each in processes)


async def _named_late(waiting: Iterable[Awaitable[None]]) -> list[str]:
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, NotUp):
            raise each
    return [str(each) for each in outcomes if isinstance(each, NotUp)]
