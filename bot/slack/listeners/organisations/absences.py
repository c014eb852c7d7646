"""Substitutes from the home tab: the form opened, drawn anew for another place, sent; and a substitute ended."""

from dataclasses import dataclass, replace

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.answers import Replies, updated
from bot.slack.dependencies import Dependencies
from bot.slack.homes import Homes
from bot.slack.identity import Caller, Reader, linked
from bot.slack.listeners.organisations.absence_menus import AbsenceMenus
from bot.slack.payloads import Payload, typed_in
from bot.slack.pressed import OwnActions, Pressed
from bot.slack.refusal_answers import ButtonIsGone
from bot.slack.views.forms import choice_in
from bot.slack.views.modals import FieldErrors, NoticeModal
from bot.slack.views.organisations.absences import (
    OWN,
    AbsenceAnswers,
    AbsenceForm,
    AbsencePlace,
    SubstituteModal,
    place_in,
)
from core.api import (
    EndSubstitution,
    SetSubstitute,
    Substitution,
    SubstitutionChanged,
)
from notifications.render.buttons import Pointer
from notifications.render.model import Dialog
from notifications.texts import say, span


@dataclass(frozen=True)
class AbsenceForms:
    """Everything about absence that people do in Slack."""

    desk: Dependencies
    answers: Replies
    homes: Homes
    menus: AbsenceMenus

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.substitute": self.on_own,
            "kp.substitute_for": self.on_others,
            "kp.end_substitute": self.on_end,
            SubstituteModal.PLACES: self.on_place,
        }

    async def on_own(self, press: Pressed) -> None:
        """A button asks for a substitute for the person who presses."""
        who = await linked(self.desk.queries, press.by)
        await self._open(press, who, await self.menus.own(who))

    async def on_others(self, press: Pressed) -> None:
        """A button asks for a substitute for somebody else, in an organisation that the person administers."""
        who = await linked(self.desk.queries, press.by)
        await self._open(press, who, await self.menus.others(who.person))

    async def on_place(self, press: Pressed) -> None:
        """Another role or organisation was chosen in the open form."""
        view = press.view
        if view is None:
            raise ButtonIsGone
        who = await linked(self.desk.queries, press.by)
        form = await (self.menus.own(who) if is_own(view) else self.menus.others(who.person))
        chosen = place_in(choice_in(typed_in(view), SubstituteModal.PLACE))
        drawn = await self._drawn(replace(form, chosen=chosen), press.by, who)
        self.desk.tasks.start(self.answers.redraw(press.by, view, drawn))

    async def on_submit(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Set the substitute, and say what holds now."""
        who = await linked(self.desk.queries, by)
        place = place_of(view)
        if place is None:
            raise ButtonIsGone
        read = SubstituteModal.read(typed_in(view), place)
        if isinstance(read, FieldErrors):
            await ack(response_action="errors", errors=read.in_words(who.language))
            return
        changed = await self.desk.absences.set_substitute(_wish(by, read, key=view["id"]))
        await self._tell(by, changed)
        sentence = await self._said(who, "saved", changed.substitution)
        await ack(**updated(NoticeModal.build(who.language, "notice.done", sentence)))

    async def on_end(self, press: Pressed) -> None:
        """A button ends a substitution."""
        if press.pointer is None or not press.rest.isdecimal():
            raise ButtonIsGone
        who = await linked(self.desk.queries, press.by)
        changed = await self.desk.absences.end_substitution(EndSubstitution(press.by.account, int(press.rest)))
        await self._tell(press.by, changed)
        sentence = await self._said(who, "ended", changed.substitution)
        view = NoticeModal.build(who.language, "notice.done", sentence)
        self.desk.tasks.start(self.answers.open(press.where, who, view))

    # --- the form

    async def _open(self, press: Pressed, who: Reader, form: AbsenceForm) -> None:
        if not form.places:
            raise ButtonIsGone
        drawn = await self._drawn(form, press.by, who)
        self.desk.tasks.start(self.answers.open(press.where, who, drawn))

    async def _drawn(self, form: AbsenceForm, by: Caller, who: Reader) -> Dialog:
        filled = form if form.place is None else await self.menus.with_people(form, form.place, by, who)
        return SubstituteModal.build(filled, self._pointer(), who.language)

    def _pointer(self) -> str:
        return Pointer(self.desk.environment).value()

    # --- afterwards

    async def _tell(self, by: Caller, changed: SubstitutionChanged) -> None:
        self.homes.redraw(by)
        # Who is asked is looked at anew.
        self.desk.tasks.start(self.desk.look_again())
        if changed.is_news:
            self.desk.tasks.start(self._owe())

    async def _owe(self) -> None:
        await self.desk.cards.owe_substitutes()
        self.desk.relay.wake()

    async def _said(self, who: Reader, what: str, found: Substitution) -> str:
        names, _ = await self.desk.queries.names(found.people, [])
        is_mine = who.person is not None and who.person.id == found.absent
        key = f"substitute.{what}_for_me" if is_mine else f"substitute.{what}"
        first, last = span(who.language, found.first_day, found.last_day)
        named = {"absent": names.get(found.absent, ""), "substitute": names.get(found.substitute, "")}
        return say(who.language, key, **named, **{"from": first, "to": last})


def place_of(view: Payload) -> AbsencePlace | None:
    """The place that an open form is about, None where it is not our form or none is chosen."""
    parts = (view.get("private_metadata") or "").split("\n")
    return place_in(parts[2]) if len(parts) == 3 else None


def is_own(view: Payload) -> bool:
    """True for a form about the absence of the person who reads it."""
    return (view.get("private_metadata") or "").split("\n")[1:2] == [OWN]


def _wish(by: Caller, read: AbsenceAnswers, *, key: str) -> SetSubstitute:
    return SetSubstitute(
        by=by.account,
        organisation=read.organisation,
        role=read.role,
        substitute=read.substitute,
        first=read.first,
        last=read.last,
        absent=read.absent,
        key=key,
    )
