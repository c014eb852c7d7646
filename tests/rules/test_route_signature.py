"""Whose requests are believed: only what Slack signed within five minutes of now, either way."""

import httpx
import pytest
from fastapi import FastAPI
from slack_sdk.signature import SignatureVerifier

from bot.slack.route import Intake, SlackDoor, SlackSignature, sign

NOW = 1_774_000_000
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BODY = b"payload=%7B%7D"
SIGNATURE = SlackSignature(SECRET, lambda: NOW)


def headers(stamp: str, signature: str) -> dict[str, str]:
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signature}


def test_it_signs_as_slacks_own_library_does() -> None:
    theirs = SignatureVerifier(SECRET).generate_signature(timestamp=str(NOW), body=BODY)

    assert sign(SECRET, str(NOW), BODY) == theirs


@pytest.mark.parametrize("age", [-300, -1, 0, 300])
def test_a_request_within_five_minutes_is_believed(age: int) -> None:
    stamp = str(NOW - age)

    assert SIGNATURE.holds(headers(stamp, sign(SECRET, stamp, BODY)), BODY)


@pytest.mark.parametrize("age", [-301, 301, 100_000])
def test_an_older_or_later_one_is_not(age: int) -> None:
    stamp = str(NOW - age)

    assert not SIGNATURE.holds(headers(stamp, sign(SECRET, stamp, BODY)), BODY)


@pytest.mark.parametrize("stamp", ["", "abc", "1.0", "-1", " 5", "１７７４", "1_774", "9" * 5_000, f"{NOW}0"])
def test_a_strange_time_is_not(stamp: str) -> None:
    assert not SIGNATURE.holds(headers(stamp, sign(SECRET, stamp, BODY)), BODY)


@pytest.mark.parametrize("signature", ["", "v0=", "v0=" + "0" * 64, "v0=å", "v1=" + sign(SECRET, str(NOW), BODY)[3:]])
def test_a_wrong_signature_is_not(signature: str) -> None:
    assert not SIGNATURE.holds(headers(str(NOW), signature), BODY)


def test_headers_that_are_missing_are_not() -> None:
    assert not SIGNATURE.holds({}, BODY)


def test_another_body_or_secret_is_not() -> None:
    good = headers(str(NOW), sign(SECRET, str(NOW), BODY))

    assert not SIGNATURE.holds(good, BODY + b" ")
    assert not SlackSignature("other", lambda: NOW).holds(good, BODY)


class Broken:
    """Bolt, with a mistake in it."""

    async def async_dispatch(self, request: object) -> None:
        raise RuntimeError("a mistake")


async def test_a_crash_behind_the_door_is_a_fault_of_ours_and_nothing_written_is_logged(caplog) -> None:
    async def admit(payload: object) -> dict[str, object]:
        return {}

    app = FastAPI()
    SlackDoor(SIGNATURE, Intake(Broken(), admit)).answer_in(app)
    body = b"command=%2Fkundportal&text=hemligt&team_id=T1&user_id=U1&trigger_id=1.1"
    signed = headers(str(NOW), sign(SECRET, str(NOW), body)) | {"content-type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kundportal.test") as slack:
        answer = await slack.post("/slack/events", content=body, headers=signed)

    assert (answer.status_code, answer.content) == (500, b"")
    assert "slack_request_crashed" in caplog.text
    assert "hemligt" not in caplog.text
