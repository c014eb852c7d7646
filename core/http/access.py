"""Who is asking: a bearer key, and the person or the operator it stands for."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.http.ports import ApiPorts, RolesPort, ports_of
from core.http.refusals import OperatorOnly, PersonOnly, Unauthorized
from core.ports.api_keys import KeyHolder
from core.ports.case_lists import Scope
from core.shared.errors import NoRole
from core.shared.vocabulary import OrganisationId, OrganisationKind, Part, PersonId, Role, Side
from core.shared.working_days import day_of
from core.workflow.case import Case

# Which roles let a person read an organisation's orders, per side. Contacts and signatories have nothing to do with
# single orders (domain: section 7).
CUSTOMER_READERS = frozenset({Role.ORDERER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
AGENT_READERS = frozenset({Role.AGENT_HANDLER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
INERA_READERS = frozenset({Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD})


@dataclass(frozen=True)
class PersonKey:
    """A person, in the one organisation that the key is for."""

    person: PersonId
    organisation: OrganisationId


bearer = HTTPBearer(
    auto_error=False,
    description="A key made with `kundportal api-key`: `kp_`, ten characters that name it, and a secret. It belongs to "
    "one person in one organisation, or to Inera's operator. No key approves or attests: deciding is for people.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


class KeyRoute(APIRoute):
    """A route that looks at the key before a byte of the body is read, which FastAPI reads and parses before all else.

    Raises Unauthorized, KeyExpired, PersonInactive.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI."""
        handle = super().get_route_handler()

        async def with_key(request: Request) -> Response:
            request.state.held = await _opened(await ports_of(request), await bearer(request))
            return await handle(request)

        return with_key


async def _opened(ports: ApiPorts, credentials: HTTPAuthorizationCredentials | None) -> KeyHolder:
    at = ports.now()
    held = None if credentials is None else await ports.keys.holder(credentials.credentials, at)
    if held is None:
        raise Unauthorized
    if held.used_on != day_of(at):
        ports.beside(ports.keys.note_use(held, at))
    return held


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


async def sight(roles_now: RolesPort, held: AnyKey) -> Sight:
    """What the key may see now, by the roles of this moment. Raises NoRole when it is nothing."""
    if held.person is None or held.organisation is None:
        return Sight(None, frozenset({Side.INERA}))
    organisations = await roles_now(held.person)
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
