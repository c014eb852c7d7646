"""What may change who can decide leaves a note in the same transaction: when to look at cases that wait."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from core.api import AgreementType, OfferId, Payer, Period, Price, PriceKind, PriceUnit, Role, Tier, new_id
from core.register.entries import Holding, OrganisationEntry, PersonEntry, RoleChange, RoleEntry, SubstitutionEntry
from core.shared.errors import RegisterError
from core.storage import tables
from core.storage.database.database import Database
from core.storage.register.registry import Register
from tests.support.world import seed
from tests.support.world.seed import AGENT, AMIR, ASTA, BO, CECILIA, CLINIC, KARIN, NOW, NPO_AGENT, REGION

NEW_YEAR, MIDSUMMER = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 6, 18, 22, tzinfo=UTC)
# Sara would have stood in for Bo from then on.
AWAY = datetime(2026, 12, 20, 23, tzinfo=UTC)
BO_EK = {"email": "bo@example.org", "name": "Bo Ek"}
REGION_EXEMPEL = {"org_number": "2321000016", "name": "Region Exempel", "kinds": ["customer"]}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await seed.seeded(database_url)
    yield opened
    await opened.close()


async def noted(database: Database, *works):
    """Which notes are there once some work has been done, the first due first."""
    register = Register(database, lambda: NOW, new_id)
    for work in works:
        await register.write("test", work)
    rows = await database.read(lambda c: c.execute(select(tables.reviews).order_by(tables.reviews.c.due_at)).all())
    return [(row.organisation_id or row.offer_id, row.due_at) for row in rows]


def role(person, role_, organisation=REGION, **days):
    entry = RoleEntry.model_validate({"role": role_} | days)
    return lambda writer: writer.role(person, organisation, entry)


def substitute(first, last):
    entry = SubstitutionEntry.model_validate({"role": "attestant", "from": first, "to": last})
    return lambda writer: writer.substitution(REGION, BO, CECILIA, entry)


def agreement(**days):
    return lambda writer: writer.agreement(REGION, AgreementType.KUNDAVTAL, Holding.model_validate(days))


def assignment(**days):
    return lambda writer: writer.agent_assignment(AGENT, "npo", Holding.model_validate(days))


def prices(*periods):
    wanted = [
        Price(Payer.AGENT, PriceKind.STARTUP, PriceUnit.ORDER, amount, Period.YEAR, since, until)
        for amount, since, until in periods
    ]
    return lambda writer: writer.prices(OfferId(NPO_AGENT), wanted)


def organisation(**changes):
    return lambda writer: writer.organisation(OrganisationEntry.model_validate(REGION_EXEMPEL | changes))


def person(**changes):
    return lambda writer: writer.person(PersonEntry.model_validate(BO_EK | changes))


# Sara's only role, by which she stands in for Bo.
CONTACT = 1 + [role for *_, roles in seed.PEOPLE for role in roles].index((REGION, "agreement_contact"))
LIMITED = RoleChange(attest_limit_ore=5_000_000)
NOTES = {
    "a role now": (role(KARIN, "attestant"), [(REGION, NOW)]),
    "a role later": (role(KARIN, "attestant", **{"from": "2027-01-01"}), [(REGION, NEW_YEAR)]),
    "a role for some time": (
        role(KARIN, "attestant", **{"from": "2027-01-01", "ended": "2027-06-19"}),
        [(REGION, NEW_YEAR), (REGION, MIDSUMMER)],
    ),
    "a reserve": (role(KARIN, "emergency_attestant"), [(REGION, NOW)]),
    "a handler": (role(AMIR, "agent_handler", AGENT), [(AGENT, NOW)]),
    "an orderer": (role(KARIN, "orderer"), [(REGION, NOW)]),
    "an administrator, whom a block is told": (role(KARIN, "administrator"), [(REGION, NOW)]),
    "a role that decides nothing, but lets its holder stand in": (role(KARIN, "signatory"), [(REGION, NOW)]),
    "the end of such a role": (lambda writer: writer.end_role(CONTACT, None), [(REGION, NOW)]),
    "a role that is there already": (role(BO, "attestant"), []),
    "a role that ends now": (lambda writer: writer.end_role(2, None), [(REGION, NOW)]),
    "a role that will end": (lambda writer: writer.end_role(2, NEW_YEAR), [(REGION, NOW), (REGION, NEW_YEAR)]),
    "a limit": (lambda writer: writer.change_role(2, LIMITED), [(REGION, NOW)]),
    "a substitute now": (substitute("2026-11-25", "2026-12-31"), [(REGION, NOW), (REGION, NEW_YEAR)]),
    "a substitute later": (substitute("2027-01-01", "2027-06-18"), [(REGION, NEW_YEAR), (REGION, MIDSUMMER)]),
    "somebody who leaves": (person(active=False), [(REGION, NOW), (REGION, AWAY)]),
    "somebody who is renamed": (person(name="Bo Lund"), []),
    "an organisation that lets people do both": (organisation(self_attest_allowed=True), [(REGION, NOW)]),
    "e-identification": (organisation(eid_from_ore=1), [(REGION, NOW)]),
    "an organisation that is renamed": (organisation(name="Regionen"), []),
    "tiers": (lambda writer: writer.tiers(REGION, [Tier(0, 2)]), [(REGION, NOW)]),
    "no other tiers": (lambda writer: writer.tiers(REGION, []), []),
    "an agreement that ends": (agreement(**{"from": "2024-01-01", "ended": "2026-11-25"}), [(REGION, NOW)]),
    "an agreement that will end": (
        agreement(**{"from": "2024-01-01", "ended": "2027-01-01"}),
        [(REGION, NOW), (REGION, NEW_YEAR)],
    ),
    "an agreement that begins later instead": (
        agreement(**{"from": "2027-01-01"}),
        [(REGION, NOW), (REGION, NEW_YEAR)],
    ),
    "an assignment that ends": (assignment(**{"from": "2024-01-01", "ended": "2026-11-20"}), [(AGENT, NOW)]),
    "a price from now on": (prices((1, date(2026, 1, 1), None)), [(NPO_AGENT, NOW)]),
    "a price later": (prices((1, date(2027, 1, 1), None)), [(NPO_AGENT, NOW), (NPO_AGENT, NEW_YEAR)]),
    "a price that is followed by another": (
        prices((1, date(2026, 1, 1), date(2026, 12, 31)), (2, date(2027, 1, 1), date(2027, 6, 18))),
        [(NPO_AGENT, NOW), (NPO_AGENT, NEW_YEAR), (NPO_AGENT, MIDSUMMER)],
    ),
    "a price of the past": (prices((1, date(2025, 1, 1), date(2025, 12, 31))), [(NPO_AGENT, NOW)]),
}


@pytest.mark.parametrize(("work", "notes"), NOTES.values(), ids=NOTES)
async def test_a_change_is_noted_for_when_it_counts(database, work, notes):
    assert await noted(database, work) == notes


async def test_many_changes_around_one_organisation_ask_for_one_look(database):
    works = [role(each, "attestant") for each in (KARIN, AMIR, ASTA)]

    assert await noted(database, *works, person(active=False)) == [(REGION, NOW), (REGION, AWAY)]


async def test_what_changes_at_the_same_instant_elsewhere_is_noted_as_well(database):
    works = (
        role(BO, "orderer"),
        role(AMIR, "orderer", AGENT),
        agreement(**{"from": "2024-01-01", "ended": "2026-11-25"}),
    )

    assert {about for about, _ in await noted(database, *works)} == {REGION, AGENT}


async def test_whoever_leaves_is_noted_where_a_role_goes_on_or_is_to_come_and_nowhere_else(database):
    ended = {"from": "2020-01-01", "ended": "2026-11-25"}
    given = (role(BO, "orderer", AGENT, **ended), role(BO, "orderer", CLINIC, **{"from": "2027-01-01"}))
    others = SubstitutionEntry.model_validate({"role": "attestant", "from": "2026-12-01", "to": "2026-12-31"})
    before = await noted(database, *given, lambda writer: writer.substitution(AGENT, AMIR, ASTA, others))

    after = await noted(database, lambda writer: writer.person(PersonEntry(**BO_EK, active=False)))

    assert {each[0] for each in after if each not in before} == {REGION, CLINIC}


async def test_whoever_comes_back_has_nothing_that_was_there_before(database):
    register = Register(database, lambda: NOW, new_id)
    coming = {"from": "2027-03-01"}
    for work in (role(BO, "orderer", **coming), role(BO, "attestant", CLINIC), substitute("2026-11-01", "2027-06-18")):
        await register.write("test", work)

    for active in (False, True):
        await register.write("test", lambda writer, active=active: writer.person(PersonEntry(**BO_EK, active=active)))

    theirs = tables.role_assignments.c.person_id == BO
    rows = await database.read(lambda c: c.execute(select(tables.role_assignments).where(theirs)).all())
    lent = await database.read(lambda c: c.execute(select(tables.substitutions.c.valid_to)).scalars().all())
    assert {row.organisation_id for row in rows} >= {REGION, CLINIC}
    # What was to come never holds.
    assert {row.valid_to for row in rows} == {NOW, datetime(2027, 2, 28, 23, tzinfo=UTC)}
    assert all(row.valid_to == max(row.valid_from, NOW) for row in rows)
    assert sorted(lent) == [NOW, AWAY]


async def test_whoever_left_before_roles_ended_with_that_comes_back_without_them(database):
    await database.write(
        lambda c: c.execute(update(tables.persons).where(tables.persons.c.id == BO).values(active=False))
    )

    await Register(database, lambda: NOW, new_id).write("test", person(active=True))

    theirs = tables.role_assignments.c.person_id == BO
    ends = await database.read(
        lambda c: c.execute(select(tables.role_assignments.c.valid_to).where(theirs)).scalars().all()
    )
    assert set(ends) == {NOW}


async def test_a_substitute_who_leaves_is_noted_where_the_other_decides(database):
    await noted(database, role(KARIN, Role.ORDERER), substitute("2026-11-25", "2026-12-31"))
    await database.write(lambda c: c.execute(tables.reviews.delete()))
    leaves = {"email": "cecilia@example.org", "name": "Cecilia Dahl", "active": False}

    assert await noted(database, lambda writer: writer.person(PersonEntry.model_validate(leaves))) == [(REGION, NOW)]


async def test_nothing_is_noted_of_a_change_that_is_refused(database):
    def work(writer):
        writer.role(KARIN, REGION, RoleEntry(role=Role.ATTESTANT))
        writer.role(KARIN, REGION, RoleEntry(role=Role.AGENT_HANDLER))

    with pytest.raises(RegisterError):
        await noted(database, work)

    assert await noted(database) == []
