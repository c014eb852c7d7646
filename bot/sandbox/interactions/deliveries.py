"""Sending to the app as Slack does, signed to its request URL or over its own connections: three seconds to answer, and
failed events sent again.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.config import SandboxConfig
from bot.sandbox.interactions.sockets import Sockets
from bot.sandbox.interactions.traffic import LoggedDelivery, Traffic
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.faults import Faults
from bot.sandbox.world.world import Clock

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# The interactions that people repeat by mistake, and that a fault can therefore double.
DOUBLED = ("block_actions", "view_submission")


class Deliveries:
    def __init__(self, config: SandboxConfig, clock: Clock, traffic: Traffic, faults: Faults) -> None:
        self._config = config
        self._clock = clock
        self._traffic = traffic
        self._faults = faults
        self._session: aiohttp.ClientSession | None = None
        self._later: set[asyncio.Task[None]] = set()
        self.sockets = Sockets(config.app_id)

    async def interact(self, team: str, user: str, payload: Json, channel: str | None = None) -> LoggedDelivery:
        """Send an interaction, twice where that fault is on; the first answer counts."""
        raw = urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
        sent = await self._send(payload["type"], team, user, payload, raw, self._sign(raw, FORM))
        if payload["type"] in DOUBLED and self._faults.take_duplicate(team, channel):
            await self.repeat(sent)
        return sent

    async def command(self, team: str, user: str, form: dict[str, str]) -> LoggedDelivery:
        raw = urlencode(form).encode()
        return await self._send("slash_command", team, user, form, raw, self._sign(raw, FORM))

    async def event(self, team: str, user: str, envelope: Json) -> LoggedDelivery:
        """Send an event; what fails is sent again in the background, after each of the configured delays."""
        raw = json.dumps(envelope, ensure_ascii=False).encode()
        kind = envelope.get("event", envelope)["type"]
        sent = await self._send(kind, team, user, envelope, raw, self._sign(raw, JSON))
        if self._faults.take_duplicate(team, None):
            await self.repeat(sent)
        if not (sent.ok or sent.gives_up) and envelope["type"] == "event_callback":
            self._in_background(self._retry(sent))
        return sent

    async def repeat(
        self, sent: LoggedDelivery, *, fresh: bool = False, headers: Mapping[str, str] | None = None
    ) -> LoggedDelivery:
        """Send the same bytes again; with the old signature, or signed anew."""
        signed = self._sign(sent.raw, sent.headers["Content-Type"]) if fresh else sent.headers
        return await self._send(sent.type, sent.team, sent.user, sent.body, sent.raw, {**signed, **(headers or {})})

    def forget(self) -> None:
        """Give up what was still to be sent again."""
        for task in self._later:
            task.cancel()

    async def close(self) -> None:
        self.forget()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _retry(self, sent: LoggedDelivery) -> None:
        for number, delay in enumerate(self._config.retry_delays, start=1):
            await asyncio.sleep(delay)
            headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": sent.failure}
            sent = await self.repeat(sent, fresh=True, headers=headers)
            if sent.ok or sent.gives_up:
                return

    async def _send(
        self, kind: str, team: str, user: str, body: Any, raw: bytes, headers: Mapping[str, str]
    ) -> LoggedDelivery:
        sent = LoggedDelivery(self._traffic.next(), self._clock(), kind, team, user, body, raw, headers)
        self._traffic.deliveries.append(sent)
        started = time.perf_counter()
        if self._config.manifest.socket_mode:
            await self.sockets.send(sent, self._config.ack_timeout)
        else:
            await self._exchange(sent)
        sent.ms = round((time.perf_counter() - started) * 1000)
        return sent

    async def _exchange(self, sent: LoggedDelivery) -> None:
        timeout = aiohttp.ClientTimeout(total=self._config.ack_timeout)
        try:
            async with self._connections().post(
                self._config.request_url, data=sent.raw, headers=sent.headers, timeout=timeout, allow_redirects=False
            ) as response:
                text = await response.text()
        except TimeoutError:
            sent.failure = "http_timeout"
        except aiohttp.ClientError:
            sent.failure = "connection_failed"
        else:
            sent.status, sent.answer = response.status, _json_or_text(text)
            sent.failure = "" if sent.ok else "http_error"
            sent.gives_up = response.headers.get("X-Slack-No-Retry") == "1"

    def _sign(self, raw: bytes, content_type: str) -> dict[str, str]:
        stamp = str(int(self._clock()))
        base = b"v0:" + stamp.encode() + b":" + raw
        digest = hmac.new(self._config.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        }

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
