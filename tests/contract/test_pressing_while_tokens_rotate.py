"""People press in an organisation's Slack while two processes rotate its tokens: every press is answered, every card
comes, and Slack has given the next pair once.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select, update

from bot.config.settings import load_settings
from bot.main import Product, running
from bot.sandbox.app import create_app
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.server import serve
from bot.server.serving import OPTIONS
from bot.wiring.joined import rotation_of
from core.api import Language
from core.storage import tables
from core.storage.database.database import open_database
from notifications.slack.port import SlackApp
from notifications.slack.token_rotation import AHEAD, TokenRotation
from tests.contract.office import wish
from tests.flow.slack import PATIENCE, Slack, until
from tests.support.machines import product
from tests.support.world import contact, seed
from tests.support.world.seed import ADA, BO, CECILIA, REGION

TEAM = "T0REGION001"
PRESSES = 50
SIXTEEN = 16
FIRST = {"bot_token": "xoxe.xoxb-1-of-the-tests", "refresh_token": "xoxe-1-of-the-tests"}
BACK = "http://127.0.0.1/slack/installed"


@pytest.fixture
async def database(database_url):
    """The small world, in which nobody is away."""
    made = await seed.seeded(database_url)
    await made.write(seed.nobody_is_away)
    yield made
    await made.close()


def sandbox_of(port):
    """Two Slacks with the app in them, whose tokens expire."""
    config = product.sandbox_config(f"http://127.0.0.1:{port}/slack/events")
    (ineras,) = config.workspaces
    moved = {seed.slack_user(each) for each in (ADA, BO, CECILIA)}
    theirs = SandboxWorkspace(
        id=TEAM,
        name="Region Exempel",
        domain="region",
        bot_token="xoxb-of-before",
        bot_user="U0BOT000002",
        users=tuple(each for each in ineras.users if each.id in moved),
    )
    stay = ineras.model_copy(update=FIRST | {"users": tuple(each for each in ineras.users if each.id not in moved)})
    manifest = config.manifest.model_copy(update={"token_rotation": True})
    changes = {"workspaces": (stay, theirs), "manifest": manifest, "ack_timeout": PATIENCE, "trigger_seconds": PATIENCE}
    return config.model_copy(update=changes)


@dataclass(frozen=True)
class Process:
    """One that serves, and what rotates in it."""

    product: Product
    rotation: TokenRotation


@asynccontextmanager
async def process(database_url, slack_url, config, port):
    """A server on a port, as `kundportal serve` is."""
    settings = load_settings(
        database_url=database_url,
        slack_bot_token=FIRST["bot_token"],
        slack_refresh_token=FIRST["refresh_token"],
        slack_signing_secret=product.SIGNING_SECRET,
        slack_api_url=slack_url + "/api/",
        slack_app_id=product.APP_ID,
        slack_client_id=config.client_id,
        slack_client_secret=config.client_secret,
        slack_channel=product.CHANNEL,
        portal_url="https://portal.example.org",
        public_url=f"http://127.0.0.1:{port}",
        secret_key=product.SECRET_KEY,
        environment="test",
        database_lock_seconds=60,
        **contact.SETTINGS,
    )
    database = open_database(database_url)
    async with running(settings) as made:
        app = FastAPI()
        made.answer_in(app)
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", **OPTIONS))
        serving = asyncio.create_task(server.serve())
        try:
            await asyncio.to_thread(until, lambda: server.started, what="a server")
            yield Process(made, rotation_of(settings, database, made.joined))
        finally:
            server.should_exit = True
            await serving
            await database.close()


async def install(joined, slack_url, config):
    """Somebody allows the app, and what Slack gives is kept."""
    async with httpx.AsyncClient(base_url=slack_url) as http:
        asked = {"team": TEAM, "redirect_uri": BACK, "state": "s"}
        back = (await http.get("/oauth/v2/allow", params=asked)).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    app = SlackApp(config.client_id, config.client_secret, "", ())
    granted = await joined.gateway.exchange(app, code, BACK)
    await joined.workspaces.install(REGION, granted, Language.SV)


async def test_no_press_fails_and_no_card_is_lost(database, database_url):
    port, other_port = product.free_port(), product.free_port()
    config = sandbox_of(port)
    with serve(create_app(config)) as slack_url, httpx.Client(base_url=slack_url, timeout=PATIENCE) as http:
        async with (
            process(database_url, slack_url, config, port) as one,
            process(database_url, slack_url, config, other_port) as other,
        ):
            await install(one.product.joined, slack_url, config)
            await link(database)
            await one.product.joined.orders.place(wish())
            one.product.joined.relay.wake()
            people = [Slack(http).person(seed.slack_user(each)) for each in (BO, CECILIA)]
            cards = [await asyncio.to_thread(each.card, "kp.attest") for each in people]
            first = await stored(database)
            await run_out(database)

            room = asyncio.Semaphore(SIXTEEN)

            async def press(number):
                async with room:
                    mine = number % len(people)
                    return await asyncio.to_thread(people[mine].press, cards[mine], "kp.attest")

            pressing = [asyncio.create_task(press(number)) for number in range(PRESSES)]
            await asyncio.wait(pressing, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(one.rotation.run(), other.rotation.run())
            answers = await asyncio.gather(*pressing)
            await asyncio.to_thread(until, lambda: len(opened(http)) == PRESSES, what="every form")
            form = await asyncio.to_thread(people[0].modal)
            await asyncio.to_thread(people[0].submit, form)
            await asyncio.to_thread(people[1].message, "Bo Ek")
        # Whatever their own clocks rotated is kept by now.
        calls, second = Slack(http).log()["calls"], await stored(database)

    asked = [call for call in calls if call["method"] == "oauth.v2.access"]
    # For the code, and once for each Slack.
    assert len(asked) == 3
    assert [call for call in calls if not call["ok"]] == []
    assert [each["status"] for each in answers] == [200] * PRESSES
    assert (second.problem, second.rotating_until) == (None, None)
    assert second.refresh_token != first.refresh_token


def opened(http):
    """The forms that Slack has opened."""
    return [call for call in Slack(http).log()["calls"] if (call["method"], call["ok"]) == ("views.open", True)]


async def link(database):
    """Those who attest at Region Exempel have their accounts there."""
    mine = tables.identities.c.person_id.in_([ADA, BO, CECILIA])
    moved = update(tables.identities).where(mine).values(issuer=f"slack:{TEAM}", organisation_id=REGION)
    await database.write(lambda connection: connection.execute(moved))


async def stored(database):
    """The row of the organisation's Slack."""
    query = select(tables.workspaces).where(tables.workspaces.c.organisation_id == REGION)
    return await database.read(lambda connection: connection.execute(query).one())


async def run_out(database):
    """Its token is due."""
    soon = datetime.now(UTC) + AHEAD - timedelta(seconds=1)
    mine = update(tables.workspaces).where(tables.workspaces.c.organisation_id == REGION).values(expires_at=soon)
    await database.write(lambda connection: connection.execute(mine))
