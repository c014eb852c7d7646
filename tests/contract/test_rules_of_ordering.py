"""The rules of ordering where units have the service already, as a table of cases, each played on both databases."""

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, select

from core.api import Action, ConnectionWay, Existing, OfferId, Revision, Unit
from core.shared import errors
from core.storage import tables
from core.storage.audit.replaying import replay
from core.storage.context.coding import content_hash
from tests.contract.office import via_agent
from tests.contract.test_connections import carried_out, decided, ended
from tests.contract.test_replaying_connections import NAMED
from tests.contract.test_replaying_connections import office as with_two_agents
from tests.support.world import seed
from tests.support.world.seed import AGENT, ANNA, BO, CLINIC, NPO_AGENT, NPO_KONSUMENT, REGION

office = with_two_agents
PRODUCER, CONSUMER_VIA = OfferId("npo-producent"), OfferId("npo-agent-konsument")
EKEN, ASKEN = Unit("Eken", "SE2321000016-E1"), Unit("Asken")
# These are for no units.
ALL, ALL_VIA = OfferId("npo-allt"), OfferId("npo-agent-allt")
WHOLE = {ALL, ALL_VIA}
MORE = (
    (PRODUCER, "npo", "direct", "none"),
    (CONSUMER_VIA, "npo", "via_agent", "required"),
    (ALL, "npo", "direct", "none"),
    (ALL_VIA, "npo", "via_agent", "required"),
)
# How a service is had: consumer and producer directly, and through two agents.
DIRECT, PRODUCED = ConnectionWay(NPO_KONSUMENT), ConnectionWay(PRODUCER)
VIA, VIA_OTHER = ConnectionWay(NPO_AGENT, AGENT), ConnectionWay(NPO_AGENT, CLINIC)
CONSUMED_VIA, CONSUMED_VIA_OTHER = ConnectionWay(CONSUMER_VIA, AGENT), ConnectionWay(CONSUMER_VIA, CLINIC)


@dataclass(frozen=True)
class Row:
    """What the unit has, in which way it is ordered, what is asked then (by the code of a refusal) or what blocks."""

    has: tuple[ConnectionWay, ...]
    orders: ConnectionWay
    asked: str = ""
    blocks: str = ""


ROWS = {
    "nothing, directly": Row((), DIRECT),
    "nothing, through an agent": Row((), VIA),
    "the same directly": Row((DIRECT,), DIRECT, blocks="already_connected"),
    "the same through the same agent": Row((VIA,), VIA, blocks="already_connected"),
    "the same beside another": Row((DIRECT, PRODUCED), DIRECT, blocks="already_connected"),
    "producer beside consumer": Row((DIRECT,), PRODUCED, asked="add_or_replace"),
    "from direct to agent": Row((PRODUCED,), VIA, asked="add_or_replace"),
    "from agent to direct": Row((VIA,), PRODUCED, asked="add_or_replace"),
    "the same offer through another agent": Row((VIA,), VIA_OTHER, asked="change_of_agent"),
    "another offer through another agent": Row((CONSUMED_VIA_OTHER,), VIA, asked="change_of_agent"),
    "another offer through the same agent": Row((VIA,), CONSUMED_VIA, asked="add_or_replace"),
    "two directly, then an agent": Row((DIRECT, PRODUCED), VIA, asked="add_or_replace"),
    "an agent and directly, then another agent": Row((VIA, PRODUCED), VIA_OTHER, asked="add_or_replace"),
    "two agents, then directly": Row((VIA, CONSUMED_VIA_OTHER), DIRECT, asked="add_or_replace"),
}
ASKED = {name: row for name, row in ROWS.items() if row.asked}


@pytest.fixture(autouse=True)
async def more_offers(office):
    def make(connection):
        for id_, service, flow, agents in MORE:
            made = seed._offer(id_, service, flow, agents, id_ not in WHOLE, ["region"])
            connection.execute(insert(tables.offers).values(made))
            for kind, unit in (("startup", "order"), ("recurring", "care_unit")):
                connection.execute(insert(tables.price_items).values(seed._price(id_, "customer", kind, unit, 1_000)))

    await office.database.write(make)


def ordered(way, **changes):
    """An order of a unit in some way."""
    key = f"{way.offer}-{way.agent}"
    about = {"offer": way.offer, "units": (EKEN,), "key": key, "agent": way.agent}
    return (via_agent() if way.agent else {}) | about | changes


async def given(office, row, *units):
    """What the unit has, ordered and carried out as anything else."""
    for way in row.has:
        await ended(office, **ordered(way, existing=Existing.ADD, units=units or (EKEN,)))


async def held(office, unit=EKEN):
    """Which connections of a unit go on."""
    rows = tables.connections.c
    mine = (rows.organisation_id == REGION, rows.unit_name == unit.name, rows.valid_to.is_(None))
    query = select(rows.offer_id, rows.agent_id).where(*mine)
    found = await office.database.read(lambda connection: connection.execute(query).all())
    return {ConnectionWay(*each) for each in found}


async def told_otherwise(office):
    """What history tells otherwise of what is connected."""
    return [each for each in (await replay(office.database)).differences if each.kind in NAMED]


async def refused(office, **order):
    with pytest.raises(errors.OrderError) as refusal:
        await office.place(**order)
    return refusal.value


@pytest.mark.parametrize("name", ROWS)
async def test_what_is_had_already_blocks_or_is_asked_about_and_nothing_else(office, name):
    row = ROWS[name]
    await given(office, row)

    if row.asked or row.blocks:
        refusal = await refused(office, **ordered(row.orders, key="V9"))
        assert (refusal.code, refusal.facts["service"]) == (row.asked or row.blocks, "npo")
        assert await held(office) == {*row.has}
        return
    case = await ended(office, **ordered(row.orders, key="V9"))
    assert (case.order.earlier, await held(office)) == ((), {row.orders})


@pytest.mark.parametrize("existing", Existing)
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.blocks])
async def test_what_a_unit_has_in_the_very_same_way_is_neither_added_nor_replaced(office, name, existing):
    await given(office, ROWS[name])

    refusal = await refused(office, **ordered(ROWS[name].orders, key="V9", existing=existing))

    assert (refusal.code, refusal.facts["unit"]) == ("already_connected", "Eken")


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_added_comes_beside_what_is_there(office, name):
    row = ASKED[name]
    await given(office, row)

    case = await ended(office, **ordered(row.orders, key="V9", existing=Existing.ADD))

    assert await held(office) == {*row.has, row.orders}
    assert [(each.way, each.units, each.ends) for each in case.order.earlier] == [
        (way, ("Eken",), False) for way in row.has
    ]
    assert case.order.replaces_agent is None
    assert await told_otherwise(office) == []


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_replaced_ends_when_what_is_ordered_begins_and_not_before(office, name):
    row = ASKED[name]
    await given(office, row)
    placed = await office.place(**ordered(row.orders, key="V8", existing=Existing.REPLACE))
    before = await held(office)
    await office.press(placed, ANNA, Action.WITHDRAW, confirmed=True)

    case = await ended(office, **ordered(row.orders, key="V9", existing=Existing.REPLACE))

    assert (before, await held(office)) == ({*row.has}, {row.orders})
    assert [(each.way, each.ends) for each in case.order.earlier] == [(way, True) for way in row.has]
    left = [way.agent for way in row.has if way.agent not in {None, row.orders.agent}]
    assert case.order.replaces_agent == next(iter(left), None)
    assert await told_otherwise(office) == []


@pytest.mark.parametrize("name", ASKED)
async def test_of_several_the_named_one_is_replaced_and_the_others_stay(office, name):
    row = ASKED[name]
    await given(office, row)

    await ended(office, **ordered(row.orders, key="V9", replaces=row.has[:1]))

    assert await held(office) == {*row.has[1:], row.orders}


@pytest.mark.parametrize("name", ASKED)
async def test_the_older_name_replaces_what_goes_through_other_agents_and_says_nothing_of_the_rest(office, name):
    row = ASKED[name]
    await given(office, row)
    older = ordered(row.orders, key="V9", change_of_agent=True)

    if row.asked == "change_of_agent":
        await ended(office, **older)
        assert await held(office) == {row.orders}
    else:
        assert (await refused(office, **older)).code == "add_or_replace"


async def test_a_unit_that_the_order_does_not_name_keeps_what_it_has(office):
    await given(office, Row((VIA,), VIA_OTHER), EKEN, ASKEN)

    case = await ended(office, **ordered(VIA_OTHER, key="V9", existing=Existing.REPLACE))

    assert case.order.earlier[0].units == ("Eken",)
    assert (await held(office), await held(office, ASKEN)) == ({VIA_OTHER}, {VIA})


async def test_what_no_unit_has_is_not_replaced(office):
    await given(office, Row((VIA,), PRODUCED))

    for replaces in ((DIRECT,), (VIA_OTHER,), (VIA, DIRECT)):
        refusal = await refused(office, **ordered(PRODUCED, key="V9", replaces=replaces))
        assert (refusal.code, refusal.facts["fields"]) == ("invalid_order", {"replaces": "not_connected"})


async def test_an_order_that_adds_names_nothing_that_it_replaces(office):
    await given(office, Row((VIA,), PRODUCED))

    refusal = await refused(office, **ordered(PRODUCED, key="V9", replaces=(VIA,), existing=Existing.ADD))

    assert refusal.facts["fields"] == {"replaces": "not_asked"}


async def test_the_same_offer_that_is_on_its_way_blocks_and_another_does_not(office):
    open_order = await office.place(**ordered(VIA, key="V1"))

    refusal = await refused(office, **ordered(VIA_OTHER, key="V2", existing=Existing.ADD))

    assert (refusal.code, refusal.facts["case"]) == ("duplicate", open_order.id)
    for key, way in (("V3", DIRECT), ("V4", PRODUCED), ("V5", CONSUMED_VIA)):
        assert await office.place(**ordered(way, key=key))


async def test_an_order_from_before_orders_named_what_they_replace_ends_what_went_through_other_agents(office):
    await given(office, Row((VIA, PRODUCED, CONSUMED_VIA), VIA_OTHER))
    placed = await office.place(**ordered(VIA_OTHER, key="V9", existing=Existing.ADD))
    # As it would have been stored: the agent alone.
    query = select(tables.cases.c.content).where(tables.cases.c.id == placed.id)
    content = await office.database.read(lambda connection: connection.execute(query).scalar_one())
    before = {name: value for name, value in json.loads(content).items() if name != "earlier"}
    await office.change(
        tables.cases, tables.cases.c.id == placed.id, content=json.dumps(before | {"replaces_agent": AGENT})
    )

    await carried_out(office, await decided(office, placed))

    assert await held(office) == {VIA_OTHER, PRODUCED}


async def answered(office, case, **revision):
    """An order once its orderer has answered the attestant's question."""
    case = await office.press(case, BO, Action.REQUEST_COMPLETION, message="Vad menas?")
    changed = Revision(units=(EKEN,), invoice_ref="REF-1", **revision)
    return await office.press(case, ANNA, Action.ANSWER, message="Så här.", revision=changed)


async def test_an_answer_that_changes_a_comment_alone_leaves_what_is_replaced(office):
    await given(office, Row((VIA,), PRODUCED))
    placed = await office.place(**ordered(PRODUCED, key="V9", existing=Existing.REPLACE))

    case = await answered(office, placed, comment="Ring först.")

    assert (case.order.earlier, case.content_version) == (placed.order.earlier, placed.content_version)


async def test_an_answer_that_adds_in_the_place_of_replacing_is_decided_anew(office):
    await given(office, Row((VIA,), PRODUCED))
    placed = await office.place(**ordered(PRODUCED, key="V9", existing=Existing.REPLACE))

    same = await answered(office, placed, existing=Existing.REPLACE)
    case = await answered(office, same, existing=Existing.ADD)

    assert [each.content_version - placed.content_version for each in (same, case)] == [0, 1]
    assert ([each.ends for each in case.order.earlier], case.order.replaces_agent) == ([False], None)
    assert content_hash(case) != content_hash(placed)


# --- orders for no unit

ALL_DIRECT, ALL_THROUGH, ALL_THROUGH_OTHER = (
    ConnectionWay(ALL),
    ConnectionWay(ALL_VIA, AGENT),
    ConnectionWay(ALL_VIA, CLINIC),
)
WHOLES = {
    "nothing": Row((), ALL_DIRECT),
    "the same directly": Row((ALL_DIRECT,), ALL_DIRECT),
    "the same through the same agent": Row((ALL_THROUGH,), ALL_THROUGH),
    "from direct to agent": Row((ALL_DIRECT,), ALL_THROUGH, asked="add_or_replace"),
    "from agent to direct": Row((ALL_THROUGH,), ALL_DIRECT, asked="add_or_replace"),
    "through another agent": Row((ALL_THROUGH,), ALL_THROUGH_OTHER, asked="change_of_agent"),
    "what units have aside": Row((DIRECT, VIA), ALL_DIRECT),
}
WHOLES_ASKED = {name: row for name, row in WHOLES.items() if row.asked}


def as_a_whole(way, **changes):
    """An order for no unit, in some way."""
    return ordered(way, units=() if way.offer in WHOLE else (EKEN,), **changes)


async def given_whole(office, row):
    for way in row.has:
        await ended(office, **as_a_whole(way, existing=Existing.ADD))


async def held_whole(office):
    """Which connections for no unit go on."""
    rows = tables.connections.c
    query = select(rows.offer_id, rows.agent_id).where(rows.unit_key == "", rows.valid_to.is_(None))
    found = await office.database.read(lambda connection: connection.execute(query).all())
    return {ConnectionWay(*each) for each in found}


@pytest.mark.parametrize("name", WHOLES)
async def test_an_order_for_no_unit_is_asked_about_what_the_customer_has_as_a_whole_and_never_blocked(office, name):
    row = WHOLES[name]
    await given_whole(office, row)

    if row.asked:
        refusal = await refused(office, **as_a_whole(row.orders, key="V9"))
        assert (refusal.code, refusal.facts["service"]) == (row.asked, "npo")
        return
    case = await ended(office, **as_a_whole(row.orders, key="V9"))
    assert (case.order.earlier, row.orders in await held_whole(office)) == ((), True)


@pytest.mark.parametrize("existing", Existing)
@pytest.mark.parametrize("name", WHOLES_ASKED)
async def test_an_order_for_no_unit_adds_or_replaces_as_a_whole(office, name, existing):
    row = WHOLES_ASKED[name]
    await given_whole(office, row)

    case = await ended(office, **as_a_whole(row.orders, key="V9", existing=existing))

    ends = existing is Existing.REPLACE
    assert [(each.way, each.units, each.ends) for each in case.order.earlier] == [(way, (), ends) for way in row.has]
    assert await held_whole(office) == ({row.orders} if ends else {*row.has, row.orders})
    assert await told_otherwise(office) == []
