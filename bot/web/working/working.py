"""The pages where somebody who is signed in works: the home page, a case, whatever a link shows, and forms sent."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from secrets import token_urlsafe

from fastapi import Request, Response
from starlette.routing import Route

from bot.acts.home_lists import PersonalHome
from bot.acts.orders.decisions import CaseDecisions
from bot.acts.orders.reading import Reading
from bot.acts.outcomes import Outcome, Unchanged, Wrong
from bot.acts.press import Acts, Meaning, OpenForm, PressedButton, Sent, Wish, drawn_in, meaning_of, wish_in, wish_of
from bot.acts.refusals import ButtonIsGone, OtherEnvironment, RefusalWords, RefusedWishes
from bot.views.home import home
from bot.web.forms import TOKEN
from bot.web.links.dialog_form import Filled
from bot.web.signing_in.visitors import SignedIn, Visitors
from bot.web.working.answers import PageAnswers, SaidAbove, Visit, dialog_of, said
from bot.web.working.elements import DOES
from bot.web.working.visits import (
    ABOUT,
    ACT,
    BACK,
    CASE,
    DO,
    DOES_FIELD,
    DRAWN_BY,
    HOME,
    KEPT,
    KEY,
    NAME,
    SEEK,
    SHOW,
    VALUE,
    WAS,
    WHOSE,
    PagePresser,
    Place,
    list_asked,
    sought_for,
)
from core.api import CaseId, Identification, IdentificationRequired, NoRole, OrderError
from notifications.render.model import Dialog
from notifications.texts import say

WRONG = HTTPStatus.UNPROCESSABLE_ENTITY
StatusOf = Callable[[type[OrderError]], int]
# The fields of a form that are no answers.
OURS = frozenset({ACT, VALUE, NAME, ABOUT, BACK, KEY, DRAWN_BY, DOES_FIELD, WHOSE, KEPT, TOKEN})


@dataclass(frozen=True)
class PageActs:
    """What can be done on pages: acts by action id, forms by name, and the actions of the flows table."""

    shows: Acts
    changes: Acts
    sent: Mapping[str, Sent]
    decisions: CaseDecisions

    async def press(self, press: PressedButton, *, may_change: bool) -> Outcome:
        """Do what a button does. Raises ButtonIsGone for one that is gone, or changes what it may not here."""
        own = self.shows.get(press.action_id) or (self.changes.get(press.action_id) if may_change else None)
        return await (own or self.decisions.on_press)(press)

    async def send(self, form: OpenForm, by: PagePresser) -> Outcome:
        """Take a form that was sent."""
        return await self.sent.get(form.name, self.decisions.on_submit)(form, by)


@dataclass(frozen=True)
class PageRefusals:
    """Says what is refused on a page, at the fields of a form where it belongs there, and lets history tell of it."""

    words: RefusalWords
    wishes: RefusedWishes
    reading: Reading
    identification: Identification

    @property
    def environment(self) -> str:
        """Return which deployment refuses."""
        return self.reading.screens.here.environment

    async def identified(self, visit: Visit, wish: Wish | None, error: OrderError) -> str:
        """Return where the person identifies for a decision; nothing where that is not what is missing."""
        if wish is None or not isinstance(error, IdentificationRequired) or visit.request.method != "POST":
            return ""
        return await self.identification.begin(wish.command(visit.by))

    async def seen(self, visit: Visit, wish: Wish | None, error: OrderError) -> OrderError:
        """Return a refusal as its reader may know it: whoever plays no part in a case is not told that there is one."""
        if wish is None or not isinstance(error, NoRole):
            return error
        try:
            await self.reading.case(visit.by, wish.pointer.case)
        except OrderError as hidden:
            return hidden
        return error

    async def told(self, visit: Visit, wish: Wish | None, error: OrderError, status_of: StatusOf) -> SaidAbove:
        """Return what the page says."""
        error = await self.seen(visit, wish, error)
        status, language = status_of(type(error)), visit.by.language
        try:
            address = await self.identified(visit, wish, error)
        except OrderError as other:
            error, address = other, ""
        if address:
            sentence = await self.words.said(language, "eid_address", error, address=address)
        else:
            sentence = await self.words.sentence(visit.reader, error)
        return SaidAbove(sentence, status=status, case=wish.pointer.case if wish is not None else "")


@dataclass(frozen=True)
class Working:
    """Opening a page changes nothing. A form counts once, and only one that a page of this session made."""

    visitors: Visitors
    answers: PageAnswers
    acts: PageActs
    refusals: PageRefusals

    def routes(self) -> Sequence[Route]:
        """Return the addresses that forms and links lead to."""
        return [Route(SHOW, self.show), Route(DO, self.do, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Return what a link shows."""
        visitor, asked = await self.visitors.signed_in(request), request.query_params
        place = Place.of(asked)
        act, value = asked.get(ACT, ""), asked.get(VALUE, "")
        visit = self._visit(request, visitor, place)
        visit = replace(visit, drawn_by=f"{act} {value}", key=token_urlsafe(16), sought=sought_for(asked))
        press = _pressed(visit, act, value)
        try:
            outcome = await self._press(press, may_change=False)
            return await self.answers.show(visit, outcome)
        except OrderError as error:
            return await self._refused(visit, wish_of(press), error)

    async def do(self, request: Request) -> Response:
        """Do what a form asks for."""
        form = await self.visitors.received(request)
        values, place = form.values, Place.of(form.values)
        if form.visitor is None:
            return self.answers.signed_out(request, place, values)
        answers = {name: said for name, said in values.items() if name not in OURS and not name.startswith((WAS, SEEK))}
        visit = replace(
            self._visit(request, form.visitor, place),
            values=answers,
            key=values.get(KEY, ""),
            drawn_by=values.get(DRAWN_BY, ""),
            sought=sought_for(values),
        )
        does, change = values.get(DOES_FIELD, ""), _change_in(values)
        if not form.is_own:
            return await self._anew(visit, change, whose=values.get(WHOSE, ""))
        if does == SEEK:
            return await self._again(visit, SaidAbove(filled=Filled(visit.values)), change)
        if does.startswith(DOES):
            act, _, value = does.removeprefix(DOES).partition(" ")
            return await self._act(visit, act, value)
        if ACT in values:
            return await self._act(replace(visit, drawn_by=""), values[ACT], values.get(VALUE, ""))
        return await self._send(visit, change)

    async def _act(self, visit: Visit, act: str, value: str) -> Response:
        """Do what a button does, in the form that is open or beside it."""
        drawn_by = f"{act} {value}"
        press = _pressed_for(visit, drawn_by)
        try:
            outcome = await self._press(press, may_change=True)
            if isinstance(outcome, Unchanged):
                return await self._again(visit, SaidAbove(filled=Filled(visit.values)))
            drawn = replace(visit, drawn_by=drawn_by, key=visit.key or token_urlsafe(16))
            return await self.answers.show(drawn, outcome)
        except OrderError as error:
            return await self._refused(visit, wish_of(press), error)

    async def _send(self, visit: Visit, change: str) -> Response:
        form = visit.form
        if form is None:
            raise ButtonIsGone
        try:
            if drawn_in(form) != self._environment:
                raise OtherEnvironment
            if change:
                return await self._redrawn(
                    visit, change, SaidAbove(say(visit.by.language, "work.changed"), status=WRONG)
                )
            outcome = await self.acts.send(form, visit.by)
        except OrderError as error:
            return await self._form_refused(visit, form, error)
        if isinstance(outcome, Wrong):
            problems = outcome.problems.in_words(visit.by.language)
            return await self._again(visit, SaidAbove(filled=Filled(visit.values, problems), status=WRONG))
        return await self.answers.show(visit, outcome)

    async def _form_refused(self, visit: Visit, form: OpenForm, error: OrderError) -> Response:
        words, who = self.refusals.words, visit.reader
        asking = await words.asking(form, visit.by, who, error)
        if asking is not None:
            return await self.answers.view(visit, asking, SaidAbove(await words.sentence(who, error), status=WRONG))
        wish = wish_in(form)
        self.refusals.wishes.note(wish, visit.by, error)
        told = await self.refusals.told(visit, wish, error, self._status_of)
        fields = await words.at_fields(form, who, error)
        filled = Filled(visit.values, fields)
        return await self._again(visit, replace(told, sentence="" if fields else told.sentence, filled=filled))

    async def _redrawn(self, visit: Visit, change: str, told: SaidAbove) -> Response:
        """Return the form for a choice that the rest hangs on, to be looked through again.

        What was ticked was ticked for another choice.
        """
        dialog = await self._form_for(visit, change)
        if dialog is None:
            raise ButtonIsGone
        return await self.answers.view(replace(visit, drawn_by=change), dialog, replace(told, filled=Filled()))

    async def _again(self, visit: Visit, told: SaidAbove, change: str = "") -> Response:
        """Return the form that is open with all that was typed, or why it cannot be drawn any more.

        Of a choice that the rest hangs on, changed by `change`, it is the form for that.
        """
        try:
            if change:
                return await self._redrawn(visit, change, told)
            dialog = await self._form_for(visit, visit.drawn_by) if visit.drawn_by else None
        except OrderError as error:
            meant = wish_of(_pressed_for(visit, change or visit.drawn_by))
            return await self._refused(visit, None, await self.refusals.seen(visit, meant, error))
        if dialog is None:
            return self.answers.refused(visit, told)
        return await self.answers.view(visit, dialog, told)

    async def _form_for(self, visit: Visit, drawn_by: str) -> Dialog | None:
        """Return the form that an act and its value draw."""
        return await dialog_of(await self._press(_pressed_for(visit, drawn_by), may_change=False))

    async def _anew(self, visit: Visit, change: str, *, whose: str) -> Response:
        """Return the form that another session of the same person has filled in, to be looked through and sent."""
        is_kept = bool(visit.drawn_by) and hmac.compare_digest(whose.encode(), visit.visitor.mark.encode())
        sentence = say(visit.by.language, "work.form_of_before" if is_kept else "work.page_of_before")
        told = SaidAbove(sentence, filled=Filled(visit.values), status=HTTPStatus.BAD_REQUEST)
        return await self._again(visit, told, change) if is_kept else self.answers.refused(visit, told)

    async def _press(self, press: PressedButton, *, may_change: bool) -> Outcome:
        drawn = {None if press.form is None else drawn_in(press.form), press.pointer and press.pointer.environment}
        if not drawn - {None} <= {self._environment}:
            raise OtherEnvironment
        if not may_change and not self.answers.is_shown(Meaning(press.action_id, press.rest, press.pointer)):
            raise ButtonIsGone
        return await self.acts.press(press, may_change=may_change)

    async def _refused(self, visit: Visit, wish: Wish | None, error: OrderError) -> Response:
        self.refusals.wishes.note(wish, visit.by, error)
        return self.answers.refused(visit, await self.refusals.told(visit, wish, error, self._status_of))

    def _visit(self, request: Request, visitor: SignedIn, place: Place) -> Visit:
        return Visit(request, visitor, PagePresser.of(visitor, self.answers.pages.language(request)), place)

    @property
    def _status_of(self) -> StatusOf:
        return self.answers.pages.status_of

    @property
    def _environment(self) -> str:
        return self.refusals.environment


@dataclass(frozen=True)
class WorkHome:
    """Where one's work begins, and a case by its number."""

    visitors: Visitors
    answers: PageAnswers
    personal: PersonalHome
    reading: Reading

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(HOME, self.begin), Route(CASE + "/{case}", self.case)]

    async def begin(self, request: Request) -> Response:
        """Return the lists, and what else there is to look after."""
        visitor = await self.visitors.signed_in(request)
        facts = replace(await self.personal.facts(visitor.person, list_asked(request)), has_commands=False)
        visit = self._visit(request, visitor, Place(about=facts.metadata))
        visit = replace(visit, sought=sought_for(request.query_params))
        return await self.answers.home(visit, home.build(facts, visit.by.language), said(visit))

    async def case(self, request: Request) -> Response:
        """Return a case as it stands, for whoever plays a part in it."""
        visitor = await self.visitors.signed_in(request)
        visit = self._visit(request, visitor, Place())
        shown = await self.reading.case(visit.by, CaseId(request.path_params["case"]))
        return await self.answers.view(visit, shown.dialog, said(visit))

    def _visit(self, request: Request, visitor: SignedIn, place: Place) -> Visit:
        return Visit(request, visitor, PagePresser.of(visitor, self.answers.pages.language(request)), place)


def _pressed(visit: Visit, act: str, value: str) -> PressedButton:
    meant = meaning_of(act, value)
    return PressedButton(visit.by, meant.action_id, value, meant.rest, meant.pointer, visit.form, None)


def _pressed_for(visit: Visit, drawn_by: str) -> PressedButton:
    act, _, value = drawn_by.partition(" ")
    # A menu's value is what is chosen in it.
    return _pressed(visit, act, str(visit.values.get(value, "")) if value in visit.values else value)


def _change_in(values: Mapping[str, str]) -> str:
    """Return the act by which, and the name of the choice for which, a form is to be drawn anew; nothing where none is.

    That is where a choice that the rest of it hangs on is another than it was drawn for.
    """
    for name in (each.removeprefix(WAS) for each in values if each.startswith(WAS)):
        act, _, drawn_for = values[f"{WAS}{name}"].partition(" ")
        if values.get(name, "") != drawn_for:
            return f"{act} {name}"
    return ""
