"""What proves history stays as it was made: a database sealed by an earlier release is checked by this one."""

from datetime import UTC, datetime

import pytest

from core.audit.seals import Beginning, Checkpoint, Head, SealKey

KEY = SealKey("a secret that was kept since the first release")
DECIDED = {
    "id": 3,
    "case_id": "B-2345678",
    "at": 1_773_322_320_000_000,
    "action": "attest",
    "from_state": "awaiting_customer_attest",
    "to_state": "awaiting_customer_service",
    "step": 1,
    "revision": 2,
    "content_version": 1,
    "part": "customer_attestant",
    "person_id": "PATTESTANT",
    "organisation_id": "OCUSTOMER",
    "surface": "slack",
    "assurance": "click_confirm",
    "evidence": {"amount_ore": 3_700_000},
    "kind": "change",
    "about_id": None,
}
HEAD = Head(number=2, chain="c2", history_id=2, highest_id=4, settled_id=1)
BEGINNING = Beginning(number=1, chain="c1", history_id=1)
CHECKPOINT = Checkpoint(number=2, chain="c2", highest_id=4, at=datetime(2026, 3, 12, tzinfo=UTC))
AT = 1_773_273_600_000_000
LATER = {"kind": "access"}, {"about_id": "PSOMEBODY"}, {"kind": "access", "about_id": "PSOMEBODY"}


@pytest.mark.parametrize(
    ("form", "digest", "chain"),
    [
        (
            1,
            "1f591f3e43eac4b973d188dc454a15c66975981df2dbb319ccbf341cba6d9907",
            "edf0b47a8d5f8afe540ead4846c5e9b550abf4dd80adfaaede63b8630c7ed48c",
        ),
        (
            2,
            "d86aa9625f4af20a38bc07afd8e48d58f76fe8dc8ae6a06c360603236379c0b9",
            "29abfd3c8aa3ff2c93e09983a1bba4137f8183bd07edec4b43c1d5a4092751c1",
        ),
    ],
)
def test_a_row_has_the_seal_that_it_got_once(form, digest, chain):
    seal = KEY.seal(DECIDED, 3, HEAD, form)

    assert (seal.digest, seal.chain) == (digest, chain)


@pytest.mark.parametrize("changes", LATER)
def test_a_seal_from_before_a_column_was_there_vouches_for_what_that_began_as(changes):
    seal = KEY.seal(DECIDED, 3, HEAD, form=1)

    assert KEY.holds(seal, DECIDED)
    assert not KEY.holds(seal, DECIDED | changes)


def test_what_proves_the_ends_of_the_chain_and_a_checkpoint_is_what_it_was():
    assert KEY.proof_of_head(HEAD) == "f6a83f7d33f893758e4a0fe065e5632b5e8e86c55a35c1601773c492af34e7d9"
    assert KEY.proof_of_checkpoint(CHECKPOINT, AT) == "e639b0bde3d40489a60089fe6d5c4584a54b3f2b1a25c9e7957aa853cdd050b7"
    assert (
        KEY.proof_of_beginning(BEGINNING, AT - 1, AT)
        == "0fda44d46e06c01bef7f9dc85f68bf7c899a856ee42faa9309a88746e455bf4a"
    )
