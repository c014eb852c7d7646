"""Reads for screens answer alike on both databases, agree with the judge, and use an index."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from core.api import (
    ORDER_FLOWS,
    PART_WAITED_FOR,
    SIDE_OF,
    TO_CONFIRM,
    Action,
    ActOnCase,
    Answers,
    Asking,
    Assurance,
    Case,
    CaseId,
    CaseQuery,
    Cost,
    Decision,
    Engine,
    Flow,
    Identity,
    Language,
    NoRole,
    OnSide,
    Order,
    OrderError,
    Orders,
    Part,
    Payer,
    PlaceOrder,
    Role,
    Side,
    Standing,
    State,
    Surface,
    Unit,
    authorized_row,
    new_id,
)
from core.ports.case_lists import OrderFilter, Scope
from core.storage import tables
from core.storage.cases import loading
from core.storage.cases.repository import SqlCaseRepository
from core.storage.context import standings
from core.storage.database.database import Database
from core.storage.database.sessions import run_in
from core.storage.reads import waiting
from core.storage.reads.case_views import read_records
from core.storage.reads.queries import SqlQueries
from notifications.rules.announcements import Announcements
from tests.contract.statements import scans
from tests.support.world import seed
from tests.support.world.builders import ORDER_STATES
from tests.support.world.records import records
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    NOW,
    NPO_AGENT,
    NPO_KONSUMENT,
    REGION,
    SARA,
    SITHS,
)
from tests.support.world.stored import case_row

PEOPLE = (ANNA, BO, CECILIA, DAVID, HELENA, AMIR, ASTA, KARIN, KALLE)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await seed.seeded(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def reads(database: Database) -> SqlQueries:
    return SqlQueries(database)


@pytest.fixture
def orders(database: Database) -> Orders:
    return Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, new_id))


async def place(orders, person=ANNA, customer=REGION, offer=SITHS, key="1", **more):
    return await orders.place(
        PlaceOrder(Asking(person), customer, offer, (), "REF-1", True, key=key, surface=Surface.API, **more)
    )


async def place_via_agent(orders, key="1"):
    unit = Unit("Eken", f"SE2321000016-A{key}")
    wish = PlaceOrder(Asking(ANNA), REGION, NPO_AGENT, (unit,), "REF-1", True, key=key, surface=Surface.API,
                      agent=AGENT, technical_contact="it@example.org")  # fmt: skip
    return await orders.place(wish)


async def act(orders, case, person, action, **answers):
    return (await orders.act(ActOnCase(case.id, action, Asking(person), Surface.SLACK, None, Answers(**answers)))).after


async def waits(reads, person, limit=10):
    return [each.case for each in await reads.waiting_for(Asking(person), NOW, limit)]


# --- dossiers and names


async def test_a_dossier_names_everybody_its_case_mentions(orders, reads):
    case = await place_via_agent(orders)
    case = await act(orders, case, HELENA, Action.APPROVE, certified=True, attestant=AMIR)

    dossier = (await records(reads, [case.id]))[case.id]

    assert dossier.case == case
    assert dossier.people == {ANNA: "Anna Berg", HELENA: "Helena Gran", AMIR: "Amir Haddad"}
    assert {each.name for each in dossier.organisations.values()} == {"Region Exempel", "Journalbolaget AB"}
    assert dossier.offer.service == {Language.SV: "NPÖ", Language.EN: "NPÖ"}
    assert dossier.offer.template[Language.EN] == "Do this."


async def test_an_agent_named_for_information_is_in_the_dossier(orders, reads):
    unit = Unit("Eken")
    wish = PlaceOrder(
        Asking(ANNA), REGION, NPO_KONSUMENT, (unit,), "REF", True, key="1", surface=Surface.API, agent=AGENT
    )
    case = await orders.place(wish)

    dossier = (await records(reads, [case.id]))[case.id]

    assert dossier.organisations[AGENT].name == "Journalbolaget AB"


async def test_unknown_cases_are_left_out(orders, reads):
    case = await place(orders)

    assert set(await records(reads, [CaseId("B-nothing"), case.id])) == {case.id}
    assert await records(reads, []) == {}


async def test_names_of_nobody_are_no_names(reads):
    assert await reads.names([], []) == ({}, {})
    assert await reads.names([ANNA], [REGION]) == ({ANNA: "Anna Berg"}, {REGION: "Region Exempel"})


# --- people


async def test_a_person_is_found_by_a_confirmed_account_only(database, reads):
    account = Identity(seed.TEAM, seed.slack_user(ANNA))
    found = await reads.person_of(account)
    await database.write(lambda connection: connection.execute(update(tables.identities).values(state="offered")))

    assert found is not None
    assert found.name == "Anna Berg"
    assert await reads.person_of(account) is None


async def test_an_account_of_the_same_name_in_another_workspace_is_somebody_elses(database, reads):
    elsewhere, here = Identity("slack:T0OTHER0001", seed.slack_user(ANNA)), Identity(seed.TEAM, seed.slack_user(ANNA))
    before = await reads.person_of(elsewhere)
    theirs = seed.identity(BO) | {"issuer": elsewhere.issuer, "subject": elsewhere.subject}
    await database.write(lambda connection: connection.execute(insert(tables.identities), theirs).close())

    assert before is None
    assert [(await reads.person_of(each)).id for each in (elsewhere, here)] == [BO, ANNA]


async def test_a_person_is_found_by_email_whatever_its_letters(database, reads):
    found = await reads.person_by_email(" Anna@Example.org ")
    await database.write(lambda connection: connection.execute(update(tables.persons).values(active=False)))

    assert found is not None
    assert found.id == ANNA
    assert await reads.person_by_email("anna@example.org") is None


async def test_roles_are_those_that_hold_at_the_time(database, reads):
    ended = update(tables.role_assignments).where(tables.role_assignments.c.role == "orderer").values(valid_to=NOW)
    await database.write(lambda connection: connection.execute(ended))

    before = await reads.roles_of(Asking(CECILIA), NOW - timedelta(microseconds=1))
    after = await reads.roles_of(Asking(CECILIA), NOW)

    assert before[REGION][1] == {Role.ATTESTANT, Role.ORDERER}
    assert after[REGION][1] == {Role.ATTESTANT}
    assert after[REGION][0].name == "Region Exempel"


async def test_the_organisations_of_a_person_stand_by_name_and_whoever_has_left_has_none(database, reads):
    rows = [seed.role_assignment(ANNA, each, Role.ORDERER) for each in (CLINIC, AGENT, INERA)]
    await database.write(lambda connection: connection.execute(insert(tables.role_assignments), rows).close())
    before = await reads.roles_of(Asking(ANNA), NOW)
    left = update(tables.persons).where(tables.persons.c.id == ANNA).values(active=False)
    await database.write(lambda connection: connection.execute(left).close())

    assert [held.name for held, _ in before.values()] == [
        "Inera AB", "Journalbolaget AB", "Kliniken AB", "Region Exempel",
    ]  # fmt: skip
    assert await reads.roles_of(Asking(ANNA), NOW) == {}


async def test_a_customers_reference_for_a_service_comes_before_its_own_for_all_and_is_nobody_elses(database, reads):
    own = {"organisation_id": REGION, "service_id": "npo", "reference": "REGION-NPO"}
    theirs = {"organisation_id": CLINIC, "service_id": "siths", "reference": "CLINIC-SITHS"}
    whole = update(tables.organisations).where(tables.organisations.c.id == REGION).values(invoice_ref="REGION")
    await database.write(
        lambda connection: connection.execute(insert(tables.invoice_references), [own, theirs]).close()
    )
    await database.write(lambda connection: connection.execute(whole).close())

    found = {
        (customer, service): await reads.invoice_reference(Asking(KARIN), customer, service, NOW)
        for customer in (REGION, CLINIC)
        for service in ("npo", "siths")
    }

    assert found == {
        (REGION, "npo"): "REGION-NPO",
        (REGION, "siths"): "REGION",
        (CLINIC, "npo"): "",
        (CLINIC, "siths"): "CLINIC-SITHS",
    }


# --- lists


def of(case):
    return update(tables.cases).where(tables.cases.c.id == case.id)


async def place_unit(orders, name):
    wish = PlaceOrder(Asking(ANNA), REGION, NPO_KONSUMENT, (Unit(name),), "REF", True, key=name, surface=Surface.API)
    return await orders.place(wish)


async def test_a_page_of_orders_on_both_sides_holds_no_more_than_was_asked_for(database, orders, reads):
    bought, *sold = [await place(orders), *[await place_via_agent(orders, key) for key in "56"]]
    await database.write(lambda connection: connection.execute(of(bought).values(customer_id=CLINIC)).close())
    newest_first = sorted((each.id for each in (bought, *sold)), reverse=True)

    found = await reads.list_orders(Scope(CLINIC, AGENT), OrderFilter(), None, 2)

    assert [each.case for each in found] == newest_first[:2]


async def test_an_own_order_waits_for_others(orders, reads):
    case = await place(orders, person=CECILIA)

    assert await waits(reads, CECILIA) == []
    assert await waits(reads, BO) == [case.id]


async def test_what_waits_for_somebody_chosen_takes_no_room_on_the_page_of_another(orders, reads):
    later = Orders(Engine(orders.engine.cases, Announcements(), lambda: NOW + timedelta(1), new_id))
    for key in "123":
        chosen = await place_via_agent(orders, key)
        await act(orders, chosen, HELENA, Action.APPROVE, certified=True, attestant=AMIR)
    case = await act(later, await place_via_agent(orders, "4"), HELENA, Action.APPROVE, certified=True)

    assert await waits(reads, ASTA, limit=1) == [case.id]


async def test_a_question_waits_for_the_orderer_and_for_another_once_that_person_has_left(database, orders, reads):
    longest, case = await place_unit(orders, "Eken"), await place_unit(orders, "Asken")
    case = await act(orders, case, BO, Action.REQUEST_COMPLETION, message="Vilken enhet?")
    await database.write(lambda c: c.execute(of(longest).values(waiting_since=NOW - timedelta(1))).close())
    asked = await waits(reads, ANNA), await waits(reads, CECILIA), await waits(reads, CECILIA, 1)
    await database.write(
        lambda c: c.execute(update(tables.persons).where(tables.persons.c.id == ANNA).values(active=False))
    )

    assert asked == ([case.id], [longest.id], [longest.id])
    assert await waits(reads, ANNA) == []
    assert await waits(reads, CECILIA) == [longest.id, case.id]


async def test_an_own_order_waits_for_its_orderer_where_one_person_does_everything(database, orders, reads):
    alone = update(tables.organisations).where(tables.organisations.c.id == CLINIC).values(self_attest_allowed=True)
    await database.write(lambda connection: connection.execute(alone))
    case = await place(orders, person=DAVID, customer=CLINIC)

    assert await waits(reads, DAVID) == [case.id]


async def test_the_chosen_attestant_alone_has_it_waiting(orders, reads):
    case = await act(orders, await place_via_agent(orders), HELENA, Action.APPROVE, certified=True, attestant=AMIR)

    assert await waits(reads, AMIR) == [case.id]
    assert await waits(reads, ASTA) == []


async def test_once_the_chosen_attestant_has_attested_it_waits_for_the_other_who_is_needed(database, orders, reads):
    two = (
        update(tables.organisations)
        .where(tables.organisations.c.id == AGENT)
        .values(tiers=[{"from_ore": 0, "attests": 2}])
    )
    await database.write(lambda connection: connection.execute(two))
    chosen = await act(orders, await place_via_agent(orders), HELENA, Action.APPROVE, certified=True, attestant=AMIR)
    await act(orders, chosen, AMIR, Action.ATTEST, confirmed=True)

    assert await waits(reads, AMIR) == []
    assert await waits(reads, ASTA) == [chosen.id]


@pytest.mark.parametrize(("limit_ore", "does_wait"), [(149_999, False), (150_000, True)])
async def test_an_order_waits_for_an_attestant_whose_limit_is_exactly_its_amount(
    database, orders, reads, limit_ore, does_wait
):
    case = await place(orders)
    await limit(database, BO, limit_ore)

    assert (await waits(reads, BO) == [case.id]) is does_wait


@pytest.mark.parametrize(("limit_ore", "does_wait"), [(49_999, False), (50_000, True)])
async def test_an_order_waits_for_an_agents_attestant_by_what_the_agent_pays(
    database, orders, reads, limit_ore, does_wait
):
    case = await act(orders, await place_via_agent(orders), HELENA, Action.APPROVE, certified=True)
    await limit(database, AMIR, limit_ore)

    assert (await waits(reads, AMIR) == [case.id]) is does_wait


async def limit(database, person, limit_ore):
    """A person attests up to an amount."""
    changed = update(tables.role_assignments).where(tables.role_assignments.c.person_id == person)
    await database.write(lambda connection: connection.execute(changed.values(attest_limit_ore=limit_ore)).close())


async def test_a_claimed_case_waits_for_its_claimer_alone(orders, reads):
    case = await act(orders, await place(orders), BO, Action.ATTEST, confirmed=True)
    both = [await waits(reads, person) for person in (KARIN, KALLE)]
    await act(orders, case, KARIN, Action.CLAIM)

    assert both == [[case.id], [case.id]]
    assert await waits(reads, KARIN) == [case.id]
    assert await waits(reads, KALLE) == []


# --- offers and agents


async def test_a_customer_is_offered_what_its_category_may_order(reads):
    region = [choice.terms.id for choice in await reads.offers_for(Asking(KARIN), REGION, "", NOW, 10)]
    clinic = [choice.terms.id for choice in await reads.offers_for(Asking(KARIN), CLINIC, "", NOW, 10)]

    assert region == [NPO_AGENT, NPO_KONSUMENT, SITHS]
    assert clinic == [NPO_AGENT, SITHS]
    assert await reads.offers_for(Asking(KARIN), INERA, "", NOW, 10) == []


@pytest.mark.parametrize(
    ("search", "found"), [("svensk", 3), ("IN ENGLISH", 3), ("konsu", 1), ("siths", 1), ("npö", 2)]
)
async def test_offers_are_searched_in_both_languages_and_by_service(reads, search, found):
    assert len(await reads.offers_for(Asking(KARIN), REGION, search, NOW, 10)) == found


async def test_an_offer_comes_with_its_prices_and_words(reads):
    choice = (await reads.offers_for(Asking(KARIN), REGION, "npo-agent", NOW, 1))[0]

    assert choice.terms == seed.terms(NPO_AGENT)
    assert choice.offer == {Language.SV: "npo-agent på svenska", Language.EN: "npo-agent in English"}


async def test_the_routines_of_an_offer_come_with_it_in_their_order_and_with_what_was_ordered(database, reads, orders):
    titles = [{language: f"{language} {number}" for language in Language} for number in (2, 1)]
    kept = [{"title": title, "url": f"https://a.se/{title[Language.EN][-1]}"} for title in titles]
    offered = update(tables.offers).where(tables.offers.c.id == SITHS).values(routines=kept)
    await database.write(lambda connection: connection.execute(offered))
    case = await place(orders)

    (choice,) = [each for each in await reads.offers_for(Asking(KARIN), REGION, "", NOW, 10) if each.terms.id == SITHS]
    views = await reads.views([case.id], OnSide(Side.CUSTOMER))

    assert [(each.title[Language.EN], each.url) for each in choice.routines] == [
        ("en 2", "https://a.se/2"),
        ("en 1", "https://a.se/1"),
    ]
    assert views[case.id].routines == choice.routines


async def test_an_offer_taken_out_of_the_form_is_not_offered(database, reads):
    await database.write(
        lambda connection: connection.execute(
            update(tables.offers).where(tables.offers.c.id == SITHS).values(active=False)
        )
    )

    assert [choice.terms.id for choice in await reads.offers_for(Asking(KARIN), CLINIC, "", NOW, 10)] == [NPO_AGENT]


@pytest.mark.parametrize("ends", [tables.agreements.c.ended_at, tables.agent_assignments.c.valid_to])
async def test_an_agent_needs_agreement_and_assignment_now(database, reads, ends):
    before = await reads.agents_for(Asking(KARIN), NPO_AGENT, REGION, NOW, "JOURNAL", 10)
    await database.write(lambda connection: connection.execute(update(ends.table).values({ends: NOW})))

    assert before == [(AGENT, "Journalbolaget AB")]
    assert await reads.agents_for(Asking(KARIN), NPO_AGENT, REGION, NOW, "", 10) == []


async def test_an_agent_whose_agreement_follows_on_another_is_offered_once(database, reads):
    agreements = tables.agreements
    anew = {"organisation_id": AGENT, "type": "agentavtal", "valid_from": NOW}

    def renew(connection):
        connection.execute(update(agreements).where(agreements.c.organisation_id == AGENT).values(ended_at=NOW))
        connection.execute(insert(agreements), anew)

    await database.write(renew)

    assert await reads.agents_for(Asking(KARIN), NPO_AGENT, REGION, NOW, "", 10) == [(AGENT, "Journalbolaget AB")]


async def test_an_agent_is_not_offered_to_itself_nor_for_other_services(reads):
    assert await reads.agents_for(Asking(KARIN), NPO_AGENT, AGENT, NOW, "", 10) == []
    assert await reads.agents_for(Asking(KARIN), SITHS, REGION, NOW, "", 10) == []


ROLES = tables.role_assignments
OF_AGENT = ROLES.c.organisation_id == AGENT


@pytest.mark.parametrize(
    ("changes", "is_offered"),
    [
        ((delete(ROLES).where(OF_AGENT, ROLES.c.role == "agent_handler"),), False),
        ((delete(ROLES).where(OF_AGENT, ROLES.c.role == "attestant"),), False),
        ((update(ROLES).where(OF_AGENT, ROLES.c.role == "attestant").values(service_id="siths"),), False),
        ((update(ROLES).where(OF_AGENT, ROLES.c.role == "attestant").values(service_id="npo"),), True),
        ((update(ROLES).where(OF_AGENT).values(person_id=seed.HELENA),), False),
        (
            (
                update(ROLES).where(OF_AGENT).values(person_id=seed.HELENA),
                update(tables.organisations).values(self_attest_allowed=True),
            ),
            True,
        ),
    ],
)
async def test_an_agent_without_people_who_can_take_the_order_is_not_offered(database, reads, changes, is_offered):
    for change in changes:
        await database.write(lambda connection, change=change: connection.execute(change).close())

    assert (await reads.agents_for(Asking(KARIN), NPO_AGENT, REGION, NOW, "", 10) != []) is is_offered
    # Where an agent is named for information alone, it decides nothing.
    assert await reads.agents_for(Asking(KARIN), NPO_KONSUMENT, REGION, NOW, "", 10) == [(AGENT, "Journalbolaget AB")]


async def test_agents_stand_by_name_whatever_its_letters(database, reads):
    agreement = {"organisation_id": REGION, "type": "agentavtal", "valid_from": seed.LONG_AGO}
    assignment = {"agent_id": REGION, "service_id": "npo", "valid_from": seed.LONG_AGO}
    small = update(tables.organisations).where(tables.organisations.c.id == REGION).values(name="hälsobolaget AB")
    handler = seed.role_assignment(seed.ANNA, REGION, "agent_handler")
    for change in (
        insert(tables.agreements).values(agreement),
        insert(tables.agent_assignments).values(assignment),
        insert(tables.role_assignments).values(handler),
        small,
    ):
        await database.write(lambda connection, change=change: connection.execute(change).close())

    names = [name for _, name in await reads.agents_for(Asking(KARIN), NPO_AGENT, CLINIC, NOW, "", 10)]

    assert names == ["hälsobolaget AB", "Journalbolaget AB"]


# --- what waits is what the judge lets one do


class Undo(Exception):
    """Leaves the database as it was."""


@st.composite
def a_case(draw: st.DrawFn, number: int) -> Case:
    flow = draw(st.sampled_from(ORDER_FLOWS))
    state = draw(st.sampled_from(sorted(ORDER_STATES - {State.DRAFT})))
    agent = AGENT if flow is Flow.VIA_AGENT else None
    parts = st.sampled_from([part for part in SIDE_OF if part is not Part.CUSTOMER_SERVICE])
    decided = draw(st.lists(st.tuples(parts, st.sampled_from(PEOPLE)), max_size=3))
    costs = {payer: Cost(draw(st.sampled_from(AMOUNTS))) for payer in Payer}
    # Some have waited so long that the clock has asked whether they are kept, yesterday, or something else before.
    days, reminded = draw(st.sampled_from([(0, None), (40, None), (40, 1), (40, 20)]))
    nudges = [] if reminded is None else [_reminder(state, NOW - timedelta(days=reminded))]
    return Case(
        id=CaseId(f"B-{number}"),
        flow=flow,
        state=state,
        customer=draw(st.sampled_from([REGION, CLINIC])),
        agent=agent,
        orderer=draw(st.sampled_from(PEOPLE)),
        content=Order(SITHS, (), "REF", costs=costs),
        created_at=NOW,
        waiting_since=NOW - timedelta(days=days, minutes=draw(st.integers(0, 3))),
        decisions=(*(_decision(step, part, person) for step, (part, person) in enumerate(decided)), *nudges),
        chosen_attestant=draw(st.none() | st.sampled_from([AMIR, ASTA])),
        claimed_by=draw(st.none() | st.sampled_from([KARIN, KALLE])),
        recused=tuple(draw(st.sets(st.sampled_from(PEOPLE), max_size=2))),
        aside=tuple(draw(st.sets(st.sampled_from(PEOPLE), max_size=2))),
    )


def _decision(step: int, part: Part, person) -> Decision:
    return Decision(step, State.DRAFT, Action.SUBMIT, part, person, None, NOW, Surface.SLACK, Assurance.CLICK, 1)


def _reminder(state: State, at) -> Decision:
    return Decision(0, state, Action.REMIND, Part.CLOCK, None, None, at, Surface.CLOCK, Assurance.CLOCK, 1)


ORGANISATIONS = (REGION, CLINIC, AGENT, INERA)
AMOUNTS = (0, 100_000, 200_000)


@st.composite
def a_role(draw: st.DrawFn):
    return {
        "person_id": draw(st.sampled_from(PEOPLE)),
        "organisation_id": draw(st.sampled_from(ORGANISATIONS)),
        "role": draw(st.sampled_from(Role)),
        "attest_limit_ore": draw(st.none() | st.sampled_from(AMOUNTS)),
        "service_id": draw(st.none() | st.sampled_from(["siths", "npo"])),
        "granted_by": "test",
        "valid_from": seed.LONG_AGO,
    }


@st.composite
def a_substitution(draw: st.DrawFn):
    absent, substitute = draw(st.permutations(PEOPLE))[:2]
    where = {"organisation_id": draw(st.sampled_from(ORGANISATIONS)), "role": draw(st.sampled_from(Role))}
    until = draw(st.sampled_from([NOW, NOW + timedelta(days=1)]))
    return substitution(absent, substitute, until=until, **where)


def substitution(absent, substitute, *, until=NOW + timedelta(days=1), **where):
    made = {"absent_id": absent, "substitute_id": substitute, "organisation_id": REGION, "role": Role.ATTESTANT}
    return made | {"valid_from": seed.LONG_AGO, "valid_to": until, "created_by": "test"} | where


@given(
    cases=st.integers(1, 5).flatmap(lambda count: st.tuples(*[a_case(number) for number in range(count)])),
    more=st.lists(a_role(), max_size=4),
    absences=st.lists(a_substitution(), max_size=4),
    alone=st.sets(st.sampled_from([REGION, CLINIC, AGENT])),
    first=st.none() | st.sampled_from(PEOPLE),
    left=st.sets(st.sampled_from(PEOPLE), max_size=1),
    page=st.integers(1, 3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
async def test_what_waits_for_a_person_is_what_the_judge_lets_that_person_do(
    database, cases, more, absences, alone, first, left, page
):
    def look(connection: Connection) -> None:
        _arrange(connection, cases, more, absences, alone=alone, first=first, left=left)
        for person in PEOPLE:
            assert _listed(connection, person, page) == _allowed(connection, cases, person), person
        raise Undo

    with pytest.raises(Undo):
        await database.write(look)


def _arrange(connection, cases, more, absences, *, alone, first, left):
    for case in cases:
        connection.execute(insert(tables.cases), case_row(case))
    for table, rows in ((tables.role_assignments, more), (tables.substitutions, absences)):
        for row in rows:
            connection.execute(insert(table), row)
    organisations, people = tables.organisations, tables.persons
    connection.execute(update(organisations).where(organisations.c.id.in_(alone)).values(self_attest_allowed=True))
    connection.execute(update(people).where(people.c.id.in_(left)).values(active=False))
    if first is not None:
        connection.execute(update(organisations).values(tiers=[{"from_ore": 100_000, "sequence": [first]}]))


def _listed(connection, person, page):
    found = waiting.read_waiting(connection, Asking(person), NOW, 100)
    # Whoever asks for few is given the first of them.
    assert waiting.read_waiting(connection, Asking(person), NOW, page) == found[:page]
    return [(each.case, each.part) for each in found]


def _allowed(connection, cases, person):
    ordered = sorted(cases, key=lambda case: (case.waiting_since, case.id))
    parts = {case.id: _plays(connection, case, person) for case in ordered}
    return [(case, part) for case, part in parts.items() if part is not None]


# What may be done by others too, or only to be spared of the case, or while others are waited for.
NO_REASON_TO_LIST = {
    Action.WITHDRAW, Action.HAND_OVER, Action.RECUSE, Action.EMERGENCY_ATTEST, Action.SEND_AGAIN, Action.TAKE_OVER,
    Action.KEEP,
}  # fmt: skip


def _plays(connection, case, person):
    """As what somebody has a case to do something about, or whether to keep it; None for whoever has not."""
    try:
        now = run_in(connection, partial(loading.load, query=CaseQuery(case.id, Asking(person), NOW)))
    except OrderError:
        return None
    # Others may confirm as well: it waits for whoever ordered.
    own = PART_WAITED_FOR[case.state] if case.state in TO_CONFIRM else None
    if person not in case.aside and any(_may(now, action, own) for action in set(Action) - NO_REASON_TO_LIST):
        return PART_WAITED_FOR[case.state]
    return Part.ORDERER if _may(now, Action.KEEP, None) else None


def _may(now, action, part):
    try:
        row = authorized_row(now, action, None)
    except OrderError:
        return False
    return part is None or row.who is part


# --- no list grows with the number of orders


READS = {
    "dossiers": partial(read_records, cases=[CaseId("B-1")]),
    "waiting": partial(waiting.read_waiting, who=Asking(BO), at=NOW, limit=10),
    "standing": partial(
        standings.whole,
        known=Standing(),
        wished=standings.Wished(REGION, NPO_AGENT, AGENT, (Unit("Eken"), Unit("Asken"))),
        terms=seed.terms(NPO_AGENT),
        at=NOW,
    ),
    "standing of an assignment": partial(
        standings.whole,
        known=Standing(),
        wished=standings.Wished(AGENT, seed.ASSIGNMENT, None, ()),
        terms=seed.terms(seed.ASSIGNMENT),
        at=NOW,
    ),
}


@pytest.mark.parametrize("read", READS)
async def test_a_read_uses_an_index(database, orders, read):
    await place(orders)

    assert await database.write(partial(scans, work=READS[read])) == []


UNITS = (Unit("Norr"),)
OF_AN_ORGANISATION = {
    "whether it has the service": lambda reads, by: reads.has_service(by, REGION, NPO_AGENT, NOW),
    "what it may end": lambda reads, by: reads.connected(by, REGION, NPO_AGENT, AGENT, NOW, confirmed=False),
    "which units are refused": lambda reads, by: reads.refused_units(by, REGION, NPO_AGENT, AGENT, UNITS, NOW),
    "what units have": lambda reads, by: reads.earlier_connections(by, REGION, NPO_AGENT, AGENT, UNITS, NOW),
    "its reference": lambda reads, by: reads.invoice_reference(by, REGION, "npo", NOW),
    "its offers": lambda reads, by: reads.offers_for(by, REGION, "", NOW, 9),
    "its agents": lambda reads, by: reads.agents_for(by, NPO_AGENT, REGION, NOW, "", 9),
}


@pytest.mark.parametrize("what", OF_AN_ORGANISATION)
async def test_what_forms_read_of_an_organisation_is_for_those_who_read_its_orders(reads, what):
    read = OF_AN_ORGANISATION[what]
    for person in (ANNA, BO, ADA, KARIN):
        await read(reads, Asking(person))

    told = []
    for person in (HELENA, DAVID, SARA):
        with pytest.raises(NoRole) as refused:
            await read(reads, Asking(person))
        told.append(refused.value.facts.get("organisation"))

    # Sara, a contact, knows her organisation; the others are told of none.
    assert told == [None, None, REGION]
