"""Accounts in Slack: what their holders answered of them, and whether Slack still says the same."""

from dataclasses import dataclass

from bot.acts.people import People
from bot.server.background import Wake
from bot.slack.identity import Caller
from core.api import (
    Accounts,
    Identity,
    Now,
    Person,
    PersonId,
    Surface,
    Undoing,
    Undone,
)
from notifications.accounts.account_links import Link
from notifications.accounts.directory import Directory
from notifications.accounts.holder import NotSaid
from notifications.slack.workspaces import Workspaces


@dataclass(frozen=True)
class SlackAccounts:
    """Keeps what is known of accounts: what their holders answered, and what Slack said of them."""

    directory: Directory
    accounts: Accounts
    wake: Wake
    now: Now

    async def confirm(self, by: Caller) -> Link | None:
        """Keep a yes, once its Slack says again whose the account is; None where nobody asked. Raises SlackProblem."""
        if not by.is_at_home:
            return None
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

    async def look_at(self, account: Identity, *, is_said_otherwise: bool = False) -> None:
        """Look at an account; one that is another's by now stands for nobody from now on.

        Where Slack does not say, it must be looked at before it decides what needs a look. One that Slack has just told
        of as another (`is_said_otherwise`) stands for nobody then, until its holder confirms it anew.
        """
        person, workspace = await self.people.person_of(account), await self.workspaces.by_id(account.issuer)
        if person is None or workspace is None:
            return
        match await self.directory.find_by_slack_user(workspace, account.subject):
            case Person(id=person.id):
                await self.accounts.looked_at(account, is_answered=True)
            case NotSaid() if not is_said_otherwise:
                await self.accounts.looked_at(account, is_answered=False)
            case _:
                await self.accounts.unlink_changed(person.id, account)
