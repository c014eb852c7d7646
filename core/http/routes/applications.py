"""The routes for applications: send in, read, list. Deciding and signing is for people."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.http.access import AnyKey, KeyRoute, SeesApplications
from core.http.bodies.application_bodies import (
    ApplicationBody,
    ApplicationPage,
    ApplicationRead,
    application_read,
)
from core.http.ports import ApplicationsPort, CaseListsPort, FollowUpPort, QueriesPort
from core.http.problems import documented
from core.http.protocol import CURSOR, IDEMPOTENCY_KEY, cursor, place_of
from core.ports.case_lists import ApplicationFilter
from core.ports.reads import Queries
from core.shared import errors
from core.shared.ids import is_application
from core.shared.traits import application_flow
from core.shared.vocabulary import CaseId, State, Surface
from core.views.readers import ApplicationReader
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
        pattern=IDEMPOTENCY_KEY,
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
    follow_up: FollowUpPort,
    held: AnyKey,
    reader: SeesApplications,
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
    return await _read(queries, case.id, reader)


@routes.get("/applications", summary="List applications", responses=documented())
async def list_(
    lists: CaseListsPort,
    queries: QueriesPort,
    reader: SeesApplications,
    wanted: Annotated[ApplicationListQuery, Query()],
) -> ApplicationPage:
    """Lists applications, the newest first: all for Inera's keys, for others those that the person has sent in."""
    which = ApplicationFilter(wanted.state, wanted.open, None if reader.is_inera else reader.person)
    found = await lists.list_applications(which, place_of(wanted.cursor), wanted.limit + 1)
    places = found[: wanted.limit]
    views = await queries.views([place.case for place in places], reader)
    items = [application_read(view, view.application) for view in views.values() if view.application is not None]
    return ApplicationPage(items=items, next=cursor(places[-1]) if len(found) > len(places) else None)


@routes.get("/applications/{application}", summary="Read an application", responses=documented(errors.CaseNotFound))
async def read(queries: QueriesPort, reader: SeesApplications, application: ApplicationNumber) -> ApplicationRead:
    """Reads an application. One that somebody else has sent in is not found, but by Inera."""
    return await _read(queries, CaseId(application), reader)


async def _read(queries: Queries, case: CaseId, reader: ApplicationReader) -> ApplicationRead:
    views = await queries.views([case] if is_application(case) else [], reader)
    view = views.get(case)
    if view is None or view.application is None:
        raise errors.CaseNotFound(case=case)
    return application_read(view, view.application)
