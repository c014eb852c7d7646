"""Givens: organisations, people, an order, and a case that has come as far as a test asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from core.api import (
    FLOWS,
    ORDER_FLOWS,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    Action,
    AgentField,
    Answers,
    Assurance,
    Case,
    CaseAdvanced,
    CaseId,
    CaseView,
    Cost,
    CustomerCategory,
    Decision,
    DecisionContext,
    Flow,
    Grant,
    Language,
    OfferChoice,
    OfferId,
    OfferTerms,
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
    Reckoning,
    Rules,
    Side,
    Standing,
    State,
    Surface,
    TechnicalContact,
    Tier,
    Transition,
    Unit,
    colleagues,
    find,
    rows,
)
from core.views.case_view import disclose
from core.views.record import CaseRecord, OfferWords
from core.workflow.apply_transition import apply_transition
from core.workflow.assignees import assign
from core.workflow.authorize import authorize
from core.workflow.deadlines import REMINDERS
from core.workflow.order_rules import as_before

# A Thursday, 14.32 in Stockholm.
AT = datetime(2026, 3, 12, 13, 32, tzinfo=UTC)
HOUR = timedelta(hours=1)

CUSTOMER, AGENT, INERA = OrganisationId("OCUSTOMER"), OrganisationId("OAGENT"), OrganisationId("OINERA")
ORDERER, ATTESTANT, COLLEAGUE = map(PersonId, ("PORDERER", "PATTESTANT", "PCOLLEAGUE"))
RESERVE, ADMINISTRATOR = PersonId("PRESERVE"), PersonId("PADMIN")
HANDLER, HANDLERS_COLLEAGUE = PersonId("PHANDLER"), PersonId("PHANDLER2")
AGENT_ATTESTANT, AGENT_COLLEAGUE = PersonId("PAGENTATT"), PersonId("PAGENTATT2")
AGENT_RESERVE, AGENT_ADMINISTRATOR = PersonId("PAGENTRES"), PersonId("PAGENTADM")
SERVICE, SERVICE_COLLEAGUE = PersonId("PSERVICE"), PersonId("PSERVICE2")
PEOPLE = {
    ORDERER: "Anna Ek",
    ATTESTANT: "Bo Lund",
    COLLEAGUE: "Frida Näs",
    RESERVE: "Gun Holm",
    ADMINISTRATOR: "Hans Roos",
    HANDLER: "Cecilia Alm",
    HANDLERS_COLLEAGUE: "Ingrid Tall",
    AGENT_ATTESTANT: "David Sten",
    AGENT_COLLEAGUE: "Jonas Vik",
    AGENT_RESERVE: "Kim Dal",
    AGENT_ADMINISTRATOR: "Lena Berg",
    SERVICE: "Eva Rosén",
    SERVICE_COLLEAGUE: "Mia Sjö",
}
# Who plays each part in most tests, and who else could.
PLAYS = {
    Part.ORDERER: ORDERER,
    Part.CUSTOMER_ATTESTANT: ATTESTANT,
    Part.CUSTOMER_EMERGENCY: RESERVE,
    Part.CUSTOMER_ADMINISTRATOR: ADMINISTRATOR,
    Part.AGENT_HANDLER: HANDLER,
    Part.AGENT_ATTESTANT: AGENT_ATTESTANT,
    Part.AGENT_EMERGENCY: AGENT_RESERVE,
    Part.AGENT_ADMINISTRATOR: AGENT_ADMINISTRATOR,
    Part.CUSTOMER_SERVICE: SERVICE,
    Part.CLOCK: None,
}
COLLEAGUES = {
    Part.CUSTOMER_ATTESTANT: COLLEAGUE,
    Part.AGENT_HANDLER: HANDLERS_COLLEAGUE,
    Part.AGENT_ATTESTANT: AGENT_COLLEAGUE,
    Part.CUSTOMER_SERVICE: SERVICE_COLLEAGUE,
}
ORGANISATION_OF = {Side.CUSTOMER: CUSTOMER, Side.AGENT: AGENT, Side.INERA: INERA}
# What an organisation declares that asks two people of every amount.
TWO_ATTESTS = Rules(tiers=(Tier(0, attests=2),))
UNITS = (
    Unit("Vårdcentralen Norr", "SE2222222222-A1B2"),
    Unit("Vårdcentralen Söder", "SE2222222222-A1B3"),
    Unit("Rehab Öster"),
)
TEMPLATE = {
    Language.SV: "Så ansluter {kund} till {tjänst}: https://exempel.se/start. Gäller {enheter}.",
    Language.EN: "How {kund} connects to {tjänst}: https://exempel.se/start. It covers {enheter}.",
}


# Where orders may be: the other states are those of applications.
ORDER_STATES = {state for row in FLOWS if row.flow in ORDER_FLOWS for state in (row.source, *row.targets())}


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
        technical_contact=TechnicalContact("Ulf Teknik", phone="+46101234567"),
        comment="Vi byter journalsystem i april.",
        costs=costs,
    )
    if flow is Flow.TERMINATION:
        made = replace(made, ending_costs={Payer.CUSTOMER: Cost(0, 450_000, Period.YEAR)})
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
        content=order(flow),
        created_at=AT,
        waiting_since=AT,
    )
    return replace(made, **changes)


def grant(person: PersonId, part: Part, **changes: object) -> Grant:
    """The role by which somebody plays a part."""
    return replace(Grant(person, ORGANISATION_OF[SIDE_OF[part]], min(ROLES_OF[part])), **changes)


HOLDERS = {
    part: tuple(grant(each, part) for each in (person, COLLEAGUES.get(part)) if each is not None)
    for part, person in PLAYS.items()
    if person is not None
}


# What is to end is there.
CONNECTED = Standing(held_since=date(2026, 1, 1))


def situation(case: Case, person: PersonId | None = ATTESTANT, **changes: object) -> DecisionContext:
    """A case and a person's authority over it, everybody holding the roles of the parts they play."""
    mine = tuple(each for held in HOLDERS.values() for each in held if each.person == person)
    return replace(DecisionContext(case, person, mine, HOLDERS, standing=CONNECTED), **changes)


def step(case: Case, row: Transition, at: datetime, rules: Mapping[Side, Rules] | None = None, **said: object) -> Case:
    """The case after a row of the table, done by whoever is asked to, or plays the row's part."""
    now = _holding(case, row, rules or {})
    assert now is not None, f"{row.does} is refused in {case.state}"
    return _followed(now, row, at, **said).after


def pressed(now: DecisionContext, action: Action, at: datetime = AT, **said: object) -> CaseAdvanced:
    """What an action makes of a case; raises what refuses it. `said` are fields of the decision."""
    ruling = authorize(now, action, None)
    return _followed(ruling.now, ruling.row, at, **said)


def _followed(now: DecisionContext, row: Transition, at: datetime, **said: object) -> CaseAdvanced:
    is_counted = row.does is Action.KEEP or (row.does is Action.REMIND and now.case.state in REMINDERS)
    taken = decision(now, row, now.case.wait.closes or at if is_counted else at, **said)
    answers = Answers(reason=taken.reason, attestant=taken.to if row.does is Action.APPROVE else None)
    return CaseAdvanced(now.case, assign(now, apply_transition(now, row, taken, answers), taken), taken)


def _holding(case: Case, row: Transition, rules: Mapping[Side, Rules]) -> DecisionContext | None:
    """A situation in which every condition of the row holds: now, with the order revised, or at another price."""
    if row.does in {Action.EXPIRE, Action.KEEP}:
        case = unanswered(case)
    mine = next((each for each in HOLDERS.get(row.who, ()) if each.person == _player(case, row.who)), None)
    now = situation(case, mine and mine.person, rules=rules).playing(row.who, mine)
    dearer = (replace(now, reckoned=Reckoning(_dearer(case, each))) for each in Payer)
    ways = (now, replace(now, revised=_revised(case)), *dearer)
    return next((way for way in ways if all(condition(way) is None for condition in row.guards)), None)


def unanswered(case: Case) -> Case:
    """A case that nobody has answered, though everybody has been reminded."""
    if case.wait.is_all_reminded or case.wait.closes is None:
        return case
    row = next(each for each in rows(case.flow, case.state) if each.does is Action.REMIND)
    told = decision(situation(case, None).playing(Part.CLOCK, None), row, case.wait.closes)
    return replace(case, decisions=(*case.decisions, told), due_at=case.wait.closes)


def _player(case: Case, part: Part) -> PersonId | None:
    if part is PART_WAITED_FOR.get(case.state) and case.asked:
        return case.asked[0].person
    return PLAYS[part]


def _revised(case: Case) -> Case:
    units = (*case.order.units, Unit("Rehab Väster"))
    return replace(case, content=replace(case.order, units=units, before=as_before(case))).anew()


def _dearer(case: Case, payer: Payer) -> Mapping[Payer, Cost]:
    cost = case.order.costs.get(payer, Cost())
    return {**case.order.costs, payer: replace(cost, recurring_ore=cost.recurring_ore + 50_000)}


def decision(now: DecisionContext, row: Transition, at: datetime, **said: object) -> Decision:
    """What somebody decided by a row."""
    surface = Surface.CLOCK if row.who is Part.CLOCK else Surface.SLACK
    made = Decision(
        step=now.case.step,
        state=now.case.state,
        action=row.does,
        part=row.who,
        person=now.person,
        organisation=now.case.organisation_of(row.who),
        at=at,
        surface=surface,
        assurance=Assurance.CLOCK if row.who is Part.CLOCK else Assurance.CLICK_CONFIRM,
        content_version=now.case.content_version,
        absent=now.grant and now.grant.absent,
        limit_ore=now.grant and now.grant.limit_ore,
        to=colleagues(now)[0] if row.does is Action.HAND_OVER else None,
    )
    return replace(made, **WORDS.get(row.does, {}) | said)


QUESTION = {"message": "Gäller det även Rehab Öster?"}
INSTRUCTIONS = {"message": "Börja på https://exempel.se/start och följ stegen."}
WORDS: dict[Action, dict[str, object]] = {
    Action.REJECT: {
        "reason_code": ReasonCode.WRONG_UNIT,
        "reason": "Rehab Öster hör inte till oss.",
        "internal": "Hör av dig till Karin.",
    },
    Action.REQUEST_COMPLETION: QUESTION,
    Action.SEND_BACK: QUESTION,
    Action.ANSWER: {"message": "Ja, från och med maj."},
    Action.EMERGENCY_ATTEST: {"reason": "Båda attestanterna är borta till på måndag."},
    Action.HOLD: {"reason": "Vi väntar på besked om enheten."},
    Action.CANCEL: {"reason": "Tjänsten kan inte levereras till enheten."},
    Action.SEND_INSTRUCTIONS: INSTRUCTIONS,
    Action.SEND_AGAIN: INSTRUCTIONS,
    Action.INFORM_AGENT: INSTRUCTIONS,
    Action.CONFIRM_END: {"last_day": date(2026, 4, 30)},
}


def journeys(flow: Flow) -> Iterator[tuple[str, Case]]:
    """Submitted cases with a name that tells what was done to them: every way to an end, and every detour once.

    After a detour (a question, a hand-over, a pause …) the case goes straight on.
    """
    yield from _journeys(flow)


@cache
def _journeys(flow: Flow) -> tuple[tuple[str, Case], ...]:
    return tuple(_walk(draft(flow), "", AT, ahead=False))[1:]


ONWARD = frozenset(
    {Action.APPROVE, Action.ATTEST, Action.ANSWER, Action.CLAIM, Action.RESUME}
    | {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CONFIRM_END, Action.CONFIRM_CONNECTION}
)
DETOURS = frozenset(
    {Action.REQUEST_COMPLETION, Action.SEND_BACK, Action.HAND_OVER, Action.RECUSE, Action.EMERGENCY_ATTEST}
    | {Action.REPRICE, Action.HOLD, Action.SEND_AGAIN, Action.REMIND, Action.REMIND_NOW, Action.KEEP}
)
UNSEEN = frozenset({Action.RELEASE, Action.ESCALATE, Action.REVIEW})


def _walk(case: Case, name: str, at: datetime, *, ahead: bool) -> Iterator[tuple[str, Case]]:
    yield name or "draft", case
    for row in rows(case.flow, case.state):
        if ahead and row.does is Action.CONFIRM_CONNECTION and row.who is not Part.ORDERER:
            # Whoever confirms it, straight on is one way.
            continue
        if row.does in UNSEEN or (ahead and row.does not in ONWARD) or _holding(case, row, {}) is None:
            continue
        told = f"{name}, {row.does}" if name else str(row.does)
        yield from _walk(step(case, row, at), told, at + HOUR, ahead=ahead or row.does in DETOURS)


def case_in(state: State, flow: Flow = Flow.DIRECT, **changes: object) -> Case:
    """A case that has come to a state by the shortest way; without one, the draft put there."""
    found = [case for _, case in journeys(flow) if case.state is state]
    return replace(min(found, key=lambda case: case.revision, default=draft(flow, state=state)), **changes)


def after(
    *actions: Action, flow: Flow = Flow.DIRECT, rules: Mapping[Side, Rules] | None = None, **changes: object
) -> Case:
    """A case after what was done to it since it was submitted, an hour apart."""
    case, at = draft(flow, **changes), AT
    for action in (Action.SUBMIT, *actions):
        found = find(case.flow, case.state, action)
        row = next(each for each in found if _holding(case, each, rules or {}) is not None)
        case, at = step(case, row, at, rules), at + HOUR
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


def dossier(case: Case, people: Mapping[PersonId, str] | None = None, **changes: object) -> CaseRecord:
    """A case with every name around it."""
    organisations = {each: organisation(each) for each in (CUSTOMER, AGENT, INERA)}
    return replace(CaseRecord(case, offer_words(), organisations, PEOPLE if people is None else people), **changes)


def disclosed(dossier: CaseRecord, side: Side) -> CaseView:
    """What a side may see of a case."""
    return disclose(dossier, side)


def view(case: Case, side: Side = Side.CUSTOMER) -> CaseView:
    """The case as a side may see it."""
    return disclose(dossier(case), side)


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
