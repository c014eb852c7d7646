"""Nothing is promised that no row keeps: each sentence that says that something will happen names the rows that do it.

`promises.yaml` is written by hand: of every sentence with promising words, in either language, which announcement, row
of the flows or effect keeps it. It is held against the real tables.
"""

import ast
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from core.api import Action, Language, Part, State
from core.shared.traits import APPLICATION_FLOWS, ORDER_FLOWS, TRAITS
from core.use_cases import clock
from core.workflow.context import DecisionContext
from core.workflow.deadlines import REMINDERS
from core.workflow.flows import FLOWS
from notifications.rules.announcements import APPLICATIONS, BESIDE_CASES, NUDGED, ORDERS, REMINDED, Happening
from notifications.rules.audiences import Audience
from notifications.rules.register_announcements import REGISTER_ANNOUNCEMENTS
from tests.support.promising import promises, promising
from tests.support.world.builders import after
from tests.support.world.seed import NOW

ROOT = Path(__file__).parents[2]
TABLE = yaml.safe_load(Path(__file__).with_name("promises.yaml").read_text("utf-8"))
KEPT_BY: dict[str, list[str]] = TABLE["kept_by"]
SENTENCES: dict[str, list[str]] = TABLE["sentences"]
NO_PROMISE: dict[str, str] = TABLE["no_promise"]


@dataclass(frozen=True)
class Rows:
    """Every row that may keep a promise, as promises.yaml writes it."""

    rows: frozenset[str]

    def keep(self, row: str) -> bool:
        """Say whether there is such a row, or such a test."""
        kind, *words = row.split()
        return words[1] in names_in(words[0]) if kind == "test" else row in self.rows

    def broken(self) -> set[str]:
        """Return the sentences that promise what nothing keeps."""
        broken = {name for name, rows in KEPT_BY.items() if not all(map(self.keep, rows))}
        return {key for key, names in SENTENCES.items() if broken.intersection(names)}


def announced():
    """An announcement counts in a flow that comes to what it announces."""
    for name, table, of in (("orders", ORDERS, ORDER_FLOWS), ("applications", APPLICATIONS, APPLICATION_FLOWS)):
        for each in table:
            reached = [flow for flow in of if each.becomes not in set(State) or becomes(flow, each.becomes)]
            for flow in (name, *reached) if reached else ():
                yield f"announced {flow} {each.becomes} {each.part} {each.audience} {each.card}"
    for each in BESIDE_CASES:
        yield f"beside {each.becomes} {each.part} {each.audience} {each.card}"
    for each in REGISTER_ANNOUNCEMENTS:
        yield f"register {each.change} {each.hearer} {each.card}"


def becomes(flow, state):
    return any(state in row.targets() for row in FLOWS if row.flow is flow)


def moved():
    for row in FLOWS:
        yield f"moves {row.flow} {row.source} {row.who} {row.does} {row.target}"
    for flow, traits in TRAITS.items():
        yield f"effect {flow} {traits.effect}"


@cache
def names_in(file):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


REAL = Rows(frozenset((*announced(), *moved())))


def test_every_sentence_that_promises_says_what_keeps_it():
    known = SENTENCES.keys() | NO_PROMISE.keys()

    assert set(promising()) - known == set()


def test_nothing_is_said_of_a_sentence_that_promises_nothing():
    known = [*SENTENCES, *NO_PROMISE]

    assert set(known) - set(promising()) == set()
    assert len(set(known)) == len(known)


def test_every_promise_is_kept_by_rows_that_there_are():
    assert {row for rows in KEPT_BY.values() for row in rows if not REAL.keep(row)} == set()
    assert {name for names in SENTENCES.values() for name in names} == set(KEPT_BY)
    assert REAL.broken() == set()


@pytest.mark.parametrize("row", sorted({row for rows in KEPT_BY.values() for row in rows} & REAL.rows))
def test_a_promise_is_broken_once_its_row_is_taken_away(row):
    assert Rows(REAL.rows - {row}).broken()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (Language.SV, "Du får besked."),
        (Language.SV, "Du får veta när avtalet ändras."),
        (Language.SV, "Vi hör av oss."),
        (Language.SV, "Den som väntar påminns."),
        (Language.SV, "Beställningen går vidare till kunden."),
        (Language.SV, "Beställningen har skickats vidare, och du får ett nytt meddelande."),
        (Language.SV, "Ansvarig kommer att kontakta dig."),
        (Language.SV, "Ärendet eskaleras."),
        (Language.EN, "You will be told."),
        (Language.EN, "You will hear from us."),
        (Language.EN, "The order goes back to the agent."),
        (Language.EN, "Whoever is waited for is reminded."),
        (Language.EN, "The agent contacts you."),
        (Language.EN, "The instructions are sent to you."),
        (Language.EN, "It ends by itself."),
    ],
)
def test_words_that_promise_are_known(language, sentence):
    assert promises(language, sentence)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (Language.SV, "Attestera beställningen."),
        (Language.SV, "Väntar på kundens attest."),
        (Language.EN, "Attest it."),
    ],
)
def test_words_that_promise_nothing_are_none(language, sentence):
    assert not promises(language, sentence)


# What the clock does when time has run out; what it does besides looks anew at what has changed.
DEADLINES = [row for row in FLOWS if row.who is Part.CLOCK and row.does in clock.DEADLINES]


@pytest.mark.parametrize("row", DEADLINES, ids=lambda row: f"{row.flow} {row.source} {row.does}")
def test_when_time_runs_out_somebody_is_told(row):
    assert told_by(row)


def told_by(row):
    """The rows of the tables that tell somebody of a row of the clock."""
    table = APPLICATIONS if TRAITS[row.flow].is_application else ORDERS
    if row.does is Action.ESCALATE:
        return [each for each in BESIDE_CASES if each.becomes is Happening.OVERDUE]
    if row.does is Action.REMIND and row.source not in REMINDED:
        told = [[each for each in table if each.becomes in NUDGED[nudge.does]] for nudge in REMINDERS[row.source]]
        return all(told) and told
    becomes = REMINDED[row.source] if row.does is Action.REMIND else row.target
    return [each for each in table if each.becomes is becomes]


def test_whoever_has_a_case_and_the_lead_are_told_when_its_time_runs_out():
    assert {each.audience for each in BESIDE_CASES if each.becomes is Happening.OVERDUE} == {
        Audience.LEADS,
        Audience.HOLDER,
    }


@pytest.mark.parametrize("row", [row for row in DEADLINES if row.does is Action.ESCALATE], ids=lambda row: row.flow)
def test_no_case_escalates_of_which_nobody_has_been_told(row):
    case = replace(after(), flow=row.flow, state=row.source, due_at=NOW)

    with pytest.raises(clock._Untold):
        clock.ClockAct(case=case.id, at=NOW).authorize(DecisionContext(case, None), NOW)


def test_nothing_expires_where_customer_service_may_put_it_on_hold():
    held = {(row.flow, row.source) for row in FLOWS if row.does is Action.HOLD}
    ended = {(row.flow, row.source) for row in FLOWS if row.who is Part.CLOCK and row.does is Action.EXPIRE}

    assert held
    assert held & ended == set()
