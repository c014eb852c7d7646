"""What somebody must see to, because of which people are refused: an organisation that lacks something, a price that is
missing, a case that nobody at customer service may touch, one whose time has run out there. Each is told once, or once
a week.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.shared.errors import AgentNotStaffed, NoAttestant, OrderError, OverEveryLimit
from core.shared.vocabulary import CaseId, OfferId, OrganisationId, Part
from core.shared.working_days import week_of
from core.workflow.context import DecisionContext


@dataclass(frozen=True)
class MissingPrice:
    """Since a day an offer lacks a price that it had: the orders of it that wait for a decision stand still."""

    offer: OfferId
    since: date
    at: datetime

    @property
    def key(self) -> str:
        """The same for every order that lacks it: what has been told under it is not told again."""
        return f"{self.since.isoformat()}/{self.offer}"


def missing_price(now: DecisionContext, at: datetime) -> MissingPrice | None:
    """What keeps a case from being decided, where that is a price."""
    return None if now.unpriced_since is None else MissingPrice(now.case.order.offer, now.unpriced_since, at)


def missing_by(key: str) -> tuple[OfferId, date]:
    """The offer in a key, and since when it lacks a price."""
    since, _, offer = key.partition("/")
    return OfferId(offer), date.fromisoformat(since)


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


@dataclass(frozen=True)
class Unattended:
    """Somebody was refused, and nobody is left who would not be: the lead is told once a week."""

    case: CaseId
    step: int
    at: datetime

    @property
    def key(self) -> str:
        """The same for every try of one week: what has been told under it is not told again."""
        return f"unattended/{self.case}/{week_of(self.at)}"


@dataclass(frozen=True)
class Overdue:
    """Customer service's time for a case has run out: whoever has it and the lead are told, once a week."""

    case: CaseId
    step: int
    at: datetime

    @property
    def key(self) -> str:
        """The same for every time of one week that it runs out: what has been told under it is not told again."""
        return f"overdue/{self.case}/{week_of(self.at)}"
