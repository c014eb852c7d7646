"""Where a case stands in the way: it is gone, has moved on, is closed, paused or somebody else's by now."""

from core.shared.errors.refusal import OrderError


class CaseNotFound(OrderError):
    """No such case, or none that this reader may see."""

    code = "not_found"


class AlreadyDecided(OrderError):
    """Somebody was first. Facts: person (None across the barrier), part, organisation, action, at, wanted.

    For whoever would take a finished order back also the state in which it `ended`.
    """

    code = "already_decided"


class AlreadyDecidedByYou(OrderError):
    """The presser's own repeat. Facts: action, at."""

    code = "already_decided_by_you"


class OrderMovedOn(OrderError):
    """The card showed another step than the order stands at. Facts: case, flow."""

    code = "stale"


class OrderChanged(OrderError):
    """The card showed an older content version. Facts: case, flow."""

    code = "changed"


class CaseClosed(OrderError):
    """Nothing more can happen to the case. Facts: case, flow."""

    code = "closed"


class ActionNotPossible(OrderError):
    """The action does not exist in the state the case is in. Facts: action, case, flow."""

    code = "not_possible"


class AlreadyClaimed(OrderError):
    """Somebody at customer service has the case. Facts: person."""

    code = "already_claimed"


class AlreadyYours(OrderError):
    """The person has the case already. Facts: case."""

    code = "already_yours"


class NotClaimed(OrderError):
    """The case must be claimed before this is done."""

    code = "not_claimed"


class AlreadyAttested(OrderError):
    """The person, or the one it substitutes for, has given one of the attests. Facts: person, at, case."""

    code = "already_attested"


class Stopped(OrderError):
    """An agreement that is another side's matter has ended; customer service has been told. Facts: case."""

    code = "stopped"


class OnHold(OrderError):
    """Customer service has paused the order. Facts: case."""

    code = "on_hold"


class TooManyRounds(OrderError):
    """The case has been completed so many times that a new one is better. Facts: rounds, case."""

    code = "too_many_rounds"


class RemindedLately(OrderError):
    """Whoever is asked has been asked or reminded since the last working day, or is to be reminded today.

    Facts: from_day, when it can be done.
    """

    code = "reminded_lately"


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


class NobodyToInform(OrderError):
    """The agent has nobody who would hear that it may begin. Facts: agent."""

    code = "nobody_to_inform"


class HasAgreement(OrderError):
    """The organisation has the agreement already, or it waits to be signed. Facts: organisation, case."""

    code = "has_agreement"


class AlreadySigned(OrderError):
    """The person has signed. Facts: at, case."""

    code = "already_signed"


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
    """The case changed twice while we tried, it took too long to get a turn or a lock, or the database is away; nothing
    was saved.
    """

    code = "temporary"


class Unsure(OrderError):
    """The database was lost while something was saved: nobody knows whether it was."""

    code = "unsure"
