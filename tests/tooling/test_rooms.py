"""The rooms: where files stand, what they are called, and how little it takes to say which may know which."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "notifications", "bot")
FILES = tuple(sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")))
# Migrations are numbered and stay: they are read one after the other, and nobody looks for one by its subject.
FOLDERS = tuple(sorted({file.parent for file in FILES} - {ROOT / "core" / "storage" / "migrations" / "versions"}))
MOST_FILES, MOST_LINES_OF_CONTRACTS, SMALL = 14, 80, 60


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_is_taken_in_at_a_glance(folder: Path) -> None:
    files = [file for file in folder.glob("*.py") if file.name != "__init__.py"]

    assert len(files) <= MOST_FILES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_says_in_its_first_line_which_question_it_answers(folder: Path) -> None:
    first = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))

    assert first is not None
    assert first.split("\n")[0].endswith((".", ":"))


def test_no_small_file_stands_beside_its_only_reader() -> None:
    readers = _readers()
    alone = {
        str(file.relative_to(ROOT))
        for file in FILES
        if file.stem[:2] != "__"
        and len(file.read_text("utf-8").splitlines()) < SMALL
        and len(readers[file]) == 1
        and next(iter(readers[file])).parent == file.parent
    }

    assert alone == set()


def test_no_class_name_stands_twice() -> None:
    places = defaultdict(list)
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{file.relative_to(ROOT)}:{node.lineno}")

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_what_may_know_what_fits_on_a_screen() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    contracts = text[text.index("[tool.importlinter]") : text.index("[tool.pytest.ini_options]")]

    assert len(contracts.splitlines()) <= MOST_LINES_OF_CONTRACTS


def test_the_core_offers_nothing_that_nobody_takes() -> None:
    offered = {alias.name for node in _parsed(ROOT / "core" / "api.py") for alias in _names_from(node, "core.")}
    files = [file for folder in (*PACKAGES, "bench", "tests") for file in (ROOT / folder).rglob("*.py")]

    taken = {alias.name for file in files for node in _parsed(file) for alias in _names_from(node, "core.api")}

    assert offered - taken == set()


def _parsed(file: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(file.read_text("utf-8")))


def _names_from(node: ast.AST, module: str) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(module) else []


def _readers() -> dict[Path, set[Path]]:
    """Which files import from each file."""
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in FILES}
    readers = defaultdict(set)
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for name in _imported(node):
                if name in modules:
                    readers[modules[name]].add(file)
    return readers


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
