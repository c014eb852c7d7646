"""Killed at any point between a press and the cards that show it, and started again, the product has lost nothing."""

import pytest

from core import db
from tests.kill.crash import BOS, EDIT, OPEN, POST, crashing
from tests.product import CHANNEL
from tests.seed import BO, KARIN

pytestmark = pytest.mark.slow

# At which call the process stands when it is killed, and how many copies that may leave.
POINTS = {
    "before a card is posted": ("timeout_before", POST, CHANNEL, 0),
    "after a card was posted and before it is recorded": ("timeout_after", POST, CHANNEL, 1),
    "when the answer to a post is lost": ("drop_after", POST, CHANNEL, 1),
    "before the pressed message is edited": ("timeout_before", EDIT, BOS, 0),
    "after the pressed message was edited": ("timeout_after", EDIT, BOS, 0),
    "when the answer to an edit is lost": ("drop_after", EDIT, BOS, 0),
}


@pytest.fixture
def crash(database_url):
    with crashing(database_url) as crash:
        yield crash


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_call_to_slack_the_order_stands_and_every_card_is_shown(crash, point):
    kind, method, channel, copies = POINTS[point]
    crash.fault(kind, method, channel)
    assert crash.attest()["response_action"] == "clear"
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    crash.settles()
    assert history(crash) == ["submit", "attest"]
    assert crash.copies() == copies <= crash.kills
    every_copy_tells_the_truth(crash)


def test_killed_right_after_the_answer_to_a_press_the_order_stands_and_every_card_is_shown(crash):
    assert crash.attest()["response_action"] == "clear"
    crash.kill()

    crash.start_again()

    crash.settles()
    assert history(crash) == ["submit", "attest"]
    assert crash.copies() <= crash.kills
    every_copy_tells_the_truth(crash)


def test_killed_again_and_again_after_posting_there_is_one_copy_for_each_kill(crash):
    crash.fault("timeout_after", POST, CHANNEL)
    assert crash.attest()["response_action"] == "clear"
    for _ in range(3):
        crash.comes_to_the_fault()
        crash.kill()
        crash.fault("timeout_after", POST, CHANNEL)
        crash.start_again()
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    crash.settles()
    assert crash.copies() == crash.kills == 4
    every_copy_tells_the_truth(crash)


def test_killed_before_the_decision_was_committed_the_presser_sees_a_failure_and_pressing_again_counts(crash):
    bo = crash.person(BO)
    bo.press(bo.message("Attestera"), "kp.attest")
    modal = bo.modal()
    with crash.writers_held():
        failed = crash.while_it_stands(lambda: bo.submit(modal), crash.kill)

    crash.start_again()

    assert failed["status"] == 0
    assert history(crash) == ["submit"]
    assert bo.submit(modal)["response_action"] == "clear"
    crash.settles()
    assert history(crash) == ["submit", "attest"]
    assert crash.copies() == 0


def test_killed_while_a_modal_opens_nothing_is_decided_and_pressing_again_opens_it(crash):
    bo = crash.person(BO)
    crash.fault("timeout_before", OPEN)
    bo.press(bo.message("Attestera"), "kp.attest")
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    assert history(crash) == ["submit"]
    assert crash.attest()["response_action"] == "clear"
    crash.settles()
    assert crash.copies() == 0


def every_copy_tells_the_truth(crash):
    """Each message that still offers it is pressed: one press counts, the others are answered, and then all agree."""
    karin, pressed = crash.person(KARIN), 0
    while offering := [each for each in crash.in_channel() if "kp.claim" in karin.offered(each)]:
        assert karin.press(offering[0], "kp.claim")["status"] == 200
        crash.settles_as(lambda ts=offering[0]["ts"]: "kp.claim" not in karin.offered(crash.message_at(ts)))
        pressed += 1

    assert history(crash) == ["submit", "attest", "claim"]
    assert len({tuple(karin.offered(each)) for each in crash.in_channel()}) == 1
    assert len(crash.told_privately(KARIN)) == pressed - 1
    assert [each for each in crash.messages() if "kp.attest" in karin.offered(each)] == []


def history(crash):
    """What has been decided, in order."""
    changes = [row for row in crash.rows(db.history) if row.kind == "change"]
    return [row.action for row in sorted(changes, key=lambda row: row.revision)]
