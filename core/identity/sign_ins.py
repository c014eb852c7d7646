"""Signing in on the web: what is mailed and for how long it is good, and until when a session lasts. Pure."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.register.organisations import Person
from core.shared.vocabulary import Assurance, SessionId, SignInId

# How long the link and the code of one mail are good, and how many codes the browser that asked may try.
SIGN_IN_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODE_DIGITS = 8
# How long a session lasts whatever is done with it, and how long one that nobody uses.
SESSION_LASTS = timedelta(hours=8)
SESSION_RESTS = timedelta(hours=2)
# A use of a session is noted when the last one that was is as old as this.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewSignIn:
    """What is kept of a mail that was asked for: hashes of what opens a session, never the secrets themselves."""

    id: SignInId
    link_hash: str
    code_hash: str
    browser_hash: str
    began_at: datetime

    @property
    def expires_at(self) -> datetime:
        """Return when its link and its code open nothing any more."""
        return self.began_at + SIGN_IN_LASTS


@dataclass(frozen=True)
class NewWebSession:
    """A session to begin: `token_hash` is of what the browser gets, `browser` is what the person knows it by."""

    id: SessionId
    token_hash: str
    browser: str
    began_at: datetime

    @property
    def expires_at(self) -> datetime:
        """Return when it ends whatever is done with it."""
        return self.began_at + SESSION_LASTS


@dataclass(frozen=True)
class WebSession:
    """A browser in which a person is signed in. `assurance` is how sure we are of who it is."""

    id: SessionId
    person: Person
    assurance: Assurance
    browser: str
    began_at: datetime
    used_at: datetime
    expires_at: datetime

    def is_over(self, at: datetime) -> bool:
        """Say whether it has lasted for as long as it may, or has rested for too long."""
        return self.expires_at <= at or self.used_at + SESSION_RESTS <= at


def code_key(secret_key: str) -> bytes:
    """Derive the key of all codes from the operator's secret."""
    return hmac.digest(secret_key.encode(), b"kundportal sign-in codes", "sha256")


def code_hash(key: bytes, browser: str, code: str) -> str:
    """Hash a code for storing, with a key that is not stored and the secret of the browser that it is for.

    A code is so short that whoever holds a plain hash of it finds it in a moment.
    """
    return hmac.new(key, f"{browser} {code}".encode(), "sha256").hexdigest()


def form_token(session_token: str) -> str:
    """Make what the forms of a session carry. Only whoever has the session's token can make it."""
    return hmac.new(session_token.encode(), b"kundportal forms", "sha256").hexdigest()
