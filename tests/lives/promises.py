"""What always holds of one change of an order, from the domain's list of invariants (5.3), apart from the tables."""

from core.api import Action, Payer, Rules
from core.shared.working_days import day_of
from tests.lives.able import (
    ATTESTS,
    DECIDERS,
    able,
    agreed,
    amount,
    attests,
    costs_today,
    declared,
    enough,
    kept_out,
    may_use,
    organisation,
    rights,
    suffice,
)
from tests.support.world import seed

CLOSED = {"connected", "rejected", "withdrawn", "cancelled", "expired"}
# What was ordered has been carried out. Of what connects units somebody is to say that it works.
CARRIED_OUT = {"instructions_sent", "agent_informed"}
WAY = ["awaiting_agent_approval", "awaiting_agent_attest", "awaiting_customer_attest", "awaiting_customer_service"]
OF_DECIDERS = {"approve", "attest", "reject", "request_completion", "send_back", "hand_over"}
OF_SERVICE = {
    "claim",
    "release",
    "take_over",
    "send_instructions",
    "inform_agent",
    "send_again",
    "hold",
    "resume",
    "cancel",
}
OF_THE_CLOCK = {"expire", "escalate", "review", "reprice", "remind"}
SERVICE_ROLES = {"customer_service", "customer_service_lead"}
CARDS = {
    "awaiting_agent_approval": "agent_approval",
    "awaiting_agent_attest": "agent_attest",
    "awaiting_customer_attest": "customer_attest",
    "completion_requested": "completion",
}
# Where an order begins, by its flow.
FIRST = {"via_agent": WAY[0], "direct": WAY[2], "agent_assignment": "awaiting_review"}
AT_SERVICE = {"awaiting_customer_service", "awaiting_review", *CARRIED_OUT}
MANY_A_STEP = ATTESTS | {Action.REPRICE, Action.SEND_AGAIN, Action.REMIND, Action.REMIND_NOW}


def is_closed(case):
    """Nothing is left to do: of an agent's assignment once its instructions are sent."""
    return case.state in CLOSED or (case.flow == "agent_assignment" and case.state in CARRIED_OUT)


def keeps_its_promises(world, change, at):
    """Every promise about a change, in the world as it was when the change was made."""
    event = change.event
    before, after, decision = event.before, event.after, event.decision
    assert after.revision == before.revision + 1
    if decision.person is None:
        by_the_clock(world, before, after, decision)
    else:
        by_a_person(world, before, decision, at)
    contents(before, after, decision)
    decisions(world, before, after)
    recusals(before, after, decision)
    ends(world, before, after, decision)
    waits(world, after, at)
    tells(world, change, at)


# --- who decides


def by_the_clock(world, before, after, decision):
    """The clock reminds, looks, counts anew and closes; it takes an order on only where no attest is missing."""
    assert decision.action in OF_THE_CLOCK
    if decision.action == "escalate":
        assert after.claimed_by == before.claimed_by, "a case is taken from whoever has it"
        assert not before.hold
    if decision.action == "review" and before.state in DECIDERS:
        assert (after.state != before.state) == suffice(world, before)
    if decision.action == "review" and after.state != before.state:
        assert WAY.index(after.state) == WAY.index(before.state) + 1
        assert after.decisions == before.decisions
    elif after.state != before.state and after.state != "expired":
        assert decision.action == "reprice"
        assert WAY.index(after.state) < WAY.index(before.state)


def by_a_person(world, before, decision, at):
    """Nobody decides without a role, own or an absent person's, that is valid at this moment."""
    assert world.people[decision.person].active
    if decision.action in {"submit", "withdraw", "answer", "remind_now"}:
        of_the_orderer(world, before, decision, at)
    elif decision.action == "confirm_connection":
        of_whoever_knows(world, before, decision, at)
    elif before.state in AT_SERVICE or decision.action in OF_SERVICE:
        of_customer_service(world, before, decision, at)
    elif decision.action == "recuse":
        _, role = DECIDERS[before.state]
        assert right_used(world, before, decision, {role}, at)
        assert not {decision.person, decision.absent} & set(before.recused)
    elif decision.action == "emergency_attest":
        of_a_reserve(world, before, decision, at)
    else:
        of_a_decider(world, before, decision, at)


def of_the_orderer(world, before, decision, at):
    """The orderer, and another one only when that person has left."""
    assert rights(world, decision.person, before.customer, {"orderer"}, at)
    if decision.person != before.orderer:
        assert decision.action != "submit"
        assert before.orderer not in {
            right[0] for right in rights(world, before.orderer, before.customer, {"orderer"}, at)
        }
    if decision.action == "remind_now":
        assert before.state in DECIDERS
        assert all(day_of(each.at) != day_of(at) for each in before.decisions if each.action == "remind_now")
    if decision.action == "withdraw":
        assert "awaiting_customer_service" not in {before.state, before.returns_to}


def of_whoever_knows(world, before, decision, at):
    """What was carried out is confirmed for the side of whoever does: its orderer, the agent's, or customer service."""
    assert before.state in CARRIED_OUT
    assert not is_closed(before)
    at_agent = before.agent is not None and rights(world, decision.person, before.agent, {"agent_handler"}, at)
    at_customer = rights(world, decision.person, before.customer, {"orderer"}, at)
    at_inera = rights(world, decision.person, seed.INERA, SERVICE_ROLES, at)
    assert {"orderer": at_customer, "agent_handler": at_agent, "customer_service": at_inera}[decision.part]
    assert not {decision.person, decision.absent} & set(before.recused) or decision.part == "orderer"


def holds_the_case(world, before, decision, at):
    """Nobody has what is claimed, a colleague of the lead's what is taken over, and whoever does more has it."""
    if decision.action == "claim":
        assert before.claimed_by is None
    elif decision.action == "take_over":
        assert rights(world, decision.person, seed.INERA, {"customer_service_lead"}, at)
        assert before.claimed_by not in {None, decision.person}
    elif decision.action not in {"send_again", "recuse"} and before.state not in CARRIED_OUT:
        assert before.claimed_by == decision.person


def of_customer_service(world, before, decision, at):
    """Whoever has claimed the order, while it is not paused; after the customer's last attest, or to review."""
    assert rights(world, decision.person, seed.INERA, SERVICE_ROLES, at)
    assert decision.action == "release" or decision.person not in before.recused
    holds_the_case(world, before, decision, at)
    if decision.action in {"send_instructions", "inform_agent"}:
        assert agreed(world, before)
        assert decision.message
    if decision.action == "approve":
        assert before.state == "awaiting_review"
        assert agreed(world, before)
    if decision.action == "reject":
        assert before.state == "awaiting_review"
        assert decision.reason
    if decision.action in {"send_instructions", "inform_agent", "request_completion", "hold"}:
        assert not before.hold
    if decision.action == "request_completion":
        assert before.rounds < 5


def of_a_decider(world, before, decision, at):
    """Separation of duties, limit, turn and choice, also for a substitute; and what a decision needs beside."""
    side, role = DECIDERS[before.state]
    assert decision.action in OF_DECIDERS
    right = right_used(world, before, decision, {role}, at)
    assert right
    assert may_use(world, before, side, decision.person, right, attesting=role == "attestant")
    assert decision.person in able(world, before, at)
    assert decision.person not in before.aside
    if before.state == "awaiting_agent_attest" and before.chosen_attestant is not None:
        given = {who for each in attests(world, before) for who in (each.person, each.absent)}
        assert before.chosen_attestant in {decision.person, decision.absent, *given}
    if decision.action == "reject":
        assert decision.reason
    if decision.action in {"request_completion", "send_back"}:
        assert decision.message
        assert before.rounds < 5
    if decision.action == "attest":
        covers(world, before, side, at)
    if decision.action == "approve":
        assert agreed(world, before)


def of_a_reserve(world, before, decision, at):
    """A reserve attests with a reason, in place of whoever is absent, and never the own order."""
    side, _ = DECIDERS[before.state]
    assert decision.reason
    right = right_used(world, before, decision, {"emergency_attestant"}, at)
    assert right
    assert may_use(world, before, side, decision.person, right, attesting=True, as_reserve=True)
    assert not kept_out(world, before, side, {decision.person, right[0]}, as_reserve=True)
    covers(world, before, side, at)


def covers(world, before, side, at):
    """An attest covers today's amount, under agreements that go on, identified where the organisation asks for it."""
    assert agreed(world, before)
    payer = Payer(side)
    assert before.order.costs.get(payer) == costs_today(world, before, at)[payer]
    rules = world.rules.get(organisation(before, side))
    assert rules is None or rules.eid_from_ore is None


def right_used(world, before, decision, roles, at):
    """The right that a decision says it was made by: (whose, limit, service)."""
    side, _ = DECIDERS[before.state]
    found = rights(world, decision.person, organisation(before, side), roles, at)
    owner = decision.absent or decision.person
    return next((each for each in found if each[0] == owner and each[1] == decision.limit_ore), None)


# --- what becomes of the order


def contents(before, after, decision):
    """The content version rises exactly with a material change and a new price, and then no old decision counts."""
    changed = what_was_decided_about(before) != what_was_decided_about(after)
    repriced = decision.action == "reprice"
    assert after.content_version == before.content_version + (changed or (repriced and after.step > before.step))
    if changed and decision.action != "submit":
        assert decision.action == "answer"
        assert {each.action for each in after.decisions if each.counts} == {"submit", "answer"}
        assert after.state == FIRST[after.flow]
    if dict(before.order.costs) != dict(after.order.costs):
        assert changed or repriced
    if repriced:
        assert dict(before.order.costs) != dict(after.order.costs)


def what_was_decided_about(case):
    """Agent, units, invoice reference and desired start (domain: 6.5)."""
    order = case.order
    return case.agent, frozenset(order.units), order.invoice_ref, order.desired_start, order.named_agent


def decisions(world, before, after):
    """The log only grows, what is void stays void, and a step has one decision unless an attest of several."""
    kept = after.decisions[: len(before.decisions)]
    for was, is_ in zip(before.decisions, kept, strict=True):
        assert (was.step, was.action, was.person, was.at) == (is_.step, is_.action, is_.person, is_.at)
        assert was.counts or not is_.counts
    new = after.decisions[len(before.decisions) :]
    assert len(new) <= 1
    for decision in new:
        same = [each for each in before.decisions if each.step == decision.step]
        assert all(each.action in MANY_A_STEP for each in same)
        if decision.action in ATTESTS:
            earlier = {who for each in attests(world, before) for who in (each.person, each.absent) if who}
            assert not {decision.person, decision.absent} & earlier


def recusals(before, after, decision):
    """What somebody decided on a side falls with the jäv that she declares there, and an approval is asked for anew."""
    if decision.action != "recuse":
        return
    assert decision.person in after.recused
    if decision.part == "customer_service":
        freed = before.claimed_by == decision.person
        assert after.claimed_by == (None if freed else before.claimed_by)
        assert (after.state, after.step, after.order) == (before.state, before.step, before.order)
        return
    side, _ = DECIDERS[before.state]
    where = organisation(before, side)
    hers = [each for each in before.decisions if decision.person in {each.person, each.absent} and each.counts]
    approved = any(each.action == "approve" and each.organisation == where for each in hers)
    assert (after.state == WAY[0] and after.step > before.step) == (approved and before.state == WAY[1])
    assert approved or after.step == before.step
    for was, is_ in zip(before.decisions, after.decisions, strict=False):
        if was in hers and was.organisation == where and was.action in {"approve", *ATTESTS}:
            assert not is_.counts


def ends(world, before, after, decision):
    """Closed stays closed; the step after an attest comes with the last one, and no sooner."""
    if is_closed(before):
        assert decision.action == "send_again"
        assert (after.state, after.step, after.closed_at) == (before.state, before.step, before.closed_at)
    assert is_closed(after) == (after.closed_at is not None)
    if after.state == "connected":
        assert (before.state in CARRIED_OUT, decision.action) == (True, "confirm_connection")
    if decision.action in ATTESTS:
        side, _ = DECIDERS[before.state]
        needed, _ = declared(world, before, side)
        assert (after.state != before.state) == (len(attests(world, before)) + 1 >= needed)
    if after.flow == "agent_assignment" and after.state == "instructions_sent":
        assert (after.customer, world.offers[after.order.offer].service) in world.assignments
    if after.state == "awaiting_customer_service" and before.state not in {after.state, "completion_requested"}:
        assert before.state == "awaiting_customer_attest"
        assert decision.action in {*ATTESTS, "review"}


# --- who hears of whom


def hears_nothing_of_others(world, case, reader, told, at, named=frozenset()):
    """Somebody who is refused hears of nobody on another side but whom she named herself, nor what that side pays.

    Inera's people hear of everybody.
    """
    mine = {each.organisation for each in world.roles if each.person == reader}
    if seed.INERA in mine:
        return
    there = {each.person for each in world.roles if each.organisation in mine}
    there |= {
        who for each in case.decisions if each.organisation in mine for who in (each.person, each.absent, each.to)
    }
    there |= {case.orderer} if case.customer in mine else set()
    there |= {who for each in mine for tier in world.rules.get(each, Rules()).tiers for who in tier.sequence}
    assert told.facts.get("person") in {None, reader, *named, *there}, (told.code, told.facts)
    sides = [side for side, at_side in (("customer", case.customer), ("agent", case.agent)) if at_side in mine]
    costs = [costs.get(Payer(side)) for costs in (case.order.costs, costs_today(world, case, at)) for side in sides]
    assert {told.facts.get("old"), told.facts.get("new")} <= {None, *costs}, (told.code, told.facts)
    assert told.facts.get("amount_ore") in {None, *(amount(case, side) for side in sides)}, (told.code, told.facts)


# --- whom it waits for


def waits(world, after, at):
    """A waiting order has a due time and somebody to ask, or is blocked and says why."""
    assert (after.due_at is None) == (is_closed(after) or bool(after.hold))
    if is_closed(after):
        assert after.review_at is None
    if after.state not in DECIDERS:
        assert after.blocked is None
        return
    found = able(world, after, at)
    for each in after.asked:
        assert each.person in found
        assert (each.absent or each.person) in found[each.person]
        assert each.person not in after.aside
    assert len({each.person for each in after.asked}) == len(after.asked)
    stopped = not agreed(world, after) or not (enough(world, after, at) or suffice(world, after))
    assert (after.blocked is not None) == stopped
    if suffice(world, after):
        assert after.review_at is not None, "nobody takes it on"
    elif not stopped:
        assert after.asked


def tells(world, change, at):
    """Who is asked has the card; nothing comes to the customer, or to customer service, before its time."""
    before, after = change.event.before, change.event.after
    told = {(card.kind, card.person) for card in change.outbox.cards}
    kinds = {kind for kind, _ in told}
    done = {each.state for each in after.decisions if each.action in ATTESTS and each.counts}
    assert "customer_service" not in kinds or "awaiting_customer_attest" in done
    assert "customer_attest" not in kinds or after.agent is None or "awaiting_agent_attest" in done
    if "customer_attest" in kinds and after.flow == "agent_assignment":
        assert "awaiting_review" in {each.state for each in after.decisions if each.action == "approve" and each.counts}
    if after.state in CARDS:
        new = after.asked if after.step != before.step else set(after.asked) - set(before.asked)
        people = {person for kind, person in told if kind == CARDS[after.state]}
        assert people >= {each.person for each in new} - {each.person for each in before.asked}
        assert people <= {each.person for each in after.asked}
    if before.state in CARDS and after.step != before.step:
        old = [each for each in world.cards.values() if each.case == after.id and each.kind == CARDS[before.state]]
        assert all(each.must_show >= after.revision for each in old), "a button stays when its step is decided"
    if change.event.decision.action == "remind_now":
        assert {person for kind, person in told if kind == "reminder"} == {each.person for each in after.asked}
    if change.event.decision.action == "emergency_attest":
        found, chosen = able(world, before, at), before.chosen_attestant
        others = {each for each, names in found.items() if chosen in {None, each, *names}}
        others -= {change.event.decision.person}
        assert others <= {person for kind, person in told if kind == "emergency"}
