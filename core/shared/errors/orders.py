"""What an order, an application or an answer lacks, and what keeps an order from being placed."""

from core.shared.errors.refusal import OrderError


class ColleagueNotEligible(OrderError):
    """The person chosen may not decide this step. Facts: person."""

    code = "colleague_not_eligible"


class RecipientNotEligible(OrderError):
    """Instructions go to people of the customer only. Facts: person, organisation."""

    code = "recipient_not_eligible"


class AnswerRequired(OrderError):
    """An answer is words or a change."""

    code = "answer_required"


class PersonalNumber(OrderError):
    """A text holds what looks like a personnummer; nothing was saved. Facts: field."""

    code = "personal_number"


class NotSoleTrader(OrderError):
    """The offer is for sole traders only. Facts: organisation."""

    code = "not_sole_trader"


class NoPrice(OrderError):
    """The offer has had a price, or will have one, and has none today. Facts: offer."""

    code = "no_price"


class AlreadyConnected(OrderError):
    """A unit has the offer, through the same agent or directly. Facts: unit (its name), service."""

    code = "already_connected"


class ChangeOfAgent(OrderError):
    """Units have the service through another agent, which the order says nothing of. Facts: agent, service."""

    code = "change_of_agent"


class AddOrReplace(OrderError):
    """Units have the service in another way, which the order says nothing of. Facts: service, agent if any."""

    code = "add_or_replace"


class ReasonRequired(OrderError):
    """A rejection needs a reason (invariant 6)."""

    code = "reason_required"


class CertificateRequired(OrderError):
    """The agent's orderer must certify before approving."""

    code = "certificate_required"


class MessageRequired(OrderError):
    """Instructions need a text."""

    code = "message_required"


class ConfirmationRequired(OrderError):
    """The action must be confirmed, amount and organisation in view."""

    code = "confirmation_required"


class AttestantNotEligible(OrderError):
    """The chosen attestant may not attest this order. Facts: person, agent."""

    code = "attestant_not_eligible"


class NoAgreement(OrderError):
    """The customer has no active kundavtal. Facts: organisation."""

    code = "no_kundavtal"


class CategoryNotAllowed(OrderError):
    """The customer's category may not order the offer. Facts: categories."""

    code = "category_not_allowed"


class NoAttestant(OrderError):
    """The customer has no attestant who may decide this order. Facts: organisation."""

    code = "no_attestant"


class OverEveryLimit(OrderError):
    """The amount is over the limits of so many attestants that too few are left. Facts: organisation, amount_ore."""

    code = "over_every_limit"


class DuplicateOrder(OrderError):
    """An open order for the same customer, offer and unit exists. Facts: case."""

    code = "duplicate"


class AgentIsCustomer(OrderError):
    """Customer and agent are the same organisation (invariant 5)."""

    code = "agent_is_customer"


class AgentHasNoAgreement(OrderError):
    """The agent has no active agentavtal. Facts: agent."""

    code = "agent_no_agreement"


class NoAgentAgreement(OrderError):
    """Who orders an agentuppdrag has no active agentavtal. Facts: organisation."""

    code = "no_agentavtal"


class AgentNotAllowed(OrderError):
    """The agent has no assignment for the service. Facts: agent, service."""

    code = "agent_not_allowed"


class AgentNotStaffed(OrderError):
    """The agent lacks a handler or an attestant. Facts: agent."""

    code = "agent_roles"


class ForAgentsOnly(OrderError):
    """An agentuppdrag is ordered by agents alone. Facts: organisation."""

    code = "for_agents_only"


class HasAssignment(OrderError):
    """The agent has an assignment for the service already. Facts: agent, service."""

    code = "has_assignment"


class FormError(OrderError):
    """An order form with wrong fields. Facts: fields, a mapping field name -> problem code."""

    code = "invalid_order"


class ApplicationFormError(FormError):
    """An application with wrong fields. Facts: fields, a mapping field name -> problem code."""

    code = "invalid_application"
