"""A product that is about to be killed, the database it leaves behind, and the Slack that it talked to."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
from sqlalchemy import select, update

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from bot.sandbox.world import direct_id
from core import db
from core.api import Orders, new_id
from core.storage.database import open_database
from core.storage.store import SqlStore
from notifications.announcements import Announcements
from tests import seed
from tests.contract.office import wish
from tests.flow.slack import Json, Person, Slack, until
from tests.product import CHANNEL, TEAM_ID, Product, sandbox_config
from tests.seed import ANNA, BO, CECILIA, KARIN

POST, EDIT, OPEN = "chat.postMessage", "chat.update", "views.open"
BOS = direct_id("U0BOT000001", seed.slack_user(BO))


@dataclass
class Crash:
    """One order that Bo may attest, shown to everybody concerned."""

    product: Product
    slack: Slack
    kills: int = 0

    def person(self, who: str) -> Person:
        """Somebody at the page."""
        return self.slack.person(seed.slack_user(who))

    def attest(self) -> Json:
        """Bo presses the button and confirms."""
        bo = self.person(BO)
        assert bo.press(bo.message("Attestera"), "kp.attest")["status"] == 200
        return bo.submit(bo.modal())

    def fault(self, kind: str, method: str, channel: str | None = None) -> None:
        """Slack holds or loses the next such call."""
        self.slack.faults(faults=[{"kind": kind, "method": method, "channel": channel, "times": 1}])

    def comes_to_the_fault(self) -> None:
        """The call has met the fault and all others are done, so the product stands at a known point."""
        until(lambda: not self.slack.http.get("/sandbox/faults").json()["faults"], what="the call")
        until(lambda: sum(map(_is_owed, self.rows(db.cards))) <= 1, what="the other cards")

    def kill(self) -> None:
        """SIGKILL."""
        self.product.kill()
        self.kills += 1

    def start_again(self) -> None:
        """Half a minute later: the lease of whoever was killed has run out."""
        held = update(db.cards).where(db.cards.c.leased_until.is_not(None)).values(leased_until=seed.LONG_AGO)
        self.run(lambda connection: connection.execute(held))
        self.product.start()

    def run(self, work: Any) -> Any:
        """Work on the database, as another process would."""

        async def alone():
            database = open_database(self.product.database_url)
            try:
                return await database.write(work)
            finally:
                await database.close()

        return asyncio.run(alone())

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        return self.run(lambda connection: connection.execute(select(table)).all())

    def settles(self) -> None:
        """Every card shows what it must, and nothing is owed or given up."""
        until(self._is_settled, what="every card to be shown")
        assert {row.given_up_at for row in self.rows(db.cards)} == {None}

    def _is_settled(self) -> bool:
        return not any(map(_is_owed, self.rows(db.cards)))

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

    def copies(self) -> int:
        """How many more messages there are than cards."""
        cards = [row for row in self.rows(db.cards) if row.about is None]
        return len(self.messages()) - len(cards)

    def messages(self) -> list[Json]:
        """Every message that anybody sees."""
        found = (each for who in (ANNA, BO, CECILIA, KARIN) for each in self.person(who).messages())
        return list({(each["channel"], each["ts"]): each for each in found if not each["ephemeral"]}.values())

    def told_privately(self, who: str) -> list[Json]:
        """What only one person sees."""
        return [each for each in self.person(who).messages() if each["ephemeral"]]

    def in_channel(self) -> list[Json]:
        """What customer service sees, the oldest first."""
        return [each for each in self.messages() if each["channel"] == CHANNEL]

    def message_at(self, ts: str) -> Json:
        """A message of the channel as it is now."""
        return next(each for each in self.in_channel() if each["ts"] == ts)


def _is_owed(card: Any) -> bool:
    return card.due_at is not None or card.does_show < card.must_show


@contextmanager
def crashing(database_url: str) -> Iterator[Crash]:
    """A product at rest, with Anna's order shown to her and to those who may attest it."""
    asyncio.run(_order(database_url))
    product = Product(database_url, "")
    with serve(create_app(sandbox_config(f"{product.url}/slack/events"))) as address:
        product.slack_url = address
        with httpx.Client(base_url=address, timeout=15) as http:
            crash = Crash(product, Slack(http, TEAM_ID))
            try:
                product.start()
                crash.settles()
                yield crash
            finally:
                product.kill()


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
    loop.run_until_complete(holder.execute("BEGIN; LOCK TABLE cases IN SHARE MODE"))
    try:
        yield
    finally:
        loop.run_until_complete(holder.close())
        loop.close()


async def _order(url: str) -> None:
    database = await seed.seeded(url)
    orders = Orders(SqlStore(database), Announcements(), lambda: datetime.now(UTC), new_id)
    await orders.place(wish())
    await database.close()
