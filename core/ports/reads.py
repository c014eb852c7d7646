"""What screens, cards and lists read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.catalogue.connections import EarlierConnection
from core.catalogue.offers import OfferTerms, Routine
from core.catalogue.units import Unit
from core.identity.accounts import Asking, By
from core.register.organisations import Organisation, Person
from core.shared.vocabulary import (
    CaseId,
    Language,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Side,
)
from core.views.case_view import CaseView, WholeView
from core.views.holdings import Connected
from core.views.readers import CaseReader
from core.views.recipients import AddressedView, Recipient


@dataclass(frozen=True)
class OfferChoice:
    """An offer as somebody choosing it needs it. `service` and `offer` by language; prices valid today or later."""

    terms: OfferTerms
    service: Mapping[Language, str]
    offer: Mapping[Language, str]
    terms_url: str
    routines: Sequence[Routine] = ()


@dataclass(frozen=True)
class Waiting:
    """A case in a list, and the part the reader plays in it; `absent` is whom the reader substitutes for there."""

    case: CaseId
    part: Part
    absent: PersonId | None = None


class Queries(Protocol):
    """What screens, cards and lists read."""

    async def views(self, cases: Sequence[CaseId], reader: CaseReader) -> Mapping[CaseId, CaseView]:
        """Return cases as a reader may know them, in the order asked for, in a constant number of statements.

        Those that are unknown, or not the reader's to see, are left out. They say nothing of what may be done.
        """
        ...

    async def listed(self, rows: Sequence[Waiting]) -> Sequence[CaseView]:
        """Return the case of each row of a list, as the part played in it may know it; nothing of what may be done."""
        ...

    async def whole(self, case: CaseId, side: Side) -> WholeView | None:
        """Return a case with everything that was done to it, as a side may know it; None for an unknown one."""
        ...

    async def addressed(self, recipients: Sequence[Recipient], at: datetime) -> Mapping[Recipient, AddressedView]:
        """Return the cases of cards for whom the cards are to, in as many statements as for one card.

        Unknown ones are left out.
        """
        ...

    async def person_of(self, account: By) -> Person | None:
        """The active person behind a confirmed account, or who asks."""
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
        self, who: Asking, at: datetime
    ) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        """The person's organisations and the roles valid there now."""
        ...

    async def waiting_for(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        """Return the cases that stand in the person's list of what waits, in its order (`CaseList.WAITING`)."""
        ...

    async def blocked_for(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        """Cases that nobody can decide in organisations that the person administers, longest waiting first."""
        ...

    async def for_reserves(self, who: Asking, at: datetime, limit: int) -> Sequence[Waiting]:
        """Cases that wait for others, which the person may attest as reserve attestant, longest waiting first."""
        ...

    # What forms, menus and searches read of an organisation: each raises NoRole for whoever has no role there by which
    # its orders are read.

    async def has_service(self, by: By, customer: OrganisationId, offer: OfferId, at: datetime) -> bool:
        """Say whether the customer has the offer's service, for whichever unit."""
        ...

    async def connected(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        at: datetime,
        *,
        confirmed: bool,
    ) -> Connected:
        """Return what a customer may end of an offer, through an agent or none: of what is confirmed to be connected,
        or of what is not. Raises FormError.
        """
        ...

    async def refused_units(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        units: Sequence[Unit],
        at: datetime,
    ) -> Sequence[Unit]:
        """Of some units, those that an order would be refused for: they have the offer already, in the same way."""
        ...

    async def earlier_connections(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        units: Sequence[Unit],
        at: datetime,
    ) -> Sequence[EarlierConnection]:
        """Return what some units have of an offer's service in other ways than through this agent, or none."""
        ...

    async def invoice_reference(self, by: By, customer: OrganisationId, service: str, at: datetime) -> str:
        """What the customer wants invoices of a service marked with; empty where nothing is said."""
        ...

    async def offers_for(
        self, by: By, customer: OrganisationId, search: str, at: datetime, limit: int
    ) -> Sequence[OfferChoice]:
        """Active offers that the customer's category may order, by name; `search` matches either language's names."""
        ...

    async def agents_for(
        self, by: By, offer: OfferId, customer: OrganisationId, at: datetime, search: str, limit: int
    ) -> Sequence[tuple[OrganisationId, str]]:
        """Agents that can take an order of an offer, by name, the customer itself left out: with agreement, assignment
        for the service and, where they decide, people who do.
        """
        ...
