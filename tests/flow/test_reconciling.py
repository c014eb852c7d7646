"""A question that was deleted in Slack is found by the operator's command, and asked again."""

from datetime import timedelta

import httpx
import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from bot.cli.waiting import cards_cli
from bot.demo.run import Demo
from notifications.outbox import relay
from notifications.outbox.reconciling import stray_copies
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, place_order
from tests.flow.slack import PATIENCE, Json, Person, says, until
from tests.flow.stage import playing


@pytest.fixture(autouse=True)
def settings(place: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command read the operator's, and the relay find at once what it owes by the command's doing."""
    made = place.settings(place.sandbox())
    monkeypatch.setattr(cards_cli, "load_settings", lambda: made)
    monkeypatch.setattr(relay, "SWEEP", timedelta(seconds=1))


def typed(*words: str) -> Result:
    """Type the command."""
    return CliRunner().invoke(app, ["reconcile", *words], env={"COLUMNS": "200"})


def delete(place: Demo, reader: Person, message: Json) -> None:
    """Somebody with the app's own rights deletes a message in a reader's Slack."""
    (token,) = (each.bot_token for each in place.sandbox().workspaces if each.id == reader.team)
    asked = {"channel": message["channel"], "ts": message["ts"]}
    said = {"Authorization": f"Bearer {token}"}
    told = httpx.post(f"{place.address}/api/chat.delete", headers=said, json=asked, timeout=PATIENCE)
    assert told.json()["ok"], told.text


def test_a_question_that_was_deleted_is_missed_then_asked_again_and_answered(place: Demo) -> None:
    book = Book(place.database_url)
    with playing(place) as slack:
        bo = slack.person(BO)
        case = place_order(slack, "npo-producent")
        asked = bo.card("kp.attest", case)
        receipt = slack.person(ANNA).message(case)
        until(lambda: book.knows(asked) and book.knows(receipt), what="it to be written down where they stand")
        whole = typed()
        delete(place, bo, asked)
        missed = typed("--language", "sv")
        mended = typed("--repair")
        anew = bo.card("kp.attest", case)
        bo.act(anew, "kp.attest")
        bo.submit(bo.modal())
        bo.message("Attesterad av Bo Ek", case)

    assert (whole.exit_code, missed.exit_code, mended.exit_code) == (0, 1, 0)
    assert "Slack has every one." in whole.output
    assert f"Saknas: customer_attest, {case}, i " in missed.output
    assert "message_not_found" in missed.output
    assert f"Is sent anew: customer_attest, {case}, in " in mended.output
    assert anew["ts"] != asked["ts"]
    assert says(anew) == says(asked)


def test_a_question_that_was_posted_unheard_is_found_by_its_buttons_and_loses_them(
    place: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stray_copies, "SETTLED", timedelta(0))
    book = Book(place.database_url)
    with playing(place) as slack:
        bo = slack.person(BO)
        (direct,) = [each["id"] for each in bo.state()["conversations"] if each["id"].startswith("D")]
        slack.faults(faults=[{"kind": "drop_after", "method": "chat.postMessage", "channel": direct, "times": 1}])
        case = place_order(slack, "npo-producent")
        until(lambda: len(asking(bo, case)) == 2, what="the question to be sent again")
        until(lambda: book.knows(bo.card("kp.attest", case)), what="it to be written down where the question stands")
        warns = "längre upp" in says(bo.card("kp.attest", case))
        found = typed("--language", "sv")
        mended = typed("--repair")
        (still,) = asking(bo, case)
        until(lambda: "längre upp" not in says(bo.card("kp.attest", case)), what="no word of another")
        left = bo.message("Det andra gäller")

    assert warns
    assert (found.exit_code, mended.exit_code) == (1, 0)
    assert "Finns två gånger: meddelande C" in found.output
    assert "Stood twice and has lost its buttons: message C" in mended.output
    assert float(left["ts"]) < float(still["ts"])
    assert bo.offered(left) == []


def asking(person: Person, case: str) -> list[Json]:
    """The messages in which somebody may attest a case."""
    return [each for each in person.messages() if case in says(each) and "kp.attest" in person.acts(each)]
