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
    assert refused.headers["Retry-After"] == "3"


async def test_after_the_wait_one_more_call_fits(desk: Desk) -> None:
    for _ in range(21):
        last = await desk.query("users.list")
    assert last["error"] == "ratelimited"

    desk.clock.advance(3)

    assert (await desk.query("users.list"))["ok"]
    assert (await desk.query("users.list"))["error"] == "ratelimited"


async def test_a_channel_takes_a_short_burst_and_then_a_message_a_second(desk: Desk) -> None:
    burst = [(await desk.call("chat.postMessage", channel=OPEN, text=str(n)))["ok"] for n in range(6)]
    elsewhere = await desk.call("chat.postMessage", channel=ANNA, text="x")

    desk.clock.advance(1)

    assert burst == [True] * 5 + [False]
    assert elsewhere["ok"]
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["ok"]
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["error"] == "ratelimited"


async def test_a_person_and_their_direct_messages_are_one_channel(desk: Desk) -> None:
    direct = await desk.direct(BO)

    sent = [(await desk.call("chat.postMessage", channel=to, text="x"))["ok"] for to in (BO, direct) * 3]

    assert sent == [True] * 5 + [False]


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
    assert set(taken[50:]) == {2}
    assert limits.take("T", "chat.update", "t3", None, 1.2) is None


def test_over_a_minute_a_tier_gives_its_figure_once_more() -> None:
    limits = RateLimits()

    def taken_at(now: float) -> bool:
        return limits.take("T", "views.open", "t4", None, now) is None

    assert sum(taken_at(0.0) for _ in range(500)) == 100
    assert sum(taken_at(second / 2) for second in range(1, 121)) == 100
