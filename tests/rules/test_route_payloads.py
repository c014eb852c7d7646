"""What the route reads: forms as the standard library reads them, and nothing that is not what Slack sends."""

import json
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack import payloads
from bot.slack.payloads import Each, Either, Maybe, Some, Unreadable, checking, form, read

FORM = payloads.FORM
PIECES = st.sampled_from(
    ["a", "=", "&", "+", "%", "%2", "%41", "%C3%A5", "%C3", "%FF", "%ED%A0%80", ";", "å", "%00", "%zz"]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
@example("payload=%7B%7D&payload=%5B%5D")
@example("a=+%2B+&=b&c&&d==")
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    expected = {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}

    assert form(text) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=10,
    )
)
def test_what_slack_wraps_in_a_form_comes_out_whole(value: Any) -> None:
    payload = {"type": "block_actions", "value": [value]}
    body = urlencode({"payload": json.dumps(payload)}).encode()

    if "\\u0000" in json.dumps(payload).replace("\\\\", ""):
        with pytest.raises(Unreadable):
            read(body, FORM)
    else:
        assert read(body, FORM) == payload


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"payload={", FORM),
        (b"payload=[]", FORM),
        (b"payload=" + b"[" * 100_000, FORM),
        (b"payload=%FF", FORM),
        (b"\xff\xfe", FORM),
        (b"", FORM),
        (b"a=b", FORM),
        (b"command=%00", FORM),
        (b"&".join(b"a=b" for _ in range(200)), FORM),
        (b"payload=" + quote('{"a": "\\ud800"}').encode(), FORM),
        (b"payload=" + quote('{"a": "\\u0000"}').encode(), FORM),
        (b"{}", "text/plain"),
        (b"{}", ""),
        (b"null", "application/json"),
        (b"1" * 10_000, "application/json"),
    ],
)
def test_what_is_not_from_slack_is_unreadable(body: bytes, content_type: str) -> None:
    with pytest.raises(Unreadable):
        read(body, content_type)


def test_who_types_how_json_spells_nul_is_understood() -> None:
    assert read(b'{"a": "\\\\u0000"}', "application/json") == {"a": "\\u0000"}
    with pytest.raises(Unreadable):
        read(b'{"a": "\\\\\\u0000"}', "application/json")


def test_null_is_the_same_as_missing() -> None:
    assert read(b'{"type": "shortcut", "response_urls": null}', "application/json") == {"type": "shortcut"}


def test_an_emoji_is_no_half_character() -> None:
    assert read(b'{"a": "\\ud83d\\ude00"}', "application/json; charset=utf-8") == {"a": "😀"}


SAMPLES: dict[str, Any] = {
    "block_actions": {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": "1.2.3",
        "container": {"type": "message", "channel_id": "D1", "message_ts": "1.0"},
        "actions": [{"type": "button", "action_id": "kp.attest", "block_id": "b", "value": "x"}],
    },
    "view_submission": {
        "type": "view_submission",
        "user": {"id": "U1"},
        "view": {"id": "V1", "type": "modal", "callback_id": "kp.reject", "state": {"values": {}}},
    },
    "command": {"command": "/kundportal", "user_id": "U1", "team_id": "T1", "trigger_id": "1", "text": ""},
    "event": {"type": "event_callback", "team_id": "T1", "event": {"type": "app_home_opened", "user": "U1"}},
    "options": {
        "type": "block_suggestion",
        "user": {"id": "U1"},
        "action_id": "kp.agents",
        "block_id": "agent",
        "value": "ab",
    },
    "shortcut": {"type": "shortcut", "user": {"id": "U1"}, "callback_id": "kp_new_order", "trigger_id": "1"},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_slack_sends_has_its_shape(name: str) -> None:
    assert payloads.has_its_shape(SAMPLES[name])


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("block_actions", ("user",), None),
        ("block_actions", ("user", "id"), 5),
        ("block_actions", ("actions",), []),
        ("block_actions", ("actions",), {}),
        ("block_actions", ("actions", 0, "action_id"), None),
        ("block_actions", ("actions", 0, "value"), 3),
        ("block_actions", ("team",), "T1"),
        ("block_actions", ("type",), ["block_actions"]),
        ("block_actions", ("type",), "message_action"),
        ("view_submission", ("view",), []),
        ("view_submission", ("view", "state", "values"), [1]),
        ("view_submission", ("view", "state", "values"), {"b": {"a": {"type": "x", "value": 5}}}),
        ("command", ("user_id",), 7),
        ("event", ("event",), "app_home_opened"),
        ("event", ("event_time",), -1),
        ("event", ("event_time",), 10**15),
        ("event", ("event_time",), "1764000000"),
        ("event", ("event_time",), True),
    ],
)
def test_a_mistyped_payload_has_not(name: str, path: tuple[Any, ...], value: object) -> None:
    payload = json.loads(json.dumps(SAMPLES[name]))
    place = payload
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    assert not payloads.has_its_shape(payload)


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        (str, ["", "U1"], [None, 5]),
        (Maybe(str), [None, "U1"], [5]),
        (Either(str, {"id": str}), ["U1", {"id": "U1"}], [None, 5, {"id": 5}]),
        (Each(str), [{}, {"a": "x", "b": "y"}], [None, ["x"], {"a": "x", "b": 5}]),
        (Some(str), [[], ["x", "y"]], [None, {"a": "x"}, ["x", 5]]),
        (Some(str, at_least=1), [["x"]], [[]]),
        (
            {"id": str, "name": Maybe(str)},
            [{"id": "U1"}, {"id": "U1", "other": 5}],
            [None, {}, {"id": "U1", "name": 5}],
        ),
    ],
)
def test_a_shape_tells_what_has_it_from_what_has_not(shape: payloads.Shape, right: list[Any], wrong: list[Any]) -> None:
    fits = checking(shape)

    assert [value for value in right if not fits(value)] == []
    assert [value for value in wrong if fits(value)] == []
