"""What Slack hands out for a short while: trigger ids (3 s, one use) and response URLs (30 min, five uses)."""

import secrets
from dataclasses import dataclass

from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json

RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5
KEPT = 10_000


@dataclass
class Trigger:
    """A trigger id given to one workspace's app for what one person did, perhaps inside a view."""

    team: str
    user: str
    view: str | None
    at: float
    used: bool = False


@dataclass
class Response:
    """A response URL: where it posts, for whom, and which message it may replace."""

    team: str
    user: str
    channel: str
    ts: str | None
    at: float
    thread_ts: str | None = None
    uses: int = 0


class Tickets:
    def __init__(self, trigger_seconds: float) -> None:
        self._trigger_seconds = trigger_seconds
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, Response] = {}

    def new_trigger(self, trigger: Trigger) -> str:
        ticket = f"{int(trigger.at * 1000)}.{secrets.randbelow(10**10):010}.{secrets.token_hex(16)}"
        _keep(self._triggers, ticket, trigger)
        return ticket

    def exchange(self, ticket: str, team: str, now: float) -> Trigger:
        """Use a trigger id up; refuses with invalid_, exchanged_ or expired_trigger_id."""
        trigger = self._triggers.get(ticket)
        if trigger is None or trigger.team != team:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.used:
            raise SlackRefusal("exchanged_trigger_id")
        if now - trigger.at > self._trigger_seconds:
            raise SlackRefusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def new_response(self, response: Response) -> str:
        ticket = secrets.token_urlsafe(18)
        _keep(self._responses, ticket, response)
        return ticket

    def respond(self, ticket: str, now: float) -> Response:
        """Look a response URL up; refuses with used_url or expired_url. The caller counts the use."""
        response = self._responses.get(ticket)
        if response is None or now - response.at > RESPONSE_SECONDS:
            raise SlackRefusal("expired_url")
        if response.uses >= RESPONSE_USES:
            raise SlackRefusal("used_url")
        return response


def _keep(store: Json, ticket: str, value: Trigger | Response) -> None:
    if len(store) >= KEPT:
        del store[next(iter(store))]
    store[ticket] = value
