"""The domain's own answer to who may do what, and every way for a person to meet an order.

Written by hand from the invariants (5.3), the flows (6.3-6.5) and the edge cases (8) of the domain. The product's own
tables are not looked at: they would agree with any mistake in them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from core.shared.vocabulary import Action, Flow, PersonId, Role, Side, State

ME, ABSENT, ANOTHER = map(PersonId, ("PME", "PABSENT", "PANOTHER"))


@dataclass(frozen=True)
class Hat:
    """What a person may be in an order: a role on a side."""

    name: str
    role: Role
    side: Side


HATS = (
    Hat("orderer", Role.ORDERER, Side.CUSTOMER),
    Hat("attestant", Role.ATTESTANT, Side.CUSTOMER),
    Hat("reserve", Role.EMERGENCY_ATTESTANT, Side.CUSTOMER),
    Hat("administrator", Role.ADMINISTRATOR, Side.CUSTOMER),
    Hat("contact", Role.AGREEMENT_CONTACT, Side.CUSTOMER),
    Hat("signatory", Role.SIGNATORY, Side.CUSTOMER),
    Hat("agents handler", Role.AGENT_HANDLER, Side.AGENT),
    Hat("agents attestant", Role.ATTESTANT, Side.AGENT),
    Hat("agents reserve", Role.EMERGENCY_ATTESTANT, Side.AGENT),
    Hat("agents administrator", Role.ADMINISTRATOR, Side.AGENT),
    Hat("service", Role.CUSTOMER_SERVICE, Side.INERA),
    Hat("lead", Role.CUSTOMER_SERVICE_LEAD, Side.INERA),
)
# Whoever has one of these knows that the order exists.
KNOW_NOTHING = {"contact", "signatory"}
DECIDE = {"attest", "reject", "request_completion", "hand_over", "recuse"}
REVIEWS = {"claim", "release", "take_over", "approve", "reject", "request_completion", "recuse"}
SERVES = {"claim", "release", "take_over", "hold", "resume", "cancel", "request_completion", "recuse"}
CLOCK = {
    State.AWAITING_AGENT_APPROVAL: {"review", "reprice", "remind", "expire"},
    State.AWAITING_AGENT_ATTEST: {"review", "reprice", "remind", "expire"},
    State.AWAITING_CUSTOMER_ATTEST: {"review", "reprice", "remind", "expire"},
    State.COMPLETION_REQUESTED: {"review", "remind", "expire"},
    State.AWAITING_CUSTOMER_SERVICE: {"escalate"},
    State.AWAITING_REVIEW: {"escalate"},
}
MAY: dict[State, dict[str, set[str]]] = {
    State.AWAITING_AGENT_APPROVAL: {
        "agents handler": DECIDE - {"attest"} | {"approve"},
        "orderer": {"withdraw", "keep", "remind_now"},
    },
    State.AWAITING_AGENT_ATTEST: {
        "agents attestant": DECIDE | {"send_back"},
        "agents reserve": {"emergency_attest"},
        "orderer": {"withdraw", "keep", "remind_now"},
    },
    State.AWAITING_CUSTOMER_ATTEST: {
        "attestant": DECIDE,
        "reserve": {"emergency_attest"},
        "orderer": {"withdraw", "keep", "remind_now"},
    },
    State.COMPLETION_REQUESTED: {"orderer": {"answer", "withdraw"}},
    State.AWAITING_CUSTOMER_SERVICE: {"service": SERVES, "lead": SERVES},
    State.AWAITING_REVIEW: {"service": REVIEWS, "lead": REVIEWS, "orderer": {"withdraw"}},
    State.INSTRUCTIONS_SENT: {"service": {"send_again"}, "lead": {"send_again"}},
}
FINISHES = {
    Flow.DIRECT: "send_instructions",
    Flow.VIA_AGENT: "inform_agent",
    Flow.AGENT_ASSIGNMENT: "send_instructions",
    Flow.TERMINATION: "confirm_end",
}
DONE = {State.INSTRUCTIONS_SENT, State.AGENT_INFORMED, State.TERMINATED, State.CONNECTED}
# Where what connects units waits for somebody to say that it works.
CONFIRMED_IN = {Flow.DIRECT: State.INSTRUCTIONS_SENT, Flow.VIA_AGENT: State.AGENT_INFORMED}
CONFIRM = {
    "orderer": {"confirm_connection"},
    "agents handler": {"confirm_connection"},
    "service": {"confirm_connection", "cancel"},
    "lead": {"confirm_connection", "cancel"},
}
ENDS = DONE | {State.REJECTED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED}
OF_ORDERS = {each for each in State if not each.startswith(("application_", "agreement_"))}
AT_AGENTS = {State.AWAITING_AGENT_APPROVAL, State.AWAITING_AGENT_ATTEST, State.AGENT_INFORMED}
STATES = {
    Flow.DIRECT: OF_ORDERS - AT_AGENTS - {State.DRAFT, State.AWAITING_REVIEW, State.TERMINATED},
    Flow.VIA_AGENT: OF_ORDERS - {State.DRAFT, State.INSTRUCTIONS_SENT, State.AWAITING_REVIEW, State.TERMINATED},
    Flow.AGENT_ASSIGNMENT: OF_ORDERS - AT_AGENTS - {State.DRAFT, State.TERMINATED, State.CONNECTED},
    Flow.TERMINATION: OF_ORDERS
    - AT_AGENTS
    - {State.DRAFT, State.AWAITING_REVIEW, State.INSTRUCTIONS_SENT, State.CONNECTED},
}


@dataclass(frozen=True)
class Cell:
    """One way for a person to meet an order. Who is named in a field is kept out by it, if anybody is."""

    flow: Flow
    state: State
    hat: Hat
    action: Action
    substitutes: bool = False
    over_limit: bool = False
    other_service: bool = False
    ordered: PersonId | None = None
    acted_for_the_other: PersonId | None = None
    acted_for_inera: PersonId | None = None
    works_at: Side | None = None
    recused: PersonId | None = None
    handed_over: bool = False
    attested: PersonId | None = None
    approved: PersonId | None = None
    self_attest: bool = False
    orderer_left: bool = False
    held: bool = False
    claimed_by: PersonId | None = None
    asked_by_service: bool = False

    @property
    def is_about(self) -> bool:
        """True when the person has a role in the organisations of the order."""
        return self.hat.side is not Side.AGENT or self.flow is Flow.VIA_AGENT

    def can(self, hat: str) -> set[str]:
        """What somebody may do in this state at all."""
        more = {FINISHES[self.flow]} if hat in {"service", "lead"} else set()
        found = MAY.get(self.state, {}).get(hat, set())
        if self.is_to_confirm and (hat != "agents handler" or self.flow is Flow.VIA_AGENT):
            found = found | CONFIRM.get(hat, set())
        return found | more if self.state is State.AWAITING_CUSTOMER_SERVICE else found

    @property
    def is_to_confirm(self) -> bool:
        """True where somebody is to say that what was ordered works."""
        return CONFIRMED_IN.get(self.flow) is self.state


def expected(cell: Cell) -> set[str]:
    """Every reason for a refusal; none where it is allowed."""
    here = {action for hat in HATS for action in cell.can(hat.name)} | CLOCK.get(cell.state, set())
    here |= {"remind"} if cell.is_to_confirm else set()
    # What ends costs nothing, at any price.
    here -= {"reprice"} if cell.flow is Flow.TERMINATION else set()
    if cell.action not in here:
        knows = cell.is_about and cell.hat.name not in KNOW_NOTHING
        is_over = cell.state in ENDS and not cell.is_to_confirm
        return ({"closed"} if is_over else {"not_possible"}) if knows else {"not_found"}
    if not cell.is_about or cell.action not in cell.can(cell.hat.name):
        return {"no_role"}
    if cell.hat.name == "orderer":
        return set(orders(cell))
    return set(serves(cell) if cell.hat.side is Side.INERA else decides(cell))


def orders(cell: Cell) -> Iterator[str]:
    """The person who ordered withdraws and answers; when that person has left, another who has acted for nobody else
    and has declared no jäv.
    """
    yield from for_inera(cell)
    if cell.ordered != ME:
        yield from ["not_your_order"] * (not cell.orderer_left)
        yield from ["recused"] * (cell.recused is not None)
    if cell.action == "keep":
        # Nobody has been asked whether to keep it yet.
        yield "not_possible"
    if cell.action == "withdraw" and cell.state is State.COMPLETION_REQUESTED and cell.asked_by_service:
        yield "not_possible"


def serves(cell: Cell) -> Iterator[str]:
    """Not in an order of the own; a claim is exclusive; nothing is sent or asked while an order is paused."""
    if cell.action != "release":
        yield from involved(cell)
    if cell.action in {"send_again", "confirm_connection", "recuse"} or cell.is_to_confirm:
        return
    if cell.action in {"claim", "take_over"}:
        yield from takes(cell)
        return
    if cell.claimed_by != ME:
        yield "already_claimed" if cell.claimed_by else "not_claimed"
    if cell.held and cell.action in {"send_instructions", "inform_agent", "confirm_end", "request_completion", "hold"}:
        yield "on_hold"
    if cell.action == "resume" and not cell.held:
        yield "not_possible"


def involved(cell: Cell) -> Iterator[str]:
    """Whoever has declared jäv, or has a part of the own, does no more at Inera than release the order."""
    if cell.recused:
        yield "recused"
    if cell.ordered or cell.acted_for_the_other or cell.works_at:
        yield "involved"


def takes(cell: Cell) -> Iterator[str]:
    """What is free is claimed; the lead takes over what a colleague has, and others ask the colleague to release it."""
    if cell.claimed_by == ME:
        yield "already_yours"
    elif cell.claimed_by and (cell.action == "claim" or cell.hat.name != "lead"):
        yield "already_claimed"
    elif not cell.claimed_by and cell.action == "take_over":
        yield "not_claimed"


def decides(cell: Cell) -> Iterator[str]:
    """What keeps a person from deciding keeps out whoever uses that person's authority."""
    if cell.recused:
        yield "recused"
    if cell.action == "recuse":
        yield from steps_aside(cell)
        return
    if cell.handed_over and not cell.is_to_confirm:
        yield "handed_over"
    if cell.other_service:
        yield "other_service"
    yield from for_inera(cell)
    yield from both_ends(cell)
    if cell.hat.name != "agents handler":
        yield from attests(cell)


def steps_aside(cell: Cell) -> Iterator[str]:
    """At the customer, whoever has acted for the agent or Inera has no part to step aside from."""
    if cell.flow is Flow.VIA_AGENT and cell.hat.side is Side.CUSTOMER:
        yield from for_inera(cell)
        if cell.acted_for_the_other:
            yield "both_sides"


def for_inera(cell: Cell) -> Iterator[str]:
    """Whoever has acted for Inera acts for nobody else in the same order."""
    if cell.acted_for_inera:
        yield "acted_for_inera"


def both_ends(cell: Cell) -> Iterator[str]:
    """Nobody acts for both sides; nobody decides the own order, a reserve not even where that is allowed."""
    if cell.acted_for_the_other or (cell.ordered and cell.hat.side is Side.AGENT):
        yield "both_sides"
    if cell.ordered and cell.hat.side is Side.CUSTOMER and not (cell.self_attest and cell.hat.name == "attestant"):
        yield "self_attest"


def attests(cell: Cell) -> Iterator[str]:
    """Within the limit, once, and not what one has approved, unless the agent allows it; a reserve never that."""
    if cell.over_limit:
        yield "limit"
    if cell.attested:
        yield "already_attested"
    is_reserve = cell.hat.role is Role.EMERGENCY_ATTESTANT
    if cell.approved and cell.hat.side is Side.AGENT and (is_reserve or not cell.self_attest):
        yield "own_approval"


# --- the cells


def cells(flow: Flow, state: State) -> Iterator[Cell]:
    """Every role and action, and where the role may do it, everything that may keep a person out."""
    for hat, action in product(HATS, Action):
        cell = Cell(flow, state, hat, action)
        yield cell
        yield replace(cell, substitutes=True)
        yield replace(cell, ordered=ME)
        if cell.is_about and action in cell.can(hat.name):
            yield from _ways(cell)


def _ways(cell: Cell) -> Iterator[Cell]:
    if cell.hat.name == "orderer":
        for mine, left, service in product((ME, None), (False, True), (False, True)):
            yield replace(cell, ordered=mine, orderer_left=left and mine is None, asked_by_service=service)
        yield replace(cell, orderer_left=True, acted_for_inera=ME)
        yield replace(cell, orderer_left=True, recused=ME)
    elif cell.hat.side is Side.INERA:
        # What Inera has not looked at yet is not paused.
        may_be_held = cell.state is not State.AWAITING_REVIEW
        sides = (None, Side.CUSTOMER, Side.AGENT) if cell.flow is Flow.VIA_AGENT else (None, Side.CUSTOMER)
        for held, holder, ordered, acted, works_at in product(
            (False, True) if may_be_held else (False,), (None, ME, ANOTHER), (None, ME), (None, ME), sides
        ):
            yield replace(
                cell, held=held, claimed_by=holder, ordered=ordered, acted_for_the_other=acted, works_at=works_at
            )
        yield replace(cell, claimed_by=ME, recused=ME)
    else:
        yield from _deciders(cell)


def _deciders(cell: Cell) -> Iterator[Cell]:
    attesting = cell.hat.name != "agents handler"
    for substitutes in (False, True):
        who = (None, ME, ABSENT) if substitutes else (None, ME)
        acted_by = who if cell.flow is Flow.VIA_AGENT else (None,)
        for over, other, ordered, acted, recused, attested, self_attest in product(
            (False, attesting), (False, True), who, acted_by, who, who if attesting else (None,), (False, True)
        ):
            yield replace(
                cell,
                substitutes=substitutes,
                over_limit=over,
                other_service=other,
                ordered=ordered,
                acted_for_the_other=acted,
                recused=recused,
                attested=attested,
                self_attest=self_attest,
            )
        yield replace(cell, substitutes=substitutes, handed_over=True)
        for acted in who:
            yield replace(cell, substitutes=substitutes, acted_for_inera=acted)
        if cell.state is State.AWAITING_AGENT_ATTEST:
            for approved, self_attest in product(who, (False, True)):
                yield replace(cell, substitutes=substitutes, approved=approved, self_attest=self_attest)
