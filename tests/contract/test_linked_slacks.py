"""Somebody who is linked in several Slacks chooses which of them gets the messages."""

from dataclasses import replace

import pytest

from core.api import Action, Asking, Language, LinkedSlack, Unit, new_id
from core.storage import tables
from notifications.accounts.linked_slacks import LinkedSlacks
from notifications.slack.port import Granted, TokenPair
from notifications.slack.workspaces import UNINSTALLED
from tests.contract.office import account, open_office
from tests.fakes.slack import Team, buttons
from tests.support.world import seed
from tests.support.world.seed import ADA, AGENT, ANNA, BO, CECILIA, NPO_KONSUMENT, REGION

INERAS, REGIONS = seed.TEAM, "slack:TREGION"
AT_INERA, AT_REGION = "UBOINERA", seed.slack_user(BO)


@pytest.fixture
async def office(database_url):
    """Bo, who attests at Region Exempel, is linked in its Slack and in Inera's."""
    made = await open_office(database_url)
    made.slack.teams[0] = replace(made.slack.teams[0], accounts=(account(ANNA), account(BO, id=AT_INERA)))
    await made.connect(_regions("xoxb-region"), organisation=REGION)
    mine = tables.identities.c.person_id.in_([ADA, BO, CECILIA])
    await made.change(tables.identities, mine, issuer=REGIONS, organisation_id=REGION)
    await _link(made, INERAS, AT_INERA)
    yield made
    await made.database.close()


async def _link(office, issuer, subject, **more):
    link = {"issuer": issuer, "subject": subject, "person_id": BO, "state": "confirmed", "at": seed.LONG_AGO}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(link | more)))


def _regions(token):
    return Team("TREGION", token, tuple(account(each, "TREGION") for each in (ADA, BO, CECILIA)), name="Regionens")


def slacks(office):
    return LinkedSlacks(office.database)


async def asked_at(office):
    """Where Bo is asked about another order."""
    office.slack.messages.clear()
    key = new_id("K")
    await office.place(offer=NPO_KONSUMENT, units=(Unit(key, f"SE2321000016-{key}"),), key=key)
    await office.relay.drain()
    return [
        place
        for place in (AT_INERA, AT_REGION)
        if any("kp.attest" in buttons(m) for m in office.slack.in_channel(place))
    ]


async def uninstall(office):
    office.slack.teams = [team for team in office.slack.teams if team.id != "TREGION"]
    assert await office.workspaces.note_problem(REGIONS, UNINSTALLED)
    await office.relocation.run()


async def install(office):
    office.slack.teams.append(_regions("xoxb-again"))
    granted = Granted("TREGION", None, "Regionens", "UBOT", TokenPair("xoxb-again"))
    await office.workspaces.install(REGION, granted, Language.SV)
    await office.relocation.run()


async def test_without_a_choice_the_own_organisations_slack_gets_the_messages(office):
    assert await asked_at(office) == [AT_REGION]
    assert [(slack.id, slack.gets) for slack in await slacks(office).of(Asking(BO))] == [
        (INERAS, False),
        (REGIONS, True),
    ]


async def test_the_slack_that_somebody_has_chosen_gets_the_messages_until_another_is_chosen(office):
    assert await slacks(office).choose(Asking(BO), INERAS)
    first = await asked_at(office)
    listed = await slacks(office).of(Asking(BO))
    assert await slacks(office).choose(Asking(BO), REGIONS)

    assert (first, await asked_at(office)) == ([AT_INERA], [AT_REGION])
    assert [(slack.id, slack.gets, slack.is_chosen) for slack in listed] == [
        (INERAS, True, True),
        (REGIONS, False, False),
    ]


async def test_what_somebody_has_got_before_stays_where_it_is_and_is_decided_there(office):
    case = await office.place()
    await office.relay.drain()

    await slacks(office).choose(Asking(BO), INERAS)
    await office.press(case, BO, Action.ATTEST, by=REGIONS, confirmed=True)
    await office.relay.drain()

    assert [message.edits for message in office.slack.in_channel(AT_REGION)] == [1]
    assert office.slack.in_channel(AT_INERA) == []


async def test_what_somebody_chooses_is_for_nobody_else(office):
    await slacks(office).choose(Asking(BO), INERAS)

    preferred = await office.database.read(
        lambda connection: connection.execute(tables.identities.select().where(tables.identities.c.is_preferred)).all()
    )
    assert {row.person_id for row in preferred} == {BO}


async def test_a_chosen_slack_that_is_off_lets_the_next_have_the_messages_and_has_them_again_once_it_is_on(office):
    await _link(office, "slack:TOTHER", "UBOOTHER")
    await office.connect(Team("TOTHER", "xoxb-other", (account(BO, "TOTHER", id="UBOOTHER"),), name="Ineras andra"))
    await slacks(office).choose(Asking(BO), REGIONS)

    await uninstall(office)
    meanwhile, listed = await asked_at(office), {slack.id: slack for slack in await slacks(office).of(Asking(BO))}
    await install(office)

    assert (meanwhile, await asked_at(office)) == ([AT_INERA], [AT_REGION])
    assert listed[REGIONS] == LinkedSlack(REGIONS, "Regionens", gets=False, is_chosen=True, is_reached=False)
    assert listed[INERAS].gets


async def test_a_chosen_slack_that_cannot_be_reached_for_now_keeps_nobody_waiting(office):
    await slacks(office).choose(Asking(BO), INERAS)
    await office.workspaces.note_problem(INERAS, "missing_scope")

    assert await asked_at(office) == [AT_REGION]


async def test_an_organisations_slack_shows_and_chooses_none_of_another_organisation(office):
    listed = {
        within: [slack.id for slack in await slacks(office).of(Asking(BO, within))] for within in (REGION, AGENT, None)
    }

    assert listed == {REGION: [INERAS, REGIONS], AGENT: [INERAS], None: [INERAS, REGIONS]}
    assert not await slacks(office).choose(Asking(BO, AGENT), REGIONS)


@pytest.mark.parametrize("unlinked", [{"state": "barred"}, {"person_id": ANNA}])
async def test_a_slack_where_no_account_stands_for_the_person_is_neither_shown_nor_chosen(office, unlinked):
    await office.change(tables.identities, tables.identities.c.subject == AT_INERA, **unlinked)

    assert [slack.id for slack in await slacks(office).of(Asking(BO))] == [REGIONS]
    assert not await slacks(office).choose(Asking(BO), INERAS)
    assert await asked_at(office) == [AT_REGION]


async def test_a_slack_that_cannot_be_reached_is_not_chosen(office):
    await uninstall(office)

    assert not await slacks(office).choose(Asking(BO), REGIONS)
    assert await asked_at(office) == [AT_INERA]


async def test_the_choice_holds_for_every_account_that_the_person_has_there(office):
    await slacks(office).choose(Asking(BO), INERAS)
    await _link(office, INERAS, "UBOANEW", is_preferred=True)

    assert [(slack.id, slack.gets) for slack in await slacks(office).of(Asking(BO))] == [
        (INERAS, True),
        (REGIONS, False),
    ]


async def test_an_account_that_is_linked_later_in_the_chosen_slack_leaves_the_choice(office):
    await slacks(office).choose(Asking(BO), INERAS)
    await _link(office, INERAS, "UBOLATER")

    assert [(slack.id, slack.is_chosen) for slack in await slacks(office).of(Asking(BO))] == [
        (INERAS, True),
        (REGIONS, False),
    ]
