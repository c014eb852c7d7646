"""The routes that keep the register: organisations, people, roles, agreements, and what may be ordered."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.http.access import AsOperator, KeyRoute, operator_key
from core.http.bodies.field_types import Id
from core.http.bodies.register_bodies import (
    AgreementList,
    AgreementView,
    AssignmentList,
    AssignmentView,
    ChannelList,
    OfferBody,
    OfferEntryView,
    OfferList,
    OrganisationEntryBody,
    OrganisationPage,
    OrganisationView,
    PersonPage,
    PersonView,
    PricesBody,
    ServiceList,
    ServiceView,
    UnlinkedView,
    agreement_view,
    assignment_view,
    channel_view,
    offer_entry_view,
    organisation_view,
    person_view,
    service_view,
)
from core.http.ports import AccountsPort, EntriesPort, FollowUpPort, RegisterPort
from core.http.problems import documented
from core.http.statuses import NoSuchEntry, NoSuchRoute, OperatorOnly
from core.identity.accounts import Undoing, account_name
from core.ports.register_entries import OrganisationLine, Outcome, RegisterReads, RegisterWriter
from core.register.entries import ChannelEntry, Holding, PersonEntry, ServiceEntry, Text
from core.shared.errors import RegisterError
from core.shared.vocabulary import AgreementType, OfferId, OrganisationId, PersonId, Role, Surface, Undone
from core.shared.working_days import day_of

routes = APIRouter(route_class=KeyRoute, prefix="/register", tags=["Register"], dependencies=[Depends(operator_key)])

ALWAYS = (OperatorOnly,)
READ = documented(*ALWAYS)
READ_ONE = documented(*ALWAYS, NoSuchEntry)
WRITE = documented(*ALWAYS, RegisterError)
UPSERT = WRITE | {201: {"description": "Added."}}
WRITE_WITHIN = documented(*ALWAYS, RegisterError, NoSuchEntry)
# Where no entry is looked for, an address with a line break in it is still none of ours.
WRITE_AT = documented(*ALWAYS, RegisterError, NoSuchRoute)

ID = r"^[A-Za-z0-9-]{1,40}$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
OrganisationPath = Annotated[str, Path(description="The organisation's id.", pattern=ID, examples=["O23456789BC"])]
PersonPath = Annotated[str, Path(description="The person's id.", pattern=ID, examples=["P23456789BC"])]
ServicePath = Annotated[str, Path(description="The service's code.", pattern=CODE, examples=["npo"])]
OfferPath = Annotated[str, Path(description="The offer's code.", pattern=CODE, examples=["npo-agent"])]


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Id | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, description="How many entries a page holds.", ge=1, le=100)


class OrganisationQuery(PageQuery):
    """Which organisations."""

    search: Text | None = Field(default=None, description="Beginnings of words in the name, or the number.")


class PersonQuery(PageQuery):
    """Which people."""

    organisation: Id | None = Field(
        default=None, description="Those who hold, or have held, a role in the organisation with this id."
    )


# --- organisations


@routes.get("/organisations", summary="List organisations", responses=READ)
async def list_organisations(register: RegisterPort, wanted: Annotated[OrganisationQuery, Query()]) -> OrganisationPage:
    """Lists organisations by name."""
    after = None if wanted.cursor is None else OrganisationId(wanted.cursor)
    found = await register.organisations(wanted.search or "", after, wanted.limit + 1)
    items = [organisation_view(each) for each in found[: wanted.limit]]
    return OrganisationPage(items=items, next=items[-1].id if len(found) > len(items) else None)


@routes.post(
    "/organisations", summary="Add or change an organisation", responses=WRITE | {201: {"description": "Added."}}
)
async def put_organisation(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, body: OrganisationEntryBody, response: Response
) -> OrganisationView:
    """Adds an organisation (201), or changes the one with the same number (200): fields not given are left alone."""
    id_, outcome = await entries.write(by, partial(_put_organisation, body=body))
    _answer(response, outcome)
    return organisation_view(await _organisation(register, id_))


@routes.get("/organisations/{organisation}", summary="Read an organisation", responses=READ_ONE)
async def read_organisation(register: RegisterPort, organisation: OrganisationPath) -> OrganisationView:
    """Reads an organisation."""
    return organisation_view(await _organisation(register, organisation))


@routes.get("/organisations/{organisation}/agreements", summary="List agreements", responses=READ_ONE)
async def list_agreements(register: RegisterPort, organisation: OrganisationPath) -> AgreementList:
    """Lists the agreements of an organisation."""
    known = await _known(register, organisation)
    lines = await register.agreements(known)
    return AgreementList(items=[agreement_view(line) for line in lines])


@routes.put("/organisations/{organisation}/agreements/{type}", summary="Write an agreement", responses=WRITE_WITHIN)
async def put_agreement(
    register: RegisterPort,
    entries: EntriesPort,
    by: AsOperator,
    organisation: OrganisationPath,
    type: Annotated[AgreementType, Path(description="Which agreement.")],
    body: Holding,
) -> AgreementView:
    """Adds an agreement, or changes when it holds. It is ended by saying when, and never removed.

    One that has ended stays as it was: the next one is another, from a day of its own.
    """
    known = await _known(register, organisation)
    await entries.write(by, lambda writer: writer.agreement(known, type, body))
    lines = await register.agreements(known)
    return agreement_view(next(line for line in lines if line.type is type and day_of(line.since) == body.from_))


@routes.get("/organisations/{organisation}/agent-assignments", summary="List assignments", responses=READ_ONE)
async def list_assignments(register: RegisterPort, organisation: OrganisationPath) -> AssignmentList:
    """Lists the services that an agent conveys (agentuppdrag)."""
    known = await _known(register, organisation)
    lines = await register.agent_assignments(known)
    return AssignmentList(items=[assignment_view(line) for line in lines])


@routes.put(
    "/organisations/{organisation}/agent-assignments/{service}", summary="Write an assignment", responses=WRITE_WITHIN
)
async def put_assignment(
    register: RegisterPort,
    entries: EntriesPort,
    by: AsOperator,
    organisation: OrganisationPath,
    service: ServicePath,
    body: Holding,
) -> AssignmentView:
    """Adds an agent's assignment for a service, or changes when it holds. It is ended by saying when."""
    known = await _known(register, organisation)
    await _service(register, service)
    await entries.write(by, lambda writer: writer.agent_assignment(known, service, body))
    lines = await register.agent_assignments(known)
    return assignment_view(next(line for line in lines if line.service == service))


@routes.get("/organisations/{organisation}/channels", summary="List channels for decisions", responses=READ_ONE)
async def list_channels(register: RegisterPort, organisation: OrganisationPath) -> ChannelList:
    """Lists the channels in which an organisation asks those who have a role; by others each is asked alone."""
    known = await _known(register, organisation)
    return ChannelList(items=[channel_view(each) for each in await register.channels(known)])


@routes.put(
    "/organisations/{organisation}/channels/{role}", summary="Write a channel for decisions", responses=WRITE_WITHIN
)
async def put_channel(
    register: RegisterPort,
    entries: EntriesPort,
    by: AsOperator,
    organisation: OrganisationPath,
    role: Annotated[Role, Path(description="Which role: one by which somebody decides.")],
    body: ChannelEntry,
) -> ChannelList:
    """Says where those who have a role are asked, and answers with all of the organisation's channels.

    The channel is in the organisation's own Slack. What waits already stays where it was asked.
    """
    known = await _known(register, organisation)
    await entries.write(by, lambda writer: writer.channel(known, role, body))
    return ChannelList(items=[channel_view(each) for each in await register.channels(known)])


# --- people


@routes.get("/persons", summary="List people", responses=READ)
async def list_persons(register: RegisterPort, wanted: Annotated[PersonQuery, Query()]) -> PersonPage:
    """Lists people by name, those who have left too."""
    organisation = None if wanted.organisation is None else OrganisationId(wanted.organisation)
    after = None if wanted.cursor is None else PersonId(wanted.cursor)
    found = await register.persons(organisation, after, wanted.limit + 1)
    items = [person_view(each) for each in found[: wanted.limit]]
    return PersonPage(items=items, next=items[-1].id if len(found) > len(items) else None)


@routes.post("/persons", summary="Add or change a person", responses=UPSERT)
async def put_person(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, body: PersonEntry, response: Response
) -> PersonView:
    """Adds a person (201), or changes the one with the same e-mail address (200): fields not given are left alone."""
    id_, outcome = await entries.write(by, lambda writer: writer.person(body))
    _answer(response, outcome)
    return await _person(register, id_)


@routes.get("/persons/{person}", summary="Read a person", responses=READ_ONE)
async def read_person(register: RegisterPort, person: PersonPath) -> PersonView:
    """Reads a person."""
    return await _person(register, PersonId(person))


@routes.post("/persons/{person}/unlink", summary="Unlink a person's Slack accounts", responses=READ_ONE)
async def unlink_person(
    register: RegisterPort, accounts: AccountsPort, follow_up: FollowUpPort, by: AsOperator, person: PersonPath
) -> UnlinkedView:
    """Ends what links a person to Slack accounts: whatever is pressed from them is refused from then on.

    The person and the administrators of the person's organisations are told. Nobody links the accounts again before the
    person allows it, on the page that the mail about it leads to, or you do: `kundportal relink`. The same call again
    answers with no account.
    """
    found = await _person(register, PersonId(person))
    undoing = Undoing(Undone.OPERATOR, Surface.API, key=by)
    unlinked = await accounts.undo(PersonId(found.id), undoing)
    if unlinked:
        follow_up.changed()
    return UnlinkedView(accounts=[account_name(account) for account in unlinked])


# --- services, offers and prices


@routes.get("/services", summary="List services", responses=READ)
async def list_services(register: RegisterPort) -> ServiceList:
    """Lists every service."""
    return ServiceList(items=[service_view(line) for line in await register.services()])


@routes.put("/services/{code}", summary="Add or change a service", responses=WRITE_AT)
async def put_service(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, code: ServicePath, body: ServiceEntry
) -> ServiceView:
    """Adds a service, or changes it: fields not given are left alone."""
    await entries.write(by, lambda writer: writer.service(code, body))
    return await _service(register, code)


@routes.get("/offers", summary="List every offer", responses=READ)
async def list_offers(register: RegisterPort) -> OfferList:
    """Lists every offer, those taken out of the form too."""
    return OfferList(items=[offer_entry_view(line) for line in await register.offers()])


@routes.get("/offers/{code}", summary="Read an offer", responses=READ_ONE)
async def read_offer(register: RegisterPort, code: OfferPath) -> OfferEntryView:
    """Reads an offer with its prices."""
    return await _offer(register, code)


@routes.put("/offers/{code}", summary="Add or change an offer", responses=WRITE_AT)
async def put_offer(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, code: OfferPath, body: OfferBody
) -> OfferEntryView:
    """Adds an offer, or changes it: fields not given are left alone. Orders on their way go on as they were placed."""
    await entries.write(by, lambda writer: writer.offer(code, body.service, body))
    return await _offer(register, code)


@routes.put("/offers/{code}/prices", summary="Add or change prices", responses=WRITE_WITHIN)
async def put_prices(
    register: RegisterPort, entries: EntriesPort, by: AsOperator, code: OfferPath, body: PricesBody
) -> OfferEntryView:
    """Adds prices, or changes those with the same payer, kind, unit and first day. Placed orders keep their costs."""
    await _offer(register, code)
    prices = [each.price() for each in body.prices]
    await entries.write(by, lambda writer: writer.prices(OfferId(code), prices))
    return await _offer(register, code)


def _answer(response: Response, outcome: Outcome) -> None:
    if outcome is Outcome.ADDED:
        response.status_code = 201


def _put_organisation(writer: RegisterWriter, body: OrganisationEntryBody) -> tuple[OrganisationId, Outcome]:
    id_, outcome = writer.organisation(body)
    if "tiers" in body.model_fields_set:
        writer.tiers(id_, [each.tier() for each in body.tiers])
    return id_, outcome


async def _organisation(register: RegisterReads, id_: str) -> OrganisationLine:
    found = await register.organisation(OrganisationId(id_))
    if found is None:
        raise NoSuchEntry
    return found


async def _known(register: RegisterReads, id_: str) -> OrganisationId:
    return (await _organisation(register, id_)).organisation.id


async def _person(register: RegisterReads, id_: PersonId) -> PersonView:
    found = await register.person(id_)
    if found is None:
        raise NoSuchEntry
    return person_view(found)


async def _service(register: RegisterReads, code: str) -> ServiceView:
    found = next((line for line in await register.services() if line.code == code), None)
    if found is None:
        raise NoSuchEntry
    return service_view(found)


async def _offer(register: RegisterReads, code: str) -> OfferEntryView:
    found = await register.offers(OfferId(code))
    if not found:
        raise NoSuchEntry
    return offer_entry_view(found[0])
