"""Whoever follows a page from top to bottom, on a machine with little on it, meets what the page says."""

import json
import re
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from tests.docs.answers import differences, last_answer
from tests.docs.pages import Asked, Step, Typed, steps
from tests.docs.people import (
    Office,
    history_is_sealed,
    meanwhile,
    the_application_is_signed,
    the_attestant_asks,
    the_orderer_confirms_an_account,
)
from tests.docs.place import Place
from tests.docs.warm import warm_command
from tests.support.machines.product import PATIENCE, ROOT, sandbox_config

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

README, API, OPERATING, SLACK, PLAYBOOK = PAGES = (
    "README.md",
    "docs/api.md",
    "docs/operating.md",
    "docs/slack.md",
    "docs/playbook.md",
)

# What is on a page and is not carried out here, by the reason.
EXCEPTIONS: Mapping[str, tuple[str, ...]] = {
    "it runs every test, these too": ("make test",),
    "it runs until somebody stops it; tests/flow/test_start.py does": ("make demo", "kundportal demo"),
    "it installs in an environment of its own; tests/tooling/test_wheel.py does": (
        *("make wheel", "make wheel EXTRA=otel"),
        "python3 -m venv /opt/kundportal\n"
        "/opt/kundportal/bin/pip install --no-deps --require-hashes -r requirements.txt\n"
        "/opt/kundportal/bin/pip install --no-deps kundportal-*.whl",
    ),
    "nobody in the example is an administrator; tests/tooling/test_install_cli.py makes one": (
        "kundportal install-link 555555-5555 ada@example.org",
        "kundportal install-link",
    ),
    "it finds wrong that nobody reaches this server by https; tests/flow/test_doctor.py": ("kundportal doctor",),
    "it runs the tests for hours": ("make test-large",),
    "it lets everything fail for a minute; tests/kill/test_drill.py does": (
        "kundportal drill",
        "kundportal drill\n"
        "kundportal drill --database postgresql --seconds 60 --presses 20 --troubles 40 --report drill.json",
    ),
    "it ends with 1 where Slack reaches no server, as here; tests/flow/test_doctor.py types it": ("kundportal doctor",),
    "it ends with 1 while a message waits for somebody, as here; tests/tooling/test_cards_cli.py types it": (
        "kundportal cards",
    ),
    "it is typed in Slack; tests/flow does": (
        *("/kundportal", "/kundportal hjälp", "/kundportal ny", "/kundportal organisation"),
        *("/invite @Kundportalen", "/remove @Kundportalen"),
    ),
    "a secret out of a mail comes after it; tests/web opens such links": (
        *("/a/…", "/s/…", "/d/…", "/l/…", "/k/…", "/i/…", "/n/…", "/f/…", "/b/…"),
        *("/a/", "/s/", "/d/", "/l/", "/k/", "/i/", "/n/", "/f/", "/b/"),
        "/slack/installed",
    ),
    "it needs mail; tests/page/test_signing_in.py signs in": ("/logga-in", "/inloggningar"),
    "addresses begin with it": ("/api/v1/register",),
    "a block beside it asks for one of its kind": ("/offers/{offer}/agents",),
}
EXCEPTED = {text for texts in EXCEPTIONS.values() for text in texts}

# What people do before a command, known by a part of it.
MEANWHILE: Mapping[tuple[str, str], Callable[[Office], Awaitable[None]]] = {
    (API, "/answer "): the_attestant_asks,
    (API, "/agreements/kundavtal/document.pdf"): the_application_is_signed,
    (OPERATING, "kundportal unlink "): the_orderer_confirms_an_account,
    (PLAYBOOK, "kundportal unlink "): the_orderer_confirms_an_account,
}

# What a reader puts in the place of a word in capitals, among other words.
WORDS = {
    "FILE": "docs/example.yaml",
    "ADDRESS": "anna.berg@example.org",
    "ORDER": "$(cat order)",
    "TEXT": "$(kundportal checkpoint)",
    "ID": "$(kundportal api-key --operator | cut -d_ -f2)",
}
WORD = re.compile(rf"(?<![\w$-])({'|'.join(WORDS)})(?!\w)")
# Where the pages say that the server answers.
ADDRESS = "http://127.0.0.1:8000"

ORDER = {
    "offer": "npo-producent",
    "units": [{"name": "Vårdcentralen Eken"}],
    "invoice_ref": "REF-4711",
    "terms_accepted": True,
}
ANNA = "--person anna.berg@example.org --organisation 555555-5555"


@pytest.fixture(scope="module")
def warm() -> Iterator[Path]:
    with warm_command() as folder:
        yield folder


@pytest.fixture(scope="module")
def slack_url() -> Iterator[str]:
    with serve(create_app(sandbox_config("http://127.0.0.1:9/slack/events"))) as url:
        yield url


@pytest.fixture
def place(tmp_path: Path, warm: Path, slack_url: str) -> Iterator[Place]:
    if shutil.which("curl") is None:
        pytest.skip("no curl on PATH")
    entered = Place(tmp_path, warm, slack_url)
    yield entered
    entered.leave()


def test_the_readme_does_what_it_says(place: Place) -> None:
    follow(place, README)


def test_the_page_of_the_api_does_what_it_says(place: Place) -> None:
    prepare(place)

    follow(place, API)


def test_the_page_of_operating_does_what_it_says(place: Place) -> None:
    prepare(place)
    order(place)
    meanwhile(place.database_url, history_is_sealed)

    follow(place, OPERATING)


def test_the_page_of_slack_does_what_it_says(place: Place) -> None:
    follow(place, SLACK)


def test_the_playbook_does_what_it_says(place: Place) -> None:
    prepare(place)
    order(place)
    meanwhile(place.database_url, history_is_sealed)

    follow(place, PLAYBOOK)


def test_an_exception_is_on_a_page() -> None:
    assert EXCEPTED - {step.text for page in PAGES for step in told(page)} == set()


def test_a_command_of_make_that_is_excepted_is_one() -> None:
    for text in EXCEPTED:
        if text.startswith("make "):
            subprocess.run(["make", "--dry-run", *text.split()[1:]], cwd=ROOT, check=True, capture_output=True)


def test_what_people_do_is_done_before_a_command_that_is_there() -> None:
    for page, part in MEANWHILE:
        assert any(part in step.text for step in told(page))


# --- following a page


def told(page: str) -> list[Step]:
    """What a page tells its reader to do."""
    return list(steps((ROOT / page).read_text("utf-8")))


def prepare(place: Place) -> None:
    """What the README tells whoever begins."""
    for command in ("kundportal migrate", "kundportal load docs/example.yaml"):
        assert not place.type(command).failed
    place.serve()


def order(place: Place) -> None:
    """Anna places an order; its number stands in a file."""
    key = place.type(f"kundportal api-key {ANNA}").out.strip()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "1"}
    placed = httpx.post(f"{place.url}/api/v1/orders", json=ORDER, headers=headers, timeout=PATIENCE).json()
    (place.folder / "order").write_text(placed["id"])


def follow(place: Place, page: str) -> None:
    """Do what a page tells to do, in its order; what is told again in the same words, once."""
    done: set[str] = set(EXCEPTED)
    for step in told(page):
        if step.text not in done:
            wrong = list(carry_out(place, page, step))
            assert not wrong, "\n".join([f"{page}, line {step.line}:", step.text, *wrong, place.log])
        done.add(step.text)


def carry_out(place: Place, page: str, step: Step) -> Iterator[str]:
    """What is otherwise than the page says."""
    if isinstance(step, Asked):
        method, _, address = step.text.rpartition(" ")
        answer = httpx.request(method or "GET", place.url + address, timeout=PATIENCE)
        if not answer.is_success:
            yield f"answered with {answer.status_code}"
    elif isinstance(step, Typed):
        for (where, part), happens in MEANWHILE.items():
            if where == page and part in step.text:
                meanwhile(place.database_url, happens)
        yield from typed(place, step)


def typed(place: Place, step: Typed) -> Iterator[str]:
    """What is otherwise than the page says about commands and what they answer."""
    text = WORD.sub(lambda word: f'"{WORDS[word[0]]}"', step.text) if step.inline else step.text
    outcome = place.type(text.replace(ADDRESS, place.url))
    quoted = None if step.answer is None else json.loads(step.answer)
    refused = [status for status in outcome.answered if not 200 <= status < 300]
    if outcome.failed or refused != ([quoted["status"]] if quoted and "status" in quoted else []):
        yield from [f"failed: {outcome.failed}", f"answered with {outcome.answered}", outcome.out, outcome.err]
    elif step.inline and step.text.startswith("kundportal ") and not outcome.out:
        yield "says nothing"
    elif quoted is not None:
        yield from differences(quoted, last_answer(outcome.out), in_part=step.in_part)
