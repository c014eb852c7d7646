"""Substitutes from the home tab: the form opened, drawn anew for another place, sent; and a substitute ended."""

from dataclasses import dataclass, replace

from bot.acts.organisations.absence_menus import AbsenceMenus
from bot.acts.outcomes import Kept, Outcome, Replaced, ShownView, Wrong
from bot.acts.people import People, Presser, Reader
from bot.acts.press import Acts, Following, OpenForm, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import FieldErrors, choice_in
from bot.server.background import Tasks, Wake
from bot.views.organisations.absences import (
    OWN,
    AbsenceAnswers,
    AbsenceForm,
    AbsencePlace,
    SubstituteModal,
    place_in,
)
from core.api import (
    Absences,
    EndSubstitution,
    SetSubstitute,
    Substitution,
    SubstitutionChanged,
)
from notifications.outbox.repository import CardStore
from notifications.render.button_values import Pointer, number_in
from notifications.render.model import Dialog
from notifications.texts import say, span


@dataclass(frozen=True)
class AbsenceForms:
    """Opens the form about absence and draws it anew."""

    environment: str
    people: People
    menus: AbsenceMenus

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            "kp.substitute": self.on_own,
            "kp.substitute_for": self.on_others,
            SubstituteModal.PLACES: self.on_place,
        }

    async def on_own(self, press: PressedButton) -> Outcome:
        """A button asks for a substitute for the person who presses."""
        who = await self.people.linked(press.by)
        return await self._open(press, who, await self.menus.own(who))

    async def on_others(self, press: PressedButton) -> Outcome:
        """A button asks for a substitute for somebody else, in an organisation that the person administers."""
        who = await self.people.linked(press.by)
        return await self._open(press, who, await self.menus.others(who.person))

    async def on_place(self, press: PressedButton) -> Outcome:
        """Another role or organisation was chosen in the open form."""
        if press.form is None:
            raise ButtonIsGone
        who = await self.people.linked(press.by)
        form = await (self.menus.own(who) if is_own(press.form) else self.menus.others(who.person))
        chosen = place_in(choice_in(press.form.typed, SubstituteModal.PLACE))
        return Replaced(await self._drawn(replace(form, chosen=chosen), press.by, who))

    async def _open(self, press: PressedButton, who: Reader, form: AbsenceForm) -> Outcome:
        if not form.places:
            raise ButtonIsGone
        return ShownView(who, await self._drawn(form, press.by, who))

    async def _drawn(self, form: AbsenceForm, by: Presser, who: Reader) -> Dialog:
        filled = form if form.place is None else await self.menus.with_people(form, form.place, by, who)
        return SubstituteModal.build(filled, self._pointer(), who.language)

    def _pointer(self) -> str:
        return Pointer(self.environment).value()


@dataclass(frozen=True)
class AbsenceNews:
    """What follows a change of who decides in whose place."""

    after: Following
    cards: CardStore
    wake: Wake
    tasks: Tasks

    def changed(self, by: Presser, changed: SubstitutionChanged) -> None:
        """Begin to look at cases anew, and to tell those whom it concerns where it is news."""
        self.after.rights_changed(by)
        if changed.is_news:
            self.tasks.start(self._owe())

    async def _owe(self) -> None:
        await self.cards.owe_substitutes()
        self.wake()


@dataclass(frozen=True)
class AbsenceChanges:
    """The form sent, and a substitution ended."""

    people: People
    absences: Absences
    news: AbsenceNews

    def changes(self) -> Acts:
        """What changes at its buttons, by action id."""
        return {"kp.end_substitute": self.on_end}

    async def on_submit(self, form: OpenForm, by: Presser) -> Outcome:
        """Set the substitute, and say what holds now."""
        who = await self.people.linked(by)
        place = place_of(form)
        if place is None:
            raise ButtonIsGone
        read = SubstituteModal.read(form.typed, place)
        if isinstance(read, FieldErrors):
            return Wrong(read, who.language)
        changed = await self.absences.set_substitute(_command(by, read, key=form.key))
        self.news.changed(by, changed)
        return Kept(who.language, await self._said(who, "saved", changed.substitution))

    async def on_end(self, press: PressedButton) -> Outcome:
        """A button ends a substitution."""
        substitution = number_in(press.rest)
        if press.pointer is None or substitution is None:
            raise ButtonIsGone
        who = await self.people.linked(press.by)
        changed = await self.absences.end_substitution(
            EndSubstitution(press.by.account, substitution, press.by.signed_in)
        )
        self.news.changed(press.by, changed)
        return Kept(who.language, await self._said(who, "ended", changed.substitution))

    async def _said(self, who: Reader, what: str, found: Substitution) -> str:
        names, _ = await self.people.names(found.people)
        is_mine = who.person is not None and who.person.id == found.absent
        key = f"substitute.{what}_for_me" if is_mine else f"substitute.{what}"
        first, last = span(who.language, found.first_day, found.last_day)
        named = {"absent": names.get(found.absent, ""), "substitute": names.get(found.substitute, "")}
        return say(who.language, key, **named, **{"from": first, "to": last})


def place_of(form: OpenForm) -> AbsencePlace | None:
    """The place that an open form is about, None where it is not our form or none is chosen."""
    parts = form.metadata.split("\n")
    return place_in(parts[2]) if len(parts) == 3 else None


def is_own(form: OpenForm) -> bool:
    """True for a form about the absence of the person who reads it."""
    return form.metadata.split("\n")[1:2] == [OWN]


def _command(by: Presser, read: AbsenceAnswers, *, key: str) -> SetSubstitute:
    return SetSubstitute(
        by=by.account,
        organisation=read.organisation,
        role=read.role,
        substitute=read.substitute,
        first=read.first,
        last=read.last,
        absent=read.absent,
        key=key,
        signed_in=by.signed_in,
    )
