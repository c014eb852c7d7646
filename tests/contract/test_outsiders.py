"""The cards of somebody who has no part in an order any more: one line is left, and nothing new is sent."""

import pytest

from core.api import Action, Asking, CaseList, Grant, InboxQuery, Role
from core.storage import tables
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from tests.contract.office import open_office, via_agent
from tests.support.world.records import grants_of
from tests.support.world.seed import AGENT, AMIR, ANNA, BO, CHRISTMAS, CLINIC, HELENA, NOW, REGION, SARA, slack_user


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def end(office, person, organisation):
    """Whatever somebody could do in an organisation is over."""
    held = tables.role_assignments.c
    mine = (held.person_id == person) & (held.organisation_id == organisation)
    await office.change(tables.role_assignments, mine, valid_to=office.clock())


def read_by(office, person):
    """What stands in somebody's conversation with the app."""
    return [(shown.text, str(shown.blocks)) for shown in office.slack.in_channel(slack_user(person))]


async def test_of_an_order_whose_side_one_has_left_a_line_is_left_without_reasons_and_amounts(office):
    case = await office.place()
    await office.relay.drain()
    await end(office, ANNA, REGION)

    await office.press(case, BO, Action.REJECT, reason="Ej nu", internal="Anna slutade")
    await office.relay.drain()

    (left,) = read_by(office, ANNA)
    assert case.id in left[0]
    assert "vslagen" in left[0]
    assert not any(word in each for word in ("Ej nu", "Anna slutade", " kr", "REF-1") for each in left)


async def test_whoever_has_another_part_there_now_is_shown_the_order_as_before(office):
    case = await office.place()
    await office.relay.drain()
    held = tables.role_assignments.c
    await office.change(tables.role_assignments, held.person_id == ANNA, role="administrator")

    await office.press(case, BO, Action.REJECT, reason="Ej nu")
    await office.relay.drain()

    assert any("Ej nu" in blocks for _, blocks in read_by(office, ANNA))


async def test_whoever_attested_for_the_agent_and_has_left_it_is_not_told_how_it_went(office):
    case = await office.place(**via_agent())
    case = await office.press(case, HELENA, Action.APPROVE, certified=True)
    case = await office.attest(case, AMIR)
    await office.relay.drain()
    before = {person: len(read_by(office, person)) for person in (HELENA, AMIR)}
    await end(office, AMIR, AGENT)

    await office.press(case, BO, Action.REJECT, reason="Ej nu")
    await office.relay.drain()

    assert len(read_by(office, AMIR)) == before[AMIR]
    assert len(read_by(office, HELENA)) == before[HELENA] + 1
    assert not any("Ej nu" in blocks for _, blocks in read_by(office, AMIR))
    assert all(row.due_at is None for row in await office.cards(person_id=AMIR))


async def test_who_asks_nothing_of_an_outsider_any_more_offers_no_button(office):
    case = await office.place()
    await office.relay.drain()
    await end(office, BO, REGION)

    await office.store.repaint((await office.card(person_id=BO, case_id=case.id)).id)
    await office.relay.drain()

    ((_, blocks),) = read_by(office, BO)
    assert "kp.attest" not in blocks
    assert "REF-1" not in blocks


async def test_the_rights_of_people_are_their_own_and_those_they_lend_and_none_of_whoever_has_left(office):
    reads = SqlQueries(office.database)
    await office.change(tables.persons, tables.persons.c.id == HELENA, active=False)

    found = await grants_of(reads, [ANNA, SARA, HELENA], CHRISTMAS)

    assert found == {
        ANNA: (Grant(ANNA, REGION, Role.ORDERER),),
        SARA: (
            Grant(SARA, REGION, Role.AGREEMENT_CONTACT),
            Grant(SARA, REGION, Role.ATTESTANT, absent=BO),
        ),
    }
    assert await grants_of(reads, [], NOW) == {}


@pytest.mark.parametrize(
    ("role", "organisation", "listed"),
    [
        ("orderer", REGION, True),
        ("attestant", REGION, True),
        ("signatory", REGION, False),
        ("agreement_contact", REGION, False),
        ("orderer", CLINIC, False),
        ("customer_service", REGION, False),
    ],
)
async def test_what_somebody_has_ordered_is_listed_while_she_has_a_part_in_it(office, role, organisation, listed):
    case = await office.place()
    held = tables.role_assignments.c
    await office.change(tables.role_assignments, held.person_id == ANNA, role=role, organisation_id=organisation)

    page = await SqlInbox(office.database).page(Asking(ANNA), InboxQuery(CaseList.ORDERED), office.clock())

    assert [row.view.case for row in page.rows] == ([case.id] if listed else [])
