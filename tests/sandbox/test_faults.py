"""Faults that are asked for: what the app sees of them, and what really happened."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler

from tests.sandbox.desk import Desk
from tests.sandbox.places import ANNA, BO, INERA, OPEN, OTHER_TOKEN, PATIENCE, REGION, TOKEN


async def post(desk: Desk, **options) -> None:
    await desk.slack(retry_handlers=[], **options).chat_postMessage(channel=OPEN, text="x")


async def test_a_rate_limit_on_request_says_when_to_come_again(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "ratelimited", "method": "chat.postMessage", "times": 1, "retry_after": 7}])

    with pytest.raises(SlackApiError) as refused:
        await post(desk)

    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "7")
    assert await desk.messages(OPEN) == []
    await post(desk)


async def test_a_server_error_is_a_page_and_nothing_happens(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "server_error", "times": 1}])

    with pytest.raises(SlackApiError) as refused:
        await post(desk)

    assert refused.value.response.status_code == 500
    assert await desk.messages(OPEN) == []


@pytest.mark.parametrize(("kind", "happened"), [("timeout_before", 0), ("timeout_after", 1), ("drop_after", 1)])
async def test_a_lost_answer_leaves_what_the_kind_says(desk: Desk, kind: str, happened: int) -> None:
    await desk.plan(faults=[{"kind": kind, "times": 1}])

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(desk)

    assert len(await desk.messages(OPEN)) == happened


async def test_a_client_that_gives_up_first_hears_nothing_of_what_has_happened(desk_with) -> None:
    desk = desk_with(hang=PATIENCE)
    await desk.plan(faults=[{"kind": "timeout_after", "times": 1}])
    posting = asyncio.create_task(post(desk))
    await until_posted(desk)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(posting, 0.1)

    assert len(await desk.messages(OPEN)) == 1


async def until_posted(desk: Desk) -> None:
    while not await desk.messages(OPEN):  # noqa: ASYNC110 - what is waited for is in another thread
        await asyncio.sleep(0.01)


async def test_the_clients_own_retry_posts_twice_after_a_drop(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "drop_after", "times": 1}])

    await desk.slack(retry_handlers=[AsyncConnectionErrorRetryHandler()]).chat_postMessage(channel=OPEN, text="x")

    assert len(await desk.messages(OPEN)) == 2


async def test_a_press_is_delivered_twice_byte_for_byte(desk: Desk) -> None:
    channel, ts = await desk.card()
    await desk.plan(faults=[{"kind": "duplicate_delivery", "times": 1}])

    await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")
    await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    first, again, other = desk.receiver.of("block_actions")
    assert first.raw == again.raw != other.raw


async def test_an_event_is_delivered_twice_too(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "duplicate_delivery", "times": 1}])

    await desk.do("home")

    assert len(desk.receiver.of("app_home_opened")) == 2


async def test_a_fault_meets_only_whom_it_names(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "ratelimited", "method": "chat.postMessage", "team": INERA, "channel": OPEN}])

    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["error"] == "ratelimited"
    assert (await desk.call("chat.postMessage", channel=ANNA, text="x"))["ok"]
    assert (await desk.call("auth.test"))["ok"]
    assert (await desk.call("auth.test", OTHER_TOKEN))["ok"]


async def test_a_fault_may_name_direct_messages_by_their_id(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "ratelimited", "channel": await desk.direct(BO)}])

    assert (await desk.call("chat.postMessage", channel=BO, text="x"))["error"] == "ratelimited"


async def test_a_fault_counts_down_and_is_gone(desk: Desk) -> None:
    planned = await desk.plan(faults=[{"kind": "server_error", "method": "auth.test", "times": 2}])
    assert planned["faults"][0]["id"]

    statuses = []
    for _ in range(3):
        async with desk.http.get(f"{desk.url}/api/auth.test?token={TOKEN}") as response:
            statuses.append(response.status)

    assert statuses == [500, 500, 200]
    assert (await desk.ask("faults"))["faults"] == []


async def test_a_fault_without_a_number_stays_until_it_is_removed(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "ratelimited"}])
    refused = [(await desk.call("auth.test"))["error"] for _ in range(5)]

    await desk.plan(faults=[])

    assert refused == ["ratelimited"] * 5
    assert (await desk.call("auth.test"))["ok"]


async def test_keys_that_are_left_out_stay_as_they_are(desk: Desk) -> None:
    await desk.plan(revoked=[REGION], archived=[OPEN])

    planned = await desk.plan(limits=False)

    assert planned == {"faults": [], "archived": [OPEN], "revoked": [REGION], "limits": False}


async def test_a_revoked_workspace_is_shut_out_and_the_other_is_not(desk: Desk) -> None:
    await desk.plan(revoked=[REGION])

    assert (await desk.call("auth.test", OTHER_TOKEN))["error"] == "account_inactive"
    assert (await desk.call("auth.test"))["ok"]


async def test_what_was_lost_stands_in_the_log(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "drop_after", "times": 1}])
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(desk)

    call = (await desk.ask("log"))["calls"][-1]

    assert (call["method"], call["ok"], call["error"]) == ("chat.postMessage", True, "drop_after")


async def test_the_app_is_taken_out_of_a_channel_and_invited_again(desk: Desk) -> None:
    out = await desk.http.post(f"{desk.url}/sandbox/membership", json={"channel": OPEN, "is_in": False})
    refused = await desk.call("chat.postMessage", channel=OPEN, text="x")
    await desk.http.post(f"{desk.url}/sandbox/membership", json={"channel": OPEN, "is_in": True})

    assert out.status == 200
    assert refused["error"] == "not_in_channel"
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["ok"]


async def test_a_channel_that_is_not_there_cannot_be_archived(desk: Desk) -> None:
    async with desk.http.put(f"{desk.url}/sandbox/faults", json={"archived": ["C0NOWHERE01"]}) as response:
        assert response.status == 404


async def test_a_late_answer_comes_when_its_time_has_passed_to_what_has_happened(desk: Desk) -> None:
    await desk.plan(faults=[{"kind": "late", "method": "chat.postMessage", "times": 1, "seconds": 10}])
    posting = asyncio.create_task(post(desk))
    await until_posted(desk)
    desk.clock.advance(9)
    is_answered = posting.done()

    desk.clock.advance(1)
    await posting

    assert not is_answered
