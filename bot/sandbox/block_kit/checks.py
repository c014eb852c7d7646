"""The small checks that the Block Kit table is written with; each says in Slack's words what is wrong, and where."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.shapes import Json


@dataclass(frozen=True)
class BlockProblem:
    pointer: str
    message: str
    constraint: str
    expected: Any = None

    def in_words(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"

    def in_detail(self) -> Json:
        """Write the problem as blocks.validate lists it."""
        constraint = {"type": self.constraint, "expected": self.expected}
        return {"code": "failed_constraint", "message": self.message, "pointer": self.pointer, "constraint": constraint}


Problems = list[BlockProblem]
Check = Callable[[Any, str, Problems], None]


def string(most: int, least: int = 0) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.append(BlockProblem(at, "must provide a string", "type", "string"))
        elif len(value) > most:
            problems.append(BlockProblem(at, f"must be less than {most + 1} characters", "max_length", most))
        elif len(value) < least:
            problems.append(BlockProblem(at, f"must be more than {least - 1} characters", "min_length", least))

    return check


def pattern(regex: str, wanted: str) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.fullmatch(regex, value):
            problems.append(BlockProblem(at, f"must be {wanted}", "pattern", wanted))

    return check


def boolean(value: Any, at: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.append(BlockProblem(at, "must provide a boolean", "type", "boolean"))


def integer(least: int, most: int) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.append(BlockProblem(at, "must provide an integer", "type", "integer"))
        elif not least <= value <= most:
            problems.append(BlockProblem(at, f"must be between {least} and {most}", "range", [least, most]))

    return check


def choice(*allowed: str) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if value not in allowed:
            problems.append(BlockProblem(at, f"must be a valid enum value: {value}", "enum", list(allowed)))

    return check


def anything(value: Any, at: str, problems: Problems) -> None:
    """Accept any value: for parts that the sandbox stores as they are."""


def items(item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.append(BlockProblem(at, "must provide an array", "type", "array"))
            return
        if len(value) > most:
            problems.append(BlockProblem(at, f"no more than {most} items allowed", "max_items", most))
        if len(value) < least:
            problems.append(BlockProblem(at, f"must provide at least {least} items", "min_items", least))
        for index, one in enumerate(value):
            item(one, f"{at}/{index}", problems)

    return check


@dataclass(frozen=True)
class Shape:
    """An object: what its fields hold, which must be there, of which at least one must be, and rules for the whole."""

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    rules: tuple[Check, ...] = ()

    def __call__(self, value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(BlockProblem(at, "must provide an object", "type", "object"))
            return
        self._look_for_fields(value, at, problems)
        before = len(problems)
        for name, part in value.items():
            if name in self.fields:
                self.fields[name](part, f"{at}/{name}", problems)
            else:
                problems.append(BlockProblem(at, f"invalid additional property: {name}", "additional_property", name))
        if len(problems) == before:
            for rule in self.rules:
                rule(value, at, problems)

    def _look_for_fields(self, value: Json, at: str, problems: Problems) -> None:
        for name in self.required:
            if name not in value:
                problems.append(BlockProblem(at, f"missing required field: {name}", "required", name))
        if self.either and not any(name in value for name in self.either):
            names = " or ".join(f"`{name}`" for name in self.either)
            problems.append(BlockProblem(at, f"must define either {names}", "required", list(self.either)))


def typed(table: Mapping[str, Shape], kinds: tuple[str, ...] | None = None) -> Check:
    """Return a check of an object whose `type` names its shape in a table, one of the kinds allowed in this place."""

    def check(value: Any, at: str, problems: Problems) -> None:
        allowed = tuple(table) if kinds is None else kinds
        if not isinstance(value, dict):
            problems.append(BlockProblem(at, "must provide an object", "type", "object"))
        elif "type" not in value:
            problems.append(BlockProblem(at, "missing required field: type", "required", "type"))
        elif value["type"] not in allowed:
            message = f"unsupported type: {value['type']}"
            problems.append(BlockProblem(f"{at}/type", message, "enum", list(allowed)))
        else:
            table[value["type"]](value, at, problems)

    return check


def text(*kinds: str, most: int = 3000) -> Check:
    """Return a check of a text object of one of the kinds, with at least one character."""
    words, kind = string(most, least=1), string(20)
    return typed(
        {
            "plain_text": Shape({"type": kind, "text": words, "emoji": boolean}, required=("text",)),
            "mrkdwn": Shape({"type": kind, "text": words, "verbatim": boolean}, required=("text",)),
        },
        kinds,
    )


def plain(most: int) -> Check:
    return text("plain_text", most=most)


def rich(most: int) -> Check:
    return text("plain_text", "mrkdwn", most=most)
