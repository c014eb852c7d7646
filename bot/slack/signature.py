"""Whether a request really comes from Slack: signature and age, judged on the raw bytes before anything is parsed."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

VERSION = "v0"
# Slack's own window for how old a request may be; a clock that runs ahead is no better than one that lags.
MAX_AGE_SECONDS = 300


@dataclass(frozen=True)
class SlackSignature:
    """Slack's signing secret, and a clock in seconds since 1970."""

    secret: str
    now: Callable[[], float]

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """True for a request that Slack signed within the last five minutes; header names in small letters."""
        stamp = headers.get("x-slack-request-timestamp", "")
        given = headers.get("x-slack-signature", "")
        if not (_is_number(stamp) and given.isascii() and self._is_fresh(int(stamp))):
            return False
        return hmac.compare_digest(sign(self.secret, stamp, body), given)

    def _is_fresh(self, stamp: int) -> bool:
        return abs(self.now() - stamp) <= MAX_AGE_SECONDS


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature Slack puts on a body at a time."""
    signed = f"{VERSION}:{stamp}:".encode() + body
    return f"{VERSION}=" + hmac.digest(secret.encode(), signed, "sha256").hex()


def _is_number(stamp: str) -> bool:
    # int() also reads "١٢٣", "1_000" and " 5 ", which Slack never sends.
    return stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12
