"""A server that Slack cannot reach: the same product over Socket Mode, without a signing secret and without pages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr

from bot.config.settings import Settings
from bot.demo.run import Demo
from bot.sandbox.config import SandboxConfig
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DISA, attest, place_order
from tests.flow.slack import Json, Person, Slack, until
from tests.flow.stage import playing

OFFER = "npo-producent"
NOWHERE = "http://127.0.0.1:9/slack/events"


@dataclass(frozen=True)
class BehindAWall(Demo):
    """Where Slack knows no address of the product, which has a token for connections of its own instead."""

    def sandbox(self) -> SandboxConfig:
        config = super().sandbox()
        manifest = config.manifest.model_copy(update={"socket_mode": True})
        return config.model_copy(update={"manifest": manifest, "request_url": NOWHERE})

    def settings(self, slack: SandboxConfig) -> Settings:
        by_socket = {"slack_app_token": SecretStr(slack.app_token), "slack_signing_secret": None, "public_url": ""}
        return super().settings(slack).model_copy(update=by_socket)


@pytest.fixture
def walled(place: Demo) -> BehindAWall:
    return BehindAWall(place.database_url, place.product, place.page)


@pytest.fixture
def slack(walled: BehindAWall) -> Iterator[Slack]:
    with playing(walled) as slack:
        yield slack


def anew(slack: Slack, *, politely: bool) -> int:
    return slack.ask("refresh", politely=politely)["connections"]


def connected(slack: Slack) -> None:
    """A person's press gets through."""
    until(lambda: slack.person(ANNA).opens_home() == 200, what="a connection")


def test_an_order_goes_from_form_to_end_while_connections_come_and_go(slack: Slack, book: Book) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = place_order(slack, OFFER)
    assert anew(slack, politely=True) == 1
    connected(slack)
    attest(slack, BO, case)
    assert anew(slack, politely=False) >= 1
    connected(slack)
    disa.press(disa.card("kp.claim", case), "kp.claim")
    disa.press(disa.card("kp.send_instructions", case), "kp.send_instructions")
    assert disa.submit(disa.modal("Anna Berg"))["response_action"] == "clear"
    anna.command("hjälp")

    assert book.state(case) == "instructions_sent"
    anna.message("/kundportal ny")


@pytest.mark.parametrize("politely", [True, False])
def test_a_press_counts_once_whatever_happens_to_its_connection(slack: Slack, book: Book, politely: bool) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    asked, card = book.state(case), bo.card("kp.attest", case)

    with ThreadPoolExecutor(1) as thread:
        cut = thread.submit(anew, slack, politely=politely)
        answer = tried(bo, card)
        cut.result()
    assert answer.get("response_action") != "clear" or book.state(case) != asked
    connected(slack)
    bo.close_all()
    tried(bo, card)

    assert book.state(case) != asked
    assert book.done(case) == ["submit", "attest"]


def tried(person: Person, card: Json) -> Json:
    """What comes of a press and the form behind it, where they get through."""
    pressed = person.press(card, "kp.attest")
    return person.submit(person.modals()[-1]) if pressed["ok"] and person.modals() else {}


def test_nothing_is_taken_over_http_where_there_is_no_signing_secret(slack: Slack, walled: BehindAWall) -> None:
    answer = httpx.post(f"{walled.site}/slack/events", json={"type": "url_verification", "challenge": "x"})

    assert answer.status_code == 404
