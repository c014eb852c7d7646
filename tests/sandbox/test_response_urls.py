"""What an app may do with a response URL: five uses within thirty minutes."""

from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.sandbox.desk import Desk, a_section
from tests.sandbox.places import ANNA, BO, OPEN


async def respond(desk: Desk, url: str, **body: Any) -> tuple[int, str]:
    answer = await AsyncWebhookClient(url).send_dict(body)
    return answer.status_code, answer.body


async def url_of_a_press(desk: Desk) -> str:
    _, ts = await desk.card(OPEN)
    await desk.do("press", channel=OPEN, ts=ts, block_id="b", action_id="a")
    return desk.receiver.last("block_actions")["response_url"]


async def url_of_a_command(desk: Desk) -> str:
    await desk.do("command", channel=OPEN, command="/order")
    return desk.receiver.last("slash_command")["response_url"]


async def test_it_is_good_for_five_uses(desk: Desk) -> None:
    url = await url_of_a_command(desk)

    answers = [await respond(desk, url, text=str(n)) for n in range(6)]

    assert answers[:5] == [(200, "ok")] * 5
    assert (answers[5][0], "used_url" in answers[5][1]) == (404, True)
    assert len(await desk.messages(OPEN)) == 5


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 404)])
async def test_it_is_good_for_thirty_minutes(desk: Desk, minutes: int, status: int) -> None:
    url = await url_of_a_command(desk)

    desk.clock.advance(minutes * 60)

    assert (await respond(desk, url, text="x"))[0] == status


async def test_an_unknown_one_is_expired(desk: Desk) -> None:
    status, body = await respond(desk, f"{desk.url}/response/nonsense", text="x")

    assert (status, "expired_url" in body) == (404, True)


async def test_it_speaks_to_one_unless_it_says_in_channel(desk: Desk) -> None:
    url = await url_of_a_command(desk)

    await respond(desk, url, text="one")
    await respond(desk, url, text="all", response_type="in_channel")

    assert [(one["text"], one["ephemeral"]) for one in await desk.messages(OPEN)] == [("one", True), ("all", False)]
    assert [one["text"] for one in await desk.messages(OPEN, BO)] == ["all"]


async def test_it_replaces_the_message_that_was_pressed(desk: Desk) -> None:
    url = await url_of_a_press(desk)

    await respond(desk, url, replace_original=True, text="Done", blocks=[a_section("Done")])

    (shown,) = await desk.messages(OPEN, BO)
    assert (shown["text"], shown["blocks"][0]["text"]["text"]) == ("Done", "Done")


async def test_it_removes_the_message_that_was_pressed(desk: Desk) -> None:
    url = await url_of_a_press(desk)

    await respond(desk, url, delete_original=True)

    assert await desk.messages(OPEN) == []
    assert (await respond(desk, url, delete_original=True)) == (400, "message_not_found")


async def test_it_replaces_and_removes_what_only_one_sees(desk: Desk) -> None:
    blocks = [{"type": "actions", "block_id": "b", "elements": [{**_button(), "action_id": "a"}]}]
    ts = (await desk.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="psst", blocks=blocks))["message_ts"]
    await desk.do("press", channel=OPEN, ts=ts, block_id="b", action_id="a")
    payload = desk.receiver.last("block_actions")

    await respond(desk, payload["response_url"], replace_original=True, text="new")
    replaced = await desk.messages(OPEN)
    await respond(desk, payload["response_url"], delete_original=True)

    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    assert [(one["text"], one["ephemeral"]) for one in replaced] == [("new", True)]
    assert await desk.messages(OPEN) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"blocks": [{"type": "x"}]}, "invalid_blocks"),
        ({"replace_original": True}, "no_text"),
    ],
)
async def test_what_slack_refuses_is_refused_and_costs_no_use(desk: Desk, body: Any, error: str) -> None:
    url = await url_of_a_press(desk)

    refused = [await respond(desk, url, **body) for _ in range(5)]

    assert refused == [(400, error)] * 5
    assert (await respond(desk, url, text="x"))[0] == 200


@pytest.mark.parametrize("raw", [b"not json", b"[]"])
async def test_what_is_no_object_is_an_invalid_payload(desk: Desk, raw: bytes) -> None:
    url = await url_of_a_press(desk)

    async with desk.http.post(url, data=raw) as response:
        assert (response.status, await response.text()) == (400, "invalid_payload")


def _button() -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "x"}}
