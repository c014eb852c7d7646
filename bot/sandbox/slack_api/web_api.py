"""The Web API: one call from token to answer, through limits, scopes and faults, in the order Slack checks them."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from bot.sandbox.box import Box
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.refusals import SlackRefusal, missing_fields
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api import chat_methods, conversation_methods, people_methods, view_methods
from bot.sandbox.slack_api.call import METHODS, ApiMethod, Call
from bot.sandbox.slack_api.faults import Fault, FaultKind
from bot.sandbox.slack_api.oauth_methods import oauth_access, validate_manifest
from bot.sandbox.slack_api.wire import Arguments, read_arguments

# Calls with no token of a workspace; each is given what stands in the Authorization header.
WITHOUT_WORKSPACE: dict[str, Callable[[Box, Arguments, str], Json]] = {
    "apps.manifest.validate": validate_manifest,
    "oauth.v2.access": oauth_access,
}
# The one that is made with the app's own token, and answered with an address of ours.
CONNECT = "apps.connections.open"
HANDLERS: dict[str, Callable[[Call], Json]] = {
    "auth.test": people_methods.auth_test,
    "blocks.validate": view_methods.validate,
    "chat.delete": chat_methods.delete,
    "chat.getPermalink": chat_methods.get_permalink,
    "chat.postEphemeral": chat_methods.post_ephemeral,
    "chat.postMessage": chat_methods.post_message,
    "chat.update": chat_methods.update,
    "conversations.history": conversation_methods.history,
    "conversations.info": conversation_methods.info,
    "conversations.members": conversation_methods.members,
    "conversations.open": conversation_methods.open_conversation,
    "team.info": people_methods.team_info,
    "users.conversations": people_methods.users_conversations,
    "users.info": people_methods.users_info,
    "users.list": people_methods.users_list,
    "users.lookupByEmail": people_methods.users_lookup_by_email,
    "views.open": view_methods.open_view,
    "views.publish": view_methods.publish,
    "views.push": view_methods.push,
    "views.update": view_methods.update,
}


def web_api(box: Box) -> APIRouter:
    router = APIRouter()

    @router.api_route("/api/{name}", methods=["GET", "POST"])
    async def call(name: str, request: Request) -> Response:
        return await answer_call(box, name, request)

    return router


async def answer_call(box: Box, name: str, request: Request) -> Response:
    """Answer one call as JSON and log it."""
    entry: Json = {"n": box.traffic.next(), "at": box.now(), "team": None, "method": name, "args": {}}
    box.traffic.calls.append(entry | {"http_status": None, "ok": None, "error": None})
    entry = box.traffic.calls[-1]
    try:
        response = await _answer(box, name, request, entry)
    except SlackRefusal as refusal:
        response = JSONResponse(refusal.answer())
        entry |= {"ok": False, "error": refusal.error}
    entry["http_status"] = response.status_code
    return response


async def _answer(box: Box, name: str, request: Request, entry: Json) -> Response:
    method = METHODS.get(name)
    if method is None:
        raise SlackRefusal("unknown_method")
    args = await read_arguments(request, takes_json=method.json)
    entry["args"] = args.given
    if (answered := WITHOUT_WORKSPACE.get(name)) is not None:
        outcome = {"ok": True, **answered(box, args, request.headers.get("authorization", ""))}
        entry |= {"ok": True, "error": None, "args": {}}
        return JSONResponse(outcome)
    if name == CONNECT:
        outcome = {"ok": True, "url": _connection(box, args, str(request.base_url))}
        entry |= {"ok": True, "error": None}
        return JSONResponse(outcome)
    team = _team(box, args)
    entry["team"] = team.id
    channel = _channel(box, team, args)
    fault = box.faults.take_call(name, team.id, channel)
    if fault and fault.kind in BEFORE:
        return await _fail(box, request, fault, entry)
    if seconds := _too_fast(box, team, name, method, channel):
        return _limited(seconds, entry)
    outcome = _run(Call(box, team, args), name, method, entry)
    if fault and fault.kind is FaultKind.LATE:
        await _let_pass(box, fault.seconds)
    elif fault:
        return await _fail(box, request, fault, entry)
    scopes = {"x-oauth-scopes": ",".join(sorted(box.config.manifest.scopes))}
    return JSONResponse(outcome, headers=scopes | {"x-accepted-oauth-scopes": ",".join(method.scopes)})


def _connection(box: Box, args: Arguments, base: str) -> str:
    if not args.token:
        raise SlackRefusal("not_authed")
    if args.token != box.config.app_token:
        raise SlackRefusal("invalid_auth")
    return box.deliveries.sockets.new_url(base)


def _team(box: Box, args: Arguments) -> SandboxWorkspace:
    if not args.token:
        raise SlackRefusal("not_authed")
    team = box.world.team_of_token(str(args.token), box.now())
    if team is None:
        raise SlackRefusal("invalid_auth")
    if team.id in box.world.revoked | box.world.without_app:
        raise SlackRefusal("account_inactive")
    return team


def _channel(box: Box, team: SandboxWorkspace, args: Arguments) -> str | None:
    name = args.word("channel")
    conversation = box.world.find(team.id, name) if name else None
    return conversation.id if conversation else name


def _too_fast(box: Box, team: SandboxWorkspace, name: str, method: ApiMethod, channel: str | None) -> int | None:
    return box.limits.take(team.id, name, method.tier, channel, box.now()) if box.limits_on else None


def _run(call: Call, name: str, method: ApiMethod, entry: Json) -> Json:
    """Do what the method does. A refusal is an answer too, so that a fault can lose it."""
    try:
        call.need(*method.scopes)
        missing = [one for one in method.required if not call.args.given.get(one)]
        if missing:
            raise missing_fields(*missing)
        outcome = {"ok": True, **HANDLERS[name](call)}
    except SlackRefusal as refusal:
        outcome = refusal.answer()
    entry |= {"ok": outcome["ok"], "error": outcome.get("error")}
    return outcome


BEFORE = (FaultKind.RATELIMITED, FaultKind.SERVER_ERROR, FaultKind.TIMEOUT_BEFORE)


async def _fail(box: Box, request: Request, fault: Fault, entry: Json) -> Response:
    if fault.kind is FaultKind.RATELIMITED:
        return _limited(fault.retry_after, entry)
    if fault.kind is FaultKind.SERVER_ERROR:
        entry |= {"ok": False, "error": fault.kind.value}
        return HTMLResponse("<html><body>Server Error</body></html>", 500)
    if fault.kind in (FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER):
        await _hang(request, box.config.hang)
    if transport := getattr(request.state, "transport", None):
        transport.abort()
    entry["error"] = entry["error"] or fault.kind.value
    return Response(status_code=500)


async def _let_pass(box: Box, seconds: float) -> None:
    """Wait until the sandbox's clock says that so many seconds have passed."""
    until = box.now() + seconds
    while box.now() < until:  # noqa: ASYNC110 - a clock that tests move tells nobody
        await asyncio.sleep(0.02)


async def _hang(request: Request, seconds: float) -> None:
    """Hold the connection until the client gives up, or for so many seconds."""
    try:
        await asyncio.wait_for(request.receive(), seconds)
    except TimeoutError:
        return


def _limited(seconds: int, entry: Json) -> Response:
    entry |= {"ok": False, "error": "ratelimited"}
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": str(seconds)})
