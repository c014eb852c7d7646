"""The page behind the link of a mail that tells of a Slack account: that it is not the person's."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from bot.desk import Desk
from bot.web.pages import Pages
from core.api import Identity, LinkUnknown, PersonId, Surface, Undoing, Undone
from notifications.addresses import ACCOUNT
from notifications.announcements import CardKind
from notifications.links import account_named

PATH = ACCOUNT + "/{token}"


@dataclass(frozen=True)
class AccountPages:
    """Opening the page changes nothing; the form on it undoes the link, however often it is sent."""

    desk: Desk
    pages: Pages

    def routes(self) -> Sequence[Route]:
        """The addresses."""
        return [Route(PATH, self.ask), Route(PATH, self.undo, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Which account it is, and whether it is still linked."""
        return await self._shown(request, *await self._open(request))

    async def undo(self, request: Request) -> Response:
        """The account stands for the person no longer."""
        person, account = await self._open(request)
        undoing = Undoing(Undone.NOT_ME, self.desk.now(), Surface.MAIL, by=person)
        await self.desk.accounts.undo(person, undoing, account)
        self.desk.relay.wake()
        return await self._shown(request, person, account, is_done=True)

    async def _shown(self, request: Request, person: PersonId, account: Identity, *, is_done: bool = False) -> Response:
        whose, workspace = await self.desk.queries.person_of(account), await self.desk.workspaces.by_id(account.issuer)
        return self.pages.show(
            request,
            "account.html",
            is_linked=whose is not None and whose.id == person,
            is_done=is_done,
            workspace=workspace.name if workspace is not None else "",
        )

    async def _open(self, request: Request) -> tuple[PersonId, Identity]:
        """Whose the mail was, and which account it told of. Raises LinkUnknown, also once the mail is long gone."""
        card = await self.desk.cards.find(self.desk.links.card_sealed_in(request.path_params["token"]))
        if card is None or card.kind is not CardKind.LINKED or card.person is None:
            raise LinkUnknown
        return card.person, account_named(card.about or "")
