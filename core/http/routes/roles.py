"""The routes that keep who may do what, where and when: role assignments and substitutions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.http.access import AsOperator, KeyRoute, operator_key
from core.http.bodies.field_types import Id
from core.http.bodies.role_bodies import (
    EndBody,
    EndSubstitutionBody,
    GrantBody,
    RolePage,
    RoleView,
    SubstitutionBody,
    SubstitutionPage,
    SubstitutionView,
    role_view,
    substitution_view,
)
from core.http.ports import EntriesPort, RegisterPort
from core.http.problems import documented
from core.http.statuses import NoSuchEntry, OperatorOnly
from core.ports.register_entries import Outcome, RegisterReads
from core.register.entries import RoleChange
from core.shared.errors import RegisterError
from core.shared.vocabulary import OrganisationId, PersonId
from core.shared.working_days import beginning_of

routes = APIRouter(route_class=KeyRoute, prefix="/register", tags=["Register"], dependencies=[Depends(operator_key)])

READ = documented(OperatorOnly)
WRITE = documented(OperatorOnly, RegisterError)
UPSERT = WRITE | {201: {"description": "Added."}}
WRITE_WITHIN = documented(OperatorOnly, RegisterError, NoSuchEntry)
Number = Annotated[int, Path(description="Its number.", ge=1, le=2**53, examples=[1])]


class NumberedQuery(BaseModel):
    """Whose, where, and which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: Id | None = Field(default=None, description="Those of the person with this id.")
    organisation: Id | None = Field(default=None, description="Those in the organisation with this id.")
    cursor: int = Field(default=0, description="`next` of the page before.", ge=0, le=2**53)
    limit: int = Field(default=50, description="How many entries a page holds.", ge=1, le=100)


Wanted = Annotated[NumberedQuery, Query()]


@routes.get("/roles", summary="List role assignments", responses=READ)
async def list_roles(register: RegisterPort, wanted: Wanted) -> RolePage:
    """Lists role assignments, ended ones too: who may do what, where, when and up to which amount."""
    found = await register.roles(**_page(wanted))
    items = [role_view(each) for each in found[: wanted.limit]]
    return RolePage(items=items, next=str(items[-1].id) if len(found) > len(items) else None)


@routes.post("/roles", summary="Grant a role", responses=WRITE)
async def grant_role(register: RegisterPort, entries: EntriesPort, by: AsOperator, body: GrantBody) -> RoleView:
    """Grants a role, or changes the assignment that goes on or is to come in these days: fields not given are left.

    The same role for another service is another assignment. What has begun keeps its first day.
    """
    person, organisation = PersonId(body.person), OrganisationId(body.organisation)
    id_, _ = await entries.write(by, lambda writer: writer.role(person, organisation, body.entry()))
    return await _role(register, id_)


@routes.put("/roles/{id}", summary="Change a role", responses=WRITE_WITHIN)
async def change_role(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, id: Number, body: RoleChange
) -> RoleView:
    """Changes a role assignment, also one that is to come or whose end is planned: fields not given are left alone."""
    await _role(register, id)
    await entries.write(by, lambda writer: writer.change_role(id, body))
    return await _role(register, id)


@routes.post("/roles/{id}/end", summary="End a role", responses=WRITE_WITHIN)
async def end_role(register: RegisterPort, entries: EntriesPort, by: AsOperator, id: Number, body: EndBody) -> RoleView:
    """Ends a role, now or on a day; one that is to come is called off. What waits goes to others."""
    await _role(register, id)
    ended = None if body.ended is None else beginning_of(body.ended)
    await entries.write(by, lambda writer: writer.end_role(id, ended))
    return await _role(register, id)


@routes.get("/substitutions", summary="List substitutions", responses=READ)
async def list_substitutions(register: RegisterPort, wanted: Wanted) -> SubstitutionPage:
    """Lists substitutions, those over too: who decides in whose place, and when."""
    found = await register.substitutions(**_page(wanted))
    items = [substitution_view(each) for each in found[: wanted.limit]]
    return SubstitutionPage(items=items, next=str(items[-1].id) if len(found) > len(items) else None)


@routes.post("/substitutions", summary="Set a substitute", responses=UPSERT)
async def set_substitute(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, body: SubstitutionBody, response: Response
) -> SubstitutionView:
    """Lets somebody decide in an absent person's place (201), or changes the last day of that (200).

    It is found again by its people, role and first day. A substitute has the absent person's authority, limits too,
    and decides in the own name; nobody substitutes for a substitute.
    """
    organisation, people = OrganisationId(body.organisation), (PersonId(body.absent), PersonId(body.substitute))
    id_, outcome = await entries.write(by, lambda writer: writer.substitution(organisation, *people, body))
    if outcome is Outcome.ADDED:
        response.status_code = 201
    return await _substitution(register, id_)


@routes.post("/substitutions/{id}/end", summary="End a substitution", responses=WRITE_WITHIN)
async def end_substitution(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, id: Number, body: EndSubstitutionBody
) -> SubstitutionView:
    """Ends a substitution, now or after a day; one that is to come is called off."""
    await _substitution(register, id)
    await entries.write(by, lambda writer: writer.end_substitution(id, body.to))
    return await _substitution(register, id)


def _page(wanted: NumberedQuery) -> dict[str, Any]:
    return {
        "person": None if wanted.person is None else PersonId(wanted.person),
        "organisation": None if wanted.organisation is None else OrganisationId(wanted.organisation),
        "after": wanted.cursor,
        "limit": wanted.limit + 1,
    }


async def _role(register: RegisterReads, id_: int | None) -> RoleView:
    found = None if id_ is None else await register.role(id_)
    if found is None:
        raise NoSuchEntry
    return role_view(found)


async def _substitution(register: RegisterReads, id_: int) -> SubstitutionView:
    found = await register.substitution(id_)
    if found is None:
        raise NoSuchEntry
    return substitution_view(found)
