"""The ports to signing in on the web, and to the sessions that come of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.identity.sign_ins import NewSignIn, NewWebSession, WebSession
from core.register.organisations import Person
from core.shared.vocabulary import PersonId, SessionId


class SignIns(Protocol):
    """Where mails to sign in by are kept, by hashes alone. Its link and its code open one session, together."""

    async def ask(self, sign_in: NewSignIn, email: str) -> Person | None:
        """Keep one that was asked for, whosever the address is; the active person it is of, None for nobody's."""
        ...

    async def holder(self, link_hash: str, at: datetime) -> Person:
        """Return whom a link signs in, changing nothing. Raise SignInOver."""
        ...

    async def by_link(self, link_hash: str, session: NewWebSession) -> WebSession:
        """Begin a session by a link, which is used up by it. Raise SignInOver."""
        ...

    async def by_code(self, browser_hash: str, code_hash: str, session: NewWebSession) -> WebSession:
        """Begin a session by a code in the browser that asked, which is used up by it.

        Raise WrongCode, which counts, or SignInOver.
        """
        ...


class Sessions(Protocol):
    """Where sessions are kept. One whose person has left is none."""

    async def find(self, token_hash: str, at: datetime) -> WebSession | None:
        """Return the session that a browser holds, and note its use; None for one that is over or was ended."""
        ...

    async def of(self, person: PersonId, at: datetime) -> Sequence[WebSession]:
        """Return a person's sessions, the one used last first."""
        ...

    async def end(self, person: PersonId, session: SessionId | None = None) -> int:
        """End a session of a person at once, or all of them, and say how many that was."""
        ...
