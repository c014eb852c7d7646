"""The sandbox with Slack's own framework at the other end: a click, a modal, errors, a changed message."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI, Request
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from tests.sandbox.desk import Desk, a_button, a_home, words
from tests.sandbox.listeners import decide_in_a_modal
from tests.sandbox.places import ANNA, OPEN, SECRET, TOKEN, FakeClock, a_config
from tests.sandbox.receiver import Receiver


class Doorway:
    """The address of an app that starts after the sandbox which it calls."""

    def __init__(self) -> None:
        self.bolt: AsyncSlackRequestHandler | None = None

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/slack/events")
        async def receive(request: Request) -> Any:
            assert self.bolt
            return await self.bolt.handle(request)

        return app


@pytest.fixture
async def bolted() -> AsyncIterator[tuple[Desk, AsyncApp]]:
    clock, door = FakeClock(), Doorway()
    with serve(door.app()) as app_url, serve(create_app(a_config(f"{app_url}/slack/events"), clock)) as url:
        client = AsyncWebClient(TOKEN, base_url=f"{url}/api/")
        bolt = AsyncApp(client=client, signing_secret=SECRET, process_before_response=True)
        door.bolt = AsyncSlackRequestHandler(bolt)
        async with aiohttp.ClientSession() as http:
            yield Desk(url, clock, Receiver(clock), http), bolt


async def test_a_click_goes_all_the_way_round(bolted: tuple[Desk, AsyncApp]) -> None:
    desk, bolt = bolted
    decide_in_a_modal(bolt)

    channel, ts = await desk.card(OPEN)
    pressed = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")
    (modal,) = (await desk.state())["modals"]
    short = await desk.do("submit", view_id=modal["id"], values=words("no"))
    long = await desk.do("submit", view_id=modal["id"], values=words("yes, of course"))

    assert pressed == {"status": 200, "ok": True}
    assert short["errors"] == {"comment": "Say more"}
    assert long == {"status": 200, "response_action": "none"}
    assert [one["text"] for one in await desk.messages(OPEN)] == ["yes, of course"]


async def test_a_command_and_the_home_tab_are_answered(bolted: tuple[Desk, AsyncApp]) -> None:
    desk, bolt = bolted

    @bolt.command("/order")
    async def order(ack, command, respond) -> None:
        await ack(f"You ordered {command['text']}")
        await respond("And more", response_type="in_channel")

    @bolt.event("app_home_opened")
    async def home(event, client) -> None:
        await client.views_publish(user_id=event["user"], view=a_home())

    await desk.do("command", channel=OPEN, command="/order", text="a chair")
    opened = await desk.do("home")

    said = [(one["text"], one["ephemeral"]) for one in await desk.messages(OPEN)]
    assert sorted(said) == [("And more", False), ("You ordered a chair", True)]
    assert opened == {"status": 200}
    assert (await desk.state(ANNA))["home"]["type"] == "home"


async def test_an_external_select_and_a_shortcut_reach_their_listeners(bolted: tuple[Desk, AsyncApp]) -> None:
    desk, bolt = bolted
    option = {"text": {"type": "plain_text", "text": "Region"}, "value": "1"}
    ran = []

    @bolt.options("find")
    async def find(ack, payload) -> None:
        await ack(options=[option] if payload["value"] == "reg" else [])

    @bolt.shortcut("new_order")
    async def shortcut(ack, body) -> None:
        ran.append(body["user"]["id"])
        await ack()

    channel, ts = await desk.card(OPEN, {"type": "external_select", "action_id": "find"})
    found = await desk.do("options", channel=channel, ts=ts, block_id="b", action_id="find", value="reg")
    await desk.do("shortcut", callback_id="new_order")

    assert found == {"options": [option]}
    assert ran == [ANNA]


async def test_a_press_that_nobody_listens_to_is_an_error_mark(bolted: tuple[Desk, AsyncApp]) -> None:
    desk, _ = bolted
    channel, ts = await desk.card(OPEN, a_button())

    answer = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    assert answer == {"status": 404, "ok": False}
    assert len(await desk.errors()) == 1


async def test_the_request_url_is_verified(bolted: tuple[Desk, AsyncApp]) -> None:
    desk, _ = bolted

    assert await desk.do("verify") == {"status": 200, "ok": True}
