"""Reads the lists of one reader, page by page: as many statements whatever stands in them, each by an index."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
    union,
    union_all,
)

from core.identity.accounts import Asking
from core.ports.inbox import (
    COUNTED,
    SERVICE_LISTS,
    CaseList,
    FoundCases,
    InboxPage,
    InboxQuery,
    ListedCase,
    Sorting,
)
from core.register.organisations import clean_org_number
from core.shared.characters import folded
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    SIDE_OF,
    CaseId,
    Localised,
    OrganisationId,
    Part,
    PersonId,
    State,
)
from core.storage import tables
from core.storage.context.coding import localised
from core.storage.database.database import Database
from core.storage.reads.case_views import names_of_people, read_each
from core.storage.reads.organisation_search import LAST, matching, sought_words
from core.storage.reads.waiting import (
    AT_INERA,
    FOREVER,
    Narrowed,
    WaitingReader,
    list_waiting,
    read_reader,
    select_waiting,
)
from core.storage.tables.columns import unindexed
from core.storage.tables.history import DECIDED
from core.views.readers import CUSTOMER_READERS, OnSide, OwnReader, own_reader
from core.workflow.deadlines import overdue_before

CASES, WORDS = tables.cases.c, tables.case_words.c
INERAS_AMOUNT = CASES.customer_ore + CASES.agent_ore
# The number of an order or an application, however it is typed.
NUMBER = re.compile(r"([AB]) ?-? ?([0-9A-Z]{7})")
# What somebody at customer service has taken.
CLAIMED = frozenset({CaseList.MINE, CaseList.COLLEAGUES})
# What waits for customers, agents and applicants.
ELSEWHERE = tuple(state for state in PART_WAITED_FOR if state not in AT_INERA)
# Of so many organisations what they have ordered is read at once.
ORGANISATIONS_READ = 50
# So many customers are offered to narrow a list to, those of so many of its cases where nothing is typed.
CUSTOMERS, BEGINNING = 100, 500


@dataclass(frozen=True)
class InboxReader:
    """Whose lists are read: by which rights, and what may be read of what others have to do with."""

    person: PersonId
    waiting: WaitingReader
    own: OwnReader
    at: datetime

    @property
    def orders(self) -> bool:
        """True for somebody with a part on the customer's side, who may have ordered."""
        return any(grant.role in CUSTOMER_READERS for grant in self.waiting.grants)

    @property
    def lists(self) -> tuple[CaseList, ...]:
        """Return which lists there are for the reader."""
        if not self.waiting.grants:
            return (CaseList.WAITING,)
        own = [CaseList.ORDERED] * self.orders + [CaseList.ORGANISATION] * bool(self.own.customers or self.own.agents)
        return (CaseList.WAITING, *own, CaseList.DECIDED, *(SERVICE_LISTS if self.own.is_inera else ()))


class SqlInbox:
    """The lists of one reader, on both databases: the protocol `core.ports.inbox.Inbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, who: Asking, query: InboxQuery, at: datetime) -> InboxPage:
        """See Inbox."""
        return await self._database.read(partial(read_page, who=who, query=query, at=at))

    async def search(self, who: Asking, typed: str, at: datetime, most: int) -> FoundCases:
        """See Inbox."""
        return await self._database.read(partial(search_cases, who=who, typed=typed, at=at, most=most))

    async def customers(
        self, who: Asking, listed: CaseList, typed: str, at: datetime
    ) -> Sequence[tuple[OrganisationId, str]]:
        """See Inbox."""
        return await self._database.read(partial(read_customers, who=who, listed=listed, typed=typed, at=at))

    async def services(self, who: Asking, listed: CaseList, at: datetime) -> Sequence[tuple[str, Localised]]:
        """See Inbox."""
        return await self._database.read(partial(read_services, who=who, listed=listed, at=at))


def read_page(connection: Connection, who: Asking, query: InboxQuery, at: datetime) -> InboxPage:
    """Return a page of a list; of one that is empty by now, the last that is not."""
    reader = _reader(connection, who, at)
    asked_for = max(COUNTED + 1, (query.page + 1) * query.size + 1)
    found = _list(connection, reader, query, asked_for)
    page = min(query.page, max(0, len(found) - 1) // query.size)
    shown, end = found[page * query.size : (page + 1) * query.size], (page + 1) * query.size
    organisation, service = query.organisation, query.service
    return InboxPage(
        query=InboxQuery(query.list, query.sorting, page, organisation, service, query.size),
        rows=_listed(connection, reader, shown),
        count=min(len(found), COUNTED + 1),
        has_more=len(found) > end,
        lists=reader.lists,
        counts=_counts(connection, reader) if reader.own.is_inera else None,
        organisation=None if organisation is None else _name_of(connection, organisation, reader.own),
        service=None if service is None else _service_of(connection, service),
    )


def search_cases(connection: Connection, who: Asking, typed: str, at: datetime, most: int) -> FoundCases:
    """Return what somebody may read and what was typed fits; what is open first, the latest first."""
    reader = _reader(connection, who, at)
    own = reader.own
    if not typed.strip() or not (own.is_inera or own.customers or own.agents):
        return FoundCases()
    columns = (CASES.id, CASES.created_at, CASES.closed_at.is_not(None).label("is_closed"))
    fitting = union(*(select(*columns).where(fits, _may_be_read(own)) for fits in _fitting(own, typed))).subquery()
    order = (fitting.c.is_closed, fitting.c.created_at.desc(), fitting.c.id.desc())
    ids = connection.execute(select(fitting.c.id).order_by(*order).limit(most + 1)).scalars().all()
    part = Part.CUSTOMER_SERVICE if own.is_inera else None
    rows = _listed(connection, reader, [InboxRow(CaseId(id_), part) for id_ in ids[:most]])
    return FoundCases(rows, len(ids) > most)


def _fitting(own: OwnReader, typed: str) -> Iterator[ColumnElement[bool]]:
    """Return the ways in which a case may fit what was typed, each found by an index of its own."""
    sought, number, organisations = typed.strip(), NUMBER.fullmatch(typed.strip().upper()), tables.organisations.c
    if number is not None:
        yield CASES.id == f"{number[1]}-{number[2]}"
    # What the customer calls a case, and whom it is invoiced to, is not the agent's to know.
    is_known = true() if own.is_inera else CASES.customer_id.in_(sorted(own.customers))
    yield and_(CASES.external_case_ref == sought, is_known)
    if reference := folded(sought):
        begins = (CASES.invoice_reference >= reference, CASES.invoice_reference < reference + LAST)
        yield and_(*begins, is_known)
    yield CASES.customer_id.in_(select(organisations.id).where(*matching(sought)))
    if (organisation := clean_org_number(sought)) is not None:
        yield CASES.applicant_number == organisation
    if words := sought_words(sought):
        yield and_(*(CASES.id.in_(select(WORDS.case_id).where(_begins(word))) for word in words))


def _begins(word: str) -> ColumnElement[bool]:
    return and_(WORDS.word >= word, WORDS.word < word + LAST)


def read_customers(
    connection: Connection, who: Asking, listed: CaseList, typed: str, at: datetime
) -> Sequence[tuple[OrganisationId, str]]:
    """Return the customers of what stands in a list, by name: those that something typed fits, wherever they stand."""
    organisations, fitting = tables.organisations.c, list(matching(typed))
    fits = [CASES.customer_id.in_(select(organisations.id).where(*fitting))] * bool(fitting)
    found = _all_of(_reader(connection, who, at), listed, CASES.customer_id, fits, None if fits else BEGINNING)
    named = select(organisations.id, organisations.name).where(organisations.id.in_(found))
    rows = connection.execute(named.order_by(organisations.name, organisations.id).limit(CUSTOMERS))
    return [(OrganisationId(row.id), row.name) for row in rows]


def read_services(
    connection: Connection, who: Asking, listed: CaseList, at: datetime
) -> Sequence[tuple[str, Localised]]:
    """Return the services of everything that stands in a list."""
    offers, services = tables.offers.c, tables.services.c
    found = _all_of(_reader(connection, who, at), listed, CASES.offer_id, [], None)
    named = select(services.id, services.name).where(
        services.id.in_(select(offers.service_id).where(offers.id.in_(found)))
    )
    return [(row.id, localised(row.name)) for row in connection.execute(named.order_by(services.id))]


def _all_of(
    reader: InboxReader,
    listed: CaseList,
    column: ColumnElement[Any],
    fits: Sequence[ColumnElement[bool]],
    limit: int | None,
) -> Select[Any]:
    """Select what a column holds in the cases of a list that some conditions hold for; of its beginning with a limit.

    In what waits stands more than the conditions of the flows table leave there, also what whoever ordered has kept: a
    menu may offer what narrows the list to nothing. It never lacks what stands in the list.
    """
    if listed not in reader.lists or not reader.waiting.grants:
        return select(column).where(false())
    if listed is CaseList.WAITING:
        waiting = select_waiting(reader.waiting, reader.at, limit)
        return select(column).where(CASES.id.in_(waiting), *fits)
    # With a limit, however high, each page keeps the order that its index gives it.
    pages = [page.limit(limit or FOREVER) for page in _PAGES[listed](reader, InboxQuery(listed))]
    found = [page.with_only_columns(column.label("held")).where(*fits) for page in pages]
    return select(union_all(*(select(page.subquery()) for page in found)).subquery())


@dataclass(frozen=True)
class InboxRow:
    """A case that stands in a list: as what the reader sees it (None: as anybody of a side), in whose place."""

    case: CaseId
    part: Part | None = None
    absent: PersonId | None = None


def _reader(connection: Connection, who: Asking, at: datetime) -> InboxReader:
    waiting = read_reader(connection, who, at)
    return InboxReader(who.person, waiting, own_reader(waiting.grants), at)


def _list(connection: Connection, reader: InboxReader, query: InboxQuery, limit: int) -> Sequence[InboxRow]:
    """Return the first cases of a list; none of one that is not the reader's."""
    if query.list not in reader.lists:
        return []
    if query.list is CaseList.WAITING:
        narrowed = Narrowed(query.organisation, query.service, query.sorting)
        waiting = list_waiting(connection, reader.waiting, reader.at, narrowed, limit)
        return [InboxRow(each.case, each.part, each.absent) for each in waiting]
    part = PART_OF.get(query.list)
    pages = [page.limit(limit) for page in _PAGES[query.list](reader, query)]
    if not pages:
        return []
    together = union_all(*(select(page.subquery()) for page in pages)).subquery()
    ordered = select(together.c.id).order_by(*_order(query, together.c)).limit(limit)
    return [InboxRow(CaseId(id_), part) for id_ in connection.execute(ordered).scalars()]


# --- the lists that need no judge: pages, each with the cases of one organisation, or of one state, in order

PART_OF = {CaseList.ORDERED: Part.ORDERER} | dict.fromkeys(SERVICE_LISTS, Part.CUSTOMER_SERVICE)
Pages = Callable[[InboxReader, InboxQuery], Sequence[Select[Any]]]
Columns = Mapping[str, ColumnElement[Any]]


def _page(
    query: InboxQuery, amount: ColumnElement[int], age: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Return the cases that some conditions hold for, with their age and amount as `age` and `ore`, in order."""
    columns = {"id": CASES.id, "age": age, "ore": amount}
    chosen = select(*(column.label(name) for name, column in columns.items()))
    return chosen.where(*conditions, *_narrowed(query)).order_by(*_order(query, columns))


def _narrowed(query: InboxQuery) -> list[ColumnElement[bool]]:
    offers = tables.offers.c
    conditions: list[ColumnElement[bool]] = []
    if query.organisation is not None:
        conditions.append(CASES.customer_id == query.organisation)
    if query.service is not None:
        conditions.append(CASES.offer_id.in_(select(offers.id).where(offers.service_id == query.service)))
    return conditions


def _order(query: InboxQuery, columns: Any) -> list[ColumnElement[Any]]:  # Any: columns by name, of a select or of ours
    is_waiting = query.list in SERVICE_LISTS
    by_age = [columns["age"], columns["id"]] if is_waiting else [columns["age"].desc(), columns["id"].desc()]
    if query.sorting is Sorting.AGE:
        return by_age
    # As no index has it where few of all that waits are meant: they are found first, and sorted.
    ore = columns["ore"] + 0 if query.list in CLAIMED else columns["ore"]
    return [ore.desc(), *by_age]


def _ordered(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    # What was ordered where one has no part any more is not one's own to read.
    there = unindexed(CASES.customer_id).in_(sorted(reader.own.customers))
    mine = (CASES.orderer_id == reader.person, CASES.offer_id.is_not(None), there)
    return [_page(query, CASES.customer_ore, CASES.created_at, *mine)]


def _of_organisations(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    own = reader.own
    pages = [
        _page(query, amount, CASES.created_at, column == organisation, CASES.offer_id.is_not(None))
        for column, amount, organisations in (
            (CASES.customer_id, CASES.customer_ore, own.customers),
            (CASES.agent_id, CASES.agent_ore, own.agents),
        )
        for organisation in sorted(organisations)
    ]
    return pages[:ORGANISATIONS_READ]


def _decided(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    # From the latest line backwards, as the index has them: a case stands where its last decision does.
    last, later = _decisions(reader.person, "last"), _decisions(reader.person, "later")
    is_last = ~exists().where(later.c.case_id == last.c.case_id, later.c.id > last.c.id)
    may_be_read = _may_be_read(reader.own, unindexed(CASES.customer_id), unindexed(CASES.agent_id))
    page = _page(query, _amount(reader.own), last.c.id, may_be_read, is_last)
    return [page.select_from(last.join(tables.cases, CASES.id == last.c.case_id))]


def _decisions(person: PersonId, name: str) -> Subquery:
    history = tables.history.c
    return select(history.case_id, history.id).where(history.person_id == person, text(DECIDED)).subquery(name)


def _amount(own: OwnReader) -> ColumnElement[int]:
    """Return what a case costs the side from which `OwnReader.side_of` sees it."""
    if own.is_inera:
        return INERAS_AMOUNT
    return case((CASES.customer_id.in_(sorted(own.customers)), CASES.customer_ore), else_=CASES.agent_ore)


def _may_be_read(
    own: OwnReader, customer: ColumnElement[Any] = CASES.customer_id, agent: ColumnElement[Any] = CASES.agent_id
) -> ColumnElement[bool]:
    if own.is_inera:
        return true()
    ordered, conveyed = customer.in_(sorted(own.customers)), agent.in_(sorted(own.agents))
    return and_(CASES.offer_id.is_not(None), or_(ordered, conveyed))


def _unclaimed(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:  # noqa: ARG001 - one signature
    return [_at_inera(query, state, CASES.claimed_by_id.is_(None)) for state in AT_INERA]


def _mine(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    return [_at_inera(query, state, CASES.claimed_by_id == reader.person) for state in AT_INERA]


def _colleagues(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    return [_at_inera(query, state, CASES.claimed_by_id != reader.person) for state in AT_INERA]


def _elsewhere(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:  # noqa: ARG001 - one signature
    return [_at_inera(query, state) for state in ELSEWHERE]


def _overdue(reader: InboxReader, query: InboxQuery) -> list[Select[Any]]:
    late = {state: CASES.waiting_since < overdue_before(state, reader.at) for state in AT_INERA}
    # What customer service has paused has no time that could run out.
    return [_at_inera(query, state, is_late, CASES.due_at.is_not(None)) for state, is_late in late.items()]


def _at_inera(query: InboxQuery, state: State, *conditions: ColumnElement[bool]) -> Select[Any]:
    # What was carried out before anybody confirmed anything is over, in a state in which others wait.
    return _page(
        query, INERAS_AMOUNT, CASES.waiting_since, CASES.state == state, CASES.closed_at.is_(None), *conditions
    )


_PAGES: Mapping[CaseList, Pages] = {
    CaseList.ORDERED: _ordered,
    CaseList.ORGANISATION: _of_organisations,
    CaseList.DECIDED: _decided,
    CaseList.UNCLAIMED: _unclaimed,
    CaseList.MINE: _mine,
    CaseList.COLLEAGUES: _colleagues,
    CaseList.OTHERS: _elsewhere,
    CaseList.OVERDUE: _overdue,
}


def _counts(connection: Connection, reader: InboxReader) -> dict[CaseList, int]:
    """Return how many cases stand in each list of customer service, one more than COUNTED at most."""
    counted = [_count(reader, listed) for listed in SERVICE_LISTS]
    return dict(zip(SERVICE_LISTS, connection.execute(select(*counted)).one(), strict=True))


def _count(reader: InboxReader, listed: CaseList) -> ScalarSelect[int]:
    pages = [page.limit(COUNTED + 1) for page in _PAGES[listed](reader, InboxQuery(listed))]
    some = union_all(*(select(page.subquery()) for page in pages)).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


# --- views


def _listed(connection: Connection, reader: InboxReader, found: Sequence[InboxRow]) -> list[ListedCase]:
    """Return cases as the reader may know them: from the side of the part played, else from one that is the own."""
    readers = {row.case: reader.own if row.part is None else OnSide(SIDE_OF[row.part]) for row in found}
    views = read_each(connection, readers)
    names = names_of_people(connection, [row.absent for row in found if row.absent])
    return [
        ListedCase(views[row.case], row.part, names.get(row.absent) if row.absent else None)
        for row in found
        if row.case in views
    ]


def _name_of(connection: Connection, organisation: OrganisationId, own: OwnReader) -> str | None:
    """Return what an organisation is called of which somebody reads something; None for any other."""
    organisations = tables.organisations.c
    reads_of_it = exists().where(CASES.customer_id == organisations.id, _may_be_read(own))
    mine = or_(organisations.id.in_(sorted(own.customers | own.agents)), reads_of_it)
    return connection.execute(select(organisations.name).where(organisations.id == organisation, mine)).scalar()


def _service_of(connection: Connection, service: str) -> Localised | None:
    named = connection.execute(
        select(tables.services.c.name).where(tables.services.c.id == service)
    ).scalar_one_or_none()
    return None if named is None else localised(named)
