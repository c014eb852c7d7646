"""What is pressed and what is sent, whichever surface it was drawn on, and what follows once it is kept."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.acts.outcomes import Outcome
from bot.acts.people import Presser
from bot.forms.inputs import Typed
from core.api import Action, ActOnCase, Answers, CardPlace, CaseAdvanced
from notifications.render import button_values
from notifications.render.button_values import Pointer
from notifications.slack.port import MessagePlace

NO_ANSWERS = Answers()
ACTIONS = frozenset(map(str, Action))


@dataclass(frozen=True)
class OpenForm:
    """A form, or another view, that is open: which one, what it is about, and what is filled in.

    `key` is what it is known by: sent again, it counts no second time. `root` is the key of what it lies on at the
    bottom, the same again where it lies on nothing.
    """

    name: str
    metadata: str
    typed: Typed
    key: str
    root: str


@dataclass(frozen=True)
class PressedButton:
    """A pressed button or a chosen option. `pointer` None: its value is not one of ours.

    A value may say more after its pointer: `rest`. `form` is the view that it stands in, `place` the message.
    """

    by: Presser
    action_id: str
    value: str
    rest: str
    pointer: Pointer | None
    form: OpenForm | None
    place: MessagePlace | None


# What happens at a button or a menu, and what is done when a form of one kind is sent.
Act = Callable[[PressedButton], Awaitable[Outcome]]
Acts = Mapping[str, Act]
Sent = Callable[[OpenForm, Presser], Awaitable[Outcome]]
NO_ACTS: Acts = {}


@dataclass(frozen=True)
class Meaning:
    """What a value says: which button it stands for, for an option of the menu, and what it points at."""

    action_id: str
    rest: str
    pointer: Pointer | None


def meaning_of(action_id: str, value: str) -> Meaning:
    """Read an element's action id and value. An option of the menu is the button that it stands for."""
    more = button_values.read_more(value)
    if more is None:
        return Meaning(action_id, "", button_values.read(value))
    pointer, rest = more
    return Meaning(button_values.action_id(rest) if action_id == button_values.MENU else action_id, rest, pointer)


@dataclass(frozen=True)
class Wish:
    """An action on a case, as a button stands for it, or as a form carries it until it is sent, in its metadata."""

    pointer: Pointer
    action: Action
    place: MessagePlace | None

    def metadata(self) -> str:
        """What a form carries."""
        place = self.place or MessagePlace("", "")
        return "\n".join((self.pointer.value(), self.action, place.channel, place.ts))

    def command(self, by: Presser, answers: Answers = NO_ANSWERS) -> ActOnCase:
        """The wish as the core takes it."""
        return ActOnCase(
            case=self.pointer.case,
            action=self.action,
            by=by.account,
            surface=by.surface,
            seen=self.pointer.seen,
            answers=answers,
            card=self.pointer.card or None,
            signed_in=by.signed_in,
        )


def wish_of(press: PressedButton) -> Wish | None:
    """What a button of the flows table stands for; None for any other."""
    action = button_values.action_of(press.action_id)
    if press.pointer is None or action is None:
        return None
    return Wish(press.pointer, action, press.place)


def wish_in(form: OpenForm | None) -> Wish | None:
    """What a form of the flows table carries; None for any other."""
    parts = ("" if form is None else form.metadata).split("\n")
    if len(parts) != 4 or parts[1] not in ACTIONS:
        return None
    pointer, place = button_values.read(parts[0]), MessagePlace(parts[2], parts[3])
    return Wish(pointer, Action(parts[1]), place if place.channel and place.ts else None) if pointer else None


def drawn_in(form: OpenForm) -> str | None:
    """The environment that drew a view, None where its metadata does not begin with a pointer."""
    pointer = button_values.read(form.metadata.partition("\n")[0])
    return None if pointer is None else pointer.environment


class Following(Protocol):
    """What follows a change, on a surface. Nothing here is waited for."""

    def follow_press(self, by: Any, pointer: Pointer, place: MessagePlace | None, done: CaseAdvanced) -> None:
        """Follow a press that counted: every card of its case is repainted."""
        ...

    def adopt_unknown(self, pointer: Pointer, place: MessagePlace | None, known: CardPlace | None) -> None:
        """Look after a message that was pressed, unless its card is known to stand there."""
        ...

    def accounts_changed(self, by: Any) -> None:
        """Follow a change of whose an account is."""
        ...

    def register_changed(self, by: Any) -> None:
        """Follow a change of people, roles or rules."""
        ...

    def rights_changed(self, by: Any) -> None:
        """Follow a change of who may do what."""
        ...

    def redraw(self, by: Any) -> None:
        """Show somebody news of the own lists."""
        ...
