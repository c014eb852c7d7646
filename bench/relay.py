"""`python -m bench.relay`: how fast a relay of the product tells people what they are owed.

Once where Slack's limits hold it back: in how much of the time that these allow. Once where they do not: messages a
second, and its processor time a message beside the bare call to Slack's.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, and_, func, insert, select, update

from bench.startup import cpu_of
from bot.sandbox.app import create_app
from bot.sandbox.box import Box
from bot.sandbox.config import SandboxConfig
from bot.sandbox.server import serve
from bot.sandbox.slack_api.faults import CHANNEL_BURST, MINUTE, PER_MINUTE
from core.api import CardId, Engine, Language, Orders, Unit, new_id
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from core.storage.tables import cards
from notifications.cards.card import REPAINT, REQUEST
from notifications.rules.announcements import Announcements
from notifications.slack.port import Blocks
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.contract.office import wish
from tests.kill.crash import lived, now
from tests.kill.stories import nothing
from tests.support.machines import postgres
from tests.support.machines.product import SECRET_KEY, Product, sandbox_config, token_of, workspace_of
from tests.support.world.seed import ANNA

# Of the time that Slack's limits allow, and the calls that were too fast, of all.
LIMIT, TOO_FAST = 1.1, 0.001
POST, UPDATE = "chat.postMessage", "chat.update"
LOOK_SECONDS = 0.25
# As many as the product has on their way at once.
AT_ONCE = 8
# A workspace takes as many at once before anything holds them back.
FREELY = 25


@dataclass(frozen=True)
class Held:
    """What was told at Slack's pace: `of_allowed` is the time it took beside the least that the limits allow."""

    workspaces: int
    calls: int
    seconds: float
    of_allowed: float
    too_fast: float
    cpu_ms_a_call: float


@dataclass(frozen=True)
class Free:
    """What was told with nothing to hold it back, and what the same calls take by themselves."""

    messages: int
    a_second: float
    cpu_ms_a_message: float
    bare_cpu_ms: float
    of_bare: float


class NotTold(Exception):
    """So many calls were answered, and others were wanted: the figures say nothing."""


@dataclass(frozen=True)
class Stand:
    """A relay that does not run yet, its database, and the Slack that it tells."""

    relay: Product
    database: Database
    box: Box
    slack_url: str
    teams: Sequence[str]

    def took(self) -> float:
        """Seconds of processor time of the relay's process, until now."""
        return cpu_of((self.relay.process and self.relay.process.pid) or 0)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Calls of a method, as they were answered."""
        return [call for call in self.box.traffic.calls if call["method"] == method and call["team"] in self.teams]

    async def owe(self, conversations: int, each: int) -> None:
        """Let so many people in each workspace be owed so many messages of one order, and nothing else."""
        orders = Orders(Engine(SqlCaseRepository(self.database), Announcements(), now, new_id))
        case = await orders.place(wish(units=(Unit("Enheten"),)))
        mine = select(cards).where(cards.c.case_id == case.id, cards.c.person_id == ANNA).limit(1)

        def owed(connection: Connection) -> None:
            pattern = connection.execute(mine).one()._asdict()
            connection.execute(update(cards).values(due_at=None))
            rows = [
                pattern | {"id": CardId(f"C-{user}-{number}"), "workspace_id": f"slack:{team}", "address": user}
                for team in self.teams
                for number in range(each)
                for user in people(team, conversations)
            ]
            connection.execute(insert(cards), rows)

        await self.database.write(owed)

    async def told(self, *, edits: bool) -> None:
        """Wait until everything was told; with `edits` each message changes as soon as it stands."""
        while await self.database.write(lambda connection: _left(connection, self.teams, edits=edits)):
            await self.database.ring()
            await asyncio.sleep(LOOK_SECONDS)


def main(
    workspaces: Annotated[int, typer.Option(min=1, help="Workspaces that are told at Slack's pace.")] = 10,
    conversations: Annotated[int, typer.Option(min=1, max=FREELY, help="People in each of them.")] = 20,
    each: Annotated[int, typer.Option(min=CHANNEL_BURST, help="Messages to each, edited once.")] = 10,
    freely: Annotated[int, typer.Option(min=1, help="Workspaces that are told a burst that nothing holds back.")] = 40,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Let a relay tell everybody what they are owed: at Slack's pace, and as fast as it can."""
    held = asyncio.run(at_slacks_pace(workspaces, conversations, each))
    free = asyncio.run(as_fast_as_it_can(freely))
    verdict = "reached" if held.of_allowed <= LIMIT and held.too_fast <= TOO_FAST else "NOT reached"
    typer.echo(f"{held.calls} calls in {held.seconds:.0f} s, {held.cpu_ms_a_call:.1f} ms of CPU each")
    typer.echo(f"of the time that Slack's limits allow: {held.of_allowed:.2f}  goal <= {LIMIT:g}: {verdict}")
    typer.echo(f"too fast for Slack: {held.too_fast:.2%} of the calls  goal <= {TOO_FAST:.1%}")
    typer.echo(f"freely: {free.a_second:.0f} messages a second, {free.cpu_ms_a_message:.1f} ms of CPU each")
    typer.echo(f"beside the bare call ({free.bare_cpu_ms:.1f} ms): {free.of_bare:.1f}")
    if json_file:
        json_file.write_text(json.dumps({"held": asdict(held), "free": asdict(free)}, indent=1) + "\n")


async def at_slacks_pace(workspaces: int, conversations: int, each: int) -> Held:
    """One post and one edit a message, under the limits that Slack has."""
    async with standing(workspaces, limits=True) as stand:
        await stand.owe(conversations, each)
        stand.relay.start()
        began, had = time.monotonic(), stand.took()
        await stand.told(edits=True)
        seconds, cpu = time.monotonic() - began, stand.took() - had
        await stand.database.close()
    made = stand.calls(POST) + stand.calls(UPDATE)
    done = [call for call in made if call["ok"]]
    wanted = 2 * workspaces * conversations * each
    _must_be(len(done), wanted)
    least = max((conversations * each - 1) // PER_MINUTE["t3"] * MINUTE, each - CHANNEL_BURST)
    too_fast = sum(call["http_status"] == 429 for call in made) / len(made)
    return Held(
        workspaces, len(made), round(seconds, 1), round(seconds / least, 2), too_fast, round(cpu * 1_000 / len(made), 1)
    )


async def as_fast_as_it_can(workspaces: int) -> Free:
    """A burst in each workspace, which no pace holds back; and the same calls with nothing around them."""
    async with standing(workspaces, limits=False) as stand:
        await stand.owe(FREELY, 1)
        stand.relay.start()
        began, had = time.monotonic(), stand.took()
        await stand.told(edits=False)
        seconds, cpu = time.monotonic() - began, stand.took() - had
        await stand.database.close()
        sent = stand.calls(POST)
        _must_be(len(sent), workspaces * FREELY)
        bare = await _bare(stand, sent[-1]["args"]["blocks"])
    mine = cpu * 1_000 / len(sent)
    return Free(len(sent), round(len(sent) / seconds, 1), round(mine, 2), round(bare, 2), round(mine / bare, 1))


def _must_be(calls: int, wanted: int) -> None:
    if calls != wanted:
        raise NotTold(calls, wanted)


async def _bare(stand: Stand, blocks: Blocks) -> float:
    """Milliseconds of processor time of a call that posts such a message; the Slack there has a thread of its own."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with open_gateway(f"{stand.slack_url}/api/") as gateway:

        async def post(team: str, user: str) -> None:
            async with turns:
                await gateway.post(token_of(team), channel=user, text="Beställning", blocks=blocks)

        began = time.thread_time()
        await asyncio.gather(*(post(team, user) for team in stand.teams for user in people(team, FREELY)))
        return (time.thread_time() - began) * 1_000 / (len(stand.teams) * FREELY)


@asynccontextmanager
async def standing(workspaces: int, *, limits: bool) -> AsyncIterator[Stand]:
    """A server of PostgreSQL with the small world, so many workspaces with the app, and a relay for them."""
    teams = [f"T{number:03}" for number in range(workspaces)]
    with postgres.running(settings="") as server:
        url = server.create("relay")
        await _connected(url, teams)
        relay = Product(url, "", options=("--only", "relay"))
        app = create_app(_with_teams(sandbox_config(f"{relay.url}/slack/events", limits=limits), teams))
        with serve(app) as address:
            relay.slack_url = address
            try:
                yield Stand(relay, open_database(url), app.state.box, address, teams)
            finally:
                relay.kill()


async def _connected(url: str, teams: Sequence[str]) -> None:
    await lived(url, nothing)
    database = open_database(url)
    known = Workspaces(database, TokenSeal(SECRET_KEY), now)
    for team in teams:
        await known.ensure(
            team_id=team,
            enterprise_id=None,
            name=team,
            token=token_of(team),
            bot_user_id=f"UBOT{team}",
            channel=None,
            language=Language.SV,
        )
    await database.close()


def _with_teams(config: SandboxConfig, teams: Sequence[str]) -> SandboxConfig:
    more = [workspace_of(team, people(team, FREELY)) for team in teams]
    return config.model_copy(update={"workspaces": (*config.workspaces, *more)})


def _left(connection: Connection, teams: Sequence[str], *, edits: bool) -> int:
    """How many cards are owed still; with `edits` whatever stands and has not been edited is owed once more."""
    here = cards.c.workspace_id.in_([f"slack:{team}" for team in teams])
    if edits:
        stands = and_(here, cards.c.priority == REQUEST, cards.c.ts.is_not(None), cards.c.due_at.is_(None))
        connection.execute(update(cards).where(stands).values(priority=REPAINT, due_at=now()))
    return connection.scalar(select(func.count()).where(here, cards.c.due_at.is_not(None))) or 0


def people(team: str, many: int) -> list[str]:
    """Those who are written to in a workspace."""
    return [f"U{team}{number:02}" for number in range(many)]


if __name__ == "__main__":
    typer.run(main)
