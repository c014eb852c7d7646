"""The use cases of signing in on the web: ask for a mail, and begin a session by its link or by its code."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.identity.sign_ins import NewSignIn, NewWebSession, WebSession, code_hash
from core.identity.tokens import token_hash
from core.ports.cases import NewId, Now
from core.ports.sign_ins import SignIns
from core.register.organisations import Person
from core.shared.vocabulary import SessionId, SignInId

NewSecret = Callable[[], str]


@dataclass(frozen=True)
class SignInLetter:
    """What a mail to sign in by holds. Its secrets are shown by nothing but the mail."""

    id: SignInId
    to: Person
    link: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class AskedSignIn:
    """What came of asking: the secret of the browser that asked, and the mail to send; None to nobody's address."""

    browser: str = field(repr=False)
    letter: SignInLetter | None


@dataclass(frozen=True)
class BegunSession:
    """A session, and the secret that its browser holds."""

    session: WebSession
    token: str = field(repr=False)


@dataclass(frozen=True)
class SignInSecrets:
    """Makes what nobody can guess: `token` of 256 bits, `code` of a few digits; `code_key` keeps codes from thieves."""

    token: NewSecret
    code: NewSecret
    code_key: bytes = field(repr=False)


@dataclass(frozen=True)
class SigningIn:
    """Says to nobody whether an address is somebody's: for any there is a browser's secret and a code to try."""

    sign_ins: SignIns
    secrets: SignInSecrets
    now: Now
    new_id: NewId

    async def ask(self, email: str) -> AskedSignIn:
        """Keep a mail that was asked for, to an address."""
        id_, code = SignInId(self.new_id("I")), self.secrets.code()
        link, browser = self.secrets.token(), self.secrets.token()
        hashed = code_hash(self.secrets.code_key, browser, code)
        asked = NewSignIn(id_, token_hash(link), hashed, token_hash(browser), self.now())
        person = await self.sign_ins.ask(asked, email)
        return AskedSignIn(browser, None if person is None else SignInLetter(id_, person, link, code))

    async def holder(self, link: str) -> Person:
        """Return whom a link signs in, changing nothing. Raises SignInOver."""
        return await self.sign_ins.holder(token_hash(link), self.now())

    async def by_link(self, link: str, browser_name: str) -> BegunSession:
        """Begin a session by a link, in whatever browser it is pressed. Raises SignInOver."""
        token, session = self._new(browser_name)
        return BegunSession(await self.sign_ins.by_link(token_hash(link), session), token)

    async def by_code(self, browser: str, code: str, browser_name: str) -> BegunSession:
        """Begin a session by a code, in the browser that asked. Raises WrongCode, SignInOver."""
        token, session = self._new(browser_name)
        hashed = code_hash(self.secrets.code_key, browser, code)
        return BegunSession(await self.sign_ins.by_code(token_hash(browser), hashed, session), token)

    def _new(self, browser_name: str) -> tuple[str, NewWebSession]:
        token = self.secrets.token()
        return token, NewWebSession(SessionId(self.new_id("S")), token_hash(token), browser_name, self.now())
