"""Care units, and when two of them are the same."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.shared.characters import folded

# What was meant as an HSA-id, right or not: SE and digits, maybe a hyphen and more.
_MEANT_AS_HSA_ID = re.compile(r"(?<!\w)SE[0-9]{2}[^\s,;()]*", re.IGNORECASE)
# What parts a name and an HSA-id where units are written as text, a line each; the first is the one that we write. A
# tab stands between two cells of a pasted table. A comma is part of a name.
UNIT_SEPARATORS = ";\t"


@dataclass(frozen=True)
class Unit:
    """A care unit: a name, and its HSA-id where it has one.

    Two are the same when their HSA-ids are, or when their names are and one of them was given none. Letter case, the
    spaces between words and what nobody sees make no difference.
    """

    name: str
    hsa_id: str | None = None

    @property
    def key(self) -> str:
        """What an order's units are told apart by: the HSA-id, else the name."""
        return self.keys[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """What the unit is kept by, the key first; the name of one that has an HSA-id stands behind a space."""
        return (self.hsa_id.upper(), f" {self._plain_name}") if self.hsa_id else (self._plain_name,)

    @property
    def kept(self) -> tuple[str, str | None, str, str | None]:
        """What a connection of the unit holds of it: the key, the name that it is kept by besides, name and HSA-id."""
        key, *names = self.keys
        return key, next(iter(names), None), self.name, self.hsa_id

    @property
    def sought(self) -> tuple[str, ...]:
        """What the same unit may be kept by elsewhere."""
        return self.keys[:1] + ((self._plain_name,) if self.hsa_id else (f" {self._plain_name}",))

    def sought_as(self, kept: Iterable[tuple[str, str | None]]) -> frozenset[str]:
        """Return what the unit may be kept by, where units have been kept by these: HSA-ids, and names behind a space.

        Whatever it is called now, a unit is its HSA-id; and what had that HSA-id once is found by its name of then.
        """
        earlier = {(id_, name) for id_, name in kept if name is not None}
        if self.hsa_id:
            return frozenset({*self.sought, *(name[1:] for id_, name in earlier if id_ == self.key)})
        return frozenset({*self.sought, *(id_ for id_, name in earlier if name == self.sought[1])})

    @property
    def _plain_name(self) -> str:
        return folded(self.name)


def repeated_units(units: Iterable[Unit]) -> Iterator[tuple[int, int]]:
    """The places of units that an earlier one is the same as, and of that one."""
    places: dict[str, int] = {}
    for place, unit in enumerate(units):
        earlier = next((places[key] for key in unit.sought if key in places), None)
        if earlier is not None:
            yield place, earlier
        for key in unit.keys:
            places.setdefault(key, place)


def meant_as_hsa_id(text: str) -> str:
    """Return the first piece of a text that was meant as an HSA-id, right or not; empty where none was."""
    match = _MEANT_AS_HSA_ID.search(text)
    return "" if match is None else match[0]


def is_unit_name(text: str) -> bool:
    """Say whether a text is nothing but a name, so that it is read as that alone where units are written as text."""
    return not ({*UNIT_SEPARATORS, "\n"} & set(text) or meant_as_hsa_id(text))
