"""The check of what we ask of Slack can fail; every flow test makes it over all its calls."""

from tests.flow.definitions import strays


def test_a_call_as_slack_defines_it_passes():
    call = {"method": "chat.postMessage", "args": {"channel": "C1", "text": "Hej", "blocks": [{"type": "divider"}]}}
    assert strays([call]) == []


def test_what_slack_does_not_define_is_named():
    calls = [
        {"method": "chat.postMessage", "args": {"channel": "C1", "colour": "red"}},
        {"method": "chat.update", "args": {"channel": "C1", "text": ["a", "b"]}},
        {"method": "chat.whisper", "args": {}},
    ]
    assert strays(calls) == [
        "chat.postMessage: no argument colour",
        "chat.update: lacks ts",
        "chat.whisper: no such method",
    ]
