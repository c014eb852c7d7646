"""Many people press in one second, in several processes: one decision, and everybody else hears whose."""

import asyncio
import random
from typing import Any

import pytest

from core.api import Case, PersonId, Seen, Unit
from core.storage import tables
from tests.flow.slack import says
from tests.kill.crowd import ATTESTANTS, NAMES, Crowd, crowding
from tests.kill.storm import Press, Storm
from tests.support.machines.large import at_night
from tests.support.world.seed import NPO_KONSUMENT

pytestmark = pytest.mark.slow

SUBMISSIONS = 50


@pytest.mark.parametrize(
    ("kind", "processes", "rounds"), [("postgres", 2, at_night(100, 20)), ("sqlite", 1, at_night(100, 10))]
)
async def test_of_fifty_submissions_at_once_one_decides_and_all_others_hear_whose(request, kind, processes, rounds):
    async with crowding(request.getfixturevalue(f"fresh_{kind}_url"), *[()] * processes) as crowd:
        for number in range(rounds):
            await _one_round(crowd, number)
        # Every card is shown or waits for its turn: Slack takes fifty edits a minute, so the last take a while.
        assert await crowd.rows(tables.cards, tables.cards.c.given_up_at.is_not(None)) == []


async def _one_round(crowd: Crowd, number: int) -> None:
    case = await crowd.portal.place(offer=NPO_KONSUMENT, units=(Unit(f"Enhet {number}"),), invoice_ref="REF")
    storm = Storm(random.Random(number), ATTESTANTS)
    presses = [*storm.decisions(Seen(case.step, case.content_version), SUBMISSIONS)]

    answers = await asyncio.gather(*(crowd.press(case.id, press) for press in presses))

    told = [*zip(presses, answers, strict=True)]
    won = [press for press, answer in told if answer == {"response_action": "clear"}]
    assert len(won) == 1, won
    await _check_decision(crowd, case, won[0])
    for press, answer in told:
        if press is not won[0]:
            _check_told(answer, press.person, won[0].person)


async def _check_decision(crowd: Crowd, case: Case, won: Press) -> None:
    lines = tables.history.c
    decided = await crowd.rows(
        tables.history, lines.case_id == case.id, lines.kind == "change", lines.action != "submit"
    )
    assert [(line.person_id, line.action) for line in decided] == [(won.person, won.action)]
    [row] = await crowd.rows(tables.cases, tables.cases.c.id == case.id)
    assert row.revision == 2


def _check_told(answer: dict[str, Any], loser: PersonId, winner: PersonId) -> None:
    assert answer["response_action"] == "update"
    told = says(answer["view"])
    assert ("Du har redan" in told) if loser == winner else (NAMES[winner] in told), told
