"""What lasts holds from its first instant up to its last, and what waits is due at its own: on both databases alike."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from core.api import Action, Asking, LinkId, PersonalLink, Purpose, RefusalRecord, Role, Surface, new_id
from core.identity.proofs import Occasion
from core.ports.cases import CaseQuery
from core.shared.errors import AttemptGone, HasAssignment, LinkExpired
from core.storage import tables
from core.storage.administration.absences import SqlSubstitutes
from core.storage.administration.readiness import read_standards
from core.storage.audit.refusal_log import A_MINUTE, AT_MOST, SqlRefusalLog
from core.storage.cases import clock
from core.storage.context.reviews import organisations_around
from core.storage.identity.personal_links import SqlPersonalLinks, end_links, use_up_link
from core.storage.identity.proofs import SqlProofs
from core.storage.reads import queries, waiting
from core.storage.reads.queries import SqlQueries
from core.storage.reads.reserves import read_reserves
from core.storage.retention import purging_cases, purging_people, purging_rows
from core.storage.tables import MICROSECOND
from notifications.outbox import leases
from notifications.outbox.card_reduction import CardReduction
from tests.contract.office import identity, open_office
from tests.support.world.seed import (
    AGENT,
    ANNA,
    ASSIGNMENT,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    KARIN,
    LONG_AGO,
    NOW,
    NPO_AGENT,
    OLGA,
    REGION,
    SITHS,
    TEAM,
    role_assignment,
    substitution,
)  # fmt: skip

UNTIL = NOW + timedelta(days=3)
# Before it holds, when it begins, before it ends, and when it has ended.
AROUND = (NOW - MICROSECOND, NOW, UNTIL - MICROSECOND, UNTIL)
HOLDS = [False, True, True, False]


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def add(office, table, **values):
    await office.database.write(lambda connection: connection.execute(insert(table).values(values)).close())


async def give(office, person, role, organisation=REGION):
    """A role that holds for three days."""
    days = {"valid_from": NOW, "valid_to": UNTIL}
    await add(office, tables.role_assignments, **role_assignment(person, organisation, role) | days)


async def when(office, read):
    """Whether something is found at each of the instants around."""
    return [bool(await office.database.read(lambda connection, at=at: read(connection, at))) for at in AROUND]


# --- what lasts


async def test_a_role_opens_and_closes_every_door_at_the_same_instants(office):
    case = await office.place()
    await give(office, DAVID, Role.ATTESTANT)
    look = [await office.orders.look(CaseQuery(case.id, Asking(DAVID), at)) for at in AROUND]
    roles = [await SqlQueries(office.database).roles_of(Asking(DAVID), at) for at in AROUND]
    colleagues = [
        await SqlSubstitutes(office.database).colleagues(Asking(DAVID), REGION, frozenset(Role), "", at, 9)
        for at in AROUND
    ]

    assert [bool(each.grants) for each in look] == HOLDS
    assert [REGION in each for each in roles] == HOLDS
    assert [bool(each) for each in colleagues] == HOLDS
    assert await when(office, lambda c, at: len(waiting.read_reader(c, Asking(DAVID), at).grants) > 2) == HOLDS


async def test_a_reserve_and_an_administrator_are_there_at_the_same_instants(office):
    case = await office.place()
    await give(office, DAVID, Role.EMERGENCY_ATTESTANT)
    await give(office, DAVID, Role.ADMINISTRATOR)
    await office.change(tables.cases, tables.cases.c.id == case.id, progress='{"blocked":["nobody",false]}')

    found = [await office.database.read(lambda connection, at=at: read_reserves(connection, case, at)) for at in AROUND]
    assert [any(grant.person == DAVID for of in each.values() for grant in of) for each in found] == HOLDS
    assert await when(office, lambda c, at: queries.read_blocked(c, Asking(DAVID), at, 9)) == HOLDS


async def test_whoever_leaves_is_looked_at_until_the_last_role_and_substitution_there_has_ended(office):
    await give(office, DAVID, Role.ORDERER)
    await add(office, tables.substitutions, **substitution(BO, CECILIA, AGENT, "attestant", NOW, UNTIL))
    around = [
        await office.database.read(
            lambda c, at=at: (organisations_around(c, DAVID, at), organisations_around(c, CECILIA, at))
        )
        for at in AROUND
    ]

    assert [(REGION in his, AGENT in hers) for his, hers in around] == [(True, True)] * 3 + [(False, False)]


async def test_a_substitution_lends_between_its_instants_and_is_listed_until_its_last(office):
    case = await office.place()
    await give(office, DAVID, Role.ORDERER)
    await office.change(
        tables.role_assignments, tables.role_assignments.c.person_id == DAVID, valid_from=LONG_AGO, valid_to=None
    )
    await add(office, tables.substitutions, **substitution(BO, DAVID, REGION, "attestant", NOW, UNTIL))

    looks = [await office.orders.look(CaseQuery(case.id, Asking(DAVID), at)) for at in AROUND]
    listed = [await SqlSubstitutes(office.database).of_person(Asking(DAVID), at) for at in AROUND]

    assert [BO in {grant.absent for grant in each.grants} for each in looks] == HOLDS
    assert [bool(each) for each in listed] == [True, True, True, False]


async def test_an_agreement_and_an_assignment_hold_between_their_instants(office):
    case = await office.place()
    days = {"valid_from": NOW, "ended_at": UNTIL}
    await office.change(tables.agreements, tables.agreements.c.organisation_id == REGION, **days)
    await office.change(
        tables.agent_assignments, tables.agent_assignments.c.agent_id == AGENT, valid_from=NOW, valid_to=UNTIL
    )
    agents = [
        await SqlQueries(office.database).agents_for(Asking(KARIN), NPO_AGENT, REGION, at, "", 9) for at in AROUND
    ]
    looks = [await office.orders.look(CaseQuery(case.id, Asking(BO), at)) for at in AROUND]

    assert await when(office, lambda c, at: read_standards(c, [REGION], at)[0].has_agreement) == HOLDS
    assert await when(office, lambda c, at: read_standards(c, [AGENT], at)[0].has_assignment) == HOLDS
    assert not any(await when(office, lambda c, at: read_standards(c, [REGION], at)[0].has_assignment))
    assert [each.standing.customer_agreement for each in looks] == HOLDS
    assert [bool(each) for each in agents] == HOLDS


@pytest.mark.parametrize(("end", "refused"), [(NOW, False), (NOW + MICROSECOND, True), (None, True)])
async def test_what_an_agent_still_conveys_is_not_ordered_again(office, end, refused):
    await add(office, tables.agent_assignments, agent_id=AGENT, service_id="siths", valid_from=LONG_AGO, valid_to=end)
    placing = office.place(by=identity(OLGA), customer=AGENT, offer=ASSIGNMENT)

    (told,) = await asyncio.gather(placing, return_exceptions=True)

    assert isinstance(told, HasAssignment) is refused


MIDNIGHT = datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("at", [MIDNIGHT - MICROSECOND, MIDNIGHT, MIDNIGHT + timedelta(hours=12)])
async def test_a_price_changes_at_swedish_midnight(office, at):
    case = await office.place()
    old = tables.price_items.c.offer_id == SITHS
    await office.change(tables.price_items, old, valid_to=date(2026, 12, 31))
    new = {
        "offer_id": SITHS,
        "payer": "customer",
        "kind": "startup",
        "unit": "order",
        "amount_ore": 7,
        "period": "year",
    }
    await add(office, tables.price_items, **new, valid_from=date(2027, 1, 1), valid_to=date(2027, 1, 1))

    (cost,) = (await office.orders.look(CaseQuery(case.id, Asking(BO), at))).reckoned.costs.values()

    assert cost.startup_ore == (150_000 if at < MIDNIGHT else 7)


# --- what is due


async def test_a_case_and_a_note_are_due_at_their_instant_and_not_before(office):
    case = await office.place()
    await add(office, tables.reviews, organisation_id=REGION, due_at=case.due_at)
    instants = (case.due_at - MICROSECOND, case.due_at)

    assert [await office.database.read(lambda c, at=at: clock.is_noted(c, at)) for at in instants] == [False, True]
    found = [await office.database.read(lambda c, at=at: clock.read_due(c, at, 9)) for at in instants]
    assert found == [(), (case.id,)]


async def test_a_note_is_taken_at_its_instant_and_another_stays(office):
    await add(office, tables.reviews, organisation_id=REGION, due_at=NOW)
    await add(office, tables.reviews, organisation_id=CLINIC, due_at=NOW + MICROSECOND)

    await office.database.write(lambda connection: clock.take_notes(connection, NOW))

    left = await office.database.read(lambda c: list(c.execute(select(tables.reviews.c.organisation_id)).scalars()))
    assert left == [CLINIC]


@pytest.mark.parametrize(("column", "nulls"), [("due_at", {}), ("leased_until", {"due_at": LONG_AGO})])
async def test_a_card_is_taken_at_the_instant_it_is_due_or_free_again_and_not_before(office, column, nulls):
    await office.place()
    await office.change(tables.cards, tables.cards.c.person_id == BO, **{column: NOW} | nulls)
    await office.change(tables.cards, tables.cards.c.person_id.is_distinct_from(BO), due_at=None)
    await office.change(tables.cards, tables.cards.c.person_id == BO, workspace_id=TEAM, address="UBO")

    early, late = [
        await office.database.write(lambda connection, at=at: leases.lease_due(connection, TEAM, at))
        for at in (NOW - MICROSECOND, NOW)
    ]

    assert ([each.person for each in early], [each.person for each in late]) == ([], [BO])


# --- what is over


async def test_a_link_is_good_up_to_the_instant_it_expires(office):
    case = await office.place()
    links = SqlPersonalLinks(office.database, "secret")
    link = PersonalLink(
        id=LinkId("L1"), purpose=Purpose.DECIDE, case=case.id, email="bo@example.org", created_at=LONG_AGO,
        expires_at=UNTIL, person=BO,
    )  # fmt: skip
    token = await links.make(link)

    async def used(at):
        return await office.database.write(lambda connection: use_up_link(connection, link.id, Purpose.DECIDE, at))

    with pytest.raises(LinkExpired):
        await used(UNTIL)
    with pytest.raises(LinkExpired):
        await links.open(token, Purpose.DECIDE, UNTIL)
    await office.database.write(lambda connection: end_links(connection, case.id, Purpose.SIGN, NOW))
    await office.database.write(lambda connection: end_links(connection, "B-other", Purpose.DECIDE, NOW))
    assert (await used(UNTIL - MICROSECOND)).id == link.id


async def test_who_comes_back_at_the_instant_an_attempt_ends_comes_too_late(office):
    case, proofs = await office.place(), SqlProofs(office.database, new_id)
    occasion = Occasion(BO, case.id, case.step, case.content_version, Action.ATTEST)
    for attempt in ("one", "two"):
        await proofs.begin(attempt, occasion, method="eid:test", at=NOW, until=UNTIL)

    with pytest.raises(AttemptGone):
        await proofs.complete("one", identity(BO), "token", at=UNTIL, until=UNTIL)
    assert await proofs.complete("two", identity(BO), "token", at=UNTIL - MICROSECOND, until=UNTIL) == occasion


async def test_a_refusal_is_counted_for_a_minute_and_no_longer(office):
    case = await office.place()
    no = {"case": case.id, "by": identity(BO), "action": Action.ATTEST, "code": "no", "surface": Surface.SLACK}
    for at in [NOW] * AT_MOST + [NOW + A_MINUTE - MICROSECOND, NOW + A_MINUTE]:
        await SqlRefusalLog(office.database).refused(RefusalRecord(**no, at=at))

    lines = select(func.count(), func.max(tables.history.c.at)).where(tables.history.c.kind == "refusal")
    count, last = await office.database.read(lambda connection: tuple(connection.execute(lines).one()))
    assert (count, tables.from_micros(last) if isinstance(last, int) else last) == (AT_MOST + 1, NOW + A_MINUTE)


TAKERS = {
    "cards": (CardReduction(), 0),
    "places": (purging_cases.CARDS, 1),
    "texts": (purging_cases.TEXTS, 2),
    "decisions": (purging_cases.DECISIONS, 3),
}


@pytest.mark.parametrize("kind", TAKERS)
async def test_a_case_loses_something_only_when_it_was_closed_before_the_instant(office, kind):
    taker, stage = TAKERS[kind]
    case = await office.place()
    await office.press(case, ANNA, Action.WITHDRAW, confirmed=True)
    await office.change(tables.cards, tables.cards.c.case_id == case.id, due_at=None)
    await office.change(tables.cases, tables.cases.c.id == case.id, closed_at=UNTIL, purged=stage)

    assert await counted_and_taken(office, taker, UNTIL) == (0, 0)
    assert await counted_and_taken(office, taker, UNTIL + MICROSECOND) == (1, 1)


@pytest.mark.parametrize(
    "taker", [purging_rows.LINKS, purging_rows.PROOFS, purging_rows.PACES], ids=["links", "identifications", "paces"]
)
async def test_a_row_goes_only_when_its_instant_was_before(office, taker):
    case = await office.place()
    links, proofs = SqlPersonalLinks(office.database, "secret"), SqlProofs(office.database, new_id)
    link = PersonalLink(LinkId("L1"), Purpose.READ, case.id, "bo@example.org", LONG_AGO, UNTIL, BO)
    await links.make(link)
    occasion = Occasion(BO, case.id, case.step, case.content_version, Action.ATTEST)
    await proofs.begin("one", occasion, method="eid:test", at=UNTIL, until=UNTIL)
    await add(office, tables.paces, bucket="b", full_at=UNTIL)

    assert await counted_and_taken(office, taker, UNTIL) == (0, 0)
    assert await counted_and_taken(office, taker, UNTIL + MICROSECOND) == (1, 1)


@pytest.mark.parametrize("instants", [(UNTIL, None), (LONG_AGO, UNTIL)], ids=["left", "last_order"])
async def test_a_name_goes_only_when_both_instants_were_before(office, instants):
    left, last = instants
    await office.change(tables.persons, tables.persons.c.id == BO, active=False, left_at=left, last_order_at=last)
    taker = purging_people.NamePurge(lambda code: code)

    assert await counted_and_taken(office, taker, UNTIL) == (0, 0)
    assert await counted_and_taken(office, taker, UNTIL + MICROSECOND) == (1, 1)


async def counted_and_taken(office, taker, before):
    """How much a purge finds due, and how much it then takes."""
    due = await office.database.read(lambda connection: taker.count(connection, before))
    return due, await office.database.write(lambda connection: taker.take(connection, before, before))
