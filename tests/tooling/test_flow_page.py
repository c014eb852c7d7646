"""The printed tables and the glossary say what the code says."""

import re
from pathlib import Path

import pytest

from bot.cli.flow_pages.sentences import sentence_page
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


def test_the_page_of_sentences_in_docs_is_the_one_that_the_tables_print() -> None:
    page = (ROOT / "docs" / "flows.sv.md").read_text("utf-8")

    assert page == sentence_page(), "print it anew: kundportal flows --sv > docs/flows.sv.md"


def test_the_page_of_sentences_has_no_word_of_the_code() -> None:
    page = sentence_page()

    assert re.findall(r"`[^`]*`", page) == ["`kundportal flows --sv`"]
    assert re.findall(r"\w+_\w+|[{}]|[.,]{2}| {2,}(?!- )", page) == []


CLAIMED = """\
När läget är *Hos Ineras kundservice*:

- **Ineras kundservice** får **ta ärendet**, om personen inte har någon del i ärendet på en annan sida och ingen har\
 tagit ärendet.
"""


def test_the_page_of_sentences_says_who_may_do_what_and_who_hears_of_it() -> None:
    page = sentence_page()
    direct, via_agent = page.index("## Direkt beställning"), page.index("## Beställning via agent")

    refused = (
        "får **avslå** och anger då varför, om {} är behörig och personen inte har lämnat över frågan till en kollega."
        " Då blir läget *Avslagen*. Då får {} veta."
    )
    assert "- **Kundens attestant** " + refused.format("kundens attestant", "beställaren") in page[direct:via_agent]
    assert (
        refused.format("agentens attestant", "beställaren och agentens beställare som har beslutat tidigare")
        + " Även agentens attestant som har beslutat tidigare får veta."
        in page[via_agent:]
    )
    assert CLAIMED in page[direct:via_agent]
    assert "agent" not in page[direct:via_agent].lower()
    assert "\n- Kunden och Inera ser det här. Agenten ser det inte.\n  - vad kunden betalar\n" in page


def test_no_sentence_of_the_page_is_too_long_to_be_read_at_once() -> None:
    sentences = (each for line in sentence_page().splitlines() for each in re.split(r"(?<=[.?!:])\s+", line))

    assert [each for each in sentences if len(each.split()) > 26] == []


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
