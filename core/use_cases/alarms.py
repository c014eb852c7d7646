"""The use cases of telling whoever can mend it: an organisation that is not ready, a missing price, a case that nobody
may touch, one whose time at customer service has run out. Each is told once, or once a week.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from core.identity.accounts import Asking
from core.ports.cases import Alarm, CaseQuery, Transaction
from core.shared.errors import OrderError
from core.shared.vocabulary import ROLES_OF, CaseId, Part, PersonId, Role
from core.use_cases.engine import Engine
from core.workflow.alarms import MissingPrice, Overdue, Unattended, not_ready
from core.workflow.events import NewCard
from core.workflow.guards.people import has_no_part

log = logging.getLogger(__name__)

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
LEADS = frozenset({Role.CUSTOMER_SERVICE_LEAD})


@dataclass(frozen=True)
class Alarms:
    """Tells those who can mend what somebody was refused for."""

    engine: Engine

    async def tell_of_refusal(self, refusal: OrderError) -> None:
        """Tell the administrators of an organisation that is not ready, where that is why."""
        lacking = not_ready(refusal, self.engine.now())
        if lacking is not None:
            administrators = await self.engine.cases.holders(ADMINISTRATORS, lacking.at, lacking.organisation)
            cards = self.engine.announcer.not_ready(lacking, administrators, self.engine.new_id)
            await self.engine.cases.transact(partial(_tell_each_once, lacking, cards))

    async def tell_if_unattended(self, case: CaseId) -> None:
        """Tell customer service's leads, and the operator's log, of a case that nobody there may act on."""
        at, context = self.engine.now(), None
        for person in await self.engine.cases.holders(ROLES_OF[Part.CUSTOMER_SERVICE], at):
            context = await self.engine.cases.look(CaseQuery(case, Asking(person), at))
            if has_no_part(context) is None:
                return
        if context is not None:
            log.error("unattended case=%s", case)
            leads = await self.engine.cases.holders(LEADS, at)
            cards = self.engine.announcer.unattended(leads, self.engine.new_id)
            await self.engine.cases.transact(partial(_tell_each_once, Unattended(case, context.case.step, at), cards))

    async def tell_of_overdue(self, overdue: Overdue, holder: PersonId | None) -> None:
        """Tell customer service's leads, and whoever has taken it, of a case whose time there has run out."""
        leads = await self.engine.cases.holders(LEADS, overdue.at)
        cards = self.engine.announcer.overdue(leads, holder, self.engine.new_id)
        await self.engine.cases.transact(partial(_tell_each_once, overdue, cards))

    async def tell_of_missing_price(self, missing: MissingPrice) -> None:
        """Tell customer service's leads, and the operator's log, of a price that is missing."""
        leads = await self.engine.cases.holders(LEADS, missing.at)
        cards = self.engine.announcer.price_missing(leads, self.engine.new_id)
        if await self.engine.cases.transact(partial(_tell_once, missing, cards)):
            log.error("price_missing offer=%s since=%s", missing.offer, missing.since)


async def _tell_each_once(alarm: Alarm, cards: Sequence[NewCard], unit: Transaction) -> None:
    told = await unit.told_of(alarm.key)
    await unit.tell(alarm, [card for card in cards if card.person not in told])


async def _tell_once(alarm: Alarm, cards: Sequence[NewCard], unit: Transaction) -> bool:
    if await unit.told_of(alarm.key):
        return False
    await unit.tell(alarm, cards)
    return True
