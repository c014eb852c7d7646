"""Secrets that open something: how one is stored. Pure."""

from hashlib import sha256


def token_hash(token: str) -> str:
    """Hash a secret for storing.

    A slow hash protects words that people choose from being guessed. These secrets are 256 random bits, which nobody
    guesses, so plain SHA-256 is enough, and a request costs no hundred milliseconds of hashing.
    """
    return sha256(token.encode()).hexdigest()
