"""Of two drawings at once the newest is what is seen in the end, however long each takes."""

import asyncio

import pytest

from bot.slack.homes import Newest


class Easel:
    """Where drawings land when they are let go, in the order in which they are begun to be drawn."""

    def __init__(self):
        self.begun, self.seen, self.tasks = [], [], []
        self.let_go = asyncio.Event()
        self.drawings = Newest(lambda work: self.tasks.append(asyncio.ensure_future(work)), self.draw)

    async def draw(self, wish):
        self.begun.append(wish)
        await self.let_go.wait()
        if wish == "broken":
            raise ValueError(wish)
        self.seen.append(wish)

    async def done(self):
        self.let_go.set()
        while left := [each for each in self.tasks if not each.done()]:
            await asyncio.wait(left)


@pytest.fixture
async def easel():
    return Easel()


async def begun(easel):
    await asyncio.sleep(0)
    return list(easel.begun)


async def test_a_drawing_begins_when_the_one_before_has_landed_and_is_of_the_newest_wish(easel):
    easel.drawings.draw("anna", "first")
    assert await begun(easel) == ["first"]
    easel.drawings.draw("anna", "second")
    easel.drawings.draw("anna", "third")
    assert await begun(easel) == ["first"]

    await easel.done()

    assert easel.seen == ["first", "third"]


async def test_a_page_that_somebody_turned_to_is_not_taken_away_by_news(easel):
    easel.drawings.draw_anew("anna", "first page")
    await begun(easel)
    easel.drawings.draw("anna", "second page")
    easel.drawings.draw_anew("anna", "first page")

    await easel.done()

    assert easel.seen == ["first page", "second page"]


async def test_what_comes_while_a_drawing_is_on_its_way_is_drawn_as_well(easel):
    easel.drawings.draw_anew("anna", "before")
    await begun(easel)
    easel.drawings.draw_anew("anna", "after")

    await easel.done()

    assert easel.seen == ["before", "after"]


async def test_nobody_waits_for_another_persons_drawing(easel):
    easel.drawings.draw("anna", "hers")
    easel.drawings.draw("bo", "his")

    assert await begun(easel) == ["hers", "his"]
    await easel.done()


async def test_a_drawing_that_fails_keeps_nobody_from_the_next(easel):
    easel.drawings.draw("anna", "broken")
    await begun(easel)
    easel.drawings.draw("anna", "whole")

    await easel.done()

    assert easel.seen == ["whole"]
    assert [type(each.exception()) for each in easel.tasks] == [ValueError, type(None)]
