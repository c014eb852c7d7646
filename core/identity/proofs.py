"""Proofs of e-identification: one is for a single decision; when it is good and when refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.shared.errors import (
    OrderError,
    ProofElsewhere,
    ProofExpired,
    ProofOfAnother,
    ProofOutdated,
    ProofUnknown,
    ProofUsed,
)
from core.shared.vocabulary import Action, CaseId, PersonId

# How long somebody has to identify, and then to decide.
TO_IDENTIFY = timedelta(minutes=30)
TO_DECIDE = timedelta(minutes=15)


@dataclass(frozen=True)
class Occasion:
    """What somebody identifies for: one person's decision, on one case as it stood."""

    person: PersonId
    case: CaseId
    step: int
    content_version: int
    action: Action


@dataclass(frozen=True)
class Proof:
    """That the person of an occasion has identified for it, by a method. `id` names it in history and opens nothing."""

    id: str
    occasion: Occasion
    method: str
    expires_at: datetime
    used_at: datetime | None = None


def check_proof(proof: Proof | None, wanted: Occasion, at: datetime) -> OrderError | None:
    """Return the refusal of a proof for a decision; None when it is good (domain: 4.6)."""
    if proof is None:
        return ProofUnknown(case=wanted.case)
    occasion = proof.occasion
    if occasion.person != wanted.person:
        return ProofOfAnother(case=wanted.case)
    if (occasion.case, occasion.action) != (wanted.case, wanted.action):
        return ProofElsewhere(case=wanted.case)
    if proof.used_at is not None:
        return ProofUsed(case=wanted.case, at=proof.used_at)
    if (occasion.step, occasion.content_version) != (wanted.step, wanted.content_version):
        return ProofOutdated(case=wanted.case)
    return ProofExpired(case=wanted.case, at=proof.expires_at) if proof.expires_at <= at else None
