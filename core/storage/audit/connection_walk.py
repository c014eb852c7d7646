"""Replaying what is connected beside the cases, and comparing it with its table; memory holds a bit for each of it."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Row, bindparam, select, text

from core.audit.connection_replay import ReplayedConnection, is_of_case
from core.audit.differences import Difference, Differs
from core.shared.vocabulary import CaseId, Happened, LineKind
from core.storage import tables
from core.storage.audit.baselines import readable
from core.storage.audit.connection_records import connection_of
from core.storage.audit.findings import NAMED
from core.storage.audit.verifying import BEFORE_ALL
from core.storage.context.coding import case_from_row
from core.storage.database.database import Database
from core.workflow.case import Case

T = TypeVar("T")

# So many are looked at in one read; so many rows of a baseline, each of which tells of as many.
PAGE, BASELINES = 500, 20
# Of so many numbers one integer says which were told.
CHUNK = 1_024
ROWS, HELD = tables.history.c, tables.connections.c
# As they are stored, which is how a case is read.
_CASES = text("SELECT * FROM cases WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


class ConnectionReport(Protocol):
    """Where what differs is named, and what was looked at is counted."""

    connections: int
    unnamed: int

    def add(self, differences: Iterable[Difference]) -> None:
        """Add differences to the report."""
        ...


class Told(NamedTuple):
    """A connection as the latest row of some tells it, and which row."""

    row: int
    value: ReplayedConnection


class Suspect(NamedTuple):
    """A connection that is other than it should be: by history, and as it stands."""

    told: ReplayedConnection | None
    stands: ReplayedConnection | None


class LivedCase(NamedTuple):
    """A case, and the states that it has come to."""

    case: Case
    states: Set[str]


class NumberSet:
    """Numbers that mostly follow upon one another, a bit each."""

    def __init__(self) -> None:
        self._chunks: dict[int, int] = {}

    def add(self, number: int) -> None:
        """Add a number."""
        chunk, place = divmod(number, CHUNK)
        self._chunks[chunk] = self._chunks.get(chunk, 0) | 1 << place

    def __contains__(self, number: int) -> bool:
        chunk, place = divmod(number, CHUNK)
        return bool(self._chunks.get(chunk, 0) >> place & 1)


class ConnectionWalk:
    """What is connected along one walk through history: each line is held against its row as it is passed.

    A row may have been ended since, which a later line of the case that ended it tells.
    """

    def __init__(self, database: Database, report: ConnectionReport) -> None:
        self._database = database
        self._found = report
        self._told = NumberSet()
        self._suspects: dict[int, Suspect] = {}

    async def begin(self) -> None:
        """Follow what baselines tell, the latest of each connection."""
        for action in (Happened.STOOD, Happened.CARRIED):
            async for row in self._baselines(action):
                told = {number: value for number, value in _connections(row) if number not in self._told}
                await self._see({number: Told(BEFORE_ALL, value) for number, value in told.items()})

    async def follow(self, page: Sequence[Row[Any]]) -> None:
        """Follow the lines of connections among rows of history."""
        lines = [row for row in page if row.kind == LineKind.CONNECTION]
        ids = sorted({row.case_id for row in lines if row.case_id is not None})
        cases = await self._read(_cases, ids) if ids else {}
        told: dict[int, Told] = {}
        for row in lines:
            self._see_to_line(row, cases.get(row.case_id))
            for number, value in _connections(row):
                told[number] = Told(row.id, value)
            if len(told) >= PAGE:
                await self._see(told)
                told = {}
        await self._see(told)

    async def compare(self) -> None:
        """Look for connections that no line told of, and name what differs."""
        after = BEFORE_ALL
        while page := await self._read(_page, after):
            self._found.connections += len(page)
            await self._see_to_untold({row.id: row for row in page if row.id not in self._told})
            after = page[-1].id
        for number, (told, stands) in sorted(self._suspects.items()):
            case = next(value.begun_by for value in (told, stands) if value is not None)
            by_history, as_stored = ("" if value is None else str(value) for value in (told, stands))
            self._found.add([Difference(Differs.CONNECTION, case, "", by_history, as_stored, about=str(number))])

    # --- helpers

    async def _read(self, work: Callable[..., T], *values: object) -> T:
        return await self._database.read(lambda connection: work(connection, *values))

    async def _baselines(self, action: Happened) -> AsyncIterator[Row[Any]]:
        """Read the latest first."""
        before = -BEFORE_ALL - 1
        while page := await self._read(_baselines_before, action, before):
            for row in page:
                yield row
            before = page[-1].id

    def _see_to_line(self, row: Row[Any], case: LivedCase | None) -> None:
        connections = [value for _, value in _connections(row)]
        if not connections:
            self._found.add([Difference(Differs.LINE, what="words", row=row.id)])
        elif case is None or not is_of_case(case.case, case.states, row.action, connections, row.at):
            self._found.add([Difference(Differs.NOT_ENDED, row.case_id, row=row.id)])

    async def _see(self, told: Mapping[int, Told]) -> None:
        """Hold what rows tell against what stands, or a later row."""
        if not told:
            return
        stored, latest = await self._read(_stand, told)
        for number, (row, value) in told.items():
            self._told.add(number)
            stands = stored.get(number)
            if stands == value:
                self._suspects.pop(number, None)
            elif number not in latest or latest[number].row <= row:
                self._suspect(number, value, stands)

    async def _see_to_untold(self, rows: Mapping[int, Row[Any]]) -> None:
        """Look anew for lines of these: they may have been saved after the walk had passed them."""
        if not rows:
            return
        latest = await self._read(_latest, {case for row in rows.values() for case in (row.case_id, row.ended_by_id)})
        for number, row in rows.items():
            told, stands = latest.get(number), connection_of(row)
            if told is None or told.value != stands:
                self._suspect(number, told and told.value, stands)

    def _suspect(self, number: int, told: ReplayedConnection | None, stands: ReplayedConnection | None) -> None:
        if number in self._suspects or len(self._suspects) < NAMED:
            self._suspects[number] = Suspect(told, stands)
        else:
            self._found.unnamed += 1


def _connections(row: Row[Any]) -> Iterator[tuple[int, ReplayedConnection]]:
    for key, value in readable(row):
        if isinstance(value, ReplayedConnection):
            yield int(key.id), value


def _baselines_before(connection: Connection, action: Happened, before: int) -> Sequence[Row[Any]]:
    mine = (ROWS.kind == LineKind.BASELINE, ROWS.action == action, ROWS.id < before)
    query = select(tables.history).where(*mine).order_by(ROWS.id.desc()).limit(BASELINES)
    return connection.execute(query).all()


def _page(connection: Connection, after: int) -> Sequence[Row[Any]]:
    query = select(tables.connections).where(HELD.id > after).order_by(HELD.id).limit(PAGE)
    return connection.execute(query).all()


def _stand(connection: Connection, told: Mapping[int, Told]) -> tuple[dict[int, ReplayedConnection], dict[int, Told]]:
    """Read these, then the lines of the cases that ended them since: so those are never older than what they tell."""
    rows = connection.execute(select(tables.connections).where(HELD.id.in_(told)))
    stored = {row.id: connection_of(row) for row in rows}
    return stored, _latest(connection, {value.ended_by for id_, value in stored.items() if value != told[id_].value})


def _latest(connection: Connection, cases: Iterable[str | None]) -> dict[int, Told]:
    """Read what the lines of some cases tell of connections last."""
    mine = (ROWS.case_id.in_({case for case in cases if case is not None}), ROWS.kind == LineKind.CONNECTION)
    rows = connection.execute(select(tables.history).where(*mine).order_by(ROWS.id))
    return {number: Told(row.id, value) for row in rows for number, value in _connections(row)}


def _cases(connection: Connection, ids: Sequence[CaseId]) -> dict[CaseId, LivedCase]:
    """Read cases; one that cannot be read is named where it is replayed, as is one that says another state."""
    cases: dict[CaseId, LivedCase] = {}
    states: dict[CaseId, set[str]] = {}
    changes = select(ROWS.case_id, ROWS.to_state).where(ROWS.case_id.in_(ids), ROWS.kind == LineKind.CHANGE).distinct()
    for id_, state in connection.execute(changes):
        states.setdefault(id_, set()).add(state)
    for row in connection.execute(_CASES, {"ids": ids}):
        try:
            cases[row.id] = LivedCase(case_from_row(row), {row.state, *states.get(row.id, ())})
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return cases
