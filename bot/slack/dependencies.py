"""What listeners have at hand: the use cases, the reads, and the ways out to Slack."""

import logging
from dataclasses import dataclass

from bot.server.tasks import Tasks
from core.api import (
    Absences,
    Accounts,
    ActOnCase,
    Administration,
    Case,
    CaseAdvanced,
    DocumentLinks,
    Identification,
    Identity,
    Now,
    OrderError,
    Orders,
    PersonalLinks,
    PlaceOrder,
    Queries,
    RefusalLog,
    Surface,
    Undoing,
    Undone,
    refusal_of,
    refusal_of_order,
)
from notifications.accounts.directory import Directory
from notifications.cards.pages import CardDrawer
from notifications.outbox.relay import Relay
from notifications.outbox.repository import CardStore
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.slack_gateway import Gateway
from notifications.slack.workspaces import Workspace, Workspaces

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dependencies:
    """Joined once by the composition root; holds nothing that another process would need.

    `public_url` is where the pages of this product answer, empty where nobody has said.
    `has_mail` where mail is set up.
    """

    environment: str
    portal_url: str
    public_url: str
    has_mail: bool
    orders: Orders
    absences: Absences
    accounts: Accounts
    identification: Identification
    administration: Administration
    documents: DocumentLinks
    queries: Queries
    witness: RefusalLog
    workspaces: Workspaces
    gateway: Gateway
    cards: CardStore
    pages: CardDrawer
    links: PersonalLinks
    relay: Relay
    directory: Directory
    tasks: Tasks
    now: Now

    def is_silenced(self, workspace: Workspace) -> bool:
        """True while nothing can be shown in a workspace, as far as this process has heard: its token is refused."""
        return workspace.problem is not None or self.gateway.is_refused(workspace.token)

    async def place(self, wish: PlaceOrder) -> Case:
        """Place an order as `Orders.place` does, and let history tell of one that is refused, beside the answer."""
        try:
            return await self.orders.place(wish)
        except OrderError as error:
            self.tasks.start(self.witness.refused(refusal_of_order(wish, error, self.now())))
            raise

    def moved(self, event: CaseAdvanced) -> None:
        """After a press that counted: the relay wakes, and what must be looked at again at once is."""
        self.relay.wake()
        if event.after.review_at is not None and event.after.review_at <= self.now():
            self.tasks.start(self.look_again())

    def note_refusal(self, wish: ActOnCase, error: OrderError) -> None:
        """Let history tell who was refused what, beside the answer, which waits for nothing."""
        self.tasks.start(self.witness.refused(refusal_of(wish, error, self.now())))

    async def look_at_account(self, account: Identity, *, is_doubted: bool = False) -> None:
        """Ask Slack whether an account is still what its person confirmed; otherwise it stands for nobody from now on.

        Where Slack does not say, it must be looked at before it decides what needs a look; one that is doubted, because
        Slack has told of a change, stands for nobody until its holder confirms it anew, which asks Slack again.
        """
        person, workspace = await self.queries.person_of(account), await self.workspaces.by_id(account.issuer)
        if person is None or workspace is None:
            return
        try:
            holder = await self.directory.find_by_slack_user(workspace, account.subject)
        except SlackProblem as problem:
            log.warning("account_not_looked_at workspace=%s error=%s", workspace.id, problem.error)
            if not is_doubted:
                await self.accounts.looked_at(account, None)
                return
            holder = None
        if holder is not None and holder.id == person.id:
            await self.accounts.looked_at(account, self.now())
            return
        await self.accounts.undo(person.id, Undoing(Undone.CHANGED, Surface.CLOCK), account)
        self.relay.wake()

    async def look_again(self) -> None:
        """Do at once what the clock would do at its next tick, since something around cases has changed."""
        if await self.orders.run_clock():
            self.relay.wake()
