"""A press: decoded from what Slack tells of it, and followed, counted or refused, beside the acknowledgement."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.server.background import CaseFollowUp, Tasks, Wake
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from bot.slack.payloads import Payload
from bot.slack.replies import ReplySpot, spot
from core.api import Action, ActOnCase, Answers, CardId, CardPlace, CaseAdvanced, Surface
from notifications.outbox.repository import CardStore
from notifications.render import buttons
from notifications.render.buttons import Pointer
from notifications.slack.port import MessagePlace

NO_ANSWERS = Answers()
ACTIONS = frozenset(map(str, Action))


@dataclass(frozen=True)
class Pressed:
    """A pressed button or a chosen option. `pointer` None: its value is not one of ours. `place` None: in a view.

    A value may say more after its pointer: `rest`. An option of the menu is the button that it stands for.
    """

    by: Caller
    action_id: str
    value: str
    rest: str
    pointer: Pointer | None
    where: ReplySpot
    place: MessagePlace | None
    view: Payload | None


# What happens at the bot's own buttons and menus, by action id.
OwnAction = Callable[[Pressed], Awaitable[None]]
# What is done when a form of one kind is sent.
Submitted = Callable[[AsyncAck, Payload, Caller], Awaitable[None]]
OwnActions = Mapping[str, OwnAction]


def pressed(payload: Payload, by: Caller) -> Pressed:
    """The press in a `block_actions` payload."""
    element = payload["actions"][0]
    value = element.get("value") or (element.get("selected_option") or {}).get("value") or ""
    more, action_id = buttons.read_more(value), element["action_id"]
    return Pressed(
        by=by,
        action_id=buttons.action_id(more[1]) if more and action_id == buttons.MENU else action_id,
        value=value,
        rest=more[1] if more else "",
        pointer=more[0] if more else buttons.read(value),
        where=spot(payload, by),
        place=_place(payload["container"]),
        view=payload.get("view"),
    )


def _place(container: Payload) -> MessagePlace | None:
    channel, ts = container.get("channel_id"), container.get("message_ts")
    return MessagePlace(channel, ts) if channel and ts else None


@dataclass(frozen=True)
class Wish:
    """An action on a case, as a button stands for it, or as a modal carries it to its submission in its metadata."""

    pointer: Pointer
    action: Action
    place: MessagePlace | None

    def metadata(self) -> str:
        """What a modal carries in `private_metadata`."""
        place = self.place or MessagePlace("", "")
        return "\n".join((self.pointer.value(), self.action, place.channel, place.ts))

    def command(self, by: Caller, answers: Answers = NO_ANSWERS) -> ActOnCase:
        """The wish as the core takes it."""
        return ActOnCase(
            case=self.pointer.case,
            action=self.action,
            by=by.account,
            surface=Surface.SLACK,
            seen=self.pointer.seen,
            answers=answers,
            card=self.pointer.card or None,
        )


def wish_of(press: Pressed) -> Wish | None:
    """What a button of the flows table stands for; None for any other."""
    action = buttons.action_of(press.action_id)
    if press.pointer is None or action is None:
        return None
    return Wish(press.pointer, action, press.place)


def wish_in(view: Payload) -> Wish | None:
    """What a modal of the flows table carries; None for any other."""
    parts = (view.get("private_metadata") or "").split("\n")
    if len(parts) != 4 or parts[1] not in ACTIONS:
        return None
    pointer, place = buttons.read(parts[0]), MessagePlace(parts[2], parts[3])
    return Wish(pointer, Action(parts[1]), place if place.channel and place.ts else None) if pointer else None


def drawn_in(view: Payload) -> str | None:
    """The environment that drew a view, None where its metadata does not begin with a pointer."""
    pointer = buttons.read((view.get("private_metadata") or "").partition("\n")[0])
    return None if pointer is None else pointer.environment


def wish_behind(payload: Payload, by: Caller) -> Wish | None:
    """The same from a press or a submission, for those who answer a refusal."""
    if payload.get("type") == "view_submission":
        return wish_in(payload["view"])
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
