"""Texts in stored JSON: finding them, and taking them and amounts out; what is unknown stays as it is."""

import json
from collections.abc import Callable, Iterator
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def without_words(text: str, keys: frozenset[str]) -> str:
    """Return JSON in which every text below these keys is empty."""
    return _rewritten(text, keys, _emptied)


def without_values(text: str, keys: frozenset[str]) -> str:
    """Return JSON in which nothing stands below these keys."""
    return _rewritten(text, keys, lambda _: {})


def texts_in(text: str) -> set[str]:
    """Return every text in JSON, keys aside."""
    return set(texts_of(json.loads(text)))


def texts_of(stored: Json) -> Iterator[str]:
    """Yield every text in JSON that was read already."""
    if isinstance(stored, str):
        yield stored
    elif isinstance(stored, dict | list):
        for value in stored.values() if isinstance(stored, dict) else stored:
            yield from texts_of(value)


def _rewritten(text: str, keys: frozenset[str], write: Callable[[Json], Json]) -> str:
    stored: Json = json.loads(text)
    return json.dumps(_changed(stored, keys, write), ensure_ascii=False, separators=(",", ":"))


def _changed(stored: Json, keys: frozenset[str], write: Callable[[Json], Json]) -> Json:
    if isinstance(stored, dict):
        return {key: write(value) if key in keys else _changed(value, keys, write) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_changed(value, keys, write) for value in stored]
    return stored


def _emptied(stored: Json) -> Json:
    if isinstance(stored, dict):
        return {key: _emptied(value) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_emptied(value) for value in stored]
    return "" if isinstance(stored, str) else stored
