"""The whole sandbox in one piece: its world, its clock and everything that acts on them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from bot.sandbox.config import SandboxConfig, SandboxWorkspace
from bot.sandbox.interactions.deliveries import Deliveries
from bot.sandbox.interactions.payloads import Actor, event
from bot.sandbox.interactions.traffic import LoggedDelivery, Traffic
from bot.sandbox.refusals import NotThere
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.faults import Faults, RateLimits
from bot.sandbox.slack_api.tickets import Response, Tickets, Trigger
from bot.sandbox.world.board import Board
from bot.sandbox.world.journal import Journal
from bot.sandbox.world.mailbox import Mailbox
from bot.sandbox.world.views import Views
from bot.sandbox.world.world import Clock, Conversation, World

# Says what the sandbox is in a language: "sv" or "en".
Speaking = Callable[[str], Awaitable[SandboxConfig]]


class Box:
    def __init__(self, config: SandboxConfig, clock: Clock, speaking: Speaking | None = None) -> None:
        self.config = config
        self._language, self._speaking, self._one_at_a_time = "sv", speaking, asyncio.Lock()
        self.now = clock
        self.journal = Journal()
        self.traffic = Traffic()
        self.faults = Faults()
        self.deliveries = Deliveries(config, clock, self.traffic, self.faults)
        self.mailbox = Mailbox(clock)
        self.reset()

    def reset(self) -> None:
        """Go back to the state it started in; open streams stay and are told."""
        self.world = World(self.config, self.now())
        self.board = Board(self.world, self.journal, self.now)
        self.views = Views(self.journal, self.now)
        self.tickets = Tickets(self.config.trigger_seconds)
        self.limits = RateLimits()
        self.limits_on = self.config.limits
        self.faults.plan([])
        self.deliveries.forget()
        self.traffic.forget()
        self.mailbox.forget()
        self.journal.forget()

    async def speak(self, accepted: str) -> None:
        """Let people speak the language of a browser, by its Accept-Language, where the sandbox can speak another."""
        language = language_of(accepted)
        async with self._one_at_a_time:
            if self._speaking is None or language == self._language:
                return
            self.config, self._language = await self._speaking(language), language
            self.world.meet(self.config)

    def actor(self, team: str, user: str, towards: SandboxWorkspace | None = None) -> Actor:
        """Return a living person of a workspace, acting towards its own app or another's."""
        person = self.world.people.get(user)
        if person is None or person.is_bot or person.deleted or self.world.home_team[user] != team:
            raise NotThere("person", user)
        home = self.world.teams[team]
        return Actor(person, home.home_of(user), towards or home, self.config.app_id)

    def conversation(self, user: str, channel: str) -> Conversation:
        """Return a conversation that a person is in."""
        conversation = self.world.conversations.get(channel)
        if conversation is None or user not in conversation.members:
            raise NotThere("conversation", channel)
        return conversation

    def trigger(self, team: str, user: str, view: str | None = None) -> str:
        return self.tickets.new_trigger(Trigger(team, user, view, self.now()))

    def response_url(self, base: str, to: Conversation, user: str, ts: str | None, thread_ts: str | None = None) -> str:
        ticket = self.tickets.new_response(Response(to.team, user, to.id, ts, self.now(), thread_ts))
        return f"{base.rstrip('/')}/response/{ticket}"

    async def send_event(self, team: SandboxWorkspace, user: str, inner: Json) -> LoggedDelivery | None:
        """Send an event that the app subscribes to; others are not sent at all, nor any from where it is not."""
        return None if team.id in self.world.without_app else await self._send_event(team, user, inner)

    async def uninstall(self, team: SandboxWorkspace) -> LoggedDelivery | None:
        """Take the app away from a workspace; that is the last it hears from there."""
        self.world.uninstall(team.id)
        return await self._send_event(team, "", {"type": "app_uninstalled"})

    async def _send_event(self, team: SandboxWorkspace, user: str, inner: Json) -> LoggedDelivery | None:
        if _subscription(inner) not in self.config.manifest.bot_events:
            return None
        stamped = {"event_ts": f"{self.now():.6f}", **inner}
        envelope = event(team, team.home_of(user), self.config.app_id, stamped, self.now())
        return await self.deliveries.event(team.id, user, envelope)

    def complain(self, user: str, text: str) -> None:
        """Show a person what Slack shows when an app fails."""
        self.journal.tell(user, "error", text=text)


def language_of(accepted: str) -> str:
    """Return the language of a browser, by its Accept-Language: Swedish, else English."""
    return "sv" if accepted.lower().startswith("sv") or not accepted else "en"


def _subscription(inner: Json) -> str:
    kinds = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}
    return kinds[inner["channel_type"]] if inner["type"] == "message" else inner["type"]


def new_id() -> str:
    """Return an id such as Slack fills in where a block or element has none."""
    return secrets.token_urlsafe(4)[:5]
