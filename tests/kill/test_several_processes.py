"""Several processes on one PostgreSQL do what one does, whether each does everything or one duty alone."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import Connection, text

from core.api import Action, Seen, Unit
from core.storage import tables
from tests.contract.commits import writing
from tests.kill.crowd import Crowd, crowding, until
from tests.kill.storm import Press
from tests.support.machines.product import PATIENCE, Product
from tests.support.world.seed import BO, NPO_KONSUMENT

pytestmark = pytest.mark.slow

WEB, RELAY, CLOCK = (("--only", duty) for duty in ("web", "relay", "clock"))
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST('cases' AS regclass)")


async def test_processes_with_one_duty_each_do_together_what_one_does(fresh_postgres_url):
    async with crowding(fresh_postgres_url, WEB, RELAY, CLOCK) as crowd:
        rings = list[datetime]()
        hearing = asyncio.create_task(crowd.portal.database.hear(lambda: rings.append(datetime.now(UTC))))
        case = await crowd.portal.place(offer=NPO_KONSUMENT, units=(Unit("Enhet 1"),), invoice_ref="REF")
        # What is placed here rings nowhere: the relay comes by it when it looks by itself.
        await until(lambda: is_shown(crowd))
        heard = len(rings)

        answer = await crowd.press(case.id, Press(BO, Action.ATTEST, Seen(case.step, case.content_version)))
        await until(lambda: is_settled(crowd))
        await until(lambda: is_sealed(crowd))
        # Whoever does not answer to the web shows signs of life alone. A busy machine looks at a part for too long.
        await until(lambda: say(crowd, [(200, 200, 401), (200, 200, 404), (200, 200, 404)]))
        hearing.cancel()
        await asyncio.wait({hearing})

    assert answer == {"response_action": "clear"}
    assert len(rings) > heard


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two"])
async def test_a_press_under_way_when_a_server_is_stopped_is_answered_before_it_ends(fresh_postgres_url, options):
    async with crowding(fresh_postgres_url, options) as crowd:
        case = await crowd.portal.place(offer=NPO_KONSUMENT, units=(Unit("Enhet 1"),), invoice_ref="REF")
        [server] = crowd.processes
        process = server.process
        assert process
        async with writing(crowd.portal.database, lock_cases):
            press = Press(BO, Action.ATTEST, Seen(case.step, case.content_version))
            pressing = asyncio.create_task(crowd.press(case.id, press))
            await until(lambda: is_waiting(crowd))
            process.terminate()
            await until(lambda: is_deaf(server))
            is_answered = pressing.done()
        answer = await pressing
        await asyncio.to_thread(process.join, PATIENCE)

    assert not is_answered
    assert answer == {"response_action": "clear"}
    assert not process.is_alive()


def lock_cases(connection: Connection) -> None:
    """Keep everybody else from writing to a case."""
    connection.execute(text("LOCK TABLE cases IN SHARE MODE"))


async def is_shown(crowd: Crowd) -> bool:
    """Whether a card has been posted."""
    return bool(await crowd.rows(tables.cards, tables.cards.c.does_show > 0))


async def is_settled(crowd: Crowd) -> bool:
    """Whether Slack has been told everything."""
    return not await crowd.rows(tables.cards, tables.cards.c.due_at.is_not(None))


async def is_sealed(crowd: Crowd) -> bool:
    """Whether every line of history is sealed."""
    lines, seals = await crowd.rows(tables.history), await crowd.rows(tables.seals)
    return len(lines) == len(seals)


async def is_waiting(crowd: Crowd) -> bool:
    """Whether somebody waits to write to a case."""
    return bool(await crowd.portal.database.read(lambda connection: connection.scalar(WAITING)))


async def is_deaf(server: Product) -> bool:
    """Whether a server takes no more requests."""
    return (await _status(server, "GET", "/healthz", seconds=2)) is None


async def say(crowd: Crowd, wanted: list[tuple[int, ...]]) -> bool:
    """Whether the servers answer so."""
    return [await signs(each) for each in crowd.processes] == wanted


async def signs(server: Product) -> tuple[int | None, ...]:
    """What a server answers to whoever watches it, and to Slack."""
    asked = (("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/slack/events"))
    return tuple([await _status(server, *each) for each in asked])


async def _status(server: Product, method: str, path: str, seconds: float = PATIENCE) -> int | None:
    try:
        async with httpx.AsyncClient(timeout=seconds) as http:
            return (await http.request(method, f"{server.url}{path}")).status_code
    except httpx.TransportError:
        return None
