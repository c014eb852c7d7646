"""`POST /slack/events`: size, signature, age, shape and workspace are judged before any listener, or Bolt, runs."""

import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from starlette.requests import ClientDisconnect

from bot.server.serving import BodyTooLarge, read_body
from bot.slack import payloads
from bot.slack.identity import caller
from bot.slack.payloads import Payload, Unreadable
from notifications.slack.workspaces import Workspaces

log = logging.getLogger(__name__)

# Slack's largest view is 250 KB; its escaping in a form can triple that.
MAX_BODY = 1_000_000

VERSION = "v0"
# Slack's own window for how old a request may be; a clock that runs ahead is no better than one that lags.
MAX_AGE_SECONDS = 300
SLACK_ID = re.compile(r"[A-Z0-9]{1,40}")

Admit = Callable[[Payload], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True)
class SlackSignature:
    """Slack's signing secret, and a clock in seconds since 1970."""

    secret: str
    now: Callable[[], float]

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """True for a request that Slack signed within the last five minutes; header names in small letters."""
        stamp = headers.get("x-slack-request-timestamp", "")
        given = headers.get("x-slack-signature", "")
        if not (_is_number(stamp) and given.isascii() and self._is_fresh(int(stamp))):
            return False
        return hmac.compare_digest(sign(self.secret, stamp, body), given)

    def _is_fresh(self, stamp: int) -> bool:
        return abs(self.now() - stamp) <= MAX_AGE_SECONDS


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature Slack puts on a body at a time."""
    signed = f"{VERSION}:{stamp}:".encode() + body
    return f"{VERSION}=" + hmac.digest(secret.encode(), signed, "sha256").hex()


def _is_number(stamp: str) -> bool:
    # int() also reads "١٢٣", "1_000" and " 5 ", which Slack never sends.
    return stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12


@dataclass(frozen=True)
class Intake:
    """Takes what Slack has sent for certain. `admit` answers with what listeners get in their context, None to turn it
    away. `answered` hears of each answer: to what, its status, and after how many seconds; `around` is held until then.
    """

    app: AsyncApp
    admit: Admit
    answered: Callable[[str, int, float], None] = lambda _kind, _status, _seconds: None
    around: Callable[[], AbstractContextManager[object]] = nullcontext

    async def take(self, payload: Payload) -> BoltResponse:
        """Let the listeners answer; 400, 403 and 500 change nothing and say nothing."""
        began = time.perf_counter()
        with self.around():
            answer = await self._answer(payload)
            self.answered(str(payloads.kind_of(payload)), answer.status, time.perf_counter() - began)
        return answer

    async def _answer(self, payload: Payload) -> BoltResponse:
        if not payloads.has_its_shape(payload):
            return _turned_away(400, "shape")
        if payloads.kind_of(payload) == "url_verification":
            return BoltResponse(status=200, body={"challenge": payload["challenge"]})
        context = await self.admit(payload)
        if context is None:
            return _turned_away(403, "not ours")
        # "socket_mode" is Bolt's word for a request that is parsed and verified already.
        request = AsyncBoltRequest(body=payload, mode="socket_mode", context=context)
        try:
            answer = await self.app.async_dispatch(request)
        except Exception:
            # Bolt's own mistakes, and the database away while a refusal is put into words. The payload is not logged.
            log.exception("slack_request_crashed type=%s", payloads.kind_of(payload))
            return BoltResponse(status=500)
        if answer.status >= 400:
            log.warning("slack_request_failed status=%s type=%s", answer.status, payloads.kind_of(payload))
        return answer


@dataclass(frozen=True)
class SlackDoor:
    """The way in from Slack over HTTP."""

    signature: SlackSignature
    intake: Intake

    def answer_in(self, app: FastAPI) -> None:
        """Let an application answer at a route of its own, a plain one: nothing for FastAPI to read or describe."""
        app.add_route("/slack/events", self.receive, methods=["POST"], include_in_schema=False)

    async def receive(self, request: Request) -> Response:
        """Judge one request; 413, 401, 400 and 403 change nothing and say nothing."""
        return _response(await self._judge(request))

    async def _judge(self, request: Request) -> BoltResponse:
        try:
            body = await read_body(request, MAX_BODY)
        except BodyTooLarge:
            return BoltResponse(status=413)
        except ClientDisconnect:
            return _turned_away(400, "hung_up")
        if not self.signature.holds(request.headers, body):
            return _turned_away(401, "signature")
        try:
            payload = payloads.read(body, request.headers.get("content-type", ""))
        except Unreadable as error:
            return _turned_away(400, str(error))
        return await self.intake.take(payload)


def _turned_away(status: int, why: str) -> BoltResponse:
    log.info("slack_request_refused status=%s why=%s", status, why)
    return BoltResponse(status=status)


def _response(answer: BoltResponse) -> Response:
    headers = {name: value for name, value in answer.first_headers_without_set_cookie().items() if value}
    return Response(content=answer.body, status_code=answer.status, headers=headers)


@dataclass(frozen=True)
class Installations:
    """The workspaces we serve. `app_id` empty: a signature by our secret is proof enough of whose app it is."""

    workspaces: Workspaces
    app_id: str

    async def admit(self, payload: Payload) -> dict[str, Any] | None:
        """What listeners get in their context: the workspace and who calls. None for an app or workspace not ours."""
        if self.app_id and not _is_for(self.app_id, payload):
            return None
        team, enterprise = _team(payload), _enterprise(payload)
        workspace = await self.workspaces.by_team(team, enterprise)
        if workspace is None:
            log.warning("workspace_unknown team=%s enterprise=%s", _id(team), _id(enterprise))
            return None
        return {"workspace": workspace, "caller": caller(payload, workspace, self.workspaces)}


async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
    """Bolt's question which token to use, answered from the workspace that was found when the request was let in."""
    workspace = context["workspace"]
    return AuthorizeResult(
        enterprise_id=workspace.enterprise_id,
        team_id=workspace.team_id,
        bot_user_id=workspace.bot_user_id,
        bot_token=workspace.token,
    )


def _is_for(app_id: str, payload: Payload) -> bool:
    # A shortcut does not say of which app it is.
    said = payload.get("api_app_id")
    return said == app_id or (said is None and payloads.kind_of(payload) == "shortcut")


def _id(said: str | None) -> str | None:
    # Only workspaces that are not ours are told of here, and what they say is theirs: a log line is one line.
    return said if said is None or SLACK_ID.fullmatch(said) else "unreadable"


def _team(payload: Payload) -> str | None:
    # A modal opened through a shared channel names the presser's workspace as its team, and ours in the view.
    in_view = (payload.get("view") or {}).get("app_installed_team_id")
    return in_view or (payload.get("team") or {}).get("id") or _authorized(payload, "team_id")


def _enterprise(payload: Payload) -> str | None:
    return (payload.get("enterprise") or {}).get("id") or _authorized(payload, "enterprise_id")


def _authorized(payload: Payload, key: str) -> str | None:
    first = next(iter(payload.get("authorizations") or ()), {})
    return first.get(key) or payload.get(key)
