"""Killed at any point between a press and the cards that show it, and started again, the product has lost nothing."""

import pytest

from core.storage import tables
from tests.flow.people import fill, open_form
from tests.flow.slack import says, until
from tests.kill.crash import BOS, EDIT, LOOK, OPEN, POST, crashing, place_of
from tests.kill.stories import STORIES
from tests.support.machines.product import CHANNEL
from tests.support.world.seed import ANNA, BO, KARIN, NPO_KONSUMENT

pytestmark = [pytest.mark.slow, pytest.mark.by_turns]

PLACES, ATTESTS, CLAIMS, RELEASES, LINKS = STORIES

# During which press, at which call the process stands when it is killed, and how many copies that may leave.
POINTS = {
    "before a request is posted": (PLACES, "timeout_before", POST, BOS, 0),
    "after a request was posted and before it is recorded": (PLACES, "timeout_after", POST, BOS, 1),
    "after a card was posted and before it is recorded": (ATTESTS, "timeout_after", POST, CHANNEL, 1),
    "before a card is posted": (ATTESTS, "timeout_before", POST, CHANNEL, 0),
    "when the answer to a post is lost": (ATTESTS, "drop_after", POST, CHANNEL, 1),
    "before the pressed message is edited": (ATTESTS, "timeout_before", EDIT, BOS, 0),
    "after the pressed message was edited": (ATTESTS, "timeout_after", EDIT, BOS, 0),
    "when the answer to an edit is lost": (ATTESTS, "drop_after", EDIT, BOS, 0),
    "before a case that is taken says so": (CLAIMS, "timeout_before", EDIT, CHANNEL, 0),
    "after a case that is taken says so": (CLAIMS, "timeout_after", EDIT, CHANNEL, 0),
    "after a case that is let go says so": (RELEASES, "timeout_after", EDIT, CHANNEL, 0),
    "after the question was answered in its place": (LINKS, "timeout_after", EDIT, BOS, 0),
    "before what waited for a person is posted": (LINKS, "timeout_before", POST, BOS, 0),
    "after what waited for a person was posted": (LINKS, "timeout_after", POST, BOS, 1),
}


@pytest.fixture
def story(request):
    return STORIES[request.param]


@pytest.fixture
def crash(database_url, story):
    with crashing(database_url, story.past) as crash:
        yield crash


def during(*stories):
    return pytest.mark.parametrize("story", stories, indirect=True)


@pytest.mark.parametrize(("story", "point"), [(POINTS[point][0], point) for point in POINTS], indirect=["story"])
def test_killed_at_a_call_to_slack_the_press_stands_and_every_card_is_shown(crash, story, point):
    _, kind, method, channel, copies = POINTS[point]
    press = story.comes_to(crash)
    crash.fault(kind, method, channel)
    counts(story, press())
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    stands(crash, story)
    assert crash.copies() == copies <= crash.kills
    every_copy_tells_the_truth(crash, story)


@during(*STORIES)
def test_killed_right_after_the_answer_to_a_press_it_stands_and_every_card_is_shown(crash, story):
    counts(story, story.comes_to(crash)())
    crash.kill()

    crash.start_again()

    stands(crash, story)
    assert crash.copies() <= crash.kills
    every_copy_tells_the_truth(crash, story)


@during(*STORIES)
def test_killed_before_the_commit_the_presser_sees_a_failure_and_pressing_again_counts(crash, story):
    press = story.comes_to(crash)
    with crash.writers_held():
        failed = crash.while_it_stands(press, crash.kill)

    crash.start_again()

    assert failed["status"] == 0
    assert crash.done() == [*story.before]
    counts(story, press())
    stands(crash, story)
    assert crash.copies() == 0


@during(*STORIES)
def test_killed_between_commit_and_answer_the_press_stands_once_however_often_it_comes_again(crash, story):
    press = story.comes_to(crash)
    crash.kills_before_the_answer()
    failed = press()

    crash.start_again()

    assert failed["status"] == 0
    stands(crash, story)
    again = crash.sent_again()
    assert again["status"] == 200
    until(
        lambda: story.told in heard(crash, story, again), what="the truth", instead=lambda: heard(crash, story, again)
    )
    stands(crash, story)
    assert crash.copies() <= crash.kills
    every_copy_tells_the_truth(crash, story)


@during(PLACES)
def test_killed_between_commit_and_answer_an_order_is_one_order_though_it_is_sent_again_and_filled_in_anew(
    crash, story
):
    press = story.comes_to(crash)
    crash.kills_before_the_answer()
    press()
    crash.start_again()

    counts(story, press())
    anna = crash.person(ANNA)
    anna.close_all()
    form = open_form(anna, NPO_KONSUMENT)
    refused = anna.submit(form, **fill(form, NPO_KONSUMENT))

    (order,) = crash.rows(tables.cases)
    assert order.id in refused["errors"]["units"]
    stands(crash, story)


@during(LINKS)
def test_killed_while_slack_is_asked_whose_the_account_is_nobody_is_linked_and_pressing_again_counts(crash, story):
    press = story.comes_to(crash)
    crash.fault("timeout_before", LOOK)

    def dies():
        crash.meets_the_fault()
        crash.kill()

    crash.while_it_stands(press, dies)

    crash.start_again()

    assert crash.done() == [*story.before]
    counts(story, press())
    stands(crash, story)


@during(ATTESTS)
def test_killed_again_and_again_after_posting_there_is_one_copy_for_each_kill(crash, story):
    press = story.comes_to(crash)
    crash.fault("timeout_after", POST, CHANNEL)
    counts(story, press())
    for _ in range(3):
        crash.comes_to_the_fault()
        crash.kill()
        crash.fault("timeout_after", POST, CHANNEL)
        crash.start_again()
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    stands(crash, story)
    assert crash.copies() == crash.kills == 4
    every_copy_tells_the_truth(crash, story)


@during(ATTESTS)
def test_killed_while_a_modal_opens_nothing_is_decided_and_pressing_again_opens_it(crash, story):
    bo = crash.person(BO)
    crash.fault("timeout_before", OPEN)
    bo.press(bo.message("Attestera"), "kp.attest")
    crash.comes_to_the_fault()
    crash.kill()

    crash.start_again()

    assert crash.done() == [*story.before]
    counts(story, story.comes_to(crash)())
    stands(crash, story)
    assert crash.copies() == 0


@during(ATTESTS)
def test_a_copy_that_is_only_looked_into_shows_the_truth_from_then_on(crash, story):
    karin, press = crash.person(KARIN), story.comes_to(crash)
    crash.fault("timeout_after", POST, CHANNEL)
    press()
    crash.comes_to_the_fault()
    crash.kill()
    crash.start_again()
    crash.settles()
    (copy,) = crash.unknown()

    karin.press(copy, "kp.details")

    karin.modal(crash.rows(tables.cases)[0].id)
    crash.settles_as(lambda: crash.unknown() == [])
    karin.close_all()
    karin.press(crash.offering(KARIN, "kp.claim")[0], "kp.claim")
    crash.settles_as(lambda: crash.offering(KARIN, "kp.claim") == [])
    assert len(crash.offering(KARIN, "kp.release")) == 2


def counts(story, answer):
    """The press was answered as one that counts."""
    assert answer.items() >= story.answer.items(), answer


def stands(crash, story):
    """It has been done once, every card is shown, and nobody is offered to do it again."""
    crash.settles()
    assert crash.done() == [*story.after]
    assert crash.offering(story.who, story.action) == []


def heard(crash, story, answer):
    """What the presser hears: in the modal's own reply, or in private."""
    private = "\n".join(says(each) for each in crash.told_privately(story.who))
    return private + says((answer["answer"] or {}).get("view"))


def every_copy_tells_the_truth(crash, story):
    """Each message that offers what comes next is pressed: one press counts, the others are answered, and all agree."""
    follower = story.follower
    person, told, pressed = crash.person(follower.who), len(crash.told_privately(follower.who)), []
    while offering := crash.offering(follower.who, follower.action):
        place = place_of(offering[0])
        assert person.act(offering[0], follower.action)["status"] == 200
        if follower.confirms and not pressed:
            assert person.submit(person.modal())["response_action"] == "clear"
        crash.settles_as(lambda place=place: follower.action not in person.acts(crash.message_at(follower.who, place)))
        pressed.append(place)

    assert crash.done() == [*story.after, follower.does]
    assert len(crash.told_privately(follower.who)) - told == len(pressed) - 1
