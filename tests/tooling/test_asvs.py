"""The page about ASVS leaves out no requirement, and what it says that one is met by or held by is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text("utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")

# How many requirements of levels 1 and 2 each section of version 5.0.0 begins with; those of level 3 come after them.
SECTIONS = {
    "V1": (2, 9, 11, 3, 2),
    "V2": (3, 3, 4, 1),
    "V3": (0, 2, 4, 6, 5, 0, 2),
    "V4": (3, 1, 2, 4),
    "V5": (1, 3, 2, 3),
    "V6": (3, 12, 4, 4, 5, 3, 0, 4),
    "V7": (3, 4, 2, 5, 2, 2),
    "V8": (2, 3, 1, 1),
    "V9": (3, 4),
    "V10": (2, 2, 4, 11, 5, 2, 3),
    "V11": (2, 3, 3, 4, 1, 1),
    "V12": (3, 2, 4),
    "V13": (1, 5, 2, 5),
    "V14": (2, 4, 3),
    "V15": (3, 3, 7),
    "V16": (1, 5, 4, 3, 3),
    "V17": (1, 4, 2),
}
REQUIREMENTS = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in SECTIONS.items()
    for section, many in enumerate(sections, 1)
    for number in range(1, many + 1)
]
# Beside files a page quotes settings, commands, addresses and headers; a file has a folder, or is one of these.
FILE = re.compile(r"`((?:bot|core|notifications|tests)/[\w/.-]+|[\w.-]+\.(?:ya?ml|toml|lock|env)|\.dockerignore)`")
TEST = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def rows() -> Iterator[tuple[str, str, str]]:
    """Of each row its numbers, what meets them, and the tests."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"V\d", cells[0]):
            numbers, _, _, met, tests = cells
            yield numbers, met, tests


def test_every_requirement_of_levels_1_and_2_stands_in_one_row() -> None:
    told = [number for numbers, _, _ in rows() for number in numbers.split(", ")]
    told_of = {each: [number for number in told if f"{each}.".startswith(f"{number}.")] for each in REQUIREMENTS}

    assert len(REQUIREMENTS) == 253
    assert [each for each, found in told_of.items() if len(found) != 1] == []
    assert {number for found in told_of.values() for number in found} == set(told)


def test_every_row_says_what_it_is_met_by_or_that_it_is_not() -> None:
    assert [numbers for numbers, met, _ in rows() if not met] == []


@pytest.mark.parametrize("page", [PAGE, SECURITY], ids=["asvs", "security"])
def test_every_file_that_is_named_is_there(page: str) -> None:
    named = set(FILE.findall(page))

    assert named
    assert {each for each in named if not (ROOT / each).exists()} == set()


def test_every_test_that_is_named_is_there() -> None:
    named = {found for _, _, tests in rows() for found in TEST.findall(tests)}

    assert named
    assert {each for each in named if not _is_there(*each)} == set()


def test_nothing_but_tests_stands_where_tests_do() -> None:
    assert [tests for _, _, tests in rows() if re.sub(r"[, ]", "", TEST.sub("", tests))] == []


def _is_there(file: str, name: str) -> bool:
    path = ROOT / "tests" / file
    if not path.exists():
        return False
    return not name or re.search(rf"^(?:async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE) is not None


def test_every_cookie_is_counted_and_the_chapters_of_what_the_product_does_are_not_left_out() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "bot").rglob("*.py"))
    cookies = {*re.findall(r"\"__Host-[\w-]+", code)}
    told = {numbers.split(", ")[0]: (met, tests) for numbers, met, tests in rows()}

    assert len(cookies) == 3
    assert all(told[each][0].startswith("Three") for each in ("V3.3.1", "V14.3.1"))
    assert "`/slack/installed`" in told["V3.5.3"][0]
    # Whoever installs the app makes the product a client of OAuth.
    assert all(told[each][1] for each in ("V10.1.1", "V10.1.2"))
    assert "test_drawing.py" in told["V15.2.2"][1]
    assert "test_fact_lines.py" in told["V16.4.1"][1]
