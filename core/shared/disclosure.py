"""The table of disclosure: which side of an order sees which fact (the information barrier, domain: 5.4)."""

from enum import StrEnum

from core.shared.vocabulary import Action, Payer, Side


class Fact(StrEnum):
    """A fact about an order that not everybody may see, or that everybody may."""

    SERVICE = "service"
    CUSTOMER = "customer"
    AGENT = "agent"
    UNITS = "units"
    DESIRED_START = "desired_start"
    TECHNICAL_CONTACT = "technical_contact"
    REASON = "reason"
    CUSTOMER_COST = "customer_cost"
    AGENT_COST = "agent_cost"
    INVOICE = "invoice"
    COMMENT = "comment"
    CUSTOMER_NAMES = "customer_names"
    AGENT_NAMES = "agent_names"
    INERA_NAMES = "inera_names"
    CUSTOMER_INTERNAL = "customer_internal"
    AGENT_INTERNAL = "agent_internal"
    CUSTOMER_QUESTION = "customer_question"
    AGENT_QUESTION = "agent_question"
    INERA_QUESTION = "inera_question"
    SENT_BACK = "sent_back"
    CUSTOMER_EMERGENCY = "customer_emergency"
    AGENT_EMERGENCY = "agent_emergency"
    CUSTOMER_BLOCK = "customer_block"
    AGENT_BLOCK = "agent_block"
    HOLD = "hold"
    CHANGE_OF_AGENT = "change_of_agent"
    EXTERNAL_CASE_REF = "external_case_ref"
    TEMPLATE = "template"
    INSTRUCTIONS = "instructions"
    AGENT_MESSAGE = "agent_message"
    APPLICATION = "application"
    AROUND_APPLICATION = "around_application"  # what the register and other applications say of the applicant


C, A, I = Side.CUSTOMER, Side.AGENT, Side.INERA  # noqa: E741 - column heads of the table below

# fmt: off
DISCLOSURE: dict[Fact, frozenset[Side]] = {
    Fact.SERVICE:           frozenset({C, A, I}),
    Fact.CUSTOMER:          frozenset({C, A, I}),
    Fact.AGENT:             frozenset({C, A, I}),
    Fact.UNITS:             frozenset({C, A, I}),
    Fact.DESIRED_START:     frozenset({C, A, I}),
    Fact.TECHNICAL_CONTACT: frozenset({C, A, I}),
    Fact.REASON:            frozenset({C, A, I}),
    Fact.CUSTOMER_COST:     frozenset({C,    I}),
    Fact.AGENT_COST:        frozenset({   A, I}),
    Fact.INVOICE:           frozenset({C,    I}),
    Fact.COMMENT:           frozenset({C,    I}),
    Fact.CUSTOMER_NAMES:    frozenset({C,    I}),
    Fact.AGENT_NAMES:       frozenset({   A, I}),
    Fact.INERA_NAMES:       frozenset({      I}),
    Fact.CUSTOMER_INTERNAL: frozenset({C}),
    Fact.AGENT_INTERNAL:    frozenset({   A}),
    Fact.CUSTOMER_QUESTION: frozenset({C}),
    Fact.AGENT_QUESTION:    frozenset({C, A, I}),
    Fact.INERA_QUESTION:    frozenset({C,    I}),
    Fact.SENT_BACK:         frozenset({   A}),
    Fact.CUSTOMER_EMERGENCY: frozenset({C,   I}),
    Fact.AGENT_EMERGENCY:   frozenset({   A, I}),
    Fact.CUSTOMER_BLOCK:    frozenset({C,    I}),
    Fact.AGENT_BLOCK:       frozenset({   A, I}),
    Fact.HOLD:              frozenset({C,    I}),
    Fact.CHANGE_OF_AGENT:   frozenset({C,    I}),
    Fact.EXTERNAL_CASE_REF: frozenset({C,    I}),
    Fact.TEMPLATE:          frozenset({      I}),
    Fact.INSTRUCTIONS:      frozenset({C,    I}),
    Fact.AGENT_MESSAGE:     frozenset({   A, I}),
    Fact.APPLICATION:       frozenset({C,    I}),
    Fact.AROUND_APPLICATION: frozenset({     I}),
}
# fmt: on
if without_a_row := [fact for fact in Fact if fact not in DISCLOSURE]:
    raise LookupError(without_a_row)

NAMES_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_NAMES, A: Fact.AGENT_NAMES, I: Fact.INERA_NAMES}
COST_OF: dict[Payer, Fact] = {Payer.CUSTOMER: Fact.CUSTOMER_COST, Payer.AGENT: Fact.AGENT_COST}
INTERNAL_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_INTERNAL, A: Fact.AGENT_INTERNAL}
# A question and its answer, by the side of who asked; what is sent back within the agent stays there.
QUESTION_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_QUESTION, A: Fact.AGENT_QUESTION, I: Fact.INERA_QUESTION}
# Why a reserve attestant attested, and why nobody on a side can decide.
EMERGENCY_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_EMERGENCY, A: Fact.AGENT_EMERGENCY}
BLOCK_OF: dict[Side, Fact] = {C: Fact.CUSTOMER_BLOCK, A: Fact.AGENT_BLOCK}


# Who stepped aside, and for whom, is the own side's matter, which Inera may see.
OF_A_SIDE = frozenset({Action.HAND_OVER, Action.RECUSE})


def hears_of(reader: Side, action: Action, of: Side | None) -> bool:
    """Say whether people of a side may hear that somebody of a side did something."""
    if action is Action.SEND_BACK:
        return sees(reader, Fact.SENT_BACK)
    return action not in OF_A_SIDE or reader in {of, Side.INERA}


def sees(side: Side, fact: Fact) -> bool:
    """Say whether people of a side may see a fact."""
    return side in DISCLOSURE[fact]
