"""A process that has no relay lets relays elsewhere know what it has committed."""

import asyncio
import logging

from notifications.outbox.doorbell import Doorbell


async def test_what_comes_together_is_one_ring_and_what_comes_later_another():
    rings: asyncio.Queue[int] = asyncio.Queue()
    numbers = iter(range(10))

    async def ring():
        rings.put_nowait(next(numbers))

    bell = Doorbell(ring)
    # Before it is at work nobody hears it, and what was committed then is rung for at first.
    bell.wake()
    ringing = asyncio.create_task(bell.run())
    assert await rings.get() == 0

    for _ in range(3):
        bell.wake()
    assert await rings.get() == 1
    bell.wake()
    assert await rings.get() == 2
    ringing.cancel()
    await asyncio.wait({ringing})
    bell.wake()

    assert rings.empty()


async def test_a_ring_that_fails_is_logged_and_the_next_is_rung(caplog):
    rung = asyncio.Event()
    fails = [OSError("away")]

    async def ring():
        if fails:
            raise fails.pop()
        rung.set()

    bell = Doorbell(ring)
    with caplog.at_level(logging.ERROR):
        ringing = asyncio.create_task(bell.run())
        while fails:  # noqa: ASYNC110 - it ends by itself
            await asyncio.sleep(0)
        bell.wake()
        await rung.wait()
    ringing.cancel()
    await asyncio.wait({ringing})

    assert [record.getMessage() for record in caplog.records] == ["doorbell_not_rung"]
