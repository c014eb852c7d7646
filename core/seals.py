"""How history proves itself: what a seal says of a row, and what ties seals into one chain. Keyed, and pure."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FIRST = (
    "case_id", "at", "action", "from_state", "to_state", "step", "revision", "content_version", "part",
    "person_id", "organisation_id", "surface", "assurance", "evidence",
)  # fmt: skip
# The columns of history that each form of seal covers. A migration that adds a column adds a form; old ones stay.
FORMS: dict[int, tuple[str, ...]] = {1: _FIRST, 2: (*_FIRST, "kind", "about_id")}
NEWEST_FORM = max(FORMS)
# What later columns say in the rows that were there before them: a seal from then vouches for that too.
BEGAN: Mapping[str, object] = {"kind": "change", "about_id": None}


@dataclass(frozen=True)
class Seal:
    """A seal over one row: `digest` is of what the row says, `chain` ties it to number, id and the seal before."""

    number: int
    history_id: int
    after_id: int
    form: int
    digest: str
    chain: str


@dataclass(frozen=True)
class Head:
    """The end of the chain. Every row up to `settled_id` is sealed; between it and the highest some may turn up."""

    number: int = 0
    chain: str = ""
    history_id: int = 0
    highest_id: int = 0
    settled_id: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """How the chain stood at a moment, as text a line that can be kept anywhere."""

    number: int
    chain: str
    highest_id: int
    at: datetime

    @property
    def text(self) -> str:
        """`5:<chain>`: what is kept outside. It names nobody and opens nothing."""
        return f"{self.number}:{self.chain}"


@dataclass(frozen=True)
class Beginning:
    """Where the chain begins: after the last seal that a purge took, or from nothing.

    Every row that went was decided before `decided_before`.
    """

    number: int = 0
    chain: str = ""
    history_id: int = 0
    decided_before: datetime | None = None
    at: datetime | None = None


class SealKey:
    """Makes every keyed value; who lacks the key can make none of them fit."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kundportal history seals")
        self._key = derived.derive(secret_key.encode())

    def seal(self, row: Mapping[Any, Any], number: int, after: Seal | Head, form: int = NEWEST_FORM) -> Seal:
        """The seal of a history row, after the chain's end."""
        bare = Seal(number, row["id"], after.history_id, form, self.digest(row, form), "")
        return replace(bare, chain=self.chain(bare, after.chain))

    def digest(self, row: Mapping[Any, Any], form: int) -> str:
        """What a row says, whatever its id: so a row that moved is known by it."""
        later = {name: row[name] for name in FORMS[NEWEST_FORM] if name not in FORMS[form]}
        touched = [later] if any(later[name] != BEGAN[name] for name in later) else []
        return self._of("row", form, *(row[name] for name in FORMS[form]), *touched)

    def digests(self, row: Mapping[Any, Any]) -> set[str]:
        """What a row says in every form, for looking up where it was sealed."""
        return {self.digest(row, form) for form in FORMS}

    def chain(self, seal: Seal, before: str) -> str:
        """The chain's value with a seal in it."""
        return self._of("seal", before, seal.number, seal.history_id, seal.after_id, seal.form, seal.digest)

    def proof_of_head(self, head: Head) -> str:
        """Another value than a checkpoint's, so that an old checkpoint never makes a head."""
        return self._of("head", head.number, head.chain, head.history_id, head.highest_id, head.settled_id)

    def proof_of_checkpoint(self, checkpoint: Checkpoint, at: int) -> str:
        """`at` in the unit it is stored in."""
        return self._of("checkpoint", checkpoint.number, checkpoint.chain, checkpoint.highest_id, at)

    def proof_of_beginning(self, beginning: Beginning, decided_before: int, at: int) -> str:
        """Another value than a checkpoint's, so that nothing is a beginning that no purge made one; times as stored."""
        return self._of("purge", beginning.number, beginning.chain, beginning.history_id, decided_before, at)

    def _of(self, *parts: object) -> str:
        # JSON keeps apart what concatenation would run together.
        return hmac.digest(self._key, json.dumps(parts, separators=(",", ":")).encode(), "sha256").hex()
