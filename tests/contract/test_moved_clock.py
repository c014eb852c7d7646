"""A server's clock that is set on and back: what is due comes, and comes once; on both databases alike."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.acts.orders.decisions import KeepingAll
from bot.acts.people import People
from core.api import STOCKHOLM, Action, Asking, CaseQuery, InboxQuery, Part, State, Unit, day_of
from core.storage import tables
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from core.use_cases.clock import Clock
from notifications.slack import pacing
from tests.contract.office import identity, open_office, via_agent
from tests.doors.standing import pressed
from tests.fakes.doors import FakeAfterCommit
from tests.support.machines.large import LARGE
from tests.support.world.seed import ANNA, BO, PEOPLE, SITHS, slack_user


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def spend_all(office, name, pace):
    """Take every token that a bucket has."""
    at = office.clock()
    while await office.database.write(lambda connection: pacing.take(connection, name, pace, at)):
        pass


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(days=6)])
async def test_a_pace_that_was_spent_by_a_clock_since_set_back_holds_nothing_up(office, back):
    names = [pacing.bucket("T1", pacing.APPLIED), pacing.bucket("T1", pacing.POST)]
    paces = [pacing.TO_STRANGERS[pacing.APPLIED], pacing.PACES[pacing.POST]]
    for name, pace in zip(names, paces, strict=True):
        await spend_all(office, name, pace)
    office.clock.at -= back
    at = office.clock()

    took = [
        await office.database.write(lambda connection, each=each: pacing.take(connection, *each, at))
        for each in zip(names, paces, strict=True)
    ]
    loaded = await office.database.read(lambda connection: pacing.load(connection, names, at))
    await spend_all(office, names[1], paces[1])
    spent = await office.database.read(lambda connection: pacing.load(connection, names, at))

    assert took == [True, True]
    assert loaded.free_at(names) == at
    assert spent.free_at(names[1:]) == at + paces[1].interval


ORDERS = 30
DAYS_TO_THE_NEW_YEAR = 40
# By then each of them has ended, had nobody answered.
DAYS_TO_THE_END = 90
TOLD_ANNA = [
    "30 beställningar har ännu inget svar.",
    "Påminnelse: 30 beställningar väntar på ditt svar.",
    "30 beställningar har ännu inget svar.",
    "Påminnelse: 30 beställningar väntar på ditt svar.",
    "30 beställningar har gått ut utan svar.",
]
EVERYBODY = tuple(person for person, *_ in PEOPLE)


async def thirty_orders(office):
    """So many open orders, of which all who were asked have been told; their price is another from the new year on."""
    await grow_dearer(office)
    cases = [await office.place(key=f"V{n}", units=(Unit(f"Enhet {n}"),)) for n in range(ORDERS)]
    await settle(office)
    return cases


async def grow_dearer(office):
    """What SITHS costs is another sum from the new year on."""
    new_year = datetime(2027, 1, 1, tzinfo=STOCKHOLM)
    at_siths = tables.price_items.c.offer_id == SITHS
    rows = await office.database.read(
        lambda connection: connection.execute(select(tables.price_items).where(at_siths)).all()
    )
    dearer = [
        row._asdict() | {"id": None, "amount_ore": row.amount_ore + 100_000, "valid_from": new_year.date()}
        for row in rows
    ]
    dearer = [{name: value for name, value in row.items() if name != "id"} for row in dearer]
    await office.change(tables.price_items, at_siths, valid_to=new_year.date())
    await office.database.write(lambda connection: connection.execute(insert(tables.price_items), dearer))
    note = {"offer_id": SITHS, "due_at": new_year}
    await office.database.write(lambda connection: connection.execute(insert(tables.reviews), note))


async def settle(office):
    """The clock does what is due, and whoever is to be told is, at Slack's pace."""
    while await Clock(office.orders.engine).run():
        pass
    await office.relay.drain()
    for _ in range(60):
        if not any(row.due_at and row.due_at <= office.clock() + timedelta(minutes=2) for row in await office.cards()):
            return
        office.clock.forward(seconds=2)
        await office.relay.drain()


def got(office):
    """How many messages each has got."""
    return {person: len(office.slack.in_channel(slack_user(person))) for person in EVERYBODY}


async def next_due(office):
    """When something comes due next, of the clock or the relay; None where nothing does."""
    cases, cards, reviews = tables.cases.c, tables.cards.c, tables.reviews.c
    queries = [
        select(func.min(each)).where(each > office.clock())
        for each in (cases.due_at, cases.review_at, cards.due_at, reviews.due_at)
    ]
    found = [await office.database.read(lambda connection, query=query: connection.scalar(query)) for query in queries]
    return min([each for each in found if each is not None], default=None)


async def live(office, days, leap=timedelta()):
    """Let so many days pass: by person and day, how many messages came. At each hour at which anything is due the clock
    is set off and back again.
    """
    end, came = office.clock() + timedelta(days=days), Counter()
    while (at := await next_due(office)) is not None and at <= end:
        office.clock.at = at
        await count(office, came)
        for each in (leap, -leap) if leap else ():
            office.clock.at += each
            await count(office, came)
    office.clock.at = max(end, office.clock())
    return {key: number for key, number in came.items() if number}


async def count(office, came):
    """Count what people get now, each for the day of the clock that sends it."""
    before, today = got(office), day_of(office.clock())
    await settle(office)
    came.update({(person, today): number - before[person] for person, number in got(office).items()})


def told(office, person):
    """What somebody has been told of several orders at once."""
    said = [shown.text for shown in office.slack.in_channel(slack_user(person))]
    return [text for text in said if "beställningar" in text]


async def asked_to_keep(office):
    """The orders that Anna is asked whether to keep."""
    page = await SqlInbox(office.database).page(Asking(ANNA), InboxQuery(size=ORDERS), office.clock())
    return [each.view for each in page.rows if each.part is Part.ORDERER and each.view.asks_to_keep]


@pytest.mark.by_turns
@pytest.mark.parametrize("days", [7, 45, *([31, 366] if LARGE else [])])
async def test_of_thirty_open_orders_nobody_gets_more_than_one_message_a_morning(office, days):
    await thirty_orders(office)

    came = await live(office, days)

    assert {number for number in came.values()} == {1}
    if days > DAYS_TO_THE_END:
        assert told(office, ANNA) == TOLD_ANNA
    if days > DAYS_TO_THE_NEW_YEAR:
        (of_prices,) = [text for text in told(office, BO) if "pris" in text]
        assert of_prices.endswith("30 av dem har fått nya priser och behöver ditt svar igen.")


@pytest.mark.by_turns
async def test_of_orders_of_every_day_nobody_gets_more_than_one_message_a_morning(office):
    await grow_dearer(office)
    for number in range(ORDERS):
        given = via_agent(number) if number % 3 else {"key": f"V{number}", "units": (Unit(f"Enhet {number}"),)}
        await office.place(**given)
        await settle(office)
        await live(office, 1 / 3)

    came = await live(office, DAYS_TO_THE_END)

    assert {number for number in came.values()} == {1}


@pytest.mark.by_turns
@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(days=1), timedelta(days=6)])
async def test_what_is_due_comes_once_though_the_clock_is_set_off_and_back_each_time(office, by, way):
    await thirty_orders(office)

    came = await live(office, DAYS_TO_THE_END + 7, by * way)

    assert {number for number in came.values()} == {1}
    assert told(office, ANNA) == TOLD_ANNA


async def until_asked_to_keep(office):
    """Let time pass until Anna is asked whether to keep all that she has ordered."""
    await thirty_orders(office)
    while not (asked := await asked_to_keep(office)):
        office.clock.at = await next_due(office)
        await settle(office)
    return asked


def keeping_all(office, inbox):
    """What the button does, with what waits read from an inbox."""
    return KeepingAll(office.orders, People(SqlQueries(office.database), office.clock), inbox, FakeAfterCommit())


async def kept(office):
    """The orders that somebody has kept."""
    query = select(tables.history.c.case_id).where(tables.history.c.action == Action.KEEP)
    return sorted(await office.database.read(lambda connection: connection.execute(query).scalars().all()))


async def test_all_that_somebody_is_asked_about_is_kept_by_one_press_and_each_is_judged_by_itself(office):
    asked = await until_asked_to_keep(office)
    gone = asked[0].case

    class Reads(SqlInbox):
        """Somebody answers one of them once they have been read."""

        async def page(self, *query):
            page = await super().page(*query)
            found = await office.orders.look(CaseQuery(gone, None, office.clock()))
            if found.case.state is State.AWAITING_CUSTOMER_ATTEST:
                await office.attest(found.case, BO)
            return page

    keeping, press = keeping_all(office, Reads(office.database)), pressed("kp.keep_all")

    first, then = await keeping.on_press(press), await keeping.on_press(press)

    assert len(asked) == ORDERS
    assert first.sentence == (
        "Du har behållit 29 beställningar. De som ska svara påminns på nytt."
        " 1 beställning gick inte att behålla. Öppna den under Väntar på dig för att se varför."
    )
    assert then.sentence == "Du har inga beställningar att behålla eller ta tillbaka just nu."
    assert await asked_to_keep(office) == []
    assert await kept(office) == sorted(view.case for view in asked[1:])


async def test_nobody_keeps_what_another_has_ordered_nor_their_own_once_they_have_no_role(office):
    await until_asked_to_keep(office)
    keeping, anna = keeping_all(office, SqlInbox(office.database)), pressed("kp.keep_all")

    by_bo = await keeping.on_press(replace(anna, by=replace(anna.by, account=identity(BO))))
    held = tables.role_assignments.c
    await office.change(tables.role_assignments, held.person_id == ANNA, valid_to=office.clock())
    by_anna = await keeping.on_press(anna)

    assert by_bo.sentence == by_anna.sentence == "Du har inga beställningar att behålla eller ta tillbaka just nu."
    assert await kept(office) == []
