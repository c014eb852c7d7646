"""The home tab opened."""

from dataclasses import dataclass

from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.homes import Homes
from bot.slack.payloads import Payload


@dataclass(frozen=True)
class HomeTab:
    """Somebody looks at the app."""

    homes: Homes

    async def on_opened(self, event: Payload, context: AsyncBoltContext) -> None:
        """Somebody opened the app; only its home tab concerns us."""
        if event.get("tab") == "home" and context["caller"] is not None:
            self.homes.opened(context["caller"])
