"""The doors for accounts, home tabs and typed commands, each with the few ports that it uses."""

import pytest

from bot.server.background import CaseFollowUp
from bot.slack.accounts import AccountChecks, SlackAccounts
from bot.slack.homes import HomeLists, HomeReads, Homes, HomeSections, LinkOffers
from bot.slack.listeners.commands import CommandAnswers, Commands
from bot.slack.listeners.home import HomeTab
from bot.slack.listeners.lifecycle import Lifecycle
from bot.slack.listeners.links import Links
from bot.slack.press import AfterCommit, PressedCards
from bot.slack.refusal_replies import ButtonIsGone, LinkIsGone
from core.api import CaseId, Language, LinkState
from notifications.accounts.account_links import Link
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


def lifecycle_of(stage, checks=None, **workspaces):
    return Lifecycle(FakePort(note_problem=None, **workspaces), people(), checks, stage.tasks)


async def test_another_picture_is_no_reason_to_ask_slack_whose_an_account_is():
    stage, checks = Standing(), FakePort(look_at=None)
    event = {"type": "user_change", "user": {"id": BY.user, "profile": {"email": PERSON.email}}}

    await lifecycle_of(stage, checks).on_user_changed(event, CONTEXT)
    await stage.tasks.drain(5)

    assert checks.asked == []


async def test_an_account_with_another_address_is_looked_at():
    stage, checks = Standing(), FakePort(look_at=None)
    event = {"type": "user_change", "user": {"id": BY.user, "profile": {"email": "bo@example.org"}}}

    await lifecycle_of(stage, checks).on_user_changed(event, CONTEXT)
    await stage.tasks.drain(5)

    assert checks.asked == [("look_at", BY.account, True)]


@pytest.mark.parametrize(("tokens", "noted"), [({"bot": ["U1"]}, ["note_problem"]), ({"oauth": ["U1"]}, [])])
async def test_only_a_bots_token_is_missed_when_it_is_revoked(tokens, noted):
    listener = lifecycle_of(Standing())

    await listener.on_tokens_revoked({"tokens": tokens}, CONTEXT)

    assert asked_of(listener.workspaces) == noted


@pytest.mark.parametrize(
    ("holder", "is_doubted", "then"),
    [
        (PERSON, False, ["looked_at"]),
        (None, False, ["undo"]),
        (TryLater("timeout"), False, ["looked_at"]),
        (TryLater("timeout"), True, ["undo"]),
    ],
)
async def test_an_account_that_is_not_what_was_confirmed_stands_for_nobody(holder, is_doubted, then):
    kept = FakePort(looked_at=None, undo=[])
    directory = FakePort(find_by_slack_user=holder)
    accounts = SlackAccounts(directory, kept, lambda: None, CLOCK)
    checks = AccountChecks(people(), FakePort(by_id=WORKSPACE), directory, accounts)

    await checks.look_at(BY.account, is_doubted=is_doubted)

    assert asked_of(kept) == then


# --- the home tab


def homes_of(stage, directory=None, **read):
    lists = {"waiting_for": [], "ordered_by": [], "for_reserves": [], "blocked_for": [], "listed": []}
    reads = queries("orderer", **{**lists, **read})
    absences = FakePort(mine=[], administered_by=[])
    sections = HomeSections(people("orderer", **read), absences, FakePort(readiness={}))
    offers = LinkOffers(directory or FakePort(), HERE, lambda: None)
    lists_of = HomeLists(reads, CLOCK, HERE)
    return Homes(HomeReads(people("orderer", **read), lists_of, sections, offers), stage.screens, stage.tasks)


async def test_a_tab_is_drawn_when_it_is_opened_and_again_when_something_changes():
    stage = Standing()
    homes = homes_of(stage)

    homes.redraw(BY)
    before = await stage.sees()
    homes.opened(BY)
    await stage.tasks.drain(5)
    homes.redraw(BY)

    assert (before, [how for how, _ in await stage.sees()]) == ([], ["home", "home"])


async def test_whoever_is_not_linked_is_asked_on_the_tab():
    stage, directory = Standing(), FakePort(find_by_slack_user=PERSON, offer_link=True, is_barred=False)

    homes_of(stage, directory, person_of=None).opened(BY)

    assert [how for how, _ in await stage.sees()] == ["home"]
    assert asked_of(directory) == ["find_by_slack_user", "offer_link", "is_barred"]


async def test_a_language_is_chosen_for_everything_from_now_on():
    directory = FakePort(choose_language=None)
    tab = HomeTab(people(), directory, homes_of(Standing()))

    await tab.on_language(pressed("kp.language", value="en"))

    assert directory.asked == [("choose_language", ANNA, Language.EN)]


@pytest.mark.parametrize("value", ["", "de"])
async def test_a_language_that_there_is_not_is_chosen_by_nobody(value):
    with pytest.raises(ButtonIsGone):
        await HomeTab(people(), FakePort(), None).on_language(pressed("kp.language", value=value))


# --- commands


def commands_of(stage, **ports):
    answers = CommandAnswers(people(), homes_of(stage), FakePort(), stage.replies)
    return Commands(answers, ports.get("forms"), ports.get("reading"), ports.get("administering"))


async def test_a_number_shows_the_case_however_it_is_typed():
    reading, ack = FakePort(show=None), Ack()

    await commands_of(Standing(), reading=reading).on_command(ack, {"text": "b 7gkx2qp"}, CONTEXT)

    ((_, by, _, case),) = reading.asked
    assert (by, case, ack.said) == (BY, CaseId("B-7GKX2QP"), {})


async def test_a_word_that_is_none_is_answered_where_it_was_typed():
    ack = Ack()

    await commands_of(Standing()).on_command(ack, {"text": "hej"}, CONTEXT)

    assert ack.said["response_type"] == "ephemeral"


async def test_the_shortcut_opens_the_order_form():
    forms, ack = FakePort(open=None), Ack()

    await commands_of(Standing(), forms=forms).on_shortcut(ack, {}, CONTEXT)

    assert (asked_of(forms), ack.said) == (["open"], {})


# --- what follows a press


@pytest.mark.parametrize(("is_ours", "woken"), [(True, [1]), (False, [])])
async def test_a_copy_of_a_card_that_was_pressed_is_adopted_and_shown_the_truth(is_ours, woken):
    stage, heard = Standing(), []
    cards = PressedCards(FakePort(adopt=is_ours), lambda: heard.append(1), stage.tasks)

    cards.adopt_unknown(POINTER, PLACE, None)
    await stage.tasks.drain(5)

    assert heard == woken


async def test_a_card_that_does_not_show_the_truth_is_painted_anew():
    stage, store = Standing(), FakePort(adopt=False, repaint=None)

    PressedCards(store, lambda: None, stage.tasks).repaint(POINTER, PLACE)
    await stage.tasks.drain(5)

    assert asked_of(store) == ["adopt", "repaint"]


@pytest.mark.parametrize(("done", "heard"), [(0, ["now"]), (2, ["now", "now"])])
async def test_a_change_of_the_register_lets_cases_be_looked_at_anew(done, heard):
    stage, woken = Standing(), []
    follow_up = CaseFollowUp(FakePort(run_clock=done), lambda: woken.append("now"), stage.tasks, CLOCK)

    AfterCommit(follow_up, homes_of(stage), None).register_changed(BY)
    await stage.tasks.drain(5)

    assert woken == heard
