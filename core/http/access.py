"""Who is asking: a bearer key, and the person or the operator it stands for."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.audit.records import RefusalRecord
from core.http.refusals import OperatorOnly, PersonOnly, Unauthorized
from core.ports.cases import NewId, Now
from core.ports.documents import Papers
from core.ports.identity import Accounts
from core.shared.errors import NoRole
from core.shared.vocabulary import OrganisationId, OrganisationKind, Part, PersonId, Role, Side
from core.shared.working_days import day_of
from core.storage.identity.keys import KeyHolder, Keys
from core.storage.reads.case_lists import Scope
from core.storage.reads.queries import SqlQueries
from core.storage.register.registry import Register
from core.use_cases.applications import Applications
from core.use_cases.orders import Orders
from core.workflow.case import Case

# Which roles let a person read an organisation's orders, per side. Contacts and signatories have nothing to do with
# single orders (domain: section 7).
CUSTOMER_READERS = frozenset({Role.ORDERER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
AGENT_READERS = frozenset({Role.AGENT_HANDLER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
INERA_READERS = frozenset({Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD})


# Starts work that no answer waits for.
Beside = Callable[[Coroutine[Any, Any, None]], object]


@dataclass(frozen=True)
class ApiDependencies:
    """Everything the routes stand on."""

    orders: Orders
    applications: Applications
    queries: SqlQueries
    register: Register
    accounts: Accounts
    keys: Keys
    now: Now
    new_id: NewId
    papers: Papers
    changed: Callable[[], None]
    refused: Callable[[RefusalRecord], object]
    beside: Beside


@dataclass(frozen=True)
class PersonKey:
    """A person, in the one organisation that the key is for."""

    person: PersonId
    organisation: OrganisationId


def world(request: Request) -> ApiDependencies:
    """What the application was made with. A refusal that it notes is told of, and the request says so."""
    made: ApiDependencies = request.app.state.world

    def note(refused: RefusalRecord) -> None:
        made.refused(refused)
        request.state.is_noted = True

    return replace(made, refused=note)


bearer = HTTPBearer(
    auto_error=False,
    description="A key made with `kundportal api-key`: `kp_`, ten characters that name it, and a secret. It belongs to "
    "one person in one organisation, or to Inera's operator. No key approves or attests: deciding is for people.",
)
InWorld = Annotated[ApiDependencies, Depends(world)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


class KeyRoute(APIRoute):
    """A route that looks at the key before a byte of the body is read, which FastAPI reads and parses before all else.

    Raises Unauthorized, KeyExpired, PersonInactive.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI."""
        handle = super().get_route_handler()

        async def with_key(request: Request) -> Response:
            request.state.held = await _opened(world(request), await bearer(request))
            return await handle(request)

        return with_key


async def _opened(stage: ApiDependencies, credentials: HTTPAuthorizationCredentials | None) -> KeyHolder:
    found = None if credentials is None else await stage.keys.holder(credentials.credentials, stage.now())
    if found is None:
        raise Unauthorized
    if found.used_on != day_of(stage.now()):
        stage.beside(stage.keys.note_use(found, stage.now()))
    return found


async def holder(request: Request, _: Bearer) -> KeyHolder:
    """Whom the key stands for; its route has looked."""
    return request.state.held


AnyKey = Annotated[KeyHolder, Depends(holder)]


async def person_key(held: AnyKey) -> PersonKey:
    """The person and the organisation of the key. Raises PersonOnly for the operator's."""
    if held.person is None or held.organisation is None:
        raise PersonOnly
    return PersonKey(held.person, held.organisation)


async def operator_key(held: AnyKey) -> str:
    """The id of an operator's key. Raises OperatorOnly for a person's."""
    if held.person is not None:
        raise OperatorOnly
    return held.key


AsPerson = Annotated[PersonKey, Depends(person_key)]
AsOperator = Annotated[str, Depends(operator_key)]


@dataclass(frozen=True)
class Sight:
    """What a key may see: all orders (Inera), or an organisation's on the sides where the person has a role."""

    organisation: OrganisationId | None
    sides: frozenset[Side]

    def side_of(self, case: Case) -> Side | None:
        """The side from which a case is seen; None when it is not."""
        if Side.INERA in self.sides:
            return Side.INERA
        if Side.CUSTOMER in self.sides and case.customer == self.organisation:
            return Side.CUSTOMER
        return Side.AGENT if Side.AGENT in self.sides and case.agent == self.organisation else None

    def scope(self) -> Scope:
        """The same for lists."""
        if Side.INERA in self.sides:
            return Scope()
        return Scope(
            self.organisation if Side.CUSTOMER in self.sides else None,
            self.organisation if Side.AGENT in self.sides else None,
        )


async def sight(stage: InWorld, held: AnyKey) -> Sight:
    """What the key may see now, by the roles of this moment. Raises NoRole when it is nothing."""
    if held.person is None or held.organisation is None:
        return Sight(None, frozenset({Side.INERA}))
    organisations = await stage.queries.roles_of(held.person, stage.now())
    if held.organisation not in organisations:
        raise NoRole(part=Part.ORDERER, organisation=held.organisation)
    organisation, roles = organisations[held.organisation]
    sides = _sides(organisation.kinds, roles)
    if not sides:
        raise NoRole(part=Part.ORDERER, organisation=held.organisation)
    return Sight(held.organisation, sides)


Sees = Annotated[Sight, Depends(sight)]


def _sides(kinds: frozenset[OrganisationKind], roles: frozenset[Role]) -> frozenset[Side]:
    readers = {
        (OrganisationKind.CUSTOMER, Side.CUSTOMER): CUSTOMER_READERS,
        # What an agent orders is its own assignments, where it is the organisation that orders.
        (OrganisationKind.AGENT, Side.CUSTOMER): CUSTOMER_READERS,
        (OrganisationKind.AGENT, Side.AGENT): AGENT_READERS,
        (OrganisationKind.INERA, Side.INERA): INERA_READERS,
    }
    return frozenset(side for (kind, side), needed in readers.items() if kind in kinds and needed & roles)
