"""What the fake world lets a press, a form and the clock read of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.api import (
    ROLES_OF,
    STOCKHOLM,
    TO_CONFIRM,
    TRAITS,
    Action,
    AgreementType,
    Cost,
    DecisionContext,
    Flow,
    OrganisationKind,
    Part,
    Payer,
    Role,
    Rules,
    Side,
    Standing,
    State,
    Unit,
    reckon,
)
from core.catalogue.connections import ConnectionWay, EarlierConnection, ExistingWish
from core.catalogue.prices import unpriced_since
from core.shared.traits import CaseEffect
from core.shared.working_days import beginning_of
from core.workflow.order_rules import wish_of

ORDERS_UNDER = {Flow.AGENT_ASSIGNMENT: AgreementType.AGENTAVTAL}
CARRY_OUT = {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CONFIRM_END}
ORDER_OR_DECIDE = {Role.ORDERER, Role.AGENT_HANDLER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT}
HELD = (Part.ORDERER, Part.CUSTOMER_ATTESTANT, Part.AGENT_HANDLER, Part.AGENT_ATTESTANT)
ADMINISTRATORS = (Part.CUSTOMER_ADMINISTRATOR, Part.AGENT_ADMINISTRATOR)


def situation(world, case, person, at):
    """The case and a person's authority over it, as they stand at an instant; None is the clock."""
    terms = world.offers[case.order.offer]
    orderer_is_active = any(each.person == case.orderer for each in _holders(world, case, Part.ORDERER, at))
    # Who administrates only the clock must know, and whoever looks for somebody in place of an orderer who has left.
    parts = HELD if person is not None and orderer_is_active else HELD + ADMINISTRATORS
    if case.state in {State.AWAITING_CUSTOMER_SERVICE, State.AGENT_INFORMED}:
        # The agent's hear that it may begin, where nobody else there can.
        parts = tuple(dict.fromkeys((*parts, Part.AGENT_ADMINISTRATOR)))
    day = at.astimezone(STOCKHOLM).date()
    unpriced = unpriced_since(terms.prices, day, units=len(case.order.units))
    return DecisionContext(
        case=case,
        person=person,
        grants=tuple(each for each in grants(world, at) if each.person == person and _is_about(each, case)),
        holders={part: _holders(world, case, part, at) for part in parts},
        rules={
            Side.CUSTOMER: _rules(world, case.customer),
            Side.AGENT: _rules(world, case.agent),
        },
        standing=_standing(world, case, terms),
        reckoned=_reckoned(case, terms, day) if unpriced is None else None,
        unpriced_since=unpriced,
        orderer_is_active=orderer_is_active,
    )


def _reckoned(case, terms, day):
    return reckon(terms.prices, units=len(case.order.units), today=day, start=case.order.desired_start)


def _rules(world, organisation):
    """What an organisation has declared: one person does both only while there is but one."""
    declared = world.rules.get(organisation, Rules())
    here = (each for each in world.roles if each.organisation == organisation and each.role in ORDER_OR_DECIDE)
    people = {each.person for each in here if world.people[each.person].active}
    return declared if len(people) < 2 else replace(declared, self_attest_allowed=False)


@dataclass(frozen=True)
class Held:
    """A unit that has an offer, through an agent or none; of one without a name its key is empty."""

    customer: str
    service: str
    offer: str
    agent: str | None
    unit: Unit | None
    since: datetime
    until: datetime | None = None
    case: str = ""

    def is_there(self, at):
        """True while it is not over."""
        return self.until is None or self.until > at

    def is_of(self, units):
        """True where it is one of some units, or of all where none is named."""
        return any(_same(self.unit, unit) for unit in units or (None,))


def connections(world):
    """What cases have connected and ended, in the order in which they did."""
    done = [(at, case) for case in world.cases.values() if case.is_order for at in _carried_out(case)]
    off = [(case.closed_at, case) for _, case in done if case.state is State.CANCELLED]
    held = []
    for at, case in sorted((*done, *off), key=lambda each: each[0]):
        if (at, case) in off:
            held = [replace(each, until=at) if each.case == case.id and each.is_there(at) else each for each in held]
        else:
            held = EFFECTS[TRAITS[case.flow].effect](world, held, case, at)
    return held


def _carried_out(case):
    """When an order was carried out, whatever has come of it since."""
    return [each.at for each in case.decisions if each.action in CARRY_OUT]


def _connect(world, held, case, begun):
    offer, units = case.order.offer, case.order.units
    service = world.offers[offer].service
    left = [
        replace(each, until=begun)
        if (each.customer, each.service) == (case.customer, service)
        and ConnectionWay(each.offer, each.agent) in {replaced.way for replaced in case.order.replaced}
        and each.is_of(units)
        and each.is_there(begun)
        else each
        for each in held
    ]
    return left + [
        Held(case.customer, service, offer, case.agent, unit, begun, case=case.id) for unit in units or (None,)
    ]


def _disconnect(world, held, case, at):
    until = beginning_of(case.decisions[-1].last_day + timedelta(days=1))
    return [replace(each, until=until) if _ends(each, case) else each for each in held]


def _ends(held, case):
    about = (held.customer, held.offer, held.agent)
    is_mine = about == (case.customer, case.order.offer, case.agent)
    return is_mine and held.is_of(case.order.units) and held.until is None


def _nothing(world, held, case, at):
    return held


EFFECTS = {CaseEffect.CONNECTS: _connect, CaseEffect.DISCONNECTS: _disconnect, CaseEffect.CONVEYS: _nothing}


def held_since(world, case):
    """The first day on which all that a case would end is connected; None where some of it is not."""
    mine = [each for each in connections(world) if _ends(each, case)]
    begun = [[held.since for held in mine if _same(held.unit, unit)] for unit in case.order.units or (None,)]
    return max(map(max, begun)).astimezone(STOCKHOLM).date() if all(begun) else None


def _same(one, other):
    """Two units by their HSA-ids, or by their names where one has none (domain: 8)."""
    if one is None or other is None:
        return one is other
    if one.hsa_id and other.hsa_id:
        return one.hsa_id.upper() == other.hsa_id.upper()
    return one.name.casefold() == other.name.casefold()


def standing_for(world, case, terms, form, at):
    """What the organisations have agreed, with what submitting and revising ask besides of the units in a form."""
    customer = world.organisations[case.customer]
    through = form.agent if TRAITS[terms.flow].asks_for_agent else None
    wish = wish_of(form, through)
    same, others = earlier(world, case.customer, ConnectionWay(terms.id, through), form.units, at, wish)
    if not TRAITS[terms.flow].is_offered:
        same, others = [], ()
    ended = replace(case, content=replace(case.order, units=form.units))
    return replace(
        _standing(world, case, terms),
        category_allowed=customer.category in terms.categories,
        categories=terms.categories,
        sole_trader_needed=terms.id in world.sole_trader_offers and not customer.org_number_is_personal,
        duplicate=_duplicate(world, case, terms, form.units),
        connected=next(iter(same), None),
        earlier=others,
        unsaid=tuple(each for each in others if not wish.answers(each.way)),
        replaces_unheld=bool(wish.unheld(each.way for each in others)),
        changes_agent=wish.changes_agent,
        is_agent=OrganisationKind.AGENT in customer.kinds,
        assigned=terms.flow is Flow.AGENT_ASSIGNMENT and (case.customer, terms.service) in world.assignments,
        held_since=held_since(world, ended) if terms.flow is Flow.TERMINATION else None,
    )


def grants(world, at):
    """Every role that somebody holds at an instant, own ones first, then those of the people they substitute for."""
    own = [each for each in world.roles if world.people[each.person].active]
    there = {(each.person, each.organisation) for each in own}
    substituted = [
        replace(role, person=each.substitute, absent=each.absent)
        for each in world.substitutions
        if each.valid_from <= at < each.valid_to and (each.substitute, each.organisation) in there
        for role in own
        if (role.person, role.organisation, role.role) == (each.absent, each.organisation, each.role)
    ]
    return own + substituted


def _is_about(grant, case):
    return grant.organisation in {case.customer, case.agent} or grant.role in ROLES_OF[Part.CUSTOMER_SERVICE]


def _holders(world, case, part, at):
    organisation, amount = case.organisation_of(part), _amount(case, part)
    held = [each for each in grants(world, at) if each.organisation == organisation and each.role in ROLES_OF[part]]
    return tuple(sorted(held, key=lambda each: each.limit_ore is not None and each.limit_ore < amount))


def _amount(case, part):
    payer = Payer.AGENT if part in {Part.AGENT_HANDLER, Part.AGENT_ATTESTANT} else Payer.CUSTOMER
    return case.order.costs.get(payer, Cost()).first_year_ore


def _standing(world, case, terms):
    return Standing(
        customer_agreement=(case.customer, ORDERS_UNDER.get(case.flow, AgreementType.KUNDAVTAL)) in world.agreements,
        agent_agreement=(case.agent, AgreementType.AGENTAVTAL) in world.agreements,
        agent_assignment=(case.agent, terms.service) in world.assignments,
        service=terms.service,
    )


def _duplicate(world, case, terms, units):
    if terms.flow is Flow.AGENT_ASSIGNMENT:
        return _assignment_on_its_way(world, case, terms.service)
    wanted = {unit.key for unit in units} or {""}
    return next(
        (
            other.id
            for other in world.cases.values()
            if other.id != case.id
            and other.closed_at is None
            and other.state not in TO_CONFIRM
            and (other.customer, other.order.offer) == (case.customer, case.order.offer)
            and wanted & ({unit.key for unit in other.order.units} or {""})
        ),
        None,
    )


def _assignment_on_its_way(world, case, service):
    same = (
        other.id
        for other in world.cases.values()
        if (other.customer, other.flow, other.closed_at) == (case.customer, case.flow, None)
        and other.id != case.id
        and world.offers[other.order.offer].service == service
    )
    return next(same, None)


def earlier(world, customer, way, units, at, wish=ExistingWish()):  # noqa: B008 - a frozen value
    """What units have of an offer's service: those that have it in this very way, and how others have it besides."""
    service, ways = world.offers[way.offer].service, {}
    for held in connections(world):
        if (held.customer, held.service) == (customer, service) and held.is_there(at):
            mine = [unit for unit in units if _same(held.unit, unit)]
            if mine or (not units and held.unit is None):
                ways.setdefault(ConnectionWay(held.offer, held.agent), []).extend(mine)
    others = tuple(
        EarlierConnection(other, {}, tuple(dict.fromkeys(unit.name for unit in of_way)), wish.ends(other))
        for other, of_way in ways.items()
        if other != way
    )
    return [unit for unit in units if unit in ways.get(way, ())], others
