"""Cases that the journeys of `builders` do not come to: several attests, substitutes, blocks, prices that change."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from core.api import (
    DECIDING,
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    Assignee,
    Block,
    Blocked,
    Case,
    ConnectionWay,
    Cost,
    Decision,
    EarlierConnection,
    Flow,
    Language,
    Limited,
    OfferId,
    Part,
    Payer,
    Period,
    PersonId,
    Role,
    Rules,
    Side,
    State,
    Tier,
)
from core.views.record import CaseRecord
from tests.support.world import builders
from tests.support.world.builders import after

VIA = Flow.VIA_AGENT
ROUND = (Action.REQUEST_COMPLETION, Action.ANSWER)
TWO = {Side.CUSTOMER: builders.TWO_ATTESTS, Side.AGENT: builders.TWO_ATTESTS}
IN_TURN = {
    Side.CUSTOMER: Rules(tiers=(Tier(0, sequence=(builders.ATTESTANT, builders.COLLEAGUE)),)),
    Side.AGENT: Rules(tiers=(Tier(0, sequence=(builders.AGENT_ATTESTANT, builders.AGENT_COLLEAGUE)),)),
}
ABSENT = {
    builders.ATTESTANT: builders.COLLEAGUE,
    builders.AGENT_ATTESTANT: builders.AGENT_COLLEAGUE,
    builders.HANDLER: builders.HANDLERS_COLLEAGUE,
}
LIMIT = 5_000_000
# What the offers are called by which units have a service in other ways.
BEFORE = {Language.SV: "NPÖ tidigare", Language.EN: "NPO before"}
BESIDE = {Language.SV: "NPÖ bredvid", Language.EN: "NPO beside"}


def detours() -> Iterator[tuple[str, CaseRecord]]:
    """Dossiers with a name that tells what is out of the ordinary."""
    yield from _several_attests()
    yield "jäv of whoever approved", builders.dossier(taken_back())
    yield "jäv of whoever approved, after an attest", builders.dossier(taken_back(rules=TWO, attested=True), rules=TWO)
    yield "jäv of whoever approved, approved anew", builders.dossier(approved_anew())
    yield from _substitutes()
    yield from _blocks()
    yield from _limits()
    yield from _prices()
    yield "change of agent", builders.dossier(changing_agent(after(flow=VIA)))
    yield "change of agent, at customer service", builders.dossier(changing_agent(_attested(VIA)))
    for flow in (VIA, Flow.DIRECT):
        yield f"beside and instead, {flow}", builders.dossier(beside_and_instead(after(flow=flow)))
        yield f"beside and instead, {flow}, at customer service", builders.dossier(beside_and_instead(_attested(flow)))
    yield "five rounds", builders.dossier(after(*ROUND * 5))
    yield from _asked_by_service()
    for flow in (Flow.DIRECT, VIA, Flow.TERMINATION):
        yield f"asked to keep, {flow}", builders.dossier(builders.unanswered(after(flow=flow)))
    yield "sent to another", builders.dossier(sent_to(builders.ADMINISTRATOR))
    yield from _full()


def several(*actions: Action, flow: Flow = Flow.DIRECT, rules: dict[Side, Rules] | None = None) -> CaseRecord:
    """A case of organisations that ask several people, two where nothing else is said."""
    declared = rules or TWO
    return builders.dossier(after(*actions, flow=flow, rules=declared), rules=declared)


def taken_back(case: Case | None = None, *, rules: dict[Side, Rules] | None = None, attested: bool = False) -> Case:
    """A case that somebody has approved for the agent, who has then declared jäv as its attestant."""
    who, at = builders.HANDLERS_COLLEAGUE, iter(builders.AT + n * builders.HOUR for n in range(2, 9))
    begun = case or after(flow=VIA, rules=rules)
    made = builders.pressed(builders.situation(begun, who, rules=rules or {}), Action.APPROVE, next(at)).after
    if attested:
        now = builders.situation(made, builders.AGENT_ATTESTANT, rules=rules or {})
        made = builders.pressed(now, Action.ATTEST, next(at)).after
    mine = builders.grant(who, Part.AGENT_ATTESTANT)
    now = replace(builders.situation(made, who, rules=rules or {}), grants=(mine,))
    return builders.pressed(now, Action.RECUSE, next(at)).after


def approved_anew() -> Case:
    """The same once somebody else there has approved."""
    now = builders.situation(taken_back(), builders.HANDLER)
    return builders.pressed(now, Action.APPROVE, builders.AT + 9 * builders.HOUR).after


def _several_attests() -> Iterator[tuple[str, CaseRecord]]:
    for name, rules in (("two attests", TWO), ("in turn", IN_TURN)):
        yield f"{name}, none yet", several(rules=rules)
        yield f"{name}, one given", several(Action.ATTEST, rules=rules)
        yield f"{name}, both given", several(Action.ATTEST, Action.ATTEST, rules=rules)
        yield f"{name}, one given and rejected", several(Action.ATTEST, Action.REJECT, rules=rules)
        yield f"{name}, one given and repriced", several(Action.ATTEST, Action.REPRICE, rules=rules)
        yield f"{name}, one at the agent", several(Action.APPROVE, Action.ATTEST, flow=VIA, rules=rules)
        both = (Action.APPROVE, Action.ATTEST, Action.ATTEST)
        yield f"{name}, both at the agent", several(*both, flow=VIA, rules=rules)
    yield "two attests, one in an emergency", several(Action.EMERGENCY_ATTEST)


def substituted(case: Case) -> Case:
    """The case with everybody who was asked or decided as an attestant or handler being a substitute with a limit."""
    asked = tuple(replace(each, absent=ABSENT.get(each.person), limit_ore=LIMIT) for each in case.asked)
    decisions = tuple(
        replace(each, absent=ABSENT[each.person], limit_ore=LIMIT) if each.person in ABSENT else each
        for each in case.decisions
    )
    return replace(case, asked=asked, decisions=decisions)


def _substitutes() -> Iterator[tuple[str, CaseRecord]]:
    for actions in ((), (Action.ATTEST,), (Action.REJECT,), (Action.REQUEST_COMPLETION,)):
        yield f"substitutes, {', '.join(actions) or 'none'}", builders.dossier(substituted(after(*actions)))
    for actions in ((), (Action.APPROVE,), (Action.APPROVE, Action.ATTEST), (Action.APPROVE, Action.SEND_BACK)):
        case = substituted(after(*actions, flow=VIA))
        yield f"substitutes at the agent, {', '.join(actions) or 'none'}", builders.dossier(case)


def blocked(state: State, why: Block, flow: Flow = Flow.DIRECT) -> Case:
    """A case that nobody can decide where it stands, of which whoever it concerns has been told."""
    case = builders.case_in(state, flow)
    asked = () if why in {Block.NOBODY, Block.OVER_LIMIT} else case.asked
    return replace(case, asked=asked, blocked=Blocked(why, told=True))


def _blocks() -> Iterator[tuple[str, CaseRecord]]:
    waiting = [state for state, part in PART_WAITED_FOR.items() if part in DECIDING]
    for why in Block:
        for state in waiting:
            yield f"blocked, {why}: {state}", builders.dossier(blocked(state, why, VIA))
        for flow in (Flow.DIRECT, Flow.AGENT_ASSIGNMENT):
            yield f"blocked, {why}: {flow}", builders.dossier(blocked(State.AWAITING_CUSTOMER_ATTEST, why, flow))


def _limits() -> Iterator[tuple[str, CaseRecord]]:
    some, all_of_them = Limited(1, 2), Limited(2, 2, (builders.RESERVE,))
    over = blocked(State.AWAITING_CUSTOMER_ATTEST, Block.OVER_LIMIT)
    yield "limits of some", builders.dossier(replace(after(), limited=some))
    yield "limits of some at the agent", builders.dossier(replace(after(Action.APPROVE, flow=VIA), limited=some))
    yield "limits of everybody", builders.dossier(replace(over, limited=all_of_them))


def dearer(case: Case, *payers: Payer) -> Case:
    """The case after the price has risen for some payers, and with another rise to come."""
    before, rise = case.order.costs, Cost(0, 60_000, Period.YEAR)
    now = {payer: _more(cost, rise) if payer in payers else cost for payer, cost in before.items()}
    then = {payer: _more(cost, rise) if payer in payers else cost for payer, cost in now.items()}
    order = replace(case.order, costs=now, earlier_costs=before, coming_costs=then, coming_from=date(2027, 1, 1))
    return replace(case, content=order)


def _more(cost: Cost, rise: Cost) -> Cost:
    return replace(cost, recurring_ore=cost.recurring_ore + rise.recurring_ore)


def _prices() -> Iterator[tuple[str, CaseRecord]]:
    for payers in ((Payer.CUSTOMER,), (Payer.AGENT,), tuple(Payer)):
        for actions in ((), (Action.APPROVE,), (Action.APPROVE, Action.ATTEST)):
            case = dearer(after(*actions, flow=VIA), *payers)
            yield f"dearer for {', '.join(payers)} after {len(actions)}", builders.dossier(case)


def changing_agent(case: Case) -> Case:
    """The case of a customer whose units are connected through another agent."""
    return replace(case, content=replace(case.order, replaces_agent=builders.INERA))


def beside_and_instead(case: Case) -> Case:
    """The case of a customer one of whose units has the service in two other ways, one of which it replaces."""
    units = (builders.UNITS[0].name,)
    earlier = (
        EarlierConnection(ConnectionWay(OfferId("npo-before"), builders.INERA), BEFORE, units, ends=True),
        EarlierConnection(ConnectionWay(OfferId("npo-beside")), BESIDE, units),
    )
    return replace(case, content=replace(case.order, replaces_agent=builders.INERA, earlier=earlier))


def _attested(flow: Flow) -> Case:
    return builders.case_in(State.AWAITING_CUSTOMER_SERVICE, flow)


def sent_to(person: PersonId) -> Case:
    """A case whose instructions customer service sent to somebody else, and then once more."""
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS, Action.SEND_AGAIN)
    *before, first, again = case.decisions
    later = replace(again, to=person, at=again.at + timedelta(days=1))
    return replace(case, decisions=(*before, replace(first, to=person), later))


def _full() -> Iterator[tuple[str, CaseRecord]]:
    """Everything at once, at customer service and at the customer's attestant."""
    attests = (Action.APPROVE, *[Action.ATTEST] * 3)
    for name, actions in (("attestant", ()), ("customer service", (Action.ATTEST, Action.CLAIM))):
        case = after(*attests, *actions, *ROUND * 5, flow=VIA, rules=TWO)
        full = changing_agent(dearer(substituted(case), *Payer))
        yield f"everything at once, {name}", builders.dossier(replace(full, hold="Vi väntar på besked."), rules=TWO)


def _asked_by_service() -> Iterator[tuple[str, CaseRecord]]:
    """Ends that customer service asks about, and that are changed in answer to it."""
    journeys = [case for _, case in builders.journeys(Flow.TERMINATION)]
    asked = [case for case in journeys if any(_is_question_of_service(each) for each in case.decisions)]
    for state in (State.COMPLETION_REQUESTED, State.AWAITING_CUSTOMER_ATTEST):
        yield f"end that customer service asks about, {state}", builders.dossier(_first_in(state, asked))


def _is_question_of_service(decision: Decision) -> bool:
    return decision.action is Action.REQUEST_COMPLETION and decision.part is Part.CUSTOMER_SERVICE


def _first_in(state: State, cases: Iterable[Case]) -> Case:
    return next(case for case in cases if case.state is state)


def asked_as(case: Case, person: PersonId, **changes: object) -> Case:
    """The case with one person asked, by a right that is given."""
    role = Role.AGENT_HANDLER if SIDE_OF[PART_WAITED_FOR[case.state]] is Side.AGENT else Role.ATTESTANT
    return replace(case, asked=(replace(Assignee(person, role), **changes),))
