"""Numbers that stand as examples are nobody's: whoever copies one reaches no stranger and names no organisation."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Wherever somebody reads examples: texts, pages of documentation, the demo and what the API says of its fields.
READ = sorted(
    [
        ROOT / "README.md",
        ROOT / ".env.example",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs").glob("*.yaml"),
        *(ROOT / "bot" / "demo").glob("*.yaml"),
        *(ROOT / "bot" / "demo").glob("*.txt"),
        *(ROOT / "core" / "http" / "bodies").glob("*.py"),
        ROOT / "core" / "register" / "entries.py",
        *(ROOT / "notifications" / "texts").glob("*.yaml"),
    ]
)
# None has been given to an organisation; the last is Tolvan Tolvansson's, whom the Tax Agency made up.
NOBODYS = {"5555555555", "2222222222", "5599000006", "5599000014", "7699000001", "2120990003", "1212121212"}
# The supplier's own number may stand where the supplier is named.
INERA = "5565594230"
NUMBER = re.compile(r"(?<![\w-])(?:16)?(\d{6})-?(\d{4})(?![\d-])")
HSA_ID = re.compile(r"\bSE(\d{10})-")
PHONE = re.compile(r"(?<![\w-])(?:\+46 ?|0)(?!000)[1-9]\d{0,3}[- ]?\d{2,3}(?: ?\d{2,3}){1,2}(?!\d)")
# What PTS has set aside for books and films, without the 0.
FICTION = re.compile(r"701740[67]\d\d|84650040\d|8465004\d\d|313900[67]\d\d|406280[45]\d\d|980319[23]\d\d")


@pytest.mark.parametrize("file", READ, ids=lambda file: file.name)
def test_the_numbers_of_organisations_are_nobodys(file: Path):
    lines = file.read_text("utf-8").splitlines()

    for place, line in enumerate(lines):
        found = {a + b for a, b in NUMBER.findall(line)} | set(HSA_ID.findall(line))
        strangers = found - NOBODYS - ({INERA} if "Inera" in " ".join(lines[place : place + 2]) else set())
        assert strangers == set(), line


@pytest.mark.parametrize("file", READ, ids=lambda file: file.name)
def test_the_telephone_numbers_are_those_of_stories(file: Path):
    for line in file.read_text("utf-8").splitlines():
        digits = [re.sub(r"\D", "", number).removeprefix("46").removeprefix("0") for number in PHONE.findall(line)]
        assert [number for number in digits if not FICTION.fullmatch(number)] == [], line
