"""What the clock does to cases: remind, escalate, expire, and look anew where something has changed around them."""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.ports.cases import CaseQuery
from core.shared import errors
from core.shared.errors import OrderError, TryAgain
from core.shared.vocabulary import Action, CaseId, Part, PersonId, ReasonCode, Surface
from core.use_cases.alarms import Alarms
from core.use_cases.engine import Act, Engine
from core.workflow import flows
from core.workflow.alarms import MissingPrice, Overdue, missing_price
from core.workflow.authorize import Authorization, authorize_any
from core.workflow.commands import Answers
from core.workflow.context import DecisionContext
from core.workflow.deadlines import is_due
from core.workflow.flows import Transition

log = logging.getLogger(__name__)

DEADLINES = frozenset({Action.EXPIRE, Action.ESCALATE, Action.REMIND})


class _Untold(Exception):
    """Somebody is to be told before the case is changed: a price is missing, or its time has run out.

    `holder` is whoever has taken it.
    """

    def __init__(self, alarm: MissingPrice | Overdue, holder: PersonId | None = None) -> None:
        super().__init__(alarm.key)
        self.alarm, self.holder = alarm, holder


@dataclass(frozen=True)
class Clock:
    """Runs the rows of the clock. `stumbled` are the cases it has failed with, each of which the log was told of."""

    engine: Engine
    stumbled: set[CaseId] = field(default_factory=set[CaseId], compare=False)

    async def run(self, limit: int = 100) -> int:
        """Run the clock's rows that are due, at most `limit`; return how many cases were changed."""
        at, changed, seen = self.engine.now(), 0, set[CaseId]()
        while changed < limit:
            # Cases that nothing could be done to are still due, and stand before those behind them.
            most = limit - changed + len(seen)
            cases = await self.engine.cases.due(at, most)
            unseen = [case for case in cases if case not in seen][: limit - changed]
            changed += sum([await self._tick_or_say(case, at) for case in unseen])
            seen.update(unseen)
            if len(cases) < most:
                break
        return changed

    async def _tick_or_say(self, case: CaseId, at: datetime) -> bool:
        try:
            ticked = await self._tick(case, at)
        except Exception:
            # One case that cannot be ticked must not keep the clock from all others, nor fill the log.
            if case not in self.stumbled:
                log.exception("clock_stumbled case=%s", case)
            self.stumbled.add(case)
            return False
        self.stumbled.discard(case)
        return ticked

    async def _tick(self, case: CaseId, at: datetime) -> bool:
        try:
            await self._act(ClockAct(case=case, at=at))
        except TryAgain:
            # The database had no turn for it in time: the next tick looks again.
            log.warning("clock_waited case=%s", case)
            return False
        except OrderError:
            # Somebody decided, or another scheduler ticked, while we looked: the case is no longer due.
            return False
        return True

    async def _act(self, act: "ClockAct") -> None:
        try:
            await self.engine.carry_out(act)
        except _Untold as untold:
            # Told first: once the case is stopped, or escalated, it is not looked at again so soon.
            await self._tell(untold)
            await self._act(replace(act, told=untold.alarm))

    async def _tell(self, untold: _Untold) -> None:
        alarms, alarm = Alarms(self.engine), untold.alarm
        if isinstance(alarm, MissingPrice):
            await alarms.tell_of_missing_price(alarm)
        else:
            await alarms.tell_of_overdue(alarm, untold.holder)


@dataclass(frozen=True, kw_only=True)
class ClockAct(Act):
    """What the clock does to a case that is due; `told` is what has been told of."""

    at: datetime
    told: MissingPrice | Overdue | None = None
    surface: Surface = Surface.CLOCK

    def query(self, at: datetime) -> CaseQuery:  # noqa: ARG002 - the clock is as late as when it began
        """See Act. What happens meanwhile the clock looks at the next time."""
        return CaseQuery(self.case, None, self.at)

    def authorize(self, context: DecisionContext, at: datetime) -> Authorization:
        """See Act: its deadline first, then what has changed around it."""
        missing = missing_price(context, at)
        if missing is not None and missing != self.told:
            raise _Untold(missing)
        case = context.case
        rows = [row for row in flows.rows(case.flow, case.state) if row.who is Part.CLOCK]
        if is_due(case.due_at, at):
            return self._told(authorize_any(context, tuple(row for row in rows if row.does in DEADLINES)))
        if case.review_at is not None and case.review_at <= at:
            # Conditions of rows exclude each other, and a review is what is left when the prices stand.
            return authorize_any(context, tuple(row for row in rows if row.does not in DEADLINES))
        raise errors.OrderMovedOn(case=case.id)

    def _told(self, authorization: Authorization) -> Authorization:
        """Nothing escalates of which nobody has been told."""
        case = authorization.now.case
        overdue = Overdue(case.id, case.step, self.at)
        if authorization.row.does is Action.ESCALATE and self.told != overdue:
            raise _Untold(overdue, case.claimed_by)
        return authorization

    def answers(self, row: Transition) -> Answers:
        """See Act: why a case goes on that nobody has just decided about."""
        goes_on = row.does is Action.REVIEW and not row.keeps_step
        return Answers(reason_code=ReasonCode.ENOUGH_ATTESTS) if goes_on else Answers()
