"""People whose own language nobody knows are spoken to in that of their organisation, on both databases."""

import json

import pytest
from sqlalchemy import insert, select

from bot.acts.people import reader
from bot.slack.identity import Caller, SlackUserId
from core.api import Administration, Asking, Language, NoRole, Role, SetLanguage, new_id
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.reads.queries import SqlQueries
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.texts import say
from tests.contract.office import identity, open_office
from tests.contract.test_setting_channels import give_slack
from tests.support.world.seed import ADA, AGENT, BO, CLINIC, KARIN, NOW, REGION, TEAM, role_assignment, slack_user

EN, SV = Language.EN, Language.SV
BOS = slack_user(BO)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    await made.change(tables.persons, tables.persons.c.id == BO, language=None)
    yield made
    await made.database.close()


@pytest.fixture
def keep(office):
    return Administration(SqlRegistrar(office.database, new_id), RegisterAnnouncements(), lambda: NOW, new_id)


async def speaks(office, organisation, language):
    await office.change(tables.organisations, tables.organisations.c.id == organisation, language=language)


async def rows(office, table):
    return await office.database.read(lambda c: c.execute(select(table).order_by(table.c.id)).all())


async def answered(office, person):
    """The language in which somebody is answered who presses in Inera's Slack, which speaks Swedish."""
    caller = Caller(await office.workspaces.by_id(TEAM), SlackUserId(slack_user(person)), identity(person))
    return (await reader(SqlQueries(office.database), caller)).language


async def card_to_bo(office):
    """The language of the card that asks Bo, in Inera's Slack."""
    await office.place()
    await office.relay.drain()
    shown = json.dumps(office.slack.in_channel(BOS)[-1].blocks, ensure_ascii=False)
    (spoken,) = [each for each in Language if f'"{say(each, "btn.attest")}"' in shown]
    return spoken


@pytest.mark.parametrize(
    ("own", "organisations", "expected"), [(SV, EN, SV), (EN, SV, EN), (None, EN, EN), (None, None, SV)]
)
async def test_cards_and_answers_speak_the_own_language_else_the_organisations_else_the_slacks(
    office, own, organisations, expected
):
    await office.change(tables.persons, tables.persons.c.id == BO, language=own)
    await speaks(office, REGION, organisations)

    assert await answered(office, BO) is expected
    assert await card_to_bo(office) is expected


async def test_the_language_of_another_organisation_is_nobodys_here(office):
    await speaks(office, AGENT, EN)

    assert await answered(office, BO) is SV
    assert await card_to_bo(office) is SV


@pytest.mark.parametrize(
    ("regions", "clinics", "has_left_region", "expected"),
    [(EN, SV, False, EN), (None, EN, False, EN), (SV, EN, True, EN), (SV, EN, False, SV)],
)
async def test_of_several_organisations_that_counts_where_a_role_goes_on_and_came_first(
    office, regions, clinics, has_left_region, expected
):
    later = insert(tables.role_assignments).values(role_assignment(BO, CLINIC, Role.ORDERER))
    await office.database.write(lambda c: c.execute(later).close())
    await speaks(office, REGION, regions)
    await speaks(office, CLINIC, clinics)
    if has_left_region:
        mine = (tables.role_assignments.c.person_id == BO) & (tables.role_assignments.c.organisation_id == REGION)
        await office.change(tables.role_assignments, mine, valid_to=NOW)

    assert await answered(office, BO) is expected


async def test_an_organisations_own_slack_speaks_its_language_once_it_has_said_which(office):
    await give_slack(office.database, REGION)
    await office.workspaces.refresh()
    before = [each.language for each in await office.workspaces.all()]
    await speaks(office, REGION, EN)
    await office.workspaces.refresh()

    after = {each.organisation: each.language for each in await office.workspaces.all()}
    assert before == [SV, SV]
    assert after == {None: SV, REGION: EN}


async def test_whoever_keeps_an_organisation_says_which_and_history_what_was_before(office, keep):
    for by, language in ((ADA, EN), (KARIN, SV)):
        done = await keep.set_language(SetLanguage(Asking(by), REGION, language))
        assert done.is_news

    assert (await keep.organisation(Asking(ADA), REGION)).organisation.language is SV
    first, second = await rows(office, tables.history)
    assert (first.action, first.kind, first.organisation_id, first.person_id) == (
        *("translated", "organisation"),
        *(REGION, ADA),
    )
    assert json.loads(first.evidence) == {"by": ADA, "language": "en", "before": {"language": None}}
    assert json.loads(second.evidence) == {"by": KARIN, "language": "sv", "before": {"language": "en"}}


async def test_what_stood_like_that_leaves_no_line_and_nobody_is_told_of_a_language(office, keep):
    await keep.set_language(SetLanguage(Asking(ADA), REGION, EN))

    again = await keep.set_language(SetLanguage(Asking(ADA), REGION, EN))

    assert not again.is_news
    assert (len(await rows(office, tables.history)), await rows(office, tables.cards)) == (1, [])


async def test_nobody_else_says_which(office, keep):
    for by, organisation in ((BO, REGION), (ADA, CLINIC)):
        with pytest.raises(NoRole):
            await keep.set_language(SetLanguage(Asking(by), organisation, EN))

    assert {each.language for each in await rows(office, tables.organisations)} == {None}
