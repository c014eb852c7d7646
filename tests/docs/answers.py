"""Whether an answer is the one that a page quotes. What differs by nature is held to be of the same kind."""

import json
import re
from collections.abc import Iterator
from typing import Any

KINDS = {
    "a case's number": re.compile(r"\b[AB]-[A-Z0-9]{7}\b"),
    "an id": re.compile(r"\b[KOP][A-Z0-9]{10}\b"),
    "a time": re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"),
}


def last_answer(text: str) -> Any:
    """The last of the JSON documents that commands have printed one after the other."""
    decoder, answer = json.JSONDecoder(), None
    while text := text.lstrip():
        answer, end = decoder.raw_decode(text)
        text = text[end:]
    return answer


def differences(quoted: Any, answer: Any, *, in_part: bool, at: str = "") -> Iterator[str]:
    """Where an answer is another than the one quoted; where that is a part, it may hold more members."""
    if isinstance(quoted, dict) and isinstance(answer, dict):
        if not in_part and quoted.keys() != answer.keys():
            yield f"{at}: members are {sorted(answer)}"
        for name in quoted:
            yield from differences(quoted[name], answer.get(name, "nothing"), in_part=in_part, at=f"{at}/{name}")
    elif isinstance(quoted, list) and isinstance(answer, list) and len(quoted) == len(answer):
        for index, pair in enumerate(zip(quoted, answer, strict=True)):
            yield from differences(*pair, in_part=in_part, at=f"{at}/{index}")
    elif type(quoted) is not type(answer) or by_kind(quoted) != by_kind(answer):
        yield f"{at}: {answer!r} where the page says {quoted!r}"


def by_kind(value: Any) -> Any:
    """A value with the name of its kind in place of each part that differs by nature."""
    if isinstance(value, str):
        for name, pattern in KINDS.items():
            value = pattern.sub(f"<{name}>", value)
    return value
