"""What Slack says of the installation and of accounts: the app is uninstalled, its token revoked, somebody changed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.people import People
from bot.server.background import Tasks
from bot.slack.accounts import AccountChecks
from bot.slack.identity import Caller
from bot.slack.payloads import STANDING, Payload
from bot.slack.switch import SlackSwitch
from notifications.slack.workspaces import REVOKED, UNINSTALLED


@dataclass(frozen=True)
class Lifecycle:
    """Slack events about the installation itself and about the accounts around it."""

    switch: SlackSwitch
    people: People
    checks: AccountChecks
    tasks: Tasks

    async def on_uninstalled(self, body: Payload, context: AsyncBoltContext) -> None:
        """The whole app was removed: nothing more is sent to that workspace until it is connected anew."""
        await self._note(UNINSTALLED, body, context)

    async def on_tokens_revoked(self, event: Payload, body: Payload, context: AsyncBoltContext) -> None:
        """Some tokens were revoked; only a bot's concerns us, since we hold no others."""
        if (event.get("tokens") or {}).get("bot"):
            await self._note(REVOKED, body, context)

    async def _note(self, problem: str, body: Payload, context: AsyncBoltContext) -> None:
        # Slack tells again of what was not acknowledged, and the app may have been installed anew meanwhile.
        await self.switch.off(context["workspace"].id, problem, since=_happened(body))

    async def on_user_changed(self, event: Payload, context: AsyncBoltContext) -> None:
        """Something about an account is otherwise; beside the answer it is looked at, where that may concern us."""
        by: Caller | None = context["caller"]
        if by is not None and isinstance(event["user"], dict):
            self.tasks.start(self._look(by, event["user"]))

    async def _look(self, by: Caller, said: Payload) -> None:
        person = await self.people.person_of(by.account)
        # Whoever has another status or picture is who it was: a workspace tells of hundreds of those a day.
        if person is not None and not _is_as_before(said, person.email):
            await self.checks.look_at(by.account, is_said_otherwise=_is_another(said, person.email))


def _happened(body: Payload) -> datetime | None:
    """Return the end of the second in which Slack says that an event happened."""
    at = body.get("event_time")
    return datetime.fromtimestamp(at + 1, UTC) if isinstance(at, int) else None


def _is_as_before(said: Payload, email: str) -> bool:
    """True where an account is a full member's with a person's address; where Slack says no address, that is open."""
    return bool(_address(said)) and not _is_another(said, email)


def _is_another(said: Payload, email: str) -> bool:
    """True where Slack says that an account is no longer a full member's with a person's address."""
    return _address(said) not in {"", email.casefold()} or any(said.get(name) for name in STANDING)


def _address(said: Payload) -> str:
    return ((said.get("profile") or {}).get("email") or "").casefold()
