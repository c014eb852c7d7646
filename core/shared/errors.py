"""Every "no" the core can give: a named refusal with a code and the facts its sentence needs."""

from typing import ClassVar


class OrderError(Exception):
    """A refusal. `facts` holds ids, enum values and times, never sentences: whoever answers finds names and words.

    Keys with one meaning everywhere: person, organisation, agent, part, role, action, case, at, service, offer.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts


class CaseNotFound(OrderError):
    """No such case, or none that this reader may see."""

    code = "not_found"


class NotLinked(OrderError):
    """The pressing account is not linked to a person."""

    code = "not_linked"


class PersonInactive(OrderError):
    """The person has left; past decisions stay, new ones are refused."""

    code = "inactive"


class KeyExpired(OrderError):
    """The key to the API is over. Facts: at."""

    code = "key_expired"


class NoRole(OrderError):
    """The person lacks the role that the step asks for. Facts: part, organisation."""

    code = "no_role"


class AlreadyDecided(OrderError):
    """Somebody was first. Facts: person (None across the barrier), part, organisation, action, at, wanted.

    For whoever would take a finished order back also the state in which it `ended`.
    """

    code = "already_decided"


class AlreadyDecidedByYou(OrderError):
    """The presser's own repeat. Facts: action, at."""

    code = "already_decided_by_you"


class OrderMovedOn(OrderError):
    """The card showed another step than the order stands at. Facts: case."""

    code = "stale"


class OrderChanged(OrderError):
    """The card showed an older content version. Facts: case."""

    code = "changed"


class CaseClosed(OrderError):
    """Nothing more can happen to the case."""

    code = "closed"


class ActionNotPossible(OrderError):
    """The action does not exist in the state the case is in. Facts: action."""

    code = "not_possible"


class OwnOrder(OrderError):
    """Separation of duties: the orderer may not decide (invariant 4)."""

    code = "self_attest"


class OwnApproval(OrderError):
    """Separation of duties at the agent: the handler who approved may not attest (invariant 4)."""

    code = "own_approval"


class BothSides(OrderError):
    """The person has acted for the other side of this order. Facts: organisation."""

    code = "both_sides"


class ActedForInera(OrderError):
    """The person has acted for Inera in this case, and acts for nobody else there. Facts: case."""

    code = "acted_for_inera"


class NotYourOrder(OrderError):
    """Only the orderer withdraws and answers."""

    code = "not_your_order"


class NotChosen(OrderError):
    """The agent's orderer chose somebody else to attest. Facts: person."""

    code = "not_chosen"


class Involved(OrderError):
    """The person has a part in the case outside Inera, and does nothing for Inera there. Facts: case."""

    code = "involved"


class NotForOneself(OrderError):
    """Somebody at customer service would widen what she decides by, or its rules. No facts."""

    code = "not_for_oneself"


class AlreadyClaimed(OrderError):
    """Somebody at customer service has the case. Facts: person."""

    code = "already_claimed"


class NotClaimed(OrderError):
    """The case must be claimed before this is done."""

    code = "not_claimed"


class Recused(OrderError):
    """The person has declared a conflict of interest in this order. Facts: case."""

    code = "recused"


class HandedOver(OrderError):
    """The person has left the step to a colleague. Facts: person (the colleague), at (both None if not kept), case."""

    code = "handed_over"


class OverLimit(OrderError):
    """The amount is over the person's limit. Facts: limit_ore, amount_ore."""

    code = "limit"


class OtherService(OrderError):
    """The person's role is for another service. Facts: service."""

    code = "other_service"


class AlreadyAttested(OrderError):
    """The person, or the one it substitutes for, has given one of the attests. Facts: person, at, case."""

    code = "already_attested"


class NotYourTurn(OrderError):
    """Somebody attests before this person. Facts: person."""

    code = "not_your_turn"


class IdentificationRequired(OrderError):
    """The organisation asks for e-identification for this amount. Facts: organisation."""

    code = "eid_required"


class AccountNotLookedAt(OrderError):
    """For this amount the account must have been looked at in Slack lately; that is being done now."""

    code = "account_not_looked_at"


class IdentificationNotOffered(OrderError):
    """E-identification is needed, and no method has been connected. Facts: organisation."""

    code = "eid_not_offered"


class IdentificationNotNeeded(OrderError):
    """The decision needs no e-identification. Facts: case."""

    code = "eid_not_needed"


class NotIdentified(OrderError):
    """The method says that nobody identified: broken off, refused, or no answer of the method's."""

    code = "not_identified"


class AttemptGone(OrderError):
    """The identification was begun too long ago, is done already, or was never begun."""

    code = "eid_attempt_gone"


class IdentityNotLinked(OrderError):
    """Whoever identified has not been linked to a person."""

    code = "eid_not_linked"


class IdentifiedAsAnother(OrderError):
    """Somebody else identified than the person who was sent to do so."""

    code = "eid_another"


class ProofUnknown(OrderError):
    """There is no such proof. Facts: case."""

    code = "proof_unknown"


class ProofOfAnother(OrderError):
    """The proof is another person's. Facts: case."""

    code = "proof_of_another"


class ProofElsewhere(OrderError):
    """The proof is for another case or another action. Facts: case."""

    code = "proof_elsewhere"


class ProofUsed(OrderError):
    """The proof has been used. Facts: case, at."""

    code = "proof_used"


class ProofOutdated(OrderError):
    """The order has changed, or come to another step, since the person identified. Facts: case."""

    code = "proof_outdated"


class ProofExpired(OrderError):
    """The person identified too long ago. Facts: case, at."""

    code = "proof_expired"


class Stopped(OrderError):
    """An agreement that is another side's matter has ended; customer service has been told. Facts: case."""

    code = "stopped"


class OnHold(OrderError):
    """Customer service has paused the order. Facts: case."""

    code = "on_hold"


class TooManyRounds(OrderError):
    """The case has been completed so many times that a new one is better. Facts: rounds, case."""

    code = "too_many_rounds"


class PriceChanged(OrderError):
    """The amount no longer holds. Facts: old, new (costs of the payer)."""

    code = "price_changed"


class AgentPriceChanged(OrderError):
    """What the agent pays is another than what it attested, so it attests again first. Facts: case."""

    code = "agent_price_changed"


class PriceMissing(OrderError):
    """A price has ended without another, and customer service's lead has been told. Facts: case."""

    code = "price_missing"


class NobodyLeft(OrderError):
    """There is no colleague to hand over to. Facts: organisation."""

    code = "nobody_left"


class ColleagueNotEligible(OrderError):
    """The person chosen may not decide this step. Facts: person."""

    code = "colleague_not_eligible"


class RecipientNotEligible(OrderError):
    """Instructions go to people of the customer only. Facts: person, organisation."""

    code = "recipient_not_eligible"


class NobodyToInform(OrderError):
    """The agent has nobody who would hear that it may begin. Facts: agent."""

    code = "nobody_to_inform"


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
    """A unit has the service. Facts: unit (its name), service."""

    code = "already_connected"


class ChangeOfAgent(OrderError):
    """A unit has the service through another agent, and the change has not been confirmed. Facts: agent, service."""

    code = "change_of_agent"


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


class HasAgreement(OrderError):
    """The organisation has the agreement already, or it waits to be signed. Facts: organisation, case."""

    code = "has_agreement"


class NotSignatory(OrderError):
    """Only those named in the application sign the agreement."""

    code = "not_signatory"


class AlreadySigned(OrderError):
    """The person has signed. Facts: at, case."""

    code = "already_signed"


class SignByLink(OrderError):
    """An agreement is signed below the document, on the page that the mail leads to."""

    code = "sign_by_link"


class DocumentChanged(OrderError):
    """Another document was shown than the one to be signed. Facts: case."""

    code = "document_changed"


class NoDocument(OrderError):
    """The agreement has no document here: it was signed elsewhere, or there is none."""

    code = "no_document"


class KeyReused(OrderError):
    """The same Idempotency-Key came with another order."""

    code = "idempotency_key_reused"


class TryAgain(OrderError):
    """The case changed twice while we tried, or it took too long to get a turn or a lock; nothing was saved."""

    code = "temporary"


class LinkUnknown(OrderError):
    """No personal link is spelled like this, or none for this purpose."""

    code = "link_unknown"


class LinkExpired(OrderError):
    """The personal link has had its time. Facts: case, at."""

    code = "link_expired"


class LinkUsed(OrderError):
    """The personal link has been used, and is for one time. Facts: case, at."""

    code = "link_used"


class LinkPassedOn(OrderError):
    """Somebody else administers the application by now, and has a link of their own. Facts: case."""

    code = "link_passed_on"


class LinkChanged(OrderError):
    """What the personal link was made for reads otherwise by now. Facts: case."""

    code = "link_changed"


class RoleNotSubstituted(OrderError):
    """Nobody has a substitute in this role. Facts: role."""

    code = "role_not_substituted"


class NothingToSubstitute(OrderError):
    """The absent person does not hold the role there in these days. Facts: person, role, organisation."""

    code = "nothing_to_substitute"


class SubstituteNotEligible(OrderError):
    """A substitute is somebody else, active, with a role in the same organisation. Facts: person, organisation."""

    code = "substitute_not_eligible"


class SubstitutionOverlaps(OrderError):
    """The same substitute is set for some of these days already. Facts: person, from_day, to_day (dates)."""

    code = "substitution_overlaps"


class AbsenceReversed(OrderError):
    """The last day lies before the first."""

    code = "absence_reversed"


class AbsencePassed(OrderError):
    """The last day has passed."""

    code = "absence_passed"


class NoSubstitution(OrderError):
    """No such substitution, or none that this person may end."""

    code = "no_substitution"


class AlreadySent(OrderError):
    """The form was sent and kept before; what has become of it since stays as it is."""

    code = "already_sent"


class LastAdministrator(OrderError):
    """Somebody must administer the organisation; customer service can change this. Facts: organisation."""

    code = "last_administrator"


class PersonHasLeft(OrderError):
    """The person has left; customer service can let the person come back. Facts: person."""

    code = "person_has_left"


class InerasOwn(OrderError):
    """Who is what at Inera is kept by Inera's own administrators."""

    code = "ineras_own"


class NameOfOthers(OrderError):
    """A name is an administrator's to correct as long as no other organisation knows the person. Facts: person.

    Which others there are is told to nobody.
    """

    code = "name_of_others"


class SelfAttestForOne(OrderError):
    """Ordering and attesting by one person is for organisations of a single person. Facts: organisation."""

    code = "self_attest_for_one"


class NoSuchAssignment(OrderError):
    """No such role in the organisation, or it is over."""

    code = "no_assignment"


class RegisterError(OrderError):
    """A register entry that breaks a rule. Facts: problem, and what it is about."""

    code = "invalid_entry"
