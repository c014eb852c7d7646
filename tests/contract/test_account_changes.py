"""When Slack says that an account has changed, what was confirmed of it is looked at again at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.config.settings import load_settings
from bot.main import join
from bot.slack.identity import Caller
from bot.slack.listeners.lifecycle import Lifecycle
from core.api import (
    Action,
    ActOnCase,
    Answers,
    Asking,
    NotLinked,
    Seen,
    Side,
    State,
    Surface,
)
from core.shared import errors
from core.storage import tables
from notifications.slack.slack_errors import TryLater, Wait
from tests.contract.office import TEAM_ID, account, identity, open_office
from tests.fakes.slack import INFO, Team
from tests.support.world import seed
from tests.support.world.seed import ANNA, BO, CECILIA, OLGA
from tests.web.test_deciding import SETTINGS


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def desk(office, database_url):
    settings = load_settings(_env_file=None, database_url=database_url, **SETTINGS)
    made, _ = join(settings, office.database, office.slack)
    yield replace(made, workspaces=office.workspaces, directory=office.directory, now=office.clock)
    await made.tasks.drain(60)


async def becomes(office, person, **changes):
    """The account of somebody is another, in Slack."""
    accounts = tuple(account(each, **(changes if each == person else {})) for each, *_ in seed.PEOPLE)
    office.slack.teams[0] = Team(TEAM_ID, office.slack.teams[0].token, accounts, office.slack.teams[0].channels)


async def hears(desk, person, email=None, **said):
    """Slack tells of an account."""
    workspace = (await desk.workspaces.all())[0]
    by = Caller(workspace, seed.slack_user(person), identity(person))
    address = f"{person.removeprefix('P-')}@example.org" if email is None else email
    user = {"id": by.user, "profile": {"email": address}, **said}
    listener = Lifecycle(None, desk.people, desk.checks, desk.tasks)
    await listener.on_user_changed({"type": "user_change", "user": user}, {"caller": by, "workspace": workspace})
    await desk.tasks.drain(60)


async def state(office, person):
    query = select(tables.identities.c.state).where(tables.identities.c.person_id == person)
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
    query = select(tables.history).where(tables.history.c.kind == "identity")
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


async def test_an_account_that_slack_does_not_tell_more_of_stands_for_nobody_until_it_is_confirmed_anew(office, desk):
    case = await office.place()
    await becomes(office, BO, is_deleted=True)
    office.slack.trouble(INFO, TryLater("http_503"))

    await hears(desk, BO, deleted=True)

    assert await state(office, BO) == "undone"
    with pytest.raises(NotLinked):
        await office.attest(case, BO)


async def test_a_change_of_which_slack_says_neither_the_address_nor_more_unlinks_nobody(office, desk):
    case = await office.place()
    office.slack.trouble(INFO, Wait("ratelimited", 30))

    await hears(desk, BO, email="")

    assert len(office.slack.sent(INFO)) == 1
    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_an_account_that_its_slack_does_not_know_any_more_is_nobodys(office, desk):
    office.slack.teams[0] = replace(office.slack.teams[0], accounts=())

    await hears(desk, BO, email="")

    assert await state(office, BO) == "undone"


async def test_an_account_is_unlinked_alone_when_it_changes(office, desk):
    await becomes(office, BO, is_deleted=True)

    await hears(desk, BO, deleted=True)

    assert [await state(office, each) for each in (BO, ANNA)] == ["undone", "confirmed"]


async def test_of_two_accounts_of_a_person_the_one_that_changed_is_unlinked_alone(office, desk):
    other = {"issuer": "slack:TOTHER", "subject": "UBO2", "person_id": BO, "at": office.clock(), "state": "confirmed"}
    await office.database.write(lambda connection: connection.execute(insert(tables.identities).values(other)).close())
    await becomes(office, BO, is_deleted=True)

    await hears(desk, BO, deleted=True)

    query = select(tables.identities.c.issuer, tables.identities.c.state).where(tables.identities.c.person_id == BO)
    found = await office.database.read(lambda connection: connection.execute(query).all())
    assert dict(map(tuple, found)) == {seed.TEAM: "undone", "slack:TOTHER": "confirmed"}


# --- a look that is old


def asking(office, above=0):
    """The office where a decision above an amount, in öre, needs a look at the account."""
    return replace(office, orders=replace(office.orders, look_above_ore=above))


async def seen(office, ago):
    await office.change(tables.identities, tables.identities.c.person_id == BO, seen_at=office.clock() - ago)


@pytest.mark.parametrize("ago", [None, timedelta(hours=24, microseconds=1), timedelta(days=400)])
async def test_an_account_not_looked_at_lately_decides_no_large_amount(office, ago):
    case = await office.place()
    if ago is not None:
        await seen(office, ago)

    with pytest.raises(errors.AccountNotLookedAt):
        await asking(office).attest(case, BO)


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=24)])
async def test_an_account_that_was_looked_at_within_a_day_decides(office, ago):
    case = await office.place()
    await seen(office, ago)

    assert (await asking(office).attest(case, BO)).decisions[-1].person == BO


async def test_what_is_not_above_the_amount_asks_for_no_look(office):
    case = await office.place()
    amount = case.order.cost(Side.CUSTOMER).first_year_ore

    with pytest.raises(errors.AccountNotLookedAt):
        await asking(office, amount - 1).attest(case, BO)
    assert (await asking(office, amount).attest(case, BO)).decisions[-1].person == BO


async def test_nothing_is_asked_where_the_operator_has_set_no_amount(office):
    case = await office.place()

    assert (await office.attest(case, BO)).decisions[-1].person == BO


async def test_a_no_asks_for_no_look(office):
    case = await office.place()

    rejected = await asking(office).press(case, BO, Action.REJECT, reason="Nej")

    assert rejected.state is State.REJECTED


async def test_a_decision_by_the_link_of_a_mail_is_by_no_account(office):
    case = await office.place()
    seen_step = Seen(case.step, case.content_version)
    command = ActOnCase(case.id, Action.ATTEST, Asking(BO), Surface.MAIL, seen_step, Answers(confirmed=True))

    assert (await asking(office).orders.act(command)).after.decisions[-1].person == BO


async def test_the_form_is_not_opened_where_its_decision_would_be_refused(office):
    case = await office.place()
    command = ActOnCase(case.id, Action.ATTEST, identity(BO), Surface.SLACK, Seen(case.step, case.content_version))

    with pytest.raises(errors.AccountNotLookedAt):
        await asking(office).orders.consider(command)


async def test_a_look_is_good_for_the_next_press(office, desk):
    case = await office.place()

    await desk.checks.look_at(identity(BO))

    assert (await asking(office).attest(case, BO)).decisions[-1].person == BO


async def test_a_look_at_one_account_is_none_at_anothers(office, desk):
    case = await office.place()

    await desk.checks.look_at(identity(CECILIA))

    with pytest.raises(errors.AccountNotLookedAt):
        await asking(office).attest(case, BO)


async def test_whoever_has_just_confirmed_an_account_was_looked_at(office):
    await office.change(tables.identities, tables.identities.c.person_id == BO, state="offered")
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())
    case = await office.place()

    assert (await asking(office).attest(case, BO)).decisions[-1].person == BO


async def test_an_account_that_slack_does_not_tell_of_is_looked_at_before_it_decides_what_is_large(office, desk):
    case = await office.place()
    await seen(office, timedelta(0))
    office.slack.trouble(INFO, TryLater("http_503"))

    await desk.checks.look_at(identity(BO))

    with pytest.raises(errors.AccountNotLookedAt):
        await asking(office).attest(case, BO)
