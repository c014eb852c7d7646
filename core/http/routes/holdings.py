"""What an organisation has, over HTTP: its services and agreements, for its own people, Inera and the operator."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.http.access import AnyKey, KeyRoute
from core.http.bodies.field_types import ByLanguage
from core.http.ports import ClockPort, HoldingsPort, RegisterPort, RolesPort
from core.http.problems import documented
from core.http.statuses import NoSuchEntry
from core.identity.accounts import Asking
from core.shared.errors import NoRole
from core.shared.vocabulary import AgreementType, OrganisationId, OrganisationKind, Part, PersonId, Role
from core.views.holdings import Conveyed, HeldAgreement, HeldService, Stands
from core.views.readers import AGENT_READERS, CUSTOMER_READERS, reads_for_inera

routes = APIRouter(route_class=KeyRoute, prefix="/organisations", tags=["Organisations"])

READ = documented(NoRole, NoSuchEntry)
EVERYTHING = frozenset(Role)
READERS = CUSTOMER_READERS | AGENT_READERS
OrganisationPath = Annotated[
    str, Path(description="The organisation's id.", pattern=r"^[A-Za-z0-9-]{1,40}$", examples=["O23456789BC"])
]


class HeldServiceView(BaseModel):
    """An offer of a service that the organisation has, or has ordered, directly or through one agent."""

    service: str = Field(description="The code of the service.")
    service_name: ByLanguage
    offer: str = Field(description="The code of the offer.")
    offer_name: ByLanguage
    status: Stands = Field(
        description="ordered: an order is on its way. instructions_sent: instructions have been sent (direct). "
        "agent_informed: the agent may begin (through an agent). connected: it has been confirmed to be there. "
        "ending: its end is on its way."
    )
    since: datetime = Field(
        description="When the first was confirmed, else carried out, or the first on its way was placed. In UTC."
    )
    units: int = Field(description="How many care units they are for; 0 where none are stated.", ge=0)
    unit_names: list[str] = Field(description="The names of these care units, by the alphabet.")
    orders: int = Field(description="How many orders.", ge=1)
    order: str | None = Field(description="The number of the order on its way, where there is one alone.")
    last_day: date | None = Field(description="The day after which it is no longer connected, once that is confirmed.")
    agent: str | None = Field(description="The id of the agent it goes through; null: none.")
    agent_name: str | None = Field(description="The agent's name.")


class ConveyedView(BaseModel):
    """A service that the organisation conveys as an agent (agentuppdrag)."""

    service: str = Field(description="The code of the service.")
    service_name: ByLanguage
    since: datetime = Field(description="From when, in UTC.")
    ended: datetime | None = Field(description="From when no longer, in UTC; null while it goes on.")


class HeldServices(BaseModel):
    """What an organisation has."""

    items: list[HeldServiceView] = Field(description="What it has as a customer, by name.")
    conveys: list[ConveyedView] = Field(description="What it conveys as an agent.")


class HeldAgreementView(BaseModel):
    """An agreement with Inera, and the document that it is."""

    type: AgreementType = Field(description="Which agreement.")
    since: datetime | None = Field(description="From when it holds, in UTC; null until it is signed.")
    ended: datetime | None = Field(description="From when it no longer holds, in UTC; null while it goes on.")
    document_version: str | None = Field(description="The version of its document; null where there is none here.")
    document_hash: str | None = Field(description="SHA-256 of its document.")
    signatures: int = Field(description="How many have signed that document here.", ge=0)


class HeldAgreements(BaseModel):
    """The agreements of an organisation."""

    items: list[HeldAgreementView] = Field(description="The agreements by type, the latest first, ended ones too.")


@dataclass(frozen=True)
class OrganisationReader:
    """Whoever reads an organisation by key: its own people, Inera's, and the operator."""

    held: AnyKey
    roles_now: RolesPort
    register: RegisterPort

    async def open(self, wanted: str) -> tuple[OrganisationId, frozenset[Role]]:
        """Return the organisation, and in which roles the key reads it now. Another's is one that is not there.

        Raises NoSuchEntry, and NoRole where the person has none by now.
        """
        if self.held.person is None or self.held.organisation is None:
            return await self._known(wanted), EVERYTHING
        kinds, roles = await self._own(self.held.person, self.held.organisation)
        if reads_for_inera(kinds, roles):
            return await self._known(wanted), EVERYTHING
        if self.held.organisation != wanted:
            raise NoSuchEntry
        return self.held.organisation, roles

    async def _own(
        self, person: PersonId, organisation: OrganisationId
    ) -> tuple[frozenset[OrganisationKind], frozenset[Role]]:
        held = (await self.roles_now(Asking(person, organisation))).get(organisation)
        if held is None:
            raise NoRole(part=Part.ORDERER, organisation=organisation)
        return held[0].kinds, held[1]

    async def _known(self, wanted: str) -> OrganisationId:
        line = await self.register.organisation(OrganisationId(wanted))
        if line is None:
            raise NoSuchEntry
        return line.organisation.id


Reader = Annotated[OrganisationReader, Depends()]


@routes.get("/{organisation}/services", summary="List what an organisation has", responses=READ)
async def list_services(
    reader: Reader, holdings: HoldingsPort, now: ClockPort, organisation: OrganisationPath
) -> HeldServices:
    """Lists services had and ordered. A person's key reads its own organisation; Inera's read any."""
    id_, roles = await reader.open(organisation)
    if not roles & READERS:
        raise NoRole(part=Part.ORDERER, organisation=id_)
    services, conveys = await holdings.services(id_, now()), await holdings.conveyed(id_)
    return HeldServices(items=list(map(_service, services)), conveys=list(map(_conveyed, conveys)))


@routes.get("/{organisation}/agreements", summary="List an organisation's agreements", responses=READ)
async def list_agreements(reader: Reader, holdings: HoldingsPort, organisation: OrganisationPath) -> HeldAgreements:
    """Lists agreements and their documents. A person's key reads its own organisation; Inera's read any."""
    id_, _ = await reader.open(organisation)
    return HeldAgreements(items=list(map(_agreement, await holdings.agreements(id_))))


def _service(each: HeldService) -> HeldServiceView:
    return HeldServiceView(
        service=each.service,
        service_name=dict(each.service_name),
        offer=each.offer,
        offer_name=dict(each.offer_name),
        status=each.stands,
        since=each.since,
        units=each.units,
        unit_names=list(each.unit_names),
        orders=each.orders,
        order=each.case,
        last_day=each.last_day,
        agent=each.agent,
        agent_name=each.agent_name,
    )


def _conveyed(each: Conveyed) -> ConveyedView:
    return ConveyedView(service=each.service, service_name=dict(each.service_name), since=each.since, ended=each.ended)


def _agreement(each: HeldAgreement) -> HeldAgreementView:
    return HeldAgreementView(
        type=each.type,
        since=each.since,
        ended=each.ended,
        document_version=each.version,
        document_hash=each.hash,
        signatures=each.signed,
    )
