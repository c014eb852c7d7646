"""What entries of the register look like to the operator."""

from datetime import datetime

from pydantic import BaseModel, Field

from core.catalogue.prices import Price
from core.http.bodies.field_types import ORE, Id
from core.http.bodies.offer_bodies import PriceView, RoutineView, price_view, routine_views
from core.ports.register_entries import AgreementLine, AssignmentLine, OfferLine, OrganisationLine, ServiceLine
from core.register.entries import (
    CLEAN,
    MOST_ATTESTS,
    MOST_TIERS,
    Attests,
    Day,
    Entry,
    OfferEntry,
    Ore,
    OrganisationEntry,
    Words,
)
from core.register.organisations import (
    EARLIEST_REMINDER_HOUR,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    Person,
    Tier,
)
from core.register.role_channels import Notified, RoleChannel
from core.shared.vocabulary import (
    AgentField,
    AgreementType,
    CustomerCategory,
    Flow,
    Language,
    OrganisationKind,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
    Role,
)


class TierBody(Entry):
    """From an amount on, how many people attest, and in whose order."""

    from_ore: Ore = Field(description=f"The amount: the start-up cost and a year of the recurring one. {ORE}")
    attests: Attests = Field(default=1, description="How many people attest.")
    sequence: list[Id] = Field(
        default=[],
        max_length=MOST_ATTESTS,
        description="The ids of attestants who attest one after the other; empty where any attestants do.",
    )

    def tier(self) -> Tier:
        """The tier as the core knows it."""
        return Tier(self.from_ore, self.attests, tuple(map(PersonId, self.sequence)))


class OrganisationEntryBody(OrganisationEntry):
    """An organisation, and what it declares about its decisions."""

    tiers: list[TierBody] = Field(
        default=[], max_length=MOST_TIERS, description="How many must attest from which amount on; replaced as a whole."
    )


class OfferBody(OfferEntry):
    """An offer of a service."""

    service: str = Field(
        max_length=64,
        description="The code of the service.",
        examples=["npo"],
        json_schema_extra={"pattern": f"^{CLEAN}$"},
    )


class PriceBody(Entry):
    """A price; found again by payer, kind, unit and first day. Periods of the same price must not overlap."""

    payer: Payer = Field(description="Who pays.")
    kind: PriceKind = Field(description="Once, or each period.")
    unit: PriceUnit = Field(description="What the amount is multiplied by.")
    amount_ore: Ore = Field(description=ORE, examples=[150_000])
    period: Period = Field(default=Period.YEAR, description="How often a recurring price is charged.")
    from_: Day = Field(alias="from", description="The first day it holds, YYYY-MM-DD.")
    to: Day | None = Field(default=None, description="The last day it holds; null while open.")

    def price(self) -> Price:
        """The price as the core knows it."""
        return Price(self.payer, self.kind, self.unit, self.amount_ore, self.period, self.from_, self.to)


class PricesBody(Entry):
    """Prices to add or to change; others are left alone."""

    prices: list[PriceBody] = Field(min_length=1, max_length=100, description="The prices.")


class TierView(BaseModel):
    """From an amount on, how many people attest, and in whose order."""

    from_ore: int = Field(description=f"The amount. {ORE}", ge=0)
    attests: int = Field(description="How many people attest.", ge=1)
    sequence: list[str] = Field(description="The ids of those who attest one after the other.")


class OrganisationView(BaseModel):
    """An organisation of the register."""

    id: str = Field(description="Its id here.", examples=["O23456789BC"])
    org_number: str = Field(description="Organisationsnummer, ten digits.", examples=["5555555555"])
    org_number_is_personal: bool = Field(
        description="Whether the number is a sole trader's personnummer: hide it from others."
    )
    name: str = Field(description="Its name.")
    kinds: list[OrganisationKind] = Field(description="What it is to Inera.")
    category: CustomerCategory | None = Field(description="The customer category.")
    self_attest_allowed: bool = Field(description="Whether one person may both order and attest.")
    eid_from_ore: int | None = Field(description="From which amount an attest needs e-identification; null: never.")
    tiers: list[TierView] = Field(description="How many must attest from which amount on, in rising order.")
    reminder_days: int = Field(
        description="After how many working days whoever has not answered is reminded.",
        ge=FEWEST_REMINDER_DAYS,
        le=MOST_REMINDER_DAYS,
    )
    reminder_hour: int = Field(
        description="At which hour of a working day, in Sweden, people are reminded.",
        ge=EARLIEST_REMINDER_HOUR,
        le=LATEST_REMINDER_HOUR,
    )
    language: Language | None = Field(description="For its people who have chosen none; null: nobody has said.")


class PersonView(BaseModel):
    """A person of the register."""

    id: str = Field(description="The person's id here.", examples=["P23456789BC"])
    email: str = Field(description="E-mail address, in small letters.")
    name: str = Field(description="The person's name.")
    language: Language | None = Field(description="The language the person reads; null until known.")
    active: bool = Field(description="False when the person has left.")


class UnlinkedView(BaseModel):
    """Slack accounts that stand for a person no longer."""

    accounts: list[str] = Field(
        description="Workspace and user id of each; empty where none was linked.", examples=[["slack:T0123/U0456"]]
    )


class AgreementView(BaseModel):
    """An agreement of an organisation."""

    type: AgreementType = Field(description="Which agreement.")
    since: datetime = Field(description="From when it holds, in UTC.")
    ended: datetime | None = Field(description="From when it no longer holds, in UTC; null while it goes on.")


class AssignmentView(BaseModel):
    """An agent's assignment (agentuppdrag) for a service."""

    service: str = Field(description="The code of the service.")
    since: datetime = Field(description="From when it holds, in UTC.")
    ended: datetime | None = Field(description="From when it no longer holds, in UTC; null while it goes on.")


class ChannelView(BaseModel):
    """Where an organisation asks those who have a role."""

    role: Role = Field(description="The role.")
    channel: str = Field(description="The channel's id in the organisation's own Slack.", examples=["C0123456789"])
    name: str = Field(description="What it is called; empty where nobody has looked.")
    notified: Notified = Field(description="Whom a message there calls.")
    asked_only: bool = Field(description="Whether those alone decide there who are asked.")
    problem: str = Field(
        description="Slack's word for why it took no message, while each is asked alone; empty where it is well."
    )


class ServiceView(BaseModel):
    """A service."""

    code: str = Field(description="Its code.", examples=["npo"])
    name: Words = Field(description="What people read.")
    handles_personal_data: bool = Field(
        description="Whether an agent needs a data processing agreement with its customer."
    )


class OfferEntryView(BaseModel):
    """An offer with everything the register keeps of it."""

    code: str = Field(description="Its code.", examples=["npo-agent"])
    service: str = Field(description="The code of the service.")
    name: Words = Field(description="What people read.")
    flow: Flow = Field(description="The route an order takes.")
    agent: AgentField = Field(description="What the order form asks about an agent.")
    needs_units: bool = Field(description="Whether care units must be stated.")
    categories: list[CustomerCategory] = Field(description="The customer categories that may order.")
    terms_url: str = Field(description="Where the terms are read.")
    template: dict[Language, str] = Field(description="What customer service starts from, by language.")
    active: bool = Field(description="False when it is taken out of the form.")
    sole_traders_only: bool = Field(description="Whether only sole traders may order.")
    routines: list[RoutineView] = Field(description="The routines that whoever has ordered follows.")
    prices: list[PriceView] = Field(description="Prices, past and coming ones too.")


class OrganisationPage(BaseModel):
    """A page of organisations, by name."""

    items: list[OrganisationView] = Field(description="The organisations.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class PersonPage(BaseModel):
    """A page of people, by name."""

    items: list[PersonView] = Field(description="The people.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class AgreementList(BaseModel):
    """The agreements of an organisation."""

    items: list[AgreementView] = Field(description="The agreements by type, the latest first, ended ones too.")


class AssignmentList(BaseModel):
    """The assignments of an agent."""

    items: list[AssignmentView] = Field(description="The assignments, ended ones too.")


class ChannelList(BaseModel):
    """The channels of an organisation."""

    items: list[ChannelView] = Field(description="The channels, one for each role that is asked in one.")


class ServiceList(BaseModel):
    """Every service."""

    items: list[ServiceView] = Field(description="The services, by code.")


class OfferList(BaseModel):
    """Every offer."""

    items: list[OfferEntryView] = Field(description="The offers, by code.")


def organisation_view(line: OrganisationLine) -> OrganisationView:
    """An organisation as the operator sees it."""
    organisation, rules = line.organisation, line.rules
    return OrganisationView(
        id=organisation.id,
        org_number=organisation.org_number,
        org_number_is_personal=organisation.org_number_is_personal,
        name=organisation.name,
        kinds=sorted(organisation.kinds),
        category=organisation.category,
        self_attest_allowed=rules.self_attest_allowed,
        eid_from_ore=rules.eid_from_ore,
        tiers=[TierView.model_validate(each, from_attributes=True) for each in rules.tiers],
        reminder_days=rules.reminder_days,
        reminder_hour=rules.reminder_hour,
        language=organisation.language,
    )


def person_view(person: Person) -> PersonView:
    """A person as the operator sees it."""
    return PersonView(
        id=person.id, email=person.email, name=person.name, language=person.language, active=person.active
    )


def agreement_view(line: AgreementLine) -> AgreementView:
    """An agreement as the operator sees it."""
    return AgreementView.model_validate(line, from_attributes=True)


def assignment_view(line: AssignmentLine) -> AssignmentView:
    """An agent's assignment as the operator sees it."""
    return AssignmentView.model_validate(line, from_attributes=True)


def channel_view(channel: RoleChannel) -> ChannelView:
    """Where those who have a role are asked, as the operator sees it."""
    return ChannelView.model_validate(channel, from_attributes=True)


def service_view(line: ServiceLine) -> ServiceView:
    """A service as the operator sees it."""
    return ServiceView.model_validate(line, from_attributes=True)


def offer_entry_view(line: OfferLine) -> OfferEntryView:
    """An offer as the operator sees it."""
    terms = line.terms
    return OfferEntryView(
        code=terms.id,
        service=terms.service,
        name=Words.model_validate(line.name),
        flow=terms.flow,
        agent=terms.agent_field,
        needs_units=terms.needs_units,
        categories=list(terms.categories),
        terms_url=line.terms_url,
        template={Language(language): words for language, words in line.template.items()},
        active=line.active,
        sole_traders_only=line.sole_traders_only,
        routines=routine_views(line.routines),
        prices=[price_view(price) for price in terms.prices],
    )
