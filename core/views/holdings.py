"""What an organisation has: services connected and ordered, agreements, and for an agent what it conveys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.catalogue.units import Unit
from core.shared.vocabulary import AgreementType, CaseId, Language, OfferId, OrganisationId, Role

Words = Mapping[Language, str]
# Who reads the document of an agreement (domain: 2.1, 2.5); it names people and says where invoices go.
DOCUMENT_READERS = frozenset(
    {Role.ADMINISTRATOR, Role.AGREEMENT_CONTACT, Role.SIGNATORY, Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD}
)


class Stands(StrEnum):
    """How far an organisation has come with a service."""

    INSTRUCTIONS_SENT = "instructions_sent"  # an order has been carried out, and nobody has confirmed that it is there
    AGENT_INFORMED = "agent_informed"  # the same through an agent, which may begin
    CONNECTED = "connected"  # somebody who knows has confirmed it
    ORDERED = "ordered"  # an order of it is on its way
    ENDING = "ending"  # its end is on its way


@dataclass(frozen=True)
class HeldService:
    """An offer of a service that an organisation has, or has ordered or asked to end, through one agent or none.

    `since` is when the first such order was confirmed, else carried out, or placed; `case` is the only one on its way.
    `last_day` is the day after which it is over, where that is confirmed; `may_end` where an end may be asked for of
    some of it. `unit_names` are in the order of the alphabet.
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
    last_day: date | None = None
    may_end: bool = False
    unit_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Connected:
    """What an organisation may end of one offer, through one agent or none: what it is called, and for which units."""

    service: Words
    offer: Words
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class HeldAgreement:
    """An agreement; `since` None until it is signed. `version` and `hash` are of the document, where there is one."""

    type: AgreementType
    since: datetime | None
    ended: datetime | None
    version: str | None = None
    hash: str | None = None
    signed: int = 0

    def holds(self, at: datetime) -> bool:
        """True while it is in force."""
        return self.since is not None and self.since <= at and (self.ended is None or at < self.ended)


def in_force(agreements: Iterable[HeldAgreement], of: AgreementType, at: datetime) -> HeldAgreement | None:
    """Of agreements with the latest first, the one of a type that is in force, else the latest; None: there is none."""
    mine = [each for each in agreements if each.type is of]
    return next((each for each in mine if each.holds(at)), next(iter(mine), None))


@dataclass(frozen=True)
class Signature:
    """A signature below a document: whose, when and how."""

    name: str
    at: datetime
    method: str


@dataclass(frozen=True)
class HeldDocument:
    """The document that an agreement is, as it was drawn up, and the signatures below it, the first one first.

    `since` None until it is signed; `hash` is the SHA-256 of `text` in UTF-8.
    """

    organisation: OrganisationId
    organisation_name: str
    type: AgreementType
    case: CaseId
    version: str
    hash: str
    text: str
    since: datetime | None
    ended: datetime | None
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Conveyed:
    """A service that an agent conveys (agentuppdrag)."""

    service: str
    service_name: Words
    since: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Holdings:
    """Everything an organisation has. `services` empty for a reader who has nothing to do with orders.

    `reads_documents` when the reader may also read the documents of its agreements.
    """

    services: tuple[HeldService, ...] = ()
    agreements: tuple[HeldAgreement, ...] = ()
    conveys: tuple[Conveyed, ...] = ()
    reads_documents: bool = False
