"""What follows beside an answer: people are told of a change, history of a refusal, and accounts are looked at."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.server.tasks import Tasks
from bot.slack.identity import Caller, People
from core.api import (
    Accounts,
    ActOnCase,
    Case,
    CaseAdvanced,
    Identity,
    Now,
    OrderError,
    Orders,
    PersonId,
    PlaceOrder,
    RefusalLog,
    Surface,
    Undoing,
    Undone,
    refusal_of,
    refusal_of_order,
)
from notifications.accounts.directory import Directory
from notifications.accounts.links import Link
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.workspaces import Workspaces

log = logging.getLogger(__name__)

# Lets the relay look at once for cards that are due.
Wake = Callable[[], None]


@dataclass(frozen=True)
class RefusalNotes:
    """Lets history tell who was refused what, beside the answer, which waits for nothing."""

    refusals: RefusalLog
    tasks: Tasks
    now: Now

    def action(self, command: ActOnCase, error: OrderError) -> None:
        """Note a refused action on a case."""
        self.tasks.start(self.refusals.refused(refusal_of(command, error, self.now())))

    def order(self, command: PlaceOrder, error: OrderError) -> None:
        """Note an order that was not taken."""
        self.tasks.start(self.refusals.refused(refusal_of_order(command, error, self.now())))


@dataclass(frozen=True)
class CaseFollowUp:
    """What follows a change: the relay wakes, and what must be looked at again at once is."""

    orders: Orders
    wake: Wake
    tasks: Tasks
    now: Now

    def moved(self, event: CaseAdvanced) -> None:
        """Follow a press that counted."""
        self.wake()
        if event.after.review_at is not None and event.after.review_at <= self.now():
            self.look_again_beside()

    def look_again_beside(self) -> None:
        """Begin to look again, beside the answer."""
        self.tasks.start(self.look_again())

    async def look_again(self) -> None:
        """Do at once what the clock would do at its next tick, since something around cases has changed."""
        if await self.orders.run_clock():
            self.wake()


@dataclass(frozen=True)
class OrderPlacing:
    """Places orders; one that is refused is told to history."""

    orders: Orders
    notes: RefusalNotes
    wake: Wake

    async def place(self, command: PlaceOrder) -> Case:
        """Place an order as `Orders.place` does."""
        try:
            case = await self.orders.place(command)
        except OrderError as error:
            self.notes.order(command, error)
            raise
        self.wake()
        return case


@dataclass(frozen=True)
class SlackAccounts:
    """Keeps what is known of accounts: what their holders answered, and what Slack said of them."""

    directory: Directory
    accounts: Accounts
    wake: Wake
    now: Now

    async def confirm(self, by: Caller) -> Link | None:
        """Keep a yes, once Slack says again whose the account is; None where nobody asked. Raises SlackProblem."""
        return await self.directory.confirm_link(by.workspace, by.user, self.now())

    async def decline(self, by: Caller) -> Link | None:
        """Keep a no; None where nobody asked."""
        return await self.directory.answer_link(by.account, yes=False, at=self.now())

    async def bar(self, person: PersonId, account: Identity) -> None:
        """End a link whose holder says that the account is somebody else's."""
        await self.accounts.undo(person, Undoing(Undone.NOT_ME, Surface.SLACK), account)

    async def looked_at(self, account: Identity, *, is_answered: bool) -> None:
        """Keep that an account was found as it should be, or that Slack did not say."""
        await self.accounts.looked_at(account, self.now() if is_answered else None)

    async def unlink_changed(self, person: PersonId, account: Identity) -> None:
        """End a link whose account is not any longer what the person confirmed; who is concerned is told."""
        await self.accounts.undo(person, Undoing(Undone.CHANGED, Surface.CLOCK), account)
        self.wake()


@dataclass(frozen=True)
class AccountChecks:
    """Asks Slack whether an account is still what its person confirmed."""

    people: People
    workspaces: Workspaces
    directory: Directory
    accounts: SlackAccounts

    async def look_at(self, account: Identity, *, is_doubted: bool = False) -> None:
        """Look at an account; one that is another's by now stands for nobody from now on.

        Where Slack does not say, it must be looked at before it decides what needs a look; one that is doubted, because
        Slack has told of a change, stands for nobody until its holder confirms it anew, which asks Slack again.
        """
        person, workspace = await self.people.person_of(account), await self.workspaces.by_id(account.issuer)
        if person is None or workspace is None:
            return
        try:
            holder = await self.directory.find_by_slack_user(workspace, account.subject)
        except SlackProblem as problem:
            log.warning("account_not_looked_at workspace=%s error=%s", workspace.id, problem.error)
            if not is_doubted:
                await self.accounts.looked_at(account, is_answered=False)
                return
            holder = None
        if holder is not None and holder.id == person.id:
            await self.accounts.looked_at(account, is_answered=True)
            return
        await self.accounts.unlink_changed(person.id, account)
