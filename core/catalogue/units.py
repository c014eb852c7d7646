"""Care units, and when two of them are the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import normalize

from core.shared.characters import without_hidden


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
    def sought(self) -> tuple[str, ...]:
        """What the same unit may be kept by elsewhere."""
        return self.keys[:1] + ((self._plain_name,) if self.hsa_id else (f" {self._plain_name}",))

    @property
    def _plain_name(self) -> str:
        return " ".join(normalize("NFKC", without_hidden(self.name)).split()).casefold()


def repeated_units(units: Iterable[Unit]) -> Iterator[tuple[int, int]]:
    """The places of units that an earlier one is the same as, and of that one."""
    places: dict[str, int] = {}
    for place, unit in enumerate(units):
        earlier = next((places[key] for key in unit.sought if key in places), None)
        if earlier is not None:
            yield place, earlier
        for key in unit.keys:
            places.setdefault(key, place)
