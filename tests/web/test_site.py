"""Every page speaks the reader's language, runs nothing, and helps on when something went wrong."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from bot.web.addresses import staying
from tests.page.states import ELSEWHERE, PARTS, STATES, TEMPLATES
from tests.support.machines.hanging_up import hang_up

SWEDISH, ENGLISH = 'lang="sv"', 'lang="en"'


@pytest.mark.parametrize(
    ("address", "accepted", "spoken"),
    [
        ("/", "", "sv"),
        ("/", "en-GB,en;q=0.9", "en"),
        ("/", "de, en;q=0.5, sv;q=0.7", "sv"),
        ("/?lang=en", "sv", "en"),
        ("/?lang=sv", "en", "sv"),
        ("/?lang=xx", "en", "en"),
    ],
)
async def test_a_page_speaks_the_language_asked_for(browser, address, accepted, spoken):
    answer = await browser.get(address, headers={"Accept-Language": accepted})

    assert answer.status_code == 200
    assert f'<html lang="{spoken}">' in answer.text
    assert answer.headers["content-language"] == spoken
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("door", ["/ansok", "/ansok/agent", "/logga-in"])
async def test_the_beginning_leads_to_every_door(browser, door):
    assert f'href="{door}"' in (await browser.get("/")).text


async def test_a_chosen_language_follows_along_the_links(browser):
    answer = await browser.get("/?lang=en")

    assert 'href="/ansok?lang=en"' in answer.text
    assert re.search(r'href="\?lang=sv" lang="sv" hreflang="sv"', answer.text)
    assert re.search(r'hreflang="en" aria-current="true"', answer.text)


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("/arbete", "/arbete?lang=en"),
        ("/arbete?list=decided", "/arbete?list=decided&lang=en"),
        ("/arbete?list=decided&lang=en", "/arbete?list=decided&lang=en"),
        ("https://example.org/villkor", "https://example.org/villkor"),
    ],
)
def test_an_address_of_ours_says_once_which_language_was_asked_for(address, stays):
    assert staying(Request({"type": "http", "query_string": b"lang=en"}), address) == stays


async def test_no_address_of_a_page_makes_its_links_lead_to_another_host(browser):
    address = "http://kundportal.test//example.org/ansok"

    answer = await browser.get(address)

    assert answer.status_code == 404
    links = re.findall(r'href="(?!mailto:|tel:)([^"]*)"', answer.text)
    assert "?lang=en" in links
    assert {httpx.URL(address).join(link).host for link in links} == {"kundportal.test"}


@pytest.mark.parametrize("address", ["/", "/nowhere", "/broken", "/portal.css"])
async def test_every_answer_runs_no_script_and_stays_out_of_frames_and_referrers(browser, address):
    headers = (await browser.get(address)).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("public, max-age=3600" if address == "/portal.css" else "no-store")


@pytest.mark.parametrize(
    ("method", "address", "status", "title"),
    [
        ("GET", "/nowhere", 404, "Sidan finns inte"),
        ("POST", "/", 405, "Sidan kan inte användas så"),
        ("GET", "/broken", 500, "Det gick inte just nu"),
        ("POST", "/reading", 413, "Det som skickades är för stort"),
    ],
)
async def test_what_goes_wrong_has_a_page_that_says_what_to_do(browser, method, address, status, title):
    answer = await browser.request(method, address, content="longer than it may be" if method == "POST" else None)

    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text


async def test_a_refusal_is_told_in_its_own_words(browser):
    answer = await browser.get("/refusing?lang=en")

    assert answer.status_code == 404
    assert "en: not_found" in answer.text


async def test_other_programs_get_no_page(browser):
    answer = await browser.get("/nowhere", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


async def test_what_has_an_address_of_its_own_keeps_it(browser):
    assert (await browser.get("/elsewhere")).json() == {}


@pytest.mark.parametrize(("name", "kind"), [("portal.css", "text/css"), ("portal.svg", "image/svg+xml")])
async def test_what_the_pages_look_like_is_served(browser, name, kind):
    answer = await browser.get(f"/{name}")

    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert f'href="/{name}"' in (await browser.get("/")).text


async def test_a_visitor_who_hangs_up_leaves_a_line_in_the_log_and_no_traceback(app, caplog):
    caplog.set_level("INFO")

    await hang_up(app, "/reading")

    assert [each.getMessage() for each in caplog.records] == ["page_hung_up method=POST"]
    assert [each.exc_info for each in caplog.records] == [None]


@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 413)])
async def test_what_comes_in_pieces_is_read_as_far_as_is_allowed(browser, count, status):
    async def pieces():
        for _ in range(count):
            yield b"x"

    assert (await browser.post("/reading", content=pieces())).status_code == status


def test_every_page_is_among_those_that_a_browser_tries_in_each_of_their_states():
    files = {file.name for file in TEMPLATES.iterdir()} - PARTS

    assert files - STATES.keys() - ELSEWHERE.keys() == set()
    assert STATES.keys() | ELSEWHERE.keys() == files
    assert all((Path(__file__).parents[2] / test).is_file() for test in ELSEWHERE.values())


async def test_pages_begin_apart_so_that_presses_come_between(browser):
    loop = asyncio.get_running_loop()
    order = []

    async def visit() -> None:
        await browser.get("/")
        order.append("page")

    first, second = loop.create_task(visit()), loop.create_task(visit())
    await first
    loop.call_soon(order.append, "press")
    await second

    assert order == ["page", "press", "page"]
