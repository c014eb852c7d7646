"""What one process saves and another shows stands in one trace, as each of them tells of it by itself."""

import asyncio

import pytest

from core.api import Action, Seen, Unit
from core.storage import tables
from tests.kill.crowd import NAMES, crowding
from tests.kill.storm import Press
from tests.kill.test_several_processes import CLOCK, RELAY, WEB, is_shown, until
from tests.support.machines.collector import collecting
from tests.support.world.seed import BO, NPO_KONSUMENT

pytestmark = pytest.mark.slow


async def test_a_press_in_one_process_and_its_message_in_another_are_one_trace(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60")
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with crowding(fresh_postgres_url, WEB, RELAY, CLOCK) as crowd:
            case = await crowd.portal.place(offer=NPO_KONSUMENT, units=(Unit("Enhet 1"),), invoice_ref="REF")
            await until(lambda: is_shown(crowd))

            await crowd.press(case.id, Press(BO, Action.ATTEST, Seen(case.step, case.content_version)))

            owed = await crowd.rows(tables.cards, tables.cards.c.press_id.is_not(None))
            press = owed[0].press_id
            await until(lambda: told(collector, press, "press", "transaction", "card"))
            await until(lambda: told(collector, None, "job"))

    spans = collector.of_press(press)
    by_name = {span.name.split(" ")[0]: span for span in spans}
    first, saved, card = (by_name[name] for name in ("press", "transaction", "card"))
    assert {span.trace for span in spans} == {first.trace}
    assert (saved.parent, card.parent) == (first.id, first.id)
    assert [span.process["kundportal.duties"] for span in (first, saved, card)] == [["web"], ["web"], ["relay"]]
    assert first.process["process.pid"] == saved.process["process.pid"] != card.process["process.pid"]
    jobs = [span for span in collector.spans if span.name.startswith("job ")]
    assert [job.process["kundportal.duties"] for job in jobs] == [["clock"]] * len(jobs)
    assert collector.holds(*NAMES, *NAMES.values(), "Enhet 1", "@", "xoxb-") == []


async def told(collector, press, *names):
    """Whether spans of all these names have come, of a press."""
    await asyncio.sleep(0)
    return {*names} <= {span.name.split(" ")[0] for span in collector.spans if span.press == press}
