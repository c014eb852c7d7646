"""A Slack that takes the app away is off: what it was asked finds another way, and comes back with the app."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.server.background import Tasks
from bot.server.metrics import Metrics
from bot.slack.switch import SlackSwitch
from bot.wiring.slack_ears import SlackEars
from core.api import (
    SLACK_OFF,
    STOCKHOLM,
    Action,
    CaseQuery,
    Identity,
    Language,
    LinkState,
    NotLinked,
    Purpose,
    Side,
    Surface,
    Unit,
    new_id,
)
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.queries import SqlQueries
from core.storage.tables.homes import UNREADABLE
from core.use_cases.clock import Clock
from notifications.accounts import account_links
from notifications.mail import mail_switch
from notifications.slack.install_links import InstallLinks
from notifications.slack.port import Granted, TokenPair
from notifications.slack.slack_errors import Never
from notifications.slack.slack_watch import SlackWatch
from notifications.slack.workspaces import REVOKED, UNINSTALLED, NotInstalled
from tests.contract.office import CHANNEL, account, open_office
from tests.contract.office import TOKEN as INERAS
from tests.contract.test_mail import mailing
from tests.contract.test_moved_clock import grow_dearer, settle
from tests.fakes.slack import POST, UPDATE, Team, buttons, direct
from tests.support.world import seed
from tests.support.world.seed import ADA, AGENT, ANNA, BO, CECILIA, NPO_KONSUMENT, REGION

REGIONS = "slack:TREGION"
TOKEN, ANEW = "xoxb-region", "xoxb-again"
BOS, BOS_MAIL, ADAS_MAIL = seed.slack_user(BO), "bo@example.org", "ada@example.org"


@pytest.fixture
async def office(database_url):
    """Those who attest and administer at Region Exempel are in a Slack of its own; Anna, who orders, in Inera's."""
    made = await open_office(database_url)
    theirs = tuple(account(person, "TREGION") for person in (ADA, BO, CECILIA))
    made.slack.teams[0] = replace(made.slack.teams[0], accounts=(account(ANNA),))
    await made.connect(Team("TREGION", TOKEN, theirs, name="Regionens Slack"), organisation=REGION)
    mine = tables.identities.c.person_id.in_([ADA, BO, CECILIA])
    await made.change(tables.identities, mine, issuer=REGIONS, organisation_id=REGION)
    yield made
    await made.database.close()


@pytest.fixture
async def mailed(office, post):
    """The same, where mail is on."""
    office = mailing(office, post)
    mails = replace(office.delivery.mails, installs=InstallLinks(office.database, office.clock, new_id))
    object.__setattr__(office.delivery, "mails", mails)
    await office.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, office.clock()))
    return office


async def uninstall(office, problem=UNINSTALLED):
    """Slack says that the app was taken away, and takes its token no more."""
    office.slack.teams = [team for team in office.slack.teams if team.id != "TREGION"]
    assert await office.workspaces.note_problem(REGIONS, problem)
    await office.relocation.run()
    await office.relay.drain()


async def install(office, organisation=REGION):
    """The app is installed there, with another token; what stood there stands there still."""
    theirs = tuple(account(person, "TREGION") for person in (ADA, BO, CECILIA))
    office.slack.teams.append(Team("TREGION", ANEW, theirs, name="Regionens Slack"))
    granted = Granted("TREGION", None, "Regionens Slack", "UBOT", TokenPair(ANEW))
    await office.workspaces.install(organisation, granted, Language.SV)
    await office.relocation.run()
    await office.relay.drain()


def subjects(post, address=BOS_MAIL):
    return [mail.message["Subject"] for mail in post.to(address)]


def consumed(number):
    """An order for another unit each time."""
    return {
        "offer": NPO_KONSUMENT,
        "units": (Unit(f"Vårdcentralen {number}", f"SE2321000016-A{number}"),),
        "key": f"V{number}",
    }


async def placed(office):
    case = await office.place()
    await office.relay.drain()
    return case


async def test_what_waits_in_a_slack_that_took_the_app_away_goes_by_mail(mailed, post):
    case = await placed(mailed)
    assert (len(mailed.slack.in_channel(BOS)), subjects(post)) == (1, [])

    await uninstall(mailed)

    assert subjects(post) == [f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})"]
    assert "/d/" in post.to(BOS_MAIL)[0].part("plain")


async def test_what_a_message_asked_of_several_orders_there_is_asked_of_each_by_mail_and_at_night_too(mailed, post):
    await grow_dearer(mailed)
    cases = [await mailed.place(key=f"V{n}", units=(Unit(f"Enhet {n}"),)) for n in range(6)]
    await settle(mailed)
    await mailed.change(tables.cases, tables.cases.c.id.in_([case.id for case in cases]), due_at=None)
    # The year begins on a Friday that is free.
    for at in (datetime(2027, 1, 1, tzinfo=STOCKHOLM), datetime(2027, 1, 4, 9, tzinfo=STOCKHOLM)):
        mailed.clock.at = at
        await settle(mailed)
    (digest,) = await mailed.cards(kind="digest", person_id=BO)
    resting = await mailed.cards(asked_in=digest.id)
    mailed.clock.forward(hours=13)

    await uninstall(mailed)
    await settle(mailed)

    assert [row.kind for row in resting] == ["customer_attest"] * 6
    assert (digest.workspace_id, digest.ts is None) == (REGIONS, False)
    assert all(any(case.id in subject for subject in subjects(post)) for case in cases)


async def test_what_is_on_its_way_there_goes_by_mail(mailed, post):
    await mailed.place()
    await mailed.leases.owing(mailed.clock())
    assert {row.workspace_id for row in await mailed.cards(kind="customer_attest")} == {REGIONS}

    await uninstall(mailed)

    assert (len(subjects(post)), mailed.slack.in_channel(BOS)) == (1, [])


async def test_what_comes_up_later_goes_by_mail_too(mailed, post):
    await uninstall(mailed)

    await placed(mailed)

    assert len(subjects(post)) == 1


@pytest.mark.parametrize("error", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_an_answer_that_takes_the_token_no_more_switches_the_slack_off(mailed, post, error):
    mailed.slack.trouble(POST, Never(error), to=BOS)

    await placed(mailed)

    assert (await mailed.workspaces.by_id(REGIONS)).problem == error
    assert len(subjects(post)) == 1


@pytest.mark.parametrize("error", ["missing_scope", "org_login_required"])
async def test_what_is_mended_there_or_here_switches_no_slack_off(mailed, post, error):
    mailed.slack.trouble(POST, Never(error), to=BOS)

    await placed(mailed)

    assert (await mailed.workspaces.by_id(REGIONS)).problem == error
    assert subjects(post) == []
    assert await mailed.cards(kind="slack_off") == []


async def test_what_is_off_stays_so_whatever_else_is_said_of_it(office):
    await uninstall(office)

    assert not await office.workspaces.note_problem(REGIONS, "missing_scope")

    assert (await office.workspaces.by_id(REGIONS)).problem == UNINSTALLED


async def test_the_message_there_stays_as_it_was(mailed):
    case = await placed(mailed)
    await uninstall(mailed)

    await mailed.attest(case, CECILIA, by=REGIONS)
    await mailed.relay.drain()

    assert [call.to for call in mailed.slack.sent(UPDATE)] == [direct(seed.slack_user(ANNA))]
    assert [shown.edits for shown in mailed.slack.in_channel(BOS)] == [0]


async def test_history_tells_that_a_message_went_another_way(mailed):
    case = await placed(mailed)

    await uninstall(mailed)

    query = select(tables.history).where(tables.history.c.action == "moved", tables.history.c.case_id == case.id)
    lines = await mailed.database.read(lambda connection: connection.execute(query).all())
    told = {(line.about_id, json.loads(line.evidence)["error"], line.surface) for line in lines}
    assert told == {(BO, SLACK_OFF, Surface.CLOCK), (CECILIA, SLACK_OFF, Surface.CLOCK)}


async def test_whoever_reads_the_order_reads_when_its_slack_was_off_and_on_again_each_once(office):
    case = await placed(office)
    await uninstall(office)
    gone = office.clock.at
    office.clock.forward(hours=1)
    await install(office)
    whole = {side: await SqlQueries(office.database).whole(case.id, side) for side in Side}

    told = {side: [(each.organisation, each.is_back) for each in found.slack] for side, found in whole.items()}
    both = [("Region Exempel", False), ("Region Exempel", True)]
    assert told == {Side.CUSTOMER: both, Side.INERA: both, Side.AGENT: []}
    assert whole[Side.CUSTOMER].slack[0].at <= gone < whole[Side.CUSTOMER].slack[1].at
    assert len(await office.cards(person_id=BO, kind="customer_attest")) == 1


async def test_the_administrators_are_told_once_what_has_happened_and_how_to_install_again(mailed, post):
    await uninstall(mailed)
    await mailed.workspaces.note_problem(REGIONS, REVOKED)
    await mailed.relocation.run()
    await mailed.relay.drain()

    (told,) = post.to(ADAS_MAIL)
    assert told.message["Subject"] == "Appen Kundportalen är borta från er Slack"
    text = told.part("plain")
    assert "Regionens Slack" in text
    link = text.partition("/n/")[2].split()[0]
    opened = await InstallLinks(mailed.database, mailed.clock, new_id).open(link)
    assert (opened.organisation, opened.person) == (REGION, ADA)


async def test_a_slack_that_is_taken_away_a_second_time_is_told_of_again(mailed, post):
    await uninstall(mailed)
    mailed.clock.forward(hours=1)
    await install(mailed)
    mailed.clock.forward(hours=1)

    await uninstall(mailed)

    assert len(post.to(ADAS_MAIL)) == 2


async def test_where_nobody_administers_customer_service_is_told(mailed, post):
    roles = tables.role_assignments.c
    await mailed.change(tables.role_assignments, roles.role == "administrator", valid_to=seed.LONG_AGO)

    await uninstall(mailed)

    (told,) = mailed.slack.in_channel(CHANNEL)
    assert told.text == "Appen Kundportalen är borta från Slack hos Region Exempel"
    assert "går via mejl" in str(told.blocks)


async def test_without_mail_cards_wait_and_whoever_runs_this_and_customer_service_hear_of_it(office, caplog):
    await placed(office)

    await uninstall(office)

    waiting = await office.card(person_id=BO, kind="customer_attest", does_show=0)
    assert (waiting.given_up_at, waiting.last_error) == (None, SLACK_OFF)
    assert waiting.due_at == office.clock() + timedelta(hours=1)
    assert f"mail_off_cards_wait workspace={REGIONS} organisation={REGION}" in caplog.messages
    (told,) = office.slack.in_channel(CHANNEL)
    assert "mejl är inte påslaget" in str(told.blocks)


async def test_what_waits_goes_by_mail_as_soon_as_there_is_mail(office, post):
    await placed(office)
    await uninstall(office)
    mailed = mailing(office, post)
    await mailed.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, mailed.clock()))
    mailed.clock.forward(hours=1)

    await mailed.relay.drain()

    assert len(subjects(post)) == 1


async def test_what_waits_comes_back_with_the_app_and_stands_there_once(office):
    case = await placed(office)
    await uninstall(office)

    await install(office)

    (shown,) = office.slack.in_channel(BOS)
    assert (shown.edits, "kp.attest" in buttons(shown)) == (1, True)
    assert len(await office.cards(person_id=BO, kind="customer_attest")) == 1
    await office.attest(case, CECILIA, by=REGIONS)
    await office.relay.drain()
    (shown,) = office.slack.in_channel(BOS)
    assert "kp.attest" not in buttons(shown)


async def test_what_was_never_shown_is_shown_with_the_app(office):
    await uninstall(office)
    await placed(office)
    assert office.slack.in_channel(BOS) == []

    await install(office)

    assert len(office.slack.in_channel(BOS)) == 1


async def test_a_message_that_is_gone_is_posted_anew_with_the_app(office):
    await placed(office)
    await uninstall(office)
    office.slack.messages.clear()

    await install(office)

    assert len(office.slack.in_channel(BOS)) == 1


async def test_what_was_mailed_meanwhile_is_asked_in_slack_too_and_the_link_opens_still(mailed, post):
    case = await placed(mailed)
    await uninstall(mailed)

    await install(mailed)

    (shown,) = mailed.slack.in_channel(BOS)
    assert "kp.attest" in buttons(shown)
    token = post.to(BOS_MAIL)[0].part("plain").partition("/d/")[2].partition("?")[0]
    link = await SqlPersonalLinks(mailed.database, "secret").open(token, Purpose.DECIDE, mailed.clock())
    assert (link.case, link.person) == (case.id, BO)


async def test_what_was_decided_meanwhile_is_what_the_message_says_when_the_app_is_back(mailed):
    case = await placed(mailed)
    await uninstall(mailed)
    await mailed.attest(case, CECILIA, by=REGIONS)

    await install(mailed)

    (shown,) = mailed.slack.in_channel(BOS)
    assert (shown.edits, "kp.attest" in buttons(shown)) == (1, False)


async def test_what_was_ended_meanwhile_is_what_the_message_says_when_the_app_is_back(mailed):
    case = await placed(mailed)
    await uninstall(mailed)
    await mailed.press(case, ANNA, Action.WITHDRAW, confirmed=True)

    await install(mailed)

    (shown,) = mailed.slack.in_channel(BOS)
    assert (shown.edits, "kp.attest" in buttons(shown)) == (1, False)


async def test_somebody_who_was_unlinked_meanwhile_is_shown_nothing_there(office):
    await placed(office)
    await uninstall(office)
    await office.change(tables.identities, tables.identities.c.person_id == BO, state="undone")

    await install(office)

    assert [shown.edits for shown in office.slack.in_channel(BOS)] == [0]


async def test_whoever_has_an_account_in_ineras_slack_too_is_asked_there_and_there_alone(office):
    await placed(office)
    office.slack.teams[0] = replace(office.slack.teams[0], accounts=(account(ANNA), account(BO, id="UBO2")))
    row = {"issuer": seed.TEAM, "subject": "UBO2", "person_id": BO, "state": "confirmed", "at": seed.LONG_AGO}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(row)))

    await uninstall(office)
    (asked,) = office.slack.in_channel("UBO2")
    await install(office)

    assert "kp.attest" in buttons(asked)
    assert [shown.edits for shown in office.slack.in_channel(BOS)] == [0]


async def test_an_account_that_is_asked_whose_it_is_is_asked_again_with_the_app(office):
    await office.unlink(BO)
    await placed(office)
    assert len(office.slack.in_channel(BOS)) == 1
    await uninstall(office)
    office.slack.messages.clear()

    await install(office)

    (question,) = office.slack.in_channel(BOS)
    assert "kp.link_yes" in buttons(question)


async def test_another_organisation_gets_nothing_of_what_stood_there(office):
    case = await placed(office)
    await uninstall(office)

    await install(office, organisation=AGENT)
    with pytest.raises(NotLinked):
        await office.attest(case, CECILIA, by=REGIONS)
    await office.database.write(lambda c: c.execute(update(tables.cases).values(revision=tables.cases.c.revision + 1)))
    await office.relocation.run()
    await office.relay.drain()

    assert [shown.edits for shown in office.slack.in_channel(BOS)] == [0]
    assert (await office.workspaces.by_id(REGIONS)).organisation == AGENT


async def test_what_slack_tells_late_does_not_switch_off_what_was_installed_since(office):
    before = office.clock()
    office.clock.forward(minutes=5)
    await office.workspaces.note_problem(REGIONS, UNINSTALLED)
    await install(office)

    late = await office.workspaces.note_problem(REGIONS, UNINSTALLED, since=before)
    of_the_old_token = await office.workspaces.note_problem(REGIONS, "token_revoked", token=TOKEN)

    assert (late, of_the_old_token) == (False, False)
    assert (await office.workspaces.by_id(REGIONS)).problem is None


async def test_ineras_own_slack_waits_for_whoever_runs_this(office):
    assert not await office.workspaces.note_problem(seed.TEAM, "token_revoked")

    await office.relocation.run()

    assert await office.cards(kind="slack_off") == []


async def test_a_message_that_is_on_its_way_as_the_app_is_taken_away_is_asked_anew_once_it_has_ended(mailed, post):
    """It is Slack's to say whether that arrived; the workspace is not done with before."""
    begun, hang = asyncio.Event(), asyncio.Event()
    mailed.slack.trouble(POST, Never("token_revoked"), to=BOS, hang=hang, begun=begun)
    await mailed.place()
    working = asyncio.create_task(mailed.relay.drain())
    await begun.wait()

    await mailed.workspaces.note_problem(REGIONS, UNINSTALLED)
    await mailed.relocation.run()
    settled = select(tables.workspaces.c.is_settled).where(tables.workspaces.c.id == REGIONS)
    early = await mailed.database.read(lambda connection: connection.scalar(settled))
    hang.set()
    await working
    await mailed.relocation.run()
    await mailed.relay.drain()

    assert not early
    assert await mailed.database.read(lambda connection: connection.scalar(settled))
    assert len(subjects(post)) == 1


async def test_however_presses_and_the_way_out_meet_every_order_is_decided_or_asked(mailed, post):
    """Twelve orders, a third of them attested just as the app is taken away, by several processes at once."""
    cases = [await mailed.place(**consumed(number)) for number in range(12)]
    await mailed.relay.drain()
    other = mailing(await mailed.another(), post)
    mailed.slack.teams = [team for team in mailed.slack.teams if team.id != "TREGION"]
    await mailed.workspaces.note_problem(REGIONS, UNINSTALLED)

    presses = [mailed.attest(case, CECILIA, by=REGIONS) for case in cases[::3]]
    await asyncio.gather(*presses, mailed.relocation.run(), other.relocation.run(), other.relay.drain())
    for _ in range(20):
        await mailed.relocation.run()
        await mailed.relay.drain()
        mailed.clock.forward(minutes=1)

    asked = {subject.split()[-1].strip("()") for subject in subjects(post)}
    assert asked >= {case.id for number, case in enumerate(cases) if number % 3}
    assert len(subjects(post)) == len(asked)
    stands = (tables.cards.c.workspace_id == REGIONS) & tables.cards.c.given_up_at.is_(None)
    query = select(tables.cards.c.id).where(stands)
    assert await mailed.database.read(lambda connection: connection.execute(query).all()) == []
    await other.database.close()


# --- what calls tell, whoever makes them


@pytest.mark.parametrize(
    ("token", "error", "is_off"),
    [
        (TOKEN, Never("token_revoked"), True),
        (TOKEN, Never("invalid_auth"), True),
        (TOKEN, Never("user_not_found"), False),
        (TOKEN, None, False),
        ("xoxb-of-nobody", Never("token_revoked"), False),
        (INERAS, Never("token_revoked"), False),
    ],
)
async def test_a_call_that_tells_of_a_token_switches_off_the_slack_that_it_is_of(office, token, error, is_off):
    moved, tasks = [], Tasks()

    async def relocate():
        moved.append(1)

    switch = SlackSwitch(office.workspaces, relocate, tasks)
    ears = SlackEars(SlackWatch(office.workspaces, office.clock, lambda _: None), switch, Metrics())

    ears.hear(token, "views.open", error, 0.1)
    await tasks.drain(60)

    noted = {each.id: each.problem for each in await office.workspaces.all()}
    assert noted == {seed.TEAM: None, REGIONS: error.error if is_off else None}
    assert len(moved) == is_off


async def test_a_token_that_can_be_opened_again_is_used_again(office):
    await office.workspaces.note_problem(REGIONS, UNREADABLE)
    await office.relocation.run()
    assert await office.cards(kind="slack_off") == []

    await office.workspaces.seal_anew()

    assert (await office.workspaces.by_id(REGIONS)).problem is None


async def test_a_slack_is_somebody_elses_only_once_what_stood_there_has_left(office):
    await placed(office)
    await office.workspaces.note_problem(REGIONS, UNINSTALLED)
    granted = Granted("TREGION", None, "Agentens", "UBOT", TokenPair(ANEW))

    with pytest.raises(NotInstalled):
        await office.workspaces.install(AGENT, granted, Language.SV)
    await office.relocation.run()

    assert (await office.workspaces.install(AGENT, granted, Language.SV)).organisation == AGENT


async def test_of_what_asks_and_tells_one_person_the_same_one_mail_comes_by_which_one_may_decide(mailed, post):
    """A colleague has left it to Bo, who had been asked already, and is so again."""
    case = await placed(mailed)
    await mailed.press(case, CECILIA, Action.HAND_OVER, to=BO, by=REGIONS)
    await mailed.relay.drain()
    assert len(mailed.slack.in_channel(BOS)) == 2

    await uninstall(mailed)

    assert subjects(post) == [f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})"]
    assert "/d/" in post.to(BOS_MAIL)[0].part("plain")


async def test_of_several_cards_that_ask_the_same_the_last_is_asked_by_mail(mailed, post):
    case = await placed(mailed)
    mine = await mailed.card(person_id=BO, kind="customer_attest")
    again = dict(mine._mapping) | {"id": "C-AGAIN", "ts": mine.ts + "1"}
    await mailed.database.write(lambda connection: connection.execute(tables.cards.insert().values(**again)))

    await uninstall(mailed)

    assert subjects(post) == [f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})"]


async def remind(office, case, times=1):
    """The clock comes to what is due, so many times, and what it makes is sent."""
    for _ in range(times):
        found = await office.orders.look(CaseQuery(case.id, None, office.clock()))
        office.clock.at = found.case.due_at
        assert await Clock(office.orders.engine).run() == 1
    await office.relay.drain()


async def test_whoever_was_asked_and_reminded_gets_one_mail(mailed, post):
    case = await placed(mailed)
    await remind(mailed, case, times=2)
    assert len(await mailed.cards(person_id=BO, kind="reminder")) == 2

    await uninstall(mailed)

    assert subjects(post) == [f"Attestera SITHS, 1 500 kr första året – Anna Berg ({case.id})"]


async def test_whoever_was_only_reminded_gets_one_mail(mailed):
    """As those are who could decide too, and are told once nobody else has."""
    case = await placed(mailed)
    await remind(mailed, case, times=2)
    asked = (tables.cards.c.person_id == BO) & (tables.cards.c.kind == "customer_attest")
    await mailed.database.write(lambda connection: connection.execute(tables.cards.delete().where(asked)))

    await uninstall(mailed)

    assert [card.kind for card in await mailed.cards(person_id=BO, workspace_id=mail_switch.MAIL)] == ["reminder"]


@pytest.fixture
async def asked_to_keep(mailed):
    """Anna is in the region's Slack, and asked there whether to keep what nobody answers."""
    await mailed.change(
        tables.identities, tables.identities.c.person_id == ANNA, issuer=REGIONS, organisation_id=REGION
    )
    ineras, there = mailed.slack.teams
    theirs = (*there.accounts, account(ANNA, "TREGION"))
    mailed.slack.teams[:] = [replace(ineras, accounts=()), replace(there, accounts=theirs)]
    case = await mailed.place(by=Identity(REGIONS, seed.slack_user(ANNA)))
    await mailed.relay.drain()
    for _ in range(4):
        await remind(mailed, case)
    assert len(await mailed.cards(person_id=ANNA, kind="keep_or_withdraw", workspace_id=REGIONS)) == 1
    return case


async def test_whoever_ordered_is_asked_by_mail_whether_to_keep_what_nobody_answers(mailed, asked_to_keep):
    await uninstall(mailed)

    (asked,) = await mailed.cards(person_id=ANNA, kind="keep_or_withdraw", workspace_id=mail_switch.MAIL)
    assert asked.does_show


async def test_whoever_has_kept_the_order_is_not_asked_so_by_mail(mailed, asked_to_keep):
    await mailed.press(asked_to_keep, ANNA, Action.KEEP, by=REGIONS)
    await mailed.relay.drain()

    await uninstall(mailed)

    (unsent,) = await mailed.cards(person_id=ANNA, kind="keep_or_withdraw", workspace_id=mail_switch.MAIL)
    assert (unsent.channel, unsent.due_at) == (None, None)


GUEST = Identity(seed.TEAM, "UGUEST")


async def ask_for_guest(office):
    """Cecilia has opened the app as a guest in Inera's Slack."""

    def ask(connection):
        account_links.ask(connection, GUEST, CECILIA, at=office.clock(), new_id=new_id)

    await office.database.write(ask)
    await office.relay.drain()


async def guests_answer(office, state):
    def answer(connection):
        account_links.answer(connection, GUEST, state, office.clock(), new_id=new_id)

    await office.database.write(answer)


async def test_the_administrators_are_asked_about_a_guest_by_mail_and_once(mailed):
    await ask_for_guest(mailed)

    await uninstall(mailed)
    await ask_for_guest(mailed)

    cards = await mailed.cards(person_id=ADA, kind="guest")
    assert sorted((card.workspace_id, card.given_up_at is None) for card in cards) == [
        (mail_switch.MAIL, True),
        (REGIONS, False),
    ]


async def test_a_guest_who_declined_and_asks_anew_is_asked_about_anew_where_the_slack_went_off_meanwhile(mailed):
    await ask_for_guest(mailed)
    await guests_answer(mailed, LinkState.DECLINED)
    await mailed.relay.drain()
    await uninstall(mailed)
    assert [card.workspace_id for card in await mailed.cards(person_id=ADA, kind="guest")] == [REGIONS]

    await ask_for_guest(mailed)
    await ask_for_guest(mailed)

    asked = await mailed.cards(person_id=ADA, kind="guest", given_up_at=None)
    assert [(card.workspace_id, card.does_show > 0) for card in asked] == [(mail_switch.MAIL, True)]
