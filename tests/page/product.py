"""A tiny app behind the sandbox, with one of each thing that the page must be able to show and send."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
from fastapi import FastAPI, Request, Response

from bot.sandbox.config import SandboxConfig
from bot.sandbox.manifest import read_manifest
from tests.flow.slack import PATIENCE

Json = dict[str, Any]

TEAM, TOKEN, BOT = "T0INERA001", "xoxb-page", "U0BOT000001"
ANNA, BERTIL, CECILIA = "U0ANNA00001", "U0BERTIL001", "U0CECILIA01"
CHANNEL = "C0KUNDSERV1"
AGENCIES = ["Agenten i Norr", "Agenten i Söder", "Bergets vård & data", "Cirrus <system>"]

MANIFEST: Json = {
    "display_information": {"name": "Kundportalen", "description": "Beställningar och attest"},
    "features": {
        "bot_user": {"display_name": "kundportalen"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/bestall", "description": "Ny beställning", "usage_hint": "[tjänst]", "url": "https://x.test"},
            {"command": "/bestallningar", "description": "Dina beställningar", "url": "https://x.test"},
        ],
        "shortcuts": [{"name": "Ny beställning", "type": "global", "callback_id": "new", "description": "Ny"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "im:write", "users:read", "commands"]}},
    "settings": {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
    },
}


def config(request_url: str, users: list[Json], **more: Any) -> SandboxConfig:
    team = {
        "id": TEAM,
        "name": "Inera",
        "domain": "inera",
        "bot_token": TOKEN,
        "bot_user": BOT,
        "users": users,
        "channels": [
            {"id": CHANNEL, "name": "kundservice", "members": [user["id"] for user in users], "bot": True},
        ],
    }
    return SandboxConfig.model_validate(
        {
            "manifest": read_manifest(MANIFEST),
            "request_url": request_url,
            "signing_secret": "page",
            "workspaces": [team],
        }
        | more
    )


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": action_id, **more}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text}


CARD: list[Json] = [
    {"type": "header", "text": plain("Attestera beställning av SITHS")},
    {"type": "section", "fields": [mrkdwn("*Beställare*\nAnna Berg"), mrkdwn("*Kostnad*\n12 400 kr")]},
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            button(
                "attest",
                "Attestera",
                style="primary",
                confirm={
                    "title": plain("Attestera?"),
                    "text": mrkdwn("Beställningen kostar *12 400 kr*."),
                    "confirm": plain("Attestera"),
                    "deny": plain("Avbryt"),
                },
            ),
            button("reject", "Avvisa"),
            button("broken", "Trasig"),
        ],
    },
    {"type": "context", "elements": [mrkdwn("B-1234567, version 1")]},
]


def modal() -> Json:
    """The form that /bestall and Avvisa open."""
    return {
        "type": "modal",
        "callback_id": "order",
        "title": plain("Ny beställning"),
        "submit": plain("Skicka"),
        "close": plain("Avbryt"),
        "blocks": [
            {
                "type": "input",
                "block_id": "agent",
                "label": plain("Agent"),
                "element": {"type": "external_select", "action_id": "agent", "min_query_length": 2},
            },
            {
                "type": "input",
                "block_id": "reason",
                "label": plain("Motivering"),
                "hint": plain("Kunden läser den."),
                "element": {"type": "plain_text_input", "action_id": "reason", "multiline": True, "max_length": 200},
            },
            {
                "type": "actions",
                "block_id": "more",
                "elements": [button("add", "Fler fält"), button("deeper", "Läs mer")],
            },
        ],
    }


class Product:
    """Answers what the sandbox sends; `heard` keeps every payload. `base` is the sandbox's address."""

    def __init__(self) -> None:
        self.base = ""
        self.heard: list[Json] = []
        self.app = FastAPI()
        self.app.post("/slack/events")(self.receive)

    async def receive(self, request: Request) -> Response:
        payload = _payload(await request.body(), request.headers["content-type"])
        self.heard.append(payload)
        return await HEARD[payload["type"]](self, payload)

    async def call(self, method: str, **arguments: Any) -> Json:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=self.base, headers=headers, timeout=PATIENCE) as client:
            return (await client.post(f"/api/{method}", json=arguments)).json()

    async def pressed(self, payload: Json) -> Response:
        return await PRESSED[payload["actions"][0]["action_id"]](self, payload)

    async def attested(self, payload: Json) -> Response:
        done = f"Attesterad av <@{payload['user']['id']}>"
        blocks = [*CARD[:2], {"type": "section", "text": mrkdwn(done)}]
        where = {"channel": payload["channel"]["id"], "ts": payload["message"]["ts"]}
        await self.call("chat.update", **where, text=done, blocks=blocks)
        return Response()

    async def opened(self, payload: Json) -> Response:
        await self.call("views.open", trigger_id=payload["trigger_id"], view=modal())
        return Response()

    async def widened(self, payload: Json) -> Response:
        view = modal()
        label, element = plain("Referens"), {"type": "plain_text_input", "action_id": "reference"}
        view["blocks"].append(
            {"type": "input", "block_id": "reference", "label": label, "optional": True, "element": element}
        )
        await self.call("views.update", view_id=payload["view"]["id"], view=view)
        return Response()

    async def pushed(self, payload: Json) -> Response:
        blocks = [{"type": "section", "text": plain("Allt om tjänsten.")}]
        view = {"type": "modal", "title": plain("Om tjänsten"), "blocks": blocks}
        await self.call("views.push", trigger_id=payload["trigger_id"], view=view)
        return Response()

    async def failed(self, payload: Json) -> Response:
        return Response(status_code=500)

    async def ignored(self, payload: Json) -> Response:
        return Response()

    async def submitted(self, payload: Json) -> Response:
        await asyncio.sleep(0.3)
        reason = payload["view"]["state"]["values"]["reason"]["reason"]["value"]
        if len(reason) < 5:
            return _json({"response_action": "errors", "errors": {"reason": "Skriv minst en mening."}})
        await self.call("chat.postMessage", channel=payload["user"]["id"], text=f"Tack! Motivering: {_escaped(reason)}")
        return Response()

    async def searched(self, payload: Json) -> Response:
        wanted = payload["value"].lower()
        return _json({"options": [option(name) for name in AGENCIES if wanted in name.lower()]})

    async def event(self, payload: Json) -> Response:
        user = payload["event"]["user"]
        blocks = [
            {"type": "section", "text": mrkdwn(f"Hej <@{user}>!")},
            {"type": "actions", "elements": [button("reject", "Ny")]},
        ]
        await self.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks})
        return Response()


def _payload(raw: bytes, content_type: str) -> Json:
    if content_type.startswith("application/json"):
        return json.loads(raw)
    form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
    return json.loads(form["payload"]) if "payload" in form else {"type": "command", **form}


def _json(answer: Json) -> Response:
    return Response(json.dumps(answer), media_type="application/json")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


HEARD = {
    "block_actions": Product.pressed,
    "block_suggestion": Product.searched,
    "command": Product.opened,
    "event_callback": Product.event,
    "shortcut": Product.opened,
    "view_closed": Product.ignored,
    "view_submission": Product.submitted,
}
PRESSED = {
    "attest": Product.attested,
    "reject": Product.opened,
    "broken": Product.failed,
    "add": Product.widened,
    "deeper": Product.pushed,
}
