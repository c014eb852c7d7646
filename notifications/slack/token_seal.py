"""Tokens sealed for the database: encrypted, each with the name of its key, so that keys may be changed."""

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# No ciphertext holds it: those are letters, digits, - and _.
BETWEEN = ":"


class SealBroken(Exception):
    """Sealed with a key that is not known, or changed since. It says nothing of what was sealed."""


class TokenSeal:
    """Seals with the newest key, and opens what that one or an earlier one sealed."""

    def __init__(self, secret_key: str, earlier: Sequence[str] = ()) -> None:
        keys = [_derived(secret) for secret in (secret_key, *earlier)]
        self._keys = {_name(key): Fernet(key) for key in reversed(keys)}
        self._name = _name(keys[0])

    def seal(self, token: str) -> str:
        """Return what may be stored of a token."""
        return self._name + BETWEEN + self._keys[self._name].encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the token. Raise SealBroken."""
        name, _, text = sealed.rpartition(BETWEEN)
        # What was sealed before keys had names may be any key's.
        keys = [self._keys[name]] if name in self._keys else [] if name else list(self._keys.values())
        for key in keys:
            try:
                return key.decrypt(text.encode()).decode()
            except InvalidToken:
                continue
        raise SealBroken

    def is_newest(self, sealed: str) -> bool:
        """Say whether something was sealed with the newest key."""
        return sealed.startswith(self._name + BETWEEN)


def _derived(secret_key: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kundportal workspace tokens")
    return base64.urlsafe_b64encode(kdf.derive(secret_key.encode()))


def _name(key: bytes) -> str:
    """Name a key by what tells keys apart and says nothing else."""
    return hmac.digest(key, b"the name of this key", "sha256").hex()[:12]
