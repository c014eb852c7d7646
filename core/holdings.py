"""What an organisation has: services connected and ordered, agreements, and for an agent what it conveys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.words import AgreementType, CaseId, Language, OfferId, OrganisationId

Words = Mapping[Language, str]


class Stands(StrEnum):
    """How far an organisation has come with a service."""

    CONNECTED = "connected"  # an order of it has been carried out
    ORDERED = "ordered"  # an order of it is on its way


@dataclass(frozen=True)
class HeldService:
    """An offer of a service that an organisation has, or has ordered, through one agent or none.

    `since` is when the first such order was carried out, or was placed; `case` is the only order on its way.
    """

    service: str
    service_name: Words
    offer: OfferId
    offer_name: Words
    stands: Stands
    since: datetime
    units: int
    orders: int
    agent: OrganisationId | None = None
    agent_name: str | None = None
    case: CaseId | None = None


@dataclass(frozen=True)
class HeldAgreement:
    """An agreement; `since` None until it is signed. `version` and `hash` are of the document, where there is one."""

    type: AgreementType
    since: datetime | None
    ended: datetime | None
    version: str | None = None
    hash: str | None = None
    signed: int = 0


@dataclass(frozen=True)
class Conveyed:
    """A service that an agent conveys (agentuppdrag)."""

    service: str
    service_name: Words
    since: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Holdings:
    """Everything an organisation has. `services` empty for a reader who has nothing to do with orders."""

    services: tuple[HeldService, ...] = ()
    agreements: tuple[HeldAgreement, ...] = ()
    conveys: tuple[Conveyed, ...] = ()
