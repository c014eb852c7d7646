"""What Slack says of the installation and of accounts: the app is uninstalled, its token revoked, somebody changed."""

from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.people import People
from bot.server.background import Tasks
from bot.slack.accounts import AccountChecks
from bot.slack.identity import Caller
from bot.slack.payloads import STANDING, Payload
from notifications.slack.workspaces import Workspaces


@dataclass(frozen=True)
class Lifecycle:
    """Slack events about the installation itself and about the accounts around it."""

    workspaces: Workspaces
    people: People
    checks: AccountChecks
    tasks: Tasks

    async def on_uninstalled(self, context: AsyncBoltContext) -> None:
        """The whole app was removed: nothing more is sent to that workspace until it is connected anew."""
        await self.workspaces.note_problem(context["workspace"].id, "app_uninstalled")

    async def on_tokens_revoked(self, event: Payload, context: AsyncBoltContext) -> None:
        """Some tokens were revoked; only a bot's concerns us, since we hold no others."""
        if (event.get("tokens") or {}).get("bot"):
            await self.workspaces.note_problem(context["workspace"].id, "token_revoked")

    async def on_user_changed(self, event: Payload, context: AsyncBoltContext) -> None:
        """Something about an account is otherwise; beside the answer it is looked at, where that may concern us."""
        by: Caller | None = context["caller"]
        if by is not None and isinstance(event["user"], dict):
            self.tasks.start(self._look(by, event["user"]))

    async def _look(self, by: Caller, said: Payload) -> None:
        person = await self.people.person_of(by.account)
        # Whoever has another status or picture is who it was: a workspace tells of hundreds of those a day.
        if person is not None and _is_another(said, person.email):
            await self.checks.look_at(by.account, is_doubted=True)


def _is_another(said: Payload, email: str) -> bool:
    """True where an account is no longer a full member's with a person's address, as far as Slack says."""
    address = (said.get("profile") or {}).get("email") or ""
    return address.casefold() != email.casefold() or any(said.get(name) for name in STANDING)
