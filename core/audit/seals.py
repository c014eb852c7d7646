"""Seals of history: what one says of a row, and the chain that ties them together. Keyed, and pure."""

import hmac
import json
from collections.abc import Mapping, Sequence
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
    """A seal over one row: `digest` is of what the row says, `chain` ties it to number, id and the seal before.

    `key` names the key of both; empty from before keys had names.
    """

    number: int
    history_id: int
    after_id: int
    form: int
    digest: str
    chain: str
    key: str = ""


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
        """The line that is kept outside, `5:<chain>`. It names nobody and opens nothing."""
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
    """Makes every keyed value; who lacks the key can make none of them fit. Earlier keys only check what they made."""

    def __init__(self, secret_key: str, earlier: Sequence[str] = ()) -> None:
        self._keys = [_derived(secret) for secret in (secret_key, *earlier)]
        self._named = {_name(key): key for key in self._keys}
        self.name = _name(self._keys[0])

    def seal(self, row: Mapping[Any, Any], number: int, after: Seal | Head, form: int = NEWEST_FORM) -> Seal:
        """Seal a history row after the chain's end."""
        bare = Seal(number, row["id"], after.history_id, form, _digest(self._keys[0], row, form), "", self.name)
        return replace(bare, chain=_chain(self._keys[0], bare, after.chain))

    def holds(self, seal: Seal, row: Mapping[Any, Any]) -> bool:
        """Say whether a row says what it said when it was sealed."""
        form = seal.form if seal.form in FORMS else NEWEST_FORM
        return any(seal.digest == _digest(key, row, form) for key in self._keys_of(seal))

    def digests(self, row: Mapping[Any, Any]) -> set[str]:
        """Return the digests of a row in every form and by every key, whatever its id, for looking up where it was
        sealed.
        """
        return {_digest(key, row, form) for form in FORMS for key in self._keys}

    def links(self, seal: Seal, before: Seal) -> bool:
        """Say whether a seal is tied to the one before; once a key is the newest, no earlier one makes seals any
        more.
        """
        goes_back = before.key == self.name and seal.key != self.name
        return not goes_back and any(seal.chain == _chain(key, seal, before.chain) for key in self._keys_of(seal))

    def proof_of_head(self, head: Head) -> str:
        """Prove a head, by another value than a checkpoint's, so that an old checkpoint never makes a head."""
        return _proof_of_head(self._keys[0], head)

    def proof_of_checkpoint(self, checkpoint: Checkpoint, at: int) -> str:
        """Prove a checkpoint; `at` in the unit it is stored in."""
        return _proof_of_checkpoint(self._keys[0], checkpoint, at)

    def proof_of_beginning(self, beginning: Beginning, decided_before: int, at: int) -> str:
        """Prove a beginning, by a value of its own, so that nothing is a beginning that no purge made one; times as
        stored.
        """
        return _proof_of_beginning(self._keys[0], beginning, decided_before, at)

    def proves_head(self, proof: str, head: Head, last_key: str) -> bool:
        """Say whether a key made the proof; only the newest counts, if that made the last seal."""
        keys = self._keys[:1] if last_key == self.name else self._keys
        return any(proof == _proof_of_head(key, head) for key in keys)

    def proves_checkpoint(self, proof: str, checkpoint: Checkpoint, at: int) -> bool:
        """Say whether a key made the proof."""
        return any(proof == _proof_of_checkpoint(key, checkpoint, at) for key in self._keys)

    def proves_beginning(self, proof: str, beginning: Beginning, decided_before: int, at: int) -> bool:
        """Say whether a key made the proof."""
        return any(proof == _proof_of_beginning(key, beginning, decided_before, at) for key in self._keys)

    def _keys_of(self, seal: Seal) -> Sequence[bytes]:
        if not seal.key:
            return self._keys
        named = self._named.get(seal.key)
        return () if named is None else (named,)


def _derived(secret_key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kundportal history seals")
    return derived.derive(secret_key.encode())


def _name(key: bytes) -> str:
    """Name a key, to tell it from others, and say nothing else about it."""
    return _of(key, "name")[:16]


def _digest(key: bytes, row: Mapping[Any, Any], form: int) -> str:
    later = {name: row[name] for name in FORMS[NEWEST_FORM] if name not in FORMS[form]}
    touched = [later] if any(later[name] != BEGAN[name] for name in later) else []
    return _of(key, "row", form, *(row[name] for name in FORMS[form]), *touched)


def _chain(key: bytes, seal: Seal, before: str) -> str:
    return _of(key, "seal", before, seal.number, seal.history_id, seal.after_id, seal.form, seal.digest)


def _proof_of_head(key: bytes, head: Head) -> str:
    return _of(key, "head", head.number, head.chain, head.history_id, head.highest_id, head.settled_id)


def _proof_of_checkpoint(key: bytes, checkpoint: Checkpoint, at: int) -> str:
    return _of(key, "checkpoint", checkpoint.number, checkpoint.chain, checkpoint.highest_id, at)


def _proof_of_beginning(key: bytes, beginning: Beginning, decided_before: int, at: int) -> str:
    return _of(key, "purge", beginning.number, beginning.chain, beginning.history_id, decided_before, at)


def _of(key: bytes, *parts: object) -> str:
    # JSON keeps apart what concatenation would run together.
    return hmac.digest(key, json.dumps(parts, separators=(",", ":")).encode(), "sha256").hex()
