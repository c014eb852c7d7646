"""The pages behind the link of a mail that asks: the case as the card shows it, what may be done, and doing it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from fastapi import Request, Response
from markupsafe import Markup
from starlette.routing import Route

from bot.forms.inputs import FieldErrors
from bot.forms.orders.modals import BY_CALLBACK, choices, modal_of
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.revision_menus import RevisionMenus
from bot.server.background import CaseFollowUp, RefusalNotes
from bot.web.forms import read_form
from bot.web.links.dialog_form import DialogForm, Filled
from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import (
    NOT_READY,
    SIDE_OF,
    TRAITS,
    Action,
    ActOnCase,
    Answers,
    Asking,
    Asks,
    By,
    CardId,
    Case,
    CaseQuery,
    CaseView,
    DecisionContext,
    FormError,
    Identification,
    IdentificationNotOffered,
    IdentificationRequired,
    Language,
    LinkUnknown,
    Now,
    OnSide,
    OrderError,
    Orders,
    PersonalLink,
    PersonalLinks,
    Purpose,
    Queries,
    Seen,
    Surface,
    check_card,
)
from notifications.cards.card import Card
from notifications.cards.drawer import CardDrawer, DrawnCard
from notifications.mail.link_addresses import page_of
from notifications.outbox.repository import CardStore
from notifications.render.model import Block
from notifications.render.pieces import whole
from notifications.render.pieces.card_buttons import PRIMARY, likeliest
from notifications.render.pieces.words import CaseWords
from notifications.render.surfaces.html import as_html
from notifications.texts import say

PATH = page_of(Purpose.DECIDE, "{token}")
WRONG, CONFLICT = 422, 409


@dataclass(frozen=True)
class Opened:
    """A link that was opened: its card as it is drawn now, and what its reader may do, the likeliest first."""

    token: str
    link: PersonalLink
    drawn: DrawnCard
    actions: Sequence[Action]


@dataclass(frozen=True)
class LinkedCards:
    """Reads the card that a link was sent with, as it is drawn now."""

    links: PersonalLinks
    cards: CardStore
    drawer: CardDrawer
    now: Now

    async def link(self, token: str) -> PersonalLink:
        """Return the link behind a token. Raises LinkUnknown, LinkUsed, LinkExpired."""
        return await self.links.open(token, Purpose.DECIDE, self.now())

    async def drawn(self, link: PersonalLink, language: Language) -> tuple[Card, DrawnCard]:
        """Return the card of a link. Raises LinkUnknown where there is none, or it is another's."""
        card = await self.cards.find(CardId(link.id))
        if card is None or card.person != link.person:
            raise LinkUnknown
        read = await self.drawer.read([card], language, self.now())
        return card, self.drawer.drawn(card, read, language)


@dataclass(frozen=True)
class DecisionForms:
    """Builds the form of what an action asks."""

    orders: Orders
    queries: Queries
    revisions: RevisionMenus

    async def asked(self, command: ActOnCase, language: Language) -> DialogForm:
        """Return the form. Raises what keeps the person from the action."""
        now, row = await self.orders.consider(command)
        shown = (await self.queries.views([command.case], OnSide(SIDE_OF[row.who])))[command.case]
        if row.asks is Asks.ANSWER:
            return await self._answer(command.by, now.case, shown, language)
        chosen = await choices(self.queries, now, row)
        modal: Any = modal_of(row)
        dialog = modal.build(shown, row, "", language, **chosen)
        return DialogForm(dialog, chosen.get("attestants") or chosen.get("colleagues") or [], language)

    async def _answer(self, by: By, case: Case, shown: CaseView, language: Language) -> DialogForm:
        """Return words and the whole order on one page, as a page opens nothing on top of another."""
        form, wanted = await self.revisions.as_it_stands(by, case)
        form = replace(form, existing_offered=TRAITS[wanted.flow].is_offered and TRAITS[wanted.flow].asks_for_units)
        dialog = RevisionModal.build(shown, form, wanted, "", language)
        titled = dialog._replace(title=say(language, f"confirm.title.{Action.ANSWER}"))
        return DialogForm(titled, form.agents, language)


@dataclass(frozen=True)
class LinkDecisions:
    """Decides by a link, and lets history tell of what is refused."""

    orders: Orders
    follow_up: CaseFollowUp
    notes: RefusalNotes
    identification: Identification

    async def look(self, link: PersonalLink) -> DecisionContext:
        """Return the case as it stands for the link's person."""
        return await self.orders.look(CaseQuery(link.case, link.asking, self.follow_up.now()))

    async def act(self, command: ActOnCase) -> None:
        """Do it, and what follows."""
        self.follow_up.repaint_cards(await self.orders.act(command))

    def note_refusal(self, command: ActOnCase, error: OrderError) -> None:
        """Follow a decision that was refused."""
        self.notes.action(command, error)
        if error.code in NOT_READY:
            # Administrators are told what they can mend.
            self.follow_up.wake()


@dataclass(frozen=True)
class Deciding:
    """Opening a page changes nothing; only the form that is sent from the last one does."""

    pages: Pages
    linked: LinkedCards
    forms: DecisionForms
    decisions: LinkDecisions

    def routes(self) -> list[Route]:
        """Return where the pages answer."""
        return [
            Route(PATH, self._show),
            Route(PATH + "/{action}", self._ask),
            Route(PATH + "/{action}", self._decide, methods=["POST"]),
        ]

    # --- the pages

    async def _show(self, request: Request) -> Response:
        return self._case(request, await self._open(request))

    async def _ask(self, request: Request) -> Response:
        opened = await self._open(request)
        try:
            return await self._form(request, opened, Filled())
        except OrderError as error:
            return await self._told(request, error)

    async def _decide(self, request: Request) -> Response:
        opened = await self._open(request)
        values = await read_form(request)
        try:
            asked = await self._asked(request, opened)
        except OrderError as error:
            self.decisions.notes.action(_command(request, opened.link, Answers()), error)
            return await self._told(request, error)
        read = BY_CALLBACK[asked.dialog.name].read(asked.typed(values))
        if isinstance(read, FieldErrors):
            problems = read.in_words(self.pages.language(request))
            return await self._form(request, opened, Filled(values, problems), status=WRONG)
        command = _command(request, opened.link, read)
        try:
            await self.decisions.act(command)
        except OrderError as error:
            return await self._refused(request, opened, Filled(values), command, error)
        return await self._done(request, opened)

    async def _done(self, request: Request, opened: Opened) -> Response:
        _, drawn = await self.linked.drawn(opened.link, self.pages.language(request))
        return self.pages.show(request, "decided.html", card=_html(drawn), action=_action(request))

    async def _refused(
        self, request: Request, opened: Opened, filled: Filled, command: ActOnCase, error: OrderError
    ) -> Response:
        """The form again while it can still be sent otherwise, nothing typed being lost; else what it was about."""
        self.decisions.note_refusal(command, error)
        try:
            await self.decisions.orders.consider(command)
        except OrderError:
            return await self._told(request, error)
        if isinstance(error, FormError):
            fields = cast("Mapping[str, str]", error.facts["fields"])
            problems = RevisionModal.errors(self.pages.language(request), fields, filled.values, error.facts)
            return await self._form(request, opened, replace(filled, problems=problems), status=WRONG)
        sentence = await self._sentence(request, error)
        return await self._form(request, opened, filled, sentence, status=self._status(error))

    def _status(self, error: OrderError) -> int:
        return self.pages.status_of(type(error))

    async def _told(self, request: Request, error: OrderError) -> Response:
        """Return a "no" above the case as it stands now; a page of its own for whoever may not see that."""
        if isinstance(error, IdentificationRequired):
            return await self._to_identify(request, error)
        if self._status(error) != CONFLICT:
            raise error
        return self._case(request, await self._open(request), await self._sentence(request, error), status=CONFLICT)

    async def _to_identify(self, request: Request, error: IdentificationRequired) -> Response:
        """Where to identify for the decision, as in Slack; begun by a form that is sent, never by opening a page."""
        opened, address = await self._open(request), ""
        if self.decisions.identification.method is None:
            # Something else than this may still be done.
            offers_none = await self._sentence(request, IdentificationNotOffered(**error.facts))
            return self._case(request, opened, offers_none, status=self._status(error))
        sentence, status = await self._sentence(request, error), self._status(error)
        if request.method == "POST":
            address = await self.decisions.identification.begin(_command(request, opened.link, Answers()))
            sentence = await self._said(request, "eid_address", {**error.facts, "address": address})
        return self._case(request, opened, sentence, status=status, identify=_action(request), address=address)

    def _case(
        self,
        request: Request,
        opened: Opened,
        sentence: str = "",
        *,
        status: int = 200,
        identify: Action | None = None,
        address: str = "",
    ) -> Response:
        """`identify` is what somebody must identify for, `address` where, once it has been begun."""
        return self.pages.show(
            request,
            "decision.html",
            status,
            sentence=sentence,
            card=_html(opened.drawn),
            whole=_whole(opened.drawn),
            actions=[(each.value, each in PRIMARY) for each in opened.actions],
            home=page_of(Purpose.DECIDE, opened.token),
            identify=identify,
            identify_at=address,
            expires_at=opened.link.expires_at,
        )

    async def _form(
        self, request: Request, opened: Opened, filled: Filled, sentence: str = "", *, status: int = 200
    ) -> Response:
        asked = await self._asked(request, opened)
        return self.pages.show(
            request,
            "decide.html",
            status,
            pieces=(drawn := asked.pieces(filled)),
            wrong=[each.field for each in drawn if each.field is not None and each.field.error],
            title=asked.dialog.title,
            submit=asked.dialog.submit,
            sentence=sentence,
            action=_action(request),
            back=page_of(Purpose.DECIDE, opened.token),
        )

    # --- what they show

    async def _open(self, request: Request) -> Opened:
        token = request.path_params["token"]
        link = await self.linked.link(token)
        card, drawn = await self.linked.drawn(link, self.pages.language(request))
        check_card(await self.decisions.look(link), card.part, is_asked=drawn.asks is not None)
        return Opened(token, link, drawn, _actions(card, drawn))

    async def _asked(self, request: Request, opened: Opened) -> DialogForm:
        """Raises what keeps the person from it."""
        return await self.forms.asked(_command(request, opened.link, Answers()), self.pages.language(request))

    async def _sentence(self, request: Request, error: OrderError) -> str:
        return await self._said(request, error.code, error.facts)

    async def _said(self, request: Request, code: str, facts: Mapping[str, object]) -> str:
        return await self.pages.words.refusal(self.pages.language(request), code, facts)


def _actions(card: Card, drawn: DrawnCard) -> list[Action]:
    """Return what the card offers its reader, by buttons and by the menu beside them."""
    return [] if drawn.asks is None else likeliest(card.part, drawn.offers)


def _action(request: Request) -> Action:
    try:
        return Action(request.path_params["action"])
    except ValueError:
        raise Hindered(VisitProblem.NOT_FOUND) from None


def _command(request: Request, link: PersonalLink, answers: Answers) -> ActOnCase:
    return ActOnCase(
        case=link.case,
        action=_action(request),
        # A link to decide by is always a person's.
        by=cast("Asking", link.asking),
        surface=Surface.MAIL,
        seen=Seen(link.step or 0, link.content_version or 0),
        answers=answers,
        card=CardId(link.id),
        link=link.id,
    )


def _html(drawn: DrawnCard) -> Markup:
    return _markup(drawn.message.blocks)


def _whole(drawn: DrawnCard) -> Markup | None:
    """Return the whole of an order, which a card in Slack shows by a button; None where the card shows all there is."""
    if drawn.view is None or drawn.view.application is not None:
        return None
    words = CaseWords(drawn.view, drawn.language)
    return _markup([*whole.ordered(words), *whole.stands(words)])


def _markup(blocks: Iterable[Block]) -> Markup:
    # What is written there is escaped where it is drawn.
    return Markup(as_html(blocks))  # noqa: S704 - our own drawing
