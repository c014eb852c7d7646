"""Orders in which no two values are alike, and what each value is: whose name, when what was done, what costs whom."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.forms.orders.modals import modal_of
from bot.views.home import home
from bot.views.home.status import status_message
from bot.views.orders.details import CaseReading, DetailsModal
from core.api import (
    ORDER_FLOWS,
    PART_WAITED_FOR,
    SERVICE_LISTS,
    SIDE_OF,
    Block,
    Case,
    CaseList,
    Decision,
    Flow,
    ListedCase,
    Part,
    Payer,
    PersonId,
    Role,
    Side,
    first_year_ore,
)
from core.views.case_view import disclose
from core.views.record import CaseRecord, SlackChange, Timeline
from core.views.timeline import disclose_slack, disclose_timeline
from notifications.rules.announcements import CardKind
from notifications.texts import brief_cost, cost, day, money, particular, say, when
from tests.scenes.scene import SV, Means, Scene, meaning
from tests.support.drawn import detours
from tests.support.drawn.cards import cards_of, facts_of, loose, message
from tests.support.drawn.drawings import turns
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import METADATA, PARTS, a_page
from tests.support.world import builders

MINUTE = timedelta(minutes=1)
OF_AGENTS = {Block.NO_AGENT_AGREEMENT, Block.NO_AGENT_ASSIGNMENT}


def of_orders() -> Iterator[Scene]:
    """Orders and assignments on every way, as each side is shown them."""
    for name, dossier in orders():
        for side in Side:
            yield Scene(f"{name}, {side}", means_of(dossier, side), lambda d=dossier, s=side: drawn(d, s))


def orders() -> Iterator[tuple[str, CaseRecord]]:
    """Cases in which every time, person, amount and organisation is its own."""
    for flow in ORDER_FLOWS:
        yield from ((f"{flow}, {name}", apart(builders.dossier(case))) for name, case in turns(flow, back=1))
    yield from ((name, apart(dossier)) for name, dossier in detours.detours() if _can_be(dossier.case))


def _can_be(case: Case) -> bool:
    """False of what a detour only pretends: that an order without an agent is blocked by its agent."""
    return case.agent is not None or case.blocked is None or case.blocked.why not in OF_AGENTS


def apart(dossier: CaseRecord) -> CaseRecord:
    """The dossier with times that do not meet, and with absent people who do nothing else."""
    case = dossier.case
    away = {person: PersonId(f"{person}-AWAY") for person in builders.PEOPLE}
    case = replace(
        case,
        created_at=case.created_at - 5 * MINUTE,
        waiting_since=case.waiting_since + 7 * MINUTE,
        closed_at=case.closed_at and case.closed_at + timedelta(days=40),
        decisions=tuple(replace(each, absent=each.absent and away[each.person]) for each in case.decisions),
        asked=tuple(replace(each, absent=each.absent and away[each.person]) for each in case.asked),
    )
    people = {**dossier.people, **{each: f"Frånvarande {name}" for each, name in _names(away)}}
    return replace(dossier, case=case, people=people)


def _names(away: Mapping[PersonId, PersonId]) -> Iterator[tuple[PersonId, str]]:
    yield from ((gone, builders.PEOPLE[person]) for person, gone in away.items())


def drawn(dossier: CaseRecord, side: Side) -> Iterator[object]:
    """What the people of a side can be shown of a case, each kind of thing once."""
    view = disclose(dossier, side)
    for part in (each for each in PARTS if SIDE_OF[each] is side):
        cards = (facts_of(dossier, card) for card in cards_of(dossier.case) if card.part is part)
        yield from (message(each, view, SV) for each in cards)
        for row in view.offers[part]:
            yield modal_of(row).build(view, row, METADATA, SV)
        item = ListedCase(view, part)
        for listed in (CaseList.WAITING, CaseList.ORDERED, CaseList.MINE):
            page = a_page([item] * 21, listed, counts=dict.fromkeys(SERVICE_LISTS, 7))
            facts = home.HomeFacts("test", "Anna Ek", inbox=page)
            yield as_sent(home.build(facts, SV))
        yield as_sent(status_message(facts, SV))
        tells = (CardKind.CUSTOMER_ATTEST, CardKind.STANDSTILL, CardKind.OUTCOME)
        news = [(kind, item) for kind in tells for _ in range(7)]
        yield message(loose(CardKind.DIGEST, part, waiting=a_page([item] * 3, count=7), news=news), None, SV)
    past = Timeline(dossier.case.decisions, dossier.people, tuple(_slack_changes(dossier.case)))
    read = CaseReading(past=disclose_timeline(dossier, past, side), slack=disclose_slack(dossier, past, side), page=0)
    yield as_sent(DetailsModal.build(view, SV, read))


def _slack_changes(case: Case) -> Iterator[SlackChange]:
    for organisation in filter(None, (case.customer, case.agent)):
        yield SlackChange(organisation, case.created_at - MINUTE * 2, is_back=False)
        yield SlackChange(organisation, case.created_at - MINUTE, is_back=True)


def means_of(dossier: CaseRecord, side: Side, *more: tuple[str, str]) -> Means:
    """What each value of a case is, to one side, and what more there is in a scene."""
    case, ends = dossier.case, disclose(dossier, side).expires_at
    return meaning(
        *more,
        *_organisations(dossier, side),
        *_services(dossier),
        *((form, f"did {each.action}") for each in case.decisions for form in _forms(dossier, each)),
        *((when(SV, each.at), f"when {each.action}") for each in case.decisions),
        *((dossier.people.get(each.absent), "absent") for each in (*case.decisions, *case.asked) if each.absent),
        *((dossier.people.get(each.to or case.orderer), "recipient") for each in case.decisions),
        *((dossier.people.get(each.person), "asked") for each in case.asked),
        *_asked(dossier),
        (say(SV, "why.you"), "asked"),
        (say(SV, "why.to_you"), "asked"),
        # On the own card whoever ordered is spoken to.
        *((say(SV, "why.to_you"), f"did {each.action}") for each in case.decisions if each.part is Part.ORDERER),
        *((say(SV, "why.to_you"), "recipient") for each in case.decisions if each.to in {None, case.orderer}),
        *((dossier.people.get(each.person), "gave an attest") for each in case.attests),
        *((dossier.people.get(each.person), "substitutes") for each in (*case.decisions, *case.asked) if each.absent),
        *((say(SV, f"role.{role}"), "role") for role in Role),
        *((each, "units") for each in _units(case)),
        *((each.name, "unit") for each in case.order.units),
        *((each.hsa_id, "HSA-id") for each in case.order.units),
        *((each.offer_name[SV], "offer of before") for each in case.order.earlier),
        (f"{dossier.people.get(case.orderer)} hos {dossier.organisations[case.customer].name}", "orderer and where"),
        *((dossier.people[each.giver], "did hand_over") for each in case.handed),
        (case.claimed_by and dossier.people.get(case.claimed_by), "has it at customer service"),
        (case.id, "number"),
        (dossier.people.get(case.orderer), "orderer"),
        (say(SV, "part.orderer"), "orderer"),
        (when(SV, case.created_at), "ordered at"),
        (when(SV, case.created_at - MINUTE * 2), "Slack off"),
        (when(SV, case.created_at - MINUTE), "Slack on"),
        (when(SV, case.waiting_since), "since"),
        (case.due_at and when(SV, case.due_at), "reminds at"),
        (day(SV, case.waiting_since), "since"),
        (ends and day(SV, ends), "ends"),
        (case.closed_at and when(SV, case.closed_at), "closed"),
        (case.closed_at and day(SV, case.closed_at), "closed"),
        *((day(SV, each.last_day), "last day") for each in case.decisions if each.last_day),
        (case.order.coming_from and day(SV, case.order.coming_from), "coming from"),
        *_first_year(case, side),
        *_amounts(case, side),
        *((money(SV, each.limit_ore), "limit") for each in case.asked if each.limit_ore),
    )


def _asked(dossier: CaseRecord) -> Iterator[tuple[str, str]]:
    """Return all who are asked in a sentence, those beside each of them, and the part that is waited for."""
    names = list(dict.fromkeys(name for each in dossier.case.asked if (name := dossier.people.get(each.person))))
    others = [[name for name in names if name != reader] for reader in names]
    for some in (names, *others):
        yield from _together(some, "och", "eller")
        yield from _together([say(SV, "why.to_you"), *some], "och")
        yield from _together([say(SV, "why.you"), *some], "eller")
    if part := PART_WAITED_FOR.get(dossier.case.state):
        called = say(SV, particular(SV, dossier.case.flow, f"part.{part}"))
        yield f"{called} hos {dossier.organisation_of(part) or ''}", "part asked"


def _together(names: list[str], *words: str) -> Iterator[tuple[str, str]]:
    *first, last = names or [""]
    for word in words if last else ():
        yield f" {word} ".join(filter(None, [", ".join(first), last])), "asked"


def _units(case: Case) -> Iterator[str]:
    yield ", ".join(each.name if each.hsa_id is None else f"{each.name} ({each.hsa_id})" for each in case.order.units)


def _organisations(dossier: CaseRecord, side: Side) -> Iterator[tuple[str | None, str]]:
    case = dossier.case
    names = {
        "customer": dossier.organisations[case.customer].name,
        "agent": case.agent and dossier.organisations[case.agent].name,
        "customer service": say(SV, "value.customer_service"),
    }
    yield from ((name, what) for what, name in names.items())
    own = {Side.CUSTOMER: "customer", Side.AGENT: "agent", Side.INERA: "customer service"}
    yield names[own[side]], "own"
    if case.order.replaces_agent is not None:
        yield dossier.organisations[case.order.replaces_agent].name, "agent of before"


# What a case is about, where it is not the service itself.
NAMED = {Flow.AGENT_ASSIGNMENT: "Agentuppdrag för {}", Flow.TERMINATION: "Uppsägning av {}"}


def _services(dossier: CaseRecord) -> Iterator[tuple[str, str]]:
    conveyed = dossier.offer.service[SV]
    yield conveyed, "conveyed"
    yield NAMED.get(dossier.case.flow, "{}").format(conveyed), "service"
    yield dossier.offer.offer[SV], "offer"


def _forms(dossier: CaseRecord, decision: Decision) -> Iterator[str]:
    """All ways to name whoever decided: by name, with whom it was for, and across the barrier by part."""
    flow, part = dossier.case.flow, decision.part
    name, absent = dossier.people.get(decision.person), dossier.people.get(decision.absent)
    called = say(SV, particular(SV, flow, f"part.{part}"))
    place = dossier.organisation_of(part) or ""
    yield from (name or "", f"{name}, ersättare för {absent}", f"{name}, ersättare för {absent},")
    for form in (called, f"{called} hos {place}", say(SV, f"part.{part}")):
        yield from (form, form[:1].upper() + form[1:])


def _amounts(case: Case, side: Side) -> Iterator[tuple[str, str]]:
    payer = {Side.CUSTOMER: Payer.CUSTOMER, Side.AGENT: Payer.AGENT}.get(side)
    order = case.order
    amounts = {
        "now": order.costs,
        "before": order.earlier_costs,
        "coming": order.coming_costs,
        "ending": order.ending_costs,
    }
    for what, costs in amounts.items():
        own = [each for of, each in costs.items() if of is payer or payer is None]
        yield from ((form(SV, each), f"cost {what}") for each in own for form in (cost, brief_cost))


def _first_year(case: Case, side: Side) -> Iterator[tuple[str, str]]:
    payer = {Side.CUSTOMER: Payer.CUSTOMER, Side.AGENT: Payer.AGENT}.get(side)
    if payer is not None:
        yield money(SV, first_year_ore(payer, case.order.costs, case.order.coming_costs)), "first year"
