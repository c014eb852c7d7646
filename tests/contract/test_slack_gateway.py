"""The gateway against a Slack over HTTP, and the fake beside it: both say the same of what went well or wrong."""

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from core.api import SeenChannel
from notifications.slack.port import Account, Installed, MessagePlace
from notifications.slack.slack_errors import Gone, Never, SlackProblem, TryLater, Wait, classify
from notifications.slack.slack_gateway import Gateway, open_gateway
from tests.fakes import slack as fakes
from tests.fakes.slack import FakeSlack, Team
from tests.sandbox.places import ANNA, BOT, CLOSED, ELSEWHERE, GONE, INERA, OPEN, SHARED, TOKEN, a_config
from tests.support.world.seed import NOW

TEXT = {"text": "Hej", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Hej"}}]}
PROBLEMS = {
    "ratelimited": Wait("ratelimited", 7),
    "server_error": TryLater("http_500"),
    "timeout_before": TryLater("timeout"),
    "timeout_after": TryLater("timeout"),
    "drop_after": TryLater("connection"),
}


class FakeWorld:
    """The fake, with trouble asked for by the sandbox's names."""

    def __init__(self):
        anna = Account(ANNA, INERA, "anna@example.org", "sv-SE")
        gone = Account(GONE, INERA, "gone@example.org", "sv-SE", is_deleted=True)
        team = Team(INERA, TOKEN, (anna, gone), (OPEN,), bot_user_id=BOT, lets_read=True)
        self.slack = FakeSlack(fakes.FakeClock(NOW), [team])

    async def fault(self, kind, method):
        self.slack.trouble(method, PROBLEMS[kind], after=kind.endswith("_after"))

    async def archive(self, channel):
        self.slack.archived.add(channel)

    async def revoke(self):
        self.slack.teams.clear()

    async def shown(self, channel):
        return [shown.text for shown in self.slack.in_channel(channel)]


class SandboxWorld:
    """The sandbox, over HTTP; only who posts to a Slack that will hang is `hasty`."""

    def __init__(self, url, http, hasty):
        self.url, self.http = url, http
        self.patient, self.hasty = (Gateway(each, f"{url}/api/") for each in (http, hasty))
        self.slack = self.patient

    async def fault(self, kind, method):
        self.slack = self.hasty if kind.startswith("timeout") else self.patient
        await self._plan(faults=[{"kind": kind, "method": method, "times": 1, "retry_after": 7}])

    async def archive(self, channel):
        await self._plan(archived=[channel])

    async def revoke(self):
        await self._plan(revoked=[INERA])

    async def shown(self, channel):
        query = {"team": INERA, "user": ANNA}
        async with self.http.get(f"{self.url}/sandbox/state", params=query) as answer:
            conversations = (await answer.json())["conversations"]
        found = next(each for each in conversations if each["id"] == channel)
        return [message["text"] for message in found["messages"]]

    async def _plan(self, **faults):
        await self.http.put(f"{self.url}/sandbox/faults", json=faults)


@pytest.fixture(scope="module")
def sandbox_url():
    with serve(create_app(a_config("http://127.0.0.1:9/slack/events", hang=60))) as url:
        yield url


@pytest.fixture
async def sandbox(sandbox_url):
    # The sandbox hangs for a minute where the product waits ten seconds, and this test half a one: from when the whole
    # call is sent, so that what happens before the hanging has happened however busy the machine is.
    brief = aiohttp.ClientTimeout(total=None, sock_read=0.5)
    async with aiohttp.ClientSession() as http, aiohttp.ClientSession(timeout=brief) as hasty:
        await http.post(f"{sandbox_url}/sandbox/reset")
        yield SandboxWorld(sandbox_url, http, hasty)


@pytest.fixture(params=["fake", "sandbox"])
def world(request):
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("sandbox")


async def test_a_message_to_a_person_opens_the_direct_messages_and_can_be_edited(world):
    place = await world.slack.post(TOKEN, channel=ANNA, **TEXT)

    await world.slack.update(TOKEN, place=place, text="Klart", blocks=TEXT["blocks"])

    assert place.channel.startswith("D")
    assert await world.shown(place.channel) == ["Klart"]


async def test_a_message_is_found_where_it_stands_and_nowhere_else(world):
    place = await world.slack.post(TOKEN, channel=ANNA, **TEXT)

    assert await world.slack.has_message(TOKEN, place)
    assert not await world.slack.has_message(TOKEN, replace(place, ts="1763999999.000100"))


async def test_a_message_in_a_channel_that_is_not_there_is_refused(world):
    with pytest.raises(Never, match="channel_not_found"):
        await world.slack.has_message(TOKEN, MessagePlace("C0NOWHERE01", "1763999999.000100"))


async def test_what_the_app_has_written_is_read_with_what_its_buttons_carry(world):
    buttons = [button("kp.attest", "first"), button("kp.reject", "second")]
    blocks = [*TEXT["blocks"], {"type": "actions", "elements": buttons}]
    place = await world.slack.post(TOKEN, channel=ANNA, text="Hej", blocks=blocks)
    around = {"oldest": float(place.ts) - 60, "latest": float(place.ts) + 60}

    found = await world.slack.history(TOKEN, place.channel, **around)

    assert [(each.ts, each.values) for each in found.messages] == [(place.ts, ["first", "second"])]
    assert found.messages[0].by == (await world.slack.auth_test(TOKEN)).bot_user_id
    assert not found.cursor
    later = {"oldest": float(place.ts) + 60, "latest": float(place.ts) + 120}
    assert (await world.slack.history(TOKEN, place.channel, **later)).messages == []


async def test_a_conversation_is_read_page_by_page(world, monkeypatch):
    monkeypatch.setattr("notifications.slack.slack_gateway.HISTORY_AT_ONCE", 1)
    monkeypatch.setattr(FakeSlack, "read_at_once", 1)
    places = [await world.slack.post(TOKEN, channel=ANNA, **TEXT) for _ in range(2)]
    around = {"oldest": float(places[0].ts) - 60, "latest": float(places[0].ts) + 60}

    first = await world.slack.history(TOKEN, places[0].channel, **around)
    second = await world.slack.history(TOKEN, places[0].channel, **around, cursor=first.cursor)

    assert {each.ts for page in (first, second) for each in page.messages} == {each.ts for each in places}
    assert (len(first.messages), len(second.messages), second.cursor) == (1, 1, "")


def button(action_id, value):
    """A button that carries something."""
    return {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": "Ja"}}


async def test_messages_of_a_channel_have_places_of_their_own(world):
    places = [await world.slack.post(TOKEN, channel=OPEN, **TEXT) for _ in range(3)]

    assert {place.channel for place in places} == {OPEN}
    assert len(set(places)) == 3


async def test_reading_is_asked_for_as_such_and_no_address_in_a_message_is_fetched():
    asked = {}

    async def agree(request):
        sent = await request.json() if request.method == "POST" else {}
        asked[request.match_info["method"]] = request.method, sent.get("unfurl_links")
        return web.json_response({"ok": True, "channel": OPEN, "ts": "1763999999.000100", "user": {"id": ANNA}})

    slack = web.Application()
    slack.router.add_route("*", "/api/{method}", agree)
    async with TestServer(slack) as server, open_gateway(str(server.make_url("/api/"))) as gateway:
        await gateway.post(TOKEN, channel=OPEN, **TEXT)
        await gateway.user_info(TOKEN, ANNA)

    assert asked == {"chat.postMessage": ("POST", False), "users.info": ("GET", None)}


@pytest.mark.parametrize(
    ("channel", "seen"),
    [
        (OPEN, SeenChannel("kundservice")),
        (ELSEWHERE, SeenChannel("utan-bot", "not_in_channel")),
        (SHARED, SeenChannel("delad", is_shared=True)),
    ],
)
async def test_a_channel_is_seen_as_it_stands(sandbox, channel, seen):
    assert await sandbox.slack.channel_info(TOKEN, channel) == seen


async def test_a_channel_that_is_archived_is_seen_as_such(sandbox):
    await sandbox.archive(OPEN)

    assert await sandbox.slack.channel_info(TOKEN, OPEN) == SeenChannel("kundservice", "is_archived")


@pytest.mark.parametrize("channel", ["C0NOWHERE01", CLOSED])
async def test_a_channel_that_the_app_does_not_find_is_not_seen(sandbox, channel):
    with pytest.raises(Never, match="channel_not_found"):
        await sandbox.slack.channel_info(TOKEN, channel)

    assert not await sandbox.slack.knows_channel(TOKEN, channel)
    assert await sandbox.slack.knows_channel(TOKEN, OPEN)


async def test_a_channel_that_others_are_invited_to_is_shared_before_they_have_come():
    async def invited(request):
        return web.json_response({"ok": True, "channel": {"is_member": True, "is_pending_ext_shared": True}})

    slack = web.Application()
    slack.router.add_route("*", "/api/{method}", invited)
    async with TestServer(slack) as server, open_gateway(str(server.make_url("/api/"))) as gateway:
        assert await gateway.channel_info(TOKEN, OPEN) == SeenChannel(is_shared=True)


async def test_an_edit_of_a_message_that_is_gone_asks_to_post_anew(world):
    with pytest.raises(Gone):
        await world.slack.update(TOKEN, place=MessagePlace(OPEN, "1763999999.000100"), **TEXT)


@pytest.mark.parametrize("channel", ["C0NOWHERE01", "U0NOBODY001"])
async def test_a_channel_that_does_not_exist_is_never_tried_again(world, channel):
    with pytest.raises(Never, match="channel_not_found") as refused:
        await world.slack.post(TOKEN, channel=channel, **TEXT)

    assert not refused.value.is_of_the_workspace


async def test_an_archived_channel_is_never_tried_again(world):
    await world.archive(OPEN)

    with pytest.raises(Never, match="is_archived") as refused:
        await world.slack.post(TOKEN, channel=OPEN, **TEXT)

    assert not refused.value.is_of_the_workspace


async def test_a_revoked_token_is_the_workspaces_trouble(world):
    await world.revoke()

    with pytest.raises(Never) as refused:
        await world.slack.post(TOKEN, channel=OPEN, **TEXT)

    assert refused.value.is_of_the_workspace


async def test_a_rate_limit_says_how_long_to_wait(world):
    await world.fault("ratelimited", "chat.postMessage")

    with pytest.raises(Wait) as refused:
        await world.slack.post(TOKEN, channel=OPEN, **TEXT)

    assert refused.value.seconds == 7
    assert await world.shown(OPEN) == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("2.5", 2.5),
        ("0", 1),
        ("-5", 1),
        ("900", 900),
        ("100000000000000000000", 3_600),
        *((said, 30) for said in ("inf", "-Infinity", "nan", "1e999", "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT")),
    ],
)
async def test_no_rate_limit_stops_us_for_ever_or_lets_us_run_on_at_once(said, seconds):
    async def limit(_):
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": said})

    slack = web.Application()
    slack.router.add_route("*", "/{any:.*}", limit)
    async with TestServer(slack) as server, open_gateway(str(server.make_url("/api/"))) as gateway:
        for call in (
            gateway.post(TOKEN, channel=OPEN, **TEXT),
            gateway.lookup_by_email(TOKEN, "anna@example.org"),
            gateway.respond(str(server.make_url("/response/1")), {"text": "Hej"}),
        ):
            with pytest.raises(Wait) as refused:
                await call
            assert refused.value.seconds == seconds


@pytest.mark.parametrize(
    ("kind", "error", "messages"),
    [
        ("server_error", "http_500", 0),
        ("timeout_before", "timeout", 0),
        ("timeout_after", "timeout", 1),
        ("drop_after", "connection", 1),
    ],
)
async def test_an_unclear_outcome_is_tried_later_and_never_by_the_client_itself(world, kind, error, messages):
    await world.fault(kind, "chat.postMessage")

    with pytest.raises(TryLater, match=error):
        await world.slack.post(TOKEN, channel=OPEN, **TEXT)

    assert len(await world.shown(OPEN)) == messages


async def test_people_are_found_by_e_mail_and_shown_with_their_language(world):
    found = await world.slack.lookup_by_email(TOKEN, "anna@example.org")
    anna = await world.slack.user_info(TOKEN, ANNA)

    assert (found.id, found.team_id, found.locale) == (ANNA, INERA, "")
    assert (anna.email, anna.locale) == ("anna@example.org", "sv-SE")
    assert anna.belongs_to(INERA, None)
    assert not anna.belongs_to("TOTHER", None)
    assert not (await world.slack.user_info(TOKEN, GONE)).belongs_to(INERA, None)


async def test_an_account_of_another_workspace_is_known_as_a_strangers():
    async def shared(_):
        return web.json_response({"ok": True, "user": {"id": ANNA, "team_id": INERA, "is_stranger": True}})

    slack = web.Application()
    slack.router.add_route("*", "/api/{method}", shared)
    async with TestServer(slack) as server, open_gateway(str(server.make_url("/api/"))) as gateway:
        assert await gateway.user_info(TOKEN, ANNA) == Account(ANNA, INERA, "", "", is_stranger=True)


async def test_nobody_is_found_by_an_unknown_e_mail(world):
    assert await world.slack.lookup_by_email(TOKEN, "ingen@example.org") is None


async def test_an_account_that_the_workspace_does_not_know_is_nobodys(world):
    assert await world.slack.user_info(TOKEN, "U0NOBODY001") is None


async def test_a_token_tells_whose_it_is(world):
    assert await world.slack.auth_test(TOKEN) == Installed(INERA, None, "Inera", BOT)


async def test_a_token_of_nobody_is_refused(world):
    with pytest.raises(Never, match="invalid_auth"):
        await world.slack.auth_test("xoxb-nobody")


MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Hej"}, "blocks": TEXT["blocks"]}


async def test_a_trigger_that_is_not_good_opens_nothing(sandbox):
    for opening in (sandbox.slack.open_view, sandbox.slack.push):
        with pytest.raises(Never, match="trigger"):
            await opening(TOKEN, "1.2.abc", MODAL)


async def one_answer_to_a_connection(reader, writer):
    """A server that closes a kept connection just as it is used again."""
    request = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(request.lower().partition(b"content-length: ")[2].split()[0]))
    body = b'{"ok": true, "view": {"id": "V1"}}'
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_a_modal_opens_where_the_kept_connection_is_closing():
    server = await asyncio.start_server(one_answer_to_a_connection, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"

    async with server, open_gateway(address) as gateway:
        opened = [await gateway.open_view(TOKEN, "1.2.abc", MODAL), await gateway.push(TOKEN, "1.2.abd", MODAL)]

    assert opened == ["V1", "V1"]


async def test_a_modal_that_is_closed_is_not_updated(sandbox):
    with pytest.raises(Never, match="not_found"):
        await sandbox.slack.update_view(TOKEN, "V0GONE", MODAL)


async def test_a_home_tab_is_shown(sandbox):
    await sandbox.slack.publish(TOKEN, ANNA, {"type": "home", "blocks": TEXT["blocks"]})

    async with sandbox.http.get(f"{sandbox.url}/sandbox/state", params={"team": INERA, "user": ANNA}) as answer:
        assert (await answer.json())["home"]["type"] == "home"


async def test_an_answer_to_an_interaction_that_slack_no_longer_takes_is_refused(sandbox):
    with pytest.raises(SlackProblem):
        await sandbox.slack.respond(f"{sandbox.url}/response/unknown", {"text": "Hej"})


async def test_an_answer_where_nobody_listens_is_unclear():
    async with open_gateway("http://127.0.0.1:9/api/") as gateway:
        with pytest.raises(TryLater, match="connection"):
            await gateway.respond("http://127.0.0.1:9/response/1", {"text": "Hej"})
        with pytest.raises(TryLater, match="connection"):
            await gateway.auth_test(TOKEN)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("rate_limited", Wait),
        ("internal_error", TryLater),
        ("fatal_error", TryLater),
        ("edit_window_closed", Gone),
        ("cant_update_message", Gone),
        ("is_archived", Never),
        ("user_disabled", Never),
        ("invalid_blocks", Never),
        ("something_new", Never),
    ],
)
def test_every_error_asks_one_thing_of_us(error, kind):
    assert type(classify(error)) is kind
