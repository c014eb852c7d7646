"""The register keeps one entry for each natural key, whoever writes at the same time, and its lists use an index."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import func, insert, select

from core.api import (
    Case,
    CaseId,
    Flow,
    OfferId,
    Order,
    Payer,
    Period,
    Price,
    PriceKind,
    PriceUnit,
    Role,
    State,
    new_id,
)
from core.catalogue.prices import rule_broken_by_prices
from core.ports.case_lists import ApplicationFilter, ListPlace, OrderFilter, Scope
from core.ports.register_entries import Outcome
from core.register.entries import OrganisationEntry, PersonEntry, RoleEntry, ServiceEntry
from core.shared.errors import RegisterError
from core.storage import tables
from core.storage.database.database import Database
from core.storage.reads.case_lists import list_applications, list_orders
from core.storage.register.prices import read_prices
from core.storage.register.registry import Register
from tests.contract.statements import scans
from tests.support.world import seed
from tests.support.world.seed import AGENT, ANNA, BO, CLINIC, NOW, REGION, SITHS
from tests.support.world.stored import case_row


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await seed.seeded(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def register(database: Database) -> Register:
    return Register(database, lambda: NOW, new_id)


async def test_an_entry_added_by_many_at_once_is_there_once(database, register):
    entry = PersonEntry(email="ny@example.org", name="Ny Person")
    outcomes = await asyncio.gather(*(register.write("test", lambda writer: writer.person(entry)) for _ in range(8)))
    ids = {id_ for id_, _ in outcomes}

    assert len(ids) == 1
    assert sorted(outcome for _, outcome in outcomes) == [Outcome.ADDED, *[Outcome.SAME] * 7]


async def test_an_address_in_other_letters_is_the_same_persons_and_one_with_spaces_is_refused(register):
    entry = PersonEntry(email="Bo@Example.ORG", name="Bo Ek")

    assert await register.write("test", lambda writer: writer.person(entry)) == (BO, Outcome.SAME)
    for spaced in (" bo@example.org", "bo@example.org\n", "bo@ example.org"):
        with pytest.raises(ValidationError):
            PersonEntry(email=spaced, name="Bo Ek")


async def test_a_role_granted_by_many_at_once_is_held_once(database, register):
    outcomes = await asyncio.gather(
        *(
            register.write("test", lambda writer: writer.role(BO, REGION, RoleEntry(role=Role.ORDERER)))
            for _ in range(8)
        )
    )

    assert [outcome for _, outcome in outcomes].count(Outcome.ADDED) == 1
    assert await _count(database, tables.role_assignments.c.role == "orderer") == 5


async def _count(database: Database, condition) -> int:
    return await database.read(lambda c: c.execute(select(func.count()).where(condition)).scalar_one())


async def test_what_is_said_of_a_role_without_days_is_said_of_the_one_for_that_service_that_holds(database, register):
    """The assignment that is to come was written first, and the one for every service goes on all the while."""
    today, new_year, summer = date(2026, 11, 25), date(2027, 1, 1), date(2027, 7, 1)
    for days in ({"from": summer}, {"from": today, "ended": new_year}):
        entry = RoleEntry.model_validate({"role": "attestant", "service": "npo"} | days)
        await register.write("test", lambda writer, entry=entry: writer.role(BO, REGION, entry))

    entry = RoleEntry(role=Role.ATTESTANT, service="npo", attest_limit_ore=500_000)
    await register.write("test", lambda writer: writer.role(BO, REGION, entry))

    held = tables.role_assignments.c
    query = select(held.service_id, held.attest_limit_ore).where(held.person_id == BO).order_by(held.valid_from)
    limits = await database.read(lambda connection: connection.execute(query).all())
    assert limits == [(None, None), ("npo", 500_000), ("npo", None)]


async def test_nothing_is_kept_of_work_that_breaks_a_rule(database, register):
    def work(writer):
        writer.person(PersonEntry(email="ny@example.org", name="Ny"))
        writer.role(ANNA, REGION, RoleEntry(role=Role.AGENT_HANDLER))

    with pytest.raises(RegisterError):
        await register.write("test", work)

    assert await _count(database, tables.persons.c.email == "ny@example.org") == 0


async def test_a_customer_that_was_given_a_category_need_not_say_it_again(register):
    entry = OrganisationEntry(org_number="2321000016", name="Region Exempel", kinds=["customer"])

    assert (await register.write("test", lambda writer: writer.organisation(entry)))[1] is Outcome.SAME


# --- prices

DAYS = st.integers(0, 8).map(lambda day: date(2027, 1, 1 + day))
PRICES = st.builds(
    Price,
    payer=st.sampled_from(Payer),
    kind=st.sampled_from(PriceKind),
    unit=st.sampled_from(PriceUnit),
    amount_ore=st.integers(0, 9),
    period=st.sampled_from(Period),
    valid_from=DAYS,
    valid_to=st.none() | DAYS,
)


@given(batches=st.lists(st.lists(PRICES, min_size=1, max_size=3), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_on_no_day_do_two_prices_of_the_same_thing_hold(database, register, batches):
    await database.write(lambda c: c.execute(tables.price_items.delete()))
    for batch in batches:
        await _written(register, batch)
    prices = await database.read(partial(read_prices, offer=SITHS))
    assert [price.valid_from for price in prices] == sorted(price.valid_from for price in prices)

    for day in range(1, 12):
        holding = [price for price in prices if price.holds(date(2027, 1, day))]
        things = [(price.payer, price.kind, price.unit) for price in holding]
        periods = {(price.payer, price.period) for price in holding if price.kind is PriceKind.RECURRING}
        assert len(things) == len(set(things))
        assert len(periods) == len({payer for payer, _ in periods})


async def _written(register: Register, batch: list[Price]) -> None:
    with contextlib.suppress(RegisterError):
        await register.write("test", lambda writer: writer.prices(OfferId(SITHS), batch))


async def test_prices_are_listed_the_oldest_first_whenever_they_were_written(register):
    older = Price(
        Payer.CUSTOMER, PriceKind.STARTUP, PriceUnit.ORDER, 1, Period.YEAR, date(2022, 1, 1), date(2022, 12, 31)
    )
    await register.write("test", lambda writer: writer.prices(OfferId(SITHS), [older]))

    (line,) = await register.offers(SITHS)

    assert line.terms.prices[0] == older
    assert len(line.terms.prices) == 3


def test_prices_that_follow_each_other_break_no_rule() -> None:
    first = Price(Payer.AGENT, PriceKind.STARTUP, PriceUnit.ORDER, 1, Period.YEAR, date(2026, 1, 1), date(2026, 12, 31))
    second = Price(Payer.AGENT, PriceKind.STARTUP, PriceUnit.ORDER, 2, Period.YEAR, date(2027, 1, 1))

    assert rule_broken_by_prices([second, first]) is None


def test_a_price_that_begins_on_the_last_day_of_another_is_refused_in_either_order() -> None:
    first = Price(Payer.AGENT, PriceKind.STARTUP, PriceUnit.ORDER, 1, Period.YEAR, date(2026, 1, 1), date(2026, 12, 31))
    second = replace(first, amount_ore=2, valid_from=date(2026, 12, 31), valid_to=None)

    assert rule_broken_by_prices([second, first]) == ("price_overlap", second, first)
    assert rule_broken_by_prices([first, second]) == ("price_overlap", first, second)


# --- lists of people


async def test_of_people_of_one_name_nobody_is_missed_between_pages(database, register):
    ids = [f"P-{number}" for number in (3, 1, 4, 0, 2)]
    names = [{"id": each, "name": "Kim Lind", "email": f"{each.lower()}@example.org"} for each in ids]
    roles = [seed.role_assignment(each, AGENT, "orderer") for each in ids]
    for table, rows in ((tables.persons, names), (tables.role_assignments, roles)):
        await database.write(lambda connection, table=table, rows=rows: connection.execute(insert(table), rows).close())

    found, after = [], None
    while page := await register.persons(AGENT, after, 2):
        found += [each.id for each in page]
        after = found[-1]

    assert [each for each in found if each in ids] == sorted(ids)
    assert len(found) == len(set(found)) == 9


# --- lists of orders


SCOPES = {"customer": Scope(REGION), "agent": Scope(None, AGENT), "both": Scope(REGION, AGENT), "all": Scope()}
FILTERS = {
    "none": OrderFilter(),
    "state": OrderFilter(state=State.REJECTED),
    "open": OrderFilter(is_open=True),
    "closed": OrderFilter(is_open=False),
    "reference": OrderFilter(external_case_ref="RITM1"),
    "customer": OrderFilter(customer=REGION),
}


async def test_lists_of_orders_use_an_index(database):
    pages = itertools.product(SCOPES.items(), FILTERS.items(), [None, ListPlace(NOW, CaseId("B-1"))])
    found = {
        (whose, which, after is not None): await database.write(partial(scans, work=_listing(scope, wanted, after)))
        for (whose, scope), (which, wanted), after in pages
    }

    # The list of all orders walks the index of their age from the newest, and the page's limit ends the walk.
    walks = {f"SCAN cases USING {index} ix_cases_created" for index in ("INDEX", "COVERING INDEX")}
    assert {page: lines for page, lines in found.items() if set(lines) - walks} == {}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("wanted", [OrderFilter(), OrderFilter(state=State.REJECTED)])
async def test_of_orders_placed_at_one_instant_none_is_missed_between_pages(database, scope, wanted):
    """Orders of the region, and of the clinic through the agent, in no order."""
    numbers = [7, 2, 9, 4, 1, 8, 3, 6, 0, 5]
    cases = [
        Case(
            id=CaseId(f"B-{number}"), flow=Flow.DIRECT, state=State.REJECTED,
            customer=REGION if number % 2 else CLINIC, agent=None if number % 2 else AGENT, orderer=ANNA,
            content=Order(SITHS, (), "REF"), created_at=NOW, waiting_since=NOW + timedelta(minutes=place),
        )
        for place, number in enumerate(numbers)
    ]  # fmt: skip
    rows = [case_row(each) for each in cases]
    await database.write(lambda connection: connection.execute(insert(tables.cases), rows).close())
    mine = {"customer": range(1, 10, 2), "agent": range(0, 10, 2)}.get(scope, range(10))

    found, after = [], None
    while page := await database.read(partial(list_orders, scope=SCOPES[scope], wanted=wanted, after=after, limit=3)):
        found += [each.case for each in page]
        after = page[-1]

    assert found == [f"B-{number}" for number in reversed(mine)]


async def test_the_list_of_applications_walks_no_order(database):
    filters = (ApplicationFilter(), ApplicationFilter(is_open=True), ApplicationFilter(sent_by=ANNA))
    works = [
        partial(list_applications, wanted=wanted, after=after, limit=10)
        for wanted in filters
        for after in (None, ListPlace(NOW, CaseId("A-1")))
    ]

    found = [await database.write(partial(scans, work=work)) for work in works]

    assert {line for lines in found for line in lines} <= {
        f"SCAN cases USING {index} ix_cases_applications" for index in ("INDEX", "COVERING INDEX")
    }


def _listing(scope, wanted, after):
    return partial(list_orders, scope=scope, wanted=wanted, after=after, limit=10)


async def test_what_was_added_before_codes_had_one_way_of_writing_can_be_changed(database, register: Register):
    name = {"sv": "NPÖ", "en": "NPO"}
    old = {"id": "NPO", "name": name, "handles_personal_data": False}
    await database.write(lambda c: c.execute(insert(tables.services), old))
    entry = ServiceEntry.model_validate({"name": {"sv": "Ny", "en": "New"}})

    outcomes = [
        await register.write("", lambda writer, code=code: writer.service(code, entry)) for code in ("npo", "NPO")
    ]

    assert outcomes == [Outcome.CHANGED, Outcome.CHANGED]
    with pytest.raises(RegisterError) as refused:
        await register.write("", lambda writer: writer.service("Npo", entry))
    assert (refused.value.facts["problem"], refused.value.facts["field"]) == ("other_letters", "code")
