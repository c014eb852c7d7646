"""Modals and home tabs: opening, stacking, submitting and closing, by Slack's rules."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.desk import Desk, a_button, a_home, a_modal, a_section, an_input, plain, words
from tests.sandbox.places import ANNA, BO, EVA, GONE, OTHER_TOKEN, SOON, a_manifest


async def test_a_modal_opens_for_the_person_who_pressed(desk: Desk) -> None:
    view = await desk.modal(private_metadata="secret", callback_id="order")

    (shown,) = (await desk.state())["modals"]
    assert shown["id"] == view["id"] == view["root_view_id"]
    assert (shown["private_metadata"], shown["callback_id"], view["previous_view_id"]) == ("secret", "order", None)
    assert view["state"] == {"values": words(None)}
    assert (await desk.state(BO))["modals"] == []
    assert (await desk.changes())[-1]["type"] == "view_opened"


async def test_a_new_modal_takes_the_place_of_the_old_one(desk: Desk) -> None:
    await desk.modal()
    view = await desk.modal(title=plain("Other"))

    assert [one["id"] for one in (await desk.state())["modals"]] == [view["id"]]
    kinds = [change["type"] for change in await desk.changes() if change["type"].startswith("view")]
    assert kinds == ["view_opened", "views_cleared", "view_opened"]


async def test_a_view_to_change_must_be_named(desk: Desk) -> None:
    answer = await desk.call("views.update", view=a_modal())

    assert answer["response_metadata"]["messages"] == ["[ERROR] must provide either `view_id` or `external_id`"]


async def test_a_trigger_opens_one_view_only(desk: Desk) -> None:
    trigger = await desk.trigger()
    await desk.call("views.open", trigger_id=trigger, view=a_modal())

    assert (await desk.call("views.open", trigger_id=trigger, view=a_modal()))["error"] == "exchanged_trigger_id"


@pytest.mark.parametrize(("seconds", "error"), [(2.9, None), (3.1, "expired_trigger_id")])
async def test_a_trigger_lives_for_three_seconds(desk: Desk, seconds: float, error: str | None) -> None:
    trigger = await desk.trigger()

    desk.clock.advance(seconds)

    assert (await desk.call("views.open", trigger_id=trigger, view=a_modal())).get("error") == error


async def test_a_sandbox_may_let_triggers_live_longer(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(trigger_seconds=30.0)
    trigger = await desk.trigger()

    desk.clock.advance(29)

    assert (await desk.call("views.open", trigger_id=trigger, view=a_modal()))["ok"]


async def test_a_trigger_is_good_for_the_workspace_it_was_given_to(desk: Desk) -> None:
    trigger = await desk.trigger()

    answer = await desk.call("views.open", OTHER_TOKEN, trigger_id=trigger, view=a_modal())

    assert answer["error"] == "invalid_trigger_id"
    assert (await desk.call("views.open", trigger_id="1.2.x", view=a_modal()))["error"] == "invalid_trigger_id"


async def test_a_view_that_is_refused_leaves_the_trigger(desk: Desk) -> None:
    trigger = await desk.trigger()

    refused = await desk.call("views.open", trigger_id=trigger, view=a_modal(title=plain("x" * 25)))

    message = "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    assert (refused["error"], refused["response_metadata"]["messages"]) == ("invalid_arguments", [message])
    assert (await desk.call("views.open", trigger_id=trigger, view=a_modal()))["ok"]


async def test_three_views_lie_on_each_other_and_no_more(desk: Desk) -> None:
    root = await desk.modal()
    pushed = [await _push(desk) for _ in range(3)]

    assert [answer["ok"] for answer in pushed] == [True, True, False]
    assert pushed[2]["error"] == "push_limit_reached"
    assert pushed[1]["view"]["root_view_id"] == root["id"]
    assert pushed[1]["view"]["previous_view_id"] == pushed[0]["view"]["id"]
    assert len((await desk.state())["modals"]) == 3


async def test_a_view_is_pushed_only_from_within_a_modal(desk: Desk) -> None:
    answer = await desk.call("views.push", trigger_id=await desk.trigger(), view=a_modal())

    assert answer["error"] == "not_found"


async def test_a_changed_view_keeps_what_was_written(desk: Desk) -> None:
    view = await desk.modal(blocks=[an_input(dispatch_action=True)])
    await desk.do("press", view_id=view["id"], block_id="comment", action_id="words", value="kept")

    blocks = [a_section(), an_input(dispatch_action=True)]
    answer = await desk.call("views.update", view_id=view["id"], hash=view["hash"], view=a_modal(blocks=blocks))

    assert answer["view"]["state"]["values"] == words("kept")
    assert answer["view"]["hash"] != view["hash"]
    assert answer["view"]["id"] == view["id"]


async def test_a_stale_hash_is_a_conflict(desk: Desk) -> None:
    view = await desk.modal()
    await desk.call("views.update", view_id=view["id"], view=a_modal())

    answer = await desk.call("views.update", view_id=view["id"], hash=view["hash"], view=a_modal())

    assert answer["error"] == "hash_conflict"


async def test_a_view_is_found_by_its_external_id_which_is_used_once(desk: Desk) -> None:
    await desk.modal(external_id="order-1")

    changed = await desk.call("views.update", external_id="order-1", view=a_modal(external_id="order-1"))
    trigger = await desk.trigger()
    again = await desk.call("views.open", trigger_id=trigger, view=a_modal(external_id="order-1"))

    assert changed["ok"]
    assert again["error"] == "duplicate_external_id"


async def test_views_that_are_gone_are_not_found(desk: Desk) -> None:
    view = await desk.modal()
    await desk.do("close", view_id=view["id"])

    assert (await desk.call("views.update", view_id=view["id"], view=a_modal()))["error"] == "not_found"
    assert (await desk.call("views.update", external_id="x", view=a_modal()))["error"] == "not_found"
    assert (await desk.try_to("submit", view_id=view["id"]))[0] == 404


async def test_another_workspace_does_not_find_the_view(desk: Desk) -> None:
    view = await desk.modal()

    assert (await desk.call("views.update", OTHER_TOKEN, view_id=view["id"], view=a_modal()))["error"] == "not_found"


@pytest.mark.parametrize(
    ("arguments", "words_of_slack"),
    [
        ({"view": a_modal()}, "missing required field: trigger_id"),
        ({"trigger_id": "1"}, "missing required field: view"),
        ({"trigger_id": "1", "view": "nonsense"}, None),
        ({"trigger_id": "1", "view": a_home()}, "unsupported type: home [json-pointer:/view/type]"),
        ({"trigger_id": "1", "view": a_modal(title=None)}, "missing required field: title [json-pointer:/view]"),
        (
            {"trigger_id": "1", "view": a_modal(submit=None)},
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
        ),
    ],
)
async def test_a_view_that_slack_refuses_is_pointed_at(desk: Desk, arguments: Any, words_of_slack: str | None) -> None:
    answer = await desk.call("views.open", **arguments)

    assert answer["error"] == "invalid_arguments"
    if words_of_slack:
        assert answer["response_metadata"]["messages"] == [f"[ERROR] {words_of_slack}"]


async def test_a_view_of_more_than_250_kilobytes_is_too_large(desk: Desk) -> None:
    blocks = [a_section("x" * 2900) for _ in range(90)]

    answer = await desk.call("views.open", trigger_id=await desk.trigger(), view=a_modal(blocks=blocks))

    assert answer["error"] == "view_too_large"


async def test_a_submission_carries_the_form_and_closes_the_view(desk: Desk) -> None:
    view = await desk.modal(private_metadata="order-1", callback_id="order")

    answer = await desk.do("submit", view_id=view["id"], values=words("Yes please"))

    payload = desk.receiver.last("view_submission")
    assert answer == {"status": 200, "response_action": "none"}
    assert payload["view"]["state"]["values"] == words("Yes please")
    assert (payload["view"]["private_metadata"], payload["view"]["callback_id"]) == ("order-1", "order")
    assert (payload["response_urls"], payload["view"]["id"]) == ([], view["id"])
    assert (await desk.state())["modals"] == []


async def test_errors_of_the_app_stand_in_the_form(desk: Desk) -> None:
    view = await desk.modal()
    desk.receiver.says("view_submission", {"response_action": "errors", "errors": {"comment": "Say more"}})

    answer = await desk.do("submit", view_id=view["id"], values=words("x"))

    (shown,) = (await desk.state())["modals"]
    assert answer == {"status": 200, "response_action": "errors", "errors": {"comment": "Say more"}}
    assert shown["errors"] == {"comment": "Say more"}
    assert shown["state"]["values"] == words("x")


async def test_errors_are_gone_after_the_next_submission(desk: Desk) -> None:
    view = await desk.modal()
    desk.receiver.says("view_submission", {"response_action": "errors", "errors": {"comment": "Say more"}})
    await desk.do("submit", view_id=view["id"], values=words("x"))
    desk.receiver.says("view_submission", {"response_action": "update", "view": a_modal(title=plain("Thanks"))})

    await desk.do("submit", view_id=view["id"], values=words("much more"))

    (shown,) = (await desk.state())["modals"]
    assert "errors" not in shown
    assert shown["title"]["text"] == "Thanks"
    assert (await desk.changes())[-1]["type"] == "view_updated"


async def test_an_app_can_push_and_clear(desk: Desk) -> None:
    root = await desk.modal()
    desk.receiver.says("view_submission", {"response_action": "push", "view": a_modal(title=plain("Next"))})
    await desk.do("submit", view_id=root["id"], values=words("x"))
    top = (await desk.state())["modals"][-1]
    desk.receiver.says("view_submission", {"response_action": "clear"})

    answer = await desk.do("submit", view_id=top["id"], values=words("y"))

    assert top["title"]["text"] == "Next"
    assert answer == {"status": 200, "response_action": "clear"}
    assert (await desk.state())["modals"] == []


async def test_an_empty_answer_closes_only_the_top(desk: Desk) -> None:
    root = await desk.modal()
    pushed = (await _push(desk))["view"]

    await desk.do("submit", view_id=pushed["id"], values=words("x"))

    assert [view["id"] for view in (await desk.state())["modals"]] == [root["id"]]


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "nonsense"},
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
    ],
)
async def test_an_answer_that_slack_cannot_use_leaves_the_view_open(desk: Desk, answer: Any) -> None:
    view = await desk.modal()
    desk.receiver.says("view_submission", answer)

    told = await desk.do("submit", view_id=view["id"], values=words("x"))

    assert told["response_action"] == "none"
    assert await desk.errors() == [told["error"]]
    assert len((await desk.state())["modals"]) == 1


async def test_an_app_that_fails_leaves_the_view_open(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(ack_timeout=SOON)
    view = await desk.modal()
    desk.receiver.hanging.add("view_submission")

    told = await desk.do("submit", view_id=view["id"], values=words("x"))

    assert (told["status"], told["response_action"]) == (0, "none")
    assert len((await desk.state())["modals"]) == 1


async def test_a_required_field_that_is_empty_is_never_sent(desk: Desk) -> None:
    view = await desk.modal(blocks=[an_input(), an_input("more", optional=True)])

    told = await desk.do("submit", view_id=view["id"], values=words(None))

    assert (told["status"], told["response_action"], set(told["errors"])) == (0, "errors", {"comment"})
    assert desk.receiver.of("view_submission") == []


@pytest.mark.parametrize(
    ("element", "good", "bad"),
    [
        ({"type": "plain_text_input", "min_length": 3, "max_length": 5}, "four", "xy"),
        ({"type": "plain_text_input", "max_length": 5}, "four", "sixsix"),
        ({"type": "number_input", "is_decimal_allowed": False}, "4", "4.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "4"}, "4.5", "3.9"),
        ({"type": "email_text_input"}, "a@example.org", "a at b"),
        ({"type": "url_text_input"}, "https://example.org/x", "example"),
    ],
)
async def test_what_does_not_fit_the_field_is_never_sent(desk: Desk, element: Any, good: str, bad: str) -> None:
    view = await desk.modal(blocks=[an_input(element={**element, "action_id": "words"})])
    state = {"type": element["type"], "value": bad}

    told = await desk.do("submit", view_id=view["id"], values={"comment": {"words": state}})
    taken = await desk.do("submit", view_id=view["id"], values={"comment": {"words": {**state, "value": good}}})

    assert (told["status"], set(told["errors"])) == (0, {"comment"})
    assert taken["status"] == 200


async def test_closing_is_told_only_where_it_was_asked_for(desk: Desk) -> None:
    root = await desk.modal(notify_on_close=True)
    await _push(desk)

    await desk.do("close", view_id=root["id"])

    (payload,) = desk.receiver.of("view_closed")
    assert (payload.said["view"]["id"], payload.said["is_cleared"]) == (root["id"], False)
    assert (await desk.state())["modals"] == []


async def test_clear_on_close_takes_the_whole_stack(desk: Desk) -> None:
    await desk.modal(notify_on_close=True)
    pushed = (await _push(desk, clear_on_close=True, notify_on_close=True))["view"]

    await desk.do("close", view_id=pushed["id"])

    assert [one.said["is_cleared"] for one in desk.receiver.of("view_closed")] == [True, True]
    assert (await desk.state())["modals"] == []


async def test_nobody_submits_another_persons_modal(desk: Desk) -> None:
    view = await desk.modal()

    assert (await desk.try_to("submit", user=BO, view_id=view["id"]))[0] == 404
    assert (await desk.try_to("press", user=BO, view_id=view["id"], block_id="b", action_id="a"))[0] == 404


async def test_a_home_tab_is_published_again_and_pressed(desk: Desk) -> None:
    button = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    first = await desk.call("views.publish", user_id=ANNA, view=a_home(private_metadata="1"))
    second = await desk.call("views.publish", user_id=ANNA, view=a_home(button), hash=first["view"]["hash"])

    await desk.do("press", view_id=second["view"]["id"], block_id="b", action_id="a")

    home = (await desk.state())["home"]
    assert home["id"] == first["view"]["id"] == second["view"]["id"]
    assert desk.receiver.last("block_actions")["view"]["type"] == "home"
    assert [change["type"] for change in await desk.changes() if change["type"] == "home"] == ["home", "home"]


async def test_a_home_tab_with_a_stale_hash_is_a_conflict(desk: Desk) -> None:
    first = await desk.call("views.publish", user_id=ANNA, view=a_home())
    await desk.call("views.publish", user_id=ANNA, view=a_home())

    answer = await desk.call("views.publish", user_id=ANNA, view=a_home(), hash=first["view"]["hash"])

    assert answer["error"] == "hash_conflict"


@pytest.mark.parametrize("user", [GONE, EVA, "U0NOBODY001"])
async def test_a_home_tab_is_for_people_of_the_workspace(desk: Desk, user: str) -> None:
    answer = await desk.call("views.publish", user_id=user, view=a_home())

    assert answer["response_metadata"]["messages"] == ["[ERROR] invalid `user_id`"]


async def test_an_app_without_a_home_tab_publishes_none(desk_with) -> None:
    desk = desk_with(a_manifest(features__app_home={"home_tab_enabled": False, "messages_tab_enabled": True}))

    assert (await desk.call("views.publish", user_id=ANNA, view=a_home()))["error"] == "not_enabled"
    assert (await desk.try_to("home"))[0] == 404


async def _push(desk: Desk, **parts: Any) -> dict[str, Any]:
    """Press in the topmost modal and push from there; the modal gets a button for it first."""
    top = (await desk.state())["modals"][-1]
    button = {"type": "actions", "block_id": "b", "elements": [a_button()]}
    kept = {name: True for name in ("notify_on_close", "clear_on_close") if top[name]}
    await desk.call("views.update", view_id=top["id"], view=a_modal(blocks=[button], **kept))
    await desk.do("press", view_id=top["id"], block_id="b", action_id="a")
    trigger = desk.receiver.last("block_actions")["trigger_id"]
    return await desk.call("views.push", trigger_id=trigger, view=a_modal(**parts))
