"""Shows on a page what an act came to: a view, a form with what was typed, or the page that one came from, told why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from bot.acts.menu_searches import MOST, MenuSearch, Searches
from bot.acts.orders.decisions import AT_ONCE
from bot.acts.outcomes import Counted, Kept, Opening, Outcome, Replaced, Retyped, ShownView, Turned
from bot.acts.people import Linked
from bot.acts.press import Acts, Meaning, OpenForm
from bot.views.orders.details import DetailsModal
from bot.web.addresses import LANG, SAID, staying, to_sign_in
from bot.web.forms import TOKEN, Values
from bot.web.links.dialog_form import DialogForm, Filled
from bot.web.pages import Pages
from bot.web.signing_in.visitors import SignedIn
from bot.web.working.elements import Drawing, Stretch, flat, sought_in, titled, typed_from, with_choices
from bot.web.working.visits import (
    ABOUT,
    BACK,
    DRAWN_BY,
    HOME,
    KEPT,
    KEY,
    NAME,
    WAS,
    WHOSE,
    PagePresser,
    Place,
    carried,
    case_at,
    list_at,
    own_back,
    said_at,
    saying,
)
from notifications.render import button_values
from notifications.render.model import Block, ChoiceInput, Dialog, Input, Option
from notifications.texts import say


@dataclass(frozen=True)
class Visit:
    """A visit of somebody who is signed in, where it stands, and, where a form is open, what it was drawn by.

    `drawn_by` is the act, and its value, that the open form was drawn by; `values` what was sent; `sought` what is
    sought in which menus.
    """

    request: Request
    visitor: SignedIn
    by: PagePresser
    place: Place
    drawn_by: str = ""
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    sought: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def form(self) -> OpenForm | None:
        """Return the view that is open, with what is filled in."""
        if not (self.place.name or self.place.about):
            return None
        return OpenForm(self.place.name, self.place.about, typed_from(self.values), self.key, self.key)

    @property
    def reader(self) -> Linked:
        """Return who reads, in which language."""
        return Linked(self.visitor.person, self.by.language)


@dataclass(frozen=True)
class SaidAbove:
    """What a page says above a view: what was done, or what was wrong; and at the fields of a form."""

    sentence: str = ""
    is_done: bool = False
    filled: Filled = field(default_factory=Filled)
    status: int = 200
    case: str = ""


NOTHING_SAID = SaidAbove()


@dataclass(frozen=True)
class PageAnswers:
    """Draws views as pages. `shown` are the acts that change nothing."""

    pages: Pages
    shown: Acts
    searches: Searches

    async def show(self, visit: Visit, outcome: Outcome) -> Response:
        """Return the page for what an act came to; a form that is wrong is for `Working` to draw anew."""
        dialog = await dialog_of(outcome)
        if dialog is not None:
            return await self.view(visit, dialog, said(visit))
        match outcome:
            case Turned() if outcome.is_in_another_language:
                return RedirectResponse(list_at(outcome.query), HTTPStatus.SEE_OTHER)
            case Turned():
                return _to(visit, list_at(outcome.query))
            case Kept():
                return _to(visit, saying(visit.place.back, outcome.sentence, visit.visitor))
            case Counted():
                return self._counted(visit, outcome)
            case _:
                return _to(visit, visit.place.back)

    def is_shown(self, meant: Meaning) -> bool:
        """Say whether an act changes nothing: what is known as neither is taken to change something."""
        action = button_values.action_of(meant.action_id)
        return meant.action_id in self.shown if action is None else action not in AT_ONCE

    async def view(self, visit: Visit, dialog: Dialog, told: SaidAbove = NOTHING_SAID) -> Response:
        """Return a view, or a form, as a page."""
        language = visit.by.language
        place = replace(visit.place, name=dialog.name, about=dialog.metadata)
        listed = await self._listed(replace(visit, place=place), dialog)
        dialog = titled(with_choices(dialog, listed))
        is_form = bool(dialog.submit)
        if not is_form:
            place = replace(place, back=_case_of(dialog, _here(visit)))
        drawing = self._drawing(visit, place, self._seeking(visit, dialog, listed), is_form=is_form)
        parts = drawing.parts(dialog.blocks, DialogForm(dialog, [], language), told.filled)
        return self.pages.show(
            visit.request,
            "work_view.html",
            told.status,
            title=dialog.title,
            submit=dialog.submit,
            close=HOME if dialog.name == DetailsModal.CALLBACK else visit.place.back,
            hidden=self._hidden(visit, place, dialog) if is_form else {},
            **self._said(visit, parts, told),
        )

    async def home(self, visit: Visit, blocks: list[Block], told: SaidAbove) -> Response:
        """Return the beginning of one's work; its menus list what would be asked for while people type."""
        dialog = Dialog("", "", visit.place.about, blocks, "")
        listed = await self._listed(visit, dialog)
        drawing = self._drawing(visit, visit.place, self._seeking(visit, dialog, listed))
        parts = drawing.parts(with_choices(dialog, listed).blocks)
        return self.pages.show(visit.request, "work_home.html", told.status, **self._said(visit, parts, told))

    def refused(self, visit: Visit, told: SaidAbove) -> Response:
        """Return a page that says why something is not done, and leads on to the case as it stands."""
        return self.pages.show(
            visit.request,
            "work_refused.html",
            told.status,
            close=visit.place.back,
            case=told.case and case_at(told.case),  # pyright: ignore[reportArgumentType] - a case's number
            **self._said(visit, [], told),
        )

    def signed_out(self, request: Request, place: Place, values: Values) -> Response:
        """Return a page that keeps what was filled in until somebody is signed in; a button leads to where it stood."""
        if not values.get(DRAWN_BY):
            return RedirectResponse(to_sign_in(request, place.back), HTTPStatus.SEE_OTHER)
        kept = {name: said for name, said in values.items() if name not in {TOKEN, KEPT}}
        status = HTTPStatus.FORBIDDEN
        return self.pages.show(request, "work_signed_out.html", status, kept=kept, is_still=KEPT in values)

    def _said(self, visit: Visit, parts: list[Stretch], told: SaidAbove) -> dict[str, object]:
        asked = [field for part in parts for field in (part.field, *part.boxes) if field is not None]
        return {
            "visitor": visit.visitor,
            "parts": parts,
            "is_opened": visit.request.method == "GET",
            "sentence": told.sentence,
            "is_done": told.is_done,
            "wrong": [each for each in asked if each.error],
        }

    def _hidden(self, visit: Visit, place: Place, dialog: Dialog) -> dict[str, str]:
        asked = (block for block in dialog.blocks if isinstance(block, Input) and block.is_told_at_once)
        drawn = {
            f"{WAS}{block.name}": f"{block.entry.action_id} {block.entry.chosen.value if block.entry.chosen else ''}"
            for block in asked
            if isinstance(block.entry, ChoiceInput)
        }
        return {
            NAME: dialog.name,
            ABOUT: carried(dialog.metadata),
            BACK: place.back,
            KEY: visit.key,
            DRAWN_BY: visit.drawn_by,
            WHOSE: visit.visitor.mark,
            **drawn,
        }

    def _counted(self, visit: Visit, outcome: Counted) -> Response:
        pointer = button_values.read(visit.place.about.partition("\n")[0])
        sentence = say(visit.by.language, "work.counted", action=say(visit.by.language, f"btn.{outcome.action}"))
        address = case_at(pointer.case) if pointer is not None and pointer.case else visit.place.back
        return _to(visit, saying(address, sentence, visit.visitor))

    def _drawing(self, visit: Visit, place: Place, sought: Mapping[str, str], *, is_form: bool = False) -> Drawing:
        is_opened = visit.request.method == "GET"
        path, asked = (visit.request.url.path, dict(visit.request.query_params)) if is_opened else ("", {})
        return Drawing(place, visit.by.language, self.is_shown, is_form, sought, path, asked)

    @staticmethod
    def _seeking(visit: Visit, dialog: Dialog, listed: Mapping[str, Sequence[Option]]) -> dict[str, str]:
        """Return what is sought in the menus that list no more than their beginning, or that a view is about."""
        is_asked = {each for each, options in listed.items() if len(options) >= MOST or visit.sought.get(each)}
        is_asked |= set() if dialog.submit or not dialog.name else set(listed)
        return {each: visit.sought.get(each, "") for each in is_asked}

    async def _listed(self, visit: Visit, dialog: Dialog) -> Mapping[str, Sequence[Option]]:
        form = visit.form or OpenForm("", "", {}, "", "")
        # What a menu is about may stand in its name.
        typed = {block.name: "" for block in dialog.blocks if isinstance(block, Input)} | dict(form.typed)
        search = MenuSearch(replace(form, typed=typed), visit.by, visit.reader, "")
        return {
            action: flat(await self.searches[action](replace(search, typed=visit.sought.get(action, ""))))
            for action in sought_in(dialog.blocks)
            if action in self.searches
        }


def said(visit: Visit) -> SaidAbove:
    """Return what the address of a page says that was done, if it was made for this session."""
    return SaidAbove(said_at(visit.request, visit.visitor), is_done=True)


def _case_of(dialog: Dialog, otherwise: str) -> str:
    pointer = button_values.read(dialog.metadata) if dialog.name == DetailsModal.CALLBACK else None
    return case_at(pointer.case) if pointer is not None and pointer.case else otherwise


def _here(visit: Visit) -> str:
    """Return the address of this page, for forms that are opened from it.

    Neither where that came from is carried along nor the language, which may be another by then.
    """
    if visit.request.method != "GET":
        return visit.place.back
    asked = {name: said for name, said in visit.request.query_params.items() if name not in {BACK, LANG, SAID}}
    return own_back(f"{visit.request.url.path}?{urlencode(asked)}")


async def dialog_of(outcome: Outcome) -> Dialog | None:
    """Return the view that an act came to; None where it came to something else."""
    if isinstance(outcome, Opening):
        return (await outcome.draw()).dialog
    if isinstance(outcome, Retyped):
        return await outcome.draw()
    return outcome.dialog if isinstance(outcome, ShownView | Replaced) else None


def _to(visit: Visit, address: str) -> Response:
    return RedirectResponse(staying(visit.request, address), HTTPStatus.SEE_OTHER)
