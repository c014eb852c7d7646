"""A running product says what is wrong around it, and presses count as long as they can be saved."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import make_url

from bot.config.settings import Settings
from bot.demo.run import Demo
from bot.main import build, now
from core.api import new_id
from core.storage.database.database import open_database
from core.storage.database.sqlite import WriterEnded
from core.storage.identity.api_keys import Keys
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DISA, LENA, attest, fill, open_form, place_order
from tests.flow.slack import PATIENCE, Slack, until
from tests.flow.stage import TEAM, product, running, sandbox
from tests.support.machines.product import free_port

OFFER = "npo-producent"
WRONG = "xoxb-nobody-knows-this-one"


@dataclass(frozen=True)
class Misconfigured(Demo):
    """The same place, with settings that somebody got wrong."""

    wrong: tuple[tuple[str, object], ...] = ()

    def settings(self, slack) -> Settings:
        return super().settings(slack).model_copy(update=dict(self.wrong))


def misconfigured(place: Demo, **wrong: object) -> Demo:
    return Misconfigured(place.database_url, place.product, place.page, place.mail, wrong=tuple(wrong.items()))


def asked(place: Demo) -> httpx.Response:
    return httpx.get(f"{place.site}/readyz", timeout=PATIENCE)


def says(place: Demo, part: str, code: str | None) -> bool:
    return asked(place).json()["parts"][part].get("code") == code


def test_a_wrong_token_is_said_a_moment_after_the_start(place: Demo, caplog: pytest.LogCaptureFixture) -> None:
    wrong = misconfigured(place, slack_bot_token=SecretStr(WRONG))
    with sandbox(place), product(wrong):
        until(lambda: says(place, "slack", "slack_token_refused"), what="the refused token")
        answer = asked(place)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["slack"]["about"] == {"SLACK_BOT_TOKEN": "invalid_auth"}
    assert answer.json()["parts"]["mail"] == {"state": "off"}
    assert WRONG not in answer.text + caplog.text
    assert "part_failing part=slack code=slack_token_refused about=SLACK_BOT_TOKEN:invalid_auth" in caplog.text


def test_a_key_that_is_about_to_expire_is_said_where_the_operator_looks(place: Demo) -> None:
    async def make() -> str:
        database = open_database(place.database_url)
        key = await Keys(database).create(new_id, now(), "", None, lasts=timedelta(days=6))
        await database.close()
        return key.split("_")[1]

    id_ = asyncio.run(make())
    with sandbox(place), product(place):
        until(lambda: says(place, "keys", "keys_expire"), what="the key")
        answer = asked(place)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert list(answer.json()["parts"]["keys"]["about"]) == [id_]


@contextmanager
def revoked(place: Demo) -> Iterator[tuple[Slack, Callable[[], None]]]:
    """Take the token away, once it is known to the product."""
    with sandbox(place) as slack, product(place):
        until(lambda: slack.person(DISA).opens_home() == 200, what="the workspace")
        until(lambda: asked(place).json()["status"] == "ready", what="the start")

        def take_away() -> None:
            slack.faults(revoked=[TEAM])
            slack.person(DISA).opens_home()
            until(lambda: says(place, "slack", "slack_token_refused"), what="the revoked token")

        yield slack, take_away


def test_a_decision_counts_while_the_token_is_revoked_and_its_form_says_so(place: Demo, book: Book) -> None:
    with revoked(place) as (slack, take_away):
        case, lena = place_order(slack, OFFER, LENA), slack.person(LENA)
        lena.press(lena.message("Attestera", case), "kp.attest")
        asks = lena.modal()

        take_away()
        answer, pressed = asked(place), lena.submit(asks)
        lena.modal("Det du gjorde är registrerat.", "ingen åtkomst till Slack")

    about = answer.json()["parts"]["slack"]["about"]
    assert (answer.status_code, about) == (200, {f"slack:{TEAM}": "account_inactive"})
    assert pressed["response_action"] == "update"
    assert book.state(case) == "awaiting_customer_service"


def test_a_press_that_counts_while_the_token_is_revoked_is_answered_beside_its_message(place: Demo, book: Book) -> None:
    with revoked(place) as (slack, take_away):
        case = place_order(slack, OFFER)
        attest(slack, BO, case)
        disa = slack.person(DISA)
        card = disa.card("kp.claim", case)

        take_away()
        disa.press(card, "kp.claim")
        disa.message("Det du gjorde är registrerat.", "ingen åtkomst till Slack")

    assert book.lines(case) == 3


def test_a_form_that_cannot_be_opened_without_a_token_says_that_nothing_was_registered(place: Demo, book: Book) -> None:
    with revoked(place) as (slack, take_away):
        case, lena = place_order(slack, OFFER, LENA), slack.person(LENA)
        card, home = lena.card("kp.attest", "Att attestera", case), lena.home(case)

        take_away()
        lena.press(card, "kp.attest")
        lena.message("Inget har registrerats.", "ingen åtkomst till Slack")
        failed = lena.press(home, "kp.details")

    # On the home tab nothing of ours can be shown: Slack shows that it failed.
    assert failed["status"] == 503
    assert book.state(case) == "awaiting_customer_attest"


def test_orders_are_placed_and_attested_while_the_mail_server_is_dead(place: Demo, book: Book) -> None:
    dead = misconfigured(place, smtp_url=SecretStr(f"smtp://127.0.0.1:{free_port()}"))
    with sandbox(place) as slack, product(dead):
        until(lambda: slack.person(DISA).opens_home() == 200, what="the workspace")
        until(lambda: says(place, "mail", "mail_unreachable"), what="the dead mail server")

        case = place_order(slack, OFFER)
        attest(slack, BO, case)
        answer = asked(place)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert book.state(case) == "awaiting_customer_service"


def test_orders_are_placed_while_the_relay_has_ended(place: Demo) -> None:
    with sandbox(place) as slack, served(place) as end_the_relay:
        until(lambda: slack.person(DISA).opens_home() == 200, what="the workspace")
        until(lambda: says(place, "relay", None), what="the start")

        end_the_relay()

        until(lambda: says(place, "relay", "relay_ended"), what="the end of the relay")
        anna = slack.person(ANNA)
        form = open_form(anna, OFFER)
        placed = anna.submit(form, **fill(form, OFFER))
        answer = asked(place)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert placed["response_action"] == "update"


def test_a_database_that_vanished_takes_no_more_traffic(place: Demo, caplog: pytest.LogCaptureFixture) -> None:
    path = Path(make_url(place.database_url).database or "")
    with sandbox(place), product(place):
        until(lambda: asked(place).status_code == 200, what="the start")
        os.rename(path, path.with_suffix(".gone"))
        until(lambda: asked(place).status_code == 503, what="the vanished database")
        answer, lives = asked(place), httpx.get(f"{place.site}/healthz", timeout=PATIENCE).json()
        os.rename(path.with_suffix(".gone"), path)
        until(lambda: asked(place).status_code == 200, what="the database")

    assert (answer.json()["status"], lives) == ("unavailable", {"status": "ok"})
    assert answer.json()["parts"]["database"]["code"] == "database_missing"
    assert "part_failing part=database code=database_missing" in caplog.text


def test_a_press_is_answered_at_once_when_nothing_can_be_saved_any_more(place: Demo, book: Book) -> None:
    with sandbox(place) as slack, writing(place) as end_the_writer:
        until(lambda: slack.person(DISA).opens_home() == 200, what="the workspace")
        case = place_order(slack, OFFER)
        bo = slack.person(BO)
        bo.press(bo.message("Attestera", case), "kp.attest")
        asks = bo.modal()

        end_the_writer()
        pressed, answer = bo.submit(asks), asked(place)

    assert pressed["status"] == 500
    assert (answer.status_code, answer.json()["parts"]["writer"]["code"]) == (503, "writer_ended")
    assert book.state(case) == "awaiting_customer_attest"


@contextmanager
def writing(place: Demo) -> Iterator[Callable[[], object]]:
    """The product, and a way to end the thread that writes to its database."""
    app = build(place.settings(place.sandbox()))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))

    def ends_its_thread(_: object) -> None:
        raise SystemExit

    with running(server, place.product) as loop:

        def end() -> None:
            ending = app.state.joined.cards.database.write(ends_its_thread)
            with suppress(WriterEnded):
                asyncio.run_coroutine_threadsafe(ending, loop).result(PATIENCE)

        yield end


@contextmanager
def served(place: Demo) -> Iterator[Callable[[], object]]:
    """The product, and a way to end its relay."""
    app = build(place.settings(place.sandbox()))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
    with running(server, place.product) as loop:

        def end() -> None:
            (relay,) = (task for task in asyncio.all_tasks(loop) if task.get_name() == "relay")
            loop.call_soon_threadsafe(relay.cancel)

        yield end
