"""Accounts elsewhere that stand for people: how history names one, and the commands that unlink or allow them. Pure."""

from dataclasses import dataclass
from hashlib import sha256

from core.shared.vocabulary import (
    Assurance,
    LinkState,
    OrganisationId,
    PersonId,
    Surface,
    Undone,
)


@dataclass(frozen=True)
class Identity:
    """An account elsewhere that stands for a person here: `issuer` "slack:T0123", `subject` "U0123".

    Only identities that the person has confirmed count (architecture: section 8).
    """

    issuer: str
    subject: str


@dataclass(frozen=True)
class Asking:
    """A person who asks or acts; `within` is the only organisation whose roles are used, None where all are.

    That is the organisation of an API key, or the one whose Slack alone says whose an account is. `beside` are those of
    which the person is reminded elsewhere: lists of what waits leave them out.
    """

    person: PersonId
    within: OrganisationId | None = None
    beside: frozenset[OrganisationId] = frozenset()

    def may_use(self, organisation: OrganisationId) -> bool:
        """Say whether a role in an organisation is used."""
        return self.within in {None, organisation} and organisation not in self.beside


By = Identity | Asking


@dataclass(frozen=True)
class LinkedSlack:
    """A Slack in which an account stands for somebody. `gets` is True of the one where messages are sent now."""

    id: str
    name: str
    gets: bool
    is_chosen: bool = False
    is_reached: bool = True


# Why a card at such an account was given up, as the operator reads it.
UNLINKED = "unlinked"


@dataclass(frozen=True)
class Undoing:
    """Who says that accounts stand for a person no longer, and why.

    `by` is None for nobody whom we know: the operator at a terminal, whoever holds the account, Slack. `organisation`
    is the one for which an administrator acts, `key` the operator's, over HTTP. `assurance` is how sure we are of who
    it is, None where the surface says that by itself.
    """

    why: Undone
    surface: Surface
    by: PersonId | None = None
    organisation: OrganisationId | None = None
    key: str | None = None
    assurance: Assurance | None = None

    @property
    def leaves(self) -> LinkState:
        """The state that the accounts' links are left in: where only Slack has said so, the holder may confirm them
        anew.
        """
        return LinkState.UNDONE if self.why is Undone.CHANGED else LinkState.BARRED


@dataclass(frozen=True)
class Allowing:
    """Who lets accounts that were unlinked be confirmed again: the person, by mail; None for the operator."""

    surface: Surface
    by: PersonId | None = None


@dataclass(frozen=True)
class LettingIn:
    """An administrator's yes to a guest's account, for an organisation."""

    account: Identity
    surface: Surface
    by: PersonId
    organisation: OrganisationId
    assurance: Assurance | None = None


def account_name(account: Identity) -> str:
    """Return an account in one word, `issuer/subject`, as `cards.about` keeps it."""
    return f"{account.issuer}/{account.subject}"


def account_named(name: str) -> Identity:
    """Return the account that `account_name` gave this name."""
    issuer, _, subject = name.partition("/")
    return Identity(issuer, subject)


def account_hash(account: Identity, salt: str) -> str:
    """Hash an account for history: it proves whose it was for as long as the salt is stored beside the link."""
    return sha256(f"{salt}\0{account_name(account)}".encode()).hexdigest()
