"""What use cases come to, told to whoever runs this, by ids and codes alone: lines of the log, counts and traces."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.server.metrics import Metrics
from bot.tracing.spans import UNTRACED, SpanName, Traces
from core.api import Case, CaseAdvanced, RefusalLog, RefusalRecord, Transaction, UnitOfWork
from core.storage.cases.repository import SqlCaseRepository

T = TypeVar("T")

# What somebody sends as a case is theirs: a log line is one line, and holds ids alone.
CASE_ID = re.compile(r"[AB]-[A-Z0-9]{1,12}")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ToldCases(SqlCaseRepository):
    """The repository of cases, which tells of each change once it is committed, and counts it."""

    metrics: Metrics
    traces: Traces = UNTRACED

    async def press(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """See core.ports.cases.CaseRepository."""
        with self.traces.span(SpanName.TRANSACTION):
            return self._told(await super().press(use_case))

    async def transact(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        """See core.ports.cases.CaseRepository."""
        with self.traces.span(SpanName.TRANSACTION):
            return self._told(await super().transact(use_case))

    def _told(self, done: T) -> T:
        """Tell of what a use case came to, which is committed by now.

        Of what is about no case nothing is told: history has it.
        """
        match done:
            case CaseAdvanced():
                after, decision = done.after, done.decision
                fields = after.id, after.revision, decision.action, decision.surface
                log.info("case_changed case=%s revision=%s action=%s surface=%s", *fields)
                self.metrics.changed(done)
                self._note(after)
                self.traces.note(action=decision.action, surface=decision.surface)
            case Case():
                # Also where the same form was sent before: it comes to the case that it came to then.
                log.info("case_sent_in case=%s revision=%s", done.id, done.revision)
                self._note(done)
            case _:
                pass
        return done

    def _note(self, case: Case) -> None:
        self.traces.note(case=case.id, revision=case.revision, flow=case.flow, state=case.state)


@dataclass(frozen=True)
class ToldRefusals:
    """Implements core.ports.audit.RefusalLog: tells of each refusal, and counts it, before history does."""

    refusals: RefusalLog
    metrics: Metrics
    traces: Traces = UNTRACED

    async def refused(self, refused: RefusalRecord) -> None:
        """See core.ports.audit.RefusalLog."""
        case = refused.case if refused.case is None or CASE_ID.fullmatch(refused.case) else "unreadable"
        code, action, surface = refused.code, refused.action, refused.surface
        log.info("refused code=%s action=%s surface=%s case=%s", code, action, surface, case)
        self.metrics.refused(refused)
        with self.traces.span(SpanName.REFUSAL, code=code, action=action, surface=surface, case=case):
            await self.refusals.refused(refused)
