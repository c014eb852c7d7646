"""The app is uninstalled, or its token revoked: nothing more is sent to that workspace until it is connected anew."""

from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.payloads import Payload
from notifications.workspaces import Workspaces


@dataclass(frozen=True)
class Lifecycle:
    """Slack events about the installation itself."""

    workspaces: Workspaces

    async def on_uninstalled(self, context: AsyncBoltContext) -> None:
        """The whole app was removed."""
        await self.workspaces.note_problem(context["workspace"].id, "app_uninstalled")

    async def on_tokens_revoked(self, event: Payload, context: AsyncBoltContext) -> None:
        """Some tokens were revoked; only a bot's concerns us, since we hold no others."""
        if (event.get("tokens") or {}).get("bot"):
            await self.workspaces.note_problem(context["workspace"].id, "token_revoked")
