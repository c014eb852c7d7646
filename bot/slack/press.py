"""A press: decoded from what Slack tells of it, and followed, counted or refused, beside the acknowledgement."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.acts.outcomes import Outcome
from bot.acts.press import OpenForm, PressedButton, Wish, meaning_of, wish_in, wish_of
from bot.server.background import CaseFollowUp, Tasks, Wake
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from bot.slack.payloads import Payload, typed_in
from bot.slack.replies import ReplySpot, spot
from core.api import CardId, CardPlace, CaseAdvanced
from notifications.outbox.repository import CardStore
from notifications.render.button_values import Pointer
from notifications.slack.port import MessagePlace


@dataclass(frozen=True)
class Pressed(PressedButton):
    """A press as Slack tells of it: where its answer goes, and the view that it stands in."""

    by: Caller
    where: ReplySpot
    view: Payload | None


# What happens at a button or a menu, by action id; Slack's own acts need to know where the person stands.
OwnAction = Callable[[Pressed], Awaitable[Outcome]]
OwnActions = Mapping[str, OwnAction]


def pressed(payload: Payload, by: Caller) -> Pressed:
    """The press in a `block_actions` payload."""
    element, view = payload["actions"][0], payload.get("view")
    value = element.get("value") or (element.get("selected_option") or {}).get("value") or ""
    meant = meaning_of(element["action_id"], value)
    return Pressed(
        by=by,
        action_id=meant.action_id,
        value=value,
        rest=meant.rest,
        pointer=meant.pointer,
        form=None if view is None else opened(view),
        place=_place(payload["container"]),
        where=spot(payload, by),
        view=view,
    )


def opened(view: Payload) -> OpenForm:
    """The form, or another view, in what Slack tells of it."""
    id_ = view.get("id") or ""
    return OpenForm(
        name=view.get("callback_id") or "",
        metadata=view.get("private_metadata") or "",
        typed=typed_in(view),
        key=id_,
        root=view.get("root_view_id") or id_,
    )


def _place(container: Payload) -> MessagePlace | None:
    channel, ts = container.get("channel_id"), container.get("message_ts")
    return MessagePlace(channel, ts) if channel and ts else None


def wish_behind(payload: Payload, by: Caller) -> Wish | None:
    """What a press or a submission stands for, for those who answer a refusal."""
    if payload.get("type") == "view_submission":
        return wish_in(opened(payload["view"]))
    return wish_of(pressed(payload, by)) if payload.get("type") == "block_actions" else None


@dataclass(frozen=True)
class PressedCards:
    """Looks after the messages that were pressed and are not where, or what, is known of them; beside the answer."""

    cards: CardStore
    wake: Wake
    tasks: Tasks

    def adopt_unknown(self, pointer: Pointer, place: MessagePlace | None, known: CardPlace | None) -> None:
        """Adopt a message that was pressed, and let it be repainted, unless its card is known to stand there."""
        if place is None or not pointer.card or _stands_at(known, place):
            return
        self.tasks.start(self._adopt(pointer.card, place))

    def repaint(self, pointer: Pointer, place: MessagePlace | None) -> None:
        """Let a card be repainted that was pressed and is out of date: nothing was committed that owes it that."""
        if place is not None and pointer.card:
            self.tasks.start(self._repaint(pointer.card, place))

    async def _adopt(self, card: CardId, place: MessagePlace) -> None:
        if await self.cards.adopt(card, place.channel, place.ts):
            self.wake()

    async def _repaint(self, card: CardId, place: MessagePlace) -> None:
        if not await self.cards.adopt(card, place.channel, place.ts):
            await self.cards.repaint(card)
        self.wake()


@dataclass(frozen=True)
class AfterCommit:
    """Follows what has been committed. Everything here runs beside the acknowledgement."""

    follow_up: CaseFollowUp
    homes: Homes
    pressed: PressedCards

    def follow_press(self, by: Caller, pointer: Pointer, place: MessagePlace | None, done: CaseAdvanced) -> None:
        """Follow a press that counted: every card of its case is repainted, and the presser's home tab is."""
        self.follow_up.repaint_cards(done)
        self.homes.redraw(by)
        self.pressed.adopt_unknown(pointer, place, done.pressed)

    def adopt_unknown(self, pointer: Pointer, place: MessagePlace | None, known: CardPlace | None) -> None:
        """See `PressedCards.adopt_unknown`."""
        self.pressed.adopt_unknown(pointer, place, known)

    def redraw(self, by: Caller) -> None:
        """Show somebody news on the own home tab."""
        self.homes.redraw(by)

    def accounts_changed(self, by: Caller) -> None:
        """Follow a change of whose an account is: what waits comes to whom it is for."""
        self.follow_up.wake()
        self.homes.redraw(by)

    def register_changed(self, by: Caller) -> None:
        """Follow a change of people, roles or rules: whom it concerns is told, and who is asked is looked at anew."""
        self.follow_up.wake()
        self.rights_changed(by)

    def rights_changed(self, by: Caller) -> None:
        """Follow a change of who may do what: who is asked is looked at anew."""
        self.homes.redraw(by)
        self.follow_up.look_again_beside()


def _stands_at(known: CardPlace | None, place: MessagePlace) -> bool:
    return known is not None and (known.channel, known.ts) == (place.channel, place.ts)
