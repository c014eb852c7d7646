"""What a case has become by its rows of history alone: each followed by the flows table of its version. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise, zip_longest

from core.applications.application import EMPTY
from core.audit.register_replay import Rights
from core.catalogue.costs import Cost, Costs
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
    told: str = ""
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

    def find(self, flow: Flow, told: ReplayedRecord) -> list[Transition]:
        """The rows that a row of history may be, with the state named where the table names a step."""
        mine = self.rows.get((flow, told.state), ())
        found = [each for each in mine if (each.who, each.does) == (told.part, told.action)]
        return [self._named(each) for each in found]

    def is_final(self, flow: Flow, state: State) -> bool:
        """True when a case in this state is closed."""
        return all(each.keeps_step for each in self.rows.get((flow, state), ()))

    def _named(self, row: Transition) -> Transition:
        if row.target is not RelativeTarget.FIRST_STEP:
            return row
        begins = next(each for each in self.rows[row.flow, State.DRAFT] if each.does is Action.SUBMIT)
        return replace(row, target=begins.target)


def tables_of(versions: Mapping[int, Sequence[Transition]] = TABLES) -> dict[int, Table]:
    """The flows tables by their versions, the superseded ones too."""
    return {version: Table(_by_state(rows)) for version, rows in versions.items()}


def _by_state(rows: Sequence[Transition]) -> dict[tuple[Flow, State], list[Transition]]:
    found: dict[tuple[Flow, State], list[Transition]] = {}
    for each in rows:
        found.setdefault((each.flow, each.source), []).append(each)
    return found


def begun(told: ReplayedRecord, flow: Flow, offer: OfferId) -> Case:
    """A case before its first row."""
    ordered = Order(offer, (), "", costs=told.costs, coming_costs=told.coming_costs)
    return Case(
        id=told.case,
        flow=flow,
        state=State.DRAFT,
        customer=told.organisation or OrganisationId(""),
        agent=None,
        orderer=told.person or NO_PERSON,
        content=EMPTY if TRAITS[flow].is_application else ordered,
        created_at=told.at,
        waiting_since=told.at,
    )


@dataclass(frozen=True)
class ReplayStep:
    """A row of history followed: the case after it, by which row of the table, and by what it does not follow."""

    case: Case
    row: Transition | None
    differs: Sequence[Difference] = ()


def step(case: Case, told: ReplayedRecord, table: Table | None, rights: Rights | None = None) -> ReplayStep:
    """The case after a row of history. One that does not follow is taken at its word, so that the next one may.

    `rights` is the register as its lines tell it up to the row; None where that is not known.
    """
    differs = [_differs(told, *each) for each in _misfits(case, told)]
    if table is None:
        return ReplayStep(_at_its_word(case, told), None, [*differs, _differs(told, "version", "", str(told.version))])
    found = table.find(case.flow, told)
    if not found:
        return ReplayStep(
            _closed(_at_its_word(case, told), told, table), None, [*differs, _differs(told, "action", "", told.action)]
        )
    ways = [(_followed(_standing(case, told), row, told), row) for row in found]
    good = next((each for each in ways if _is_so(each[0], told)), None)
    if good is not None:
        after = _closed(_known(good[0], told), told, table)
        wrong = _wrong_right(_standing(case, told), good[1], told, rights)
        return ReplayStep(after, good[1], [*differs, *_wrong_amount(after, told), *wrong])
    after = ways[0][0]
    became = [("to_state", after.state, told.to_state)] if after.state is not told.to_state else []
    if not became:
        became = [("content_version", str(after.content_version), str(told.content_version))]
    taken = _closed(_at_its_word(case, told), told, table)
    return ReplayStep(taken, None, [*differs, *(_differs(told, *each) for each in became)])


def _misfits(case: Case, told: ReplayedRecord) -> Iterator[tuple[str, str, str]]:
    if told.state is not case.state:
        yield "state", case.state, told.state
    if told.step != case.step:
        yield "step", str(case.step), str(told.step)
    if told.revision != case.revision + 1:
        yield "revision", str(case.revision + 1), str(told.revision)


def _differs(told: ReplayedRecord, what: str, expected: str, stands: str) -> Difference:
    return Difference(Differs.ROW, told.case, what, expected, stands, told.row)


def _standing(case: Case, told: ReplayedRecord) -> Case:
    """The case where the row says that it was, revision aside: what does not fit there is told already."""
    return replace(case, state=told.state, step=told.step, revision=told.revision - 1)


def _followed(case: Case, row: Transition, told: ReplayedRecord) -> Case:
    is_anew = row.does is Action.ANSWER and row.target is not RelativeTarget.ASKING_STEP
    now = DecisionContext(case, told.person, revised=_revised(case, told) if is_anew else None, costs_now=told.costs)
    # What was written is not in history; that something was is what pauses a case.
    answers = Answers(attestant=told.to, reason=told.action)
    after = apply_transition(now, row, decision_of(told, case.content_version), answers)
    is_first = told.version in {None, FIRST_VERSION}
    return replace(after, acted=case.acted) if is_first and row.does in superseded.FIXED_NO_SIDE else after


def _revised(case: Case, told: ReplayedRecord) -> Case:
    if case.is_order:
        # Another agent may have come with the answer, which only that agent's own rows tell.
        return replace(case, agent=None, content=_ordered_anew(case.order, told)).anew()
    # Whoever fills in an application anew has changed something, or not.
    return replace(case, content_version=case.content_version + (told.content_version > case.content_version))


def _ordered_anew(order: Order, told: ReplayedRecord) -> Order:
    return replace(order, costs=told.costs, coming_costs=told.coming_costs, earlier_costs={})


def decision_of(told: ReplayedRecord, content_version: int) -> Decision:
    """The decision that a row tells of, at a content version; what was written is not in history."""
    return Decision(
        step=told.step,
        state=told.state,
        action=told.action,
        part=told.part,
        person=told.person,
        organisation=told.organisation,
        at=told.at,
        surface=told.surface,
        assurance=told.assurance,
        content_version=content_version,
        absent=told.absent,
        limit_ore=told.limit_ore,
        to=told.to,
        proof=told.proof,
        document_hash=told.document_hash,
        method=told.method,
    )


def _is_so(case: Case, told: ReplayedRecord) -> bool:
    return (case.state, case.content_version) == (told.to_state, told.content_version)


def _known(case: Case, told: ReplayedRecord) -> Case:
    """The case with what only a row tells: what is paid, and who the agent is."""
    agent = told.organisation if SIDE_OF.get(told.part) is Side.AGENT else case.agent
    content = case.content
    if case.is_order:
        content = replace(case.order, costs=told.costs, coming_costs=told.coming_costs)
    return replace(case, agent=agent, content=content)


def _closed(case: Case, told: ReplayedRecord, table: Table) -> Case:
    is_final = table.is_final(case.flow, case.state)
    return replace(case, closed_at=(case.closed_at or told.at) if is_final else None)


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


def _wrong_right(case: Case, row: Transition, told: ReplayedRecord, rights: Rights | None) -> Iterator[Difference]:
    """What the conditions of the row refuse, asked of the case and the register as history says that they were then.

    Where more than one right may have been used, or the register was just being changed, one that holds is enough.
    """
    if SIDE_OF.get(told.part) is Side.AGENT:
        case = replace(case, agent=told.organisation)
    grants: Sequence[Grant | None] = [None]
    if told.person is not None and ROLES_OF.get(told.part):
        where = told.organisation or OrganisationId("")
        grants = [Grant(told.person, where, min(ROLES_OF[told.part]), told.limit_ore, absent=told.absent)]
        if rights is not None:
            held = _held(told, case.organisation_of(told.part), rights)
            yield from _lacking(told, held)
            grants = held or grants
    ways = ([*_refused(now, row, rights)] for grant in grants for now in _situations(case, told, grant, rights))
    for code in min(ways, key=len):
        yield _no_right(told, code)


def wrong_grant(told: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> Iterator[Difference]:
    """What is wrong with the right that a row tells of, by what the register said then; `where` None for anywhere."""
    yield from _lacking(told, _held(told, where, rights))


def _lacking(told: ReplayedRecord, held: Sequence[Grant]) -> Iterator[Difference]:
    if told.person is None or told.part in WITHOUT_ROLE or told.part not in ROLES_OF:
        return
    if not held:
        yield _no_right(told, "no_role" if told.absent is None else "no_substitution")
    elif told.limit_ore not in {each.limit_ore for each in held}:
        yield _no_right(told, "other_limit")


def _no_right(told: ReplayedRecord, code: str) -> Difference:
    return Difference(Differs.RIGHT, told.case, code, told.action, told.person or "", told.row)


def _held(told: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> list[Grant]:
    """The rights that a row may tell of; those with its limit, where there are any."""
    roles = ROLES_OF.get(told.part, frozenset())
    mine = [
        each
        for each in rights.grants(told.person or NO_PERSON, told.at)
        if each.role in roles and where in {None, each.organisation} and each.absent == told.absent
    ]
    return [each for each in mine if each.limit_ore == told.limit_ore] or mine


def _situations(
    case: Case, told: ReplayedRecord, grant: Grant | None, rights: Rights | None
) -> Iterator[DecisionContext]:
    now = DecisionContext(case, told.person, assurance=told.assurance)
    now = replace(now, part=told.part) if grant is None else now.playing(told.part, grant)
    if rights is None:
        yield now
        return
    if told.person is not None:
        now = replace(now, grants=tuple(rights.grants(told.person, told.at, sure=True)))
    orders = frozenset({Role.ORDERER})
    is_active = rights.has(case.orderer, case.customer, orders, told.at)
    for customers in rights.rules(case.customer, told.at):
        for agents in rights.rules(case.agent, told.at):
            rules = {Side.CUSTOMER: customers, Side.AGENT: agents}
            for standing in _standings(case, told, rights):
                yield replace(now, rules=rules, orderer_is_active=is_active, standing=standing)


def _standings(case: Case, told: ReplayedRecord, rights: Rights) -> Iterator[Standing]:
    """What may have been agreed; of which service an offer was may just have been changed too."""
    if not case.is_order:
        yield Standing()
        return
    agent = case.agent or OrganisationId("")
    for service in rights.services(case.order.offer, told.at) or [""]:
        yield Standing(
            customer_agreement=rights.agreed(case.customer, TRAITS[case.flow].agreement, told.at),
            agent_agreement=rights.agreed(agent, AgreementType.AGENTAVTAL, told.at),
            agent_assignment=rights.assigned(agent, service, told.at),
            service=service,
        )


def _refused(now: DecisionContext, row: Transition, rights: Rights | None) -> Iterator[str]:
    asked = _asked(rights)
    refusals = (each(now) for each in row.guards if each in asked)
    yield from (each.code for each in refusals if each is not None)
    if rights is None or not ENOUGH.intersection(row.guards):
        return
    # The clock goes on where those that were given suffice, everybody else where this one is the last.
    is_clock = row.who is Part.CLOCK
    then = replace(now, part=PART_WAITED_FOR.get(now.case.state)) if is_clock else now
    if people.missing_attests(then) > int(not is_clock):
        yield "too_few"


def _asked(rights: Rights | None) -> frozenset[Guard]:
    """The conditions that can be asked of what is known."""
    if rights is None:
        return JUDGED
    known = JUDGED | BY_REGISTER
    return known | BY_AGREEMENTS if rights.knows_agreements else known


def _wrong_amount(after: Case, told: ReplayedRecord) -> Iterator[Difference]:
    """The amount that a limit was held against, where it is not what the side pays."""
    side = SIDE_OF.get(told.part, Side.INERA)
    pays = str(after.order.first_year_ore(side)) if after.is_order and side in PAYER_OF else ""
    if told.amount_ore is not None and pays != _code(told.amount_ore):
        yield _differs(told, "amount", pays, _code(told.amount_ore))


# --- taken at its word


def _at_its_word(case: Case, told: ReplayedRecord) -> Case:
    stays = told.state is told.to_state
    return _known(
        replace(
            case,
            state=told.to_state,
            step=told.step + (not stays),
            revision=told.revision,
            content_version=told.content_version,
            decisions=(*case.decisions, decision_of(told, case.content_version)),
        ),
        told,
    )


# --- held against the case


def compared(case: Case, stored: Case, amounts: tuple[int, int], *, is_bare: bool) -> Iterator[Difference]:
    """What a case says otherwise than its history; `amounts` are those that its limits are held against.

    A bare case has lost people and amounts to the purge.
    """
    for what, told, stands in _pairs(case, stored, amounts, is_bare=is_bare):
        if told != stands:
            yield Difference(Differs.CASE, case.id, what, _code(told), _code(stands))


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


def continued(kept: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool) -> Iterator[Difference]:
    """What does not fit in a case whose first rows a purge took: its rows on each other, or the case on the last.

    What was decided before these rows is taken at the case's word. `table` is the flows table of the last one.
    """
    for before, told in pairwise(kept):
        if told.state is not before.to_state:
            yield _differs(told, "state", before.to_state, told.state)
        if told.revision != before.revision + 1:
            yield _differs(told, "revision", str(before.revision + 1), str(told.revision))
    for what, left, stands in _left(kept, stored, table, is_bare=is_bare):
        if left != stands:
            yield Difference(Differs.CASE, stored.id, what, _code(left), _code(stands))


def _left(
    kept: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool
) -> Iterator[tuple[str, object, object]]:
    last = kept[-1]
    yield "state", last.to_state, stored.state
    yield "revision", last.revision, stored.revision
    yield "content_version", last.content_version, stored.content_version
    yield "is_closed", "closed" if table.is_final(stored.flow, last.to_state) else "open", _closed_or_open(stored)
    # What changes within a state may ask anew, or not.
    steps = {last.step + 1} if last.state is not last.to_state else {last.step, last.step + 1}
    yield "step", stored.step if stored.step in steps else max(steps), stored.step
    if is_bare:
        return
    for claimed_by in _claims(kept, is_order=stored.is_order):
        yield "claimed_by", claimed_by, stored.claimed_by
    told = {_deed(decision_of(each, 0)) for each in kept}
    since = [_deed(each) for each in stored.decisions if (each.at, each.step) >= (kept[0].at, kept[0].step)]
    other = next((each for each in since if each not in told), None)
    yield "decisions", "", "" if other is None else _plain(other)


def _claims(kept: Sequence[ReplayedRecord], *, is_order: bool) -> Sequence[PersonId | None]:
    """Who has taken the case by the last row that says so; nothing where none does."""
    said = [each.person if each.action is Action.CLAIM else None for each in kept[:1] if each.action in CLAIMS]
    for before, told in pairwise(kept):
        if told.action in CLAIMS:
            said.append(told.person if told.action is Action.CLAIM else None)
        elif is_order and told.content_version > before.content_version:
            # An order with other contents is nobody's.
            said.append(None)
    return said[-1:]


def _deed(each: Decision) -> tuple[object, ...]:
    who = (each.action, each.part, each.person, each.absent)
    return (*who, each.step, each.state, each.at.isoformat(), each.limit_ore, each.to, each.proof, each.document_hash)


def _closed_or_open(case: Case) -> str:
    return "open" if case.closed_at is None else "closed"


def _code(value: object) -> str:
    return "" if value is None else str(value)


def _deciders(case: Case, stored: Case) -> Iterator[tuple[str, object, object]]:
    mine, theirs = ([_decider(each, is_order=case.is_order) for each in of.decisions] for of in (case, stored))
    if mine != theirs:
        other = next(n for n, pair in enumerate(zip_longest(mine, theirs)) if pair[0] != pair[1])
        yield "decisions", _nth(mine, other), _nth(theirs, other)


def _nth(deciders: Sequence[Sequence[object]], number: int) -> str:
    return _plain(deciders[number]) if number < len(deciders) else ""


def _decider(each: Decision, *, is_order: bool) -> tuple[object, ...]:
    # What the applicant did becomes the organisation's that is made of it.
    where = each.organisation if is_order else None
    who = (each.action, each.part, each.person, each.absent, where)
    how = (each.step, each.state, each.at.isoformat(), each.content_version, each.counts)
    return (*who, *how, each.limit_ore, each.to, each.proof, each.document_hash, each.surface, each.assurance)


def _amounts(costs: Costs) -> str:
    return _plain(
        [f"{payer} {cost.startup_ore}+{cost.recurring_ore}/{cost.period}" for payer, cost in sorted(costs.items())]
    )


def _plain(values: Sequence[object]) -> str:
    return " ".join("-" if each is None else str(each) for each in values)
