"""What a flow is stands in its traits and its rows; nothing else asks which flow a case runs through."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api import TRAITS, Flow

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "notifications", "bot")
# The words, the rows, the traits; and what is stored already, which nobody changes any more.
TABLES = ("core/shared/vocabulary.py", "core/shared/traits.py", "core/workflow/flows.py", "core/workflow/superseded.py")
MIGRATIONS = "core/storage/migrations/versions/"


def test_only_the_tables_ask_which_flow_it_is() -> None:
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    named = ((str(file.relative_to(ROOT)), file) for file in files)

    found = [
        f"{name}:{line}"
        for name, file in named
        if name not in TABLES and not name.startswith(MIGRATIONS)
        for line in asking(file.read_text("utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "case.flow is Flow.DIRECT",
        "case.flow == 'direct'",
        "row.flow in DIRECTLY",
        "flow not in FLOWS",
        "row['flow'] == wanted",
        "query.where(cases.c.flow != other)",
        "NAMES = {Flow.DIRECT: 1}",
        "wanted = Flow.DIRECT",
        "match case.flow:\n    case _: pass",
        "match x:\n    case Flow.DIRECT: pass",
        "x = a if order.flow == b else c",
        "SQL = \"c.flow = 'via_agent'\"",
    ],
)
def test_whatever_asks_which_flow_it_is_is_found(code: str) -> None:
    assert list(asking(code))


@pytest.mark.parametrize("code", ["TRAITS[case.flow].asks_for_agent", "cases.flow.in_(CONNECTING_FLOWS)", "Flow(text)"])
def test_whatever_asks_the_traits_is_none(code: str) -> None:
    assert not list(asking(code))


def test_every_flow_has_its_traits() -> None:
    assert set(TRAITS) == set(Flow)


def asking(code: str) -> Iterator[int]:
    """The lines of some code in which a flow is named, or compared with something."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Compare):
            compared = (node.left, *node.comparators)
        else:
            compared = (node.subject,) if isinstance(node, ast.Match) else ()
        if any(map(_is_flow, compared)) or _names_flow(node):
            yield getattr(node, "lineno", 0)


def _is_flow(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "flow"
    return (isinstance(node, ast.Attribute) and node.attr == "flow") or (
        isinstance(node, ast.Name) and node.id == "flow"
    )


def _names_flow(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(f"'{flow}'" in node.value or flow == node.value for flow in Flow)
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Flow"
