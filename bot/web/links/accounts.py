"""The page behind the link of a mail that tells of a Slack account: that it is not the person's, or is after all."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from bot.slack.dependencies import Dependencies
from bot.web.forms import read_form
from bot.web.pages import Pages
from core.api import Allowing, Identity, LinkUnknown, PersonId, Surface, Undoing, Undone
from notifications.accounts.links import account_named
from notifications.mail.addresses import ACCOUNT
from notifications.rules.announcements import OF_ACCOUNTS

PATH = ACCOUNT + "/{token}"


@dataclass(frozen=True)
class AccountPages:
    """Opening the page changes nothing; its forms undo the link, or let it be made anew, once."""

    desk: Dependencies
    pages: Pages

    def routes(self) -> Sequence[Route]:
        """The addresses."""
        return [Route(PATH, self.ask), Route(PATH, self.answer, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Which account it is, and whether it is still linked."""
        return await self._shown(request, *await self._open(request))

    async def answer(self, request: Request) -> Response:
        """It is not mine: the account stands for the person no longer. It is: it may be linked again."""
        values = await read_form(request)
        person, account = await self._open(request)
        if values.get("do") == "allow":
            await self.desk.accounts.allow(person, Allowing(Surface.MAIL, person), account)
            self.desk.relay.wake()
            return await self._shown(request, person, account, is_allowed=True)
        undoing = Undoing(Undone.NOT_ME, Surface.MAIL, by=person)
        await self.desk.accounts.undo(person, undoing, account)
        self.desk.relay.wake()
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
        whose, workspace = await self.desk.queries.person_of(account), await self.desk.workspaces.by_id(account.issuer)
        is_barred = account in await self.desk.accounts.barred(person)
        return self.pages.show(
            request,
            "account.html",
            is_linked=whose is not None and whose.id == person,
            is_barred=is_barred,
            is_done=is_done,
            is_allowed=is_allowed and not is_barred,
            workspace=workspace.name if workspace is not None else "",
        )

    async def _open(self, request: Request) -> tuple[PersonId, Identity]:
        """Whose the mail was, and which account it told of. Raises LinkUnknown, also once the mail is long gone."""
        card = await self.desk.cards.find(self.desk.links.card_sealed_in(request.path_params["token"]))
        if card is None or card.kind not in OF_ACCOUNTS or card.person is None or card.about is None:
            raise LinkUnknown
        return card.person, account_named(card.about)
