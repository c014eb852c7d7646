"""The sandbox judged by Slack's own JavaScript: what Bolt makes of its deliveries, and the client of its answers."""

import json
import re
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from bot.sandbox.slack_api.call import METHODS
from tests.sandbox.desk import Desk, Json, a_button, a_home, a_modal, a_section, words
from tests.sandbox.places import ANNA, INERA, MANIFEST, OPEN, SECRET, TOKEN, FakeClock, a_config
from tests.sandbox.receiver import Receiver
from tests.support.drawn.slack_types import NODE, PROGRAM, ask_for, compile_typed

BOLT = NODE / "node_modules" / "@slack" / "bolt"

LATER = a_button(action_id="later")
# What Bolt hands on of each kind, and the type that Slack's packages have for it.
KINDS = {
    "action": "BlockAction",
    "submission": "ViewSubmitAction",
    "closing": "ViewClosedAction",
    "command": "SlashCommand",
    "options": "BlockSuggestion",
    "shortcut": "GlobalShortcut",
    "home": "EnvelopedEvent<AppHomeOpenedEvent>",
    "message": 'EnvelopedEvent<Omit<GenericMessageEvent, "subtype">>',
}
IMPORTS = """\
import type { AppHomeOpenedEvent, GenericMessageEvent } from "@slack/types";
import type { BlockAction, BlockSuggestion, EnvelopedEvent } from "@slack/bolt";
import type { GlobalShortcut, SlashCommand, ViewClosedAction, ViewSubmitAction } from "@slack/bolt";
"""
# Slack's own samples have these, its types do not.
UNTYPED = re.compile("only specify known properties, and '\"(api_app_id|submit_disabled|username)\"' does not exist")
# Types of answers are made from answers: each string that could be listed is one of an enum, which no JSON can name.
AN_ENUM = re.compile(r"""Type '"\w+"' is not assignable to type '\w+Type \| undefined'""")


@dataclass
class Judge:
    """A process of node that listens as an app does and calls as a client does."""

    process: subprocess.Popen[str]
    heard: list[Json] = field(default_factory=list)

    def hear(self, kind: str) -> Any:
        """What the next line of a kind says; what else comes before it is kept."""
        assert self.process.stdout
        while not (found := [each for each in self.heard if kind in each]):
            line = self.process.stdout.readline()
            assert line, f"node ended and had not said {kind}"
            self.heard.append(json.loads(line))
        self.heard.remove(found[0])
        return found[0]

    def received(self, kind: str) -> Json:
        said = self.hear("received")
        assert said["received"] == kind
        return said["payload"]

    def tell(self, **said: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()

    def call(self, method: str, **arguments: Any) -> Json:
        """What the client gives back, or the error that it throws."""
        self.tell(method=method, arguments=arguments)
        return self.hear("called")["called"]


@pytest.fixture
def judge() -> Iterator[Judge]:
    ask_for(BOLT)
    words = [str(PROGRAM), str(NODE / "judge.mjs"), SECRET, TOKEN]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Judge(process)
        process.kill()


@asynccontextmanager
async def sandboxed(judge: Judge, **changes: Any) -> AsyncGenerator[Desk]:
    """A sandbox whose app is the judge."""
    clock, port = FakeClock(), judge.hear("listening")["listening"]
    config = a_config(f"http://127.0.0.1:{port}/slack/events").model_copy(update=changes)
    with serve(create_app(config, clock)) as url:
        judge.tell(slack=url)
        judge.hear("ready")
        async with aiohttp.ClientSession() as http:
            yield Desk(url, clock, Receiver(clock), http)


async def test_bolt_takes_what_people_do_and_the_sandbox_takes_what_it_answers(judge: Judge) -> None:
    async with sandboxed(judge) as desk:
        channel, ts = await desk.card(OPEN)
        pressed = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")
        received = {"action": judge.received("action")}
        (modal,) = (await desk.state())["modals"]
        short = await desk.do("submit", view_id=modal["id"], values=words("no"))
        judge.received("submission")
        long = await desk.do("submit", view_id=modal["id"], values=words("yes, of course"))
        received["submission"] = judge.received("submission")
        await desk.do("press", channel=channel, ts=(await desk.card(OPEN))[1], block_id="b", action_id="a")
        judge.received("action")
        (modal,) = (await desk.state())["modals"]
        await desk.do("close", view_id=modal["id"])
        received["closing"] = judge.received("closing")
        await desk.do("command", channel=OPEN, command="/order", text="a chair")
        received["command"] = judge.received("command")
        _, select = await desk.card(OPEN, {"type": "external_select", "action_id": "find"})
        found = await desk.do("options", channel=OPEN, ts=select, block_id="b", action_id="find", value="reg")
        received["options"] = judge.received("options")
        await desk.do("shortcut", callback_id="new_order")
        received["shortcut"] = judge.received("shortcut")
        await desk.do("home")
        received["home"] = judge.received("home")
        await desk.do("message", channel=await desk.direct(), text="Hello")
        received["message"] = judge.received("message")
        verified = await desk.do("verify")
        shown = [(one["text"], one["ephemeral"]) for one in await desk.messages(OPEN)]
        home = (await desk.state())["home"]

    assert pressed == {"status": 200, "ok": True}
    assert short["errors"] == {"comment": "Say more"}
    assert long == {"status": 200, "response_action": "clear"}
    assert found == {"options": [{"text": {"type": "plain_text", "text": "Region"}, "value": "1"}]}
    assert verified == {"status": 200, "ok": True}
    assert {("yes, of course", False), ("You ordered a chair", True), ("And more", False)} <= set(shown)
    assert home["type"] == "home"
    assert received.keys() == KINDS.keys()
    for payload in received.values():
        # No Enterprise: Slack says null, its types say that there is no such part.
        assert payload.get("enterprise") is None
        payload.pop("enterprise", None)
    told = compile_typed(IMPORTS, [(kind, KINDS[kind], received[kind]) for kind in KINDS])
    assert [each for each in told if not UNTYPED.search(each)] == []


@pytest.mark.parametrize("wrong", [{"signing_secret": "another-secret"}, {"late": 301}])
async def test_bolt_refuses_another_secret_and_an_old_signature(judge: Judge, wrong: Json) -> None:
    late = wrong.pop("late", 0)
    async with sandboxed(judge, **wrong) as desk:
        channel, ts = await desk.card(OPEN)
        desk.clock.advance(-late)

        pressed = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    assert pressed == {"status": 401, "ok": False}


async def call_all(judge: Judge, desk: Desk) -> dict[str, Json]:
    """One good answer of every method, by the client."""

    async def trigger(**place: Any) -> str:
        place = place or dict(zip(("channel", "ts"), await desk.card(OPEN, LATER), strict=True))
        await desk.do("press", **place, block_id="b", action_id="later")
        return judge.received("action")["trigger_id"]

    here = {"channel": OPEN, "ts": (posted := judge.call("chat.postMessage", channel=OPEN, text="x"))["ts"]}
    view = (opened := judge.call("views.open", trigger_id=await trigger(), view=a_modal()))["view"]["id"]
    button = {"type": "actions", "block_id": "b", "elements": [LATER]}
    updated = judge.call("views.update", view_id=view, view=a_modal(blocks=[button]))
    return {
        "apps.manifest.validate": judge.call(
            "apps.manifest.validate", token=a_config("").configuration_token, manifest=json.dumps(MANIFEST)
        ),
        "apps.connections.open": judge.call("apps.connections.open", token=a_config("").app_token),
        "auth.test": judge.call("auth.test"),
        "blocks.validate": judge.call("blocks.validate", blocks=[a_section()]),
        "chat.getPermalink": judge.call("chat.getPermalink", channel=OPEN, message_ts=here["ts"]),
        "chat.postEphemeral": judge.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="x"),
        "chat.postMessage": posted,
        "chat.update": judge.call("chat.update", **here, text="y"),
        "chat.delete": judge.call("chat.delete", **here),
        "conversations.history": judge.call("conversations.history", channel=OPEN),
        "conversations.info": judge.call("conversations.info", channel=OPEN),
        "conversations.members": judge.call("conversations.members", channel=OPEN),
        "conversations.open": judge.call("conversations.open", users=ANNA, return_im=True),
        "oauth.v2.access": judge.call("oauth.v2.access", **await code(desk)),
        "team.info": judge.call("team.info"),
        "users.conversations": judge.call("users.conversations", types="public_channel,im"),
        "users.info": judge.call("users.info", user=ANNA),
        "users.list": judge.call("users.list"),
        "users.lookupByEmail": judge.call("users.lookupByEmail", email="anna@example.org"),
        "views.open": opened,
        "views.publish": judge.call("views.publish", user_id=ANNA, view=a_home()),
        "views.push": judge.call("views.push", trigger_id=await trigger(view_id=view), view=a_modal()),
        "views.update": updated,
    }


async def code(desk: Desk) -> Json:
    """What a person's yes to the app gives, as the client sends it on."""
    back = "https://app.example.org/slack/installed"
    asked = {"team": INERA, "redirect_uri": back, "state": "s"}
    async with desk.http.get(f"{desk.url}/oauth/v2/allow", params=asked, allow_redirects=False) as response:
        said = parse_qs(urlsplit(response.headers["location"]).query)
    app = a_config(desk.url)
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": back,
        "code": said["code"][0],
    }


async def test_every_method_answers_the_client_as_its_types_say(judge: Judge) -> None:
    async with sandboxed(judge) as desk:
        answers = await call_all(judge, desk)

    assert answers.keys() == METHODS.keys()
    assert {method: answer for method, answer in answers.items() if not answer.get("ok")} == {}
    types = {
        method: f"{''.join(each[0].upper() + each[1:] for each in method.split('.'))}Response" for method in answers
    }
    imports = f'import type {{ {", ".join(types.values())} }} from "@slack/web-api";\n'
    told = compile_typed(imports, [(method, types[method], known(answer)) for method, answer in answers.items()])
    assert [each for each in told if not AN_ENUM.search(each)] == []


def known(answer: Any) -> Any:
    """An answer without its nulls: Slack's examples have them, its types say that such a part is not there."""
    if isinstance(answer, list):
        return [known(each) for each in answer]
    if isinstance(answer, dict):
        return {name: known(part) for name, part in answer.items() if part is not None}
    return answer


async def test_the_client_throws_what_the_sandbox_refuses(judge: Judge) -> None:
    async with sandboxed(judge):
        refused = judge.call("chat.postMessage", channel="C0NOWHERE01", text="x")

    assert refused == {"thrown": "channel_not_found"}
