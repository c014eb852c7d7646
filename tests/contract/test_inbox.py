"""The lists of one reader: what stands in them, in which order, page by page, in as many statements whatever it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, update

from core.api import (
    SERVICE_LISTS,
    Action,
    Asking,
    CaseList,
    InboxQuery,
    Language,
    Part,
    Side,
    Sorting,
)
from core.ports.inbox import COUNTED, PAGE_SIZE
from core.storage import tables
from core.storage.reads import inbox, waiting
from core.storage.reads.inbox import SqlInbox, read_customers, read_page, read_services
from tests.contract.counting import APPROVE, ATTEST, CLAIM, Counted, counting, press
from tests.contract.office import via_agent
from tests.contract.statements import scans
from tests.support.world import many
from tests.support.world.seed import (
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    ERIK,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    NOW,
    NPO_KONSUMENT,
    OLGA,
    REGION,
    SARA,
    role_assignment,
    substitution,
)
from tests.support.world.stored import let_wait

RELEASE = (KARIN, Action.RELEASE, {})
ASK = (BO, Action.REQUEST_COMPLETION, {"message": "Vilken enhet?"})


@pytest.fixture
async def counted(database_url) -> AsyncIterator[Counted]:
    async with counting(database_url) as made:
        # What was done while statements were prepared is not to stand in any list.
        await made.database.write(lambda c: c.execute(update(tables.cases).values(**NOWHERE)).close())
        yield made


NOWHERE = {"state": "withdrawn", "closed_at": NOW, "customer_id": AGENT, "orderer_id": OLGA}


async def page_of(counted, person, listed=CaseList.WAITING, **query):
    return await SqlInbox(counted.database).page(Asking(person), InboxQuery(listed, **query), NOW)


async def cases_of(counted, person, listed=CaseList.WAITING, **query):
    return [row.view.case for row in (await page_of(counted, person, listed, **query)).rows]


async def change(counted, case, **values):
    changed = update(tables.cases).where(tables.cases.c.id == case.id).values(**values)
    await counted.database.write(lambda connection: connection.execute(changed).close())


async def copy(counted, case, count):
    """As many orders in all like one, each a minute younger than the one before."""
    if count < 2:
        return [case.id]
    template = await counted.database.read(lambda connection: many.rows_of(connection, case.id))
    copies = many.copies(template, count - 1)
    for number, each in enumerate(copies):
        each["cases"][0]["waiting_since"] += timedelta(minutes=number + 1)
        each["cases"][0]["created_at"] += timedelta(minutes=number + 1)
    await counted.database.write(lambda connection: many.add(connection, copies))
    return [case.id, *(each["cases"][0]["id"] for each in copies)]


# --- counts and pages


@pytest.mark.parametrize(
    ("there_are", "counted_as", "shown", "has_more"),
    [(1, 1, 1, False), (20, 20, 20, False), (35, 35, 20, True), (99, 99, 20, True), (130, 100, 20, True)],
)
async def test_the_count_is_true_and_stops_above_99(counted, there_are, counted_as, shown, has_more):
    await copy(counted, await counted.case({}), there_are)

    page = await page_of(counted, BO)

    assert (page.count, len(page.rows), page.has_more) == (counted_as, shown, has_more)


async def test_where_nothing_waits_the_page_is_empty(counted):
    page = await page_of(counted, BO, page=3)

    assert (page.count, page.rows, page.has_more, page.query) == (0, [], False, InboxQuery())


@pytest.mark.parametrize("listed", [CaseList.WAITING, CaseList.ORDERED, CaseList.ORGANISATION])
@pytest.mark.parametrize("sorting", Sorting)
async def test_the_pages_together_are_the_list_each_case_once(counted, listed, sorting):
    whole = await copy(counted, await counted.case({}), 130)
    person = BO if listed is CaseList.WAITING else ANNA

    pages = [await cases_of(counted, person, listed, page=page, sorting=sorting) for page in range(7)]

    assert [len(each) for each in pages] == [20] * 6 + [10]
    found = [case for page in pages for case in page]
    assert found == (whole if listed is CaseList.WAITING else whole[::-1])


async def test_a_page_that_has_been_emptied_is_the_one_before(counted):
    case = await counted.case({})
    whole = await copy(counted, case, PAGE_SIZE + 1)
    last = await page_of(counted, BO, page=1)
    await change(counted, replace(case, id=whole[-1]), state="rejected", closed_at=NOW)

    page = await page_of(counted, BO, page=1)

    assert [row.view.case for row in last.rows] == whole[-1:]
    assert (page.query.page, [row.view.case for row in page.rows]) == (0, whole[:-1])


async def test_what_waits_for_others_takes_no_room_on_a_page(counted, monkeypatch):
    monkeypatch.setattr(waiting, "MARGIN", 0)
    chosen = await copy(counted, await counted.case(via_agent(), APPROVE), 25)
    mine = await counted.case(via_agent(2), (HELENA, Action.APPROVE, {"certified": True}))

    assert set(await cases_of(counted, AMIR, size=30)) == {*chosen, mine.id}
    assert await cases_of(counted, ASTA, size=2) == [mine.id]


async def test_what_whoever_ordered_is_asked_to_keep_stands_among_what_waits_as_everything_else(counted):
    case, asked = await counted.case({}), await counted.case({}, ASK)
    # Of this she is asked nothing yet, nor is it offered to narrow the list to.
    await counted.case({"offer": NPO_KONSUMENT})
    await counted.database.write(partial(let_wait, case=case, since=NOW - timedelta(days=40)))
    await change(counted, asked, customer_ore=10**9)
    whole = await copy(counted, case, 130)

    by_age, by_amount = [
        [row for page in range(7) for row in (await page_of(counted, ANNA, page=page, sorting=sorting)).rows]
        for sorting in Sorting
    ]

    assert [row.view.case for row in by_age] == [*whole, asked.id]
    assert [row.view.case for row in by_amount] == [asked.id, *whole]
    assert [row.view.asks_to_keep for row in by_age] == [True] * 130 + [False]
    assert {row.part for row in by_age} == {Part.ORDERER}
    assert (await page_of(counted, ANNA)).count == COUNTED + 1
    assert (await page_of(counted, ANNA, organisation=CLINIC)).count == 0
    assert await choices_of(counted, ANNA) == ([(REGION, "Region Exempel")], ["siths"])


async def test_what_has_been_kept_waits_for_nobody_who_ordered_though_a_menu_may_still_offer_it(counted):
    asked, kept = await counted.case({}), await counted.case({"offer": NPO_KONSUMENT})
    for case in (asked, kept):
        await counted.database.write(partial(let_wait, case=case, since=NOW - timedelta(days=40)))
    await counted.orders.act(press(kept, ANNA, Action.KEEP, {}))

    lists = [await cases_of(counted, ANNA, sorting=sorting) for sorting in Sorting]

    assert lists == [[asked.id]] * 2
    assert await cases_of(counted, ANNA, service="npo") == []
    # Nothing that stands there is missing, which is found as what was kept is.
    assert await choices_of(counted, ANNA) == ([(REGION, "Region Exempel")], ["npo", "siths"])


# --- statements


COUNTS = (1, 35, 500)
READERS = {
    "an attestant": (BO, [CaseList.WAITING, CaseList.ORGANISATION, CaseList.DECIDED]),
    "an orderer": (ANNA, [CaseList.ORDERED, CaseList.ORGANISATION]),
    "customer service": (KARIN, [CaseList.WAITING, *SERVICE_LISTS]),
}


async def statements_of(counted, person, listed):
    counted.meter.clear()
    await page_of(counted, person, listed)
    return [word for word in counted.meter.words() if word in {"SELECT", "WITH"}]


@pytest.mark.parametrize("reader", READERS)
async def test_a_page_takes_as_many_statements_of_one_case_as_of_five_hundred(counted, reader):
    person, lists = READERS[reader]
    empty = {listed: len(await statements_of(counted, person, listed)) for listed in lists}
    case = await counted.case({}, *([ATTEST] if person == KARIN else []))
    found, there = {listed: set() for listed in lists}, 1
    for count in COUNTS:
        await copy(counted, case, count - there + 1)
        there = count
        for listed in lists:
            found[listed].add(len(await statements_of(counted, person, listed)))

    # Where there is nothing, nothing is read around it.
    assert all(len(taken) == 1 or listed in NOT_FILLED for listed, taken in found.items()), found
    assert all(empty[listed] <= min(taken) for listed, taken in found.items())
    assert max(max(taken) for taken in found.values()) <= 8


# What no case stands in that is only waiting, or at customer service.
NOT_FILLED = {CaseList.MINE, CaseList.COLLEAGUES, CaseList.OTHERS, CaseList.DECIDED}


async def test_every_list_is_found_by_an_index(counted, monkeypatch):
    # Among two thousand cases a fourth of them is read faster from end to end.
    monkeypatch.setattr(inbox, "BEGINNING", 20)
    await counted.fill()

    read_whole = {
        (listed, number): found
        for listed in CaseList
        for number, read in enumerate(reads_of(listed))
        if (found := await counted.database.write(partial(scans, work=read)))
    }

    assert read_whole == {}


def reads_of(listed):
    """Ways to read a list, by somebody who has it."""
    person = KARIN if listed in SERVICE_LISTS else BO
    queries = [InboxQuery(listed, sorting, organisation=REGION, service="siths") for sorting in Sorting]
    ways = [
        *(partial(read_page, query=query) for query in queries),
        partial(read_customers, listed=listed, typed=""),
        partial(read_customers, listed=listed, typed="x000017"),
        partial(read_services, listed=listed),
    ]
    return [partial(way, who=Asking(person), at=NOW) for way in ways]


# --- which lists, and what stands in them


@pytest.mark.parametrize(
    ("person", "lists"),
    [
        (BO, ["waiting", "ordered", "organisation", "decided"]),
        (HELENA, ["waiting", "organisation", "decided"]),
        (SARA, ["waiting", "decided"]),
        (KARIN, ["waiting", "decided", *SERVICE_LISTS]),
    ],
)
async def test_a_reader_has_the_lists_of_the_roles_held(counted, person, lists):
    assert list((await page_of(counted, person)).lists) == lists


@pytest.mark.parametrize("listed", CaseList)
async def test_a_list_that_is_not_the_readers_is_empty(counted, listed):
    await counted.case({}, ATTEST)

    page, choices = await page_of(counted, SARA, listed), await choices_of(counted, SARA, listed)

    assert (page.rows, page.count, choices) == ([], 0, ([], []))


@pytest.mark.parametrize("person", [ANNA, BO, CECILIA, ERIK, "P-rut", "P-ada"])
async def test_whoever_has_a_part_in_orders_there_reads_the_organisations_orders(counted, person):
    ours, via = await counted.case({}, ATTEST), await counted.case(via_agent())
    await change(counted, await counted.case({}), customer_id=CLINIC)

    page = await page_of(counted, person, CaseList.ORGANISATION)

    assert {row.view.case for row in page.rows} == {ours.id, via.id}
    assert {row.view.side for row in page.rows} == {Side.CUSTOMER}


async def test_an_agent_reads_what_it_conveys_from_its_own_side_and_nothing_of_the_others(counted):
    await counted.case({})
    via = await counted.case(via_agent())

    (row,) = (await page_of(counted, HELENA, CaseList.ORGANISATION)).rows

    assert (row.view.case, row.view.side, row.view.orderer, list(row.view.costs)) == (
        via.id,
        Side.AGENT,
        None,
        ["agent"],
    )


async def test_somebody_whose_role_has_ended_reads_nothing_of_what_she_ordered_or_decided(counted):
    await counted.case({}, ATTEST)
    before = [await cases_of(counted, ANNA, CaseList.ORDERED), await cases_of(counted, BO, CaseList.DECIDED)]
    ended = update(tables.role_assignments).values(valid_to=NOW)
    await counted.database.write(lambda connection: connection.execute(ended).close())

    after = [await cases_of(counted, ANNA, CaseList.ORDERED), await cases_of(counted, BO, CaseList.DECIDED)]

    assert [len(each) for each in before] == [1, 1]
    assert after == [[], []]


async def test_what_a_person_has_ordered_is_no_application_and_nobody_elses(counted):
    mine, others, sent = [await counted.case({}) for _ in range(3)]
    await change(counted, others, orderer_id=CECILIA)
    await change(counted, sent, offer_id=None)

    assert await cases_of(counted, ANNA, CaseList.ORDERED) == [mine.id]
    assert await cases_of(counted, BO, CaseList.ORDERED) == []


async def test_what_i_have_decided_stands_there_once_the_latest_first_whatever_became_of_it(counted):
    asked = await counted.case({}, ASK)
    attested = await counted.case({}, ATTEST, CLAIM, RELEASE)
    await counted.case({})

    assert await cases_of(counted, BO, CaseList.DECIDED) == [attested.id, asked.id]
    # Who has only taken and released it has decided nothing.
    assert await cases_of(counted, KARIN, CaseList.DECIDED) == []
    assert await cases_of(counted, ANNA, CaseList.DECIDED) == []


async def test_a_substitute_stands_in_the_list_in_whose_place(counted):
    away = substitution(BO, SARA, REGION, "attestant", NOW - timedelta(1), NOW + timedelta(1))
    await counted.database.write(lambda c: c.execute(insert(tables.substitutions), away).close())
    await counted.case({})

    (row,) = (await page_of(counted, SARA)).rows

    assert (row.absent, row.part) == ("Bo Ek", Part.CUSTOMER_ATTESTANT)


# --- narrowed and sorted


async def test_a_list_is_narrowed_to_a_customer_and_to_a_service_and_says_to_which(counted):
    siths = await counted.case({}, ATTEST)
    npo = await counted.case({"offer": NPO_KONSUMENT}, ATTEST)
    clinic = await counted.case({}, ATTEST)
    await change(counted, clinic, customer_id=CLINIC)
    of_clinic, of_npo, neither = [
        await page_of(counted, KARIN, **narrowed)
        for narrowed in ({"organisation": CLINIC}, {"service": "npo"}, {"organisation": CLINIC, "service": "npo"})
    ]
    unclaimed = await page_of(counted, KARIN, CaseList.UNCLAIMED, organisation=REGION, service="siths")

    assert [row.view.case for row in of_clinic.rows] == [clinic.id]
    assert of_clinic.organisation == "Kliniken AB"
    assert [row.view.case for row in of_npo.rows] == [npo.id]
    assert of_npo.service == {Language.SV: "NPÖ", Language.EN: "NPÖ"}
    assert (neither.rows, neither.count) == ([], 0)
    assert [row.view.case for row in unclaimed.rows] == [siths.id]


async def test_a_list_can_be_narrowed_to_what_stands_in_it(counted):
    await counted.case({})
    await counted.case({"offer": NPO_KONSUMENT}, ATTEST)

    assert await choices_of(counted, BO) == ([(REGION, "Region Exempel")], ["siths"])
    assert await choices_of(counted, KARIN) == ([(REGION, "Region Exempel")], ["npo"])


@pytest.mark.parametrize(
    ("person", "listed", "done"),
    [(BO, CaseList.WAITING, []), (KARIN, CaseList.UNCLAIMED, [ATTEST]), (ANNA, CaseList.ORDERED, [])],
)
async def test_what_is_typed_is_looked_for_in_the_whole_of_a_list(counted, monkeypatch, person, listed, done):
    monkeypatch.setattr(inbox, "BEGINNING", 3)
    own = ((CLINIC, "attestant"), (CLINIC, "orderer"))
    for organisation, role in own:
        await counted.database.write(partial(give, row=role_assignment(person, organisation, role)))
    case = await counted.case({}, *done)
    whole = await copy(counted, case, 30)
    other = whole[-1 if listed is not CaseList.ORDERED else 0]
    await change(counted, replace(case, id=other), customer_id=CLINIC, offer_id=NPO_KONSUMENT)

    beginning, services = await choices_of(counted, person, listed)

    assert (beginning, services) == ([(REGION, "Region Exempel")], ["npo", "siths"])
    for typed, found in (("klin", [CLINIC]), ("reg", [REGION]), ("555555-5555", [CLINIC]), ("inik", [])):
        assert [id_ for id_, _ in (await choices_of(counted, person, listed, typed))[0]] == found, typed


def give(connection, row):
    connection.execute(insert(tables.role_assignments).values(**row))


async def choices_of(counted, person, listed=CaseList.WAITING, typed=""):
    lists = SqlInbox(counted.database)
    services = await lists.services(Asking(person), listed, NOW)
    return await lists.customers(Asking(person), listed, typed, NOW), [id_ for id_, _ in services]


@pytest.mark.parametrize(
    ("person", "listed", "column"),
    [
        (BO, CaseList.WAITING, "customer_ore"),
        (HELENA, CaseList.WAITING, "agent_ore"),
        (ANNA, CaseList.ORDERED, "customer_ore"),
        (ANNA, CaseList.ORGANISATION, "customer_ore"),
        (HELENA, CaseList.ORGANISATION, "agent_ore"),
        (KARIN, CaseList.OTHERS, "agent_ore"),
    ],
)
async def test_the_largest_amount_of_the_readers_side_comes_first(counted, person, listed, column):
    cases = [await counted.case(via_agent(number) if person != BO else {}) for number in (1, 2, 3)]
    for case, ore in zip(cases, (200, 900, 500), strict=True):
        # What the other side pays is the other way around.
        other = {"customer_ore": "agent_ore", "agent_ore": "customer_ore"}[column]
        await change(counted, case, **{column: ore * 10, other: 1_000 - ore})

    found = await cases_of(counted, person, listed, sorting=Sorting.AMOUNT)

    assert found == [cases[1].id, cases[2].id, cases[0].id]


async def test_what_an_agents_attestant_has_decided_is_sorted_by_what_the_agent_pays(counted):
    attested = (HELENA, Action.APPROVE, {"certified": True}), (AMIR, Action.ATTEST, {"confirmed": True})
    cases = [await counted.case(via_agent(number), *attested) for number in (1, 2, 3)]
    for case, ore in zip(cases, (200, 900, 500), strict=True):
        await change(counted, case, agent_ore=ore, customer_ore=1_000 - ore)

    found = await cases_of(counted, AMIR, CaseList.DECIDED, sorting=Sorting.AMOUNT)

    assert found == [cases[1].id, cases[2].id, cases[0].id]


# --- customer service


async def test_customer_services_cases_stand_in_the_list_of_whoever_has_taken_them(counted):
    free, mine = await counted.case({}, ATTEST), await counted.case({}, ATTEST, CLAIM)
    theirs = await counted.case({}, ATTEST, (KALLE, Action.CLAIM, {}))
    elsewhere = await counted.case({})

    page = await page_of(counted, KARIN)
    lists = {listed: await cases_of(counted, KARIN, listed) for listed in SERVICE_LISTS}

    assert lists == {
        CaseList.UNCLAIMED: [free.id],
        CaseList.MINE: [mine.id],
        CaseList.COLLEAGUES: [theirs.id],
        CaseList.OTHERS: [elsewhere.id],
        CaseList.OVERDUE: [],
    }
    assert page.counts == {listed: len(cases) for listed, cases in lists.items()}
    assert (await page_of(counted, BO)).counts is None


async def test_customer_services_counts_stop_above_99(counted):
    await copy(counted, await counted.case({}, ATTEST), COUNTED + 5)

    assert (await page_of(counted, KARIN)).counts[CaseList.UNCLAIMED] == COUNTED + 1


async def test_what_the_clock_would_remind_customer_service_of_is_overdue(counted):
    # Wednesday the 25th at ten: what came on Monday should have been done by Tuesday's closing.
    late, in_time = await counted.case({}, ATTEST), await counted.case({}, ATTEST, CLAIM)
    elsewhere = await counted.case({})
    for case, days in ((late, 2), (in_time, 1), (elsewhere, 30)):
        await change(counted, case, waiting_since=NOW - timedelta(days=days))

    assert await cases_of(counted, KARIN, CaseList.OVERDUE) == [late.id]


async def test_what_customer_service_has_paused_is_not_overdue_until_it_is_resumed(counted):
    held = await counted.case({}, ATTEST, CLAIM, (KARIN, Action.HOLD, {"reason": "Vi väntar på TAK."}))
    await change(counted, held, waiting_since=NOW - timedelta(days=9))
    paused = await cases_of(counted, KARIN, CaseList.OVERDUE)
    counts = (await page_of(counted, KARIN)).counts
    await counted.orders.act(press(held, KARIN, Action.RESUME, {}))

    assert (paused, counts[CaseList.OVERDUE]) == ([], 0)
    assert await cases_of(counted, KARIN, CaseList.OVERDUE) == [held.id]


async def test_what_waits_longest_at_customer_service_comes_first(counted):
    whole = await copy(counted, await counted.case({}, ATTEST), 3)

    assert await cases_of(counted, KARIN, CaseList.UNCLAIMED) == whole


async def test_somebody_at_inera_alone_reads_customer_services_lists(counted):
    lead = role_assignment(SARA, INERA, "customer_service_lead")
    await counted.database.write(lambda c: c.execute(insert(tables.role_assignments), lead).close())
    case = await counted.case({}, ATTEST)

    assert await cases_of(counted, SARA, CaseList.UNCLAIMED) == [case.id]
    assert await cases_of(counted, BO, CaseList.UNCLAIMED) == []
