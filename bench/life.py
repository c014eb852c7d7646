"""`python -m bench.life`: what the whole life of a direct order costs beside its presses, in processor time of ours.

On PostgreSQL the web's process answers people and the relay's shows cards: what both take, from the opened form to the
last card, stands beside what the web's takes. What they take when nothing happens is left out.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from sqlalchemy import func, select

from bench.startup import cpu_of
from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from core.storage import tables
from core.storage.database.database import open_database
from tests.flow.people import attest, place_order
from tests.flow.slack import PATIENCE, Slack, text, until
from tests.flow.stage import unhurried
from tests.kill.crash import lived
from tests.kill.stories import nothing
from tests.support.machines import postgres
from tests.support.machines.product import Product, sandbox_config
from tests.support.world.seed import ANNA, BO, KARIN, NPO_KONSUMENT, slack_user

LIMIT = 4.0
WARMING, IDLE_SECONDS = 2, 10.0
OWED = select(func.count()).select_from(tables.cards).where(tables.cards.c.due_at.is_not(None))


@dataclass(frozen=True)
class Figures:
    """Milliseconds of processor time an order: of the presses, of the cards; and both beside the presses."""

    orders: int
    presses_ms: float
    cards_ms: float
    life_of_presses: float
    limit: float = LIMIT


@dataclass(frozen=True)
class Stand:
    """The two processes at work, and whoever is at the page."""

    web: Product
    relay: Product
    slack: Slack
    url: str

    def play(self, number: int) -> None:
        """One order: the form, the attest, the case taken, the instructions; until all of its cards are shown."""
        case = place_order(self.slack, NPO_KONSUMENT, slack_user(ANNA), units=text(f"Enhet {number}"))
        attest(self.slack, slack_user(BO), case)
        karin = self.slack.person(slack_user(KARIN))
        karin.press(karin.card("kp.claim", case), "kp.claim")
        karin.press(karin.card("kp.send_instructions", case), "kp.send_instructions")
        karin.submit(karin.modal(), message=text("Klart."))
        karin.close_all()
        until(lambda: asyncio.run(self._owed()) == 0, what="every card to be shown")

    def took(self) -> tuple[float, float]:
        """Seconds of processor time of the web's process and of the relay's, until now."""
        return cpu_of(_pid(self.web)), cpu_of(_pid(self.relay))

    async def _owed(self) -> int:
        database = open_database(self.url)
        try:
            return await database.read(lambda connection: connection.scalar(OWED)) or 0
        finally:
            await database.close()


def main(
    orders: Annotated[int, typer.Option(min=1, help="Orders that count.")] = 10,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Let orders live, one after the other; the first ones warm up."""
    with standing() as stand:
        for number in range(WARMING):
            stand.play(orders + number)
        found = measure(stand, orders, resting(stand, IDLE_SECONDS))
    verdict = "reached" if found.life_of_presses <= LIMIT else "NOT reached"
    typer.echo(f"presses of an order: {found.presses_ms:.1f} ms of CPU; its cards: {found.cards_ms:.1f} ms")
    typer.echo(f"its whole life beside its presses: {found.life_of_presses:.2f}  goal <= {LIMIT:g}: {verdict}")
    if json_file:
        json_file.write_text(json.dumps(asdict(found), indent=1) + "\n")


def resting(stand: Stand, seconds: float) -> tuple[float, float]:
    """Seconds of processor time that a second takes each process when nothing happens."""
    before = stand.took()
    time.sleep(seconds)
    web, relay = ((taken - had) / seconds for taken, had in zip(stand.took(), before, strict=True))
    return web, relay


def measure(stand: Stand, orders: int, rest: tuple[float, float]) -> Figures:
    """What so many orders take, each process by itself, less what it takes at rest."""
    began, before = time.monotonic(), stand.took()
    for number in range(orders):
        stand.play(number)
    seconds, now = time.monotonic() - began, stand.took()
    presses, cards = (
        (taken - had - seconds * idle) * 1_000 / orders for taken, had, idle in zip(now, before, rest, strict=True)
    )
    return Figures(orders, round(presses, 1), round(cards, 1), round((presses + cards) / presses, 2))


@contextmanager
def standing() -> Iterator[Stand]:
    """A server of PostgreSQL with the small world, a small Slack, and a process for each of the two duties."""
    with postgres.running(settings="") as server:
        url = server.create("life")
        asyncio.run(lived(url, nothing))
        web, relay = (Product(url, "", options=("--only", duty)) for duty in ("web", "relay"))
        with serve(create_app(unhurried(sandbox_config(f"{web.url}/slack/events")))) as address:
            web.slack_url = relay.slack_url = address
            with httpx.Client(base_url=address, timeout=PATIENCE) as http:
                try:
                    web.start()
                    relay.start()
                    yield Stand(web, relay, Slack(http), url)
                finally:
                    web.kill()
                    relay.kill()


def _pid(product: Product) -> int:
    return (product.process and product.process.pid) or 0


if __name__ == "__main__":
    typer.run(main)
