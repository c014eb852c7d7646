"""What a button carries: a pointer to the case and the step its card showed, never an authority."""

from dataclasses import dataclass

from core.api import Action, CardId, CaseId, Seen

PREFIX = "kp."
# The action id of the menu that holds what does not fit beside the buttons of a card.
MENU = PREFIX + "more"
NO_CARD, NO_CASE, NOTHING_SEEN = CardId(""), CaseId(""), Seen(0, 0)
# Between the ids in what a button says after its pointer.
SEPARATOR = ":"
_SEPARATOR, _OF = "|", "."
_DIGITS = 9
_ACTIONS = {PREFIX + action: action for action in Action}


@dataclass(frozen=True)
class Pointer:
    """Environment, card, case, and the step and content version that the card showed; who had it there, as a mark.

    `environment` tells deployments apart that share a Slack app; `card` is empty on the home tab and in commands.
    """

    environment: str
    card: CardId = NO_CARD
    case: CaseId = NO_CASE
    seen: Seen = NOTHING_SEEN

    def value(self) -> str:
        """Return the text in a button's `value` or a modal's `private_metadata`; read back by `read`."""
        seen = self.seen
        version = f"{seen.content_version}{'' if seen.claim is None else f'{_OF}{seen.claim}'}"
        return _SEPARATOR.join((self.environment, self.card, self.case, str(seen.step), version))

    def option(self, action: Action | str) -> str:
        """The text in the value of a menu's option, which must name its action itself; read back by `read_option`.

        A button may say more than a pointer in the same way; `read_more`.
        """
        return f"{self.value()}{_SEPARATOR}{action}"


def read(value: str) -> Pointer | None:
    """Return the pointer in a value, or None when it is not one of ours."""
    parts = value.split(_SEPARATOR)
    if len(parts) != 5:
        return None
    environment, card, case, step, version = parts
    content_version, of, claim = version.partition(_OF)
    numbers = (step, content_version, *((claim,) if of else ()))
    if not all(number.isdecimal() and len(number) <= _DIGITS for number in numbers):
        return None
    return Pointer(environment, CardId(card), CaseId(case), Seen(*map(int, numbers)))


def read_more(value: str) -> tuple[Pointer, str] | None:
    """Return the pointer in a value that says more, and what that is; None when it is not ours."""
    pointer, _, more = value.rpartition(_SEPARATOR)
    found = read(pointer)
    return None if found is None or not more else (found, more)


def read_option(value: str) -> tuple[Pointer, str] | None:
    """The pointer in an option's value, and the action id of the button it stands for; None when it is not ours."""
    found = read_more(value)
    return found and (found[0], action_id(found[1]))


def number_in(text: str) -> int | None:
    """Return the number that a button says; None where it says none, or one longer than any of ours."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def action_id(action: Action | str) -> str:
    """Slack's action id for an action of the flows table, or for one of the bot's own."""
    return PREFIX + str(action)


def action_of(action_id: str) -> Action | None:
    """Return the flows table's action in an action id, None for the bot's own and for what no longer exists."""
    return _ACTIONS.get(action_id)
