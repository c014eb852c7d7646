"""Socket Mode: what Slack sends comes over a connection that we open, where no address of ours can be reached."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic

from slack_bolt import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import payloads
from bot.slack.payloads import Payload, Unreadable
from bot.slack.route import Intake
from core.api import HEALTHY, FaultCode, NoteFinding, Now, PartFinding, failing, new_press_id, under_press

log = logging.getLogger(__name__)

# How often the connection is looked at, and for how long the client may mend it itself: it tries an address that Slack
# has given until it answers, and such an address does not live for ever.
LOOK_SECONDS, MEND_SECONDS = 1.0, 10.0
# Between two clients: a token that is refused, or a Slack that is not there, is not asked without a pause.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# A connection is opened anew every few hours, and that takes a moment.
A_WHILE = timedelta(seconds=30)
# Slack waits for an answer for three seconds.
FAREWELL_SECONDS = 3.0


class SocketWatch:
    """Implements core.api.HealthCheck: is there a connection over which Slack can send? `note` hears of each change."""

    def __init__(self, now: Now, note: NoteFinding) -> None:
        self._now = now
        self._note = note
        self._away_since: datetime | None = now()
        self._was_there = False

    def record(self, *, is_there: bool) -> None:
        """Record whether there is one now."""
        self._was_there = self._was_there or is_there
        self._away_since = None if is_there else self._away_since or self._now()
        self._note(self._finding())

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck. One that comes and goes is none to tell of."""
        return self._finding()

    def _finding(self) -> PartFinding:
        since = self._away_since
        if since is None or (self._was_there and self._now() - since < A_WHILE):
            return HEALTHY
        return failing(FaultCode.SOCKET_LOST, since=since)


class SlackSocket:
    """The way in from Slack over connections of ours, made with the app's own token (`xapp-`)."""

    def __init__(self, intake: Intake, token: str, api_url: str, watch: SocketWatch) -> None:
        self._intake = intake
        self._token = token
        self._api_url = api_url
        self._watch = watch
        self._answering: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """Stay connected until cancelled; then what has come is answered first."""
        pause = FIRST_PAUSE
        while True:
            async with self._connected() as client:
                was_connected = await self._until_lost(client)
            pause = FIRST_PAUSE if was_connected else min(pause * 2, LONGEST_PAUSE)
            log.warning("socket_opened_anew pause=%s", pause)
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SocketModeClient]:
        client = SocketModeClient(self._token, logger=_quiet(), web_client=AsyncWebClient(base_url=self._api_url))
        client.socket_mode_request_listeners.append(self._on_request)
        connecting = asyncio.create_task(client.connect(), name="socket")
        try:
            yield client
        finally:
            connecting.cancel()
            if client.message_receiver is not None:
                client.message_receiver.cancel()
            if self._answering:
                await asyncio.wait(self._answering, timeout=FAREWELL_SECONDS)
            await client.close()

    async def _until_lost(self, client: SocketModeClient) -> bool:
        """Look until the client has been without a connection for too long; say whether it ever had one."""
        last, was_there, was_connected = monotonic(), False, False
        while monotonic() - last < MEND_SECONDS:
            is_there = await client.is_connected()
            self._watch.record(is_there=is_there)
            if is_there:
                last = monotonic()
            if is_there != was_there:
                log.info("socket_connected" if is_there else "socket_lost")
            was_there, was_connected = is_there, was_connected or is_there
            await asyncio.sleep(LOOK_SECONDS)
        return was_connected

    async def _on_request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.create_task(self._answer(client, request), name="socket request")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await asyncio.shield(task)

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        with under_press(new_press_id()):
            answer = await self._take(request.payload)
        # What is not answered is a failure to Slack: it says so to whoever pressed, and sends an event again.
        if answer.status == 200:
            await client.send_socket_mode_response({"envelope_id": request.envelope_id} | _payload(answer))

    async def _take(self, said: Payload) -> BoltResponse:
        try:
            return await self._intake.take(payloads.of_socket(said))
        except Unreadable as error:
            log.info("slack_request_refused status=400 why=%s", error)
            return BoltResponse(status=400)


def _payload(answer: BoltResponse) -> dict[str, object]:
    """The answer as an envelope has it: JSON as it is, words as a message's text."""
    if not answer.body:
        return {}
    is_json = answer.headers.get("content-type", [""])[0].startswith("application/json")
    return {"payload": json.loads(answer.body) if is_json else {"text": answer.body}}


def _quiet() -> logging.Logger:
    """A logger for the client, which writes what people sent at its lowest level, and a traceback at each try."""
    quiet = logging.getLogger("slack_sdk.socket_mode")
    quiet.setLevel(logging.CRITICAL)
    return quiet
