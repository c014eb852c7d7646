"""Presses and sent forms: decoded, handed to whichever act they belong to, and its outcome shown in Slack."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.orders.decisions import CaseDecisions
from bot.acts.orders.reading import Reading
from bot.acts.outcomes import Counted, Kept, Opening, Outcome, Replaced, Retyped, ShownView, Turned, Unchanged, Wrong
from bot.acts.people import People
from bot.acts.press import OpenForm, Sent, drawn_in
from bot.acts.refusals import OtherEnvironment
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from bot.slack.payloads import Payload
from bot.slack.press import OwnActions, Pressed, PressedCards, opened, pressed
from bot.slack.replies import Replies, updated
from bot.views.notices import NoticeModal
from notifications.render.model import Dialog


@dataclass(frozen=True)
class PressAnswers:
    """Shows what a press came to, beside the acknowledgement."""

    people: People
    reading: Reading
    replies: Replies
    homes: Homes

    def show(self, press: Pressed, outcome: Outcome) -> None:
        """Begin to. Raises NothingShown where nothing can be."""
        match outcome:
            case ShownView():
                self.replies.open_beside(press.where, outcome)
            case Opening():
                self._open(press, outcome)
            case Replaced() | Retyped():
                self._redraw(press, outcome)
            case Turned():
                self.homes.turn(press.by, outcome.query)
            case Counted():
                self._show_it_counted(press)
            case Kept():
                self.replies.beside(self._tell(press, notice_of(outcome)))
            case _:
                pass

    def _open(self, press: Pressed, outcome: Opening) -> None:
        self.replies.check_shown(press.where)
        failed = partial(self.replies.say_failed, press.where)
        self.replies.beside(self._drawn_and_opened(press, outcome), otherwise=failed)

    async def _drawn_and_opened(self, press: Pressed, outcome: Opening) -> None:
        drawn = await outcome.draw()
        await self.replies.open(press.where, drawn.who, drawn.dialog)

    def _redraw(self, press: Pressed, outcome: Replaced | Retyped) -> None:
        if press.view is None:
            return
        if isinstance(outcome, Retyped):
            self.replies.beside(self.replies.redraw_typed(press.by, press.view, outcome.draw))
        else:
            self.replies.beside(self.replies.redraw(press.by, press.view, outcome.dialog))

    def _show_it_counted(self, press: Pressed) -> None:
        """Say so, where nothing can be shown; draw the open order anew, where it was pressed in one."""
        if self.replies.is_silenced(press.by.workspace):
            self.replies.beside(self._say_saved(press))
        elif press.view is not None and press.form is not None:
            self.replies.beside(self._draw_anew(press, press.view, press.form))

    async def _draw_anew(self, press: Pressed, view: Payload, form: OpenForm) -> None:
        drawn = await self.reading.anew(press.by, form)
        if drawn is not None:
            await self.replies.redraw(press.by, view, drawn)

    async def _say_saved(self, press: Pressed) -> None:
        await self.replies.say_saved(press.where, await self.people.reader(press.by))

    async def _tell(self, press: Pressed, notice: Dialog) -> None:
        await self.replies.open(press.where, await self.people.reader(press.by), notice)


@dataclass(frozen=True)
class Presses:
    """`own` holds the bot's own acts by action id; everything else is an action of the flows table, or gone."""

    own: OwnActions
    decisions: CaseDecisions
    cards: PressedCards
    answers: PressAnswers

    async def on_press(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Judge the press, let it happen or open what it asks for, then acknowledge. Raises OtherEnvironment."""
        press = pressed(body, context["caller"])
        if not _environments(press) <= {self.answers.reading.screens.here.environment}:
            raise OtherEnvironment
        own = self.own.get(press.action_id)
        self.answers.show(press, await (self.decisions.on_press if own is None else own)(press))
        # Asked beside the acknowledgement whether its message is known, since no own act reads where a card stands.
        if own is not None and press.pointer is not None:
            self.cards.adopt_unknown(press.pointer, press.place, None)
        await ack()


@dataclass(frozen=True)
class FormAnswers:
    """Answers a form that was sent, in its own reply."""

    people: People
    replies: Replies

    async def answer(self, ack: AsyncAck, view: Payload, by: Caller, outcome: Outcome) -> None:
        """Say what came of it, and show that below."""
        match outcome:
            case Wrong():
                await ack(response_action="errors", errors=outcome.problems.in_words(outcome.language))
            case Kept():
                await ack(**updated(notice_of(outcome)))
                self.replies.beside(self._show_below(view, by, outcome))
            case Replaced():
                await ack(**updated(outcome.dialog))
            case Counted():
                await self._close(ack, by)
            case _:
                await ack()

    async def _close(self, ack: AsyncAck, by: Caller) -> None:
        if not self.replies.is_silenced(by.workspace):
            await ack(response_action="clear")
            return
        # No message will show it, and the answer to a submission needs no token.
        await ack(**updated(self.replies.saved(await self.people.reader(by))))

    async def _show_below(self, view: Payload, by: Caller, outcome: Kept) -> None:
        below = view.get("previous_view_id")
        drawn = await outcome.below() if below and outcome.below is not None else None
        if drawn is not None:
            await self.replies.redraw(by, {"id": below}, drawn)


@dataclass(frozen=True)
class Modals:
    """`own` holds what to do with the bot's own forms, by callback id; the others belong to rows of the table."""

    environment: str
    own: Mapping[str, Sent]
    decisions: CaseDecisions
    answers: FormAnswers

    async def on_submit(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Hand a submission to whoever its form belongs to. Raises OtherEnvironment."""
        form, by = opened(body["view"]), context["caller"]
        if drawn_in(form) != self.environment:
            raise OtherEnvironment
        outcome = await self.own.get(form.name, self.decisions.on_submit)(form, by)
        await self.answers.answer(ack, body["view"], by, outcome)


def notice_of(kept: Kept) -> Dialog:
    """Return what says that something has been kept."""
    return NoticeModal.build(kept.language, "notice.done", kept.sentence)


def _environments(press: Pressed) -> set[str]:
    """Where the element was drawn, and the view that it stands in, as far as they say so."""
    of_element = None if press.pointer is None else press.pointer.environment
    of_view = None if press.form is None else drawn_in(press.form)
    return {each for each in (of_element, of_view) if each is not None}


async def links_out(press: Pressed) -> Outcome:  # noqa: ARG001 - one signature
    """A button that opens an address in the browser; Slack tells of it all the same."""
    return Unchanged()


LINKS_OUT: OwnActions = {"kp.open_portal": links_out, "kp.terms": links_out}
