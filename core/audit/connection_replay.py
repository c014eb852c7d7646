"""What is connected as rows of history tell it: each row leaves the whole of a connection. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from hashlib import sha256

from core.shared.traits import TRAITS, CaseEffect
from core.shared.vocabulary import CaseId, Happened, OfferId, OrganisationId
from core.workflow.case import Case

EFFECTS = {
    CaseEffect.CONNECTS: {Happened.BEGAN, Happened.CONFIRMED, Happened.ENDED},
    CaseEffect.DISCONNECTS: {Happened.ENDED},
}
# So much of a digest tells one from another.
SHORT = 12


@dataclass(frozen=True)
class ReplayedConnection:
    """A service that a unit has. `unit` proves which unit, and names none; it proves none where none was named."""

    organisation: OrganisationId
    service: str
    offer: OfferId
    agent: OrganisationId | None
    unit: str
    since: datetime
    until: datetime | None
    begun_by: CaseId
    ended_by: CaseId | None
    confirmed: datetime | None

    def __str__(self) -> str:
        """Write it by its ids, codes and instants."""
        short = (value[:SHORT] if value is self.unit else value for value in astuple(self))
        return " ".join(_word(value) for value in short)


def unit_digest(case: str, kept: Iterable[str | None]) -> str:
    """Prove what a connection that a case began says of its unit: what it is kept by, its name and HSA-id."""
    return sha256(json.dumps([case, *kept], separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def is_of_case(
    case: Case, states: Set[str], action: str, connections: Iterable[ReplayedConnection], at: datetime
) -> bool:
    """Say whether a case, which has come to some states, makes what a row says that it began or ended at an instant."""
    traits = TRAITS[case.flow]
    if traits.takes_effect not in states or action not in EFFECTS.get(traits.effect, ()):
        return False
    if action == Happened.BEGAN:
        began = Counter((one.organisation, one.offer, one.agent, one.unit, one.since) for one in connections)
        units = [unit.kept for unit in case.order.units] or [NO_UNIT]
        about = case.customer, case.order.offer, case.agent
        # A case of many units is told by more than one row.
        return began <= Counter((*about, unit_digest(case.id, kept), at) for kept in units)
    if action == Happened.CONFIRMED:
        return traits.end in states and all((one.begun_by, one.confirmed) == (case.id, at) for one in connections)
    return all((one.organisation, one.ended_by) == (case.customer, case.id) for one in connections)


NO_UNIT = ("", None, None, None)


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "-" if value is None else str(value)
