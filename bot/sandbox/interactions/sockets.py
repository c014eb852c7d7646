"""Socket Mode: connections that the app opens, over which it is sent what else goes to its request URL."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from bot.sandbox.interactions.traffic import LoggedDelivery
from bot.sandbox.shapes import Json

# Slack's own word for each kind of envelope; what is none of these is an interaction.
ENVELOPES = {"slash_command": "slash_commands", "event_callback": "events_api"}
# An event's answer holds nothing.
TAKES_NO_PAYLOAD = "events_api"


@dataclass
class Sockets:
    """The connections that are open, and the answers that are waited for. A ticket opens one connection, once."""

    app_id: str
    tickets: set[str] = field(default_factory=set)
    connections: list[WebSocket] = field(default_factory=list)
    answers: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    opened: int = 0

    def new_url(self, base: str) -> str:
        """Return where the next connection is opened."""
        ticket = secrets.token_urlsafe(12)
        self.tickets.add(ticket)
        return f"{base.replace('http', 'ws', 1).rstrip('/')}/link/?ticket={ticket}&app_id={self.app_id}"

    async def send(self, sent: LoggedDelivery, seconds: float) -> None:
        """Send over the connection that has waited the longest, and wait for its answer."""
        if not self.connections:
            sent.failure = "no_connection"
            return
        self.connections.append(connection := self.connections.pop(0))
        name = secrets.token_urlsafe(12)
        answer = self.answers[name] = asyncio.get_running_loop().create_future()
        try:
            await connection.send_text(json.dumps(_envelope(name, sent), ensure_ascii=False))
            sent.answer = (await asyncio.wait_for(answer, seconds)).get("payload", "")
        except TimeoutError:
            sent.failure = "timeout"
        except (RuntimeError, WebSocketDisconnect):
            sent.failure = "connection_failed"
        else:
            sent.status = 200
        finally:
            del self.answers[name]

    async def talk(self, connection: WebSocket) -> None:
        """Say hello, and take answers until the app is gone."""
        await connection.accept()
        hello = {"type": "hello", "num_connections": len(self.connections) + 1}
        about = {"host": "applink-1", "approximate_connection_time": 18060}
        await connection.send_json({**hello, "debug_info": about, "connection_info": {"app_id": self.app_id}})
        self.connections.append(connection)
        self.opened += 1
        try:
            while True:
                said = json.loads(await connection.receive_text())
                if answer := self.answers.get(said["envelope_id"]):
                    answer.set_result(said)
        except WebSocketDisconnect:
            return
        finally:
            self.connections.remove(connection)

    async def refresh(self, *, politely: bool) -> int:
        """Ask every connection to be opened anew, or end each without a word; say how many there were."""
        for connection in (open_ := tuple(self.connections)):
            if politely:
                about = {"host": "applink-1"}
                await connection.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": about})
            else:
                await connection.close()
        return len(open_)


def socket_pages(sockets: Sockets) -> APIRouter:
    """Return where connections are opened."""
    router = APIRouter()

    @router.websocket("/link/")
    async def link(connection: WebSocket, ticket: str) -> None:
        if ticket in sockets.tickets:
            sockets.tickets.remove(ticket)
            await sockets.talk(connection)

    return router


def _envelope(name: str, sent: LoggedDelivery) -> Json:
    kind = ENVELOPES.get(sent.type) or ENVELOPES.get(sent.body.get("type", ""), "interactive")
    again = int(sent.headers.get("X-Slack-Retry-Num", 0))
    envelope = {
        "envelope_id": name,
        "payload": sent.body,
        "type": kind,
        "accepts_response_payload": kind != TAKES_NO_PAYLOAD,
    }
    if kind == TAKES_NO_PAYLOAD:
        envelope |= {"retry_attempt": again, "retry_reason": sent.headers.get("X-Slack-Retry-Reason", "")}
    return envelope
