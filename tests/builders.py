"""Givens: organisations, people, an order, and a case that has come as far as a test asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.api import (
    Action,
    AgentField,
    Assurance,
    Case,
    CaseId,
    CaseView,
    Cost,
    CustomerCategory,
    Decision,
    Dossier,
    Flow,
    Language,
    OfferChoice,
    OfferId,
    OfferTerms,
    OfferWords,
    Order,
    Organisation,
    OrganisationId,
    OrganisationKind,
    Part,
    Payer,
    Period,
    PersonId,
    Price,
    PriceKind,
    PriceUnit,
    ReasonCode,
    Role,
    Side,
    Situation,
    State,
    Surface,
    Transition,
    Unit,
    disclose,
    find,
    is_final,
    rows,
)
from core.deadlines import due
from core.order import advance

# A Thursday, 14.32 in Stockholm.
AT = datetime(2026, 3, 12, 13, 32, tzinfo=UTC)
HOUR = timedelta(hours=1)

CUSTOMER, AGENT, INERA = OrganisationId("OCUSTOMER"), OrganisationId("OAGENT"), OrganisationId("OINERA")
ORDERER, ATTESTANT = PersonId("PORDERER"), PersonId("PATTESTANT")
HANDLER, AGENT_ATTESTANT = PersonId("PHANDLER"), PersonId("PAGENTATT")
SERVICE = PersonId("PSERVICE")
PEOPLE = {
    ORDERER: "Anna Ek",
    ATTESTANT: "Bo Lund",
    HANDLER: "Cecilia Alm",
    AGENT_ATTESTANT: "David Sten",
    SERVICE: "Eva Rosén",
}
PLAYS = {
    Part.ORDERER: ORDERER,
    Part.CUSTOMER_ATTESTANT: ATTESTANT,
    Part.AGENT_HANDLER: HANDLER,
    Part.AGENT_ATTESTANT: AGENT_ATTESTANT,
    Part.CUSTOMER_SERVICE: SERVICE,
    Part.CLOCK: None,
}
UNITS = (
    Unit("Vårdcentralen Norr", "SE2222222222-A1B2"),
    Unit("Vårdcentralen Söder", "SE2222222222-A1B3"),
    Unit("Rehab Öster"),
)
TEMPLATE = {
    Language.SV: "Så ansluter {kund} till {tjänst}: https://exempel.se/start. Gäller {enheter}.",
    Language.EN: "How {kund} connects to {tjänst}: https://exempel.se/start. It covers {enheter}.",
}


def organisation(number: OrganisationId = CUSTOMER, **changes: object) -> Organisation:
    """One of the three organisations of most tests."""
    made = {
        CUSTOMER: Organisation(
            CUSTOMER,
            "Region Exempel",
            "2222222222",
            org_number_is_personal=False,
            kinds=frozenset({OrganisationKind.CUSTOMER}),
            category=CustomerCategory.REGION,
        ),
        AGENT: Organisation(
            AGENT,
            "Journalia AB",
            "5555555555",
            org_number_is_personal=False,
            kinds=frozenset({OrganisationKind.AGENT}),
        ),
        INERA: Organisation(
            INERA, "Inera AB", "5565594230", org_number_is_personal=False, kinds=frozenset({OrganisationKind.INERA})
        ),
    }
    return replace(made[number], **changes)


def order(flow: Flow = Flow.DIRECT, **changes: object) -> Order:
    """An order of NPÖ for three care units."""
    costs = {Payer.CUSTOMER: Cost(2_500_000, 1_200_000, Period.YEAR), Payer.AGENT: Cost()}
    if flow is Flow.VIA_AGENT:
        costs[Payer.AGENT] = Cost(300_000, 0, Period.YEAR)
    made = Order(
        offer=OfferId("npo-producent"),
        units=UNITS,
        invoice_ref="4711-A",
        desired_start=date(2026, 4, 1),
        technical_contact="Ulf Teknik, 010-123 45 67",
        comment="Vi byter journalsystem i april.",
        costs=costs,
    )
    return replace(made, **changes)


def draft(flow: Flow = Flow.DIRECT, **changes: object) -> Case:
    """A case that is about to be submitted."""
    made = Case(
        id=CaseId("B-2345678"),
        flow=flow,
        state=State.DRAFT,
        customer=CUSTOMER,
        agent=AGENT if flow is Flow.VIA_AGENT else None,
        orderer=ORDERER,
        order=order(flow),
        created_at=AT,
        waiting_since=AT,
    )
    return replace(made, **changes)


def step(case: Case, row: Transition, at: datetime, **said: object) -> Case:
    """The case after a row of the table, done by whoever plays the row's part."""
    to = row.target()
    return advance(
        case, to=to, decision=decision(case, row, at, **said), due_at=due(to, at), final=is_final(case.flow, to)
    )


def decision(case: Case, row: Transition, at: datetime, **said: object) -> Decision:
    """What somebody decided by a row."""
    surface = Surface.CLOCK if row.who is Part.CLOCK else Surface.SLACK
    made = Decision(
        step=case.step,
        state=case.state,
        action=row.does,
        part=row.who,
        person=PLAYS[row.who],
        organisation=case.organisation_of(row.who),
        at=at,
        surface=surface,
        assurance=Assurance.CLOCK if row.who is Part.CLOCK else Assurance.CLICK_CONFIRM,
        content_version=case.content_version,
        **_words(row.does),
    )
    return replace(made, **said)


def _words(action: Action) -> dict[str, object]:
    if action is Action.REJECT:
        return {
            "reason_code": ReasonCode.WRONG_UNIT,
            "reason": "Rehab Öster hör inte till oss.",
            "internal": "Hör av dig till Karin.",
        }
    if action in {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT}:
        return {"message": "Börja på https://exempel.se/start och följ stegen."}
    return {}


def journeys(flow: Flow) -> Iterator[tuple[str, Case]]:
    """Every submitted case that the table can make, claims and all, with a name that tells what was done to it."""
    yield from list(_walk(draft(flow), "", AT))[1:]


def _walk(case: Case, name: str, at: datetime) -> Iterator[tuple[str, Case]]:
    yield name or "draft", case
    for row in rows(case.flow, case.state):
        if row.does in {Action.RELEASE, Action.ESCALATE} or (row.does is Action.CLAIM and case.claimed_by):
            continue
        if row.does in {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT} and not case.claimed_by:
            continue
        told = f"{name}, {row.does}" if name else str(row.does)
        yield from _walk(step(case, row, at), told, at + HOUR)


def case_in(state: State, flow: Flow = Flow.DIRECT, **changes: object) -> Case:
    """A case that has come to a state by the shortest way; without one, the draft put there."""
    found = [case for _, case in journeys(flow) if case.state is state]
    return replace(min(found, key=lambda case: case.revision), **changes)


def after(*actions: Action, flow: Flow = Flow.DIRECT, **changes: object) -> Case:
    """A case after what was done to it since it was submitted, an hour apart."""
    case, at = draft(flow, **changes), AT
    for action in (Action.SUBMIT, *actions):
        case, at = step(case, find(case.flow, case.state, action)[0], at), at + HOUR
    return case


def offer_words(**changes: object) -> OfferWords:
    """What people read about the offer of most tests."""
    made = OfferWords(
        service={Language.SV: "Nationell patientöversikt", Language.EN: "National Patient Overview"},
        offer={Language.SV: "NPÖ Producent", Language.EN: "NPÖ Producer"},
        terms_url="https://exempel.se/villkor/npo",
        template=TEMPLATE,
        handles_personal_data=True,
    )
    return replace(made, **changes)


def dossier(case: Case, people: Mapping[PersonId, str] | None = None, **changes: object) -> Dossier:
    """A case with every name around it."""
    organisations = {each: organisation(each) for each in (CUSTOMER, AGENT, INERA)}
    return replace(Dossier(case, offer_words(), organisations, PEOPLE if people is None else people), **changes)


def view(case: Case, side: Side = Side.CUSTOMER) -> CaseView:
    """The case as a side may see it."""
    return disclose(dossier(case), side)


def situation(case: Case, person: PersonId | None = ATTESTANT, **changes: object) -> Situation:
    """A case and a person's authority over it, everybody holding the roles of the parts they play."""
    roles = {CUSTOMER: frozenset({Role.ORDERER, Role.ATTESTANT}), AGENT: frozenset(), INERA: frozenset()}
    if person in {HANDLER, AGENT_ATTESTANT}:
        roles = {CUSTOMER: frozenset(), AGENT: frozenset({Role.AGENT_HANDLER, Role.ATTESTANT}), INERA: frozenset()}
    if person == SERVICE:
        roles = {CUSTOMER: frozenset(), AGENT: frozenset(), INERA: frozenset({Role.CUSTOMER_SERVICE})}
    holders = {part: (who,) for part, who in PLAYS.items() if who is not None}
    return replace(Situation(case, person, roles, holders), **changes)


def price(**changes: object) -> Price:
    """1,000 kronor at the start for each care unit, paid by the customer."""
    made = Price(
        Payer.CUSTOMER, PriceKind.STARTUP, PriceUnit.CARE_UNIT, 100_000, Period.YEAR, valid_from=date(2026, 1, 1)
    )
    return replace(made, **changes)


PRICES = (
    price(),
    price(kind=PriceKind.RECURRING, unit=PriceUnit.ORDER, amount_ore=1_200_000),
    price(payer=Payer.AGENT, unit=PriceUnit.ORDER, amount_ore=77_777_700),
)


def offer_choice(
    code: str = "npo-producent", flow: Flow = Flow.DIRECT, agent_field: AgentField = AgentField.NONE, **changes: object
) -> OfferChoice:
    """An offer as somebody choosing it sees it."""
    terms = OfferTerms(
        OfferId(code), "npo", flow, agent_field, needs_units=True, categories=(CustomerCategory.REGION,), prices=PRICES
    )
    words = offer_words()
    return replace(OfferChoice(terms, words.service, words.offer, words.terms_url), **changes)
