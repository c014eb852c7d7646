"""`POST /slack/events`: size, signature, age and shape are judged before anything of ours, or of Bolt's, runs."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.requests import ClientDisconnect

from bot.server.bodies import BodyTooLarge, read_body
from bot.slack import payloads
from bot.slack.payloads import Payload, Unreadable
from bot.slack.signature import SlackSignature

log = logging.getLogger(__name__)

# Slack's largest view is 250 KB; its escaping in a form can triple that.
MAX_BODY = 1_000_000

Admit = Callable[[Payload], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True)
class SlackDoor:
    """The one way in from Slack. `admit` answers with what listeners get in their context, None to turn it away."""

    signature: SlackSignature
    app: AsyncApp
    admit: Admit

    def router(self) -> APIRouter:
        """The route, a plain one: it has nothing that FastAPI would have to read, check or describe."""
        router = APIRouter()
        router.add_route("/slack/events", self.receive, methods=["POST"], include_in_schema=False)
        return router

    async def receive(self, request: Request) -> Response:
        """Judge one request; 413, 401, 400 and 403 change nothing and say nothing."""
        try:
            body = await read_body(request, MAX_BODY)
        except BodyTooLarge:
            return Response(status_code=413)
        except ClientDisconnect:
            return _turned_away(400, "hung_up")
        if not self.signature.holds(request.headers, body):
            return _turned_away(401, "signature")
        try:
            payload = payloads.read(body, request.headers.get("content-type", ""))
        except Unreadable as error:
            return _turned_away(400, str(error))
        if not payloads.has_its_shape(payload):
            return _turned_away(400, "shape")
        if payloads.kind_of(payload) == "url_verification":
            return JSONResponse({"challenge": payload["challenge"]})
        return await self._hand_over(payload)

    async def _hand_over(self, payload: Payload) -> Response:
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
            return Response(status_code=500)
        if answer.status >= 400:
            log.warning("slack_request_failed status=%s type=%s", answer.status, payloads.kind_of(payload))
        return _response(answer)


def _turned_away(status: int, why: str) -> Response:
    log.info("slack_request_refused status=%s why=%s", status, why)
    return Response(status_code=status)


def _response(answer: BoltResponse) -> Response:
    headers = {name: value for name, value in answer.first_headers_without_set_cookie().items() if value}
    return Response(content=answer.body, status_code=answer.status, headers=headers)
