"""What the core asks of the world around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.accounts import Allowing, Undoing
from core.application import DrawnUp
from core.application_form import ApplicationForm
from core.commands import Apply, EndSubstitution, Identity, PlaceOrder, Revision, SetSubstitute
from core.dossier import Dossier
from core.events import CaseAdvanced, Change, NewCard, Owed
from core.holdings import HeldDocument
from core.lines import Refused
from core.missing_price import MissingPrice
from core.not_ready import NotReady
from core.order import Case, Grant, Unit
from core.past import Past
from core.personal_links import PersonalLink
from core.proofs import Occasion
from core.register import OfferTerms, Organisation, Person
from core.situation import Situation
from core.substitutions import Around, Asker, Substitution, SubstitutionChanged
from core.unattended import Unattended
from core.words import CardId, CaseId, Language, LinkId, OfferId, OrganisationId, Part, PersonId, Purpose, Role

NewId = Callable[[str], str]
Now = Callable[[], datetime]


@dataclass(frozen=True)
class Look:
    """Which case, seen by whom, at what time, from which card. `by` None is the clock.

    `named` is whom the person names in an answer: of the many who may hold a role, this one is read. `proof` is the
    secret that the decision carries. `is_applicant` is whoever holds the link to an application, and `form` what that
    person would make of it.
    """

    case: CaseId
    by: Identity | PersonId | None
    at: datetime
    card: CardId | None = None
    named: PersonId | None = None
    proof: str = ""
    is_applicant: bool = False
    form: ApplicationForm | None = None


class Announcer(Protocol):
    """Says which cards an event owes; called inside the transaction, so it is pure."""

    def announce(self, event: CaseAdvanced, now: Situation, new_id: NewId) -> Owed:
        """The cards to make and the kinds to repaint. `now` is the situation with the case as it became."""
        ...

    def not_ready(self, lacking: NotReady, administrators: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """The cards about what keeps an organisation from ordering; without administrators, customer service's."""
        ...

    def unattended(self, leads: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """The cards about a case that nobody at customer service may touch; without a lead, customer service's."""
        ...

    def price_missing(self, leads: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """The cards about a price that is missing; without a lead of customer service, its channel's."""
        ...


# What an approved application is signed by: its document, drawn up.
DrawUp = Callable[[Case], DrawnUp]
Decide = Callable[[Situation], Change]
DecideWithTerms = Callable[[Situation, OfferTerms], Change]


class Store(Protocol):
    """Where cases live. What a decision raises is passed on, with nothing saved.

    `begin` says as of when something is read and how that is decided on, which is pure. It is called whenever a case is
    about to be read: whoever waits for a turn, or loses a race, may have lost a role meanwhile.
    """

    async def look(self, look: Look) -> Situation:
        """The case and the looker's authority in one read. Raises CaseNotFound, NotLinked, PersonInactive."""
        ...

    async def act(self, begin: Callable[[], tuple[Look, Decide]], link: LinkId | None = None) -> Change:
        """Read, decide, write guarded by the revision read, once more if it was lost; then TryAgain.

        With a personal link, that is used up in the same transaction. Raises LinkUnknown, LinkUsed, LinkExpired.
        """
        ...

    async def place(self, wish: PlaceOrder, begin: Callable[[], tuple[datetime, DecideWithTerms]]) -> tuple[Case, bool]:
        """Make a case once per (person, key): the case, and whether it is new. Raises KeyReused.

        What is decided on is a draft-to-be: a situation whose case is the empty draft of the wish.
        """
        ...

    async def revise(
        self,
        case: CaseId,
        revision: Revision,
        begin: Callable[[], tuple[Look, DecideWithTerms]],
        link: LinkId | None = None,
    ) -> Change:
        """As `act`, for an answer that changes the order: what is read of agent and units is the revision's.

        It is decided on with the terms of the order's offer as they are now, active or not.
        """
        ...

    async def tell(self, lacking: NotReady, announce: Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]) -> None:
        """Write the cards that are announced to the organisation's administrators, to whoever has none about it."""
        ...

    async def serving(self, at: datetime) -> tuple[PersonId, ...]:
        """The active people who hold a role at Inera's customer service, those who have had it longest first."""
        ...

    async def alert(self, found: Unattended, announce: Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]) -> None:
        """Write the cards that are announced to customer service's leads, to whoever has none about it."""
        ...

    async def tell_leads(
        self, missing: MissingPrice, announce: Callable[[tuple[PersonId, ...]], tuple[NewCard, ...]]
    ) -> bool:
        """Write the cards that are announced to customer service's leads; False when it has been told of before."""
        ...

    async def apply(self, wish: Apply, begin: Callable[[], tuple[datetime, Decide]]) -> tuple[Case, bool]:
        """As `place`, for an application. Raises KeyReused."""
        ...

    async def enrol(self, begin: Callable[[], tuple[Look, Decide]], link: LinkId | None = None) -> Change:
        """As `act`, for an application: with what the decision makes of organisations, people and agreements.

        A link is one to sign by.
        """
        ...

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """Cases that a row of the clock is due for, by their deadline or their review, the longest overdue first."""
        ...


@dataclass(frozen=True)
class Identified:
    """Who identified, as the method knows the person (never a personnummer), in which attempt."""

    attempt: str
    subject: str


class EidMethod(Protocol):
    """A method of e-identification. `name` stands in history; accounts of the method have the issuer `eid:<name>`."""

    @property
    def name(self) -> str:
        """In small letters, and never changed."""
        ...

    async def begin(self, attempt: str) -> str:
        """The address to send the person to. The method gives `attempt` back with its answer, to nobody else."""
        ...

    async def complete(self, answer: Mapping[str, str]) -> Identified:
        """Who identified, from what the person came back with, held against the method. Raises NotIdentified."""
        ...


class Proofs(Protocol):
    """Where attempts to identify and the proofs that come of them live; secrets are stored as digests."""

    async def begin(self, attempt: str, occasion: Occasion, *, method: str, at: datetime, until: datetime) -> None:
        """Keep an attempt until it is too late for it."""
        ...

    async def complete(self, attempt: str, account: Identity, token: str, *, at: datetime, until: datetime) -> Occasion:
        """Make the attempt of the account's person a proof, once, and say what it is for.

        Raises AttemptGone, IdentityNotLinked, IdentifiedAsAnother.
        """
        ...


@dataclass(frozen=True)
class Colleague:
    """Somebody with roles in an organisation."""

    person: PersonId
    name: str
    roles: frozenset[Role]


class Documents(Protocol):
    """Where the texts of documents live, from when an application is approved."""

    async def text(self, hash_: str) -> str:
        """The text behind a hash. Raises DocumentChanged when it is no longer there, or no longer the same."""
        ...


class Papers(Protocol):
    """Draws documents, in Swedish, with the signatures below them; the core keeps their text alone."""

    def page(self, document: HeldDocument) -> str:
        """As a page in HTML that needs nothing else."""
        ...

    async def pdf(self, document: HeldDocument) -> bytes:
        """As a PDF."""
        ...


class PersonalLinks(Protocol):
    """Where personal links live. They are used up by what they are for, in its transaction: see `Store.act`."""

    async def make(self, link: PersonalLink) -> str:
        """Keep a link, unless one with its id is there, and say its token; the same id gives the same token."""
        ...

    async def open(self, token: str, purpose: Purpose, at: datetime) -> PersonalLink:
        """The link behind a token, for a look: nothing changes. Raises LinkUnknown, LinkUsed, LinkExpired."""
        ...

    def seal_card(self, card: CardId) -> str:
        """A token for a card without a case. Nothing is kept of it: it is good for as long as the card is there."""
        ...

    def card_sealed_in(self, token: str) -> CardId:
        """The card that such a token was made for. Raises LinkUnknown."""
        ...


class Witness(Protocol):
    """Writes down what the press itself does not: called beside the answer, which waits for nothing of it."""

    async def refused(self, refused: Refused) -> None:
        """A line of history about somebody who was told no; nothing for an account or a case that there is not.

        Of many by one person on one case within a minute, a few.
        """
        ...


class Accounts(Protocol):
    """Where it is kept which Slack accounts stand for whom."""

    async def undo(self, person: PersonId, undoing: Undoing, account: Identity | None = None) -> Sequence[Identity]:
        """End the links of a person's confirmed accounts, or of that one alone, and tell those concerned.

        Which accounts they were; nothing for what is not confirmed, and then nobody is told.
        """
        ...

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """The accounts of a person that were unlinked, and that nobody may confirm again yet."""
        ...

    async def allow(self, person: PersonId, allowing: Allowing, account: Identity | None = None) -> Sequence[Identity]:
        """Let whoever holds them confirm a person's unlinked accounts again, or that one alone; which they were."""
        ...

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """Slack said at an instant that an account is still what was confirmed; None: it must be looked at anew."""
        ...


class Substitutes(Protocol):
    """Where substitutions live. What `decide` raises is passed on, with nothing saved.

    Every method raises NotLinked and PersonInactive. Those that write ask `now` once they wait for nobody any more, and
    also write what cases must be looked at anew.
    """

    async def set(
        self, wish: SetSubstitute, now: Now, decide: Callable[[Asker, Substitution, Around, datetime], None]
    ) -> SubstitutionChanged:
        """Add the substitution of a wish, or change the last day of one with the same people, role and first day."""
        ...

    async def end(
        self, wish: EndSubstitution, now: Now, decide: Callable[[Asker, Substitution], None]
    ) -> SubstitutionChanged:
        """End a substitution at once; one that is over stays as it is. Raises NoSubstitution."""
        ...

    async def of_person(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """Those not over where the person is absent or substitute, the next to begin first."""
        ...

    async def administered_by(self, by: Identity | PersonId, at: datetime) -> Sequence[Substitution]:
        """Those not over in every organisation of which the person is an administrator."""
        ...

    async def colleagues(
        self,
        by: Identity | PersonId,
        organisation: OrganisationId,
        roles: frozenset[Role],
        search: str,
        at: datetime,
        limit: int,
    ) -> Sequence[Colleague]:
        """Active people with one of these roles in an organisation where the person has a role too, by name."""
        ...


@dataclass(frozen=True)
class OfferChoice:
    """An offer as somebody choosing it needs it. `service` and `offer` by language; prices valid today or later."""

    terms: OfferTerms
    service: Mapping[Language, str]
    offer: Mapping[Language, str]
    terms_url: str


@dataclass(frozen=True)
class Waiting:
    """A case in a list, and the part the reader plays in it; `absent` is whom the reader substitutes for there."""

    case: CaseId
    part: Part
    absent: PersonId | None = None


class Queries(Protocol):
    """What screens, cards and lists read. Lists are keyset-paged; `after` is the last id of the page before."""

    async def dossiers(self, cases: Sequence[CaseId]) -> Mapping[CaseId, Dossier]:
        """Cases with every name around them; unknown ids are left out. A constant number of statements."""
        ...

    async def past(self, case: CaseId) -> Past:
        """Everything that was done to a case, the earliest first; nothing for an unknown one."""
        ...

    async def person_of(self, identity: Identity) -> Person | None:
        """The active person behind a confirmed account."""
        ...

    async def person_by_email(self, email: str) -> Person | None:
        """The active person with an e-mail address, whatever its letters' size."""
        ...

    async def names(
        self, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
    ) -> tuple[Mapping[PersonId, str], Mapping[OrganisationId, str]]:
        """Names for refusals and lists."""
        ...

    async def service_name(self, service: str) -> Mapping[Language, str] | None:
        """A service's name by language; None for an unknown id."""
        ...

    async def roles_of(
        self, person: PersonId, at: datetime
    ) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        """The person's organisations and the roles valid there now."""
        ...

    async def waiting_for(self, person: PersonId, at: datetime, after: CaseId | None, limit: int) -> Sequence[Waiting]:
        """Cases the person may decide or take now, longest waiting first: own orders and others' choices left out."""
        ...

    async def grants_of(self, people: Sequence[PersonId], at: datetime) -> Mapping[PersonId, Sequence[Grant]]:
        """The rights that people have now, own and as substitutes; whoever has left is left out."""
        ...

    async def ordered_by(self, person: PersonId, at: datetime, after: CaseId | None, limit: int) -> Sequence[CaseId]:
        """Cases the person has ordered, newest first, of customers where the person has a part in orders now."""
        ...

    async def blocked_for(self, person: PersonId, at: datetime, limit: int) -> Sequence[Waiting]:
        """Cases that nobody can decide in organisations that the person administers, longest waiting first."""
        ...

    async def for_reserves(self, person: PersonId, at: datetime, limit: int) -> Sequence[Waiting]:
        """Cases that wait for others, which the person may attest as reserve attestant, longest waiting first."""
        ...

    async def has_service(self, customer: OrganisationId, offer: OfferId) -> bool:
        """True when the customer has had the offer's service connected."""
        ...

    async def refused_units(
        self, customer: OrganisationId, offer: OfferId, agent: OrganisationId | None, units: Sequence[Unit]
    ) -> Sequence[Unit]:
        """Of some units, those that an order would be refused for: they have the service already, in the same way."""
        ...

    async def invoice_reference(self, customer: OrganisationId, service: str) -> str:
        """What the customer wants invoices of a service marked with; empty where nothing is said."""
        ...

    async def offers_for(self, customer: OrganisationId, search: str, limit: int) -> Sequence[OfferChoice]:
        """Active offers that the customer's category may order, by name; `search` matches either language's names."""
        ...

    async def agents_for(
        self, offer: OfferId, customer: OrganisationId, at: datetime, search: str, limit: int
    ) -> Sequence[tuple[OrganisationId, str]]:
        """Agents with agreement and assignment for the offer's service, the customer itself left out, by name."""
        ...
