"""Posting, changing and removing messages, and what people then see."""

import json
from typing import Any

import pytest

from tests.sandbox.desk import Desk, a_button, a_section
from tests.sandbox.places import ANNA, BO, BOT, CLOSED, ELSEWHERE, EVA, GONE, INERA, OPEN, REGION, SHARED, a_manifest


async def test_a_post_is_kept_as_sent_with_ids_filled_in(desk: Desk) -> None:
    blocks = [a_section("5 < 6 & *bold* <!channel>"), {"type": "actions", "elements": [a_button(action_id="own")]}]

    posted = await desk.call("chat.postMessage", channel=OPEN, text="5 < 6 & <!channel>", blocks=blocks)

    (shown,) = await desk.messages(OPEN)
    section, actions = shown["blocks"]
    assert shown["text"] == "5 < 6 & <!channel>"
    assert section["text"] == blocks[0]["text"]
    assert section["block_id"] != actions["block_id"]
    assert actions["elements"][0]["action_id"] == "own"
    assert posted["message"]["blocks"] == shown["blocks"]
    assert (shown["user"], shown["bot"], shown["edited"], shown["ephemeral"]) == (BOT, True, False, False)


async def test_an_element_without_an_action_id_is_given_one(desk: Desk) -> None:
    button = {key: value for key, value in a_button().items() if key != "action_id"}

    await desk.call("chat.postMessage", channel=OPEN, blocks=[{"type": "actions", "elements": [button]}])

    (shown,) = await desk.messages(OPEN)
    assert len(shown["blocks"][0]["elements"][0]["action_id"]) == 5


async def test_time_stamps_are_unique_though_the_clock_stands_still(desk: Desk) -> None:
    stamps = [(await desk.call("chat.postMessage", channel=OPEN, text=str(n)))["ts"] for n in range(3)]

    assert len(set(stamps)) == 3
    assert stamps == sorted(stamps)
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


async def test_a_post_to_a_person_lands_in_their_direct_messages(desk: Desk) -> None:
    posted = await desk.call("chat.postMessage", channel=ANNA, text="Hello")

    assert posted["channel"] == await desk.direct(ANNA)
    assert [one["text"] for one in await desk.messages(posted["channel"])] == ["Hello"]


@pytest.mark.parametrize("name", ["kundservice", "#kundservice"])
async def test_a_channel_can_be_named(desk: Desk, name: str) -> None:
    posted = await desk.call("chat.postMessage", channel=name, text="Hello")

    assert posted["channel"] == OPEN


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE01", "channel_not_found"),
        (CLOSED, "channel_not_found"),
        (ELSEWHERE, "not_in_channel"),
        (GONE, "channel_not_found"),
        (EVA, "channel_not_found"),
    ],
)
async def test_where_the_app_is_not_it_cannot_post(desk: Desk, channel: str, error: str) -> None:
    assert (await desk.call("chat.postMessage", channel=channel, text="x"))["error"] == error


async def test_with_the_scope_for_it_any_public_channel_can_be_posted_to(desk_with) -> None:
    scopes = {"bot": ["chat:write", "chat:write.public", "commands", "im:history", "users:read"]}
    desk = desk_with(a_manifest(oauth_config__scopes=scopes))

    assert (await desk.call("chat.postMessage", channel=ELSEWHERE, text="x"))["ok"]
    assert (await desk.call("chat.postMessage", channel=CLOSED, text="x"))["error"] == "channel_not_found"


async def test_without_a_messages_tab_nobody_is_written_to(desk_with) -> None:
    desk = desk_with(a_manifest(features__app_home={"home_tab_enabled": True, "messages_tab_enabled": False}))

    assert (await desk.call("chat.postMessage", channel=ANNA, text="x"))["error"] == "messages_tab_disabled"


async def test_an_archived_channel_takes_no_message_and_no_change(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="before"))["ts"]

    await desk.plan(archived=[OPEN])

    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["error"] == "is_archived"
    assert (await desk.call("chat.update", channel=OPEN, ts=ts, text="x"))["error"] == "is_inactive"
    assert (await desk.try_to("message", channel=OPEN, text="x"))[0] == 404
    await desk.plan(archived=[])
    assert (await desk.call("chat.postMessage", channel=OPEN, text="x"))["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"blocks": []}, "no_text"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "thread_ts": "1.2"}, "cannot_reply_to_message"),
        ({"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
async def test_a_post_that_slack_refuses_is_refused_by_its_name(desk: Desk, arguments: Any, error: str) -> None:
    assert (await desk.call("chat.postMessage", channel=OPEN, **arguments))["error"] == error
    assert await desk.messages(OPEN) == []


async def test_bad_blocks_are_pointed_at(desk: Desk) -> None:
    answer = await desk.call("chat.postMessage", channel=OPEN, blocks=[a_section("x" * 3001)])

    words = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [words]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {words}"]


async def test_blocks_that_are_too_long_together_are_refused(desk: Desk) -> None:
    four, five = [[a_section("x" * 2950) for _ in range(number)] for number in (4, 5)]

    assert (await desk.call("chat.postMessage", channel=OPEN, blocks=four))["ok"]
    assert (await desk.call("chat.postMessage", channel=OPEN, blocks=five))["error"] == "msg_blocks_too_long"


async def test_a_long_text_is_cut_when_posted_and_refused_when_changed(desk: Desk) -> None:
    posted = await desk.call("chat.postMessage", channel=OPEN, text="x" * 40_001)

    assert len(posted["message"]["text"]) == 40_000
    changed = await desk.call("chat.update", channel=OPEN, ts=posted["ts"], text="x" * 40_001)
    assert changed["error"] == "msg_too_long"


async def test_metadata_and_markdown_come_back(desk: Desk) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": 1}}

    posted = await desk.call("chat.postMessage", channel=OPEN, markdown_text="**x**", metadata=metadata)

    assert posted["message"]["metadata"] == metadata
    assert posted["message"]["blocks"] == [{"type": "markdown", "text": "**x**"}]
    assert (await desk.messages(OPEN))[0]["metadata"] == metadata


async def test_text_alone_takes_the_blocks_away_and_is_marked(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a", blocks=[a_section()]))["ts"]

    await desk.call("chat.update", channel=OPEN, ts=ts, text="b")

    (shown,) = await desk.messages(OPEN)
    assert (shown["text"], shown["blocks"], shown["edited"]) == ("b", None, True)


async def test_new_blocks_are_not_marked_as_an_edit(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a", blocks=[a_section()]))["ts"]

    answer = await desk.call("chat.update", channel=OPEN, ts=ts, text="b", blocks=[a_section("New")])

    (shown,) = await desk.messages(OPEN)
    assert (shown["text"], shown["blocks"][0]["text"]["text"], shown["edited"]) == ("b", "New", False)
    assert answer["text"] == answer["message"]["text"] == "b"


async def test_metadata_alone_leaves_text_and_blocks(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a", blocks=[a_section()]))["ts"]

    await desk.call("chat.update", channel=OPEN, ts=ts, metadata={"event_type": "t", "event_payload": {}})

    (shown,) = await desk.messages(OPEN)
    assert (shown["text"], len(shown["blocks"]), shown["edited"]) == ("a", 1, False)


async def test_what_is_not_the_apps_own_cannot_be_changed_or_removed(desk: Desk) -> None:
    ts = (await desk.do("message", channel=OPEN, text="mine"))["ts"]

    assert (await desk.call("chat.update", channel=OPEN, ts=ts, text="x"))["error"] == "cant_update_message"
    assert (await desk.call("chat.delete", channel=OPEN, ts=ts))["error"] == "cant_delete_message"
    assert (await desk.call("chat.update", channel=OPEN, ts="1.2", text="x"))["error"] == "message_not_found"
    assert (await desk.call("chat.update", channel=OPEN, ts=ts))["error"] == "cant_update_message"


async def test_an_ephemeral_message_is_for_one_and_cannot_be_changed(desk: Desk) -> None:
    posted = await desk.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="psst")

    assert [one["ephemeral"] for one in await desk.messages(OPEN)] == [True]
    assert await desk.messages(OPEN, BO) == []
    changed = await desk.call("chat.update", channel=OPEN, ts=posted["message_ts"], text="x")
    assert changed["error"] == "message_not_found"


async def test_only_a_member_sees_something_ephemeral(desk: Desk) -> None:
    answer = await desk.call("chat.postEphemeral", channel=OPEN, user=EVA, text="psst")

    assert answer["error"] == "user_not_in_channel"


async def test_a_removed_message_is_gone_for_all(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a"))["ts"]

    await desk.call("chat.delete", channel=OPEN, ts=ts)

    assert await desk.messages(OPEN, BO) == []
    assert {"channel": OPEN, "ts": ts}.items() <= (await desk.changes(BO))[-1].items()


async def test_a_reply_to_a_reply_goes_under_the_root(desk: Desk) -> None:
    root = (await desk.call("chat.postMessage", channel=OPEN, text="root"))["ts"]
    reply = (await desk.call("chat.postMessage", channel=OPEN, text="1", thread_ts=root))["ts"]

    await desk.call("chat.postMessage", channel=OPEN, text="2", thread_ts=reply)

    shown = await desk.messages(OPEN)
    assert [one["thread_ts"] for one in shown] == [None, root, root]
    assert shown[0]["reply_count"] == 2


async def test_a_permalink_names_the_thread(desk: Desk) -> None:
    root = (await desk.call("chat.postMessage", channel=OPEN, text="root"))["ts"]
    reply = (await desk.call("chat.postMessage", channel=OPEN, text="1", thread_ts=root))["ts"]

    answer = await desk.slack().chat_getPermalink(channel=OPEN, message_ts=reply)

    plain_ts = reply.replace(".", "")
    assert answer["permalink"] == f"https://inera.slack.com/archives/{OPEN}/p{plain_ts}?thread_ts={root}&cid={OPEN}"


async def test_history_has_the_newest_first_page_by_page_without_answers_in_threads(desk: Desk) -> None:
    posted = [(await desk.call("chat.postMessage", channel=OPEN, text=str(number)))["ts"] for number in range(3)]
    await desk.call("chat.postMessage", channel=OPEN, text="in a thread", thread_ts=posted[0])
    await desk.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="psst")

    first = await desk.query("conversations.history", channel=OPEN, limit=2)
    second = await desk.query(
        "conversations.history", channel=OPEN, limit=2, cursor=first["response_metadata"]["next_cursor"]
    )

    assert [[each["text"] for each in page["messages"]] for page in (first, second)] == [["2", "1"], ["0"]]
    assert [page["has_more"] for page in (first, second)] == [True, False]


async def test_history_is_read_between_two_times(desk: Desk) -> None:
    posted = [(await desk.call("chat.postMessage", channel=OPEN, text=str(number)))["ts"] for number in range(3)]
    between = {"oldest": posted[0], "latest": posted[2]}

    found = [
        await desk.query("conversations.history", channel=OPEN, **between, **more) for more in ({}, {"inclusive": 1})
    ]

    assert [[each["ts"] for each in page["messages"]] for page in found] == [[posted[1]], posted[::-1]]


async def test_a_post_is_unread_for_members_and_an_edit_is_not(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a"))["ts"]
    assert await _unread(desk, ANNA) == await _unread(desk, BO) == 1
    await desk.do("read", channel=OPEN)

    await desk.call("chat.update", channel=OPEN, ts=ts, text="b")
    await desk.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="psst")

    assert (await _unread(desk, ANNA), await _unread(desk, BO)) == (0, 1)


async def test_what_a_person_writes_is_unread_for_the_others(desk: Desk) -> None:
    await desk.do("message", channel=OPEN, text="Hello")

    assert (await _unread(desk, ANNA), await _unread(desk, BO)) == (0, 1)


async def test_a_shared_channel_is_seen_from_the_other_workspace(desk: Desk) -> None:
    await desk.call("chat.postMessage", channel=SHARED, text="Hello")

    assert [one["text"] for one in await desk.messages(SHARED, EVA, REGION)] == ["Hello"]


async def test_the_page_is_told_of_each_change_in_order(desk: Desk) -> None:
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="a"))["ts"]
    await desk.call("chat.update", channel=OPEN, ts=ts, text="b")
    await desk.call("chat.postEphemeral", channel=OPEN, user=ANNA, text="psst")
    await desk.call("chat.delete", channel=OPEN, ts=ts)

    changes = await desk.changes(ANNA)
    kinds = [change["type"] for change in changes if change["type"] != "reset"]
    assert kinds == ["message", "unread", "message_changed", "ephemeral", "message_deleted"]
    assert [change["seq"] for change in changes] == sorted(change["seq"] for change in changes)


async def test_a_stream_waits_for_what_comes(desk: Desk) -> None:
    stream = desk.stream(after=(await desk.state())["seq"])

    await desk.call("chat.postMessage", channel=OPEN, text="now")

    assert (await anext(stream))["message"]["text"] == "now"
    await desk.call("chat.postMessage", channel=OPEN, text="then")
    assert (await anext(stream))["type"] == "unread"
    assert (await anext(stream))["message"]["text"] == "then"
    await stream.aclose()


async def test_a_stream_is_taken_up_again_by_its_last_id(desk: Desk) -> None:
    await desk.call("chat.postMessage", channel=OPEN, text="a")
    seen = (await desk.changes())[-2]["seq"]

    headers = {"Last-Event-ID": str(seen)}
    async with desk.http.get(f"{desk.url}/sandbox/stream?team={INERA}&user={ANNA}", headers=headers) as response:
        lines = await response.content.readuntil(b"\n\n")

    assert json.loads(lines.split(b"data: ")[1])["type"] == "unread"


async def test_a_reset_empties_everything_and_says_so(desk: Desk) -> None:
    await desk.call("chat.postMessage", channel=OPEN, text="a")
    await desk.plan(archived=[OPEN], revoked=[INERA], limits=False, faults=[{"kind": "server_error"}])

    await desk.do("reset")

    assert await desk.messages(OPEN) == []
    assert await desk.ask("log") == {"calls": [], "deliveries": []}
    assert await desk.ask("faults") == {"faults": [], "archived": [], "revoked": [], "limits": True}
    assert (await desk.changes())[-1]["type"] == "reset"


async def _unread(desk: Desk, user: str) -> int:
    state = await desk.state(user)
    return next(one["unread"] for one in state["conversations"] if one["id"] == OPEN)
