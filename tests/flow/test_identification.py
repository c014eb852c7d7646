"""An organisation that asks for e-identification: who presses is told where to identify, or what to do without."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.demo.run import Demo
from tests.flow.book import Book
from tests.flow.office import Office
from tests.flow.people import ANNA, BO, place_order
from tests.flow.slack import PATIENCE, Slack, until
from tests.flow.stage import playing
from tests.support.world.eid import HttpMethod, eid_service, identify

OFFER = "npo-producent"


@contextmanager
def identifying() -> Iterator[HttpMethod]:
    """The service, in a thread of its own."""
    found, ready, done = [], threading.Event(), threading.Event()

    async def serve() -> None:
        async with eid_service() as method:
            found.append(method)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    yield found[0]
    done.set()
    thread.join(PATIENCE)


@pytest.fixture
def identified(place: Demo) -> Iterator[Slack]:
    with identifying() as method, playing(place, method) as slack:
        yield slack


def test_a_press_that_needs_identification_is_told_where_to_identify(place: Demo, identified: Slack) -> None:
    office, book = Office(place.database_url, identified.tick), Book(place.database_url)
    office.organisation("Region Exempel", eid_from=0)
    case, bo = place_order(identified, OFFER, ANNA), identified.person(BO)

    bo.press(bo.card("kp.attest", case), "kp.attest")

    told = str(bo.message("kräver e-legitimation"))
    address = re.search(r"http://127\.0\.0\.1:\d+/login/[\w-]+", told)
    assert address, told
    assert set(asyncio.run(identify(address[0], "somebody"))) == {"code"}
    assert book.state(case) == "awaiting_customer_attest"


def test_without_a_method_the_person_is_told_what_to_do(slack: Slack, office: Office, book: Book) -> None:
    office.organisation("Region Exempel", eid_from=0)
    case, bo = place_order(slack, OFFER, ANNA), slack.person(BO)

    bo.press(bo.card("kp.attest", case), "kp.attest")

    bo.message("kräver e-legitimation", "Be er administratör ta bort kravet under Attest och påminnelser")
    bo.message("eller kontakta <mailto:kundservice@example.se|Ineras kundservice>")
    until(lambda: book.state(case) == "awaiting_customer_attest", what="nothing decided")
