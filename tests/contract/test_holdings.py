"""What an organisation has: connected and ordered services, agreements, and what an agent conveys; its own alone."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, update

from core.api import (
    Action,
    ActOnCase,
    Administration,
    AgreementType,
    Answers,
    Asking,
    Engine,
    Flow,
    Orders,
    Purpose,
    Stands,
    Surface,
    Unit,
    new_id,
)
from core.shared import errors
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.cases.repository import SqlCaseRepository
from core.storage.reads.held_documents import held_document
from core.storage.reads.holdings import held_agreements
from core.storage.reads.queries import SqlQueries
from notifications.rules.announcements import Announcements
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.contract.office import via_agent, wish
from tests.support.world import seed
from tests.support.world.applicants import FIRST, SECOND, open_hall
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    BO,
    CLINIC,
    DAVID,
    HELENA,
    KARIN,
    LONG_AGO,
    NOW,
    REGION,
    SARA,
    SITHS,
)


class World:
    """The use cases on a database."""

    def __init__(self, database):
        self.database = database
        self.orders = Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: NOW, new_id))
        self.administration = Administration(
            SqlRegistrar(database, new_id), RegisterAnnouncements(), lambda: NOW, new_id
        )

    async def place(self, **changes):
        return await self.orders.place(wish(**changes | {"key": new_id("K")}))

    async def act(self, case, person, action, **answers):
        command = ActOnCase(case.id, action, Asking(person), Surface.SLACK, answers=Answers(**answers))
        return (await self.orders.act(command)).after

    async def date(self, case, **days):
        dated = update(tables.cases).where(tables.cases.c.id == case.id).values(days)
        await self.database.write(lambda connection: connection.execute(dated))

    async def connected_since(self, case, at):
        began = update(tables.connections).where(tables.connections.c.case_id == case.id).values(valid_from=at)
        await self.database.write(lambda connection: connection.execute(began))

    async def connect(self, case, *before):
        for person, action, answers in before:
            await self.act(case, person, action, **answers)
        await self.act(case, BO, Action.ATTEST, confirmed=True)
        await self.act(case, KARIN, Action.CLAIM)
        does = Action.INFORM_AGENT if before else Action.SEND_INSTRUCTIONS
        await self.act(case, KARIN, does, message="Gör så här")


@pytest.fixture
async def world(database_url):
    database = await seed.seeded(database_url)
    yield World(database)
    await database.close()


async def test_services_are_counted_by_offer_and_agent_and_how_far_they_have_come(world):
    approved = (
        (HELENA, Action.APPROVE, {"certified": True, "attestant": AMIR}),
        (AMIR, Action.ATTEST, {"confirmed": True}),
    )
    await world.connect(
        await world.place(**via_agent() | {"units": (Unit("Norr", "SE2321000016-N1"), Unit("Söder"))}), *approved
    )
    await world.connect(await world.place(offer=SITHS))
    on_its_way = await world.place(**via_agent() | {"units": (Unit("Öster"),)})
    await world.act(
        await world.place(**via_agent() | {"units": (Unit("Väster"),)}), ANNA, Action.WITHDRAW, confirmed=True
    )

    found = (await world.administration.holdings(Asking(ANNA), REGION)).services

    assert [each.unit_names for each in found] == [("Norr", "Söder"), ("Öster",), ()]
    assert [(each.service, each.stands, each.units, each.orders, each.agent_name, each.case) for each in found] == [
        ("npo", Stands.AGENT_INFORMED, 2, 1, "Journalbolaget AB", None),
        ("npo", Stands.ORDERED, 1, 1, "Journalbolaget AB", on_its_way.id),
        ("siths", Stands.INSTRUCTIONS_SENT, 0, 1, None, None),
    ]
    assert {each.since for each in found} == {NOW}


async def test_a_service_ordered_more_than_once_is_had_since_the_first_was_connected_or_ordered(world):
    """Two orders are connected and two are on their way; each is a day younger than the one before."""
    placed = [await world.place(offer=SITHS, units=(Unit(name),)) for name in ("Norr", "Söder", "Öster", "Väster")]
    for case in placed[:2]:
        await world.connect(case)
    for days, case in enumerate(placed):
        await world.date(case, created_at=NOW + timedelta(days=days))
        await world.connected_since(case, NOW - timedelta(days=10 - days))

    found = (await world.administration.holdings(Asking(ANNA), REGION)).services

    assert [(each.stands, each.orders, each.since) for each in found] == [
        (Stands.INSTRUCTIONS_SENT, 2, NOW - timedelta(days=10)),
        (Stands.ORDERED, 2, NOW + timedelta(days=2)),
    ]


async def end(world, *units, last_day=None):
    """A termination that Anna sends in, as far as customer service's confirmation where there is a day."""
    case = await world.place(flow=Flow.TERMINATION, offer=SITHS, invoice_ref="", units=units)
    if last_day is not None:
        await world.act(case, BO, Action.ATTEST, confirmed=True)
        await world.act(case, KARIN, Action.CLAIM)
        await world.act(case, KARIN, Action.CONFIRM_END, last_day=last_day)
    return case


async def test_an_end_on_its_way_is_told_apart_from_an_order_and_what_is_left_may_be_ended(world):
    norr, soder = Unit("Norr", "SE2321000016-N1"), Unit("Söder")
    await world.connect(await world.place(offer=SITHS, units=(norr, soder)))
    first = await end(world, Unit("Norr"))

    left = (await world.administration.holdings(Asking(ANNA), REGION)).services
    offered = await SqlQueries(world.database).connected(Asking(KARIN), REGION, SITHS, None, NOW, confirmed=False)
    assert [(each.stands, each.units, each.case, each.may_end) for each in left] == [
        (Stands.INSTRUCTIONS_SENT, 2, None, True),
        (Stands.ENDING, 1, first.id, False),
    ]
    assert offered.units == (soder,)
    await end(world, soder)
    [nothing_left, *_] = (await world.administration.holdings(Asking(ANNA), REGION)).services
    assert (nothing_left.stands, nothing_left.may_end) == (Stands.INSTRUCTIONS_SENT, False)


async def test_what_has_a_last_day_stands_by_itself_with_the_day_and_is_not_ended_again(world):
    norr, soder = Unit("Norr"), Unit("Söder")
    await world.connect(await world.place(offer=SITHS, units=(norr, soder)))
    last_day = day_of(NOW) + timedelta(days=30)
    await end(world, norr, last_day=last_day)

    found = (await world.administration.holdings(Asking(ANNA), REGION)).services
    offered = await SqlQueries(world.database).connected(Asking(KARIN), REGION, SITHS, None, NOW, confirmed=False)

    assert {(each.stands, each.units, each.last_day, each.may_end) for each in found} == {
        (Stands.INSTRUCTIONS_SENT, 1, None, True),
        (Stands.INSTRUCTIONS_SENT, 1, last_day, False),
    }
    assert offered.units == (soder,)


async def test_an_end_as_a_whole_is_offered_until_it_is_asked_for(world):
    await world.connect(await world.place(offer=SITHS))
    [before] = (await world.administration.holdings(Asking(ANNA), REGION)).services
    await end(world)

    after = (await world.administration.holdings(Asking(ANNA), REGION)).services
    assert (before.may_end, [each.may_end for each in after]) == (True, [False, False])


async def test_what_is_had_as_a_whole_has_no_units_to_choose_among(world):
    await world.connect(await world.place(offer=SITHS))

    offered = await SqlQueries(world.database).connected(Asking(KARIN), REGION, SITHS, None, NOW, confirmed=False)

    assert offered.units == ()


async def test_only_what_somebody_has_confirmed_is_connected(world):
    """Of two units of one order one is confirmed."""
    await world.connect(await world.place(offer=SITHS, units=(Unit("Norr"), Unit("Söder"))))
    confirmed = update(tables.connections).where(tables.connections.c.unit_name == "Söder").values(confirmed_at=NOW)
    await world.database.write(lambda connection: connection.execute(confirmed))

    found = (await world.administration.holdings(Asking(ANNA), REGION)).services

    assert [(each.stands, each.unit_names, each.may_end) for each in found] == [
        (Stands.CONNECTED, ("Söder",), True),
        (Stands.INSTRUCTIONS_SENT, ("Norr",), True),
    ]
    reads = partial(SqlQueries(world.database).connected, Asking(ANNA), REGION, SITHS, None, NOW)
    assert [(await reads(confirmed=each)).units for each in (True, False)] == [(Unit("Söder"),), (Unit("Norr"),)]


async def test_nobody_else_s_services_are_among_them(world):
    another = seed.role_assignment(KARIN, CLINIC, "attestant")
    await world.database.write(lambda c: c.execute(insert(tables.role_assignments), another))
    await world.place(by=Asking(DAVID), customer=CLINIC, offer=SITHS)

    assert (await world.administration.holdings(Asking(ANNA), REGION)).services == ()
    # An agent is no customer of what goes through it.
    await world.place(**via_agent())
    assert (await world.administration.holdings(Asking(HELENA), AGENT)).services == ()


async def test_agreements_and_conveyed_services_are_listed(world):
    made = {"organisation_id": AGENT, "type": "kundavtal", "document_version": "kundavtal-1", "document_hash": "a" * 64}
    await world.database.write(lambda c: c.execute(insert(tables.agreements), made))

    found = await world.administration.holdings(Asking(HELENA), AGENT)

    assert [(each.type, each.since, each.version) for each in found.agreements] == [
        (AgreementType.AGENTAVTAL, LONG_AGO, None),
        (AgreementType.KUNDAVTAL, None, "kundavtal-1"),
    ]
    assert [(each.service, each.since) for each in found.conveys] == [("npo", LONG_AGO)]


async def test_the_agreement_in_force_stands_before_the_earlier_ones_and_one_that_waits_before_them_all(
    database_url,
):
    hall = await open_hall(database_url)
    cases = []
    for key in "abc":
        cases.append(await hall.become_customer(key=key))
        hall.clock.forward(days=30)
        await hall.end_agreement(cases[-1].customer)
    cases.append(await hall.approve(await hall.apply(key="d")))

    found = await hall.database.read(lambda connection: held_agreements(connection, cases[0].customer))
    await hall.database.close()

    assert [each.hash for each in found] == [case.application.document.hash for case in reversed(cases)]
    assert [each.signed for each in found] == [0, 2, 2, 2]
    assert [(each.since, each.ended is None) for each in found] == [
        (None, True),
        *((case.closed_at, False) for case in reversed(cases[:3])),
    ]


async def test_an_agreement_that_was_declined_is_none(database_url):
    hall = await open_hall(database_url)
    case = await hall.approve(await hall.apply())
    waits = await hall.database.read(lambda connection: held_agreements(connection, case.customer))
    await hall.applications.decline(await hall.link(case, FIRST, Purpose.SIGN), "Fel bolag.")

    found = await hall.database.read(lambda connection: held_agreements(connection, case.customer))
    await hall.database.close()

    assert ([each.since for each in waits], found) == ([None], ())


async def test_an_agreement_has_the_signatures_below_its_own_document_the_first_to_sign_first(database_url):
    hall = await open_hall(database_url)
    case = await hall.approve(await hall.apply())
    await hall.sign(case, SECOND)
    hall.clock.at += timedelta(minutes=1)
    await hall.sign(case, FIRST)
    hash_, table = case.application.document.hash, tables.signatures
    others = [
        {"case_id": case.id, "person_id": ANNA, "document_hash": "0" * 64, "method": "link_confirm", "signed_at": NOW},
        {"case_id": (await hall.apply(key="other")).id, "person_id": BO, "document_hash": hash_}
        | {"method": "link_confirm", "signed_at": NOW},
    ]
    await hall.database.write(lambda connection: connection.execute(insert(table), others))

    [agreement] = await hall.database.read(lambda connection: held_agreements(connection, case.customer))
    document = await hall.database.read(lambda connection: held_document(connection, hash_))
    await hall.database.close()

    assert agreement.signed == 2
    assert [each.name for each in document.signatures] == [SECOND.name, FIRST.name]


async def test_a_contact_for_the_agreement_sees_agreements_alone(world):
    await world.place(offer=SITHS)

    found = await world.administration.holdings(Asking(SARA), REGION)

    assert found.services == ()
    assert [each.type for each in found.agreements] == [AgreementType.KUNDAVTAL]


@pytest.mark.parametrize(("by", "organisation"), [(ANNA, CLINIC), (DAVID, REGION), (ADA, AGENT)])
async def test_who_has_no_role_there_is_told_nothing(world, by, organisation):
    with pytest.raises(errors.NoRole):
        await world.administration.holdings(Asking(by), organisation)


async def test_customer_service_reads_any(world):
    await world.place(offer=SITHS)

    found = await world.administration.holdings(Asking(KARIN), REGION)

    assert [each.service for each in found.services] == ["siths"]
