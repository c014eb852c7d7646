"""What keeps an organisation from ordering, or from getting orders, until its administrators see to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.errors import AgentNotStaffed, NoAttestant, OrderError, OverEveryLimit
from core.words import OrganisationId, Part
from core.working_days import week_of

# Which fact of a refusal names the organisation, and the part that its administrators play.
_WHOSE: Mapping[type[OrderError], tuple[str, Part]] = {
    NoAttestant: ("organisation", Part.CUSTOMER_ADMINISTRATOR),
    OverEveryLimit: ("organisation", Part.CUSTOMER_ADMINISTRATOR),
    AgentNotStaffed: ("agent", Part.AGENT_ADMINISTRATOR),
}
NOT_READY = frozenset(each.code for each in _WHOSE)


@dataclass(frozen=True)
class NotReady:
    """Somebody was refused because an organisation lacks something: its administrators are told once a week."""

    organisation: OrganisationId
    part: Part
    code: str
    at: datetime

    @property
    def key(self) -> str:
        """The same for every try of one week: what has been told under it is not told again."""
        return f"{self.code}/{self.organisation}/{week_of(self.at)}"


def not_ready(refusal: OrderError, at: datetime) -> NotReady | None:
    """What the administrators of an organisation can mend; None for what somebody else must."""
    found = _WHOSE.get(type(refusal))
    if found is None:
        return None
    fact, part = found
    return NotReady(OrganisationId(str(refusal.facts[fact])), part, refusal.code, at)


def told_by(key: str) -> tuple[str, OrganisationId]:
    """The refusal's code and the organisation in a key."""
    code, organisation, _ = key.split("/")
    return code, OrganisationId(organisation)
