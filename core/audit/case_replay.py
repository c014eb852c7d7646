"""Replaying a case from its rows of history alone: each is followed by the flows table of its version. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise, zip_longest

from core.applications.application import EMPTY
from core.audit.register_replay import Rights
from core.catalogue.prices import Cost, Costs
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    NO_PERSON,
    PART_WAITED_FOR,
    PAYER_OF,
    ROLES_OF,
    SIDE_OF,
    Action,
    AgreementType,
    Assurance,
    CaseId,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    Role,
    Side,
    State,
    Surface,
)
from core.workflow import superseded
from core.workflow.case import Case, Decision, Grant, Order
from core.workflow.commands import Answers
from core.workflow.context import WITHOUT_ROLE, DecisionContext, Standing
from core.workflow.flows import TABLES, RelativeTarget, Transition
from core.workflow.guards import agreements, people, progress
from core.workflow.guards.people import Guard
from core.workflow.transitions import apply_transition

# What rows from before they named their version are followed by, where they can be.
FIRST_VERSION = 1


class Differs(StrEnum):
    """What kind of thing does not agree with history replayed."""

    ROW = "row"  # a row does not follow on those before it
    CASE = "case"  # the case says something else than its rows
    NO_CASE = "no_case"  # rows of a case that there is not
    NO_ROWS = "no_rows"  # a case that no row tells of
    RIGHT = "right"  # somebody who had no right decided
    NO_BEGINNING = "no_beginning"  # the first rows of a case are gone, and no purge took them
    REGISTER = "register"  # the register says something else than its lines
    KEPT = "kept"  # somebody who had no right changed the register
    LINE = "line"  # a line of the register cannot be read
    BASELINE = "baseline"  # rows that no upgrade and no purge wrote


@dataclass(frozen=True)
class Difference:
    """One thing by which a case and its history differ, by ids and codes: what, by history and by what stands there.

    `row` is the history id of a row that does not follow. `about` is which entry, where the register differs.
    """

    kind: Differs
    case: CaseId | None = None
    what: str = ""
    expected: str = ""
    stands: str = ""
    row: int | None = None
    about: str = ""


@dataclass(frozen=True)
class ReplayedRecord:
    """A change of a case as its row of history tells it. `version` is of the flows table, None before rows named it.

    `step` is the one that it was made at; `revision` and `content_version` are those that it left.
    """

    row: int
    case: CaseId
    at: datetime
    action: Action
    state: State
    to_state: State
    step: int
    revision: int
    content_version: int
    part: Part
    person: PersonId | None
    organisation: OrganisationId | None
    surface: Surface
    assurance: Assurance
    version: int | None
    costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_costs: Costs = field(default_factory=dict[Payer, Cost])
    absent: PersonId | None = None
    to: PersonId | None = None
    limit_ore: int | None = None
    amount_ore: int | None = None
    proof: str | None = None
    content_hash: str | None = None
    document_hash: str | None = None
    method: str | None = None


@dataclass(frozen=True)
class Table:
    """A version of the flows table, as far as a row of history is followed by it."""

    rows: Mapping[tuple[Flow, State], Sequence[Transition]]

    def find(self, flow: Flow, record: ReplayedRecord) -> list[Transition]:
        """Return the transitions that a record may be, with the state named where the table names a step."""
        mine = self.rows.get((flow, record.state), ())
        matching = [row for row in mine if (row.who, row.does) == (record.part, record.action)]
        return [self._named(row) for row in matching]

    def is_final(self, flow: Flow, state: State) -> bool:
        """Say whether a case in this state is closed."""
        return all(row.keeps_step for row in self.rows.get((flow, state), ()))

    def _named(self, row: Transition) -> Transition:
        if row.target is not RelativeTarget.FIRST_STEP:
            return row
        begins = next(first for first in self.rows[row.flow, State.DRAFT] if first.does is Action.SUBMIT)
        return replace(row, target=begins.target)


def flow_tables(versions: Mapping[int, Sequence[Transition]] = TABLES) -> dict[int, Table]:
    """Return the flows tables by their versions, the superseded ones too."""
    return {version: Table(_by_state(rows)) for version, rows in versions.items()}


def _by_state(rows: Sequence[Transition]) -> dict[tuple[Flow, State], list[Transition]]:
    by_state: dict[tuple[Flow, State], list[Transition]] = {}
    for row in rows:
        by_state.setdefault((row.flow, row.source), []).append(row)
    return by_state


def case_before(record: ReplayedRecord, flow: Flow, offer: OfferId) -> Case:
    """Return the case before its first record."""
    ordered = Order(offer, (), "", costs=record.costs, coming_costs=record.coming_costs)
    return Case(
        id=record.case,
        flow=flow,
        state=State.DRAFT,
        customer=record.organisation or OrganisationId(""),
        agent=None,
        orderer=record.person or NO_PERSON,
        content=EMPTY if TRAITS[flow].is_application else ordered,
        created_at=record.at,
        waiting_since=record.at,
    )


@dataclass(frozen=True)
class ReplayStep:
    """A row of history followed: the case after it, by which row of the table, and by what it does not follow."""

    case: Case
    row: Transition | None
    differs: Sequence[Difference] = ()


def replay_record(case: Case, record: ReplayedRecord, table: Table | None, rights: Rights | None = None) -> ReplayStep:
    """Replay one record upon a case. One that does not follow is taken at its word, so that the next one may.

    `rights` is the register as its lines tell it up to the row; None where that is not known.
    """
    differs = [_differs(record, *misfit) for misfit in _misfits(case, record)]
    if table is None:
        return ReplayStep(
            _at_its_word(case, record), None, [*differs, _differs(record, "version", "", str(record.version))]
        )
    rows = table.find(case.flow, record)
    if not rows:
        return ReplayStep(
            _closed(_at_its_word(case, record), record, table),
            None,
            [*differs, _differs(record, "action", "", record.action)],
        )
    ways = [(_followed(_standing(case, record), row, record), row) for row in rows]
    good = next((way for way in ways if _is_so(way[0], record)), None)
    if good is not None:
        after = _closed(_known(good[0], record), record, table)
        wrong = _wrong_right(_standing(case, record), good[1], record, rights)
        return ReplayStep(after, good[1], [*differs, *_wrong_amount(after, record), *wrong])
    after = ways[0][0]
    became = [("to_state", after.state, record.to_state)] if after.state is not record.to_state else []
    if not became:
        became = [("content_version", str(after.content_version), str(record.content_version))]
    case_after = _closed(_at_its_word(case, record), record, table)
    return ReplayStep(case_after, None, [*differs, *(_differs(record, *misfit) for misfit in became)])


def _misfits(case: Case, record: ReplayedRecord) -> Iterator[tuple[str, str, str]]:
    if record.state is not case.state:
        yield "state", case.state, record.state
    if record.step != case.step:
        yield "step", str(case.step), str(record.step)
    if record.revision != case.revision + 1:
        yield "revision", str(case.revision + 1), str(record.revision)


def _differs(record: ReplayedRecord, what: str, expected: str, stands: str) -> Difference:
    return Difference(Differs.ROW, record.case, what, expected, stands, record.row)


def _standing(case: Case, record: ReplayedRecord) -> Case:
    """Return the case where the record says that it was, revision aside: what does not fit there is told already."""
    return replace(case, state=record.state, step=record.step, revision=record.revision - 1)


def _followed(case: Case, row: Transition, record: ReplayedRecord) -> Case:
    is_anew = row.does is Action.ANSWER and row.target is not RelativeTarget.ASKING_STEP
    now = DecisionContext(
        case, record.person, revised=_revised(case, record) if is_anew else None, costs_now=record.costs
    )
    # What was written is not in history; that something was is what pauses a case.
    answers = Answers(attestant=record.to, reason=record.action)
    after = apply_transition(now, row, decision_of(record, case.content_version), answers)
    is_first = record.version in {None, FIRST_VERSION}
    return replace(after, acted=case.acted) if is_first and row.does in superseded.FIXED_NO_SIDE else after


def _revised(case: Case, record: ReplayedRecord) -> Case:
    if case.is_order:
        # Another agent may have come with the answer, which only that agent's own rows tell.
        return replace(case, agent=None, content=_ordered_anew(case.order, record)).anew()
    # Whoever fills in an application anew has changed something, or not.
    return replace(case, content_version=case.content_version + (record.content_version > case.content_version))


def _ordered_anew(order: Order, record: ReplayedRecord) -> Order:
    return replace(order, costs=record.costs, coming_costs=record.coming_costs, earlier_costs={})


def decision_of(record: ReplayedRecord, content_version: int) -> Decision:
    """Return the decision that a record tells of, at a content version; what was written is not in history."""
    return Decision(
        step=record.step,
        state=record.state,
        action=record.action,
        part=record.part,
        person=record.person,
        organisation=record.organisation,
        at=record.at,
        surface=record.surface,
        assurance=record.assurance,
        content_version=content_version,
        absent=record.absent,
        limit_ore=record.limit_ore,
        to=record.to,
        proof=record.proof,
        document_hash=record.document_hash,
        method=record.method,
    )


def _is_so(case: Case, record: ReplayedRecord) -> bool:
    return (case.state, case.content_version) == (record.to_state, record.content_version)


def _known(case: Case, record: ReplayedRecord) -> Case:
    """Return the case with what only a record tells: what is paid, and who the agent is."""
    agent = record.organisation if SIDE_OF.get(record.part) is Side.AGENT else case.agent
    content = case.content
    if case.is_order:
        content = replace(case.order, costs=record.costs, coming_costs=record.coming_costs)
    return replace(case, agent=agent, content=content)


def _closed(case: Case, record: ReplayedRecord, table: Table) -> Case:
    is_final = table.is_final(case.flow, case.state)
    return replace(case, closed_at=(case.closed_at or record.at) if is_final else None)


# --- by which right


# What keeps somebody from deciding by what the rows of the case alone say.
JUDGED: frozenset[Guard] = frozenset(
    {
        people.acts_for_no_other,
        people.acts_here_alone,
        people.has_approved,
        people.has_no_part,
        people.has_not_approved,
        people.never_own_approval,
        people.never_own_order,
        people.not_recused,
        people.one_attest_each,
        people.within_limit,
        progress.claimed_by_me,
        progress.held,
        progress.not_attested,
        progress.not_held,
        progress.rounds_left,
        progress.unclaimed,
        superseded.acts_for_one_side,
        superseded.not_involved,
    }
)


# What keeps somebody from it by what the register says as well.
BY_REGISTER: frozenset[Guard] = frozenset(
    {
        people.assured,
        people.in_turn,
        people.not_later_in_turn,
        people.not_own_approval,
        people.not_own_order,
        people.own_order,
    }
)
# And by what organisations have agreed, once history holds that.
BY_AGREEMENTS: frozenset[Guard] = frozenset(
    {
        agreements.agent_agreement_active,
        agreements.agent_has_assignment,
        agreements.customer_agreement_active,
        agreements.own_agent_agreement_active,
        people.for_this_service,
    }
)
ENOUGH: frozenset[Guard] = frozenset({progress.last_attest, progress.attests_suffice})


def _wrong_right(case: Case, row: Transition, record: ReplayedRecord, rights: Rights | None) -> Iterator[Difference]:
    """Yield what the guards of the transition refuse, asked of the case and the register as history says they were
    then.

    Where more than one right may have been used, or the register was just being changed, one that holds is enough.
    """
    if SIDE_OF.get(record.part) is Side.AGENT:
        case = replace(case, agent=record.organisation)
    grants: Sequence[Grant | None] = [None]
    if record.person is not None and ROLES_OF.get(record.part):
        where = record.organisation or OrganisationId("")
        grants = [Grant(record.person, where, min(ROLES_OF[record.part]), record.limit_ore, absent=record.absent)]
        if rights is not None:
            held = _held(record, case.organisation_of(record.part), rights)
            yield from _lacking(record, held)
            grants = held or grants
    ways = ([*_refused(now, row, rights)] for grant in grants for now in _situations(case, record, grant, rights))
    for code in min(ways, key=len):
        yield _no_right(record, code)


def check_grant(record: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> Iterator[Difference]:
    """Yield what is wrong with the role that a record was decided by, by the register then; `where` None for
    anywhere.
    """
    yield from _lacking(record, _held(record, where, rights))


def _lacking(record: ReplayedRecord, held: Sequence[Grant]) -> Iterator[Difference]:
    if record.person is None or record.part in WITHOUT_ROLE or record.part not in ROLES_OF:
        return
    if not held:
        yield _no_right(record, "no_role" if record.absent is None else "no_substitution")
    elif record.limit_ore not in {grant.limit_ore for grant in held}:
        yield _no_right(record, "other_limit")


def _no_right(record: ReplayedRecord, code: str) -> Difference:
    return Difference(Differs.RIGHT, record.case, code, record.action, record.person or "", record.row)


def _held(record: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> list[Grant]:
    """Return the grants that a record may tell of; those with its limit, where there are any."""
    roles = ROLES_OF.get(record.part, frozenset())
    mine = [
        grant
        for grant in rights.grants(record.person or NO_PERSON, record.at)
        if grant.role in roles and where in {None, grant.organisation} and grant.absent == record.absent
    ]
    return [grant for grant in mine if grant.limit_ore == record.limit_ore] or mine


def _situations(
    case: Case, record: ReplayedRecord, grant: Grant | None, rights: Rights | None
) -> Iterator[DecisionContext]:
    now = DecisionContext(case, record.person, assurance=record.assurance)
    now = replace(now, part=record.part) if grant is None else now.playing(record.part, grant)
    if rights is None:
        yield now
        return
    if record.person is not None:
        now = replace(now, grants=tuple(rights.grants(record.person, record.at, sure=True)))
    orders = frozenset({Role.ORDERER})
    is_active = rights.has(case.orderer, case.customer, orders, record.at)
    for customers in rights.rules(case.customer, record.at):
        for agents in rights.rules(case.agent, record.at):
            rules = {Side.CUSTOMER: customers, Side.AGENT: agents}
            for standing in _standings(case, record, rights):
                yield replace(now, rules=rules, orderer_is_active=is_active, standing=standing)


def _standings(case: Case, record: ReplayedRecord, rights: Rights) -> Iterator[Standing]:
    """Yield what may have been agreed; of which service an offer was may just have been changed too."""
    if not case.is_order:
        yield Standing()
        return
    agent = case.agent or OrganisationId("")
    for service in rights.services(case.order.offer, record.at) or [""]:
        yield Standing(
            customer_agreement=rights.agreed(case.customer, TRAITS[case.flow].agreement, record.at),
            agent_agreement=rights.agreed(agent, AgreementType.AGENTAVTAL, record.at),
            agent_assignment=rights.assigned(agent, service, record.at),
            service=service,
        )


def _refused(now: DecisionContext, row: Transition, rights: Rights | None) -> Iterator[str]:
    guards = _asked(rights)
    refusals = (guard(now) for guard in row.guards if guard in guards)
    yield from (refusal.code for refusal in refusals if refusal is not None)
    if rights is None or not ENOUGH.intersection(row.guards):
        return
    # The clock goes on where those that were given suffice, everybody else where this one is the last.
    is_clock = row.who is Part.CLOCK
    then = replace(now, part=PART_WAITED_FOR.get(now.case.state)) if is_clock else now
    if people.missing_attests(then) > int(not is_clock):
        yield "too_few"


def _asked(rights: Rights | None) -> frozenset[Guard]:
    """Return the guards that can be asked of what is known."""
    if rights is None:
        return JUDGED
    guards = JUDGED | BY_REGISTER
    return guards | BY_AGREEMENTS if rights.knows_agreements else guards


def _wrong_amount(after: Case, record: ReplayedRecord) -> Iterator[Difference]:
    """Yield the amount that a limit was held against, where it is not what the side pays."""
    side = SIDE_OF.get(record.part, Side.INERA)
    pays = str(after.order.first_year_ore(side)) if after.is_order and side in PAYER_OF else ""
    if record.amount_ore is not None and pays != _code(record.amount_ore):
        yield _differs(record, "amount", pays, _code(record.amount_ore))


# --- taken at its word


def _at_its_word(case: Case, record: ReplayedRecord) -> Case:
    stays = record.state is record.to_state
    return _known(
        replace(
            case,
            state=record.to_state,
            step=record.step + (not stays),
            revision=record.revision,
            content_version=record.content_version,
            decisions=(*case.decisions, decision_of(record, case.content_version)),
        ),
        record,
    )


# --- held against the case


def compare_case(case: Case, stored: Case, amounts: tuple[int, int], *, is_bare: bool) -> Iterator[Difference]:
    """Yield where the stored case differs from the replayed one; `amounts` are those that its limits are held against.

    A bare case has lost people and amounts to the purge.
    """
    for what, expected, stands in _pairs(case, stored, amounts, is_bare=is_bare):
        if expected != stands:
            yield Difference(Differs.CASE, case.id, what, _code(expected), _code(stands))


def _pairs(
    case: Case, stored: Case, amounts: tuple[int, int], *, is_bare: bool
) -> Iterator[tuple[str, object, object]]:
    for name in ("state", "step", "revision", "content_version"):
        yield name, getattr(case, name), getattr(stored, name)
    yield "is_closed", _closed_or_open(case), _closed_or_open(stored)
    if case.is_order:
        yield "customer", case.customer, stored.customer
    if case.agent is not None:
        yield "agent", case.agent, stored.agent
    if is_bare:
        return
    yield "orderer", case.orderer, stored.orderer
    yield "claimed_by", case.claimed_by, stored.claimed_by
    yield "recusals", ",".join(case.recused), ",".join(stored.recused)
    if case.is_order:
        sides = (Side.CUSTOMER, Side.AGENT)
        yield "costs", _amounts(case.order.costs), _amounts(stored.order.costs)
        mine = [case.order.first_year_ore(side) for side in sides]
        yield "amounts", _plain(mine), _plain(amounts)
    yield from _deciders(case, stored)


# What says who has taken a case.
CLAIMS = frozenset({Action.CLAIM, Action.RELEASE, Action.ESCALATE})


def compare_purged_case(
    records: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool
) -> Iterator[Difference]:
    """Yield what does not fit in a case whose first rows a purge took: its rows on each other, or the case on the last.

    What was decided before these rows is taken at the case's word. `table` is the flows table of the last one.
    """
    for before, record in pairwise(records):
        if record.state is not before.to_state:
            yield _differs(record, "state", before.to_state, record.state)
        if record.revision != before.revision + 1:
            yield _differs(record, "revision", str(before.revision + 1), str(record.revision))
    for what, by_rows, stands in _left(records, stored, table, is_bare=is_bare):
        if by_rows != stands:
            yield Difference(Differs.CASE, stored.id, what, _code(by_rows), _code(stands))


def _left(
    records: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool
) -> Iterator[tuple[str, object, object]]:
    last = records[-1]
    yield "state", last.to_state, stored.state
    yield "revision", last.revision, stored.revision
    yield "content_version", last.content_version, stored.content_version
    yield "is_closed", "closed" if table.is_final(stored.flow, last.to_state) else "open", _closed_or_open(stored)
    # What changes within a state may ask anew, or not.
    steps = {last.step + 1} if last.state is not last.to_state else {last.step, last.step + 1}
    yield "step", stored.step if stored.step in steps else max(steps), stored.step
    if is_bare:
        return
    for claimed_by in _claims(records, is_order=stored.is_order):
        yield "claimed_by", claimed_by, stored.claimed_by
    told_decisions = {_deed(decision_of(record, 0)) for record in records}
    since = [
        _deed(decision)
        for decision in stored.decisions
        if (decision.at, decision.step) >= (records[0].at, records[0].step)
    ]
    other = next((decision for decision in since if decision not in told_decisions), None)
    yield "decisions", "", "" if other is None else _plain(other)


def _claims(records: Sequence[ReplayedRecord], *, is_order: bool) -> Sequence[PersonId | None]:
    """Return who has claimed the case by the last record that says so; nothing where none does."""
    claimants = [
        record.person if record.action is Action.CLAIM else None for record in records[:1] if record.action in CLAIMS
    ]
    for before, record in pairwise(records):
        if record.action in CLAIMS:
            claimants.append(record.person if record.action is Action.CLAIM else None)
        elif is_order and record.content_version > before.content_version:
            # An order with other contents is nobody's.
            claimants.append(None)
    return claimants[-1:]


def _deed(decision: Decision) -> tuple[object, ...]:
    who = (decision.action, decision.part, decision.person, decision.absent)
    return (
        *who,
        decision.step,
        decision.state,
        decision.at.isoformat(),
        decision.limit_ore,
        decision.to,
        decision.proof,
        decision.document_hash,
    )


def _closed_or_open(case: Case) -> str:
    return "open" if case.closed_at is None else "closed"


def _code(value: object) -> str:
    return "" if value is None else str(value)


def _deciders(case: Case, stored: Case) -> Iterator[tuple[str, object, object]]:
    mine, theirs = ([_decider(decision, is_order=case.is_order) for decision in of.decisions] for of in (case, stored))
    if mine != theirs:
        other = next(n for n, pair in enumerate(zip_longest(mine, theirs)) if pair[0] != pair[1])
        yield "decisions", _nth(mine, other), _nth(theirs, other)


def _nth(deciders: Sequence[Sequence[object]], number: int) -> str:
    return _plain(deciders[number]) if number < len(deciders) else ""


def _decider(decision: Decision, *, is_order: bool) -> tuple[object, ...]:
    # What the applicant did becomes the organisation's that is made of it.
    where = decision.organisation if is_order else None
    who = (decision.action, decision.part, decision.person, decision.absent, where)
    how = (decision.step, decision.state, decision.at.isoformat(), decision.content_version, decision.counts)
    return (
        *who,
        *how,
        decision.limit_ore,
        decision.to,
        decision.proof,
        decision.document_hash,
        decision.surface,
        decision.assurance,
    )


def _amounts(costs: Costs) -> str:
    return _plain(
        [f"{payer} {cost.startup_ore}+{cost.recurring_ore}/{cost.period}" for payer, cost in sorted(costs.items())]
    )


def _plain(values: Sequence[object]) -> str:
    return " ".join("-" if value is None else str(value) for value in values)
