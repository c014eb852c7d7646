"""The ports to accounts, proofs of e-identification and personal links."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from core.identity.accounts import Allowing, Identity, Undoing
from core.identity.personal_links import PersonalLink
from core.identity.proofs import Occasion
from core.ports.cases import Now
from core.ports.register import AccountTransaction
from core.shared.vocabulary import (
    CardId,
    PersonId,
    Purpose,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Identified:
    """Who identified, as the method knows the person (never a personnummer), in which attempt."""

    attempt: str
    subject: str


class EidMethod(Protocol):
    """A method of e-identification. `name` stands in history; accounts of the method have the issuer `eid:<name>`."""

    @property
    def name(self) -> str:
        """The method's name, in small letters, and never changed."""
        ...

    async def begin(self, attempt: str) -> str:
        """Return the address to send the person to. The method gives `attempt` back with its answer, to nobody else."""
        ...

    async def complete(self, answer: Mapping[str, str]) -> Identified:
        """Check what the person came back with against the method, and return who identified. Raise NotIdentified."""
        ...


class Proofs(Protocol):
    """Where attempts to identify and the proofs that come of them live; secrets are stored as digests."""

    async def begin(self, attempt: str, occasion: Occasion, *, method: str, at: datetime, until: datetime) -> None:
        """Keep an attempt until it is too late for it."""
        ...

    async def complete(self, attempt: str, account: Identity, token: str, *, at: datetime, until: datetime) -> Occasion:
        """Make the attempt of the account's person a proof, once, and say what it is for.

        Raise AttemptGone, IdentityNotLinked, IdentifiedAsAnother.
        """
        ...


class PersonalLinks(Protocol):
    """Where personal links live. They are used up by what they are for, in its transaction: see `Store.act`."""

    async def make(self, link: PersonalLink) -> str:
        """Keep a link, unless one with its id is there, and say its token; the same id gives the same token."""
        ...

    async def open(self, token: str, purpose: Purpose, at: datetime) -> PersonalLink:
        """Return the link behind a token, changing nothing. Raise LinkUnknown, LinkUsed, LinkExpired."""
        ...

    def seal_card(self, card: CardId) -> str:
        """Make a token for a card without a case. It is not stored, and good for as long as the card is there."""
        ...

    def card_sealed_in(self, token: str) -> CardId:
        """Return the card that such a token was made for. Raise LinkUnknown."""
        ...


class Accounts(Protocol):
    """Where it is kept which Slack accounts stand for whom."""

    async def undo(self, person: PersonId, undoing: Undoing, account: Identity | None = None) -> Sequence[Identity]:
        """End the links of a person's confirmed accounts, or of that one alone, and tell those concerned.

        Which accounts they were; nothing for what is not confirmed, and then nobody is told.
        """
        ...

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """Return the accounts of a person that were unlinked, and that nobody may confirm again yet."""
        ...

    async def allow(self, person: PersonId, allowing: Allowing, account: Identity | None = None) -> Sequence[Identity]:
        """Let whoever holds them confirm a person's unlinked accounts again, or that one alone; which they were."""
        ...

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """Note when Slack last said that an account is still what was confirmed; None: it must be looked at anew."""
        ...


class AccountRepository(Protocol):
    """Where it is stored which Slack accounts stand for whom."""

    async def transact(self, use_case: Callable[[AccountTransaction], Awaitable[T]]) -> T:
        """Run a use case that unlinks accounts. It waits for nothing but its unit of work."""
        ...

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """See Accounts."""
        ...

    async def allow(
        self, person: PersonId, allowing: Allowing, now: Now, account: Identity | None
    ) -> Sequence[Identity]:
        """See Accounts. `now` is asked once nobody else holds the accounts."""
        ...

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """See Accounts."""
        ...
