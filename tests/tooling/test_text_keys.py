"""Every key of a sentence that stands in code, whole or with places to fill in, has its sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from core.api import Language
from notifications.texts import keys

ROOT = Path(__file__).parents[2]
KNOWN = keys(Language.SV) & keys(Language.EN)
AREAS = {key.split(".")[0] for key in KNOWN}
SHAPE = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
PAGE = ".html"
# What a place is filled in with; some hold a key with a point in it, as `revised.title`.
ANYTHING = r"[a-z_0-9.]+"


def test_every_key_that_stands_in_code_has_its_sentence() -> None:
    wanted = [(place, key) for place, tree in trees() for key in whole(tree)]

    # Code also holds beginnings of keys, to which it adds the rest.
    lacking = {(place, key) for place, key in wanted if not any(f"{each}.".startswith(f"{key}.") for each in KNOWN)}
    assert len(wanted) > 900
    assert lacking == set()


def test_every_key_that_code_fills_in_has_a_sentence_whichever_word_it_chooses() -> None:
    wanted = [(place, pattern) for place, tree in trees() for pattern in filled_in(tree)]

    lacking = {(place, pattern) for place, pattern in wanted if not any(map(re.compile(pattern).fullmatch, KNOWN))}
    assert len(wanted) > 200
    assert lacking == set()


def test_a_planted_key_without_a_sentence_is_found() -> None:
    planted = ast.parse(
        """say(language, "history.nothing"); counted(language, f"history.{'a' if b else 'c'}.{d}", 1)"""
    )

    assert list(whole(planted)) == ["history.nothing"]
    assert list(filled_in(planted)) == [rf"history\.{each}\.{ANYTHING}({MORE})?" for each in "ac"]


# What the way of saying it adds: `counted`, or code that adds the rest.
MORE = rf"\.{ANYTHING}"


def trees() -> Iterator[tuple[str, ast.AST]]:
    """The product's modules that say something, without the small Slack, which speaks for Slack."""
    for folder in ("bot", "notifications"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "sandbox" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))


def whole(node: ast.AST) -> Iterator[str]:
    """The keys in a piece of code that stand there as they are."""
    if isinstance(node, ast.Constant) and _is_key(node.value):
        yield node.value
    for child in [] if isinstance(node, ast.JoinedStr) else ast.iter_child_nodes(node):
        yield from whole(child)


def filled_in(node: ast.AST) -> Iterator[str]:
    """A pattern for each key that an f-string builds: one for each word that it chooses between itself."""
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr) and _begins_a_key(each.values[0]):
            yield from ("".join(parts) + f"({MORE})?" for parts in product(*map(_choices, each.values)))


def _is_key(value: object) -> bool:
    if not isinstance(value, str) or not SHAPE.fullmatch(value) or value.endswith(PAGE):
        return False
    return value.split(".")[0] in AREAS


def _begins_a_key(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and bool(re.match(rf"({'|'.join(sorted(AREAS))})\.[a-z_.]*$", part.value))


def _choices(part: ast.expr) -> list[str]:
    match part:
        case ast.Constant(value=str(words)):
            return [re.escape(words)]
        case ast.FormattedValue(
            value=ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other)))
        ):
            return [re.escape(one), re.escape(other)]
    return [ANYTHING]
