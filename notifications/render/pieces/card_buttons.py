"""Which of the actions that are offered stand as buttons, and which in the menu beside them."""

from collections.abc import Iterator, Sequence

from core.api import Action, Part, Transition
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Element
from notifications.render.pieces import parts
from notifications.render.pieces.words import CaseWords

# More buttons than these crowd a card.
VISIBLE = 3
DETAILS = "details"
ATTESTANTS = (Action.ATTEST, Action.REJECT, Action.REQUEST_COMPLETION)
# What may stand as a button, the likeliest first; everything else that is offered stands in the menu.
BUTTONS: dict[Part, tuple[Action, ...]] = {
    Part.AGENT_HANDLER: (Action.APPROVE, Action.REJECT, Action.REQUEST_COMPLETION, Action.CONFIRM_CONNECTION),
    Part.AGENT_ATTESTANT: ATTESTANTS,
    Part.CUSTOMER_ATTESTANT: ATTESTANTS,
    Part.ORDERER: (Action.KEEP, Action.ANSWER, Action.REMIND_NOW, Action.WITHDRAW, Action.CONFIRM_CONNECTION),
    Part.CUSTOMER_SERVICE: (
        Action.CLAIM,
        Action.TAKE_OVER,
        Action.RESUME,
        Action.APPROVE,
        Action.SEND_INSTRUCTIONS,
        Action.INFORM_AGENT,
        Action.CONFIRM_END,
        Action.REQUEST_COMPLETION,
        Action.REJECT,
        Action.CONFIRM_CONNECTION,
        Action.SEND_AGAIN,
        Action.RENEW,
    ),
}
# The act that a card is about: its button stands out.
PRIMARY = frozenset(
    {Action.APPROVE, Action.ATTEST, Action.ANSWER, Action.KEEP, Action.CLAIM, Action.RESUME}
    | {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CONFIRM_END, Action.CONFIRM_CONNECTION}
)
# What ends an order against the will of whoever ordered.
DANGER = frozenset({Action.REJECT, Action.CANCEL})


def choices(
    words: CaseWords, part: Part, offers: Sequence[Transition], pointer: Pointer, *, whole: str = DETAILS
) -> Iterator[Block]:
    """Return a row with at most three buttons, and a menu of the rest; the whole order is always among them.

    `whole` is what shows all of it called.
    """
    offered = [row.does for row in offers]
    shown = [each for each in BUTTONS.get(part, ()) if each in offered][:VISIBLE]
    rest: list[str] = [each for each in offered if each not in shown]
    buttons = [act_button(words, each, pointer) for each in shown]
    if len(buttons) < VISIBLE:
        buttons.append(details(words, pointer, whole))
    more = [(each, pointer.option(each)) for each in rest]
    if len(shown) == VISIBLE:
        more.insert(0, (whole, pointer.option(DETAILS)))
    menu = [parts.menu(words.language, more, area=words.view.flow)] if more else []
    yield from parts.actions([*buttons, *menu])


def likeliest(part: Part, offers: Sequence[Transition]) -> list[Action]:
    """Return what is offered: first what may stand as a button, the likeliest first, then the rest."""
    offered = [row.does for row in offers]
    buttons = [each for each in BUTTONS.get(part, ()) if each in offered]
    return [*buttons, *(each for each in offered if each not in buttons)]


def details(words: CaseWords, pointer: Pointer, whole: str = DETAILS) -> Element:
    """Return the button that shows the whole order, or the whole of what else it is called."""
    return parts.button(words.language, DETAILS, pointer.value(), words.about, whole, area=words.view.flow)


def act_button(words: CaseWords, action: Action, pointer: Pointer) -> Element:
    """Return the button of an action: the act that is meant stands out, and so does what ends an order."""
    is_primary, is_danger = action in PRIMARY, action in DANGER
    return parts.button(
        words.language,
        action,
        pointer.value(),
        words.about,
        area=words.view.flow,
        is_primary=is_primary,
        is_danger=is_danger,
    )
