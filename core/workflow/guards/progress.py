"""The other conditions of the flows table: what the case has come to, and whether somebody can be asked next."""

from dataclasses import replace
from functools import wraps

from core.catalogue.prices import Reckoning
from core.shared.errors import (
    ActionNotPossible,
    AgentNotStaffed,
    AgentPriceChanged,
    AlreadyClaimed,
    AlreadyYours,
    NoAttestant,
    NobodyLeft,
    NotClaimed,
    OnHold,
    OrderError,
    OverEveryLimit,
    OverLimit,
    OwnOrder,
    PriceChanged,
    Recused,
    RemindedLately,
    Stopped,
    TooManyRounds,
)
from core.shared.vocabulary import (
    DECIDING,
    PART_WAITED_FOR,
    PAYER_OF,
    Action,
    Block,
    Part,
    Payer,
    PersonId,
    Side,
    State,
)
from core.shared.working_days import day_of
from core.workflow.context import DecisionContext
from core.workflow.guards.agreements import STANDING, refuses_everybody
from core.workflow.guards.people import (
    Guard,
    are_attested,
    colleagues,
    eligible,
    enough,
    hindrance,
    kept_from_attesting,
    missing_attests,
    signatures_missing,
)

ROUNDS = 5
NOTHING_RECKONED = Reckoning({})


def _not_possible(now: DecisionContext, action: Action) -> OrderError:
    return ActionNotPossible(action=action, case=now.case.id, flow=now.case.flow)


# --- what customer service does


def unclaimed(now: DecisionContext) -> OrderError | None:
    """A claim is exclusive."""
    holder = now.case.claimed_by
    if holder is None:
        return None
    return AlreadyYours(case=now.case.id) if holder == now.person else AlreadyClaimed(person=holder)


def claimed_by_me(now: DecisionContext) -> OrderError | None:
    """Who claimed the case finishes it, or releases it."""
    holder = now.case.claimed_by
    if holder is None:
        return NotClaimed()
    return None if holder == now.person else AlreadyClaimed(person=holder)


def claimed_by_another(now: DecisionContext) -> OrderError | None:
    """Only what a colleague has is taken over."""
    holder = now.case.claimed_by
    if holder is None:
        return NotClaimed()
    return AlreadyYours(case=now.case.id) if holder == now.person else None


def in_the_hands_seen(now: DecisionContext) -> OrderError | None:
    """Whoever takes over has seen from whom; where somebody else has it by now, that is refused as a claim is."""
    seen, claim = now.seen, now.case.claim
    is_as_seen = seen is None or seen.claim is None or claim in {None, seen.claim}
    return None if is_as_seen else unclaimed(now)


def held(now: DecisionContext) -> OrderError | None:
    """Only what is paused is resumed."""
    return None if now.case.hold else _not_possible(now, Action.RESUME)


def not_held(now: DecisionContext) -> OrderError | None:
    """A paused order is resumed before anything is done."""
    return OnHold(case=now.case.id) if now.case.hold else None


# --- what the case has come to


def rounds_left(now: DecisionContext) -> OrderError | None:
    """After five completions a new order is the shorter way (domain: 6.5)."""
    return TooManyRounds(rounds=ROUNDS, case=now.case.id) if now.case.rounds >= ROUNDS else None


def more_attests_needed(now: DecisionContext) -> OrderError | None:
    """This attest is not the last that the amount needs."""
    return None if missing_attests(now) > 1 else _not_possible(now, Action.ATTEST)


def last_attest(now: DecisionContext) -> OrderError | None:
    """This attest is the last that the amount needs."""
    return None if missing_attests(now) <= 1 else _not_possible(now, Action.ATTEST)


def attests_suffice(now: DecisionContext) -> OrderError | None:
    """Fewer attests are asked for than when the step began: those that were given let the order go on."""
    return None if goes_on(now) else _not_possible(now, Action.REVIEW)


def waits_for_attest(now: DecisionContext) -> OrderError | None:
    """The attests given do not suffice, or what the order stands on does not hold."""
    return _not_possible(now, Action.REVIEW) if goes_on(now) else None


def goes_on(now: DecisionContext) -> bool:
    """True when a case need not wait for anybody where it stands: its attests suffice, and so does what is agreed."""
    deciding = replace(now, part=PART_WAITED_FOR.get(now.case.state))
    return are_attested(deciding) and not any(condition(deciding) for condition, _ in STANDING)


def not_attested(now: DecisionContext) -> OrderError | None:
    """After the last attest an order is not withdrawn by a button (domain: 8, case 10)."""
    asked_after = now.case.returns_to is State.AWAITING_CUSTOMER_SERVICE
    return _not_possible(now, Action.WITHDRAW) if asked_after else None


def material(now: DecisionContext) -> OrderError | None:
    """The answer changes what was decided about (domain: 6.5)."""
    return None if _is_material(now) else _not_possible(now, Action.ANSWER)


def immaterial(now: DecisionContext) -> OrderError | None:
    """The answer is words, or changes only a comment or contact."""
    return _not_possible(now, Action.ANSWER) if _is_material(now) else None


def prices_stand(now: DecisionContext) -> OrderError | None:
    """Nobody attests an amount that no longer holds, nor after an agent that did (domain: 8, case 34)."""
    payer, changed = PAYER_OF[now.side], payers_of_new_prices(now)
    if payer in changed:
        pairs = zip(now.case.order.reckoned.of(payer), _reckoned(now).of(payer), strict=True)
        old, new = next((old, new) for old, new in pairs if old != new)
        return PriceChanged(old=old, new=new)
    if now.side is Side.CUSTOMER and now.case.agent is not None and PAYER_OF[Side.AGENT] in changed:
        return AgentPriceChanged(case=now.case.id)
    return None


def agent_price_changed(now: DecisionContext) -> OrderError | None:
    """What the agent pays has changed since the order was submitted."""
    found = PAYER_OF[Side.AGENT] in payers_of_new_prices(now)
    return None if found else _not_possible(now, Action.REPRICE)


def only_other_price_changed(now: DecisionContext) -> OrderError | None:
    """What somebody pays has changed, but not what the agent attested."""
    found = payers_of_new_prices(now)
    missing = not found or PAYER_OF[Side.AGENT] in found
    return _not_possible(now, Action.REPRICE) if missing else None


def any_price_changed(now: DecisionContext) -> OrderError | None:
    """What somebody pays has changed since the order was submitted."""
    return None if payers_of_new_prices(now) else _not_possible(now, Action.REPRICE)


# --- what an application has come to


def more_signatures_needed(now: DecisionContext) -> OrderError | None:
    """This signature is not the last that the agreement needs."""
    return None if signatures_missing(now) > 1 else _not_possible(now, Action.SIGN)


def last_signature(now: DecisionContext) -> OrderError | None:
    """This signature is the last that the agreement needs."""
    return None if signatures_missing(now) <= 1 else _not_possible(now, Action.SIGN)


def reminders_left(now: DecisionContext) -> OrderError | None:
    """There is time for a reminder before this ends."""
    return _not_possible(now, Action.REMIND) if now.case.wait.is_all_reminded else None


def all_reminded(now: DecisionContext) -> OrderError | None:
    """Every reminder has been sent."""
    return None if now.case.wait.is_all_reminded else _not_possible(now, Action.EXPIRE)


def asked_to_keep(now: DecisionContext) -> OrderError | None:
    """Whoever ordered has been asked whether to keep what nobody has answered."""
    return None if now.case.wait.asks_to_keep else _not_possible(now, Action.KEEP)


def somebody_is_asked(now: DecisionContext) -> OrderError | None:
    """Somebody is asked who may answer: nobody may where every decision would be refused."""
    if refuses_everybody(now.case):
        return Stopped(case=now.case.id)
    return None if now.case.asked else _not_possible(now, Action.REMIND_NOW)


def not_heard_lately(now: DecisionContext) -> OrderError | None:
    """Those who are asked have not got the question, or a reminder, on the same working day, nor are still to."""
    if now.judged_at is None:
        return None
    today = day_of(now.judged_at)
    again = now.case.wait.may_be_nudged_from(today)
    return None if again == today else RemindedLately(from_day=again)


# --- who can be asked


def customer_has_attestant(now: DecisionContext) -> OrderError | None:
    """Somebody other than the orderer must be able to attest before anything is ordered (domain: 2.1)."""
    if enough(now, Part.CUSTOMER_ATTESTANT):
        return None
    if _lacking(now, Part.CUSTOMER_ATTESTANT) is Block.OVER_LIMIT:
        amount = now.case.order.first_year_ore(Side.CUSTOMER)
        return OverEveryLimit(organisation=now.case.customer, amount_ore=amount)
    return NoAttestant(organisation=now.case.customer)


def agent_is_staffed(now: DecisionContext) -> OrderError | None:
    """The agent has a handler, and as many attestants besides as the amount needs (domain: 2.4)."""
    handlers = eligible(now, Part.AGENT_HANDLER)
    staffed = any(_others_attest(now, each.people) for each in handlers)
    return None if staffed else AgentNotStaffed(agent=now.case.agent)


def another_attests_for_agent(now: DecisionContext) -> OrderError | None:
    """Whoever approves for the agent leaves enough who may attest after it, or the order would wait for nobody."""
    return None if _others_attest(now, now.people) else AgentNotStaffed(agent=now.case.agent)


def _others_attest(now: DecisionContext, approving: frozenset[PersonId]) -> bool:
    return enough(now, Part.AGENT_ATTESTANT, without=kept_from_attesting(now, approving))


def somebody_else_remains(now: DecisionContext) -> OrderError | None:
    """There is a colleague to hand over to."""
    return None if colleagues(now) else NobodyLeft(organisation=now.case.organisation_of(now.part or Part.CLOCK))


# Whether others can be asked: what is drawn for one reader, and what waits for one, takes for granted that they can.
ABOUT_OTHERS: frozenset[Guard] = frozenset(
    {customer_has_attestant, agent_is_staffed, another_attests_for_agent, somebody_else_remains}
)


def block(now: DecisionContext) -> Block | None:
    """Why nobody can decide a case where it stands; None when somebody can, or when it waits for nobody's decision."""
    part = PART_WAITED_FOR.get(now.case.state)
    if part is None or part not in DECIDING:
        return None
    missing = next((why for condition, why in STANDING if condition(now) is not None), None)
    if missing is not None or enough(now, part) or goes_on(now):
        return missing
    return _lacking(now, part)


def _lacking(now: DecisionContext, part: Part) -> Block:
    """Why too few may decide."""
    held = [hindrance(now, part, each) for each in now.holders.get(part, ())]
    # A higher limit helps whoever nothing else keeps out for good.
    others = [each for each in held if not isinstance(each, Recused | OwnOrder)]
    return Block.OVER_LIMIT if others and all(isinstance(each, OverLimit) for each in others) else Block.NOBODY


def payers_of_new_prices(now: DecisionContext) -> frozenset[Payer]:
    """Who would pay another amount if the order were submitted now: at once, or from the day it starts."""
    ordered, reckoned = now.case.order.reckoned, _reckoned(now)
    return frozenset(each for each in reckoned.costs if ordered.of(each) != reckoned.of(each))


def _reckoned(now: DecisionContext) -> Reckoning:
    return now.reckoned or NOTHING_RECKONED


def of_revised(condition: Guard) -> Guard:
    """The condition asked of the case as the answer would make it."""

    @wraps(condition)
    def asked(now: DecisionContext) -> OrderError | None:
        return condition(now.at(now.revised or now.case))

    return asked


def _is_material(now: DecisionContext) -> bool:
    return now.revised is not None and now.revised.content_version != now.case.content_version
