"""Rate limits: how many calls fit, what is answered then, and when the next one fits."""

from slack_sdk.errors import SlackApiError

from bot.sandbox.slack_api.faults import PER_MINUTE, RateLimits
from tests.sandbox.desk import Desk
from tests.sandbox.places import ANNA, BO, OPEN, OTHER_TOKEN


async def test_a_call_too_many_is_told_when_to_come_again(desk: Desk) -> None:
    for _ in range(20):
        assert (await desk.query("users.list"))["ok"]

    try:
        await desk.slack().users_list()
    except SlackApiError as error:
        refused = error.response
    assert refused.status_code == 429
    assert refused.data == {"ok": False, "error": "ratelimited"}
    assert refused.headers["Retry-After"] == "60"


async def test_after_the_wait_as_many_calls_fit_as_were_made_a_minute_ago(desk: Desk) -> None:
    assert (await desk.query("users.list"))["ok"]
    desk.clock.advance(30)
    for _ in range(20):
        last = await desk.query("users.list")
    assert last["error"] == "ratelimited"

    desk.clock.advance(30)

    assert (await desk.query("users.list"))["ok"]
    assert (await desk.query("users.list"))["error"] == "ratelimited"


async def test_a_channel_takes_a_short_burst_and_then_a_message_a_second(desk: Desk) -> None:
    burst = [(await desk.call("chat.postMessage", channel=OPEN, text=str(n)))["ok"] for n in range(4)]
    elsewhere = await desk.call("chat.postMessage", channel=ANNA, text="x")

    desk.clock.advance(1)

    assert burst == [True] * 3 + [False]
    assert elsewhere["ok"]
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["ok"]
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["error"] == "ratelimited"


async def test_a_person_and_their_direct_messages_are_one_channel(desk: Desk) -> None:
    direct = await desk.direct(BO)

    sent = [(await desk.call("chat.postMessage", channel=to, text="x"))["ok"] for to in (BO, direct) * 2]

    assert sent == [True] * 3 + [False]


async def test_workspaces_and_methods_have_limits_of_their_own(desk: Desk) -> None:
    for _ in range(21):
        await desk.query("users.list")

    assert (await desk.slack(OTHER_TOKEN).users_list())["ok"]
    assert (await desk.query("users.info", user=ANNA))["ok"]


async def test_limits_can_be_switched_off(desk: Desk) -> None:
    await desk.plan(limits=False)

    assert all([(await desk.query("users.list"))["ok"] for _ in range(30)])


def test_a_refused_call_is_not_counted() -> None:
    limits = RateLimits()
    taken = [limits.take("T", "chat.update", "t3", None, 0.0) for _ in range(PER_MINUTE["t3"] + 10)]

    assert taken[:50] == [None] * 50
    assert set(taken[50:]) == {60}
    assert limits.take("T", "chat.update", "t3", None, 59.9) == 1
    assert limits.take("T", "chat.update", "t3", None, 60.0) is None


def test_no_sixty_seconds_hold_more_than_a_minute_may() -> None:
    limits = RateLimits()

    taken = [second / 2 for second in range(400) if limits.take("T", "views.open", "t4", None, second / 2) is None]

    assert all(later - first >= 60 for first, later in zip(taken, taken[100:], strict=False))
    assert len(taken) == 400 - 3 * 20
