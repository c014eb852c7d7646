"""The two ways the sandbox says no: as Slack does to an app, and to a person at the page."""

from typing import Any


class SlackRefusal(Exception):
    """An answer with ok false: Slack's error name and whatever stands beside it."""

    def __init__(self, error: str, **beside: Any) -> None:
        super().__init__(error)
        self.error = error
        self.beside = beside

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.beside}


class PageRefusal(Exception):
    """What a person cannot do at the page: the thing is not there, or not theirs to see."""


def invalid_arguments(*messages: str) -> SlackRefusal:
    return SlackRefusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {text}" for text in messages]})
