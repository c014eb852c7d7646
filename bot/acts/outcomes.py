"""What an act comes to, as values: each surface shows them in its own way. A "no" is raised, as everywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.acts.people import Reader
from bot.forms.inputs import FieldErrors
from core.api import Action, InboxQuery, Language
from notifications.render.model import Dialog

Draw = Callable[[], Awaitable[Dialog]]


@dataclass(frozen=True)
class ShownView:
    """A view to be shown to its reader, on top of what is open."""

    who: Reader
    dialog: Dialog


@dataclass(frozen=True)
class Opening:
    """The same of a view that takes reading to draw, for which no answer has to wait."""

    draw: Callable[[], Awaitable[ShownView]]


@dataclass(frozen=True)
class Replaced:
    """What the open view is now."""

    dialog: Dialog


@dataclass(frozen=True)
class Retyped:
    """What the open form is now that something has been typed in it, drawn after those that were typed before."""

    draw: Draw


@dataclass(frozen=True)
class Turned:
    """Another page of another list of the home page, or the same one in a language that was chosen just now."""

    query: InboxQuery
    is_in_another_language: bool = False


@dataclass(frozen=True)
class Counted:
    """An action of a case has happened: its cards show it, and so does the case where it is open."""

    action: Action


@dataclass(frozen=True)
class Wrong:
    """A form that cannot be kept: what is wrong, at its fields."""

    problems: FieldErrors
    language: Language


@dataclass(frozen=True)
class Kept:
    """Something has been kept, and a sentence says what. `below` draws what the form lay on, None once it is gone."""

    language: Language
    sentence: str
    below: Callable[[], Awaitable[Dialog | None]] | None = None


@dataclass(frozen=True)
class Unchanged:
    """Nothing is to be shown."""


Outcome = ShownView | Opening | Replaced | Retyped | Turned | Counted | Wrong | Kept | Unchanged
