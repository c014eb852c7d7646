"""Takes words and amounts out of stored JSON, wherever they stand in it; what is unknown stays as it is."""

import json
from collections.abc import Callable
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def without_words(text: str, keys: frozenset[str]) -> str:
    """JSON in which every text below these keys is empty."""
    return _rewritten(text, keys, _emptied)


def without_values(text: str, keys: frozenset[str]) -> str:
    """JSON in which nothing stands below these keys."""
    return _rewritten(text, keys, lambda _: {})


def texts_in(text: str) -> set[str]:
    """Every text in JSON, keys aside."""
    stored: Json = json.loads(text)
    found: set[str] = set()
    _collect(stored, found)
    return found


def _rewritten(text: str, keys: frozenset[str], write: Callable[[Json], Json]) -> str:
    stored: Json = json.loads(text)
    return json.dumps(_changed(stored, keys, write), ensure_ascii=False, separators=(",", ":"))


def _changed(stored: Json, keys: frozenset[str], write: Callable[[Json], Json]) -> Json:
    if isinstance(stored, dict):
        return {key: write(value) if key in keys else _changed(value, keys, write) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_changed(each, keys, write) for each in stored]
    return stored


def _emptied(stored: Json) -> Json:
    if isinstance(stored, dict):
        return {key: _emptied(each) for key, each in stored.items()}
    if isinstance(stored, list):
        return [_emptied(each) for each in stored]
    return "" if isinstance(stored, str) else stored


def _collect(stored: Json, found: set[str]) -> None:
    if isinstance(stored, str):
        found.add(stored)
    elif isinstance(stored, dict | list):
        for each in stored.values() if isinstance(stored, dict) else stored:
            _collect(each, found)
