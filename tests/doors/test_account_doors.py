"""The doors for accounts, home tabs and typed commands, each with the few ports that it uses."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.acts.home import HomePage
from bot.acts.home_lists import HomeLists, HomeSections, PersonalHome
from bot.acts.outcomes import ShownView, Turned
from bot.acts.people import Reader
from bot.acts.refusals import ButtonIsGone
from bot.server.background import CaseFollowUp
from bot.slack.accounts import AccountChecks, SlackAccounts
from bot.slack.homes import HomeReads, Homes, LinkOffers
from bot.slack.listeners.commands import CommandAnswers, Commands
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.links import Links
from bot.slack.press import AfterCommit, PressedCards
from bot.slack.refusal_replies import LinkIsGone
from bot.slack.switch import SlackSwitch
from bot.views.home.inbox import page_metadata, page_shown
from bot.views.notices import NoticeModal
from core.api import CaseId, CaseList, InboxPage, InboxQuery, Language, LinkState, OrganisationId, Sorting
from core.identity.accounts import Asking
from notifications.accounts.account_links import Link
from notifications.accounts.holder import NotSaid
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import TryLater
from tests.doors.standing import (
    ANNA,
    BY,
    CLOCK,
    CONTEXT,
    HERE,
    PERSON,
    POINTER,
    WORKSPACE,
    Standing,
    people,
    pressed,
    queries,
)
from tests.fakes.doors import Ack, FakeAfterCommit, FakePort, asked_of

PLACE = MessagePlace("D1", "1.1")


def links_of(stage, after, directory, accounts=None):
    kept = SlackAccounts(directory, accounts or FakePort(undo=[]), lambda: None, CLOCK)
    return Links(people(), kept, after, stage.replies)


# --- whose an account is


async def test_a_yes_is_kept_once_slack_has_said_so_again_and_what_waits_comes():
    stage, after = Standing(), FakeAfterCommit()
    directory = FakePort(confirm_link=Link(BY.account, ANNA, LinkState.CONFIRMED))

    await links_of(stage, after, directory).on_yes(pressed("kp.link_yes"))

    assert (asked_of(directory), after.told) == (["confirm_link"], [("accounts", BY.user)])


async def test_a_yes_that_slack_does_not_answer_is_said_to_have_failed():
    stage, after = Standing(), FakeAfterCommit()

    await links_of(stage, after, FakePort(confirm_link=TryLater("timeout"))).on_yes(pressed("kp.link_yes"))

    assert ([how for how, _ in await stage.sees()], after.told) == (["open"], [])


async def test_a_no_that_nobody_asked_for_is_said_to_be_gone():
    with pytest.raises(LinkIsGone):
        await links_of(Standing(), FakeAfterCommit(), FakePort(answer_link=None)).on_no(pressed("kp.link_no"))


async def test_a_no_at_an_account_that_is_linked_ends_the_link():
    after, accounts = FakeAfterCommit(), FakePort(undo=[])
    directory = FakePort(answer_link=Link(BY.account, ANNA, LinkState.CONFIRMED))

    await links_of(Standing(), after, directory, accounts).on_no(pressed("kp.link_no"))

    assert [(who, account) for _, who, _, account in accounts.asked] == [(ANNA, BY.account)]


# --- what Slack tells of accounts and of the app


def lifecycle_of(stage, checks=None, *, is_new=True):
    stage.relocated = False

    async def relocate():
        stage.relocated = True

    switch = SlackSwitch(FakePort(note_problem=is_new), relocate, stage.tasks)
    return Lifecycle(switch, people(), checks, stage.tasks)


async def test_another_picture_is_no_reason_to_ask_slack_whose_an_account_is():
    stage, checks = Standing(), FakePort(look_at=None)
    event = {"type": "user_change", "user": {"id": BY.user, "profile": {"email": PERSON.email}}}

    await lifecycle_of(stage, checks).on_user_changed(event, CONTEXT)
    await stage.tasks.drain(60)

    assert checks.asked == []


async def test_an_account_with_another_address_is_looked_at():
    stage, checks = Standing(), FakePort(look_at=None)
    event = {"type": "user_change", "user": {"id": BY.user, "profile": {"email": "bo@example.org"}}}

    await lifecycle_of(stage, checks).on_user_changed(event, CONTEXT)
    await stage.tasks.drain(60)

    assert checks.asked == [("look_at", BY.account, True)]


@pytest.mark.parametrize(("tokens", "noted"), [({"bot": ["U1"]}, ["note_problem"]), ({"oauth": ["U1"]}, [])])
async def test_only_a_bots_token_is_missed_when_it_is_revoked(tokens, noted):
    listener = lifecycle_of(Standing())

    await listener.on_tokens_revoked({"tokens": tokens}, {"event_time": 1}, CONTEXT)

    assert asked_of(listener.switch.workspaces) == noted


async def test_what_stood_in_a_slack_that_is_off_follows_beside_the_answer():
    stage = Standing()
    listener = lifecycle_of(stage)

    await listener.on_uninstalled({"event_time": 1_764_000_000}, CONTEXT)
    await stage.tasks.drain(60)

    ended = datetime.fromtimestamp(1_764_000_001, UTC)
    asked = ("note_problem", BY.workspace.id, "app_uninstalled", None, ended)
    assert listener.switch.workspaces.asked == [asked]
    assert stage.relocated


async def test_what_is_known_already_moves_nothing():
    stage = Standing()
    listener = lifecycle_of(stage, is_new=False)

    await listener.on_uninstalled({}, CONTEXT)
    await stage.tasks.drain(60)

    assert not stage.relocated


@pytest.mark.parametrize(
    ("holder", "is_said_otherwise", "then"),
    [
        (PERSON, False, ["looked_at"]),
        (None, False, ["undo"]),
        (PERSON, True, ["looked_at"]),
        (replace(PERSON, id="P-another"), False, ["undo"]),
        (NotSaid(TryLater("timeout")), False, ["looked_at"]),
        (NotSaid(TryLater("timeout")), True, ["undo"]),
    ],
)
async def test_an_account_that_is_not_what_was_confirmed_stands_for_nobody(holder, is_said_otherwise, then):
    kept = FakePort(looked_at=None, undo=[])
    directory = FakePort(find_by_slack_user=holder)
    accounts = SlackAccounts(directory, kept, lambda: None, CLOCK)
    checks = AccountChecks(people(), FakePort(by_id=WORKSPACE), directory, accounts)

    await checks.look_at(BY.account, is_said_otherwise=is_said_otherwise)

    assert asked_of(kept) == then


# --- the home tab


def homes_of(stage, directory=None, inbox=None, **read):
    lists = {"for_reserves": [], "blocked_for": [], "listed": []}
    reads = queries("orderer", **{**lists, **read})
    absences = FakePort(mine=[], administered_by=[])
    sections = HomeSections(people("orderer", **read), absences, FakePort(readiness={}), FakePort(of=[]))
    offers = LinkOffers(directory or FakePort(), HERE, lambda: None)
    lists_of = HomeLists(reads, inbox or FakePort(page=InboxPage(InboxQuery())), CLOCK, HERE)
    personal = PersonalHome(people("orderer", **read), lists_of, sections)
    return Homes(HomeReads(personal, offers), stage.screens, stage.tasks)


async def test_a_tab_is_drawn_when_it_is_opened_and_again_when_something_changes():
    stage = Standing()
    homes = homes_of(stage)

    homes.redraw(BY)
    before = await stage.sees()
    homes.opened(BY)
    await stage.tasks.drain(60)
    homes.redraw(BY)

    assert (before, [how for how, _ in await stage.sees()]) == ([], ["home", "home"])


def tab_of(stage, **kept):
    """The tab, and a list that answers with the page it is asked for."""
    inbox = FakePort(page=lambda _person, query, _at: InboxPage(kept.get("shows", query)))
    return homes_of(stage, inbox=inbox), inbox


def on_page(query, action_id="kp.list.next", value=""):
    """A press on a tab that shows a page."""
    view = {"id": "V1", "type": "home", "private_metadata": page_metadata(POINTER, query)}
    return pressed(action_id, view=view, value=value)


SHOWN = InboxQuery(CaseList.ORGANISATION, Sorting.AMOUNT, 3, OrganisationId("O2"), "npo")


@pytest.mark.parametrize(
    ("action_id", "value", "then"),
    [
        ("kp.list.next", "", replace(SHOWN, page=4)),
        ("kp.list.previous", "", replace(SHOWN, page=2)),
        ("kp.list", "decided", InboxQuery(CaseList.DECIDED)),
        ("kp.list.ordered", "", InboxQuery(CaseList.ORDERED)),
        ("kp.list.sorting", "age", replace(SHOWN, page=0, sorting=Sorting.AGE)),
        ("kp.list.organisation", "O7", replace(SHOWN, page=0, organisation=OrganisationId("O7"))),
        ("kp.list.organisation", "*", replace(SHOWN, page=0, organisation=None)),
        ("kp.list.service", "siths", replace(SHOWN, page=0, service="siths")),
        ("kp.list.service", "*", replace(SHOWN, page=0, service=None)),
    ],
)
async def test_a_press_on_the_tab_changes_one_thing_of_the_page_that_it_shows(action_id, value, then):
    stage = Standing()
    tab, inbox = tab_of(stage)

    await turned(stage, tab, on_page(SHOWN, action_id, value))

    assert inbox.asked[0][2] == then


async def turned(stage, tab, press):
    """Anna turns the page that she looks at."""
    stage.begin(press, await HomePage(people(), FakePort(), FakePort()).shows()[press.action_id](press), homes=tab)
    await stage.tasks.drain(60)


@pytest.mark.parametrize("action_id", ["kp.list", "kp.list.sorting"])
async def test_a_list_or_an_order_that_there_is_not_is_chosen_by_nobody(action_id):
    with pytest.raises(ButtonIsGone):
        await HomePage(people(), FakePort(), FakePort()).shows()[action_id](on_page(SHOWN, action_id, "nonsense"))


async def test_what_changes_is_shown_on_the_page_where_the_reader_is_and_opening_the_tab_begins_anew():
    stage = Standing()
    tab, inbox = tab_of(stage)

    await turned(stage, tab, on_page(InboxQuery(CaseList.DECIDED, page=1), "kp.list.next"))
    tab.redraw(BY)
    await stage.tasks.drain(60)
    tab.opened(BY)
    await stage.tasks.drain(60)

    asked = [query for _, _, query, _ in inbox.asked]
    assert asked == [InboxQuery(CaseList.DECIDED, page=2)] * 2 + [InboxQuery()]


async def test_a_tab_carries_the_page_that_it_shows_which_may_be_an_earlier_one_than_was_asked_for():
    stage = Standing()
    tab, _ = tab_of(stage, shows=InboxQuery(CaseList.DECIDED, page=1))

    await turned(stage, tab, on_page(InboxQuery(CaseList.DECIDED, page=1), "kp.list.next"))

    ((_, _, view),) = stage.screens.shown
    assert page_shown(view["private_metadata"]).page == 1


async def test_whoever_is_not_linked_is_asked_on_the_tab():
    stage, directory = Standing(), FakePort(find_by_slack_user=PERSON, offer_link=True, is_barred=False)

    homes_of(stage, directory, person_of=None).opened(BY)

    assert [how for how, _ in await stage.sees()] == ["home"]
    assert asked_of(directory) == ["find_by_slack_user", "offer_link", "is_barred"]


async def test_a_language_is_chosen_for_everything_from_now_on():
    directory = FakePort(choose_language=None)

    await HomePage(people(), directory, FakePort()).on_language(pressed("kp.language", value="en"))

    assert directory.asked == [("choose_language", ANNA, Language.EN)]


@pytest.mark.parametrize("value", ["", "de"])
async def test_a_language_that_there_is_not_is_chosen_by_nobody(value):
    with pytest.raises(ButtonIsGone):
        await HomePage(people(), FakePort(), FakePort()).on_language(pressed("kp.language", value=value))


async def test_a_slack_is_chosen_for_messages_and_the_page_that_was_shown_stays():
    slacks = FakePort(choose=True)
    press = replace(on_page(SHOWN, "kp.send_here"), rest="slack:T1")

    outcome = await HomePage(people(), FakePort(), slacks).changes()["kp.send_here"](press)

    assert (slacks.asked, outcome) == ([("choose", Asking(ANNA), "slack:T1")], Turned(SHOWN))


async def test_a_slack_that_is_not_to_be_chosen_is_chosen_by_nobody():
    with pytest.raises(ButtonIsGone):
        await HomePage(people(), FakePort(), FakePort(choose=False)).on_slack(pressed("kp.send_here"))


# --- commands

SOME = ShownView(Reader(PERSON, Language.SV), NoticeModal.build(Language.SV, "notice.done", "Klart."))


def commands_of(stage, **ports):
    answers = CommandAnswers(people(), homes_of(stage), FakePort(), stage.replies)
    return Commands(answers, ports.get("forms"), ports.get("reading"), ports.get("administering"))


async def test_a_number_shows_the_case_however_it_is_typed():
    stage, reading, ack = Standing(), FakePort(case=SOME), Ack()

    await commands_of(stage, reading=reading).on_command(ack, {"text": "b 7gkx2qp", "trigger_id": "1"}, CONTEXT)

    ((_, by, case),) = reading.asked
    assert (by, case, ack.said) == (BY, CaseId("B-7GKX2QP"), {})
    assert await stage.sees() == [("open", NoticeModal.CALLBACK)]


async def test_a_word_that_is_none_is_answered_where_it_was_typed():
    ack = Ack()

    await commands_of(Standing()).on_command(ack, {"text": "hej"}, CONTEXT)

    assert ack.said["response_type"] == "ephemeral"


async def test_the_shortcut_opens_the_order_form():
    stage, forms, ack = Standing(), FakePort(empty=SOME), Ack()

    await commands_of(stage, forms=forms).on_shortcut(ack, {"trigger_id": "1"}, CONTEXT)

    assert (asked_of(forms), ack.said) == (["empty"], {})
    assert await stage.sees() == [("open", NoticeModal.CALLBACK)]


# --- what follows a press


@pytest.mark.parametrize(("is_ours", "woken"), [(True, [1]), (False, [])])
async def test_a_copy_of_a_card_that_was_pressed_is_adopted_and_shown_the_truth(is_ours, woken):
    stage, heard = Standing(), []
    cards = PressedCards(FakePort(adopt=is_ours), lambda: heard.append(1), stage.tasks)

    cards.adopt_unknown(POINTER, PLACE, None)
    await stage.tasks.drain(60)

    assert heard == woken


async def test_a_card_that_does_not_show_the_truth_is_painted_anew():
    stage, store = Standing(), FakePort(adopt=False, repaint=None)

    PressedCards(store, lambda: None, stage.tasks).repaint(POINTER, PLACE)
    await stage.tasks.drain(60)

    assert asked_of(store) == ["adopt", "repaint"]


@pytest.mark.parametrize(("done", "heard"), [(0, ["now"]), (2, ["now", "now"])])
async def test_a_change_of_the_register_lets_cases_be_looked_at_anew(done, heard):
    stage, woken = Standing(), []
    follow_up = CaseFollowUp(FakePort(run_clock=done), lambda: woken.append("now"), stage.tasks, CLOCK)

    AfterCommit(follow_up, homes_of(stage), None).register_changed(BY)
    await stage.tasks.drain(60)

    assert woken == heard
