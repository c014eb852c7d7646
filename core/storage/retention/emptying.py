"""Finds words in stored JSON, and takes them and amounts out of it; what is unknown stays as it is."""

import json
from collections.abc import Callable, Iterator
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
    return set(texts_of(json.loads(text)))


def texts_of(stored: Json) -> Iterator[str]:
    """The same for JSON that was read already."""
    if isinstance(stored, str):
        yield stored
    elif isinstance(stored, dict | list):
        for each in stored.values() if isinstance(stored, dict) else stored:
            yield from texts_of(each)


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
