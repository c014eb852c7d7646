"""Who is asking: a bearer key, and the person or the operator it stands for."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.http.ports import ApiPorts, RolesPort, ports_of
from core.http.statuses import OperatorOnly, PersonOnly, Unauthorized
from core.identity.accounts import Asking
from core.ports.api_keys import KeyHolder
from core.ports.case_lists import Scope
from core.shared.errors import NoRole
from core.shared.vocabulary import OrganisationId, Part, PersonId, Side
from core.shared.working_days import day_of
from core.views.readers import ApplicationReader, OrderReader, reads_for_inera, sides_read


@dataclass(frozen=True)
class PersonKey:
    """A person, in the one organisation that the key is for."""

    person: PersonId
    organisation: OrganisationId

    @property
    def asking(self) -> Asking:
        """The person as whoever acts by the key: with the roles in its organisation alone."""
        return Asking(self.person, self.organisation)


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


async def order_reader(roles_now: RolesPort, held: AnyKey) -> OrderReader:
    """Return which orders the key may see now, by the roles of this moment. Raises NoRole when it is none."""
    if held.person is None or held.organisation is None:
        return OrderReader(None, frozenset({Side.INERA}))
    organisations = await roles_now(Asking(held.person, held.organisation))
    if held.organisation not in organisations:
        raise NoRole(part=Part.ORDERER, organisation=held.organisation)
    organisation, roles = organisations[held.organisation]
    sides = sides_read(organisation.kinds, roles)
    if not sides:
        raise NoRole(part=Part.ORDERER, organisation=held.organisation)
    return OrderReader(held.organisation, sides)


async def application_reader(roles_now: RolesPort, held: AnyKey) -> ApplicationReader:
    """Return which applications the key may see now."""
    if held.person is None or held.organisation is None:
        return ApplicationReader(None, is_inera=True)
    own = (await roles_now(Asking(held.person, held.organisation))).get(held.organisation)
    return ApplicationReader(held.person, is_inera=own is not None and reads_for_inera(own[0].kinds, own[1]))


SeesOrders = Annotated[OrderReader, Depends(order_reader)]
SeesApplications = Annotated[ApplicationReader, Depends(application_reader)]


def scope_of(reader: OrderReader) -> Scope:
    """Return whose orders a reader's list holds."""
    if Side.INERA in reader.sides:
        return Scope()
    return Scope(
        reader.organisation if Side.CUSTOMER in reader.sides else None,
        reader.organisation if Side.AGENT in reader.sides else None,
    )
