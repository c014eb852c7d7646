"""The table of flows: what may happen to a case, in which state, by whom, if what, asking what, and what it becomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from core.shared.traits import TRAITS
from core.shared.vocabulary import Action, Asks, Flow, Part, State
from core.workflow import superseded
from core.workflow.guards import agreements, people, progress
from core.workflow.guards.people import ENTITLED, Guard


class RelativeTarget(StrEnum):
    """What a row may say instead of naming a state."""

    SAME = "same"  # nothing that was asked is asked again
    ANEW = "anew"  # the same state, asked again from the beginning
    FIRST_STEP = "first_step"
    ASKING_STEP = "asking_step"  # where the question came from


@dataclass(frozen=True)
class Transition:
    """One row: in `flow`, while the case is in the state `source`, `who` may do `does` if every one of `guards` holds.

    Where several rows share flow, state, part and action, their conditions exclude each other.
    """

    flow: Flow
    source: State
    who: Part
    does: Action
    guards: tuple[Guard, ...]
    asks: Asks
    target: State | RelativeTarget

    def target_state(self, asking: State | None = None) -> State:
        """The state the case is in afterwards; `asking` is where a question came from."""
        if isinstance(self.target, State):
            return self.target
        if self.target is RelativeTarget.FIRST_STEP:
            return path(self.flow)[0]
        return (asking or self.source) if self.target is RelativeTarget.ASKING_STEP else self.source

    def targets(self) -> frozenset[State]:
        """Every state the row may lead to."""
        if self.target is RelativeTarget.ASKING_STEP:
            return frozenset(each.source for each in FLOWS if each.flow is self.flow and each.target is self.source)
        return frozenset({self.target_state()})

    @property
    def keeps_step(self) -> bool:
        """True when buttons of the step stay good."""
        return self.target is RelativeTarget.SAME

    @property
    def takes_comment(self) -> bool:
        """Say whether whoever does it may add a comment: to a yes about an order; a no has its reason."""
        return self.does in COMMENTED and not TRAITS[self.flow].is_application


COMMENTED = frozenset({Action.ATTEST, Action.APPROVE})
Guards = tuple[Guard, ...]
NOTHING_MORE: Guards = ()
AGREED = (agreements.customer_agreement_active,)
AGREED_WITH_AGENT = (agreements.agent_agreement_active, agreements.agent_has_assignment)
READY_TO_ORDER = (
    agreements.customer_agreement_active,
    agreements.category_allowed,
    agreements.sole_trader_if_needed,
    progress.customer_has_attestant,
    agreements.no_open_duplicate,
    agreements.has_no_such_connection,
    agreements.replaces_what_is_there,
    agreements.says_what_becomes,
)
READY_VIA_AGENT = (
    agreements.agent_is_another,
    agreements.agent_agreement_active,
    agreements.agent_has_assignment,
    progress.agent_is_staffed,
)
AGREED_AS_AGENT = (agreements.own_agent_agreement_active,)
READY_AS_AGENT = (
    agreements.orders_as_agent,
    agreements.own_agent_agreement_active,
    agreements.no_assignment_yet,
    agreements.no_open_duplicate,
    progress.customer_has_attestant,
)
# A colleague may leave it back to whoever left it, who is asked again as well once nobody else is left.
STILL_MINE = (people.not_handed_over,)
MAY_ATTEST = (*STILL_MINE, *ENTITLED[Part.CUSTOMER_ATTESTANT])
MAY_ATTEST_FOR_AGENT = (*STILL_MINE, *ENTITLED[Part.AGENT_ATTESTANT])
MAY_APPROVE = (*STILL_MINE, *ENTITLED[Part.AGENT_HANDLER])
MAY_IN_EMERGENCY = (*STILL_MINE, *ENTITLED[Part.CUSTOMER_EMERGENCY])
MAY_IN_AGENTS_EMERGENCY = (*STILL_MINE, *ENTITLED[Part.AGENT_EMERGENCY])
PRICED = (agreements.every_price_known,)
HOLDS = (*PRICED, progress.prices_stand, people.assured, people.account_looked_at)
ATTESTS = (*MAY_ATTEST, *AGREED, *HOLDS)
ATTESTS_VIA_AGENT = (*MAY_ATTEST, *AGREED, *AGREED_WITH_AGENT, *HOLDS)
ATTESTS_FOR_AGENT = (*MAY_ATTEST_FOR_AGENT, *AGREED, *AGREED_WITH_AGENT, *HOLDS)
APPROVES = (*MAY_APPROVE, *AGREED, *AGREED_WITH_AGENT, *PRICED, progress.another_attests_for_agent)
ATTESTS_IN_EMERGENCY = (*MAY_IN_EMERGENCY, *AGREED, *HOLDS)
ATTESTS_IN_EMERGENCY_VIA_AGENT = (*MAY_IN_EMERGENCY, *AGREED, *AGREED_WITH_AGENT, *HOLDS)
ATTESTS_IN_AGENTS_EMERGENCY = (*MAY_IN_AGENTS_EMERGENCY, *AGREED, *AGREED_WITH_AGENT, *HOLDS)
ATTESTS_ASSIGNMENT = (*MAY_ATTEST, *AGREED_AS_AGENT, *HOLDS)
ATTESTS_ASSIGNMENT_IN_EMERGENCY = (*MAY_IN_EMERGENCY, *AGREED_AS_AGENT, *HOLDS)
# What it costs is nothing, so no price is asked for, and no limit either.
READY_TO_END = (agreements.is_connected, progress.customer_has_attestant, agreements.no_open_duplicate)
ATTESTS_END = (*MAY_ATTEST, people.assured, people.account_looked_at)
ATTESTS_END_IN_EMERGENCY = (*MAY_IN_EMERGENCY, people.assured, people.account_looked_at)
NOT_LAST = (progress.more_attests_needed,)
LAST = (progress.last_attest,)
WAITS_ON = (progress.waits_for_attest,)
ATTESTED = (progress.attests_suffice,)
ASKS = (progress.rounds_left,)
OTHERS = (progress.somebody_else_remains,)
NOT_RECUSED = (people.not_recused,)
# At the customer, where whoever has acted for the agent has no part to step aside from, and what she did there stands.
STEPS_ASIDE_FROM_ONE_SIDE = (*NOT_RECUSED, people.acts_here_alone)
TAKES_NOTHING_BACK = (*NOT_RECUSED, people.has_not_approved)
TAKES_APPROVAL_BACK = (*NOT_RECUSED, people.has_approved)
OWN_ORDER = (people.own_order, people.acts_for_no_other)
OWN_UNATTESTED = (*OWN_ORDER, progress.not_attested)
KEEPS = (*OWN_ORDER, progress.asked_to_keep)
REMINDS_NOW = (*OWN_ORDER, progress.somebody_is_asked, progress.not_heard_lately)
ANSWERS = (*OWN_ORDER, progress.immaterial)
REVISES = (*OWN_ORDER, progress.material, *map(progress.of_revised, READY_TO_ORDER))
REVISES_VIA_AGENT = (*REVISES, *map(progress.of_revised, READY_VIA_AGENT))
REVISES_END = (*OWN_ORDER, progress.material, *map(progress.of_revised, READY_TO_END))
REVISES_ASSIGNMENT = (*OWN_ORDER, progress.material, *map(progress.of_revised, READY_AS_AGENT))
# Whoever finds out late about a part in the case may still release it.
SERVES = (people.has_no_part,)
UNCLAIMED = (*SERVES, progress.unclaimed)
CLAIMED = (*SERVES, progress.claimed_by_me, progress.not_held)
SENDS = (*CLAIMED, *AGREED)
INFORMS = (*CLAIMED, *AGREED, *AGREED_WITH_AGENT)
SENDS_TO_AGENT = (*CLAIMED, *AGREED_AS_AGENT)
CONFIRMS = (people.knows_if_it_works, people.acts_for_no_other)
CONFIRMS_FOR_AGENT = ENTITLED[Part.AGENT_HANDLER]
RELEASES = (progress.claimed_by_me,)
# What a colleague has: paused or not, and late or not.
TAKES_OVER = (*SERVES, progress.in_the_hands_seen, progress.claimed_by_another, people.leads)
CANCELS = (*SERVES, progress.claimed_by_me)
RESUMES = (*SERVES, progress.claimed_by_me, progress.held)
NEW_PRICE = (progress.any_price_changed,)
AGENTS_NEW_PRICE = (progress.agent_price_changed,)
OTHER_NEW_PRICE = (progress.only_other_price_changed,)
DECIDES = (*SERVES, progress.claimed_by_me)
APPROVES_ASSIGNMENT = (*DECIDES, *AGREED_AS_AGENT)
ADMITS = (*SERVES, progress.claimed_by_me, agreements.no_agreement_yet)
SIGNS = (people.is_signatory, people.by_personal_link, people.not_signed)
MORE_SIGN = (progress.more_signatures_needed,)
LAST_SIGNS = (progress.last_signature,)
DECLINES = (people.is_signatory, people.by_personal_link)
# What customer service has paused waits for something else, and nobody's time runs out.
NOT_HELD = (progress.not_held,)
REMINDS = (progress.reminders_left,)
REMINDED = (progress.all_reminded,)

row = Transition
DIRECT, VIA_AGENT, AGENT_ASSIGNMENT = Flow.DIRECT, Flow.VIA_AGENT, Flow.AGENT_ASSIGNMENT
TERMINATION = Flow.TERMINATION
SAME, ANEW, FIRST_STEP, ASKING_STEP = (
    RelativeTarget.SAME,
    RelativeTarget.ANEW,
    RelativeTarget.FIRST_STEP,
    RelativeTarget.ASKING_STEP,
)


# fmt: off
def _application(flow: Flow) -> tuple[Transition, ...]:
    """An organisation becomes a customer, or an agent, in the same way."""
    return (
        row(flow, State.DRAFT, Part.APPLICANT, Action.SUBMIT, NOTHING_MORE, Asks.APPLICATION, State.APPLICATION_SUBMITTED),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.CLAIM, UNCLAIMED, Asks.NOTHING, SAME),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.APPROVE, ADMITS, Asks.CONFIRMATION, State.AGREEMENT_AWAITING_SIGNATURE),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.REJECT, DECIDES, Asks.REASON, State.APPLICATION_REJECTED),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.REQUEST_COMPLETION, DECIDES + ASKS, Asks.QUESTION, State.APPLICATION_COMPLETION_REQUESTED),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.RELEASE, RELEASES, Asks.NOTHING, SAME),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.TAKE_OVER, TAKES_OVER, Asks.NOTHING, SAME),
        row(flow, State.APPLICATION_SUBMITTED, Part.CUSTOMER_SERVICE, Action.RECUSE, SERVES, Asks.CONFIRMATION, SAME),
        row(flow, State.APPLICATION_SUBMITTED, Part.APPLICANT, Action.WITHDRAW, NOTHING_MORE, Asks.CONFIRMATION, State.APPLICATION_WITHDRAWN),
        row(flow, State.APPLICATION_SUBMITTED, Part.CLOCK, Action.ESCALATE, NOTHING_MORE, Asks.NOTHING, SAME),
        row(flow, State.APPLICATION_COMPLETION_REQUESTED, Part.APPLICANT, Action.ANSWER, NOTHING_MORE, Asks.ANSWER, State.APPLICATION_SUBMITTED),
        row(flow, State.APPLICATION_COMPLETION_REQUESTED, Part.APPLICANT, Action.WITHDRAW, NOTHING_MORE, Asks.CONFIRMATION, State.APPLICATION_WITHDRAWN),
        row(flow, State.APPLICATION_COMPLETION_REQUESTED, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
        row(flow, State.APPLICATION_COMPLETION_REQUESTED, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.SIGNATORY, Action.SIGN, SIGNS + MORE_SIGN, Asks.SIGNATURE, SAME),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.SIGNATORY, Action.SIGN, SIGNS + LAST_SIGNS, Asks.SIGNATURE, State.AGREEMENT_ACTIVE),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.SIGNATORY, Action.DECLINE, DECLINES, Asks.REASON, State.AGREEMENT_DECLINED),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.CUSTOMER_SERVICE, Action.RENEW, SERVES, Asks.CONFIRMATION, ANEW),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.CUSTOMER_SERVICE, Action.CANCEL, SERVES, Asks.REASON, State.CANCELLED),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
        row(flow, State.AGREEMENT_AWAITING_SIGNATURE, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.AGREEMENT_EXPIRED),
        row(flow, State.AGREEMENT_EXPIRED, Part.CUSTOMER_SERVICE, Action.RENEW, SERVES, Asks.CONFIRMATION, State.AGREEMENT_AWAITING_SIGNATURE),
        row(flow, State.AGREEMENT_EXPIRED, Part.CUSTOMER_SERVICE, Action.CANCEL, SERVES, Asks.REASON, State.CANCELLED),
        row(flow, State.AGREEMENT_EXPIRED, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING, State.EXPIRED),
    )


def _attested_by_customer(
    flow: Flow, attests: Guards, in_emergency: Guards, recuses: Guards, *repriced: Transition
) -> tuple[Transition, ...]:
    """Return the rows of the customer's attest, alike in every flow of orders but for what is passed."""
    return (
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.ATTEST, attests + NOT_LAST, Asks.CONFIRMATION, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.ATTEST, attests + LAST, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_SERVICE),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REJECT, MAY_ATTEST, Asks.REASON, State.REJECTED),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REQUEST_COMPLETION, MAY_ATTEST + ASKS, Asks.QUESTION, State.COMPLETION_REQUESTED),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.HAND_OVER, MAY_ATTEST + OTHERS, Asks.COLLEAGUE, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.RECUSE, recuses, Asks.CONFIRMATION, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_EMERGENCY, Action.EMERGENCY_ATTEST, in_emergency + NOT_LAST, Asks.REASON, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_EMERGENCY, Action.EMERGENCY_ATTEST, in_emergency + LAST, Asks.REASON, State.AWAITING_CUSTOMER_SERVICE),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.ORDERER, Action.KEEP, KEEPS, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.ORDERER, Action.REMIND_NOW, REMINDS_NOW, Asks.NOTHING, SAME),
        *repriced,
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REVIEW, WAITS_ON, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REVIEW, ATTESTED, Asks.NOTHING, State.AWAITING_CUSTOMER_SERVICE),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED),
    )


def _completed(flow: Flow, revises: Guards) -> tuple[Transition, ...]:
    """Return the rows of an order that waits for its orderer's answer."""
    return (
        row(flow, State.COMPLETION_REQUESTED, Part.ORDERER, Action.ANSWER, ANSWERS, Asks.ANSWER, ASKING_STEP),
        row(flow, State.COMPLETION_REQUESTED, Part.ORDERER, Action.ANSWER, revises, Asks.ANSWER, FIRST_STEP),
        row(flow, State.COMPLETION_REQUESTED, Part.ORDERER, Action.WITHDRAW, OWN_UNATTESTED, Asks.CONFIRMATION, State.WITHDRAWN),
        row(flow, State.COMPLETION_REQUESTED, Part.CLOCK, Action.REVIEW, NOTHING_MORE, Asks.NOTHING, SAME),
        row(flow, State.COMPLETION_REQUESTED, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
        row(flow, State.COMPLETION_REQUESTED, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED),
    )


def _served(flow: Flow, carries_out: Transition) -> tuple[Transition, ...]:
    """Return the rows of customer service; `carries_out` ends its work."""
    return (
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.CLAIM, UNCLAIMED, Asks.NOTHING, SAME),
        carries_out,
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.RESUME, RESUMES, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.RELEASE, RELEASES, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.TAKE_OVER, TAKES_OVER, Asks.NOTHING, SAME),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.REQUEST_COMPLETION, CLAIMED + ASKS, Asks.QUESTION, State.COMPLETION_REQUESTED),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.HOLD, CLAIMED, Asks.REASON, SAME),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.CANCEL, CANCELS, Asks.REASON, State.CANCELLED),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.RECUSE, SERVES, Asks.CONFIRMATION, SAME),
        row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK, Action.ESCALATE, NOT_HELD, Asks.NOTHING, SAME),
    )


def _confirmed(flow: Flow, state: State) -> tuple[Transition, ...]:
    """Return the rows of what has been carried out, and waits for somebody to say that it works: nobody must."""
    return (
        row(flow, state, Part.ORDERER, Action.CONFIRM_CONNECTION, CONFIRMS, Asks.NOTHING, State.CONNECTED),
        row(flow, state, Part.CUSTOMER_SERVICE, Action.CONFIRM_CONNECTION, SERVES, Asks.NOTHING, State.CONNECTED),
        row(flow, state, Part.CUSTOMER_SERVICE, Action.CANCEL, SERVES, Asks.REASON, State.CANCELLED),
        row(flow, state, Part.CLOCK, Action.REMIND, NOTHING_MORE, Asks.NOTHING, SAME),
    )


FLOWS: tuple[Transition, ...] = (
    row(DIRECT, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_TO_ORDER, Asks.ORDER, State.AWAITING_CUSTOMER_ATTEST),
    *_attested_by_customer(DIRECT, ATTESTS, ATTESTS_IN_EMERGENCY, NOT_RECUSED,
        row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REPRICE, NEW_PRICE, Asks.NOTHING, ANEW),
    ),
    *_completed(DIRECT, REVISES),
    *_served(DIRECT,
        row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS, SENDS, Asks.INSTRUCTIONS, State.INSTRUCTIONS_SENT),
    ),
    row(DIRECT, State.INSTRUCTIONS_SENT, Part.CUSTOMER_SERVICE, Action.SEND_AGAIN, SERVES, Asks.INSTRUCTIONS, SAME),
    *_confirmed(DIRECT, State.INSTRUCTIONS_SENT),

    # ORDERER is whoever ordered, at the customer; the agent's orderer is AGENT_HANDLER.
    row(VIA_AGENT, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_TO_ORDER + READY_VIA_AGENT, Asks.ORDER, State.AWAITING_AGENT_APPROVAL),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.APPROVE, APPROVES, Asks.CERTIFICATE, State.AWAITING_AGENT_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.REJECT, MAY_APPROVE, Asks.REASON, State.REJECTED),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.REQUEST_COMPLETION, MAY_APPROVE + ASKS, Asks.QUESTION, State.COMPLETION_REQUESTED),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.HAND_OVER, MAY_APPROVE + OTHERS, Asks.COLLEAGUE, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.AGENT_HANDLER, Action.RECUSE, NOT_RECUSED, Asks.CONFIRMATION, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.ORDERER, Action.KEEP, KEEPS, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.ORDERER, Action.REMIND_NOW, REMINDS_NOW, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.REPRICE, AGENTS_NEW_PRICE, Asks.NOTHING, ANEW),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.REPRICE, OTHER_NEW_PRICE, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.REVIEW, NOTHING_MORE, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_APPROVAL, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.ATTEST, ATTESTS_FOR_AGENT + NOT_LAST, Asks.CONFIRMATION, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.ATTEST, ATTESTS_FOR_AGENT + LAST, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.REJECT, MAY_ATTEST_FOR_AGENT, Asks.REASON, State.REJECTED),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.SEND_BACK, MAY_ATTEST_FOR_AGENT + ASKS, Asks.QUESTION, State.AWAITING_AGENT_APPROVAL),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.REQUEST_COMPLETION, MAY_ATTEST_FOR_AGENT + ASKS, Asks.QUESTION, State.COMPLETION_REQUESTED),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.HAND_OVER, MAY_ATTEST_FOR_AGENT + OTHERS, Asks.COLLEAGUE, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.RECUSE, TAKES_NOTHING_BACK, Asks.CONFIRMATION, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_ATTESTANT, Action.RECUSE, TAKES_APPROVAL_BACK, Asks.CONFIRMATION, State.AWAITING_AGENT_APPROVAL),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_EMERGENCY, Action.EMERGENCY_ATTEST, ATTESTS_IN_AGENTS_EMERGENCY + NOT_LAST, Asks.REASON, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.AGENT_EMERGENCY, Action.EMERGENCY_ATTEST, ATTESTS_IN_AGENTS_EMERGENCY + LAST, Asks.REASON, State.AWAITING_CUSTOMER_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.ORDERER, Action.KEEP, KEEPS, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.ORDERER, Action.REMIND_NOW, REMINDS_NOW, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.REPRICE, AGENTS_NEW_PRICE, Asks.NOTHING, ANEW),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.REPRICE, OTHER_NEW_PRICE, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.REVIEW, WAITS_ON, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.REVIEW, ATTESTED, Asks.NOTHING, State.AWAITING_CUSTOMER_ATTEST),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.REMIND, REMINDS, Asks.NOTHING, SAME),
    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED),
    *_attested_by_customer(VIA_AGENT, ATTESTS_VIA_AGENT, ATTESTS_IN_EMERGENCY_VIA_AGENT, STEPS_ASIDE_FROM_ONE_SIDE,
        row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REPRICE, AGENTS_NEW_PRICE, Asks.NOTHING, State.AWAITING_AGENT_ATTEST),
        row(VIA_AGENT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REPRICE, OTHER_NEW_PRICE, Asks.NOTHING, ANEW),
    ),
    *_completed(VIA_AGENT, REVISES_VIA_AGENT),
    *_served(VIA_AGENT,
        row(VIA_AGENT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.INFORM_AGENT, INFORMS, Asks.MESSAGE, State.AGENT_INFORMED),
    ),
    row(VIA_AGENT, State.AGENT_INFORMED, Part.AGENT_HANDLER, Action.CONFIRM_CONNECTION, CONFIRMS_FOR_AGENT, Asks.NOTHING, State.CONNECTED),
    *_confirmed(VIA_AGENT, State.AGENT_INFORMED),

    *_application(Flow.CUSTOMER_APPLICATION),
    *_application(Flow.AGENT_APPLICATION),

    row(AGENT_ASSIGNMENT, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_AS_AGENT, Asks.ORDER, State.AWAITING_REVIEW),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.CLAIM, UNCLAIMED, Asks.NOTHING, SAME),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.APPROVE, APPROVES_ASSIGNMENT, Asks.CONFIRMATION, State.AWAITING_CUSTOMER_ATTEST),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.REJECT, DECIDES, Asks.REASON, State.REJECTED),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.REQUEST_COMPLETION, DECIDES + ASKS, Asks.QUESTION, State.COMPLETION_REQUESTED),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.RELEASE, RELEASES, Asks.NOTHING, SAME),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.TAKE_OVER, TAKES_OVER, Asks.NOTHING, SAME),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CUSTOMER_SERVICE, Action.RECUSE, SERVES, Asks.CONFIRMATION, SAME),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION, State.WITHDRAWN),
    row(AGENT_ASSIGNMENT, State.AWAITING_REVIEW, Part.CLOCK, Action.ESCALATE, NOTHING_MORE, Asks.NOTHING, SAME),
    *_attested_by_customer(AGENT_ASSIGNMENT, ATTESTS_ASSIGNMENT, ATTESTS_ASSIGNMENT_IN_EMERGENCY, NOT_RECUSED,
        row(AGENT_ASSIGNMENT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.REPRICE, NEW_PRICE, Asks.NOTHING, ANEW),
    ),
    *_completed(AGENT_ASSIGNMENT, REVISES_ASSIGNMENT),
    *_served(AGENT_ASSIGNMENT,
        row(AGENT_ASSIGNMENT, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS, SENDS_TO_AGENT, Asks.INSTRUCTIONS, State.INSTRUCTIONS_SENT),
    ),
    row(AGENT_ASSIGNMENT, State.INSTRUCTIONS_SENT, Part.CUSTOMER_SERVICE, Action.SEND_AGAIN, SERVES, Asks.INSTRUCTIONS, SAME),

    row(TERMINATION, State.DRAFT, Part.ORDERER, Action.SUBMIT, READY_TO_END, Asks.ORDER, State.AWAITING_CUSTOMER_ATTEST),
    *_attested_by_customer(TERMINATION, ATTESTS_END, ATTESTS_END_IN_EMERGENCY, NOT_RECUSED),
    *_completed(TERMINATION, REVISES_END),
    *_served(TERMINATION, row(TERMINATION, State.AWAITING_CUSTOMER_SERVICE, Part.CUSTOMER_SERVICE, Action.CONFIRM_END, CLAIMED, Asks.LAST_DAY, State.TERMINATED)),
)
# fmt: on

# Which version this table is: each line of history names the one that it was made under. A change of the table takes
# the next number, and the table as it was stays in TABLES, so that what was decided under it can be replayed: a row that
# is taken out goes to REMOVED_SINCE_… below, a guard that is added, replaced or dropped to `superseded.py`.
VERSION = 10


def _seventh(row: Transition) -> Transition:
    """A row as it was in the seventh version: what waits for people ended without a word before it."""
    guards = (each for each in row.guards if each is not progress.in_the_hands_seen)
    ended_unreminded = row.does is Action.EXPIRE and not TRAITS[row.flow].is_application
    return replace(
        row, guards=tuple(each for each in guards if not (ended_unreminded and each is progress.all_reminded))
    )


def _is_of_ninth(row: Transition) -> bool:
    """Say whether the ninth version had a row: nobody at customer service declared jäv."""
    return (row.who, row.does) not in superseded.CAME_SINCE_NINTH


def _is_of_eighth(row: Transition) -> bool:
    """Say whether the eighth version had a row: whoever ordered reminded nobody."""
    return row.does not in superseded.CAME_SINCE_EIGHTH


def _is_of_seventh(row: Transition) -> bool:
    """Say whether the seventh version had a row: nobody was reminded of an order that waited, nor asked to keep it."""
    return (row.source, row.does) not in superseded.CAME_SINCE_SEVENTH


def _is_of_sixth(row: Transition) -> bool:
    """Say whether the sixth version had a row: nobody took over what a colleague had."""
    return row.does not in superseded.CAME_SINCE_SIXTH


def _is_of_fifth(row: Transition) -> bool:
    """Say whether the fifth version had a row: nobody confirmed what a unit had been given."""
    return (row.flow, row.source, row.does) not in superseded.CAME_SINCE_FIFTH


def _fifth(row: Transition) -> Transition:
    """A row as it was in the fifth version."""
    added = superseded.ADDED_SINCE_FIFTH.get(row.who, frozenset())
    return replace(row, guards=tuple(each for each in row.guards if each not in added))


def _fourth(row: Transition) -> Transition:
    """A row as it was in the fourth version: a unit had a service once, whatever the offer."""
    return replace(row, guards=tuple(_as_in_fourth(each) for each in row.guards if not _came_since_fourth(each)))


def _as_in_fourth(guard: Guard) -> Guard:
    asked = _asked(guard)
    before = superseded.FOURTH.get(asked)
    if before is None:
        return guard
    return before if asked is guard else progress.of_revised(before)


def _came_since_fourth(guard: Guard) -> bool:
    return _asked(guard) in superseded.ADDED_SINCE_FOURTH


def _asked(guard: Guard) -> Guard:
    """Return a condition, also of one that is asked of the case as an answer would make it."""
    return getattr(guard, "__wrapped__", guard)


def _second(row: Transition) -> Transition:
    """A row as it was in the second version: without what has come to it since."""
    return replace(row, guards=tuple(each for each in row.guards if each not in superseded.ADDED_SINCE_SECOND))


def _first(row: Transition) -> Transition:
    """A row as it was in the first version: with what has been replaced since, and without what has come to it."""
    added = superseded.ADDED_SINCE_FIRST.get(row.who, frozenset())
    return replace(row, guards=tuple(superseded.FIRST.get(each, each) for each in row.guards if each not in added))


# Rows that the third version had, and that this one has no more.
REMOVED_SINCE_THIRD: tuple[Transition, ...] = ()
NINTH = tuple(filter(_is_of_ninth, FLOWS))
EIGHTH = tuple(filter(_is_of_eighth, NINTH))
SEVENTH = tuple(_seventh(each) for each in EIGHTH if _is_of_seventh(each))
SIXTH = tuple(filter(_is_of_sixth, SEVENTH))
FIFTH = tuple(_fifth(each) for each in SIXTH if _is_of_fifth(each))
FOURTH = tuple(map(_fourth, FIFTH))
# The fourth has one flow more.
THIRD = (*(each for each in FOURTH if each.flow is not Flow.TERMINATION), *REMOVED_SINCE_THIRD)
SECOND = tuple(_second(each) for each in THIRD if not superseded.NEW_SINCE_SECOND.intersection(each.guards))
TABLES: Mapping[int, tuple[Transition, ...]] = {
    1: tuple(map(_first, SECOND)),
    2: SECOND,
    3: THIRD,
    4: FOURTH,
    5: FIFTH,
    6: SIXTH,
    7: SEVENTH,
    8: EIGHTH,
    9: NINTH,
    VERSION: FLOWS,
}


def rows(flow: Flow, state: State) -> tuple[Transition, ...]:
    """The rows of a flow that start in a state, in the table's order."""
    return _BY_STATE.get((flow, state), ())


def all_rows(flow: Flow) -> tuple[Transition, ...]:
    """Return every row of a flow, in the table's order."""
    return tuple(each for each in FLOWS if each.flow is flow)


def find(flow: Flow, state: State, action: Action) -> tuple[Transition, ...]:
    """The rows for one action; none means that the action does not exist there."""
    return tuple(each for each in rows(flow, state) if each.does is action)


@cache
def is_final(flow: Flow, state: State) -> bool:
    """True when a case in this state is closed: nothing can move it on."""
    return all(each.target is RelativeTarget.SAME for each in rows(flow, state))


@cache
def path(flow: Flow) -> tuple[State, ...]:
    """The waiting states in the order a case that is never refused meets them."""
    return tuple(_walk(flow, State.DRAFT))[1:]


def _walk(flow: Flow, state: State) -> Iterator[State]:
    while not is_final(flow, state):
        yield state
        state = next(each.target_state() for each in rows(flow, state) if each.does in FORWARD and not each.keeps_step)


FORWARD = frozenset(
    {Action.SUBMIT, Action.APPROVE, Action.ATTEST, Action.SIGN}
    | {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CONFIRM_END, Action.CONFIRM_CONNECTION}
)
_BY_STATE = {
    (flow, state): tuple(each for each in FLOWS if each.flow is flow and each.source is state)
    for flow in Flow
    for state in State
}
