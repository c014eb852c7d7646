"""An organisation says where those who have a role are asked, on both databases."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from core.api import Administration, Asking, Notified, ProposedChannel, Role, RoleChannel, SetChannels, new_id
from core.shared import errors
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from notifications.rules.register_announcements import RegisterAnnouncements
from tests.support.world import seed
from tests.support.world.seed import ADA, AGENT, ASTA, BO, CLINIC, KARIN, NOW, REGION

CHANNEL = "C0123456789"
LINK = f"https://regionen.slack.com/archives/{CHANNEL}"
ASKED = ProposedChannel(Role.ATTESTANT, CHANNEL, Notified.ASKED, asked_only=False)


async def give_slack(database, organisation, name="Regionens Slack", **changes):
    """An organisation has the app in a Slack of its own."""
    team = f"T{organisation.removeprefix('O-').upper()}"
    row = {
        "id": f"slack:{team}",
        "team_id": team,
        "name": name,
        "bot_token": "",
        "bot_user_id": "UBOT",
        "language": "sv",
        "changed_at": NOW,
        "organisation_id": organisation,
    }
    await database.write(lambda c: c.execute(insert(tables.workspaces).values(row | changes)))


@pytest.fixture
async def database(database_url):
    made = await seed.seeded(database_url)
    await give_slack(made, REGION)
    yield made
    await made.close()


@pytest.fixture
def keep(database):
    return Administration(SqlRegistrar(database, new_id), RegisterAnnouncements(), lambda: NOW, new_id)


async def lines(database):
    query = select(tables.history).order_by(tables.history.c.id)
    return await database.read(lambda c: c.execute(query).all())


async def told(database):
    query = select(tables.cards.c.kind, tables.cards.c.person_id)
    return sorted(await database.read(lambda c: list(map(tuple, c.execute(query).all()))))


@pytest.mark.parametrize("written", [CHANNEL, LINK, f"{LINK}/p1764000000", f" {CHANNEL} "])
async def test_a_channel_is_chosen_by_its_id_or_a_link_to_it(keep, written):
    chosen = ProposedChannel(Role.ATTESTANT, written, Notified.ALL, asked_only=True)

    done = await keep.set_channels(SetChannels(Asking(ADA), REGION, (chosen,)))

    assert done.is_news
    about = await keep.organisation(Asking(ADA), REGION)
    assert about.channels == [RoleChannel(Role.ATTESTANT, CHANNEL, Notified.ALL, asked_only=True)]
    assert about.slack.name == "Regionens Slack"


async def test_history_tells_of_the_choice_and_of_what_was_before_and_those_who_decide_hear_of_it(keep, database):
    await keep.set_channels(SetChannels(Asking(KARIN), REGION, (ASKED,)))
    await keep.set_channels(
        SetChannels(Asking(KARIN), REGION, (ProposedChannel(Role.ATTESTANT, "", Notified.ASKED, asked_only=False),))
    )

    first, second = await lines(database)
    assert (first.action, first.organisation_id, first.person_id) == ("channelled", REGION, KARIN)
    said = {"channel": CHANNEL, "notified": "asked", "asked_only": False}
    assert json.loads(first.evidence) == {"by": KARIN, "role": "attestant"} | said
    assert json.loads(second.evidence) == {"by": KARIN, "role": "attestant", "before": said}
    assert {person for kind, person in await told(database) if kind == "channels"} >= {ADA, BO}
    assert (await keep.organisation(Asking(ADA), REGION)).channels == []


async def test_what_a_channel_is_called_is_told_and_stays_known_until_another_is_chosen(keep, database):
    named = replace(ASKED, name="attester")
    for wanted in (named, replace(ASKED, notified=Notified.ALL), replace(ASKED, channel="C0123456780")):
        await keep.set_channels(SetChannels(Asking(ADA), REGION, (wanted,)))

    assert [json.loads(line.evidence).get("name") for line in await lines(database)] == ["attester", "attester", None]
    assert [each.name for each in (await keep.organisation(Asking(ADA), REGION)).channels] == [""]


async def test_the_same_choice_changes_nothing_but_lets_a_lost_channel_be_tried_again(keep, database):
    await keep.set_channels(SetChannels(Asking(ADA), REGION, (ASKED,)))
    lost = tables.role_channels.update().values(problem="not_in_channel", problem_at=NOW)
    await database.write(lambda c: c.execute(lost))
    (before,) = (await keep.organisation(Asking(ADA), REGION)).channels

    done = await keep.set_channels(SetChannels(Asking(ADA), REGION, (ASKED,)))

    (after,) = (await keep.organisation(Asking(ADA), REGION)).channels
    assert (before.problem, after.problem, done.is_news) == ("not_in_channel", "", False)
    assert len(await lines(database)) == 1


@pytest.mark.parametrize(
    "changes", [{"channel": "C0123456780"}, {"notified": Notified.NOBODY}, {"asked_only": True}], ids=str
)
async def test_each_of_the_three_settings_is_kept(keep, changes):
    given = {"channel": CHANNEL, "notified": Notified.ASKED, "asked_only": False}
    await keep.set_channels(SetChannels(Asking(ADA), REGION, (ProposedChannel(Role.ATTESTANT, **given),)))

    await keep.set_channels(SetChannels(Asking(ADA), REGION, (ProposedChannel(Role.ATTESTANT, **given | changes),)))

    assert (await keep.organisation(Asking(ADA), REGION)).channels == [RoleChannel(Role.ATTESTANT, **given | changes)]


WRONG_CHANNELS = [
    (REGION, ProposedChannel(Role.ATTESTANT, "#attester", Notified.ASKED, asked_only=False), "channel"),
    (REGION, ProposedChannel(Role.ATTESTANT, "U0123456789", Notified.ASKED, asked_only=False), "channel"),
    (REGION, ProposedChannel(Role.AGENT_HANDLER, CHANNEL, Notified.ASKED, asked_only=False), "role_not_for_kind"),
    (REGION, ProposedChannel(Role.ORDERER, CHANNEL, Notified.ASKED, asked_only=False), "role_not_for_kind"),
    (CLINIC, ASKED, "no_own_slack"),
]


@pytest.mark.parametrize(("organisation", "wanted", "problem"), WRONG_CHANNELS)
async def test_what_is_wrong_is_said_at_the_roles_field_and_nothing_is_kept(
    keep, database, organisation, wanted, problem
):
    with pytest.raises(errors.RegisterError) as refused:
        await keep.set_channels(SetChannels(Asking(KARIN), organisation, (ASKED, wanted)))

    said = refused.value.facts
    assert said["problem"] == problem
    assert said["field"] in {f"channel_{wanted.role}", f"channel_{ASKED.role}"}
    assert await lines(database) == []


async def test_a_slack_that_the_app_is_gone_from_is_none(keep, database):
    off = tables.workspaces.update().values(problem="app_uninstalled")
    await database.write(lambda c: c.execute(off))

    with pytest.raises(errors.RegisterError):
        await keep.set_channels(SetChannels(Asking(ADA), REGION, (ASKED,)))

    assert (await keep.organisation(Asking(ADA), REGION)).slack is None


async def test_an_agent_chooses_for_its_orderers_too(keep, database):
    await give_slack(database, AGENT, "Agentens Slack")
    both = tuple(
        ProposedChannel(role, CHANNEL, Notified.ASKED, asked_only=False)
        for role in (Role.ATTESTANT, Role.AGENT_HANDLER)
    )

    await keep.set_channels(SetChannels(Asking(KARIN), AGENT, both))

    chosen = (await keep.organisation(Asking(KARIN), AGENT)).channels
    assert {each.role for each in chosen} == {Role.ATTESTANT, Role.AGENT_HANDLER}


async def test_nobody_but_who_keeps_the_organisation_chooses(keep):
    for person in (BO, ASTA):
        with pytest.raises(errors.NoRole):
            await keep.set_channels(SetChannels(Asking(person), REGION, (ASKED,)))


async def test_a_form_that_was_sent_twice_counts_once(keep):
    await keep.set_channels(SetChannels(Asking(ADA), REGION, (ASKED,), key="V1"))

    with pytest.raises(errors.AlreadySent):
        await keep.set_channels(SetChannels(Asking(ADA), REGION, (ASKED,), key="V1"))
