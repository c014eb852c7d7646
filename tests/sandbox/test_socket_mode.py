"""Socket Mode as the sandbox speaks it, with Slack's own client and framework at the other end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from tests.sandbox.desk import Desk, Json, words
from tests.sandbox.listeners import decide_in_a_modal
from tests.sandbox.places import OPEN, TOKEN, FakeClock, a_config, a_manifest
from tests.sandbox.receiver import Receiver

NOWHERE = "http://127.0.0.1:9/slack/events"


@asynccontextmanager
async def over_a_socket(**changes: Any) -> AsyncGenerator[Desk]:
    clock = FakeClock()
    config = a_config(NOWHERE, a_manifest(settings__socket_mode_enabled=True), **changes)
    with serve(create_app(config, clock)) as url:
        async with aiohttp.ClientSession() as http:
            yield Desk(url, clock, Receiver(clock), http)


@asynccontextmanager
async def listening(desk: Desk, bolt: AsyncApp) -> AsyncGenerator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(bolt, a_config(NOWHERE).app_token)
    try:
        await handler.connect_async()
        yield handler
    finally:
        await handler.close_async()


def an_app(desk: Desk) -> AsyncApp:
    bolt = AsyncApp(client=AsyncWebClient(TOKEN, base_url=f"{desk.url}/api/"))
    decide_in_a_modal(bolt)

    @bolt.command("/order")
    async def order(ack, command) -> None:
        await ack(f"You ordered {command['text']}")

    return bolt


async def press(desk: Desk) -> Json:
    channel, ts = await desk.card(OPEN)
    return await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")


async def test_presses_forms_and_commands_go_over_the_socket_and_their_answers_come_back() -> None:
    async with over_a_socket() as desk, listening(desk, an_app(desk)):
        pressed = await press(desk)
        (modal,) = (await desk.state())["modals"]
        short = await desk.do("submit", view_id=modal["id"], values=words("no"))
        long = await desk.do("submit", view_id=modal["id"], values=words("yes, of course"))
        await desk.do("command", channel=OPEN, command="/order", text="a chair")
        shown = [one["text"] for one in await desk.messages(OPEN)]

    assert pressed == {"status": 200, "ok": True}
    assert short["errors"] == {"comment": "Say more"}
    assert long == {"status": 200, "response_action": "none"}
    assert shown == ["yes, of course", "You ordered a chair"]


async def test_where_nobody_is_connected_a_press_gets_the_mark_of_an_error() -> None:
    async with over_a_socket() as desk:
        pressed = await press(desk)

        assert pressed == {"status": 0, "ok": False}
        assert len(await desk.errors()) == 1


def is_anew(sockets: Json) -> bool:
    """Whether another connection is there and the one before is gone, so that nothing is sent over that."""
    return sockets["open"] == 1 and sockets["opened"] > 1


@pytest.mark.parametrize("politely", [True, False])
async def test_a_connection_that_is_to_be_opened_anew_is(politely: bool) -> None:
    async with over_a_socket() as desk, listening(desk, an_app(desk)) as handler:
        before = handler.client.current_session
        assert await desk.do("refresh", politely=politely) == {"connections": 1}
        while handler.client.current_session is before or not is_anew(await desk.ask("sockets")):
            await desk.state()

        assert (await press(desk))["ok"]


async def test_a_ticket_opens_one_connection_and_another_token_none() -> None:
    async with over_a_socket() as desk:
        token = a_config(NOWHERE).app_token
        url = (await desk.slack(None).apps_connections_open(app_token=token))["url"]
        async with desk.http.ws_connect(url) as first:
            assert (await first.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await desk.http.ws_connect(url)
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await desk.slack(None).apps_connections_open(app_token=TOKEN)
