"""Refusals of the sandbox: as Slack refuses an app, and as the page refuses a person."""

from collections.abc import Iterable
from typing import Any

from bot.sandbox.shapes import Json


class SlackRefusal(Exception):
    """An answer with ok false: Slack's error name and whatever stands beside it."""

    def __init__(self, error: str, **beside: Any) -> None:
        super().__init__(error)
        self.error = error
        self.beside = beside

    def answer(self) -> Json:
        return {"ok": False, "error": self.error, **self.beside}


class NotThere(Exception):
    """What a person names at the page is not there, or not theirs to see or use."""

    def __init__(self, thing: str, name: object) -> None:
        super().__init__(f"no such {thing}: {name}")


def invalid_arguments(messages: Iterable[str]) -> SlackRefusal:
    return SlackRefusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {text}" for text in messages]})


def missing_fields(*names: str) -> SlackRefusal:
    return invalid_arguments(f"missing required field: {name}" for name in names)
