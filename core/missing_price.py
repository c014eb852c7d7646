"""A price of an offer that has ended without another: customer service's lead is told of it, once."""

from dataclasses import dataclass
from datetime import date, datetime

from core.situation import Situation
from core.words import OfferId


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


def missing_price(now: Situation, at: datetime) -> MissingPrice | None:
    """What keeps a case from being decided, where that is a price."""
    return None if now.unpriced_since is None else MissingPrice(now.case.order.offer, now.unpriced_since, at)


def missing_by(key: str) -> tuple[OfferId, date]:
    """The offer in a key, and since when it lacks a price."""
    since, _, offer = key.partition("/")
    return OfferId(offer), date.fromisoformat(since)
