"""What one side may know of a case: the table of disclosure applied to a record."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, TypedDict

from core.register.organisations import Rules, Tier
from core.shared.disclosure import BLOCK_OF, ByRule, DisclosedView, Fact, ToAll, sees
from core.shared.value_objects import value
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    Block,
    CaseId,
    Flow,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Side,
    State,
)
from core.shared.working_days import add_working_days, day_of
from core.views.application_view import ApplicationView, applied
from core.views.order_view import DisclosedOrder, ordered
from core.views.record import CaseRecord
from core.views.timeline import SlackChangeView, StepView, decided_step, steps
from core.workflow.authorize import offered_if
from core.workflow.case import Case, Grant
from core.workflow.commands import Seen
from core.workflow.context import DecisionContext
from core.workflow.deadlines import days_to_carry_out
from core.workflow.flows import Transition, find, path, rows
from core.workflow.guards import agreements, people, progress
from core.workflow.guards.people import attests_needed
from core.workflow.guards.progress import ABOUT_OTHERS


@value
class AssigneeView(DisclosedView):
    """Somebody who is asked to decide; `absent` is in whose place. None across the barrier, where each role is once."""

    role: ToAll[Role]
    name: ByRule[str | None]
    absent: ByRule[str | None]


@value
class CaseView(DisclosedOrder):
    """What one side may know of a case; drawing needs nothing else. None or empty: unknown, or not for this side.

    `days_after_yes` is in how many working days it is expected to be carried out, counted from a yes where it waits.
    The amount is over the limit of `over_limit` of as many `attestants`; where it is over everybody's, `reserves` may
    attest instead.
    """

    case: ToAll[CaseId]
    state: ToAll[State]
    step: ToAll[int]
    revision: ToAll[int]
    content_version: ToAll[int]
    steps: ToAll[tuple[StepView, ...]]
    waiting_since: ToAll[datetime]
    nudged_at: ToAll[datetime | None]
    asks_to_keep: ToAll[bool]
    due_at: ToAll[datetime | None]
    expires_at: ToAll[datetime | None]
    closed_at: ToAll[datetime | None]
    is_claimed: ToAll[bool]
    is_escalated: ByRule[bool]
    claimed_by: Annotated[str | None, Fact.INERA_NAMES]
    claim: Annotated[int | None, Fact.INERA_NAMES]
    last_day: ToAll[date | None]
    chosen_attestant: Annotated[str | None, Fact.AGENT_NAMES]
    message: ByRule[str]
    question: ByRule[StepView | None]
    returns_to: ToAll[State | None]
    rounds: ToAll[int]
    is_held: ToAll[bool]
    hold: Annotated[str, Fact.HOLD]
    blocked: ByRule[Block | None]
    asked: ByRule[tuple[str, ...]]
    assignees: ByRule[tuple[AssigneeView, ...]]
    over_limit: ByRule[int]
    attestants: ByRule[int]
    reserves: ByRule[tuple[str, ...]]
    attested_by: ByRule[tuple[str, ...]]
    attests: ByRule[int]
    attests_needed: ByRule[int]
    eid_from_ore: ByRule[int | None]
    expected_on: ToAll[date | None]
    days_after_yes: ToAll[int | None]
    offers: ToAll[Mapping[Part, tuple[Transition, ...]]]
    application: Annotated[ApplicationView | None, Fact.APPLICATION]

    @property
    def seen(self) -> Seen:
        """What whoever presses a button has seen of it."""
        return Seen(self.step, self.content_version, self.claim)

    @property
    def reminds_at(self) -> datetime | None:
        """When the clock reminds the next time, None where it does not before the case ends."""
        is_before = self.due_at is not None and self.expires_at is not None and self.due_at < self.expires_at
        return self.due_at if is_before else None

    @property
    def is_open(self) -> bool:
        """True while somebody can still do something."""
        return self.closed_at is None

    @property
    def current(self) -> StepView | None:
        """The step that waits, None when the case is closed."""
        return next((step for step in self.steps if step.is_current), None)

    @property
    def last(self) -> StepView | None:
        """The latest decided step, None before any."""
        return next((step for step in reversed(self.steps) if step.action is not None), None)


class _Limits(TypedDict):
    over_limit: int
    attestants: int
    reserves: tuple[str, ...]


@value
class WholeView:
    """A case with everything that was done to it, and how the Slack of who takes part was off and on, in order."""

    view: CaseView
    history: tuple[StepView, ...]
    slack: tuple[SlackChangeView, ...] = ()


PARTS_OF = {side: tuple(part for part in ROLES_OF if SIDE_OF[part] is side) for side in Side}


def disclose(
    record: CaseRecord, side: Side, parts: Collection[Part] | None = None, at: datetime | None = None
) -> CaseView:
    """Return the view of a case for one side, by the table of disclosure.

    It holds what is offered at a time to some of the side's parts, which takes the most time; None: to all of them,
    and at some time.
    """
    case = record.case
    return CaseView(
        *_as_ordered(ordered(record, side)),
        case=case.id,
        state=case.state,
        step=case.step,
        revision=case.revision,
        content_version=case.content_version,
        steps=tuple(steps(record, side)),
        waiting_since=case.waiting_since,
        nudged_at=case.wait.nudged,
        asks_to_keep=case.wait.asks_to_keep,
        due_at=case.due_at,
        expires_at=_expires_at(case),
        closed_at=case.closed_at,
        is_claimed=case.claimed_by is not None,
        is_escalated=case.is_escalated and side is Side.INERA,
        claimed_by=_name(record, case.claimed_by),
        claim=case.claim,
        chosen_attestant=_name(record, case.chosen_attestant),
        last_day=next((each.last_day for each in reversed(case.decisions) if each.last_day), None),
        message=_message(case, side),
        question=_question(record, side),
        returns_to=case.returns_to,
        rounds=case.rounds,
        is_held=bool(case.hold),
        hold=case.hold,
        blocked=_blocked(case, side),
        asked=_people(record, side, (each.person for each in case.asked)),
        assignees=_assignees(record, side),
        **_limits(record, side),
        attested_by=_people(record, side, (each.person for each in case.attests)),
        attests=len(case.attests) if _asks_here(case, side) else 0,
        attests_needed=_attests_needed(record) if _asks_here(case, side) and case.is_order else 1,
        eid_from_ore=_eid_from_ore(record) if _asks_here(case, side) else None,
        expected_on=_expected_on(case),
        days_after_yes=_days_to_carry_out(case.flow, case.state, 1),
        offers=_allowed(record, PARTS_OF[side] if parts is None else parts, at),
        application=None if case.is_order else applied(record, side),
    )


_as_ordered = attrgetter(*(each.name for each in fields(DisclosedOrder)))


def _name(record: CaseRecord, person: PersonId | None) -> str | None:
    return None if person is None else record.people.get(person)


def _expires_at(case: Case) -> datetime | None:
    """When the case ends by itself if nothing happens; what is due before that may be reminders."""
    if case.due_at is None or not find(case.flow, case.state, Action.EXPIRE):
        return None
    return case.due_at if case.wait.is_all_reminded else case.wait.closes


# What a drawing takes for granted: that others can be asked, and that what was agreed stands. The press asks for it.
GRANTED = ABOUT_OTHERS | {
    *(agreements.customer_agreement_active, agreements.agent_agreement_active, agreements.agent_has_assignment),
    *(agreements.own_agent_agreement_active, agreements.every_price_known, progress.prices_stand),
    # Whether somebody may answer is the matter of the side that is asked.
    progress.somebody_is_asked,
}
# What holds, besides, for somebody who has the role and has done nothing in the case.
GRANTED_TO_ANYBODY = GRANTED | {
    *(people.not_own_order, people.never_own_order, people.not_own_approval, people.never_own_approval),
    *(people.acts_for_no_other, people.acts_here_alone, people.not_recused, people.not_handed_over),
    *(people.chosen_if_chosen, people.for_this_service, people.within_limit, people.one_attest_each),
    *(people.in_turn, people.not_later_in_turn, people.assured, people.account_looked_at, people.has_no_part),
}


def _allowed(record: CaseRecord, parts: Iterable[Part], at: datetime | None) -> dict[Part, tuple[Transition, ...]]:
    """What whoever plays each of some parts is offered where the case stands."""
    acting = {row.who for row in rows(record.case.flow, record.case.state) if row.who in ROLES_OF}
    return {part: _allowed_in(record, part, at) if part in acting else () for part in parts}


def _allowed_in(record: CaseRecord, part: Part, at: datetime | None) -> tuple[Transition, ...]:
    # Buttons are drawn for whoever is most entitled to them; the press is judged anew for who presses.
    case, side = record.case, SIDE_OF[part]
    entitled = _most_entitled(case, part)
    person = entitled or ANYBODY
    declared = record.rules.get(side)
    now = DecisionContext(
        case,
        person,
        grant=Grant(person, case.organisation_of(part) or OrganisationId(""), min(ROLES_OF[part])),
        part=part,
        rules={} if declared is None else {side: _for_anybody(declared)},
        assurance=Assurance.EID_LINK,
        counted=case.attests,
        applying=record.applying,
        judged_at=at,
    )
    return offered_if(now, GRANTED_TO_ANYBODY if entitled is None else GRANTED)


def _most_entitled(case: Case, part: Part) -> PersonId | None:
    if part is Part.ORDERER:
        return case.orderer
    if part is Part.CUSTOMER_SERVICE:
        return case.claimed_by
    if part is not Part.AGENT_ATTESTANT:
        return None
    has_attested = any(case.chosen_attestant in {each.person, each.absent} for each in case.attests)
    return None if has_attested else case.chosen_attestant


ANYBODY = PersonId("anybody")


def _for_anybody(rules: Rules) -> Rules:
    # The number of attests decides what follows; whose turn it is, only who presses.
    return Rules(tiers=tuple(Tier(each.from_ore, max(each.attests, len(each.sequence))) for each in rules.tiers))


def _people(record: CaseRecord, reader: Side, people: Iterable[PersonId | None]) -> tuple[str, ...]:
    of = SIDE_OF.get(PART_WAITED_FOR.get(record.case.state, Part.CLOCK))
    names = (record.name(each, of=of, reader=reader) for each in people)
    return tuple(each for each in names if each is not None)


def _assignees(record: CaseRecord, reader: Side) -> tuple[AssigneeView, ...]:
    """Who is asked now: by name on the own side and to Inera, else each role once."""
    of = SIDE_OF.get(PART_WAITED_FOR.get(record.case.state, Part.CLOCK))
    asked = (
        AssigneeView(
            reader,
            each.role,
            record.name(each.person, of=of, reader=reader),
            record.name(each.absent, of=of, reader=reader),
        )
        for each in record.case.asked
    )
    return tuple({(each.name, each.role): each for each in asked}.values())


def _asks_here(case: Case, reader: Side) -> bool:
    """True where how many must attest is the reader's to know: the own side's number, or Inera."""
    return reader in {SIDE_OF.get(PART_WAITED_FOR.get(case.state, Part.CLOCK)), Side.INERA}


def _limits(record: CaseRecord, reader: Side) -> _Limits:
    limited = record.case.limited
    if limited is None or not _asks_here(record.case, reader):
        return _Limits(over_limit=0, attestants=0, reserves=())
    reserves = _people(record, reader, limited.reserves)
    return _Limits(over_limit=limited.over, attestants=limited.of, reserves=reserves)


def _attests_needed(record: CaseRecord) -> int:
    part = PART_WAITED_FOR.get(record.case.state)
    return attests_needed(DecisionContext(record.case, None, rules=record.rules, part=part))


def _eid_from_ore(record: CaseRecord) -> int | None:
    side = SIDE_OF.get(PART_WAITED_FOR.get(record.case.state, Part.CLOCK))
    declared = None if side is None else record.rules.get(side)
    return None if declared is None else declared.eid_from_ore


def _expected_on(case: Case) -> date | None:
    """On which day a case is expected to be carried out, where that is declared of each step left."""
    days = None if case.hold else _days_to_carry_out(case.flow, case.state, 0)
    return None if days is None else add_working_days(day_of(case.waiting_since), days)


@cache
def _days_to_carry_out(flow: Flow, state: State, after: int) -> int | None:
    """In how many working days what is left of the way from so many steps after a state is expected to be done."""
    way = path(flow)
    return days_to_carry_out(way[way.index(state) + after :]) if state in way else None


def _question(record: CaseRecord, reader: Side) -> StepView | None:
    asked = record.case.question
    return None if asked is None else decided_step(record, reader, asked)


_MESSAGE_OF = {
    Action.SEND_INSTRUCTIONS: Fact.INSTRUCTIONS,
    Action.SEND_AGAIN: Fact.INSTRUCTIONS,
    Action.INFORM_AGENT: Fact.AGENT_MESSAGE,
}


def _message(case: Case, side: Side) -> str:
    sent = next((each for each in reversed(case.decisions) if each.action in _MESSAGE_OF), None)
    return sent.message if sent is not None and sees(side, _MESSAGE_OF[sent.action]) else ""


BLOCKED_SIDE = {
    Block.NO_CUSTOMER_AGREEMENT: Side.CUSTOMER,
    Block.NO_AGENT_AGREEMENT: Side.AGENT,
    Block.NO_AGENT_ASSIGNMENT: Side.AGENT,
}


def _blocked(case: Case, reader: Side) -> Block | None:
    """Why nobody can decide, for the side whose matter that is."""
    if case.blocked is None:
        return None
    side = BLOCKED_SIDE.get(case.blocked.why) or SIDE_OF[PART_WAITED_FOR[case.state]]
    return case.blocked.why if sees(reader, BLOCK_OF[side]) else None
