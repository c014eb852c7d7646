"""Where cases live: the unit of work that loads and saves them, and who says which cards an event owes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from core.applications.application import DrawnUp
from core.applications.attachment import BroughtFile
from core.applications.form import ApplicationForm
from core.identity.accounts import By
from core.identity.personal_links import PersonalLink
from core.shared.vocabulary import CardId, CaseId, LinkId, OrganisationId, PersonId, Purpose, Role
from core.workflow.alarms import MissingPrice, NotReady, Overdue, Unattended
from core.workflow.case import Case
from core.workflow.commands import Apply, PlaceOrder, Revision
from core.workflow.context import DecisionContext
from core.workflow.events import CaseAdvanced, Change, NewCard, Outbox

T = TypeVar("T")

Alarm = NotReady | Unattended | Overdue | MissingPrice
NewId = Callable[[str], str]
Now = Callable[[], datetime]
# What an approved application is signed by: its document, drawn up.
DrawUp = Callable[[Case], DrawnUp]


@dataclass(frozen=True)
class CaseQuery:
    """Which case, seen by whom, at what time, from which card. `by` None is the clock.

    `named` is whom the person names in an answer: of the many who may hold a role, this one is read. `proof` is the
    secret that the decision carries. `is_applicant` is whoever holds the link to an application, and `form` what that
    person would make of it. `revision` is what an answer would make of an order: what is read of agent, units and
    offer is that of the order as it would be. `ends` asks since when what an order ends is connected.
    """

    case: CaseId
    by: By | None
    at: datetime
    card: CardId | None = None
    named: PersonId | None = None
    proof: str = ""
    is_applicant: bool = False
    form: ApplicationForm | None = None
    revision: Revision | None = None
    ends: bool = False


@dataclass(frozen=True)
class Sent:
    """Who sends something in, and the case that it has made before. Where anybody may, the person is NO_PERSON."""

    person: PersonId
    case: Case | None


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

    def overdue(self, leads: tuple[PersonId, ...], holder: PersonId | None, new_id: NewId) -> tuple[NewCard, ...]:
        """The cards about a case whose time at customer service has run out; without a lead, its channel's.

        `holder` is whoever has taken it.
        """
        ...

    def price_missing(self, leads: tuple[PersonId, ...], new_id: NewId) -> tuple[NewCard, ...]:
        """The cards about a price that is missing; without a lead of customer service, its channel's."""
        ...


class UnitOfWork(Protocol):
    """Loads a case and saves what was decided about it, all in one transaction; whoever raises has saved nothing."""

    async def load(self, query: CaseQuery) -> DecisionContext:
        """Load a case and the authority of whoever looks. Raises CaseNotFound, NotLinked, PersonInactive.

        With a revision: raises FormError as well, and `terms` are the offer's as they are now, active or not.
        """
        ...

    async def save(self, change: Change) -> bool:
        """Save a case with its history, its outbox and what it makes beside itself.

        False, with nothing saved, where somebody has saved since it was loaded; TryAgain where that cannot be undone.
        """
        ...


class Transaction(UnitOfWork, Protocol):
    """A unit of work that reads and writes more than one case: it waits for turns, uses links up, makes cases."""

    async def take_turn(self, case: CaseId) -> None:
        """Wait until nobody else orders for the customer of an order, or lets an applicant in. Raises CaseNotFound."""
        ...

    async def use_up(self, link: LinkId, purpose: Purpose, at: datetime) -> PersonalLink:
        """Use a personal link up; of two at once the second waits. Raises LinkUnknown, LinkUsed, LinkExpired."""
        ...

    async def find_sent(self, command: PlaceOrder | Apply) -> Sent:
        """Wait for the turn of its key and customer, and find what it has made before.

        Raises KeyReused where its key came with something else, NotLinked, PersonInactive.
        """
        ...

    async def load_draft(self, command: PlaceOrder | Apply, person: PersonId, at: datetime) -> DecisionContext:
        """Load what is around a case that is no row yet: its case is the empty draft of the command.

        Raises FormError naming an organisation or offer that there is not.
        """
        ...

    async def is_taken(self, case: CaseId) -> bool:
        """Say whether a case has the number."""
        ...

    async def save_new(self, change: Change, command: PlaceOrder | Apply) -> None:
        """Save a new case with its history and outbox, known by the key of its command from now on."""
        ...

    async def bring_file(self, case: CaseId, brought: BroughtFile) -> None:
        """Let the file that came with an answer be its application's, or let that have none."""
        ...

    async def told_of(self, key: str) -> frozenset[PersonId | None]:
        """Wait for whoever tells of the same, and find whom cards have told of it; None is a channel."""
        ...

    async def tell(self, alarm: Alarm, cards: Sequence[NewCard]) -> None:
        """Owe cards about an alarm."""
        ...


class CaseRepository(Protocol):
    """Where cases live. A use case is run inside one transaction: again from its beginning, where it wants a wider one.

    It waits for nothing but its unit of work. What it raises is passed on, with nothing saved.
    """

    async def look(self, query: CaseQuery) -> DecisionContext:
        """Load a case without changing anything. Raises CaseNotFound, NotLinked, PersonInactive."""
        ...

    async def press(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run a use case that loads one order and saves it. It goes before all else that waits."""
        ...

    async def transact(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a use case that reads and writes more."""
        ...

    async def holders(
        self, roles: frozenset[Role], at: datetime, organisation: OrganisationId | None = None
    ) -> tuple[PersonId, ...]:
        """Find the active people who hold one of some roles, at an organisation or any, the longest first."""
        ...

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """Find cases that a row of the clock is due for, by deadline or review, the longest overdue first."""
        ...
