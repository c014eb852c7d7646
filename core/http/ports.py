"""What routes are given: each names, among its arguments, the ports that it uses."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from core.audit.records import RefusalRecord, refusal_of, refusal_of_order
from core.identity.accounts import Asking
from core.ports.api_keys import ApiKeys
from core.ports.case_lists import CaseLists
from core.ports.cases import Now
from core.ports.documents import Papers
from core.ports.holdings import HoldingReads
from core.ports.identity import Accounts
from core.ports.reads import Queries
from core.ports.register_entries import RegisterEntries, RegisterReads
from core.register.organisations import Organisation
from core.shared.errors import OrderError
from core.shared.vocabulary import OrganisationId, Part, Role
from core.use_cases.applications import Applications
from core.use_cases.orders import Orders
from core.workflow.commands import ActOnCase, PlaceOrder

# Starts work that no answer waits for.
Beside = Callable[[Coroutine[Any, Any, None]], object]
# The organisations where somebody has roles at this moment, and which.
RolesNow = Callable[[Asking], Awaitable[Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]]]


@dataclass(frozen=True)
class ApiPorts:
    """What the composition root joins the API to. No route has it: the functions below hand out one port each."""

    orders: Orders
    applications: Applications
    queries: Queries
    lists: CaseLists
    register: RegisterReads
    entries: RegisterEntries
    holdings: HoldingReads
    accounts: Accounts
    keys: ApiKeys
    papers: Papers
    changed: Callable[[], None]
    refused: Callable[[RefusalRecord], object]
    beside: Beside
    now: Now


@dataclass(frozen=True)
class FollowUp:
    """What follows a call, beside its answer: people are told of what changed, and history of what was refused."""

    changed: Callable[[], None]
    refused: Callable[[RefusalRecord], object]
    now: Now

    def refused_order(self, command: PlaceOrder, error: OrderError) -> None:
        """Note that an order was not taken."""
        self.refused(refusal_of_order(command, error, self.now()))

    def refused_action(self, command: ActOnCase, error: OrderError) -> None:
        """Note that an orderer was refused something: no key does what only others may."""
        self.refused(refusal_of(command, error, self.now(), Part.ORDERER))


async def ports_of(request: Request) -> ApiPorts:
    """Return what the application was joined to."""
    return request.app.state.ports


Joined = Annotated[ApiPorts, Depends(ports_of)]


def given(pick: Callable[[ApiPorts], object]) -> Any:  # Any: FastAPI's own
    """Return a dependency that is one port."""

    # A plain function would be run in a thread of its own.
    async def port(ports: Joined) -> object:
        return pick(ports)

    return Depends(port)


async def _follow_up(request: Request, ports: Joined) -> FollowUp:
    """A refusal that is noted here has a line of its own, and the request says so."""

    def note(refused: RefusalRecord) -> None:
        ports.refused(refused)
        request.state.is_noted = True

    return FollowUp(ports.changed, note, ports.now)


async def _roles_now(ports: Joined) -> RolesNow:
    return lambda who: ports.queries.roles_of(who, ports.now())


OrdersPort = Annotated[Orders, given(lambda ports: ports.orders)]
ApplicationsPort = Annotated[Applications, given(lambda ports: ports.applications)]
QueriesPort = Annotated[Queries, given(lambda ports: ports.queries)]
CaseListsPort = Annotated[CaseLists, given(lambda ports: ports.lists)]
RegisterPort = Annotated[RegisterReads, given(lambda ports: ports.register)]
EntriesPort = Annotated[RegisterEntries, given(lambda ports: ports.entries)]
HoldingsPort = Annotated[HoldingReads, given(lambda ports: ports.holdings)]
AccountsPort = Annotated[Accounts, given(lambda ports: ports.accounts)]
PapersPort = Annotated[Papers, given(lambda ports: ports.papers)]
ClockPort = Annotated[Now, given(lambda ports: ports.now)]
FollowUpPort = Annotated[FollowUp, Depends(_follow_up)]
RolesPort = Annotated[RolesNow, Depends(_roles_now)]
