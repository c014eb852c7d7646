"""Replaying history page by page and comparing cases and register with it; memory grows with register and open
cases.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, bindparam, func, select, text

from core.audit.case_comparison import compare_case, compare_purged_case
from core.audit.case_replay import ReplayStep, replay_record
from core.audit.change_records import FIRST_VERSION, ReplayedRecord, Table, case_before, flow_tables
from core.audit.differences import Difference, Differs
from core.audit.register_replay import Rights
from core.audit.replayed_rights import check_grant
from core.audit.retention import Stage
from core.shared.vocabulary import (
    Action,
    Assurance,
    CaseId,
    Flow,
    LineKind,
    OfferId,
    Part,
    State,
    Surface,
)
from core.storage import tables
from core.storage.audit.connection_walk import ConnectionWalk
from core.storage.audit.findings import NAMED
from core.storage.audit.register_walk import RegisterWalk
from core.storage.audit.verifying import BEFORE_ALL, Progress, no_progress
from core.storage.context.coding import case_from_row, content_hash, costs_from_json
from core.storage.database.database import Database
from core.storage.tables import from_micros
from core.workflow.case import Case
from core.workflow.flows import VERSION

T = TypeVar("T")

PAGE = 1_000
# So much of a hash tells one from another.
SHORT = 12
# What a case from before rows named their version may have kept in other ways.
KEPT_OTHERWISE = frozenset({"decisions", "recusals"})
# So many cases without their first rows are held at a time, each with all that is left of its rows.
LATE_AT_ONCE = 100
# A case may be pressed while it is looked at: so often it is looked at anew before that is taken for a difference.
LOOKS = 5
ROWS = tables.history.c
CHANGES = ROWS.kind == LineKind.CHANGE
# As they are stored, which is how a case is read.
_CASES = text("SELECT * FROM cases WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


@dataclass
class Replayed:
    """What came of a replay. `unnamed` counts the differences beyond those that are listed.

    `cases` were held against their rows. Of those that are not replayable the first rows went with a purge, or were
    made under flows from before rows named their version. `entries` are those of the register that were worked out from
    its lines, `connections` what stands of these; `unjudged` changes of cases are older than the baseline that says,
    from an instant, how it stood.
    """

    rows: int = 0
    cases: int = 0
    not_replayable: int = 0
    entries: int = 0
    connections: int = 0
    rights_from: datetime | None = None
    unjudged: int = 0
    differences: list[Difference] = field(default_factory=list[Difference])
    unnamed: int = 0

    @property
    def holds(self) -> bool:
        """True when every case, and the register, is what its history makes of it."""
        return not self.differences

    def add(self, differences: Iterable[Difference]) -> None:
        """Add differences; beyond those that are named, they are counted."""
        for difference in differences:
            if len(self.differences) < NAMED:
                self.differences.append(difference)
            else:
                self.unnamed += 1


class Origin(NamedTuple):
    """What a case says of itself that its first row does not."""

    flow: Flow
    offer: OfferId


async def replay(
    database: Database, *, tables: Mapping[int, Table] | None = None, progress: Progress = no_progress
) -> Replayed:
    """Replay all history that there is, and compare every case and the register with it."""
    while True:
        walk = _ReplayWalk(database, flow_tables() if tables is None else tables, progress)
        await walk.run()
        if not await walk.is_overtaken():
            return walk.found


def replayed_record(row: Any) -> ReplayedRecord:  # Any: a row of history has its columns as attributes
    """Read the change that a row of history tells of. Raise ValueError or KeyError where its words are none of ours."""
    facts: dict[str, Any] = json.loads(row.evidence)
    return ReplayedRecord(
        row=row.id,
        case=CaseId(row.case_id),
        at=row.at if isinstance(row.at, datetime) else from_micros(row.at),
        action=Action(row.action),
        state=State(row.from_state),
        to_state=State(row.to_state),
        step=row.step,
        revision=row.revision,
        content_version=row.content_version,
        part=Part(row.part),
        person=row.person_id,
        organisation=row.organisation_id,
        surface=Surface(row.surface),
        assurance=Assurance(row.assurance),
        costs=costs_from_json(facts.get("costs", {})),
        content_hash=facts.get("content_hash"),
        coming_costs=costs_from_json(facts.get("coming_costs", {})),
        absent=facts.get("absent"),
        to=facts.get("to"),
        limit_ore=facts.get("limit_ore"),
        amount_ore=facts.get("amount_ore"),
        proof=facts.get("proof"),
        document_hash=facts.get("document_hash"),
        method=facts.get("method"),
        attests=facts.get("attests"),
        version=int(facts["flows"]) if "flows" in facts else None,
    )


class _ReplayWalk:
    """One replay: along history in the order of its rows, then past the cases for what no row tells of."""

    def __init__(self, database: Database, tables: Mapping[int, Table], progress: Progress) -> None:
        self.found = Replayed()
        self._database = database
        self._tables = tables
        self._progress = progress
        self._open: dict[CaseId, Case] = {}
        self._last: dict[CaseId, int] = {}  # the last row that was followed, of open cases
        self._contents: dict[CaseId, str] = {}  # what rows say that was ordered, as a hash, of open cases
        self._closed: list[CaseId] = []  # of these, those that are to be held against their cases
        self._lost: set[CaseId] = set()  # whose rows are told to be nobody's
        self._early: set[CaseId] = set()  # open cases of which a row is from before rows named their version
        self._unsure: set[CaseId] = set()  # open cases of which a row was made under flows that are not kept
        self._purged_before: datetime | None = None
        self._bare_before: datetime | None = None  # what was closed earlier may have lost its deciders to the purge
        self._named_from: int | None = None  # the first row that names its version
        self._register = RegisterWalk(database, self.found)
        self._connections = ConnectionWalk(database, self.found)
        self._purges = 0

    async def run(self) -> None:
        self._purged_before, self._purges = await self._read(_purged_before), await self._read(_purges)
        self._bare_before = await self._read(_bare_before)
        await self._register.begin()
        await self._connections.begin()
        self._named_from, size = await self._read(_named_from), await self._read(_size)
        after, done = BEFORE_ALL, 0
        while page := await self._read(_page, after):
            await self._register.see_to_late()
            await self._follow_page(page)
            await self._connections.follow(page)
            after, done = page[-1].id, done + len(page)
            self._register.came_to(page[-1])
            self._progress(done, max(done, size))
        while self._open:
            await self._compare(list(self._open)[:PAGE])
        await self._see_to_cases_without_rows()
        await self._register.compare()
        await self._connections.compare()

    async def is_overtaken(self) -> bool:
        """Say whether a purge took, while this walked, what it had yet to come to."""
        return await self._read(_purges) > self._purges or await self._read(_bare_before) != self._bare_before

    async def _read(self, work: Callable[..., T], *values: object) -> T:
        return await self._database.read(lambda connection: work(connection, *values))

    async def _follow_page(self, page: Sequence[Row[Any]]) -> None:
        beginning = [row.case_id for row in page if row.kind == LineKind.CHANGE and row.revision == 1]
        origins = await self._read(_origins, beginning)
        strangers: dict[CaseId, Row[Any]] = {}
        for row in page:
            if row.kind != LineKind.CHANGE:
                self._register.follow(row)
                continue
            self.found.rows += 1
            if row.revision == 1 and row.case_id not in self._open:
                self._begin(row, origins.get(row.case_id))
            elif row.case_id not in self._open:
                strangers.setdefault(row.case_id, row)
                self._see_to_right(row)
                continue
            self._follow(row, self._register.rights_at(row))
            if len(self._closed) >= PAGE:
                await self._compare_closed()
        # What was closed in this page is seen to before anybody asks whose rows the others are.
        await self._compare_closed()
        await self._see_to(strangers)

    def _begin(self, row: Row[Any], origin: Origin | None) -> None:
        if origin is None:
            if row.case_id not in self._lost:
                self.found.add([Difference(Differs.NO_CASE, row.case_id, row=row.id)])
            self._lost.add(row.case_id)
            return
        record = _told(row)
        if record is None:
            self.found.add([Difference(Differs.ROW, row.case_id, "words", row=row.id)])
            return
        self._open[record.case] = case_before(record, origin.flow, origin.offer)

    def _follow(self, row: Row[Any], rights: Rights | None = None) -> None:
        """Replay the next row of a case that is open. Of what comes later no rights are known yet."""
        case = self._open.get(row.case_id)
        if case is None:
            return
        record = _told(row)
        if record is None:
            self.found.add([Difference(Differs.ROW, row.case_id, "words", row=row.id)])
            return
        table = self._tables.get(FIRST_VERSION if record.version is None else record.version)
        was_open = case.closed_at is None
        step = replay_record(case, record, table, rights)
        self._see_to_row(record, step)
        self._open[record.case], self._last[record.case] = step.case, row.id
        if record.content_hash is not None:
            self._contents[record.case] = record.content_hash
        if was_open and table is not None and table.is_final(case.flow, step.case.state):
            self._closed.append(record.case)

    def _see_to_right(self, row: Row[Any]) -> None:
        """Check the right to what was done in a case that is followed already, or cannot be."""
        record, rights = _told(row), self._register.rights_at(row)
        if record is not None and rights is not None:
            self.found.add(check_grant(record, record.organisation, rights))

    def _see_to_row(self, record: ReplayedRecord, step: ReplayStep) -> None:
        if record.version is not None:
            # Who had claimed or paused a case is not known where its first rows could not be followed.
            is_known = record.case not in self._unsure
            self.found.add(
                difference for difference in step.differs if is_known or difference.kind is not Differs.RIGHT
            )
            return
        if self._named_from is not None and record.row > self._named_from:
            self.found.add(
                [Difference(Differs.ROW, record.case, "version", str(VERSION), row=record.row), *step.differs]
            )
            return
        self._early.add(record.case)
        if step.differs:
            # It was made under other flows than any that are kept.
            self._unsure.add(record.case)

    async def _compare_closed(self) -> None:
        closed, self._closed = self._closed, []
        await self._compare(closed)

    async def _compare(self, cases: Sequence[CaseId]) -> None:
        """Follow these to their last rows, hold them against what stands, and forget them."""
        if not cases:
            return
        wanted = list(dict.fromkeys(cases))
        for look in range(LOOKS):
            rows, stored = await self._read(self._now, wanted)
            for row in rows:
                if row.id > self._last.get(row.case_id, BEFORE_ALL):
                    self._follow(row)
            # One that was saved since its rows were read is looked at again.
            late = [id_ for id_ in wanted if id_ in stored and stored[id_].revision > self._open[id_].revision]
            for id_ in wanted:
                if id_ not in late or look == LOOKS - 1:
                    self._hold(id_, stored.get(id_))
            wanted = late if look < LOOKS - 1 else []
            if not wanted:
                break
        # Whatever closed a case while it was followed to its end is seen to.
        self._closed = [id_ for id_ in self._closed if id_ in self._open]

    def _now(
        self, connection: Connection, cases: Sequence[CaseId]
    ) -> tuple[Sequence[Row[Any]], dict[CaseId, Row[Any]]]:
        """Read what has happened to cases since, then the cases: so these are never older than those."""
        since = min((self._last.get(id_, BEFORE_ALL) for id_ in cases), default=BEFORE_ALL)
        rows = connection.execute(
            select(tables.history).where(ROWS.case_id.in_(cases), CHANGES, ROWS.id > since).order_by(ROWS.id)
        ).all()
        stored = connection.execute(_CASES, {"ids": cases})
        return rows, {row.id: row for row in stored}

    def _hold(self, id_: CaseId, stored: Row[Any] | None) -> None:
        case = self._open.pop(id_)
        self._last.pop(id_, None)
        content = self._contents.pop(id_, None)
        is_early = id_ in self._early
        self._early.discard(id_)
        if id_ in self._unsure:
            self._unsure.remove(id_)
            self.found.not_replayable += 1
            return
        if stored is None:
            self.found.add([Difference(Differs.NO_CASE, id_)])
            return
        self.found.cases += 1
        try:
            stands = case_from_row(stored)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.found.add([Difference(Differs.CASE, id_, "words")])
            return
        is_bare = self._is_bare(stored, case.closed_at)
        differs = compare_case(case, stands, (stored.customer_ore, stored.agent_ore), is_bare=is_bare)
        self.found.add(difference for difference in differs if not (is_early and difference.what in KEPT_OTHERWISE))
        if content is not None and not is_bare and content != (now := content_hash(stands)):
            self.found.add([Difference(Differs.CASE, id_, "content", content[:SHORT], now[:SHORT])])

    def _is_bare(self, stored: Row[Any], closed_at: datetime | None) -> bool:
        """Say whether a case has lost people and amounts to the purge; a mark that no purge told of is named.

        `closed_at` is when its rows say that it was closed.
        """
        if stored.purged < Stage.DECISIONS_GONE:
            return False
        if closed_at is not None and self._bare_before is not None and closed_at < self._bare_before:
            return True
        self.found.add([Difference(Differs.CASE, stored.id, "purged", stands=str(stored.purged))])
        return False

    async def _see_to(self, strangers: Mapping[CaseId, Row[Any]]) -> None:
        """Check rows of cases that are not open: closed before, or begun before what is kept."""
        if not strangers:
            return
        firsts = await self._read(_firsts, list(strangers))
        late: list[CaseId] = []
        for id_, row in strangers.items():
            first = firsts[id_]
            if first.revision == 1 or first.id != row.id:
                # Its rows were all followed when it closed, or it was told already.
                continue
            if self._purged_before is None:
                self.found.add([Difference(Differs.NO_BEGINNING, id_, "revision", "1", str(row.revision), row.id)])
            else:
                self.found.not_replayable += 1
                late.append(CaseId(id_))
        for start in range(0, len(late), LATE_AT_ONCE):
            await self._continue(late[start : start + LATE_AT_ONCE])

    async def _continue(self, cases: Sequence[CaseId]) -> None:
        """Hold cases whose first rows a purge took against those that are left, as far as these go."""
        wanted = list(cases)
        for look in range(LOOKS):
            rows, stored = await self._read(self._now, wanted)
            rows_of: dict[CaseId, list[Row[Any]]] = {}
            for row in rows:
                rows_of.setdefault(row.case_id, []).append(row)
            # One that was saved since its rows were read is looked at again.
            saved = [id_ for id_ in wanted if id_ in stored and stored[id_].revision > rows_of[id_][-1].revision]
            for id_ in wanted:
                if id_ not in stored:
                    self.found.add([Difference(Differs.NO_CASE, id_, row=rows_of[id_][0].id)])
                elif id_ not in saved or look == LOOKS - 1:
                    self._hold_late(rows_of[id_], stored[id_])
            wanted = saved
            if not wanted:
                return

    def _hold_late(self, rows: Sequence[Row[Any]], stored: Row[Any]) -> None:
        parsed = [_told(row) for row in rows]
        records = [record for record in parsed if record is not None]
        self.found.add(
            Difference(Differs.ROW, row.case_id, "words", row=row.id)
            for row, record in zip(rows, parsed, strict=True)
            if record is None
        )
        if not records or any(record.version is None for record in records):
            # Rows from before they named a version may be right by flows that nobody kept.
            return
        # What changes within a state neither closes a case nor opens it.
        moved = next((record for record in reversed(records) if record.state is not record.to_state), records[-1])
        table = self._tables.get(moved.version or FIRST_VERSION)
        if table is None:
            return
        try:
            stands = case_from_row(stored)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.found.add([Difference(Differs.CASE, stored.id, "words")])
            return
        if self._purged_before is not None and table.is_final(stands.flow, records[0].state):
            # The row that closed it went, and by the same years so do its deciders.
            is_bare = stored.purged >= Stage.DECISIONS_GONE
        else:
            closed = (record.at for record in records if table.is_final(stands.flow, record.to_state))
            is_bare = self._is_bare(stored, next(closed, None))
        self.found.add(compare_purged_case(records, stands, table, is_bare=is_bare))

    async def _see_to_cases_without_rows(self) -> None:
        after = ""
        while page := await self._read(_without_rows, after):
            for row in page:
                if self._purged_before is None or row.created_at >= self._purged_before:
                    self.found.add([Difference(Differs.NO_ROWS, row.id)])
                else:
                    self.found.not_replayable += 1
            after = page[-1].id


def _told(row: Row[Any]) -> ReplayedRecord | None:
    try:
        return replayed_record(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _purged_before(connection: Connection) -> datetime | None:
    return connection.execute(select(func.max(tables.history_purges.c.decided_before))).scalar()


def _bare_before(connection: Connection) -> datetime | None:
    """Read until when the purge says that it took who decided from what was closed."""
    evidence = connection.execute(select(ROWS.evidence).where(ROWS.kind == LineKind.PURGE)).scalars()
    instants = [_closed_before(facts) for facts in evidence]
    return max((instant for instant in instants if instant is not None), default=None)


def _closed_before(evidence: str) -> datetime | None:
    try:
        facts: dict[str, Any] = json.loads(evidence)
        return datetime.fromisoformat(facts["closed_before"]) if facts["stage"] == Stage.DECISIONS_GONE else None
    except (ValueError, KeyError, TypeError):
        return None


def _purges(connection: Connection) -> int:
    return connection.execute(select(func.max(tables.history_purges.c.number))).scalar() or 0


def _named_from(connection: Connection) -> int | None:
    named = select(ROWS.id).where(CHANGES, ROWS.evidence.contains('"flows":', autoescape=True))
    return connection.execute(named.order_by(ROWS.id).limit(1)).scalar()


def _size(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.history)).scalar_one()


def _page(connection: Connection, after: int) -> Sequence[Row[Any]]:
    return connection.execute(select(tables.history).where(ROWS.id > after).order_by(ROWS.id).limit(PAGE)).all()


def _origins(connection: Connection, cases: Sequence[CaseId]) -> dict[CaseId, Origin]:
    columns = tables.cases.c
    rows = connection.execute(select(columns.id, columns.flow, columns.offer_id).where(columns.id.in_(cases)))
    return {row.id: Origin(Flow(row.flow), OfferId(row.offer_id or "")) for row in rows}


class First(NamedTuple):
    """The first row of a case that is kept."""

    id: int
    revision: int


def _firsts(connection: Connection, cases: Sequence[CaseId]) -> dict[CaseId, First]:
    first = func.min(ROWS.id).label("id")
    query = select(ROWS.case_id, first, func.min(ROWS.revision).label("revision"))
    rows = connection.execute(query.where(ROWS.case_id.in_(cases), CHANGES).group_by(ROWS.case_id))
    return {row.case_id: First(row.id, row.revision) for row in rows}


def _without_rows(connection: Connection, after: str) -> Sequence[Row[Any, Any]]:
    cases = tables.cases.c
    has_rows = select(ROWS.id).where(ROWS.case_id == cases.id, CHANGES).exists()
    query = select(cases.id, cases.created_at).where(cases.id > after, ~has_rows).order_by(cases.id).limit(PAGE)
    return connection.execute(query).all()
