"""A benchmark whose figures nobody reads for months still measures what it says."""

from pathlib import Path

import pytest

from bench import cards, crossed, life, relay, replay, startup
from tests.support.machines.large import LARGE


async def test_the_history_that_is_measured_holds(database_url: str, capsys) -> None:
    await replay.measure(database_url, 40)

    assert capsys.readouterr().out.split()[:2] == ["40", "10"]


def test_a_press_crosses_the_rules_at_once_and_the_drawing_only_in_the_relay(tmp_path: Path) -> None:
    (found,) = crossed.measure(tmp_path, presses=1)

    opened, acknowledged, repainted = (found[end] for end in crossed.ENDS)
    judge, press, drawing = (
        Path("core/workflow/authorize.py"),
        Path("core/storage/cases/loading.py"),
        Path("notifications/render/drawings/by_kind.py"),
    )
    assert {judge, Path("bot/forms/orders/modals.py")} <= opened
    assert {judge, press} <= acknowledged < repainted
    assert drawing in repainted - acknowledged - opened


def test_everything_that_is_drawn_has_its_figures() -> None:
    found = cards.measure(rounds=1)

    assert found.keys() == {each.name for each in (*cards.cards(), *cards.homes())} | {"all cards"}
    assert all(0 < took["disclose"] < took["total"] for took in found.values())


async def test_a_start_is_measured_to_its_first_acknowledgement() -> None:
    found = {each.name: each.found for each in await startup.measure(0)}

    assert found.keys() >= startup.LIMITS.keys()
    assert all(each > 0 for each in found.values())
    assert found[startup.NOTHING_CPU] < found[startup.HELP_CPU] < found[startup.SERVE_CPU]


@pytest.mark.slow
def test_an_order_lives_from_its_form_to_its_last_card_and_costs_more_than_its_presses():
    with life.standing() as stand:
        resting = life.resting(stand, 0.5)
        # Seen so shortly after a start, rest may take more than the order itself: nothing of it is left out here.
        found = life.measure(stand, 1, (0.0, 0.0))

    assert min(resting) >= 0
    assert found.orders == 1
    assert found.presses_ms > 0
    assert found.life_of_presses > 1


@pytest.mark.slow
async def test_a_relay_that_nothing_holds_back_tells_all_that_is_owed_for_more_than_the_calls() -> None:
    free = await relay.as_fast_as_it_can(workspaces=1)

    assert free.messages == relay.FREELY
    assert free.of_bare > 1


if LARGE:
    # As the above, at Slack's pace.
    async def test_a_relay_tells_nobody_faster_than_slack_allows() -> None:
        held = await relay.at_slacks_pace(workspaces=2, conversations=2, each=4)

        assert (held.calls, held.too_fast) == (2 * 2 * 2 * 4, 0)
        assert held.of_allowed >= 1
