"""The routes for applications: send in, read, list. Deciding and signing is for people."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.http.access import INERA_READERS, AnyKey, KeyRoute
from core.http.bodies.application_bodies import (
    ApplicationBody,
    ApplicationPage,
    ApplicationRead,
    application_read,
)
from core.http.ports import ApplicationsPort, CaseListsPort, FollowUpPort, QueriesPort, RolesNow, RolesPort
from core.http.problems import documented
from core.http.protocol import CURSOR, cursor, place_of
from core.ports.api_keys import KeyHolder
from core.ports.case_lists import ApplicationFilter
from core.ports.reads import Queries
from core.shared import errors
from core.shared.ids import is_application
from core.shared.traits import application_flow
from core.shared.vocabulary import CaseId, OrganisationKind, PersonId, Side, State, Surface
from core.views.case_view import disclose
from core.views.record import CaseRecord
from core.workflow.commands import Apply

routes = APIRouter(route_class=KeyRoute, tags=["Applications"])

ApplicationNumber = Annotated[
    str, Path(description="The application's number.", pattern=r"^[A-Za-z0-9-]{1,40}$", examples=["A-7GKX2QP"])
]
OnceKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="A new random value for each application you mean to send in. The same key again gives the same "
        "application instead of another one.",
        pattern=r"^[!-~]{1,255}$",
        examples=["1f0c8a52-8b34-4c0e-9b55-0d1f6f0f8c11"],
    ),
]


class ApplicationListQuery(BaseModel):
    """The parameters of a list of applications."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = Field(default=None, description="Applications in this state alone.")
    open: bool | None = Field(
        default=None, description="true: something can still happen to them; false: they are closed."
    )
    cursor: Annotated[str, Field(pattern=CURSOR)] | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=20, description="How many applications a page holds.", ge=1, le=100)


@routes.post(
    "/applications",
    status_code=201,
    summary="Send in an application",
    responses=documented(errors.KeyReused, errors.ApplicationFormError)
    | {201: {"description": "Sent in.", "headers": {"Location": {}}}},
)
async def send_in(
    applications: ApplicationsPort,
    queries: QueriesPort,
    roles_now: RolesPort,
    follow_up: FollowUpPort,
    held: AnyKey,
    body: ApplicationBody,
    once: OnceKey,
    response: Response,
) -> ApplicationRead:
    """Sends in an application, which Inera's customer service decides. Those named in it are written to by mail.

    A person's key applies as that person; the operator's for whoever has asked for it.
    """
    # Keys of forms on the web, which are nobody's either, are other keys.
    key = once if held.person is not None else f"operator:{once}"
    flow = application_flow(body.agreement)
    case = await applications.apply(Apply(flow, body.form(), key, Surface.API, held.person))
    follow_up.changed()
    response.headers["Location"] = f"/api/v1/applications/{case.id}"
    return await _read(queries, case.id, Side.INERA if await _is_inera(roles_now, held) else Side.CUSTOMER)


@routes.get("/applications", summary="List applications", responses=documented())
async def list_(
    lists: CaseListsPort,
    queries: QueriesPort,
    roles_now: RolesPort,
    held: AnyKey,
    wanted: Annotated[ApplicationListQuery, Query()],
) -> ApplicationPage:
    """Lists applications, the newest first: all for Inera's keys, for others those that the person has sent in."""
    is_inera = await _is_inera(roles_now, held)
    which = ApplicationFilter(wanted.state, wanted.open, None if is_inera else held.person)
    found = await lists.list_applications(which, place_of(wanted.cursor), wanted.limit + 1)
    places = found[: wanted.limit]
    dossiers = await queries.records([place.case for place in places])
    side = Side.INERA if is_inera else Side.CUSTOMER
    items = [item for place in places if (item := _seen(dossiers[place.case], side)) is not None]
    return ApplicationPage(items=items, next=cursor(places[-1]) if len(found) > len(places) else None)


@routes.get("/applications/{application}", summary="Read an application", responses=documented(errors.CaseNotFound))
async def read(
    queries: QueriesPort, roles_now: RolesPort, held: AnyKey, application: ApplicationNumber
) -> ApplicationRead:
    """Reads an application. One that somebody else has sent in is not found, but by Inera."""
    is_inera = await _is_inera(roles_now, held)
    return await _read(queries, CaseId(application), Side.INERA if is_inera else Side.CUSTOMER, held.person)


async def _is_inera(roles_now: RolesNow, held: KeyHolder) -> bool:
    if held.person is None or held.organisation is None:
        return True
    found = (await roles_now(held.person)).get(held.organisation)
    return found is not None and OrganisationKind.INERA in found[0].kinds and bool(INERA_READERS & found[1])


async def _read(queries: Queries, case: CaseId, side: Side, person: PersonId | None = None) -> ApplicationRead:
    dossiers = await queries.records([case] if is_application(case) else [])
    dossier = dossiers.get(case)
    if dossier is None or (side is not Side.INERA and person is not None and dossier.case.orderer != person):
        raise errors.CaseNotFound(case=case)
    seen = _seen(dossier, side)
    if seen is None:
        raise errors.CaseNotFound(case=case)
    return seen


def _seen(dossier: CaseRecord, side: Side) -> ApplicationRead | None:
    view = disclose(dossier, side)
    return None if view.application is None else application_read(view, view.application)
