"""Replays history page by page and holds cases and register against it; memory grows with register and open cases."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, bindparam, func, select, text

from core.audit.case_replay import (
    FIRST_VERSION,
    Difference,
    Differs,
    ReplayedRecord,
    ReplayStep,
    Table,
    begun,
    compared,
    continued,
    step,
    tables_of,
    wrong_grant,
)
from core.audit.register_replay import Rights
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
from core.storage.audit.findings import NAMED
from core.storage.audit.replaying_register import RegisterWalk
from core.storage.audit.verifying import BEFORE_ALL, Progress, untold
from core.storage.context.coding import case_from_row, content_hash, costs_from_json
from core.storage.engine.database import Database
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
    its lines; `unjudged` changes of cases are older than the baseline that says, from an instant, how it stood.
    """

    rows: int = 0
    cases: int = 0
    not_replayable: int = 0
    entries: int = 0
    rights_from: datetime | None = None
    unjudged: int = 0
    differences: list[Difference] = field(default_factory=list[Difference])
    unnamed: int = 0

    @property
    def holds(self) -> bool:
        """True when every case, and the register, is what its history makes of it."""
        return not self.differences

    def add(self, differences: Iterable[Difference]) -> None:
        """Name more, as long as there is room."""
        for each in differences:
            if len(self.differences) < NAMED:
                self.differences.append(each)
            else:
                self.unnamed += 1


class Origin(NamedTuple):
    """What a case says of itself that its first row does not."""

    flow: Flow
    offer: OfferId


async def replay(
    database: Database, *, tables: Mapping[int, Table] | None = None, progress: Progress = untold
) -> Replayed:
    """Replay all of history that there is, and hold every case and the register against it."""
    while True:
        walk = _ReplayWalk(database, tables_of() if tables is None else tables, progress)
        await walk.run()
        if not await walk.is_overtaken():
            return walk.found


def told_of(row: Any) -> ReplayedRecord:  # Any: a row of history has its columns as attributes
    """The change that a row of history tells of. Raises ValueError and KeyError where its words are none of ours."""
    said: dict[str, Any] = json.loads(row.evidence)
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
        costs=costs_from_json(said.get("costs", {})),
        content_hash=said.get("content_hash"),
        coming_costs=costs_from_json(said.get("coming_costs", {})),
        absent=said.get("absent"),
        to=said.get("to"),
        limit_ore=said.get("limit_ore"),
        amount_ore=said.get("amount_ore"),
        proof=said.get("proof"),
        document_hash=said.get("document_hash"),
        method=said.get("method"),
        version=int(said["flows"]) if "flows" in said else None,
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
        self._purges = 0

    async def run(self) -> None:
        self._purged_before, self._purges = await self._read(_purged_before), await self._read(_purges)
        self._bare_before = await self._read(_bare_before)
        await self._register.begin()
        self._named_from, size = await self._read(_named_from), await self._read(_size)
        after, done = BEFORE_ALL, 0
        while page := await self._read(_page, after):
            await self._register.see_to_late()
            await self._follow_page(page)
            after, done = page[-1].id, done + len(page)
            self._register.came_to(page[-1])
            self._progress(done, max(done, size))
        while self._open:
            await self._compare(list(self._open)[:PAGE])
        await self._see_to_cases_without_rows()
        await self._register.compare()

    async def is_overtaken(self) -> bool:
        """True when a purge took, while this walked, what it had yet to come to."""
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
        told = _told(row)
        if told is None:
            self.found.add([Difference(Differs.ROW, row.case_id, "words", row=row.id)])
            return
        self._open[told.case] = begun(told, origin.flow, origin.offer)

    def _follow(self, row: Row[Any], rights: Rights | None = None) -> None:
        """The next row of a case that is open, where it is one. Of what comes later no rights are known yet."""
        case = self._open.get(row.case_id)
        if case is None:
            return
        told = _told(row)
        if told is None:
            self.found.add([Difference(Differs.ROW, row.case_id, "words", row=row.id)])
            return
        table = self._tables.get(FIRST_VERSION if told.version is None else told.version)
        was_open = case.closed_at is None
        taken = step(case, told, table, rights)
        self._see_to_row(told, taken)
        self._open[told.case], self._last[told.case] = taken.case, row.id
        if told.content_hash is not None:
            self._contents[told.case] = told.content_hash
        if was_open and table is not None and table.is_final(case.flow, taken.case.state):
            self._closed.append(told.case)

    def _see_to_right(self, row: Row[Any]) -> None:
        """The right to what was done in a case that is followed already, or cannot be."""
        told, rights = _told(row), self._register.rights_at(row)
        if told is not None and rights is not None:
            self.found.add(wrong_grant(told, told.organisation, rights))

    def _see_to_row(self, told: ReplayedRecord, taken: ReplayStep) -> None:
        if told.version is not None:
            # Who had claimed or paused a case is not known where its first rows could not be followed.
            known = told.case not in self._unsure
            self.found.add(each for each in taken.differs if known or each.kind is not Differs.RIGHT)
            return
        if self._named_from is not None and told.row > self._named_from:
            self.found.add([Difference(Differs.ROW, told.case, "version", str(VERSION), row=told.row), *taken.differs])
            return
        self._early.add(told.case)
        if taken.differs:
            # It was made under other flows than any that are kept.
            self._unsure.add(told.case)

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
        """What has happened to cases since, then the cases: so these are never older than those."""
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
        differs = compared(case, stands, (stored.customer_ore, stored.agent_ore), is_bare=is_bare)
        self.found.add(each for each in differs if not (is_early and each.what in KEPT_OTHERWISE))
        if content is not None and not is_bare and content != (now := content_hash(stands)):
            self.found.add([Difference(Differs.CASE, id_, "content", content[:SHORT], now[:SHORT])])

    def _is_bare(self, stored: Row[Any], closed_at: datetime | None) -> bool:
        """True for a case that has lost people and amounts to the purge; a mark that no purge told of is named.

        `closed_at` is when its rows say that it was closed.
        """
        if stored.purged < Stage.DECISIONS_GONE:
            return False
        if closed_at is not None and self._bare_before is not None and closed_at < self._bare_before:
            return True
        self.found.add([Difference(Differs.CASE, stored.id, "purged", stands=str(stored.purged))])
        return False

    async def _see_to(self, strangers: Mapping[CaseId, Row[Any]]) -> None:
        """Rows of cases that are not open: closed before, or begun before what is kept."""
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
            kept: dict[CaseId, list[Row[Any]]] = {}
            for row in rows:
                kept.setdefault(row.case_id, []).append(row)
            # One that was saved since its rows were read is looked at again.
            saved = [id_ for id_ in wanted if id_ in stored and stored[id_].revision > kept[id_][-1].revision]
            for id_ in wanted:
                if id_ not in stored:
                    self.found.add([Difference(Differs.NO_CASE, id_, row=kept[id_][0].id)])
                elif id_ not in saved or look == LOOKS - 1:
                    self._hold_late(kept[id_], stored[id_])
            wanted = saved
            if not wanted:
                return

    def _hold_late(self, rows: Sequence[Row[Any]], stored: Row[Any]) -> None:
        told = [_told(row) for row in rows]
        kept = [each for each in told if each is not None]
        self.found.add(
            Difference(Differs.ROW, row.case_id, "words", row=row.id)
            for row, each in zip(rows, told, strict=True)
            if each is None
        )
        if not kept or any(each.version is None for each in kept):
            # Rows from before they named a version may be right by flows that nobody kept.
            return
        table = self._tables.get(kept[-1].version or FIRST_VERSION)
        if table is None:
            return
        try:
            stands = case_from_row(stored)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.found.add([Difference(Differs.CASE, stored.id, "words")])
            return
        if self._purged_before is not None and table.is_final(stands.flow, kept[0].state):
            # The row that closed it went, and by the same years so do its deciders.
            is_bare = stored.purged >= Stage.DECISIONS_GONE
        else:
            closed = (each.at for each in kept if table.is_final(stands.flow, each.to_state))
            is_bare = self._is_bare(stored, next(closed, None))
        self.found.add(continued(kept, stands, table, is_bare=is_bare))

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
        return told_of(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _purged_before(connection: Connection) -> datetime | None:
    return connection.execute(select(func.max(tables.history_purges.c.decided_before))).scalar()


def _bare_before(connection: Connection) -> datetime | None:
    """Until when the purge says that it took who decided from what was closed."""
    said = connection.execute(select(ROWS.evidence).where(ROWS.kind == LineKind.PURGE)).scalars()
    instants = [_closed_before(each) for each in said]
    return max((each for each in instants if each is not None), default=None)


def _closed_before(evidence: str) -> datetime | None:
    try:
        said: dict[str, Any] = json.loads(evidence)
        return datetime.fromisoformat(said["closed_before"]) if said["stage"] == Stage.DECISIONS_GONE else None
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
    found = tables.cases.c
    rows = connection.execute(select(found.id, found.flow, found.offer_id).where(found.id.in_(cases)))
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
    told = select(ROWS.id).where(ROWS.case_id == cases.id, CHANGES).exists()
    query = select(cases.id, cases.created_at).where(cases.id > after, ~told).order_by(cases.id).limit(PAGE)
    return connection.execute(query).all()
