"""A scene: something to draw, and what each value in it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.api import Language

SV = Language.SV
Means = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Scene:
    """Something to draw. A value may be several things; values that could be taken for each other are never alike."""

    name: str
    means: Means
    draw: Callable[[], Iterable[object]]


def meaning(*pairs: tuple[str | None, str]) -> Means:
    """What values are, from pairs of a value and one of the things it is."""
    found: dict[str, set[str]] = defaultdict(set)
    for value, what in pairs:
        if value:
            found[value].add(what)
    return {value: frozenset(what) for value, what in found.items()}
