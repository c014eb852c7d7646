"""The printed tables and the glossary say what the code says."""

import re
from pathlib import Path

import pytest

from bot.cli.flows_cli import flow_page
from core.api import (
    DISCLOSURE,
    FLOWS,
    NEEDS,
    Action,
    AgreementType,
    CustomerCategory,
    Flow,
    OrganisationKind,
    Part,
    Period,
    PriceKind,
    Role,
    State,
)
from notifications.rules.announcements import ANNOUNCEMENTS, BESIDE_CASES
from notifications.rules.register_announcements import REGISTER_ANNOUNCEMENTS

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
WORDS = (Action, AgreementType, CustomerCategory, Flow, OrganisationKind, Part, Period, PriceKind, Role, State)


def test_the_page_in_docs_is_the_one_that_the_tables_print() -> None:
    page = (ROOT / "docs" / "flows.md").read_text("utf-8")

    assert page == flow_page(), "print it anew: kundportal flows > docs/flows.md"


def test_the_page_has_a_line_for_every_row_of_the_tables() -> None:
    page = flow_page()

    announced, around = (*ANNOUNCEMENTS, *BESIDE_CASES), (*NEEDS, *REGISTER_ANNOUNCEMENTS)
    assert page.count("\n| `") == len(FLOWS) + len(DISCLOSURE) + len(announced) + len(_conditions()) + len(around)


def test_every_condition_says_when_it_holds() -> None:
    assert all(sentence.strip() for sentence in _conditions().values())


def test_a_drawing_has_an_arrow_for_every_state_that_a_row_may_lead_to() -> None:
    arrows = re.findall(r"^    (\w+) --> (\w+): ", flow_page(), re.MULTILINE)

    wanted = [(row.source, to) for flow in Flow for row in FLOWS if row.flow is flow for to in row.targets()]
    assert sorted(arrows) == sorted(wanted)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_stored_word_stands_in_the_glossary(words) -> None:
    assert {str(word) for word in words} <= _codes()


def test_every_word_of_code_in_the_glossary_stands_in_code() -> None:
    places = (ROOT / "core", ROOT / "notifications", ROOT / "bot")
    code = "\n".join(file.read_text("utf-8") for place in places for file in place.rglob("*.py"))

    assert {word for word in _codes() if not re.search(rf"\b{word}\b", code)} == set()


def _conditions() -> dict[str, str]:
    return {condition.__name__: condition.__doc__ or "" for row in FLOWS for condition in row.guards}


def _codes() -> set[str]:
    rows = [line.split("|") for line in GLOSSARY.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row[3])}
