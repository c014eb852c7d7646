"""A product that is about to be killed, the database it leaves behind, and the Slack that it talked to."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
from sqlalchemy import select, update

from bot.sandbox.app import create_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.server import serve
from bot.sandbox.world.world import direct_id
from core.api import Engine, Language, Orders, new_id
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from notifications.rules.announcements import Announcements, CardKind
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.flow.slack import PATIENCE, Json, Person, Slack, until
from tests.kill.road import Road
from tests.support.machines.product import CHANNEL, SECRET_KEY, TEAM_ID, TOKEN, Product, sandbox_config
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, CECILIA, KARIN

POST, EDIT, OPEN, LOOK = "chat.postMessage", "chat.update", "views.open", "users.info"
BOT = "U0BOT000001"
BOS = direct_id(BOT, seed.slack_user(BO))
# Whose reader has not said yet which account is theirs is looked at again in an hour.
SOON = timedelta(minutes=30)

Past = Callable[[Orders, Database], Awaitable[object]]


@dataclass
class Crash:
    """A product at rest, the road to it, whoever is at the page, and whoever looks into the database beside."""

    product: Product
    road: Road
    slack: Slack
    database: Database
    beside: asyncio.Runner
    kills: int = 0

    def person(self, who: str) -> Person:
        """Somebody at the page."""
        return self.slack.person(seed.slack_user(who))

    def fault(self, kind: str, method: str, channel: str | None = None) -> None:
        """Slack holds or loses the next such call; one that was lost is held when it comes again."""
        kinds = [kind, "timeout_before"] if kind == "drop_after" else [kind]
        self.slack.faults(faults=[{"kind": each, "method": method, "channel": channel, "times": 1} for each in kinds])

    def meets_the_fault(self) -> None:
        """The call has met the fault."""
        until(lambda: not self.slack.http.get("/sandbox/faults").json()["faults"], what="the call")

    def comes_to_the_fault(self) -> None:
        """The call has met the fault and all others are done, so the product stands at a known point."""
        self.meets_the_fault()
        until(lambda: sum(map(_is_owed, self.rows(tables.cards))) <= 1, what="the other cards")

    def kill(self) -> None:
        """SIGKILL."""
        self.product.kill()
        self.kills += 1

    def start_again(self) -> None:
        """Half a minute later: the lease of whoever was killed has run out."""
        held = update(tables.cards).where(tables.cards.c.leased_until.is_not(None)).values(leased_until=seed.LONG_AGO)
        self.run(lambda connection: connection.execute(held))
        self.product.start()

    def run(self, work: Any) -> Any:
        """Work on the database, as another process would."""
        return self.beside.run(self.database.write(work))

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        return self.beside.run(self.database.read(lambda connection: connection.execute(select(table)).all()))

    def settles(self, seconds: float = PATIENCE) -> None:
        """Every card shows what it must, and nothing is owed or given up."""
        until(self._is_settled, what="every card to be shown", seconds=seconds)
        assert [row for row in self.rows(tables.cards) if row.given_up_at is not None] == []

    def _is_settled(self) -> bool:
        return not any(map(_is_owed, self.rows(tables.cards)))

    def settles_as(self, holds: Callable[[], bool]) -> None:
        """The same, and something more holds."""
        until(lambda: holds() and self._is_settled(), what="every message to tell the same")

    @contextmanager
    def writers_held(self) -> Iterator[None]:
        """Nobody else can write meanwhile: a press stands before its commit."""
        with _held(self.product.database_url):
            yield

    def while_it_stands(self, press: Callable[[], Json], then: Callable[[], None]) -> Json:
        """What the sandbox says of a press that arrives and is not answered before something else happens."""
        before = len(self.slack.log()["deliveries"])
        with ThreadPoolExecutor(1) as beside:
            pressing = beside.submit(press)
            until(lambda: len(self.slack.log()["deliveries"]) > before, what="the press to be on its way")
            time.sleep(0.3)
            then()
            return pressing.result()

    def kills_before_the_answer(self) -> None:
        """The product dies when its next answer is on the way, so Slack never gets it."""
        self.road.instead = self.kill

    def sent_again(self) -> Json:
        """What the product says of the last thing people did when it comes once more, signed anew."""
        done = [each for each in self.slack.log()["deliveries"] if each["type"] in ("block_actions", "view_submission")]
        return self.slack.ask("replay", delivery=done[-1]["n"], fresh=True)

    def copies(self) -> int:
        """How many more messages there are than cards. A question names its account, and so does its copy."""
        rows = self.rows(tables.cards)
        questions = {row.about for row in rows if row.kind == CardKind.LINK}
        return len(self.messages()) - len([row for row in rows if row.about is None]) - len(questions)

    def messages(self) -> list[Json]:
        """Every message that anybody sees."""
        found = (each for who in (ANNA, BO, CECILIA, KARIN) for each in self.person(who).messages())
        return list({(each["channel"], each["ts"]): each for each in found if not each["ephemeral"]}.values())

    def told_privately(self, who: str) -> list[Json]:
        """What only one person sees."""
        return [each for each in self.person(who).messages() if each["ephemeral"]]

    def offering(self, who: str, action: str) -> list[Json]:
        """The messages that offer somebody an action, the oldest first."""
        return [each for each in self.person(who).messages() if action in self.person(who).acts(each)]

    def message_at(self, who: str, place: tuple[str, str]) -> Json:
        """A message as it is now, by channel and ts."""
        return next(each for each in self.person(who).messages() if place_of(each) == place)

    def unknown(self) -> list[Json]:
        """The messages that no card is known to stand at."""
        known = {(row.channel, row.ts) for row in self.rows(tables.cards)}
        return [each for each in self.messages() if place_of(each) not in known]

    def done(self) -> list[str]:
        """That somebody said whose an account is, then what has been done to orders, in order."""
        linked = [
            "linked" for row in self.rows(tables.identities) if row.state == "confirmed" and row.at > seed.LONG_AGO
        ]
        changes = [row for row in self.rows(tables.history) if row.kind == "change"]
        return linked + [row.action for row in sorted(changes, key=lambda row: row.id)]


def place_of(message: Json) -> tuple[str, str]:
    """Where a message stands: channel and ts."""
    return message["channel"], message["ts"]


def _is_owed(card: Any) -> bool:
    if card.due_at is None:
        return card.does_show < card.must_show
    return card.due_at < now() + SOON


@contextmanager
def crashing(database_url: str, past: Past, smtp_port: int | None = None) -> Iterator[Crash]:
    """A product at rest in the small world with a past, everything shown to everybody."""
    asyncio.run(lived(database_url, past))
    product = Product(database_url, "", smtp_port=smtp_port)
    road = Road(product.url)
    with serve(road.app()) as way, serve(create_app(_patient(f"{way}/slack/events"))) as address:
        product.slack_url = address
        with httpx.Client(base_url=address, timeout=PATIENCE, verify=False) as http, asyncio.Runner() as beside:
            crash = Crash(product, road, Slack(http), open_database(database_url), beside)
            try:
                product.start()
                crash.settles()
                yield crash
            finally:
                product.kill()
                beside.run(crash.database.close())


@contextmanager
def _held(url: str) -> Iterator[None]:
    if url.startswith("sqlite"):
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.close()
        return
    loop = asyncio.new_event_loop()
    holder = loop.run_until_complete(asyncpg.connect(url.replace("+asyncpg", "")))
    loop.run_until_complete(holder.execute("BEGIN; LOCK TABLE cases, identities IN SHARE MODE"))
    try:
        yield
    finally:
        loop.run_until_complete(holder.close())
        loop.close()


def _patient(request_url: str) -> SandboxConfig:
    """Slack waits until the product is killed, however busy the machine is."""
    return sandbox_config(request_url).model_copy(update={"ack_timeout": PATIENCE, "trigger_seconds": PATIENCE})


async def lived(url: str, past: Past) -> None:
    """Let the small world have a past, in a database that was empty."""
    database = await seed.seeded(url)
    await database.write(seed.nobody_is_away)
    # Known from an earlier start, so that nothing waits for the first one.
    await Workspaces(database, TokenSeal(SECRET_KEY), now).ensure(
        team_id=TEAM_ID,
        enterprise_id=None,
        name="Inera",
        token=TOKEN,
        bot_user_id=BOT,
        channel=CHANNEL,
        language=Language.SV,
    )
    await past(Orders(Engine(SqlCaseRepository(database), Announcements(), now, new_id)), database)
    await database.close()


def now() -> datetime:
    return datetime.now(UTC)
