"""What binds a view to the table of disclosure: each field says which fact it shows, and no side holds another's."""

from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, ClassVar, TypeVar, get_args, get_origin

from core.shared.disclosure import Fact, sees
from core.shared.vocabulary import Side

T = TypeVar("T")


class Shown(Enum):
    """To whom a field says something that is no fact of the table."""

    TO_ALL = "to_all"  # hidden from nobody
    BY_RULE = "by_rule"  # which sides hangs on the case: whose step or question it is, who pays; a rule beside it says


class UndisclosedField(TypeError):
    """A field of a view names no fact of the table of disclosure, nor says who sees it."""

    def __init__(self, view: type, name: str) -> None:
        super().__init__(f"{view.__name__}.{name}")


class NeverEmpty(UndisclosedField):
    """A field of a view shows a fact that is hidden from a side, and has no value that says nothing."""


ToAll = Annotated[T, Shown.TO_ALL]
ByRule = Annotated[T, Shown.BY_RULE]
Shows = Fact | Shown


@dataclass(frozen=True)
class DisclosedView:
    """A value made for one side.

    Each field is annotated with the fact that it shows: a class with one that is not is refused when it is made. What
    its side may not see by the table of disclosure it does not hold, whatever it was made with.
    """

    shows: ClassVar[Mapping[str, Shows]] = {}

    side: ToAll[Side]

    def __init_subclass__(cls) -> None:
        """Note which fact each field shows. Raises UndisclosedField for one that names none, or is never empty."""
        super().__init_subclass__()
        own = {name: _shown_by(cls, name, hint) for name, hint in cls.__annotations__.items()}
        cls.shows = {**cls.shows, **own}

    def __post_init__(self) -> None:
        """Leave empty what the side may not see."""
        for name, nothing in hidden_from(type(self), self.side):
            object.__setattr__(self, name, nothing)


@cache
def hidden_from(view: type[DisclosedView], side: Side) -> tuple[tuple[str, object], ...]:
    """Return the fields of a view that hold nothing for a side, each with the nothing that it holds."""
    hidden = [name for name, shown in view.shows.items() if isinstance(shown, Fact) and not sees(side, shown)]
    return tuple((name, _nothing(view, name)) for name in hidden)


def _shown_by(view: type[DisclosedView], name: str, hint: object) -> Shows:
    named = [each for each in get_args(hint)[1:] if isinstance(each, Fact | Shown)]
    if get_origin(hint) is not Annotated or len(named) != 1:
        raise UndisclosedField(view, name)
    (shown,) = named
    if isinstance(shown, Fact) and not all(sees(side, shown) for side in Side):
        _empty(view, name, hint)
    return shown


# What a field of a kind holds for whoever may not see it.
_EMPTY: dict[object, object] = {str: "", int: 0, bool: False, tuple: (), frozenset: frozenset(), abc.Mapping: {}}


def _empty(view: type[DisclosedView], name: str, hint: object) -> object:
    of = get_args(hint)[0]
    if type(None) in get_args(of):
        return None
    kind = get_origin(of) or of
    if kind not in _EMPTY:
        raise NeverEmpty(view, name)
    return _EMPTY[kind]


def _nothing(view: type[DisclosedView], name: str) -> object:
    hint = next(each.__annotations__[name] for each in view.__mro__ if name in getattr(each, "__annotations__", {}))
    return _empty(view, name, hint)
