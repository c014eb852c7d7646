"""Who may decide a case, and what its organisations have declared and agreed, is read as it is at the moment."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from core.api import (
    Action,
    Asking,
    CaseQuery,
    Cost,
    Part,
    Payer,
    Period,
    PriceKind,
    PriceUnit,
    Role,
    Rules,
    Side,
    State,
    Tier,
)
from core.shared import errors
from core.storage import tables
from core.storage.reads.queries import SqlQueries
from core.storage.reads.reserves import read_reserves
from core.workflow.context import HOLDERS_READ
from core.workflow.flows import VERSION
from tests.contract.office import Office, identity, open_office, via_agent
from tests.support.world import seed
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    CHRISTMAS,
    CLINIC,
    ERIK,
    HELENA,
    INERA,
    KARIN,
    LONG_AGO,
    NOW,
    OLGA,
    REGION,
    RUT,
    SARA,
    SITHS,
    TWELFTH_NIGHT,
)

TOMORROW = NOW + timedelta(days=1)
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
# Sara's own role, which lets her decide nothing.
CONTACT = (REGION, Role.AGREEMENT_CONTACT, None, None, None)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def look(office, case, person, *, at=NOW, named=None):
    by = None if person is None else identity(person)
    return await office.orders.look(CaseQuery(case.id, by, at, named=named))


async def lend(office, absent, substitute, organisation=REGION, role=Role.ATTESTANT, until=TOMORROW):
    await add(office, tables.substitutions, seed.substitution(absent, substitute, organisation, role, LONG_AGO, until))


async def add(office, table, *rows):
    await office.database.write(lambda connection: connection.execute(insert(table), list(rows)))


async def limit(office, person, **scope):
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == person, **scope)


def rights(now):
    return [(each.organisation, each.role, each.limit_ore, each.service, each.absent) for each in now.grants]


def people(now, part):
    return [each.person for each in now.holders[part]]


# --- substitutes


async def test_a_substitute_has_the_absent_persons_right_with_its_limit_and_service_in_the_own_name(office):
    await limit(office, BO, attest_limit_ore=500_000, service_id="siths")
    await lend(office, BO, ANNA)

    now = await look(office, await office.place(), ANNA)

    assert rights(now) == [
        (REGION, Role.ORDERER, None, None, None),
        (REGION, Role.ATTESTANT, 500_000, "siths", BO),
    ]
    assert {each.person for each in now.grants} == {ANNA}
    assert (ANNA, BO) in [(each.person, each.absent) for each in now.holders[Part.CUSTOMER_ATTESTANT]]


@pytest.mark.parametrize(
    ("at", "lent"),
    [
        (CHRISTMAS - MOMENT, []),
        (CHRISTMAS, [BO]),
        (TWELFTH_NIGHT - MOMENT, [BO]),
        (TWELFTH_NIGHT, []),
    ],
)
async def test_a_right_is_lent_from_the_first_moment_until_the_last(office, at, lent):
    now = await look(office, await office.place(), SARA, at=at)

    assert [each.absent for each in now.grants if each.role is Role.ATTESTANT] == lent
    assert [each.absent for each in now.holders[Part.CUSTOMER_ATTESTANT] if each.absent] == lent


async def test_nobody_lends_what_is_borrowed(office):
    await lend(office, BO, SARA)
    await lend(office, SARA, ADA)

    now = await look(office, await office.place(), ADA)

    assert rights(now) == [(REGION, Role.ADMINISTRATOR, None, None, None)]
    assert ADA not in people(now, Part.CUSTOMER_ATTESTANT)


async def test_a_right_is_lent_in_one_organisation_and_one_role(office):
    await lend(office, ASTA, HELENA, AGENT, Role.AGENT_HANDLER)
    await lend(office, BO, HELENA, AGENT)

    now = await look(office, await office.place(**via_agent()), HELENA)

    assert rights(now) == [
        (AGENT, Role.AGENT_HANDLER, None, None, None),
        (AGENT, Role.AGENT_HANDLER, None, None, ASTA),
    ]


@pytest.mark.parametrize("gone", [BO, SARA])
async def test_who_has_left_neither_lends_nor_borrows(office, gone):
    await lend(office, BO, SARA)
    case = await office.place()
    await office.change(tables.persons, tables.persons.c.id == gone, active=False)

    now = await look(office, case, CECILIA)

    assert gone not in people(now, Part.CUSTOMER_ATTESTANT)
    assert SARA not in people(now, Part.CUSTOMER_ATTESTANT)


async def test_nothing_is_borrowed_of_somebody_who_has_left(office):
    await lend(office, BO, SARA)
    case = await office.place()
    await office.change(tables.persons, tables.persons.c.id == BO, active=False)

    assert rights(await look(office, case, SARA)) == [CONTACT]


async def test_a_right_that_has_ended_is_not_lent(office):
    await lend(office, BO, SARA)
    case = await office.place()
    await limit(office, BO, valid_to=NOW)

    now = await look(office, case, SARA)

    assert rights(now) == [CONTACT]


async def test_a_right_is_lent_for_as_long_as_the_substitute_has_some_role_there(office):
    await lend(office, BO, SARA)
    case = await office.place()
    there = await look(office, case, SARA)
    await limit(office, SARA, valid_to=NOW)
    await add(office, tables.role_assignments, seed.role_assignment(SARA, AGENT, Role.AGENT_HANDLER))

    gone = await look(office, case, SARA)

    assert rights(there) == [CONTACT, (REGION, Role.ATTESTANT, None, None, BO)]
    assert SARA in people(there, Part.CUSTOMER_ATTESTANT)
    assert rights(gone) == []
    assert SARA not in people(gone, Part.CUSTOMER_ATTESTANT)


async def test_customer_service_is_lent_as_well(office):
    await add(office, tables.role_assignments, seed.role_assignment(ANNA, INERA, Role.AGREEMENT_CONTACT))
    await lend(office, KARIN, ANNA, INERA, Role.CUSTOMER_SERVICE)

    now = await look(office, await office.place(), ANNA)

    assert (INERA, Role.CUSTOMER_SERVICE, None, None, KARIN) in rights(now)


async def test_the_reserves_of_a_case_are_those_who_hold_that_role_and_have_not_left_each_on_their_own_side(office):
    case = await office.place(**via_agent())
    reserves = ((HELENA, AGENT), (SARA, REGION), (KARIN, INERA))
    rows = [seed.role_assignment(person, where, Role.EMERGENCY_ATTESTANT) for person, where in reserves]
    await add(office, tables.role_assignments, *rows)
    await office.change(tables.persons, tables.persons.c.id == SARA, active=False)

    found = await office.database.read(lambda connection: read_reserves(connection, case, NOW))

    assert {part: [(each.person, each.organisation) for each in grants] for part, grants in found.items()} == {
        Part.CUSTOMER_EMERGENCY: [(RUT, REGION)],
        Part.AGENT_EMERGENCY: [(HELENA, AGENT)],
    }


async def test_the_reserves_are_read_by_the_clock_alone(office):
    case = await office.place(**via_agent())
    await add(office, tables.role_assignments, seed.role_assignment(HELENA, AGENT, Role.EMERGENCY_ATTESTANT))

    clock, pressing = await look(office, case, None), await look(office, case, BO)

    assert [people(clock, part) for part in (Part.CUSTOMER_EMERGENCY, Part.AGENT_EMERGENCY)] == [[RUT], [HELENA]]
    assert [people(pressing, part) for part in (Part.CUSTOMER_EMERGENCY, Part.AGENT_EMERGENCY)] == [[], []]


# --- who is read first


async def test_those_whose_limit_and_service_fit_are_read_first_and_the_own_right_before_the_lent(office):
    await lend(office, CECILIA, SARA)
    await limit(office, BO, service_id="npo")

    now = await look(office, await office.place(), KARIN)

    assert people(now, Part.CUSTOMER_ATTESTANT) == [CECILIA, SARA, BO, ERIK]


async def test_a_limit_that_is_just_enough_fits(office):
    case = await office.place()
    await limit(office, ERIK, attest_limit_ore=case.order.cost(Side.CUSTOMER).first_year_ore)
    await limit(office, BO, attest_limit_ore=case.order.cost(Side.CUSTOMER).first_year_ore - 1)

    now = await look(office, case, KARIN)

    assert people(now, Part.CUSTOMER_ATTESTANT) == [CECILIA, ERIK, BO]


async def crowd_with(office, organisation, *roles):
    """More people than are read, all in the same roles, with accounts."""
    crowd = [f"P-{number:03}" for number in range(HOLDERS_READ + 2)]
    await add(office, tables.persons, *({"id": each, "name": each, "email": f"{each}@example.org"} for each in crowd))
    await add(office, tables.identities, *map(seed.identity, crowd))
    for role in roles:
        await add(office, tables.role_assignments, *(seed.role_assignment(each, organisation, role) for each in crowd))
    return crowd


async def test_of_more_people_than_are_read_nobody_is_missed_whom_rules_or_answers_name(office):
    crowd = await crowd_with(office, REGION, Role.ATTESTANT, Role.ORDERER)
    case = await office.place()
    await declare(office, tiers=[{"from_ore": 0, "sequence": crowd[-1:]}])
    waiting = await look(office, case, BO, named=crowd[-2])
    await declare(office, tiers=None)
    attested = await look(office, await office.attest(case, BO), KARIN, named=crowd[-1])

    assert set(crowd[-2:]) < set(people(waiting, Part.CUSTOMER_ATTESTANT))
    assert len(people(waiting, Part.CUSTOMER_ATTESTANT)) == HOLDERS_READ
    assert people(attested, Part.ORDERER)[0] == crowd[-1]


async def test_of_more_people_than_are_read_nobody_is_missed_who_may_attest_what_it_costs_when_it_starts(office):
    crowd, start = await crowd_with(office, REGION, Role.ATTESTANT), date(2027, 1, 1)
    held = tables.role_assignments.c
    await office.change(tables.role_assignments, held.role == Role.ATTESTANT, attest_limit_ore=10**6)
    await limit(office, crowd[-1], attest_limit_ore=None)
    dearer = {"offer_id": SITHS, "payer": Payer.CUSTOMER, "kind": PriceKind.STARTUP, "unit": PriceUnit.ORDER}
    dearer |= {"amount_ore": 10**8, "period": Period.YEAR, "valid_from": start}
    await add(office, tables.price_items, dearer)

    case = await office.place(desired_start=start)

    assert [each.person for each in case.asked] == [crowd[-1]]


async def test_of_more_people_than_are_read_nobody_is_missed_whose_attest_may_not_count_any_more(office):
    crowd = await crowd_with(office, REGION, Role.ATTESTANT)
    await declare(office, tiers=[{"from_ore": 0, "attests": 2}])
    case = await office.attest(await office.place(), crowd[-1])
    await limit(office, crowd[-1], attest_limit_ore=1_000)

    now = await look(office, case, BO)

    assert crowd[-1] in people(now, Part.CUSTOMER_ATTESTANT)
    assert (await office.attest(case, BO)).state is State.AWAITING_CUSTOMER_ATTEST


async def test_of_more_people_than_are_read_nobody_is_missed_whom_the_case_names(office):
    crowd = await crowd_with(office, AGENT, Role.ATTESTANT)
    case = await office.place(**via_agent())
    chosen = await office.press(case, HELENA, Action.APPROVE, certified=True, attestant=crowd[-1])
    handed = await office.press(chosen, crowd[-1], Action.HAND_OVER, to=crowd[-2])

    now = await look(office, handed, HELENA)

    assert chosen.chosen_attestant == crowd[-1]
    assert [each.person for each in handed.asked] == [crowd[-2]]
    assert crowd[-2] in people(now, Part.AGENT_ATTESTANT)


async def test_of_more_people_than_are_read_those_who_are_asked_are_not_missed(office):
    crowd = await crowd_with(office, REGION, Role.ATTESTANT)
    case = await office.place()
    handed = await office.press(case, BO, Action.HAND_OVER, to=crowd[-1])

    now = await look(office, handed, CECILIA)

    assert crowd[-1] in [each.person for each in handed.asked]
    assert crowd[-1] in people(now, Part.CUSTOMER_ATTESTANT)


async def declare(office, organisation=REGION, **rules):
    await office.change(tables.organisations, tables.organisations.c.id == organisation, **rules)


# --- only what the state asks for


async def test_orderers_are_read_for_customer_service_and_in_place_of_one_who_has_left(office):
    case = await office.place()
    waiting = await look(office, case, BO)
    await office.change(tables.role_assignments, tables.role_assignments.c.person_id == ANNA, valid_to=NOW)
    left = await look(office, case, BO)
    attested = await look(office, await office.attest(case, BO), KARIN)

    assert people(waiting, Part.ORDERER) == []
    assert (waiting.orderer_is_active, left.orderer_is_active) == (True, False)
    assert people(left, Part.ORDERER) == people(attested, Part.ORDERER) == [CECILIA]
    assert people(left, Part.CUSTOMER_ADMINISTRATOR) == [ADA]


async def test_an_orderer_whose_account_is_off_has_left(office):
    case = await office.place()
    await office.change(tables.persons, tables.persons.c.id == ANNA, active=False)

    assert (await look(office, case, BO)).orderer_is_active is False


async def test_administrators_are_read_for_the_clock(office):
    await add(office, tables.role_assignments, seed.role_assignment(ASTA, AGENT, Role.ADMINISTRATOR))
    case = await office.place(**via_agent())

    pressed, ticked = await look(office, case, HELENA), await look(office, case, None)

    assert people(pressed, Part.CUSTOMER_ADMINISTRATOR) == people(pressed, Part.AGENT_ADMINISTRATOR) == []
    assert (people(ticked, Part.CUSTOMER_ADMINISTRATOR), people(ticked, Part.AGENT_ADMINISTRATOR)) == ([ADA], [ASTA])
    assert (ticked.person, ticked.grants) == (None, ())


async def test_those_who_decide_next_are_read_with_those_who_decide_now(office):
    now = await look(office, await office.place(**via_agent()), HELENA)

    assert people(now, Part.AGENT_HANDLER) == [HELENA, ASTA]
    assert people(now, Part.AGENT_ATTESTANT) == [AMIR, ASTA]


# --- what is declared, agreed and paid


OTHERS = {
    "orders": (seed.OLGA, AGENT, Role.ORDERER, {}),
    "approves": (seed.HELENA, AGENT, Role.AGENT_HANDLER, {}),
    "attests": (seed.AMIR, AGENT, Role.ATTESTANT, {}),
    "is a reserve": (SARA, AGENT, Role.EMERGENCY_ATTESTANT, {}),
    "administers": (SARA, AGENT, Role.ADMINISTRATOR, {}),
    "attests from tomorrow": (SARA, AGENT, Role.ATTESTANT, {"valid_from": TOMORROW}),
    "attests no longer": (SARA, AGENT, Role.ATTESTANT, {"valid_to": NOW}),
    "attests elsewhere": (SARA, REGION, Role.ATTESTANT, {}),
    "has left": (seed.AMIR, AGENT, Role.ATTESTANT, {}),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_one_person_does_both_only_where_nobody_else_orders_approves_or_attests_now(office, other):
    held, (who, where, role, days) = tables.role_assignments, OTHERS[other]
    case = await office.place(**via_agent())
    await declare(office, AGENT, self_attest_allowed=True)
    await office.change(held, (held.c.organisation_id == AGENT) & (held.c.person_id != ASTA), valid_to=NOW)
    await add(office, held, seed.role_assignment(who, where, role) | days)
    if other == "has left":
        await office.change(tables.persons, tables.persons.c.id == who, active=False)

    may = (await look(office, case, ASTA)).rules[Side.AGENT].self_attest_allowed

    assert may is (other not in {"orders", "approves", "attests", "is a reserve"})


async def test_where_somebody_at_customer_service_belongs_counts_from_when_the_case_began_and_ahead(office):
    case = await office.attest(await office.place(), BO)
    day = timedelta(days=1)
    later = NOW + 9 * day
    await add(
        office,
        tables.role_assignments,
        role(KARIN, REGION, "agreement_contact", LONG_AGO, NOW),
        role(KARIN, CLINIC, "agreement_contact", later, None),
        role(KARIN, AGENT, "agreement_contact", later, later),
    )
    before = (await look(office, case, KARIN)).belongs
    await add(office, tables.role_assignments, role(KARIN, REGION, "administrator", LONG_AGO, NOW + MOMENT))

    assert before == {CLINIC}
    assert (await look(office, case, KARIN, at=later)).belongs == {CLINIC, REGION}


@pytest.mark.parametrize("days", [(-9, 1), (1, None)])
async def test_a_role_at_the_customer_that_is_over_or_to_come_keeps_from_acting_for_inera(office, days):
    since, until = (each and NOW + timedelta(days=each) for each in days)
    case = await office.attest(await office.place(), BO)
    other = await office.place(customer=AGENT, by=identity(OLGA), offer=ASSIGNMENT, key="V2")
    await add(office, tables.role_assignments, role(KARIN, REGION, "administrator", since, until))
    office.clock.forward(days=2)

    with pytest.raises(errors.Involved):
        await office.press(case, KARIN, Action.CLAIM)
    waits = await SqlQueries(office.database).waiting_for(Asking(KARIN), office.clock(), 9)
    assert [each.case for each in waits] == [other.id]


def role(person, organisation, name, since, until):
    return seed.role_assignment(person, organisation, name) | {"valid_from": since, "valid_to": until}


async def test_both_sides_rules_are_read(office):
    tiers = [
        {"from_ore": 0, "attests": 1},
        {"from_ore": 100_000, "attests": 2},
        {"from_ore": 900_000, "sequence": [BO]},
    ]
    case = await office.place(**via_agent())
    await declare(office, tiers=tiers, eid_from_ore=700_000)
    await declare(office, AGENT, eid_from_ore=800_000)

    now = await look(office, case, HELENA)

    assert now.rules == {
        Side.CUSTOMER: Rules(eid_from_ore=700_000, tiers=(Tier(0), Tier(100_000, 2), Tier(900_000, 1, (BO,)))),
        Side.AGENT: Rules(eid_from_ore=800_000),
    }


async def test_agreements_and_assignments_are_those_that_hold_now(office):
    case = await office.place(**via_agent())
    before = (await look(office, case, HELENA)).standing
    for table, column in ((tables.agreements, "ended_at"), (tables.agent_assignments, "valid_to")):
        await office.change(table, table.c.valid_from <= NOW, **{column: NOW})
    after = (await look(office, case, HELENA)).standing

    assert (before.customer_agreement, before.agent_agreement, before.agent_assignment) == (True, True, True)
    assert (after.customer_agreement, after.agent_agreement, after.agent_assignment) == (False, False, False)
    assert before.service == "npo"


async def test_an_agreement_that_follows_on_others_is_the_one_that_holds(office):
    case = await office.place(**via_agent())
    agreements = tables.agreements
    await office.change(agreements, agreements.c.valid_from <= NOW, ended_at=NOW)
    earlier = {"valid_from": LONG_AGO - 9 * DAY, "ended_at": LONG_AGO - 8 * DAY}
    for days in ({"valid_from": TOMORROW, "ended_at": None}, earlier, {"valid_from": NOW, "ended_at": TOMORROW}):
        for organisation, kind in ((REGION, "kundavtal"), (AGENT, "agentavtal")):
            await add(office, agreements, {"organisation_id": organisation, "type": kind} | days)

    standings = [(await look(office, case, HELENA, at=at)).standing for at in (NOW, TOMORROW)]
    between = (await look(office, case, HELENA, at=LONG_AGO - DAY)).standing

    assert [(each.customer_agreement, each.agent_agreement) for each in (*standings, between)] == [
        (True, True),
        (True, True),
        (False, False),
    ]


async def test_prices_change_at_midnight_in_sweden(office):
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    case = await office.place()
    prices = tables.price_items
    await office.change(prices, prices.c.offer_id == SITHS, valid_to=date(2026, 12, 31))
    price = {"offer_id": SITHS, "payer": "customer", "kind": "startup", "unit": "order", "amount_ore": 170_000}
    await add(office, prices, price | {"period": "year", "valid_from": date(2027, 1, 1)})

    old = (await look(office, case, BO, at=new_year - MOMENT)).reckoned.costs
    new = (await look(office, case, BO, at=new_year)).reckoned.costs

    assert old == {Payer.CUSTOMER: case.order.costs[Payer.CUSTOMER]}
    assert new == {Payer.CUSTOMER: Cost(170_000)}


async def test_prices_count_the_units_of_the_case(office):
    case = await office.place(**via_agent())

    assert (await look(office, case, HELENA)).reckoned.costs == case.order.costs


async def test_prices_are_not_read_where_nobody_decides(office):
    case = await office.attest(await office.place(), BO)

    assert (await look(office, case, KARIN)).reckoned is None


# --- what a decision leaves


async def test_history_proves_for_whom_by_which_right_and_up_to_what_somebody_decided(office):
    await limit(office, BO, attest_limit_ore=500_000)
    await lend(office, BO, SARA)
    case = await office.place()
    await office.attest(case, SARA)

    found = await office.database.read(lambda c: c.execute(tables.history.select().order_by(tables.history.c.id)).all())

    assert json.loads(found[-1].evidence) == {
        "flows": VERSION,
        "costs": {"customer": [150_000, 0, "year"], "agent": [0, 0, "year"]},
        "reason_code": None,
        "role": "attestant",
        "absent": BO,
        "limit_ore": 500_000,
        "amount_ore": case.order.cost(Side.CUSTOMER).first_year_ore,
        "attests": 1,
    }


async def test_a_card_is_made_for_the_step_that_it_is_about(office):
    case = await office.attest(await office.place(), BO)

    cards = await office.cards(case_id=case.id)

    assert {(card.kind, card.step) for card in cards} == {
        ("status", 1),
        ("customer_attest", 1),
        ("customer_service", 2),
        ("progress", 2),
    }
