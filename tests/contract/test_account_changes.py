"""When Slack says that an account has changed, what was confirmed of it is looked at again at once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.identity import Caller
from bot.listeners.lifecycle import Lifecycle
from bot.main import desk_of
from bot.settings import load_settings
from core import db
from core.api import NotLinked
from notifications.slack_errors import TryLater
from tests import seed
from tests.contract.office import TEAM_ID, account, identity, open_office
from tests.fakes.slack import INFO, Team
from tests.seed import ANNA, BO, OLGA
from tests.web.test_deciding import SETTINGS


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def desk(office, database_url):
    settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS)
    made, _ = desk_of(settings, office.database, office.slack)
    yield replace(made, workspaces=office.workspaces, directory=office.directory, now=office.clock)
    await made.tasks.drain(5)


async def becomes(office, person, **changes):
    """The account of somebody is another, in Slack."""
    accounts = tuple(account(each, **(changes if each == person else {})) for each, *_ in seed.PEOPLE)
    office.slack.teams[0] = Team(TEAM_ID, office.slack.teams[0].token, accounts, office.slack.teams[0].channels)


async def hears(desk, person, email=None, **said):
    """Slack tells of an account."""
    workspace = (await desk.workspaces.all())[0]
    by = Caller(workspace, seed.slack_user(person), identity(person))
    user = {"id": by.user, "profile": {"email": email or f"{person.removeprefix('P-')}@example.org"}, **said}
    await Lifecycle(desk).on_user_changed({"type": "user_change", "user": user}, {"caller": by, "workspace": workspace})
    await desk.tasks.drain(5)


async def state(office, person):
    query = select(db.identities.c.state).where(db.identities.c.person_id == person)
    return await office.database.read(lambda connection: connection.execute(query).scalar_one())


@pytest.mark.parametrize(
    ("becoming", "said"),
    [
        ({"is_deleted": True}, {"deleted": True}),
        ({"is_guest": True}, {"is_restricted": True}),
        ({"is_guest": True}, {"is_ultra_restricted": True}),
        ({"is_bot": True}, {"is_bot": True}),
        ({"is_stranger": True}, {"is_stranger": True}),
        ({"email": "somebody@example.org"}, {"email": "somebody@example.org"}),
    ],
)
async def test_an_account_that_is_no_longer_what_was_confirmed_decides_nothing_more(office, desk, becoming, said):
    case = await office.place()
    await becomes(office, BO, **becoming)

    await hears(desk, BO, **said)

    with pytest.raises(NotLinked):
        await office.attest(case, BO)
    query = select(db.history).where(db.history.c.kind == "identity")
    (line,) = await office.database.read(lambda connection: connection.execute(query).all())
    assert (line.action, line.about_id, line.person_id, line.surface) == ("unlinked", BO, None, "clock")
    assert '"why":"changed"' in line.evidence


async def test_what_slack_says_is_looked_at_and_not_taken_at_its_word(office, desk):
    await hears(desk, BO, deleted=True)

    assert len(office.slack.sent(INFO)) == 1
    assert await state(office, BO) == "confirmed"


async def test_another_picture_or_status_is_nothing_to_look_at(office, desk):
    await hears(desk, BO, email="BO@example.org", deleted=False)

    assert office.slack.sent(INFO) == []


async def test_an_account_that_is_nobodys_is_not_looked_at(office, desk):
    await office.unlink(OLGA)

    await hears(desk, OLGA, deleted=True)

    assert office.slack.sent(INFO) == []


async def test_an_account_that_slack_does_not_tell_of_stays_as_it_was(office, desk):
    await becomes(office, BO, is_deleted=True)
    office.slack.trouble(INFO, TryLater("http_503"))

    await hears(desk, BO, deleted=True)

    assert await state(office, BO) == "confirmed"


async def test_an_account_is_unlinked_alone_when_it_changes(office, desk):
    await becomes(office, BO, is_deleted=True)

    await hears(desk, BO, deleted=True)

    assert [await state(office, each) for each in (BO, ANNA)] == ["undone", "confirmed"]
