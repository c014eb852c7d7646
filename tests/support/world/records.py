"""What stands in a database around cases, before the barrier: for tests alone; the product reads views."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from core.api import CaseId, Grant, PersonId
from core.storage.reads.case_views import read_grants, read_records, read_timeline
from core.storage.reads.queries import SqlQueries
from core.views.record import CaseRecord, Timeline


async def records(reads: SqlQueries, cases: Sequence[CaseId]) -> Mapping[CaseId, CaseRecord]:
    """Cases with every name around them; unknown ids are left out."""
    return await reads._database.read(partial(read_records, cases=cases))


async def timeline(reads: SqlQueries, case: CaseId) -> Timeline:
    """Everything that was done to a case, the earliest first."""
    return await reads._database.read(partial(read_timeline, case=case))


async def grants_of(reads: SqlQueries, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
    """The rights that people have now."""
    return await reads._database.read(partial(read_grants, people=people, at=at))
