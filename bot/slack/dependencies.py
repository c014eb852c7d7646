"""What the composition root has joined, for those parts of the site that are not handed what they use one by one."""

from dataclasses import dataclass

from bot.server.tasks import Tasks
from bot.slack.deployment import Deployment
from bot.slack.follow_up import AccountChecks, CaseFollowUp, RefusalNotes, SlackAccounts
from bot.slack.identity import People
from core.api import (
    Absences,
    Accounts,
    Administration,
    DocumentLinks,
    Identification,
    Now,
    Orders,
    PersonalLinks,
    Queries,
    RefusalLog,
)
from notifications.accounts.directory import Directory
from notifications.cards.pages import CardDrawer
from notifications.outbox.relay import Relay
from notifications.outbox.repository import CardStore
from notifications.slack.slack_gateway import Gateway
from notifications.slack.workspaces import Workspaces


@dataclass(frozen=True)
class Dependencies:
    """Joined once by the composition root; holds nothing that another process would need."""

    here: Deployment
    orders: Orders
    absences: Absences
    accounts: Accounts
    identification: Identification
    administration: Administration
    documents: DocumentLinks
    queries: Queries
    refusals: RefusalLog
    workspaces: Workspaces
    gateway: Gateway
    cards: CardStore
    pages: CardDrawer
    links: PersonalLinks
    relay: Relay
    directory: Directory
    tasks: Tasks
    now: Now

    @property
    def people(self) -> People:
        """Who presses."""
        return People(self.queries, self.now)

    @property
    def follow_up(self) -> CaseFollowUp:
        """What follows a change."""
        return CaseFollowUp(self.orders, self.relay.wake, self.tasks, self.now)

    @property
    def notes(self) -> RefusalNotes:
        """What history is told of refusals."""
        return RefusalNotes(self.refusals, self.tasks, self.now)

    @property
    def slack_accounts(self) -> SlackAccounts:
        """What is known of accounts."""
        return SlackAccounts(self.directory, self.accounts, self.relay.wake, self.now)

    @property
    def checks(self) -> AccountChecks:
        """Whose accounts are."""
        return AccountChecks(self.people, self.workspaces, self.directory, self.slack_accounts)
