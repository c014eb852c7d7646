"""Who may not do what: roles, sides, separation of duties, accounts and e-identification."""

from core.shared.errors.refusal import OrderError


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
    """The person lacks the role that the step asks for. Facts: part, organisation.

    The organisation is None for somebody who never had a role there, and is told of no more than that.
    """

    code = "no_role"


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


class Recused(OrderError):
    """The person has declared a conflict of interest in this case. Facts: case."""

    code = "recused"


class HandedOver(OrderError):
    """The person has left the step to a colleague. Facts: person (the colleague), at (both None if not kept), case."""

    code = "handed_over"


class AbsentHandedOver(OrderError):
    """Whom the person substitutes for has left the step to a colleague. Facts: person (the colleague, None if not
    kept), case.
    """

    code = "absent_handed_over"


class NotAskedHere(OrderError):
    """In a channel where those alone decide who are asked, somebody else pressed. Facts: case."""

    code = "not_asked_here"


class OverLimit(OrderError):
    """The amount is over the person's limit. Facts: limit_ore, amount_ore."""

    code = "limit"


class OtherService(OrderError):
    """The person's role is for another service. Facts: service."""

    code = "other_service"


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


class NotSignatory(OrderError):
    """Only those named in the application sign the agreement."""

    code = "not_signatory"


class SignByLink(OrderError):
    """An agreement is signed below the document, on the page that the mail leads to."""

    code = "sign_by_link"


class LinkUnknown(OrderError):
    """No personal link is spelled like this, or none for this purpose."""

    code = "link_unknown"


class SignInOver(OrderError):
    """What was mailed to sign in by is used, too old or was never sent, or too many codes were tried. No facts."""

    code = "sign_in_over"


class WrongCode(OrderError):
    """The code is not the one that was mailed. Facts: left, how many more may be tried."""

    code = "wrong_code"


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
