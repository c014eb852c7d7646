"""What the app receives, and what Slack makes of its answers."""

import json

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.sandbox.desk import Desk, Json, a_button, a_home, a_modal, a_section, an_input, plain, words
from tests.sandbox.places import (
    ANNA,
    APP,
    BO,
    BOT,
    CLOSED,
    ELSEWHERE,
    EVA,
    INERA,
    OPEN,
    PATIENCE,
    REGION,
    SECRET,
    SHARED,
    SOON,
    a_manifest,
)


async def test_a_press_carries_the_message_the_button_and_who_pressed(desk: Desk) -> None:
    channel, ts = await desk.card()

    answer = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    payload = desk.receiver.last("block_actions")
    assert answer == {"status": 200, "ok": True}
    assert payload["user"] == {"id": ANNA, "username": "anna", "name": "anna", "team_id": INERA}
    assert payload["team"] == {"id": INERA, "domain": "inera"}
    assert payload["container"] == {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
    assert payload["channel"] == {"id": channel, "name": "directmessage"}
    assert (payload["api_app_id"], payload["message"]["user"], payload["state"]) == (APP, BOT, {"values": {}})
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("a", "b", "order-1")
    assert payload["response_url"].startswith(desk.url)


async def test_a_press_on_what_a_message_showed_a_moment_ago_reaches_the_app(desk: Desk) -> None:
    blocks = [{"type": "actions", "elements": [a_button(value="old")]}]
    posted = await desk.call("chat.postMessage", channel=OPEN, text="A card", blocks=blocks)
    place = {"channel": OPEN, "ts": posted["ts"], "block_id": posted["message"]["blocks"][0]["block_id"]}
    await desk.call("chat.update", channel=OPEN, ts=posted["ts"], text="Decided", blocks=[a_section()])

    answer = await desk.do("press", **place, action_id="a")

    assert answer["ok"]
    assert desk.receiver.last("block_actions")["actions"][0]["value"] == "old"


async def test_a_press_on_a_home_tab_that_is_drawn_anew_meanwhile_reaches_the_app(desk: Desk) -> None:
    button = {"type": "actions", "elements": [a_button(value="old")]}
    first = (await desk.call("views.publish", user_id=ANNA, view=a_home(button)))["view"]
    await desk.call("views.publish", user_id=ANNA, view=a_home(a_section(), button))

    await desk.do("press", view_id=first["id"], block_id=first["blocks"][0]["block_id"], action_id="a")

    assert desk.receiver.last("block_actions")["actions"][0]["value"] == "old"


async def test_a_press_carries_the_button_as_the_message_has_it(desk: Desk) -> None:
    confirm = {name: plain("Sure?") for name in ("title", "text", "confirm", "deny")}
    channel, ts = await desk.card(element=a_button(style="danger", confirm=confirm))

    await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a", value="forged")

    (action,) = desk.receiver.last("block_actions")["actions"]
    assert (action["value"], action["style"], action["confirm"]) == ("order-1", "danger", confirm)


@pytest.mark.parametrize("wrong", [{"action_id": "x"}, {"block_id": "x"}, {"ts": "1.2"}, {"channel": "C0NOWHERE01"}])
async def test_what_is_not_on_the_page_cannot_be_pressed(desk: Desk, wrong: dict[str, str]) -> None:
    channel, ts = await desk.card()

    status, _ = await desk.try_to("press", **{"channel": channel, "ts": ts, "block_id": "b", "action_id": "a", **wrong})

    assert status == 404
    assert desk.receiver.of("block_actions") == []


async def test_nobody_presses_in_another_persons_direct_messages(desk: Desk) -> None:
    channel, ts = await desk.card()

    status, _ = await desk.try_to("press", user=BO, channel=channel, ts=ts, block_id="b", action_id="a")

    assert status == 404


async def test_a_person_of_another_workspace_presses_in_a_shared_channel(desk: Desk) -> None:
    _, ts = await desk.card(SHARED)

    await desk.do("press", user=EVA, team=REGION, channel=SHARED, ts=ts, block_id="b", action_id="a")

    payload = desk.receiver.last("block_actions")
    assert (payload["team"]["id"], payload["user"]["team_id"]) == (INERA, REGION)


async def test_a_choice_is_remembered_in_the_state_of_the_message(desk: Desk) -> None:
    options = [{"text": plain(name), "value": name} for name in ("red", "blue")]
    select = {"type": "static_select", "action_id": "color", "options": options}
    blocks = [{"type": "actions", "block_id": "b", "elements": [select, a_button()]}]
    ts = (await desk.call("chat.postMessage", channel=OPEN, text="x", blocks=blocks))["ts"]

    await desk.do("press", channel=OPEN, ts=ts, block_id="b", action_id="color", value="blue")
    await desk.do("press", channel=OPEN, ts=ts, block_id="b", action_id="a")

    first, second = (one.said for one in desk.receiver.of("block_actions"))
    chosen = {"type": "static_select", "selected_option": options[1]}
    assert first["actions"][0]["selected_option"] == options[1]
    assert second["state"]["values"] == {"b": {"color": chosen}}


@pytest.mark.parametrize("kind", ["static_select", "overflow", "radio_buttons"])
async def test_an_option_that_is_not_offered_cannot_be_chosen(desk: Desk, kind: str) -> None:
    offered = {"text": plain("Red"), "value": "red"}
    channel, ts = await desk.card(element={"type": kind, "action_id": "a", "options": [offered]})
    spot = {"channel": channel, "ts": ts, "block_id": "b", "action_id": "a"}

    by_value, _ = await desk.try_to("press", **spot, value="blue")
    by_state, _ = await desk.try_to("press", **spot, selected={"type": kind, "selected_option": {"value": "blue"}})
    as_offered, _ = await desk.try_to("press", **spot, selected={"type": kind, "selected_option": offered})

    assert (by_value, by_state, as_offered) == (404, 404, 200)
    assert desk.receiver.last("block_actions")["actions"][0]["selected_option"] == offered


async def test_several_options_and_a_person_can_be_chosen(desk: Desk) -> None:
    offered = [{"text": plain(name), "value": name} for name in ("red", "blue")]
    boxes = {"type": "checkboxes", "action_id": "a", "options": offered}
    channel, ts = await desk.card(element=boxes)
    spot = {"channel": channel, "ts": ts, "block_id": "b", "action_id": "a"}
    await desk.do("press", **spot, selected={"type": "checkboxes", "selected_options": offered})
    both = desk.receiver.last("block_actions")
    channel, ts = await desk.card(element={"type": "users_select", "action_id": "a"})
    await desk.do("press", **{**spot, "channel": channel, "ts": ts}, value=BO)

    assert both["actions"][0]["selected_options"] == offered
    assert both["state"]["values"]["b"]["a"] == {"type": "checkboxes", "selected_options": offered}
    assert desk.receiver.last("block_actions")["actions"][0]["selected_user"] == BO


OF_CHANNELS = {"type": "conversations_select", "action_id": "words"}


@pytest.mark.parametrize(
    ("user", "asked", "listed"),
    [
        # Nobody sees a private channel without being in it.
        (ANNA, {"include": ["public", "private"]}, {OPEN, ELSEWHERE, SHARED}),
        (BO, {"include": ["public", "private"]}, {OPEN, CLOSED, ELSEWHERE, SHARED}),
        (BO, {"include": ["private"]}, {CLOSED}),
        (ANNA, {"include": ["public"], "exclude_external_shared_channels": True}, {OPEN, ELSEWHERE}),
    ],
)
async def test_slack_lists_by_itself_what_conversations_there_are(
    desk: Desk, user: str, asked: Json, listed: set[str]
) -> None:
    form = a_modal(blocks=[an_input(element=OF_CHANNELS | {"filter": asked})])
    view = (await desk.call("views.open", trigger_id=await desk.trigger(user), view=form))["view"]

    answer = await desk.do("options", user, view_id=view["id"], block_id="comment", action_id="words")

    assert {each["value"] for each in answer["options"]} == listed
    assert desk.receiver.of("block_suggestion") == []


async def test_a_form_carries_the_conversation_that_was_chosen_and_none_that_is_not_listed(desk: Desk) -> None:
    public = {**OF_CHANNELS, "filter": {"include": ["public"]}}
    view = await desk.modal(blocks=[an_input(element=public)])
    chosen = {"type": "conversations_select", "selected_conversation": OPEN}
    other = {**chosen, "selected_conversation": CLOSED}

    unlisted, _ = await desk.try_to("submit", view_id=view["id"], values={"comment": {"words": other}})
    await desk.do("submit", view_id=view["id"], values={"comment": {"words": chosen}})

    assert unlisted == 404
    (sent,) = desk.receiver.of("view_submission")
    assert sent.said["view"]["state"]["values"] == {"comment": {"words": chosen}}


async def test_a_press_in_a_modal_carries_the_view_and_the_rest_of_the_form(desk: Desk) -> None:
    button = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    view = await desk.modal(blocks=[an_input(), button])

    await desk.do("press", view_id=view["id"], block_id="b", action_id="a", values=words("half"))

    payload = desk.receiver.last("block_actions")
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["state"]["values"] == words("half")
    assert "response_url" not in payload


async def test_an_input_that_dispatches_nothing_cannot_be_pressed(desk: Desk) -> None:
    view = await desk.modal()

    status, _ = await desk.try_to("press", view_id=view["id"], block_id="comment", action_id="words", value="x")

    assert status == 404


async def test_an_input_that_dispatches_sends_what_was_written(desk: Desk) -> None:
    view = await desk.modal(blocks=[an_input(dispatch_action=True)])

    await desk.do("press", view_id=view["id"], block_id="comment", action_id="words", value="typed")

    payload = desk.receiver.last("block_actions")
    assert payload["actions"][0]["value"] == "typed"
    assert payload["view"]["state"]["values"] == words("typed")


async def test_a_press_that_fails_is_told_to_the_person(desk: Desk) -> None:
    channel, ts = await desk.card()
    desk.receiver.says("block_actions", "no", status=500)

    answer = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    assert answer == {"status": 500, "ok": False}
    assert len(await desk.errors()) == 1


async def test_an_app_that_does_not_answer_in_time_is_no_answer(desk_with) -> None:
    desk = desk_with(ack_timeout=SOON)
    channel, ts = await desk.card()
    desk.receiver.hanging.add("block_actions")

    answer = await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a")

    assert answer == {"status": 0, "ok": False}
    assert len(await desk.errors()) == 1


async def test_every_delivery_is_signed_over_its_own_bytes(desk: Desk) -> None:
    await desk.do("home")
    await desk.do("command", channel=OPEN, command="/order", text="å & ä=ö")
    await desk.do("shortcut", callback_id="new_order")

    for one in desk.receiver.received:
        verifier, headers = SignatureVerifier(SECRET), one.headers
        stamp = headers["x-slack-request-timestamp"]
        assert verifier.generate_signature(timestamp=stamp, body=one.raw) == headers["x-slack-signature"]
        assert stamp == str(int(desk.clock()))
    assert len(desk.receiver.received) == 3


async def test_a_command_carries_its_form_and_its_answer_is_shown_to_one(desk: Desk) -> None:
    desk.receiver.says("slash_command", {"text": "Only you", "blocks": [a_section("Only you")]})

    answer = await desk.do("command", channel=OPEN, command="/order", text="a chair")

    form = desk.receiver.last("slash_command")
    assert (form["command"], form["text"], form["user_id"], form["channel_id"]) == ("/order", "a chair", ANNA, OPEN)
    assert (form["channel_name"], form["team_domain"], form["is_enterprise_install"]) == (
        "kundservice",
        "inera",
        "false",
    )
    assert answer == {"status": 200}
    (shown,) = await desk.messages(OPEN)
    assert (shown["text"], shown["ephemeral"], shown["bot"]) == ("Only you", True, True)
    assert await desk.messages(OPEN, BO) == []


async def test_plain_words_of_an_app_answer_a_command_too(desk: Desk) -> None:
    desk.receiver.says("slash_command", "Got it")

    await desk.do("command", channel=OPEN, command="/order")

    (shown,) = await desk.messages(OPEN)
    assert (shown["text"], shown["ephemeral"]) == ("Got it", True)


async def test_a_command_can_be_answered_for_all(desk: Desk) -> None:
    desk.receiver.says("slash_command", {"response_type": "in_channel", "text": "All see"})

    await desk.do("command", channel=OPEN, command="/order")

    (shown,) = await desk.messages(OPEN, BO)
    assert (shown["text"], shown["ephemeral"]) == ("All see", False)


async def test_a_command_answered_with_bad_blocks_fails_for_the_person(desk: Desk) -> None:
    desk.receiver.says("slash_command", {"blocks": [{"type": "nonsense"}]})

    await desk.do("command", channel=OPEN, command="/order")

    assert await desk.errors() == ['/order failed with the error "invalid_blocks"']


async def test_a_command_that_the_manifest_does_not_have_is_not_found(desk: Desk) -> None:
    answer = await desk.do("command", channel=OPEN, command="/other")

    assert answer == {"status": 0, "error": "not_found"}
    assert await desk.errors() == ["/other is not a valid command."]
    assert desk.receiver.received == []


@pytest.mark.parametrize(("hanging", "reason"), [(True, "operation_timeout"), (False, "dispatch_failed")])
async def test_a_command_that_fails_says_how(desk_with, hanging: bool, reason: str) -> None:
    desk = desk_with(ack_timeout=SOON if hanging else PATIENCE)
    desk.receiver.says("slash_command", "", status=500)
    desk.receiver.hanging |= {"slash_command"} if hanging else set()

    await desk.do("command", channel=OPEN, command="/order")

    assert await desk.errors() == [f'/order failed with the error "{reason}"']


async def test_a_shortcut_carries_what_slack_documents(desk: Desk) -> None:
    assert await desk.do("shortcut", callback_id="new_order") == {"status": 200}

    payload = desk.receiver.last("shortcut")
    assert payload.keys() >= {"token", "action_ts", "trigger_id", "is_enterprise_install", "enterprise"}
    assert payload["team"] == {"id": INERA, "domain": "inera"}
    assert payload["user"] == {"id": ANNA, "username": "anna", "team_id": INERA}
    assert payload["callback_id"] == "new_order"


async def test_a_shortcut_that_the_manifest_does_not_have_is_not_there(desk: Desk) -> None:
    status, _ = await desk.try_to("shortcut", callback_id="other")

    assert status == 404


async def test_opening_the_home_tab_is_told_with_the_view_that_is_there(desk: Desk) -> None:
    await desk.do("home")
    await desk.call("views.publish", user_id=ANNA, view=a_home())
    await desk.do("home")

    first, second = (one.said for one in desk.receiver.of("app_home_opened"))
    assert first["event"].keys() == {"type", "user", "channel", "tab", "event_ts"}
    assert second["event"]["view"]["type"] == "home"
    assert (first["type"], first["team_id"], first["api_app_id"]) == ("event_callback", INERA, APP)
    assert first["event_id"] != second["event_id"]
    assert (await desk.state())["home_seen"] is True


async def test_an_external_select_asks_the_app_for_options(desk: Desk) -> None:
    options = {"options": [{"text": plain("Region Exempel"), "value": "1"}]}
    desk.receiver.says("block_suggestion", options)
    select = {"type": "external_select", "action_id": "find", "min_query_length": 1}
    view = await desk.modal(blocks=[{"type": "input", "block_id": "s", "label": plain("Who"), "element": select}])

    found = await desk.do("options", view_id=view["id"], block_id="s", action_id="find", value="reg")

    payload = desk.receiver.last("block_suggestion")
    assert found == options
    assert (payload["value"], payload["action_id"], payload["block_id"]) == ("reg", "find", "s")
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["id"] == view["id"]


async def test_options_that_slack_would_refuse_are_not_shown(desk: Desk) -> None:
    desk.receiver.says("block_suggestion", {"options": [{"text": plain("x"), "value": str(n)} for n in range(101)]})
    channel, ts = await desk.card(element={"type": "external_select", "action_id": "a"})

    found = await desk.do("options", channel=channel, ts=ts, block_id="b", action_id="a", value="x")

    assert found == {"options": []}


async def test_an_event_that_fails_is_sent_again_three_times_and_says_why(desk: Desk) -> None:
    desk.receiver.says("app_home_opened", "", status=503)

    assert await desk.do("home") == {"status": 503}

    tries = await _received(desk, "app_home_opened", 4)
    assert [one.headers.get("x-slack-retry-num") for one in tries] == [None, "1", "2", "3"]
    assert {one.headers["x-slack-retry-reason"] for one in tries[1:]} == {"http_error"}
    assert len({one.said["event_id"] for one in tries}) == 1


async def test_an_event_is_not_sent_again_once_it_was_taken(desk: Desk) -> None:
    await desk.do("home")
    await desk.do("message", channel=await desk.direct(), text="later")

    assert len(desk.receiver.of("app_home_opened")) == 1


async def test_an_app_can_ask_for_no_more_tries(desk: Desk) -> None:
    desk.receiver.says("app_home_opened", "", status=503, headers={"X-Slack-No-Retry": "1"})

    await desk.do("home")
    await desk.do("message", channel=await desk.direct(), text="later")

    assert len(desk.receiver.of("app_home_opened")) == 1


async def test_an_event_nobody_subscribes_to_is_not_sent(desk: Desk) -> None:
    sent = await desk.do("event", event={"type": "team_join", "user": {"id": ANNA}})

    assert sent == {"status": 0, "sent": False}
    assert desk.receiver.received == []


async def test_a_subscribed_event_is_sent_when_asked_for(desk: Desk) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}}

    assert await desk.do("event", event=event) == {"status": 200, "sent": True}
    assert desk.receiver.last("tokens_revoked")["event"]["tokens"] == event["tokens"]


async def test_what_a_person_writes_to_the_app_is_an_event(desk: Desk) -> None:
    channel = await desk.direct()

    await desk.do("message", channel=channel, text="Hello <there>")
    await desk.do("message", channel=OPEN, text="not subscribed")

    (event,) = desk.receiver.of("message")
    assert event.said["event"]["channel_type"] == "im"
    assert event.said["event"]["text"] == "Hello <there>"
    assert [one["text"] for one in await desk.messages(OPEN)] == ["not subscribed"]


async def test_a_mention_in_a_channel_is_an_event_of_its_own(desk_with) -> None:
    scopes = {"bot": ["app_mentions:read", "channels:history", "chat:write", "commands", "im:write"]}
    events = {"bot_events": ["app_mention", "message.channels"]}
    desk = desk_with(a_manifest(oauth_config__scopes=scopes, settings__event_subscriptions=events))
    root = (await desk.do("message", channel=OPEN, text="Hello"))["ts"]

    await desk.do("message", channel=OPEN, text=f"<@{BOT}> help", thread_ts=root)

    assert [one.said["event"]["channel_type"] for one in desk.receiver.of("message")] == ["channel"] * 2
    mention = desk.receiver.last("app_mention")["event"]
    assert (mention["text"], mention["user"], mention["thread_ts"]) == (f"<@{BOT}> help", ANNA, root)
    assert (await desk.try_to("message", channel=OPEN, text="x", thread_ts="1.2"))[0] == 404


async def test_an_app_that_is_not_there_is_tried_again_and_then_left(desk_with) -> None:
    desk = desk_with(request_url="http://127.0.0.1:9/slack/events")

    assert await desk.do("home") == {"status": 0}

    sent = []
    while len(sent) < 4:
        sent = (await desk.ask("log"))["deliveries"]
    assert {one["status"] for one in sent} == {0}


async def test_a_request_url_is_verified_by_its_challenge(desk: Desk) -> None:
    assert await desk.do("verify") == {"status": 200, "ok": False}

    assert desk.receiver.last("url_verification").keys() == {"type", "token", "challenge"}


async def test_a_delivery_is_replayed_byte_for_byte(desk: Desk) -> None:
    await desk.do("shortcut", callback_id="new_order")
    (logged,) = (await desk.ask("log"))["deliveries"]
    desk.clock.advance(2)

    await desk.do("replay", delivery=logged["n"])
    await desk.do("replay", delivery=logged["n"], fresh=True)

    first, again, anew = desk.receiver.of("shortcut")
    signature = "x-slack-signature"
    assert first.raw == again.raw == anew.raw
    assert first.headers[signature] == again.headers[signature] != anew.headers[signature]


async def test_the_log_holds_what_went_either_way_in_order(desk: Desk) -> None:
    await desk.card()
    start = (await desk.ask("log"))["calls"][-1]["n"]
    desk.receiver.says("shortcut", {"ok": True})

    await desk.do("shortcut", callback_id="new_order")
    await desk.call("chat.delete", channel=OPEN, ts="1.2")

    log = await desk.ask("log", after=start)
    (delivery,), (call,) = log["deliveries"], log["calls"]
    assert (delivery["type"], delivery["status"], delivery["answer"]) == ("shortcut", 200, {"ok": True})
    assert delivery["body"]["callback_id"] == "new_order"
    assert (call["method"], call["http_status"], call["ok"], call["error"]) == (
        "chat.delete",
        200,
        False,
        "message_not_found",
    )
    assert delivery["n"] < call["n"]
    assert "xoxb" not in json.dumps(log)


async def test_interactivity_that_is_off_in_the_manifest_reaches_no_app(desk_with) -> None:
    desk = desk_with(a_manifest(settings__interactivity={"is_enabled": False}, features__shortcuts=[]))
    channel, ts = await desk.card()

    assert await desk.do("press", channel=channel, ts=ts, block_id="b", action_id="a") == {"status": 0, "ok": False}
    assert desk.receiver.of("block_actions") == []


async def _received(desk: Desk, kind: str, number: int) -> list:
    """Wait, by asking the sandbox something, until so many have come."""
    while len(desk.receiver.of(kind)) < number:
        await desk.ask("world")
    return desk.receiver.of(kind)
