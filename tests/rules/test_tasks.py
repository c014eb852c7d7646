"""Work beside the acknowledgement: kept track of, finished at a shutdown, and never lost in silence."""

import asyncio

import pytest

from bot.server.background import MOMENT_SECONDS, PressesUnderWay, Tasks
from core.api import TryAgain, Unsure


async def test_what_runs_is_finished_before_a_drain_ends() -> None:
    tasks, told = Tasks(), []

    async def later() -> None:
        told.append("later")

    async def work() -> None:
        await asyncio.sleep(0)
        told.append("work")
        tasks.start(later())

    tasks.start(work())
    await tasks.drain(5)

    assert told == ["work", "later"]


async def test_what_does_not_end_is_cancelled() -> None:
    tasks, ended = Tasks(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks.start(work())
    await tasks.drain(0.01)

    await asyncio.wait_for(ended.wait(), 5)


async def test_what_fails_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    tasks, told = Tasks(), []

    async def work() -> None:
        raise LookupError

    async def sorry() -> None:
        told.append("sorry")

    tasks.start(work(), otherwise=sorry)
    await tasks.drain(5)

    assert told == ["sorry"]
    assert "task_failed" in caplog.text


@pytest.mark.parametrize(("error", "code"), [(TryAgain(), "temporary"), (Unsure(), "unsure")])
async def test_what_the_database_kept_from_being_done_is_logged_by_its_code_alone(
    error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = Tasks()

    async def work() -> None:
        raise error

    tasks.start(work())
    await tasks.drain(5)

    (line,) = caplog.records
    assert line.getMessage() == f"task_failed name={work.__qualname__} error={code}"
    assert line.exc_info is None


async def test_presses_are_answered_a_moment_after_the_last_one_is_whatever_comes_of_it() -> None:
    presses, seen = PressesUnderWay(), list[bool]()
    await presses.are_answered()

    with presses.around():
        with pytest.raises(ZeroDivisionError), presses.around():
            raise ZeroDivisionError
        waiting = asyncio.ensure_future(presses.are_answered())
        await asyncio.sleep(0)
        seen.append(waiting.done())
    await asyncio.sleep(0)
    seen.append(waiting.done())
    with presses.around():
        await asyncio.sleep(2 * MOMENT_SECONDS)
        seen.append(waiting.done())

    await waiting
    assert seen == [False, False, False]
