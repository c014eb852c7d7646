"""What the product asked of Slack, held against Slack's own method definitions."""

import contextlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

METHODS = Path(__file__).parents[1] / "slack" / "methods"


def strays(calls: list[dict[str, Any]]) -> list[str]:
    """Each way in which a logged call departs from its method's definition: unknown method or argument, wrong type."""
    return sorted({f"{call['method']}: {stray}" for call in calls for stray in _strays(call["method"], call["args"])})


def _strays(method: str, args: dict[str, Any]) -> Iterator[str]:
    definition = _definition(method)
    if definition is None:
        yield "no such method"
        return
    known, required = definition["args"]["properties"], definition["args"].get("required", [])
    yield from (f"lacks {name}" for name in required if name not in args and name != "token")
    for name, value in args.items():
        if name not in known:
            yield f"no argument {name}"
        elif not any(Draft7Validator(known[name]).is_valid(form) for form in _forms(value)):
            yield f"{name} cannot be {value!r:.80}"


def _forms(value: Any) -> Iterator[Any]:
    """The same value in a JSON body, as JSON text in a form, and read back from a query string."""
    yield value
    yield json.dumps(value)
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            yield json.loads(value)


@cache
def _definition(method: str) -> dict[str, Any] | None:
    path = METHODS / f"{method}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None
