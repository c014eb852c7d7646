"""The check against Slack's types finds what it is there to find."""

from tests.support.drawn.slack_types import Drawn, compile_against_types


def section(words: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


def plain(words: str) -> dict[str, object]:
    return {"type": "plain_text", "text": words}


GOOD: list[tuple[str, str, Drawn]] = [
    ("a message", "message", [section("En beställning väntar på *dig*.")]),
    ("a message with its text", "message", {"text": "Väntar", "blocks": [section("Väntar"), {"type": "divider"}]}),
    ("a modal", "modal", {"type": "modal", "title": plain("Attestera"), "blocks": [section("Säkert?")]}),
    ("a home tab", "home", {"type": "home", "blocks": [section("Inget väntar.")]}),
]


def test_what_slack_knows_compiles() -> None:
    assert compile_against_types(GOOD) == []


def test_a_mistake_is_told_in_a_line_that_names_the_sample() -> None:
    bad: list[tuple[str, str, Drawn]] = [
        ("a misspelt block", "message", [{"type": "secton", "text": {"type": "mrkdwn", "text": "Hej"}}]),
        ("a modal without a title", "modal", {"type": "modal", "blocks": []}),
    ]

    told = compile_against_types([GOOD[0], *bad])

    assert len(told) == 2
    assert told[0].startswith("a misspelt block, line ")
    assert "secton" in told[0]
    assert told[1].startswith("a modal without a title, line 1: ")
    assert "title" in told[1]
