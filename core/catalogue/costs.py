"""What one payer pays for an order."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.shared.vocabulary import (
    Payer,
    Period,
)

MONTHS = {Period.MONTH: 12, Period.YEAR: 1}


@dataclass(frozen=True)
class Cost:
    """What one payer pays, in öre excluding VAT, counted when the order was submitted."""

    startup_ore: int = 0
    recurring_ore: int = 0
    period: Period = Period.YEAR

    @property
    def first_year_ore(self) -> int:
        """What an amount limit and a tier are held against: the start-up cost and a year of the recurring one."""
        return self.startup_ore + MONTHS[self.period] * self.recurring_ore


Costs = Mapping[Payer, Cost]


def first_year_ore(payer: Payer, costs: Costs, coming: Costs) -> int:
    """The dearer first year of one payer: at a price, or at the one that holds when what is ordered begins."""
    return max(each.get(payer, Cost()).first_year_ore for each in (costs, coming))
