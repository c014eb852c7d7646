"""Who may decide a step now, by hand: the domain's rules (4.4, 4.5, 5.3, 8), apart from the product's conditions."""

from core.api import Action, AgreementType, Payer, count_costs
from core.shared.working_days import day_of
from tests.support.world import seed

# For each step: who decides there, on which side, and by which role.
DECIDERS = {
    "awaiting_agent_approval": ("agent", "agent_handler"),
    "awaiting_agent_attest": ("agent", "attestant"),
    "awaiting_customer_attest": ("customer", "attestant"),
}
SIDES = {
    "customer": {"orderer", "customer_attestant", "customer_emergency"},
    "agent": {"agent_handler", "agent_attestant", "agent_emergency"},
}
ORDER_OR_DECIDE = {"orderer", "agent_handler", "attestant", "emergency_attestant"}
ATTESTS = {Action.ATTEST, Action.EMERGENCY_ATTEST}


def organisation(case, side):
    """The organisation on a side of an order."""
    return {"customer": case.customer, "agent": case.agent, "inera": seed.INERA}[side]


def rights(world, person, where, roles, at):
    """By whose right a person has one of some roles somewhere: (whose, limit, service), the own one first."""
    is_there = any((each.person, each.organisation) == (person, where) for each in world.roles)
    if not world.people[person].active or not is_there:
        return []
    lenders = [person] + [
        each.absent
        for each in world.substitutions
        if each.substitute == person and each.organisation == where and each.role in roles
        if each.valid_from <= at < each.valid_to and world.people[each.absent].active
    ]
    return [
        (each.person, each.limit_ore, each.service)
        for lender in lenders
        for each in world.roles
        if each.person == lender and each.organisation == where and each.role in roles
    ]


def acted(case, side):
    """Everybody who has acted for a side, and in whose name."""
    people = {
        person for each in case.decisions if each.part in SIDES[side] for person in (each.person, each.absent) if person
    }
    return people | {case.orderer} if side == "customer" else people


def ordered(case):
    """Whoever ordered, or completed the order in that person's place."""
    return {each.person for each in case.decisions if each.part == "orderer"} | {case.orderer}


def amount(case, side):
    """What a side pays in the first year: start-up cost and a year of the recurring one."""
    cost = case.order.costs.get(Payer(side))
    return cost.startup_ore + cost.recurring_ore * (12 if cost.period == "month" else 1) if cost else 0


def declared(world, case, side):
    """How many attest, and in which order, for what the side pays."""
    tiers = world.rules[organisation(case, side)].tiers if organisation(case, side) in world.rules else ()
    reached = [each for each in tiers if each.from_ore <= amount(case, side)]
    tier = max(reached, key=lambda each: each.from_ore, default=None)
    return (max(tier.attests, len(tier.sequence)), tier.sequence) if tier else (1, ())


def allows_one_person(world, case, side):
    """True where the organisation lets one person do both, and there is but one."""
    where = organisation(case, side)
    people = {
        each.person
        for each in world.roles
        if each.organisation == where and each.role in ORDER_OR_DECIDE and world.people[each.person].active
    }
    return len(people) < 2 and where in world.rules and world.rules[where].self_attest_allowed


def attests(world, case):
    """The attests given at the step where the order stands that would count today, each judged after those before."""
    side, role = DECIDERS[case.state]
    counted = []
    for each in case.decisions if role == "attestant" else ():
        if each.state == case.state and each.action in ATTESTS and each.counts:
            counted += [each] if would_count(world, case, side, each, counted) else []
    return counted


def kept_out(world, case, side, whose, *, as_reserve=False):
    """True for people who may not decide for a side, whatever their limit: the person and the one whose right it is."""
    other = "customer" if side == "agent" else "agent"
    if whose & set(case.recused) or whose & acted(case, other):
        return True
    alone = allows_one_person(world, case, side)
    if side == "customer":
        return bool(whose & ordered(case)) and (as_reserve or not alone)
    approvals = [each for each in case.decisions if each.action == "approve" and each.counts]
    approved = {person for each in approvals for person in (each.person, each.absent) if person}
    return case.state == "awaiting_agent_attest" and bool(whose & approved) and (as_reserve or not alone)


def may_use(world, case, side, person, right, *, attesting, as_reserve=False):
    """True when a person may decide for a side by one right."""
    owner, limit, service = right
    if kept_out(world, case, side, {person, owner}, as_reserve=as_reserve):
        return False
    if service not in {None, world.offers[case.order.offer].service}:
        return False
    if not attesting:
        return True
    given = {who for each in attests(world, case) for who in (each.person, each.absent) if who}
    return not {person, owner} & given and (limit is None or amount(case, side) <= limit)


def able(world, case, at, *, in_any_turn=False):
    """Who may decide where the order stands, and in whose names: the own first. Choices left out."""
    side, role = DECIDERS[case.state]
    attesting = role == "attestant"
    found = {}
    for person in world.people:
        ways = rights(world, person, organisation(case, side), {role}, at)
        good = [way for way in ways if may_use(world, case, side, person, way, attesting=attesting)]
        if attesting and not in_any_turn:
            good = [way for way in good if is_turn(world, case, side, {person, way[0]})]
        if good:
            found[person] = [way[0] for way in good]
    return found


def suffice(world, case):
    """True when as many have attested as must, each after those before, and each might attest the order today."""
    side, role = DECIDERS[case.state]
    needed, _ = declared(world, case, side)
    return agreed(world, case) and role == "attestant" and len(attests(world, case)) >= needed


def would_count(world, case, side, attest, counted):
    """True when an attest might be given today by the right behind it, or by what that was where it has ended."""
    owner, where = attest.absent or attest.person, organisation(case, side)
    whose, as_reserve = {attest.person, owner}, attest.action == "emergency_attest"
    _, sequence = declared(world, case, side)
    before = {who for each in counted for who in (each.person, each.absent) if who}
    if whose & before:
        return False
    if not as_reserve:
        if len(counted) < len(sequence) and sequence[len(counted)] not in whose:
            return False
        if case.state == "awaiting_agent_attest" and case.chosen_attestant not in {None, *whose, *before}:
            return False
    eid = world.rules[where].eid_from_ore if where in world.rules else None
    if kept_out(world, case, side, whose, as_reserve=as_reserve) or (eid is not None and amount(case, side) >= eid):
        return False
    held = [
        (each.limit_ore, each.service)
        for each in world.roles
        if (each.person, each.organisation, each.role) == (owner, where, "attestant")
        if world.people[owner].active and not as_reserve
    ]
    return any(
        (limit is None or amount(case, side) <= limit) and service in {None, world.offers[case.order.offer].service}
        for limit, service in held or [(attest.limit_ore, None)]
    )


def is_turn(world, case, side, whose):
    """True when nobody else is next in an order of attestants that the organisation has named."""
    _, sequence = declared(world, case, side)
    done = len(attests(world, case))
    return done >= len(sequence) or sequence[done] in whose


def enough(world, case, at):
    """True when as many may decide as the amount still needs, by as many people's right: in turn, all who are to come.

    An order whose turn comes to somebody who may never attest would stand still there, so it is told of at once.
    """
    side, role = DECIDERS[case.state]
    needed, sequence = declared(world, case, side) if role == "attestant" else (1, ())
    done = len(attests(world, case)) if role == "attestant" else 0
    found = able(world, case, at, in_any_turn=True)
    names = {each[0] for each in found.values()}
    return min(len(found), len(names)) >= max(needed - done, 1) and names >= set(sequence[done:])


def agreed(world, case):
    """True while every agreement and assignment that the order stands on goes on."""
    if case.flow == "agent_assignment":
        return (case.customer, AgreementType.AGENTAVTAL) in world.agreements
    if (case.customer, AgreementType.KUNDAVTAL) not in world.agreements:
        return False
    if case.agent is None:
        return True
    service = world.offers[case.order.offer].service
    return (case.agent, AgreementType.AGENTAVTAL) in world.agreements and (case.agent, service) in world.assignments


def costs_today(world, case, at):
    """What the order would cost if it were submitted today."""
    return count_costs(world.offers[case.order.offer].prices, units=len(case.order.units), day=day_of(at))
