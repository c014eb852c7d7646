"""What listeners have at hand: the use cases, the reads, and the ways out to Slack."""

from dataclasses import dataclass

from bot.tasks import Tasks
from core.api import Absences, Administration, Identification, Now, Orders, PersonalLinks, Queries, Witness
from notifications.cards import CardStore
from notifications.directory import Directory
from notifications.pages import Pages
from notifications.relay import Relay
from notifications.slack_gateway import Gateway
from notifications.workspaces import Workspaces


@dataclass(frozen=True)
class Desk:
    """Joined once by the composition root; holds nothing that another process would need."""

    environment: str
    portal_url: str
    orders: Orders
    absences: Absences
    identification: Identification
    administration: Administration
    queries: Queries
    witness: Witness
    workspaces: Workspaces
    gateway: Gateway
    cards: CardStore
    pages: Pages
    links: PersonalLinks
    relay: Relay
    directory: Directory
    tasks: Tasks
    now: Now

    async def look_again(self) -> None:
        """Do at once what the clock would do at its next tick, since something around cases has changed."""
        if await self.orders.run_clock():
            self.relay.wake()
