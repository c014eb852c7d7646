"""What is read of people, rules and agreements around a case, as the conditions of the flows table ask for it."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from core.catalogue.costs import Cost
from core.catalogue.offers import Price, count_costs, unpriced_since
from core.identity.proofs import Proof
from core.register.organisations import Rules, Tier
from core.shared.vocabulary import (
    SIDE_OF,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    PriceKind,
    PriceUnit,
    Role,
    Side,
)
from core.shared.working_days import day_of
from core.storage.context.authority_sql import ASKING, ROLE_OF
from core.workflow.case import Case, Grant
from core.workflow.context import CardPlace, DecisionContext, Standing

# JSON text on SQLite; on PostgreSQL a list, or NULL where nothing was found.
Listed = str | list[Any] | None


class Authority(NamedTuple):
    """What `core.storage.context.authority_sql.authority` selects, in its order."""

    grants: Listed
    belongs: Listed
    holders: Listed
    self_attest_allowed: bool
    eid_from_ore: int | None
    tiers: Listed
    agent_self_attest_allowed: bool | None
    agent_eid_from_ore: int | None
    agent_tiers: Listed
    service_id: str
    orderer_is_active: bool
    customer_agreement: bool
    agent_agreement: bool
    agent_assignment: bool
    prices: Listed


def situation(
    case: Case,
    person: PersonId | None,
    read: Authority,
    *,
    at: datetime,
    agent: OrganisationId | None,
    card: CardPlace | None = None,
    proof: Proof | None = None,
    seen_at: datetime | None = None,
) -> DecisionContext:
    """A case and a person's authority over it. `agent` is the one that was read of: the case's, or the answer's."""
    costs, unpriced = _costs(read.prices, case, day_of(at)) if case.state in ASKING else (None, None)
    return DecisionContext(
        case=case,
        person=person,
        grants=() if person is None else grants_from_json(read.grants, person),
        belongs=frozenset(loaded(read.belongs)),
        holders=_holders(read.holders, case.customer, agent or OrganisationId("")),
        rules={
            Side.CUSTOMER: rules(read.self_attest_allowed, read.eid_from_ore, read.tiers),
            Side.AGENT: rules(read.agent_self_attest_allowed, read.agent_eid_from_ore, read.agent_tiers),
        },
        standing=Standing(
            customer_agreement=bool(read.customer_agreement),
            agent_agreement=bool(read.agent_agreement),
            agent_assignment=bool(read.agent_assignment),
            service=read.service_id,
        ),
        costs_now=costs,
        unpriced_since=unpriced,
        orderer_is_active=bool(read.orderer_is_active),
        card=card,
        proof=proof,
        seen_at=seen_at,
    )


def rules(self_attest_allowed: object, eid_from_ore: int | None, tiers: Listed) -> Rules:
    """What an organisation has declared, from its columns."""
    return Rules(
        self_attest_allowed=bool(self_attest_allowed),
        eid_from_ore=eid_from_ore,
        tiers=tuple(
            Tier(each["from_ore"], each.get("attests", 1), tuple(each.get("sequence", ()))) for each in loaded(tiers)
        ),
    )


def grants_from_json(stored: Listed, person: PersonId) -> tuple[Grant, ...]:
    """A person's grants from lists [organisation, role, limit, service, absent]."""
    return tuple(
        Grant(person, organisation, Role(role), limit_ore, service, absent)
        for organisation, role, limit_ore, service, absent in loaded(stored)
    )


def loaded(stored: Listed) -> list[Any]:
    """A JSON list from either database; empty where there is none."""
    return (json.loads(stored) if isinstance(stored, str) else stored) or []


def _holders(stored: Listed, customer: OrganisationId, agent: OrganisationId) -> dict[Part, tuple[Grant, ...]]:
    found: dict[Part, list[Grant]] = {part: [] for part in ROLE_OF}
    for name, person, limit_ore, service, absent in loaded(stored):
        part = Part(name)
        organisation = customer if SIDE_OF[part] is Side.CUSTOMER else agent
        found[part].append(Grant(person, organisation, ROLE_OF[part], limit_ore, service, absent))
    return {part: tuple(grants) for part, grants in found.items()}


def _prices(stored: Listed) -> list[Price]:
    return [
        Price(
            Payer(payer),
            PriceKind(kind),
            PriceUnit(unit),
            amount_ore,
            Period(period),
            _day(since),
            until and _day(until),
        )
        for payer, kind, unit, amount_ore, period, since, until in loaded(stored)
    ]


def _day(stored: str) -> date:
    return date.fromisoformat(stored)


def _costs(stored: Listed, case: Case, day: date) -> tuple[dict[Payer, Cost] | None, date | None]:
    """What is paid at today's prices; None where one of them is missing, and since when."""
    prices, units = _prices(stored), len(case.order.units)
    unpriced = unpriced_since(prices, day, units=units)
    if unpriced is not None:
        return None, unpriced
    costs, priced = count_costs(prices, units=units, day=day), {each.payer for each in prices}
    return {payer: cost for payer, cost in costs.items() if payer in priced}, None
