"""What a drill lets go wrong is planned from its seed, and what it judges by finds what is planted."""

from types import SimpleNamespace

import pytest

from bot.acts.press import Wish
from bot.drill.crowd import CrowdMember, CrowdTold, SentForm
from bot.drill.databases import NotAServer, server_address
from bot.drill.invariants import Stored, judge_kept, judge_once
from bot.drill.plan import LASTING, MORE_KILLS, DrillPlan, Trouble
from bot.sandbox.slack_api.faults import FaultKind
from core.api import Action, CardId, CaseId, Seen
from notifications.render.button_values import Pointer

PROCESSES = ("web-0", "relay-1")
ROUND = len(Trouble) + MORE_KILLS
BO, KARIN = CrowdMember("T1", "U1"), CrowdMember("T1", "U2")
PEOPLE = {("slack:T1", "U1"): "P-bo", ("slack:T1", "U2"): "P-karin"}


def plan(seed=7, troubles=30) -> DrillPlan:
    return DrillPlan(seed, seconds=60, presses=5, troubles=troubles)


def test_the_same_seed_plans_the_same_and_another_seed_something_else():
    assert plan().drawn(PROCESSES) == plan().drawn(PROCESSES)
    assert plan().drawn(PROCESSES) != plan(seed=8).drawn(PROCESSES)


def test_in_every_round_every_kind_of_trouble_comes_and_kills_again_and_again():
    planned = [each.trouble for each in plan(troubles=2 * ROUND).drawn(PROCESSES)]

    for one in (planned[:ROUND], planned[ROUND:]):
        assert {*one} == {*Trouble}
        assert one.count(Trouble.KILL) == 1 + MORE_KILLS


def test_what_cannot_happen_is_not_planned():
    planned = plan(troubles=100).drawn(PROCESSES, {Trouble.DATABASE_RESTART})

    assert {each.trouble for each in planned} == {*Trouble} - {Trouble.DATABASE_RESTART}


def test_what_lasts_ends_before_a_quarter_of_the_drill_is_over():
    for each in plan(troubles=100).drawn(PROCESSES):
        assert (each.seconds > 0) == (each.trouble in LASTING)
        assert each.seconds <= 15


def test_so_much_goes_wrong_while_people_press_in_order_of_time():
    planned = plan().drawn(PROCESSES)

    assert len(planned) == 30
    assert planned == sorted(planned, key=lambda each: each.at)
    assert all(0 < each.at < 60 for each in planned)


def test_who_is_killed_is_a_process_and_what_slack_does_wrong_it_can():
    for each in plan(troubles=100).drawn(PROCESSES):
        assert (each.target in PROCESSES) == (each.trouble is Trouble.KILL)
        assert (each.fault() is not None) == (each.trouble in [*FaultKind])


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://kundportal@db.example.org/kundportal",
        "sqlite:///kundportal.db",
        "mysql://db.example.org",
        "db.example.org",
    ],
)
def test_an_address_that_names_a_database_or_no_server_is_refused(address):
    with pytest.raises(NotAServer):
        server_address(address)


def test_a_server_is_entered_by_the_database_that_every_server_has():
    assert server_address("postgresql://drill@db.example.org:6432").database == "postgres"


# --- what is judged


def line(revision, action="attest", *, step=1, person="P-bo", states=("asked", "asked"), **more):
    """A row of history."""
    facts = {"case_id": "B-1", "surface": "slack", "from_state": states[0], "to_state": states[1]}
    return SimpleNamespace(revision=revision, step=step, action=action, person_id=person, **facts | more)


def stored(*lines, state="asked", orders=()) -> Stored:
    case = SimpleNamespace(id="B-1", revision=len(lines), state=state, external_case_ref=None)
    placed = {id_: SimpleNamespace(id=id_, external_case_ref=key) for key, id_ in orders}
    told = {"B-1": lines} if lines else {}
    return Stored(told, {"B-1": case, **placed}, PEOPLE, ())


def pressed(by=BO, action=Action.ATTEST, step=1, *, counts=True) -> CrowdTold:
    wish = Wish(Pointer("drill", CardId("C1"), CaseId("B-1"), Seen(step, 1)), action, None)
    return CrowdTold(wishes=[(by, wish)], forms=[SentForm(by, wish, counts)])


def test_how_long_nobody_was_told_that_anything_counts_is_from_one_answer_to_the_next():
    assert CrowdTold(counted_at=[100.0, 102.5, 130.0, 131.0]).longest_silence == 27.5
    assert CrowdTold().longest_silence == 0


def test_a_press_that_counted_and_is_told_of_is_kept():
    found = judge_kept(pressed(), stored(line(1)))

    assert found.holds
    assert found.looked_at == 1


@pytest.mark.parametrize(
    "told", [line(1, person="P-karin"), line(1, step=2), line(1, "reject"), line(1, case_id="B-2")]
)
def test_a_press_that_counted_and_of_which_something_else_is_told_is_lost(told):
    assert judge_kept(pressed(), stored(told)).wrong == ["lost press=attest case=B-1 step=1 by=U1"]


def test_a_press_that_nobody_was_told_counted_is_not_missed():
    assert judge_kept(pressed(counts=False), stored()).wrong == []


def test_an_order_that_was_placed_and_is_none_or_two_is_found():
    told = CrowdTold(orders={"key-1": "B-7", "key-2": "B-8"})

    found = judge_kept(told, stored(orders=[("key-2", "B-8"), ("key-2", "B-9")]))

    assert "lost order=B-7" in found.wrong
    assert "placed twice key=key-2" in found.wrong


def test_where_nothing_was_looked_at_nothing_is_promised():
    assert not judge_kept(CrowdTold(), stored()).holds


def test_a_step_that_is_left_once_is_decided_once():
    left = line(1, states=("asked", "done"))

    assert judge_once(pressed(), stored(left, state="done")).wrong == []


@pytest.mark.parametrize(
    ("lines", "state", "wrong"),
    [
        ([line(1), line(3, person="P-karin")], "asked", "revisions"),
        ([line(1, states=("asked", "done")), line(2, person="P-karin")], "asked", "chain revision=2"),
        ([line(1), line(2, step=3, person="P-karin")], "asked", "chain revision=2"),
        ([line(1, states=("asked", "done"))], "asked", "state"),
        (
            [line(1, states=("asked", "done")), line(2, person="P-karin", states=("done", "asked"))],
            "asked",
            "left_twice step=1",
        ),
        ([line(1), line(2)], "asked", "decided_twice step=1 attest"),
    ],
)
def test_what_history_tells_wrong_of_a_step_is_found(lines, state, wrong):
    told = CrowdTold(wishes=[*pressed().wishes, *pressed(KARIN).wishes])

    assert f"{wrong} case=B-1" in judge_once(told, stored(*lines, state=state)).wrong


def test_what_nobody_pressed_is_found():
    assert judge_once(CrowdTold(), stored(line(1))).wrong == ["never_pressed=attest case=B-1 step=1"]
    assert judge_once(CrowdTold(), stored(line(1, surface="clock", person=None))).wrong == []
