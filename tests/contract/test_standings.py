"""What a customer has or has ordered hinders the same once more; what is another's, or is over, does not."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.api import State, Unit
from core.shared import errors
from core.storage import tables
from tests.contract.office import Office, identity, open_office, via_agent
from tests.support.world.seed import AGENT, ASSIGNMENT, CLINIC, NOW, NPO_KONSUMENT, OLGA, SITHS

CASES, UNITS, ASSIGNMENTS, CONNECTIONS = (
    tables.cases,
    tables.case_units,
    tables.agent_assignments,
    tables.connections,
)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def everywhere(office, table, **values):
    """Let every row of a table be so."""
    key = next(iter(table.primary_key.columns))
    await office.change(table, key.is_not(None), **values)


async def finished(office):
    case = await office.place(**via_agent())
    await office.carry_out(case)
    return case


ANOTHERS = [
    ((UNITS, {"customer_id": CLINIC}), (CASES, {"customer_id": CLINIC})),
    ((UNITS, {"unit_key": "asken" + UNITS.c.unit_key}),),
]


@pytest.mark.parametrize(
    "changes", [*ANOTHERS, ((CASES, {"closed_at": NOW}),), ((UNITS, {"offer_id": NPO_KONSUMENT}),)]
)
async def test_only_an_open_order_of_the_same_offer_by_the_same_customer_for_the_unit_is_a_duplicate(office, changes):
    case = await office.place(**via_agent())

    with pytest.raises(errors.DuplicateOrder) as told:
        await office.place(**via_agent() | {"key": "V2"})
    for table, values in changes:
        await everywhere(office, table, **values)

    assert told.value.facts["case"] == case.id
    assert await office.place(**via_agent() | {"key": "V3"})


@pytest.mark.parametrize(
    "values",
    [
        {"organisation_id": CLINIC},
        {"offer_id": SITHS},
        {"unit_key": "SE2321000016-ANNAN", "unit_name_key": None},
        {"valid_to": NOW},
    ],
)
async def test_only_a_connection_that_holds_of_the_same_customer_and_service_hinders_its_unit(office, values):
    case = await finished(office)

    with pytest.raises(errors.AlreadyConnected) as told:
        await office.place(**via_agent() | {"key": "V2"})
    await everywhere(office, CONNECTIONS, **values)

    assert told.value.facts["unit"] == case.order.units[0].name
    assert await office.place(**via_agent() | {"key": "V3"})


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"offer_id": NPO_KONSUMENT}, errors.AddOrReplace),
        ({"valid_to": NOW + timedelta(days=1)}, errors.AlreadyConnected),
    ],
)
async def test_another_offer_of_the_service_is_asked_about_and_a_connection_hinders_it_until_its_last_day(
    office, values, refusal
):
    await finished(office)
    await everywhere(office, CONNECTIONS, **values)

    with pytest.raises(refusal):
        await office.place(**via_agent() | {"key": "V2"})


async def test_the_state_of_an_order_connects_nothing(office):
    case = await office.place(**via_agent())
    await office.change(CASES, CASES.c.id == case.id, state=State.AGENT_INFORMED, closed_at=NOW, due_at=None)

    assert await office.place(**via_agent() | {"key": "V2"})


UNIT = via_agent()["units"][0]
SAME = [
    Unit("Annat namn", UNIT.hsa_id),
    Unit("Annat namn", UNIT.hsa_id[:-2] + UNIT.hsa_id[-2:].lower()),
    Unit(UNIT.name),
    Unit("  vårdcentralen   1 "),
]


@pytest.mark.parametrize("unit", SAME)
async def test_a_unit_is_the_same_in_another_spelling_and_where_one_names_no_hsa_id(office, unit):
    case = await office.place(**via_agent())
    with pytest.raises(errors.DuplicateOrder) as told:
        await office.place(**via_agent() | {"key": "V2", "units": (unit,)})

    await office.carry_out(case)
    with pytest.raises(errors.AlreadyConnected):
        await office.place(**via_agent() | {"key": "V3", "units": (unit,)})

    assert told.value.facts["case"] == case.id


@pytest.mark.parametrize("unit", SAME)
async def test_an_order_names_no_unit_twice_however_it_is_spelled(office, unit):
    with pytest.raises(errors.FormError) as told:
        await office.place(**via_agent() | {"units": (UNIT, unit)})

    assert told.value.facts["fields"] == {"units": "repeated"}


async def test_a_unit_that_was_ordered_without_an_hsa_id_is_known_when_it_is_given_one(office):
    await office.place(**via_agent() | {"units": (Unit("VÅRDCENTRALEN  1"),)})

    with pytest.raises(errors.DuplicateOrder):
        await office.place(**via_agent() | {"key": "V2"})


async def test_units_of_one_name_with_an_hsa_id_each_are_two(office):
    another = Unit(UNIT.name, "SE2321000016-B2")
    case = await office.place(**via_agent() | {"units": (UNIT, another)})
    third = Unit(UNIT.name, "SE2321000016-C3")

    assert len(case.order.units) == 2
    assert await office.place(**via_agent() | {"key": "V2", "units": (third,)})


async def test_a_unit_is_connected_through_the_agent_that_began_last(office):
    first = await finished(office)
    await everywhere(office, CONNECTIONS, agent_id=CLINIC)
    second = await office.place(**via_agent() | {"key": "V2", "change_of_agent": True})
    await office.carry_out(second)
    await office.change(CONNECTIONS, CONNECTIONS.c.case_id == first.id, valid_from=NOW - timedelta(days=1))

    with pytest.raises(errors.AlreadyConnected):
        await office.place(**via_agent() | {"key": "V3", "change_of_agent": True})


@pytest.mark.parametrize(
    "values", [{"customer_id": CLINIC}, {"flow": "direct"}, {"closed_at": NOW}, {"offer_id": NPO_KONSUMENT}]
)
async def test_only_an_open_order_of_the_assignment_by_the_same_agent_is_a_duplicate(office, values):
    wish = {"by": identity(OLGA), "customer": AGENT, "offer": ASSIGNMENT}
    case = await office.place(**wish)

    with pytest.raises(errors.DuplicateOrder) as told:
        await office.place(**wish, key="V2")
    await everywhere(office, CASES, **values)
    await everywhere(office, UNITS, unit_key="another")

    assert told.value.facts["case"] == case.id
    assert await office.place(**wish, key="V3")


@pytest.mark.parametrize("values", [{"agent_id": CLINIC}, {"service_id": "npo"}, {"valid_to": NOW}])
async def test_only_an_assignment_for_the_service_that_goes_on_is_not_ordered_again(office, values):
    wish = {"by": identity(OLGA), "customer": AGENT, "offer": ASSIGNMENT}
    await everywhere(office, ASSIGNMENTS, service_id="siths")

    with pytest.raises(errors.HasAssignment):
        await office.place(**wish)
    await everywhere(office, ASSIGNMENTS, **values)

    assert await office.place(**wish, key="V2")
