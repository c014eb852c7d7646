"""The engine of every decision: load, authorize, apply, announce, save; once more where it was lost, and no oftener."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.api import Action, Asking, Engine, LinkId, Orders, PersonalLink, Purpose, new_id
from core.shared import errors
from notifications.rules.announcements import Announcements
from tests.contract.worlds import press, wish
from tests.fakes.store import seeded_world
from tests.support.world import seed
from tests.support.world.seed import BO, CECILIA, HELENA, REGION


class Recording:
    """A world that tells what is asked of it, and in which somebody else is faster as often as it is told."""

    def __init__(self, world, *, losing=0):
        self.world, self.losing, self.asked, self.read_at = world, losing, [], []

    async def press(self, use_case):
        self.asked.append("press")
        return await self.world.press(lambda _: use_case(self))

    async def transact(self, use_case):
        self.asked.append("transact")
        return await self.world.transact(lambda _: use_case(self))

    async def load(self, query):
        self.asked.append("load")
        self.read_at.append(query.at)
        return await self.world.load(query)

    async def save(self, change):
        self.asked.append("save")
        self.losing -= 1
        return self.losing < 0 and await self.world.save(change)

    def announce(self, event, now, make_id):
        self.asked.append("announce")
        return Announcements().announce(event, now, make_id)

    def __getattr__(self, name):
        return getattr(self.world, name)


class Passing:
    """A clock on which a minute passes at every look."""

    def __init__(self):
        self.at = seed.NOW

    def __call__(self):
        self.at += timedelta(minutes=1)
        return self.at


def link(world, **changes):
    made = PersonalLink(
        id=LinkId("L1"),
        purpose=Purpose.DECIDE,
        case=next(iter(world.cases)),
        email="bo@example.org",
        created_at=seed.NOW,
        expires_at=seed.NOW + timedelta(days=1),
        person=BO,
    )
    world.links[made.id] = replace(made, **changes)
    return made.id


@pytest.fixture
async def world():
    made = seeded_world()
    await Orders(Engine(made, Announcements(), lambda: seed.NOW, new_id)).place(wish())
    return made


def orders_in(recording, now=lambda: seed.NOW):
    return Orders(Engine(recording, recording, now, new_id))


def attest(world, person=BO, **changes):
    (case,) = world.cases.values()
    return replace(press(case, person, Action.ATTEST, confirmed=True), **changes)


async def test_a_press_is_loaded_announced_and_saved_once(world):
    recording = Recording(world)

    await orders_in(recording).act(attest(world))

    assert recording.asked == ["press", "load", "announce", "save"]


async def test_whoever_loses_once_is_judged_anew_as_of_then(world):
    recording = Recording(world, losing=1)

    await orders_in(recording, Passing()).act(attest(world))

    assert recording.asked == ["press", *["load", "announce", "save"] * 2]
    assert recording.read_at == [seed.NOW + timedelta(minutes=1), seed.NOW + timedelta(minutes=2)]


async def test_whoever_loses_twice_is_asked_to_try_again_and_has_saved_nothing(world):
    recording = Recording(world, losing=2)

    with pytest.raises(errors.TryAgain):
        await orders_in(recording).act(attest(world))

    assert recording.asked == ["press", *["load", "announce", "save"] * 2]
    assert len(world.history) == 1


async def test_what_is_refused_is_neither_announced_nor_saved(world):
    recording = Recording(world)

    with pytest.raises(errors.NoRole):
        await orders_in(recording).act(attest(world, HELENA))

    assert recording.asked == ["press", "load"]


async def test_a_link_is_used_up_with_what_it_is_for(world):
    recording, used = Recording(world), link(world)

    await orders_in(recording).act(attest(world, by=Asking(BO), link=used))

    assert recording.asked == ["transact", "load", "announce", "save"]
    assert world.links[used].used_at == seed.NOW
    with pytest.raises(errors.LinkUsed):
        await orders_in(recording).act(attest(world, by=Asking(BO), link=used))


async def test_a_refusal_gives_the_link_back(world):
    used = link(world)
    world.take(BO, REGION, "attestant", seed.NOW)

    with pytest.raises(errors.NoRole):
        await orders_in(Recording(world)).act(attest(world, by=Asking(BO), link=used))

    assert world.links[used].used_at is None


@pytest.mark.parametrize("of", [{"person": CECILIA}, {"case": "B-another"}], ids=str)
async def test_a_link_of_somebody_else_or_to_another_case_lets_nobody_decide(world, of):
    used = link(world, **of)

    with pytest.raises(errors.LinkUnknown):
        await orders_in(Recording(world)).act(attest(world, by=Asking(BO), link=used))

    assert len(world.history) == 1


async def test_what_is_sent_in_again_makes_nothing_and_reads_nothing(world):
    recording = Recording(world)

    again = await orders_in(recording).place(wish())

    assert [again] == list(world.cases.values())
    assert recording.asked == ["transact"]
