"""A proof of e-identification is one person's, for one decision on an order as it stood, once and for a short time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import Action, CaseId, PersonId
from core.identity.proofs import Occasion, Proof, check_proof
from core.shared import errors
from tests.support.world.builders import AT, ATTESTANT, COLLEAGUE

WANTED = Occasion(ATTESTANT, CaseId("B-2222222"), 2, 1, Action.ATTEST)
GOOD = Proof("testid:E1", WANTED, "testid", expires_at=AT + timedelta(minutes=15))


def for_another(**changes) -> Proof:
    return replace(GOOD, occasion=replace(WANTED, **changes))


def test_a_proof_for_the_decision_is_good_until_it_ends():
    assert check_proof(GOOD, WANTED, AT + timedelta(minutes=14)) is None


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        (None, errors.ProofUnknown),
        (for_another(person=PersonId(COLLEAGUE)), errors.ProofOfAnother),
        (for_another(case=CaseId("B-3333333")), errors.ProofElsewhere),
        (for_another(action=Action.EMERGENCY_ATTEST), errors.ProofElsewhere),
        (for_another(step=1), errors.ProofOutdated),
        (for_another(content_version=2), errors.ProofOutdated),
        (replace(GOOD, used_at=AT), errors.ProofUsed),
        (replace(for_another(step=1), used_at=AT), errors.ProofUsed),
        (replace(GOOD, expires_at=AT), errors.ProofExpired),
    ],
)
def test_any_other_proof_is_refused_in_its_own_words(proof, refusal):
    assert type(check_proof(proof, WANTED, AT)) is refusal


def test_another_person_does_not_learn_whether_a_proof_was_used():
    assert type(check_proof(replace(for_another(person=COLLEAGUE), used_at=AT), WANTED, AT)) is errors.ProofOfAnother
