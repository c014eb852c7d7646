"""Reads what waits for a person: the database narrows it down, and the conditions of the flows table decide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, starmap
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, TextClause, TextualSelect, column, text

from core.applications.application import Applying
from core.identity.accounts import Asking
from core.ports.inbox import Sorting
from core.ports.reads import Waiting
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    TO_CONFIRM,
    Action,
    CaseId,
    OrganisationId,
    Part,
    Role,
    Side,
    State,
)
from core.storage.context.authority_sql import ORDERER_IS_ACTIVE, rights, self_attests
from core.storage.context.coding import case_from_row, rules
from core.storage.tables import to_micros
from core.workflow.authorize import right_to_any
from core.workflow.case import Case, Grant
from core.workflow.context import DecisionContext, Standing
from core.workflow.deadlines import ASKED_TO_KEEP, asked_to_keep_before


class Belonging(NamedTuple):
    """Where a person has, or has had, or is to have a role: until when, in microseconds."""

    organisation: OrganisationId
    until: int


class WaitingReader(NamedTuple):
    """Somebody's valid roles and all there have been, and by which address an application may name the person."""

    grants: tuple[Grant, ...]
    belongings: tuple[Belonging, ...]
    known: Applying
    within: OrganisationId | None = None

    @property
    def serves_customers(self) -> bool:
        """True for somebody at customer service."""
        return any(grant.role in ROLES_OF[Part.CUSTOMER_SERVICE] for grant in self.grants)

    def belongs(self, case: Case) -> frozenset[OrganisationId]:
        """See core.workflow.context.DecisionContext."""
        began = to_micros(case.created_at)
        return frozenset(each.organisation for each in self.belongings if each.until > began)


@dataclass(frozen=True)
class Narrowed:
    """Of which customer and which service a list is (None: of all), and in which order it stands."""

    customer: OrganisationId | None = None
    service: str | None = None
    sorting: Sorting = Sorting.AGE


EVERYTHING = Narrowed()
# So many more are read than are wanted, for those that the conditions keep from the reader.
MARGIN = 50
FOREVER = 2**62
# What of somebody's rights may be used by the account that asks.
USED = "(CAST(:within AS text) IS NULL OR r.organisation_id = :within)"
# What somebody can do whom a case waits for; who may only hand it over or declare jäv need not have it in the list.
WAITED = frozenset(
    {Action.APPROVE, Action.ATTEST, Action.REJECT, Action.ANSWER, Action.CLAIM, Action.RELEASE}
    | {Action.CONFIRM_CONNECTION}
)
# What whoever ordered can do about what others are waited for, once asked whether to keep it.
KEEPING = frozenset({Action.KEEP})
FITS = "COALESCE(h.attest_limit_ore >= {ore}, TRUE) AND COALESCE(h.service_id = f.service_id, TRUE)"
NOT_OWN = f"(c.orderer_id NOT IN (:person, COALESCE(h.absent_id, :person)) OR {self_attests('cu')})"
NARROWED = """(CAST(:customer AS text) IS NULL OR c.customer_id = :customer) AND (CAST(:service AS text) IS NULL
    OR c.offer_id IN (SELECT s.id FROM offers s WHERE s.service_id = :service))"""
ORDERS = {Sorting.AGE: "{0}.waiting_since, {0}.id", Sorting.AMOUNT: "ore DESC, {0}.waiting_since, {0}.id"}
PAGE = f"{NARROWED} ORDER BY {{order}} LIMIT :upto"
# What the amount of a case is to the side of whoever it waits for.
ORE = {Side.CUSTOMER: "c.customer_ore", Side.AGENT: "c.agent_ore", Side.INERA: "c.customer_ore + c.agent_ore"}
OWN = f"c.customer_id = h.organisation_id AND (o.id = :person OR NOT {ORDERER_IS_ACTIVE})"
OF_STATE: dict[State, str] = {
    State.AWAITING_AGENT_APPROVAL: f"c.agent_id = h.organisation_id AND {NOT_OWN}",
    # Whether somebody chosen still goes before others only the judge knows: one attest of several may be there.
    State.AWAITING_AGENT_ATTEST: f"c.agent_id = h.organisation_id AND {FITS.format(ore='c.agent_ore')}",
    State.AWAITING_CUSTOMER_ATTEST: f"""c.customer_id = h.organisation_id
        AND {NOT_OWN} AND {FITS.format(ore="c.customer_ore")}""",
    State.COMPLETION_REQUESTED: OWN,
    # Of what was over before anybody confirmed anything nobody is asked.
    **dict.fromkeys(sorted(TO_CONFIRM), f"c.closed_at IS NULL AND {OWN}"),
}
BRANCHES: tuple[tuple[State, Part, str], ...] = (
    *((state, PART_WAITED_FOR[state], condition) for state, condition in OF_STATE.items()),
    # Since when it waits anew, and so whether it is asked about, only the judge knows: not where it was kept lately.
    *((state, Part.ORDERER, f"{OWN} AND c.waiting_since < :long_ago") for state in sorted(ASKED_TO_KEEP)),
)
AROUND = """JOIN offers f ON f.id = c.offer_id JOIN persons o ON o.id = c.orderer_id
    JOIN organisations cu ON cu.id = c.customer_id"""

# An application is for no offer, and need not have an orderer or an organisation yet.
AROUND_ANY = AROUND.replace("JOIN", "LEFT JOIN")


def _branch(state: State, part: Part, condition: str) -> str:
    return f"""SELECT * FROM (
        SELECT c.id, c.waiting_since, {ORE[SIDE_OF[part]]} AS ore
        FROM held h CROSS JOIN cases c {AROUND}
        WHERE h.role IN ({_roles(part)}) AND c.state = '{state}' AND {condition}
          AND {PAGE}) AS {state}"""  # noqa: S608 - made of constants


# What waits for customer service: a branch for each, so that an index of states gives its order. Nobody else is sent
# these: SQLite would read all that waits there to find that nothing of it is theirs.
AT_INERA = (State.AWAITING_CUSTOMER_SERVICE, State.AWAITING_REVIEW, State.APPLICATION_SUBMITTED)


def _customer_service(state: State) -> str:
    return f"""SELECT * FROM (
        SELECT c.id, c.waiting_since, {ORE[Side.INERA]} AS ore FROM cases c
        WHERE c.state = '{state}' AND c.closed_at IS NULL
          AND (c.claimed_by_id IS NULL OR c.claimed_by_id = :person) AND {PAGE}) AS {state}"""  # noqa: S608 - constants


def _roles(part: Part) -> str:
    return ", ".join(f"'{role}'" for role in sorted(ROLES_OF[part]))


# A cross join is SQLite's way to say that the cases found are read, not looked for among all.
WHOLE = f"""SELECT c.*, f.service_id, {ORDERER_IS_ACTIVE} AS orderer_is_active,
        {self_attests("cu")} AS self_attest_allowed, cu.eid_from_ore, cu.tiers,
        {self_attests("ag")} AS agent_self_attest_allowed, ag.eid_from_ore AS agent_eid, ag.tiers AS agent_tiers
    FROM ({{found}}) w CROSS JOIN cases c {AROUND_ANY} LEFT JOIN organisations ag ON ag.id = c.agent_id
    WHERE c.id = w.id"""  # noqa: S608 - made of constants
# Where a reserve attestant may attest in others' place, and as what.
RESERVES_OF = {
    State.AWAITING_AGENT_ATTEST: Part.AGENT_EMERGENCY,
    State.AWAITING_CUSTOMER_ATTEST: Part.CUSTOMER_EMERGENCY,
}
IN_EMERGENCY = frozenset({Action.EMERGENCY_ATTEST})


def _reserved(state: State, part: Part) -> str:
    side = SIDE_OF[part]
    return f"""SELECT * FROM (
        SELECT c.id, c.waiting_since FROM held h CROSS JOIN cases c {AROUND}
        WHERE h.role IN ({_roles(part)}) AND c.state = '{state}' AND c.{side}_id = h.organisation_id
          AND {FITS.format(ore=f"c.{side}_ore")}
        ORDER BY c.waiting_since, c.id LIMIT :batch) AS {state}"""  # noqa: S608 - made of constants


# One that was called off never held.
HELD = text(f"""
    SELECT x.*, p.email FROM (
        SELECT h.*, 1 AS holds, {FOREVER} AS until FROM ({rights(":person", USED)}) h
        UNION ALL
        SELECT r.organisation_id, r.role, NULL, NULL, NULL, 0, COALESCE(r.valid_to, {FOREVER}) FROM role_assignments r
        WHERE r.person_id = :person AND (r.valid_to IS NULL OR r.valid_to > r.valid_from)
          AND r.role NOT IN ({_roles(Part.CUSTOMER_SERVICE)})) x
    JOIN persons p ON p.id = :person AND p.active""")  # noqa: S608 - made of constants
# By whether the reader is at customer service.
_AT_CUSTOMERS = tuple(starmap(_branch, BRANCHES))
_WHERE = {False: _AT_CUSTOMERS, True: (*_AT_CUSTOMERS, *map(_customer_service, AT_INERA))}
_WAITING = f"""
    WITH held AS MATERIALIZED ({rights(":person", USED)})
    {WHOLE}
    ORDER BY {{outer}} LIMIT :batch OFFSET :skip"""


def _waiting(branches: Iterable[str], order: str) -> TextClause:
    found = " UNION ALL ".join(branches).format(order=order.format("c"))
    return text(_WAITING.format(found=found, outer=order.format("w")))


WAITING = {
    (sorting, at_inera): _waiting(branches, order)
    for sorting, order in ORDERS.items()
    for at_inera, branches in _WHERE.items()
}
# Which cases wait for a person as far as the database can tell: the conditions of the flows table are not asked.
FOUND = {
    at_inera: text(f"""
    WITH held AS MATERIALIZED ({rights(":person", USED)})
    SELECT w.id FROM ({" UNION ALL ".join(branches).format(order=ORDERS[Sorting.AGE].format("c"))}) w""")  # noqa: S608 - constants
    for at_inera, branches in _WHERE.items()
}
FOR_RESERVES = text(f"""
    WITH held AS MATERIALIZED ({rights(":person", USED)})
    {WHOLE.format(found=" UNION ALL ".join(map(_reserved, RESERVES_OF, RESERVES_OF.values())))}
    ORDER BY c.waiting_since, c.id LIMIT :batch""")


def read_waiting(connection: Connection, who: Asking, at: datetime, limit: int) -> list[Waiting]:
    """Return cases that the person may decide, take or answer now, or is asked to keep; longest waiting first."""
    return list_waiting(connection, read_reader(connection, who, at), at, EVERYTHING, limit)


def count_waiting(connection: Connection, who: Asking, at: datetime, upto: int) -> int:
    """Return how many cases those are, counted no further than asked for."""
    return len(read_waiting(connection, who, at, upto))


def list_waiting(
    connection: Connection, reader: WaitingReader, at: datetime, narrowed: Narrowed, limit: int
) -> list[Waiting]:
    """Return the same of one customer or one service, in another order; once each, by whichever right comes first."""
    if not reader.grants or not limit:
        return []
    found: dict[CaseId, Waiting] = {}
    for row in _candidates(connection, reader, at, narrowed, limit + MARGIN):
        case = CaseId(row.id)
        waits = _waits(row, reader) if case not in found else None
        if waits is not None:
            found[case] = waits
        if len(found) == limit:
            break
    return list(found.values())


def select_waiting(reader: WaitingReader, at: datetime, limit: int | None) -> TextualSelect:
    """Select the ids of what waits for somebody in each state, as far as the database can tell.

    An order that was kept is among them as long as it waits, though its orderer is asked nothing about it.
    """
    narrowed = {"customer": None, "service": None, "upto": limit or FOREVER}
    values = _values(reader, at)
    return FOUND[reader.serves_customers].bindparams(**values, **narrowed).columns(column("id"))


def read_for_reserves(connection: Connection, who: Asking, at: datetime, limit: int) -> list[Waiting]:
    """Cases that wait for others' attest, which a reserve attestant may give in their place; longest waiting first."""
    reader = read_reader(connection, who, at)
    if not any(each.role is Role.EMERGENCY_ATTESTANT for each in reader.grants):
        return []
    rows = connection.execute(FOR_RESERVES, _values(reader, at) | {"batch": limit})
    # By two roles a case is found twice.
    once = {CaseId(row.id): row for row in rows}
    return [Waiting(case, RESERVES_OF[State(row.state)]) for case, row in once.items() if _is_reserved(row, reader)]


def _is_reserved(row: Row[Any], reader: WaitingReader) -> bool:
    now = _situation(row, reader)
    part, decides = RESERVES_OF[now.case.state], _right_to(now, PART_WAITED_FOR[now.case.state], WAITED)
    # What waits for the person's decision anyway needs no emergency.
    return decides is None and _right_to(now, part, IN_EMERGENCY) is not None


def read_reader(connection: Connection, who: Asking, at: datetime) -> WaitingReader:
    """A person's valid roles, own and lent, and where there have been others; none for somebody who has left."""
    person = who.person
    rows = connection.execute(HELD, {"person": person, "within": who.within, "at": to_micros(at)}).all()
    grants = tuple(
        Grant(person, OrganisationId(organisation), Role(role), limit_ore, service, absent)
        for organisation, role, limit_ore, service, absent, holds, *_ in rows
        if holds and who.may_use(OrganisationId(organisation))
    )
    belongings = tuple(Belonging(OrganisationId(row.organisation_id), row.until) for row in rows if not row.holds)
    return WaitingReader(grants, belongings, Applying(people={row.email: person for row in rows}), who.within)


def _candidates(
    connection: Connection, reader: WaitingReader, at: datetime, narrowed: Narrowed, batch: int
) -> Iterator[Row[Any]]:
    values = _values(reader, at) | {"customer": narrowed.customer, "service": narrowed.service, "batch": batch}
    for skip in count(0, batch):
        more = {"skip": skip, "upto": skip + batch}
        rows = connection.execute(WAITING[narrowed.sorting, reader.serves_customers], values | more).all()
        yield from rows
        if len(rows) < batch:
            return


def _values(reader: WaitingReader, at: datetime) -> dict[str, object]:
    long_ago = to_micros(asked_to_keep_before(at))
    return {"person": reader.grants[0].person, "within": reader.within, "at": to_micros(at), "long_ago": long_ago}


def _waits(row: Row[Any], reader: WaitingReader) -> Waiting | None:
    """A case as it waits for the person: for what is to be done, else whether to keep it; None when it does not."""
    now = _situation(row, reader)
    part = PART_WAITED_FOR[now.case.state]
    if (right := _right_to(now, part, WAITED)) is not None:
        return Waiting(now.case.id, part, right.absent)
    # Whoever has left a step to a colleague has not left the own order.
    keeps = right_to_any(now, Part.ORDERER, KEEPING)
    return None if keeps is None else Waiting(now.case.id, Part.ORDERER, keeps.absent)


def _right_to(now: DecisionContext, part: Part, wanted: frozenset[Action]) -> Grant | None:
    """By which right the person may do one of some actions in a part, None when the person may not."""
    return None if now.person in now.case.aside else right_to_any(now, part, wanted)


def _situation(row: Row[Any], reader: WaitingReader) -> DecisionContext:
    case = case_from_row(row)
    # What others have agreed is no reason to keep a case from whoever may decide it.
    return DecisionContext(
        case=case,
        person=reader.grants[0].person,
        grants=reader.grants,
        belongs=reader.belongs(case),
        rules={
            Side.CUSTOMER: rules(row.self_attest_allowed, row.eid_from_ore, row.tiers),
            Side.AGENT: rules(row.agent_self_attest_allowed, row.agent_eid, row.agent_tiers),
        },
        standing=Standing(service=row.service_id),
        orderer_is_active=bool(row.orderer_is_active),
        applying=reader.known,
        # Judged when the case was saved last, as who is asked was.
        counted=case.attests,
    )
