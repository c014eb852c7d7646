"""A small real app that stands at the other end of the sandbox's deliveries and checks every signature."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from slack_sdk.signature import Clock, SignatureVerifier

from tests.sandbox.places import PATIENCE, SECRET, FakeClock


@dataclass(frozen=True)
class Received:
    raw: bytes
    headers: dict[str, str]
    said: dict[str, Any]

    @property
    def kind(self) -> str:
        if "command" in self.said:
            return "slash_command"
        return self.said.get("event", self.said)["type"]


@dataclass
class Receiver:
    """What came, and what is answered to each kind: status 200 and nothing, unless told otherwise."""

    clock: FakeClock
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    arrived: Condition = field(default_factory=Condition, repr=False)

    def forget(self) -> None:
        self.received.clear()
        self.answers.clear()
        self.hanging.clear()

    def says(self, kind: str, body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> None:
        make = JSONResponse if isinstance(body, dict) else PlainTextResponse
        self.answers[kind] = lambda: make(body or "", status, headers)

    def of(self, kind: str) -> list[Received]:
        return [one for one in self.received if one.kind == kind]

    def last(self, kind: str) -> dict[str, Any]:
        """The latest of a kind, waited for: the sandbox may have answered before it came."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.of(kind), PATIENCE)
        return self.of(kind)[-1].said

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/slack/events")
        async def receive(request: Request) -> Response:
            return await self._take(request)

        return app

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        headers = dict(request.headers)
        verifier = SignatureVerifier(SECRET, _Now(self.clock))
        if not verifier.is_valid_request(raw, headers):
            return PlainTextResponse("bad signature", 401)
        received = Received(raw, headers, _parsed(raw, headers["content-type"]))
        with self.arrived:
            self.received.append(received)
            self.arrived.notify_all()
        if received.kind in self.hanging:
            await request.receive()
        return self.answers.get(received.kind, PlainTextResponse)()


class _Now(Clock):
    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock()


def _parsed(raw: bytes, kind: str) -> dict[str, Any]:
    if kind == "application/json":
        return json.loads(raw)
    form = {name: values[0] for name, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
    return json.loads(form["payload"]) if "payload" in form else form
