"""What units have of a service already, and what an order says becomes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.shared.vocabulary import Existing, Localised, OfferId, OrganisationId


@dataclass(frozen=True)
class ConnectionWay:
    """How a service is had: by which offer, and through which agent, or none."""

    offer: OfferId
    agent: OrganisationId | None = None


@dataclass(frozen=True)
class EarlierConnection:
    """What units of an order have of its service in another way, as the offer was called then.

    `units` are their names. It `ends` where the order replaces it.
    """

    way: ConnectionWay
    offer_name: Localised
    units: tuple[str, ...] = ()
    ends: bool = False


@dataclass(frozen=True)
class ExistingWish:
    """What an order says becomes of what its units have already; nothing where `says` is None.

    `replaces` names what is replaced; where it names nothing, all is. `changes_agent` is the older way of replacing
    what goes through another agent than `agent`, the one that is ordered through.
    """

    says: Existing | None = None
    replaces: tuple[ConnectionWay, ...] = ()
    changes_agent: bool = False
    agent: OrganisationId | None = None

    def ends(self, way: ConnectionWay) -> bool:
        """Say whether what is had in a way is replaced."""
        if self.replaces:
            return way in self.replaces
        return self.says is Existing.REPLACE or (self.says is None and self._changes_from(way))

    def answers(self, way: ConnectionWay) -> bool:
        """Say whether it says anything of what is had in a way."""
        return self.says is not None or bool(self.replaces) or self.ends(way)

    def unheld(self, ways: Iterable[ConnectionWay]) -> Sequence[ConnectionWay]:
        """Return what it replaces of which the units have nothing."""
        held = set(ways)
        return [way for way in self.replaces if way not in held]

    def _changes_from(self, way: ConnectionWay) -> bool:
        return self.changes_agent and None not in {self.agent, way.agent} and way.agent != self.agent


NOTHING_SAID = ExistingWish()
