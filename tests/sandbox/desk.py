"""What a test does at the sandbox: calls Slack as an app, and acts as a person at the page."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.places import ANNA, INERA, TOKEN, FakeClock, a_config
from tests.sandbox.receiver import Receiver

Json = dict[str, Any]


@dataclass
class Desk:
    url: str
    clock: FakeClock
    receiver: Receiver
    http: aiohttp.ClientSession

    def slack(self, token: str | None = TOKEN, **options: Any) -> AsyncWebClient:
        return AsyncWebClient(token, base_url=f"{self.url}/api/", **options)

    async def call(self, method: str, token: str | None = TOKEN, **arguments: Any) -> Json:
        """Call as slack_sdk does for JSON methods; gives the answer, whether ok or not."""
        try:
            answer = await self.slack(token).api_call(method, json=arguments)
        except SlackApiError as error:
            answer = error.response
        assert isinstance(answer.data, dict)
        return answer.data

    async def install(self, team: str = INERA) -> Any:
        """Allow the app in a workspace as a person does, and take its token for the code that comes of it."""
        back = "https://app.example.org/slack/installed"
        asked = {"team": team, "redirect_uri": back, "state": "s"}
        async with self.http.get(f"{self.url}/oauth/v2/allow", params=asked, allow_redirects=False) as response:
            said = parse_qs(urlsplit(response.headers["location"]).query)
        assert said["state"] == ["s"]
        app = a_config(self.url)
        asked = {"client_id": app.client_id, "client_secret": app.client_secret, "redirect_uri": back}
        return await self.slack(None).api_call("oauth.v2.access", data=asked | {"code": said["code"][0]})

    async def query(self, method: str, **arguments: Any) -> Json:
        """Call as slack_sdk does for the methods that take no JSON."""
        try:
            answer = await self.slack().api_call(method, http_verb="GET", params=arguments)
        except SlackApiError as error:
            answer = error.response
        assert isinstance(answer.data, dict)
        return answer.data

    async def ask(self, path: str, **query: Any) -> Json:
        async with self.http.get(f"{self.url}/sandbox/{path}", params=query) as response:
            return await response.json()

    async def do(self, path: str, user: str = ANNA, team: str = INERA, **body: Any) -> Json:
        status, answer = await self.try_to(path, user, team, **body)
        assert status == 200, answer
        return answer

    async def try_to(self, path: str, user: str = ANNA, team: str = INERA, **body: Any) -> tuple[int, Json]:
        whole = {"team": team, "user": user, **body}
        async with self.http.post(f"{self.url}/sandbox/{path}", json=whole) as response:
            return response.status, await response.json()

    async def plan(self, **faults: Any) -> Json:
        async with self.http.put(f"{self.url}/sandbox/faults", json=faults) as response:
            return await response.json()

    async def state(self, user: str = ANNA, team: str = INERA) -> Json:
        return await self.ask("state", team=team, user=user)

    async def messages(self, channel: str, user: str = ANNA, team: str = INERA) -> list[Json]:
        state = await self.state(user, team)
        return next(one["messages"] for one in state["conversations"] if one["id"] == channel)

    async def errors(self, user: str = ANNA) -> list[str]:
        return [change["text"] for change in await self.changes(user) if change["type"] == "error"]

    async def changes(self, user: str = ANNA, team: str = INERA, after: int = 0) -> list[Json]:
        """Every change so far: the stream is read up to the state's number."""
        last = (await self.state(user, team))["seq"]
        found = []
        stream = self.stream(user, team, after)
        while last > after and (not found or found[-1]["seq"] < last):
            found.append(await anext(stream))
        await stream.aclose()
        return found

    async def stream(self, user: str = ANNA, team: str = INERA, after: int = 0) -> AsyncGenerator[Json, None]:
        query = {"team": team, "user": user, "after": after}
        async with self.http.get(f"{self.url}/sandbox/stream", params=query) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    async def direct(self, user: str = ANNA) -> str:
        return (await self.call("conversations.open", users=user))["channel"]["id"]

    async def card(self, channel: str | None = None, element: Json | None = None) -> tuple[str, str]:
        """Post a message with one element in an actions block; gives its channel and ts."""
        where = channel or await self.direct()
        blocks = [{"type": "actions", "block_id": "b", "elements": [element or a_button()]}]
        posted = await self.call("chat.postMessage", channel=where, text="A card", blocks=blocks)
        assert posted["ok"], posted
        return posted["channel"], posted["ts"]

    async def trigger(self, user: str = ANNA) -> str:
        """A fresh trigger id, from a press."""
        channel, ts = await self.card(await self.direct(user))
        await self.do("press", user, channel=channel, ts=ts, block_id="b", action_id="a")
        return self.receiver.last("block_actions")["trigger_id"]

    async def modal(self, **parts: Any) -> Json:
        """A modal that Anna has open, as the answer of views.open shows it."""
        opened = await self.call("views.open", trigger_id=await self.trigger(), view=a_modal(**parts))
        assert opened["ok"], opened
        return opened["view"]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def a_button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Approve"), "value": "order-1", **more}


def a_section(text: str = "Words", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def an_input(block_id: str = "comment", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "words"}
    return {"type": "input", "block_id": block_id, "label": plain("Comment"), "element": element, **more}


def a_modal(**parts: Any) -> Json:
    """A modal with a title, a submit button and one input; parts replace them, and None removes one."""
    whole = {
        "type": "modal",
        "callback_id": "m",
        "title": plain("Order"),
        "submit": plain("Send"),
        "blocks": [an_input()],
    }
    return {name: part for name, part in (whole | parts).items() if part is not None}


def a_home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [a_section()], **more}


def words(text: str | None, block_id: str = "comment") -> Json:
    return {block_id: {"words": {"type": "plain_text_input", "value": text}}}
