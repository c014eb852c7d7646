"""What is not from Slack, or not as Slack sends it, is turned away: a 4xx, no effect, and nothing said."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.demo.run import Demo
from bot.slack.route import MAX_BODY, Intake, SlackDoor, SlackSignature, sign
from bot.slack.slack_app import Listeners, slack_app
from tests.flow.book import Book
from tests.flow.people import BO, place_order
from tests.flow.slack import PATIENCE, Json, Slack
from tests.flow.stage import REGIONS, at_a_place, playing
from tests.flow.wire import FORM, JSON, Wire, altered, paths, without
from tests.support.machines.hanging_up import hang_up

OFFER = "npo-producent"
LISTENED = (
    "on_press", "on_submit", "on_search", "on_opened", "on_command", "on_shortcut", "on_tokens_revoked",
    "on_uninstalled", "on_user_changed", "answer",
)  # fmt: skip
BODY = urlencode({"payload": json.dumps({"type": "block_actions"})}).encode()
WRONG = {"id": 5, "list": [], "text": "x", "null": None, "object": {}, "yes": True, "deep": {"id": {"id": []}}}


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "", "x-slack-signature": ""},
        {"x-slack-request-timestamp": "yesterday"},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v0=ääää"},
    ],
)
def test_a_request_that_slack_did_not_sign_is_unauthorized(wire: Wire, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}

    assert wire.post(BODY, FORM, **encoded).status_code == 401


async def test_a_request_that_nobody_listens_for_leaves_nothing_of_itself_in_the_log(caplog) -> None:
    async def nobody() -> None: ...

    waiting = SimpleNamespace(**dict.fromkeys(LISTENED, nobody))
    listeners = Listeners(*[waiting] * len(fields(Listeners)))
    workspace = SimpleNamespace(enterprise_id=None, team_id="T1", bot_user_id="U1", token="xoxb-1")
    written = {
        "command": "/another",
        "text": "Anna Berg är sjuk",
        "team_id": "T1",
        "user_id": "UANNA",
        "trigger_id": "1.2.ab",
    }

    async def admit(_: Json) -> Json:
        return {"workspace": workspace}

    door = SlackDoor(SlackSignature("secret", time.time), Intake(slack_app(listeners), admit))
    app = FastAPI()
    door.answer_in(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kundportal.test") as client:
        body, stamp = urlencode(written).encode(), str(int(time.time()))
        signed = {"x-slack-request-timestamp": stamp, "x-slack-signature": sign("secret", stamp, body)}
        answer = await client.post("/slack/events", content=body, headers=signed | {"content-type": FORM})

    assert answer.status_code == 404
    assert "slack_request_failed status=404" in caplog.text
    assert [said for said in (*written.values(), "Unhandled") if said in caplog.text] == []


async def test_a_request_that_ends_before_its_body_leaves_no_traceback(caplog) -> None:
    door = SlackDoor(SlackSignature("secret", time.time), Intake(None, None))
    app = FastAPI()
    door.answer_in(app)

    await hang_up(app, "/slack/events")

    assert [each.exc_info for each in caplog.records] == []


@pytest.mark.parametrize("age", [-400, 301, 86_400])
def test_a_request_of_another_time_is_unauthorized(wire: Wire, age: int) -> None:
    # What is ahead of time comes nearer on its way here. Rules tell of the very limit.
    stamp = str(int(time.time()) - age - 1)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": sign(wire.secret, stamp, BODY)}

    assert wire.post(BODY, FORM, **headers).status_code == 401


def test_a_wrong_secret_is_unauthorized(wire: Wire) -> None:
    assert Wire(wire.url, "another", wire.http).post(BODY, FORM).status_code == 401


@pytest.mark.parametrize("content_type", [FORM, JSON, "text/plain", ""])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"payload=%", b"{", b"[" * 50_000, b"payload=[]", b"null", b"0"])
def test_garbage_is_unauthorized_unsigned_and_a_bad_request_signed(wire: Wire, body: bytes, content_type: str) -> None:
    assert wire.http.post(wire.url, content=body, headers={"content-type": content_type}).status_code == 401
    assert wire.post(body, content_type).status_code == 400


def test_six_megabytes_are_refused_however_they_are_sent(wire: Wire) -> None:
    declared = wire.http.post(wire.url, content=b"x" * 6_000_000)
    streamed = wire.http.post(wire.url, content=(b"x" * 100_000 for _ in range(60)))

    assert (declared.status_code, streamed.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("length", "sent"),
    [
        (b"Content-Length: 6000000", b""),
        (b"Transfer-Encoding: chunked", b"%x\r\n%b" % (6_000_000, b"x" * (MAX_BODY + 1))),
    ],
    ids=["declared", "streamed"],
)
def test_six_megabytes_are_refused_before_they_are_read(wire: Wire, length: bytes, sent: bytes) -> None:
    address = urlsplit(wire.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE) as connection:
        connection.sendall(b"POST %b HTTP/1.1\r\nHost: slack.test\r\n%b\r\n\r\n" % (address.path.encode(), length))
        connection.sendall(sent)

        assert connection.recv(1_000).startswith(b"HTTP/1.1 413 ")


def test_a_large_body_holds_up_nobody_else(wire: Wire) -> None:
    with httpx.Client(timeout=PATIENCE) as other:
        wire.http.post(wire.url, content=b"x" * 6_000_000)
        assert other.post(wire.url).status_code == 401


def test_only_posts_are_taken(wire: Wire) -> None:
    assert wire.http.get(wire.url).status_code == 405


def test_slacks_question_for_the_address_is_answered(wire: Wire) -> None:
    answer = wire.event({"type": "url_verification", "challenge": "3eZbrw1aBm2r", "token": "t"})

    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aBm2r"})


@pytest.fixture(scope="module")
def stage(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Slack]]:
    """One product for all of these, since none of them may change anything in it."""
    with at_a_place(prepared, tmp_path_factory.mktemp("route")) as place, playing(place) as slack:
        yield place, slack


@pytest.fixture(scope="module")
def slack(stage: tuple[Demo, Slack]) -> Slack:
    return stage[1]


@pytest.fixture(scope="module")
def wire(stage: tuple[Demo, Slack]) -> Iterator[Wire]:
    config = stage[0].sandbox()
    with httpx.Client(timeout=PATIENCE) as http:
        yield Wire(config.request_url, config.signing_secret, http)


@pytest.fixture
def book(stage: tuple[Demo, Slack]) -> Book:
    return Book(stage[0].database_url)


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record.getMessage() for record in caplog.records if record.exc_info]


@pytest.fixture(scope="module")
def asked(slack: Slack) -> dict[str, Json]:
    """Real payloads, as the product got them: a press, a submission, an opened tab, a command, a shortcut."""
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    bo.submit(bo.modal("Region Exempel"))
    bo.home("Bo Ek")
    bo.command("hjälp")
    return {each["type"]: each["body"] for each in slack.log()["deliveries"]}


KINDS = ("block_actions", "view_submission", "shortcut", "slash_command", "app_home_opened")


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_of_another_app_is_forbidden(wire: Wire, asked: dict[str, Json], book: Book, kind: str) -> None:
    lines = book.lines()
    # Slack does not say of which app a shortcut is.
    others = ("A0ANOTHER01", "") if kind == "shortcut" else ("A0ANOTHER01", "", None)

    for app in others:
        assert _send(wire, kind, asked[kind] | {"api_app_id": app}).status_code == 403

    assert book.lines() == lines


def test_a_shortcut_names_no_app_and_is_answered(wire: Wire, asked: dict[str, Json]) -> None:
    assert "api_app_id" not in asked["shortcut"]

    assert _send(wire, "shortcut", asked["shortcut"]).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_of_another_workspace_is_forbidden(
    wire: Wire, asked: dict[str, Json], book: Book, kind: str
) -> None:
    lines = book.lines()
    elsewhere = json.loads(json.dumps(asked[kind]).replace(REGIONS, "T0STRANGER1"))
    assert elsewhere != asked[kind]

    assert _send(wire, kind, elsewhere).status_code == 403

    assert book.lines() == lines


def test_a_press_of_no_workspace_is_forbidden(wire: Wire, asked: dict[str, Json]) -> None:
    assert wire.interact(altered(asked["block_actions"], "team", value=None)).status_code == 403


def test_somebody_of_another_workspace_is_a_stranger(slack: Slack, wire: Wire, asked: dict[str, Json]) -> None:
    press = altered(asked["block_actions"], "user", "team_id", value="T0STRANGER1")

    assert wire.interact(press).status_code == 200

    slack.person(BO).message("inte kopplat till någon")


def test_a_form_from_a_shared_channel_is_of_the_workspace_that_the_app_is_installed_in(
    wire: Wire, asked: dict[str, Json]
) -> None:
    guests = altered(asked["view_submission"], "team", "id", value="T0STRANGER1")
    theirs = altered(guests, "user", "team_id", value="T0STRANGER1")

    assert theirs["view"]["app_installed_team_id"] == REGIONS
    answer = wire.interact(theirs)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, JSON)


def test_an_event_of_a_shared_channel_is_of_the_workspace_that_the_app_is_authorized_in(
    wire: Wire, asked: dict[str, Json]
) -> None:
    opened = altered(asked["app_home_opened"], "team_id", value="T0STRANGER1")
    unknown = altered(opened, "authorizations", 0, "team_id", value="T0STRANGER2")

    assert [wire.event(each).status_code for each in (opened, unknown)] == [200, 403]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_payload_with_anything_missing_or_mistyped_changes_nothing(
    wire: Wire, asked: dict[str, Json], book: Book, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(asked)))
    payload = asked[kind]
    path = data.draw(st.sampled_from(paths(payload)))
    wrong = data.draw(st.sampled_from(["left out", *WRONG]))
    lines = book.lines()

    changed = without(payload, *path) if wrong == "left out" else altered(payload, *path, value=WRONG[wrong])
    answer = _send(wire, kind, changed)

    assert answer.status_code in {200, 400, 403, 404}, answer.status_code
    assert book.lines() == lines


def _send(wire: Wire, kind: str, payload: Json) -> httpx.Response:
    if kind == "slash_command":
        return wire.command(payload)
    return wire.event(payload) if kind == "app_home_opened" else wire.interact(payload)
