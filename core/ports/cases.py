"""Where cases live, and who says which cards an event owes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.applications.application import DrawnUp
from core.applications.form import ApplicationForm
from core.catalogue.offers import OfferTerms
from core.identity.accounts import Identity
from core.shared.vocabulary import CardId, CaseId, LinkId, PersonId
from core.workflow.alarms import MissingPrice, NotReady, Unattended
from core.workflow.case import Case
from core.workflow.commands import Apply, PlaceOrder, Revision
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced, Change, NewCard, Outbox

NewId = Callable[[str], str]
Now = Callable[[], datetime]


@dataclass(frozen=True)
class CaseQuery:
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

    def announce(self, event: CaseAdvanced, now: DecisionContext, new_id: NewId) -> Outbox:
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
Decide = Callable[[DecisionContext], Change]
DecideWithTerms = Callable[[DecisionContext, OfferTerms], Change]


class CaseRepository(Protocol):
    """Where cases live. What a decision raises is passed on, with nothing saved.

    `begin` says as of when something is read and how that is decided on, which is pure. It is called whenever a case is
    about to be read: whoever waits for a turn, or loses a race, may have lost a role meanwhile.
    """

    async def look(self, look: CaseQuery) -> DecisionContext:
        """The case and the looker's authority in one read. Raises CaseNotFound, NotLinked, PersonInactive."""
        ...

    async def act(self, begin: Callable[[], tuple[CaseQuery, Decide]], link: LinkId | None = None) -> Change:
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
        begin: Callable[[], tuple[CaseQuery, DecideWithTerms]],
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

    async def enrol(self, begin: Callable[[], tuple[CaseQuery, Decide]], link: LinkId | None = None) -> Change:
        """As `act`, for an application: with what the decision makes of organisations, people and agreements.

        A link is one to sign by.
        """
        ...

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """Cases that a row of the clock is due for, by their deadline or their review, the longest overdue first."""
        ...
