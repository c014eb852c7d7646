"""The page behind the link of a mail that tells of a Slack account: that it is not the person's, or is after all."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from bot.server.background import Wake
from bot.web.forms import button_of, read_form
from bot.web.pages import Pages
from core.api import (
    Accounts,
    Allowing,
    Identity,
    LinkUnknown,
    PersonalLinks,
    PersonId,
    Queries,
    Surface,
    Undoing,
    Undone,
    account_named,
)
from notifications.mail.link_addresses import ACCOUNT
from notifications.outbox.repository import CardStore
from notifications.rules.announcements import OF_ACCOUNTS
from notifications.slack.workspaces import Workspaces

PATH = ACCOUNT + "/{token}"


@dataclass(frozen=True)
class AccountMails:
    """Reads which account a mail told of."""

    links: PersonalLinks
    cards: CardStore

    async def open(self, token: str) -> tuple[PersonId, Identity]:
        """Return whose the mail was, and its account. Raises LinkUnknown, also once the mail is long gone."""
        card = await self.cards.find(self.links.card_sealed_in(token))
        if card is None or card.kind not in OF_ACCOUNTS or card.person is None or card.about is None:
            raise LinkUnknown
        return card.person, account_named(card.about)


@dataclass(frozen=True)
class AccountStanding:
    """Whose an account is now: `workspace` is what its workspace is called, empty for an unknown one."""

    is_linked: bool
    is_barred: bool
    workspace: str


@dataclass(frozen=True)
class MailedAccounts:
    """Unlinks accounts, and lets them be linked again, as people ask by mail."""

    accounts: Accounts
    queries: Queries
    workspaces: Workspaces
    wake: Wake

    async def allow(self, person: PersonId, account: Identity) -> None:
        """Let an account be linked again."""
        await self.accounts.allow(person, Allowing(Surface.MAIL, person), account)
        self.wake()

    async def undo(self, person: PersonId, account: Identity) -> None:
        """Let an account stand for the person no longer."""
        await self.accounts.undo(person, Undoing(Undone.NOT_ME, Surface.MAIL, by=person), account)
        self.wake()

    async def standing(self, person: PersonId, account: Identity) -> AccountStanding:
        """Return whose an account is now."""
        whose, workspace = await self.queries.person_of(account), await self.workspaces.by_id(account.issuer)
        is_barred = account in await self.accounts.barred(person)
        is_linked = whose is not None and whose.id == person
        return AccountStanding(is_linked, is_barred, workspace.name if workspace is not None else "")


@dataclass(frozen=True)
class AccountPages:
    """Opening the page changes nothing; its forms undo the link, or let it be made anew, once."""

    pages: Pages
    mails: AccountMails
    accounts: MailedAccounts

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PATH, self.ask), Route(PATH, self.answer, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Return which account it is, and whether it is still linked."""
        return await self._shown(request, *await self._open(request))

    async def answer(self, request: Request) -> Response:
        """It is not mine: the account stands for the person no longer. It is: it may be linked again."""
        values = await read_form(request)
        person, account = await self._open(request)
        if button_of(values, "allow") == "allow":
            await self.accounts.allow(person, account)
            return await self._shown(request, person, account, is_allowed=True)
        await self.accounts.undo(person, account)
        return await self._shown(request, person, account, is_done=True)

    async def _shown(
        self,
        request: Request,
        person: PersonId,
        account: Identity,
        *,
        is_done: bool = False,
        is_allowed: bool = False,
    ) -> Response:
        standing = await self.accounts.standing(person, account)
        return self.pages.show(
            request,
            "account.html",
            is_linked=standing.is_linked,
            is_barred=standing.is_barred,
            is_done=is_done,
            is_allowed=is_allowed and not standing.is_barred,
            workspace=standing.workspace,
        )

    async def _open(self, request: Request) -> tuple[PersonId, Identity]:
        return await self.mails.open(request.path_params["token"])
