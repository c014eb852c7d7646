"""What keeps a fact out of a drawing before any test looks: views are made by the table, and nothing else leaves."""

import ast
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, get_args

import pytest

import core.api
import core.shared.disclosure
from core.api import CardPlace, CaseView, RecipientStanding, Side, WholeView
from core.shared.disclosure import DISCLOSURE, DisclosedView, Fact, NeverEmpty, ToAll, UndisclosedField, hidden_from
from core.shared.value_objects import value
from core.views.application_view import ApplicationView
from core.views.case_view import AssigneeView, disclose
from core.views.order_view import BeforeView, DisclosedOrganisation
from core.views.recipients import AddressedView
from core.views.record import CaseRecord, Timeline
from core.views.timeline import SlackChangeView, StepView
from core.workflow.case import Application, Case, Decision, Grant, Order
from core.workflow.context import DecisionContext
from tests.support.world import builders
from tests.support.world.planted import planted

ROOT = Path(__file__).parents[2]
PRODUCT = [path for room in ("bot", "core", "notifications") for path in sorted((ROOT / room).rglob("*.py"))]
VIEWS = (
    *(CaseView, StepView, BeforeView, DisclosedOrganisation, ApplicationView, AssigneeView, RecipientStanding),
    SlackChangeView,
)


# --- a field


def test_a_new_field_of_a_view_that_names_no_fact_is_refused_when_its_module_is_imported():
    with pytest.raises(UndisclosedField, match=r"CaseView\.telephone"):
        type("CaseView", (CaseView,), {"__annotations__": {"telephone": str}})


TWO_FACTS = Annotated[str, Fact.HOLD, Fact.COMMENT]


@pytest.mark.parametrize("hint", [CaseRecord, str | None, Annotated[str, "a note"], TWO_FACTS])
def test_whatever_a_field_says_but_one_fact_is_refused(hint):
    with pytest.raises(UndisclosedField):
        type("Leak", (DisclosedView,), {"__annotations__": {"leaked": hint}})


def test_a_fact_that_some_side_may_not_see_can_be_left_out_of_its_field():
    with pytest.raises(NeverEmpty, match=r"Leak\.since"):
        type("Leak", (DisclosedView,), {"__annotations__": {"since": Annotated[datetime, Fact.HOLD]}})


def test_a_fact_that_no_row_of_the_table_tells_of_is_refused_when_the_table_is_imported():
    path = Path(core.shared.disclosure.__file__)
    planted_fact = path.read_text().replace('    HOLD = "hold"\n', '    HOLD = "hold"\n    TELEPHONE = "telephone"\n')

    with pytest.raises(LookupError, match="TELEPHONE"):
        exec(compile(planted_fact, path, "exec"), {"__name__": "planted"})  # noqa: S102 - the table with a fact more


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_field_of_a_view_says_who_sees_it(view):
    assert {each.name for each in fields(view)} == {*view.shows, "side"}


# --- a view


@pytest.mark.parametrize("side", Side)
def test_a_view_holds_nothing_of_what_its_side_may_not_see_whatever_it_was_made_with(side):
    """Somebody forgets to ask the table, and hands a side everything that Inera sees."""
    whole = disclose(planted(builders.after()), Side.INERA)
    whole = replace(
        whole, template={}, hold="On hold", claimed_by="Eva", chosen_attestant="David", replaces_agent="Old"
    )

    view = replace(whole, side=side)

    hidden = [name for name, fact in CaseView.shows.items() if isinstance(fact, Fact) and side not in DISCLOSURE[fact]]
    assert [name for name, _ in hidden_from(CaseView, side)] == hidden
    assert [name for name in hidden if getattr(view, name)] == []
    assert {name: getattr(view, name) for name in CaseView.shows if name not in hidden} == {
        name: getattr(whole, name) for name in CaseView.shows if name not in hidden
    }


def test_a_view_of_one_field_more_hides_it_from_the_first():
    @value
    class WithTelephone(DisclosedView):
        name: ToAll[str]
        telephone: Annotated[str | None, Fact.INERA_NAMES]

    made = [WithTelephone(side, "Eva", "08-123") for side in (Side.INERA, Side.AGENT)]
    assert [each.telephone for each in made] == ["08-123", None]


def test_the_type_checker_refuses_whoever_changes_a_view_though_nothing_does_when_it_runs():
    told = vars(value)["__dataclass_transform__"]  # what basedpyright goes by
    assert {**told, **told["kwargs"]}["frozen_default"] is True


@pytest.mark.parametrize("view", [*VIEWS, WholeView, DecisionContext], ids=lambda view: view.__name__)
def test_what_a_view_has_no_field_for_it_cannot_be_given(view):
    slots = {name for each in view.__mro__ for name in getattr(each, "__slots__", ())}

    assert slots == {each.name for each in fields(view)}
    assert not hasattr(object.__new__(view), "__dict__")


# --- what is behind a view


def reached(hint, known):
    """Every class that a value of a type may hold, from the type down."""
    for each in get_args(hint) or (hint,):
        if get_args(each):
            reached(each, known)
        elif isinstance(each, type) and each not in known:
            known.add(each)
            if is_dataclass(each):
                for field in fields(each):
                    reached(field.type, known)
    return known


@pytest.mark.parametrize("view", [CaseView, WholeView, AddressedView], ids=lambda view: view.__name__)
def test_no_way_leads_from_a_view_to_what_it_was_made_from(view):
    behind = {CaseRecord, Timeline, Case, Order, Application, Decision, Grant, DecisionContext, CardPlace}

    known = reached(view, set())
    assert {StepView, DisclosedOrganisation} <= known
    assert known & behind == set()
    assert Mapping not in behind


# --- the record


RECORD = {"core.views.record", "core.storage.reads.case_views"}
ROOMS_OF_RECORDS = ("core/views/", "core/storage/reads/")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def test_the_record_of_a_case_is_imported_in_its_rooms_alone():
    importers = {str(path.relative_to(ROOT)) for path in PRODUCT if RECORD.intersection(imported(path))}

    assert {path for path in importers if not path.startswith(ROOMS_OF_RECORDS)} == set()
    assert {"core/views/case_view.py", "core/storage/reads/case_views.py"} <= importers


def test_nothing_but_the_reads_discloses():
    """What is disclosed leaves as a view: nobody else chooses the side, as nobody else has what to disclose."""
    disclosing = {"core.views.case_view.disclose", "core.views.timeline.disclose_timeline"}
    importers = {str(path.relative_to(ROOT)) for path in PRODUCT if disclosing.intersection(imported(path))}

    assert importers == {"core/storage/reads/case_views.py", "core/views/recipients.py"}


def test_the_door_of_the_core_offers_nothing_that_knows_all():
    assert not {"CaseRecord", "Timeline", "disclose", "disclose_timeline"}.intersection(vars(core.api))
