"""A server that Slack cannot reach: the same product over Socket Mode, without a signing secret and without pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr

from bot.config.settings import Settings
from bot.demo.run import Demo
from bot.sandbox.config import SandboxConfig
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DISA, attest, place_order
from tests.flow.slack import PATIENCE, Json, Person, Slack, until
from tests.flow.stage import playing, product, sandbox

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
    # What is turned away over a socket is not answered: as the first presses, before the workspace is known.
    with playing(walled, ack_timeout=PATIENCE / 4) as slack:
        yield slack


@contextmanager
def anew(slack: Slack, *, politely: bool) -> Iterator[None]:
    """Have the connection opened anew meanwhile; in the end it is, and the one before is gone."""
    before = _sockets(slack)["opened"]
    slack.ask("refresh", politely=politely)
    yield
    until(lambda: _is_anew(_sockets(slack), before), what="another connection")


def _sockets(slack: Slack) -> Json:
    return slack.http.get("/sandbox/sockets").json()


def _is_anew(sockets: Json, before: int) -> bool:
    return sockets["open"] == 1 and sockets["opened"] > before


def test_an_order_goes_from_form_to_end_while_connections_come_and_go(slack: Slack, book: Book) -> None:
    anna, disa = slack.person(ANNA), slack.person(DISA)
    case = place_order(slack, OFFER)
    with anew(slack, politely=True):
        pass
    attest(slack, BO, case)
    with anew(slack, politely=False):
        pass
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

    with anew(slack, politely=politely):
        answer = tried(bo, card)
    assert answer.get("response_action") != "clear" or book.state(case) != asked
    bo.close_all()
    tried(bo, card)

    assert book.state(case) != asked
    assert book.done(case) == ["submit", "attest"]


def tried(person: Person, card: Json) -> Json:
    """What comes of a press and the form behind it, where they get through."""
    pressed = person.press(card, "kp.attest")
    return person.submit(person.modals()[-1]) if pressed["ok"] and person.modals() else {}


def test_nothing_is_taken_over_http_where_there_is_no_signing_secret(slack: Slack, walled: BehindAWall) -> None:
    answer = httpx.post(
        f"{walled.site}/slack/events", json={"type": "url_verification", "challenge": "x"}, timeout=PATIENCE
    )

    assert answer.status_code == 404


def test_readyz_says_whether_there_is_a_connection(slack: Slack, walled: BehindAWall) -> None:
    until(lambda: _socket_part(walled) == {"state": "ok"}, what="the connection")


def test_readyz_says_that_there_is_none_where_slack_opens_none(place: Demo) -> None:
    wrong = Mistaken(place.database_url, place.product, place.page)
    with sandbox(wrong), product(wrong):
        assert _socket_part(wrong) == {"state": "failing", "code": "socket_lost"}
        answer = asked(wrong)
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


class Mistaken(BehindAWall):
    """The same with a token that Slack does not know."""

    def settings(self, slack: SandboxConfig) -> Settings:
        return super().settings(slack).model_copy(update={"slack_app_token": SecretStr("xapp-of-nobody")})


def _socket_part(place: Demo) -> Json:
    return asked(place).json()["parts"]["socket"]


def asked(place: Demo) -> httpx.Response:
    """How the product is, as somebody elsewhere reads it: in short."""
    return httpx.get(f"{place.site}/readyz", headers={"X-Forwarded-For": "192.0.2.1"}, timeout=PATIENCE)
