"""What the documentation names is there: every path, and for each everyday change the file with what stands in it."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/adr/*.md"))]
DEVELOPING = (ROOT / "docs" / "developing.md").read_text("utf-8")
PACKAGES = "core", "notifications", "bot"
ROOMS = (*PACKAGES, "tests", "docs", "bench", "deploy")
OURS = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
DEFINED = r"^\s*(?:class|def|async def) {0}\b|^\s*{0}\s*[:=]"


def _quoted(page: Path) -> Iterator[str]:
    return (found for line in page.read_text("utf-8").splitlines() for found in re.findall(r"`([^`]+)`", line))


def _is_path(word: str) -> bool:
    return OURS.fullmatch(word) is not None and "/" in word and word.split("/")[0] in ROOMS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [word for word in _quoted(page) if _is_path(word) and not list(ROOT.glob(word.rstrip("/")))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_dotted_name_of_ours_that_a_page_names_exists(page: Path) -> None:
    names = [word for word in _quoted(page) if re.fullmatch(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+", word)]

    assert [name for name in names if _is_missing(name)] == []


def _is_missing(name: str) -> bool:
    module, rest = name, list[str]()
    while True:
        try:
            found: Any = import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
            if not module:
                return True
    for attribute in rest:
        if not hasattr(found, attribute):
            return True
        found = getattr(found, attribute)
    return False


def _changes() -> dict[str, str]:
    """Every row of the table of changes: what is to be changed, and where."""
    section = DEVELOPING.split("## Where do I change …\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    return {row[0].strip(): row[1] for row in rows}


def test_the_table_has_a_row_for_thirty_everyday_changes() -> None:
    assert len(_changes()) >= 30


@pytest.mark.parametrize("change", _changes())
def test_what_a_change_is_made_in_stands_where_the_table_says(change: str) -> None:
    places = _places(_changes()[change])

    assert places
    assert [place for place in places if not _stands(*place)] == []


def _places(where: str) -> list[tuple[str, str]]:
    """Pairs of a file and a name in it, empty for the file alone: `a.py`: `first`, `second`; `b.yaml`."""
    places = list[tuple[str, str]]()
    for word in re.findall(r"`([^`]+)`", where):
        if "/" in word:
            places.append((word, ""))
        else:
            places.append((places[-1][0], word))
    return places


def _stands(file: str, name: str) -> bool:
    path = ROOT / file
    if not name:
        return path.exists()
    text = path.read_text("utf-8") if path.is_file() else ""
    return re.search(DEFINED.format(re.escape(name)), text, re.MULTILINE) is not None
