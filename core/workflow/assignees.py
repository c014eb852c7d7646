"""Who is asked where a case stands now, or why there is nobody to ask."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.shared.vocabulary import DECIDING, PART_WAITED_FOR, SIDE_OF, Action, Block, Part, PersonId, Role
from core.workflow.case import Assignee, Blocked, Case, Decision, Grant, Limited
from core.workflow.context import HOLDERS_READ, DecisionContext
from core.workflow.guards.agreements import REFUSES_EVERYBODY
from core.workflow.guards.people import (
    attests_needed,
    eligible,
    for_this_service,
    stand_in,
    that_count,
    tier,
    within_limit,
)
from core.workflow.guards.progress import block, goes_on

# Edits are Slack's bottleneck: more people than these see the order in their home tab (domain: section 9).
ASK_AT_MOST = 5
# Who may attest in the place of whom.
RESERVE_OF = {
    Part.CUSTOMER_ATTESTANT: Part.CUSTOMER_EMERGENCY,
    Part.AGENT_ATTESTANT: Part.AGENT_EMERGENCY,
}


def assign(now: DecisionContext, after: Case, decision: Decision) -> Case:
    """The case with the people who are asked where it stands now, or with why there is nobody to ask."""
    part = Part.CLOCK if after.closed_at is not None else PART_WAITED_FOR.get(after.state, Part.CLOCK)
    if part not in DECIDING:
        return replace(after, asked=_to_answer(now, after) if part is Part.ORDERER else (), blocked=None, limited=None)
    then = _free_to_choose(replace(now, case=after, grant=None, part=None), part)
    why = block(then)
    more = why not in REFUSES_EVERYBODY
    asked = tuple(_asked(then, part, decision, more=more))
    if more and not asked and after.aside:
        # Whoever handed the step over is asked once more, rather than nobody.
        then = then.at(replace(then.case, aside=()))
        asked = tuple(_asked(then, part, decision, more=more))
    limited = _limited(then, part)
    if why is None:
        # What need not wait for anybody the clock takes on.
        look_again = decision.at if goes_on(then) else after.review_at
        return replace(then.case, asked=asked, limited=limited, blocked=None, review_at=look_again)
    reviewed = decision.action is Action.REVIEW
    known = after.blocked is not None and after.blocked.why is why and after.blocked.told
    # Who must be told, and which reserves may attest, is read by the review, which follows at once.
    look_again = after.review_at if reviewed or (known and why is not Block.OVER_LIMIT) else decision.at
    blocked = Blocked(why, told=reviewed or known)
    return replace(then.case, asked=asked, limited=limited, blocked=blocked, review_at=look_again)


def _to_answer(now: DecisionContext, after: Case) -> tuple[Assignee, ...]:
    if now.orderer_is_active:
        return (Assignee(after.orderer, Role.ORDERER),)
    found = stand_in(now.at(after))
    return () if found is None else (_ask(found),)


def _limited(now: DecisionContext, part: Part) -> Limited | None:
    """Of how many attestants the amount is over the limit; None of nobody, or where those who decide are named."""
    mine = replace(now, part=part)
    if part not in RESERVE_OF or now.case.chosen_attestant is not None or tier(mine).sequence:
        return None
    held = [mine.playing(part, each) for each in now.holders.get(part, ()) if each.absent is None]
    rights = [each for each in held if for_this_service(each) is None]
    people = {each.person for each in rights}
    over = people - {each.person for each in rights if within_limit(each) is None}
    if not over or len(now.holders[part]) >= HOLDERS_READ:
        return None
    reserves = () if len(over) < len(people) else eligible(now, RESERVE_OF[part])
    return Limited(len(over), len(people), tuple(each.person for each in reserves))


def _free_to_choose(now: DecisionContext, part: Part) -> DecisionContext:
    """Without the attestant that was chosen, once neither that person nor a substitute may decide."""
    if now.case.chosen_attestant is None or eligible(now, part):
        return now
    return now.at(replace(now.case, chosen_attestant=None))


def _asked(now: DecisionContext, part: Part, decision: Decision, *, more: bool) -> Iterator[Assignee]:
    """Those asked before and whoever it was handed to, then as many more as there is room for.

    A substitute is asked where the absent person is, and takes no room (domain: 8, case 11).
    """
    may = {each.person: each for each in eligible(now, part) if not each.people & {*now.case.aside}}
    kept = [each.person for each in now.case.asked]
    if decision.action is Action.HAND_OVER and decision.to is not None:
        kept.append(decision.to)
    authorities = {each.principal for each in that_count(replace(now, part=part))}
    room = max(ASK_AT_MOST, attests_needed(replace(now, part=part)))
    for person in _in_order(may, kept, _decided_here(now.case, part)):
        grant = may[person]
        authority = grant.absent or person
        if person in kept or (more and (authority in authorities or len(authorities) < room)):
            authorities.add(authority)
            yield _ask(grant)


def _in_order(may: Iterable[PersonId], *first: Iterable[PersonId]) -> tuple[PersonId, ...]:
    people = set(may)
    return tuple(dict.fromkeys((*(each for some in first for each in some if each in people), *may)))


def _decided_here(case: Case, part: Part) -> list[PersonId]:
    here = (each for each in reversed(case.decisions) if each.state is case.state)
    return [each.person for each in here if each.person is not None and SIDE_OF.get(each.part) is SIDE_OF[part]]


def _ask(grant: Grant) -> Assignee:
    return Assignee(grant.person, grant.role, grant.limit_ore, grant.absent)
