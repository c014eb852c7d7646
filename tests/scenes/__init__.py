"""Everything that is said of something, in worlds where each value can be told from every other."""

from collections.abc import Iterator

from tests.scenes.applications import of_applications
from tests.scenes.cards import of_cards
from tests.scenes.orders import of_orders
from tests.scenes.papers import of_forms, of_papers
from tests.scenes.refusals import of_history, of_refusals
from tests.scenes.register import of_absences, of_accounts, of_registers, of_weeks
from tests.scenes.scene import SV, Scene

__all__ = ["SV", "Scene", "scenes"]

OF = (
    *(of_orders, of_applications, of_cards, of_refusals, of_history),
    *(of_absences, of_accounts, of_registers, of_weeks, of_forms, of_papers),
)


def scenes() -> Iterator[Scene]:
    """Every scene."""
    for of in OF:
        yield from of()
