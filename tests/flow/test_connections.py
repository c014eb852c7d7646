"""One client, however slow, silent or talkative, holds no more of the server than its share, and nobody else up."""

import asyncio
import logging
import resource
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import Mock

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from uvicorn.server import ServerState

from bot.demo.run import Demo, bind
from bot.server import serving
from bot.server.fact_lines import StrangersPace
from bot.server.serving import CONNECTIONS, FIELDS, HEAD_BYTES, OPTIONS, WAITING, BoundedProtocol, places
from tests.flow.slack import PATIENCE, until
from tests.flow.stage import running
from tests.support.machines.product import Product, free_port

SOON = 1.0
LARGE = 8_000_000
GET = b"GET / HTTP/1.1\r\nHost: kundportal.test\r\n"
POST = b"POST / HTTP/1.1\r\nHost: kundportal.test\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: kundportal.test\r\nTransfer-Encoding: chunked\r\n\r\n"


class Hasty(BoundedProtocol):
    """The same, for tests that do not wait."""

    head_seconds = body_seconds = read_seconds = SOON

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it is over."""
        super().connection_lost(exc)
        lost.append(self)


class Roomy(BoundedProtocol):
    """The same with four places."""

    def __init__(self, *args, **named) -> None:
        super().__init__(*args, **named)
        self._places = 4


begun: list[Request] = []
lost: list[Hasty] = []
released = threading.Event()


async def answer(request: Request) -> Response:
    return PlainTextResponse(f"read {len(await request.body())}")


async def large(request: Request) -> Response:
    return PlainTextResponse("x" * LARGE)


async def slow(request: Request) -> Response:
    await asyncio.sleep(SOON * 2)
    return PlainTextResponse("slow")


async def held(request: Request) -> Response:
    begun.append(request)
    await asyncio.to_thread(released.wait, PATIENCE)
    return PlainTextResponse("held")


@contextmanager
def served(protocol: type[BoundedProtocol]) -> Iterator[tuple[str, int]]:
    """A server as the product's, where a client connects."""
    app = FastAPI()
    app.add_route("/", answer, methods=["GET", "POST"])
    app.add_route("/large", large)
    app.add_route("/slow", slow)
    app.add_route("/held", held)
    config = uvicorn.Config(app, log_level="critical", **OPTIONS | {"http": protocol})  # type: ignore[arg-type]
    with bind(0) as listening, running(uvicorn.Server(config), listening):
        yield listening.getsockname()


@pytest.fixture
def hasty() -> Iterator[tuple[str, int]]:
    with served(Hasty) as address:
        yield address


@pytest.fixture
def patient() -> Iterator[tuple[str, int]]:
    with served(BoundedProtocol) as address:
        yield address


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=PATIENCE)


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side ends it."""
    got = bytearray()
    try:
        while part := connection.recv(1_000_000):
            got += part
    except ConnectionError:
        pass
    return bytes(got)


def heard(connection: socket.socket, end: bytes) -> bool:
    """Whether what comes ends like this, sooner or later."""
    got = b""
    while not got.endswith(end) and (part := connection.recv(1_000)):
        got += part
    return got.endswith(end)


def is_ended(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side ends it, while a byte is sent now and then."""
    deadline = time.monotonic() + PATIENCE
    connection.settimeout(seconds / 20)
    while time.monotonic() < deadline:
        try:
            connection.send(b"x")
            if connection.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


class Timers:
    """A loop that keeps no time: its timers go off when a test says so."""

    def __init__(self) -> None:
        self.set: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return 0.0

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Mock:
        self.set.append((seconds, callback))
        return Mock()

    def create_task(self, running: Coroutine[object, object, None]) -> Mock:
        running.close()
        return Mock()


def test_a_body_has_a_second_more_for_what_came_of_it_and_none_for_silence() -> None:
    timers, transport = Timers(), Mock(**{"is_closing.return_value": False, "get_extra_info.return_value": None})
    config = uvicorn.Config(FastAPI(), log_level="critical", **OPTIONS)  # type: ignore[arg-type]
    config.load()
    protocol = BoundedProtocol(config, ServerState(), {}, _loop=timers)
    protocol.connection_made(transport)
    protocol.data_received(POST.replace(b"10\r", b"5000000\r"))
    for _ in range(3):
        protocol.data_received(b"x" * 20_000)
    seconds = []
    for _ in range(2):
        seconds.append(timers.set[-1][0])
        timers.set[-1][1]()

    assert seconds == [BoundedProtocol.body_seconds, 3.0]
    transport.abort.assert_called_once_with()


@pytest.mark.parametrize("said", [b"", b"G", GET, POST, POST + b"half", CHUNKED + b"4\r\nha"])
def test_whoever_falls_silent_before_the_end_of_a_request_is_let_go(hasty, said) -> None:
    begun = time.monotonic()
    with connect(hasty) as connection:
        connection.sendall(said)
        everything(connection)

    assert time.monotonic() - begun > SOON * 0.8


@pytest.mark.parametrize("before", [b"", GET + b"X: ", POST[:-2], CHUNKED[:-2]])
def test_a_byte_now_and_then_puts_nothing_off(hasty, before) -> None:
    with connect(hasty) as connection:
        connection.sendall(before)
        assert is_ended(connection, SOON)


def test_whoever_falls_silent_between_two_requests_is_let_go_when_stray_bytes_came(hasty) -> None:
    with connect(hasty) as connection:
        connection.sendall(GET + b"\r\n")
        assert heard(connection, b"read 0")
        connection.sendall(b"\r\n")
        assert everything(connection) == b""


def test_a_connection_that_is_kept_open_takes_request_after_request(hasty) -> None:
    with connect(hasty) as connection:
        for _ in range(3):
            connection.sendall(POST + b"0123456789")
            assert heard(connection, b"read 10")
            # Longer than a request may take, and idle is not slow.
            time.sleep(SOON * 1.5)


def test_whoever_has_sent_all_of_a_request_gets_an_answer_however_long_that_takes(hasty) -> None:
    with connect(hasty) as connection:
        connection.sendall(GET.replace(b"/ ", b"/slow ") + b"\r\n")
        assert heard(connection, b"slow")


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
def test_whoever_does_not_read_an_answer_is_let_go(hasty, more) -> None:
    lost.clear()
    with connect(hasty) as connection:
        connection.sendall(GET.replace(b"/ ", b"/large ") + more + b"\r\n")
        until(lambda: lost, what="the end of it")
        assert len(everything(connection)) < LARGE


def test_an_answer_that_is_read_comes_whole(patient) -> None:
    assert len(httpx.get(f"http://{patient[0]}:{patient[1]}/large", timeout=PATIENCE).content) == LARGE


def big(size: int) -> list[bytes]:
    """Heads of so many bytes, all told: one long header, one long name, one long address, many headers."""
    fields = b"".join(b"X-%03d: %s\r\n" % (number, b"x" * (size // 80)) for number in range(80))
    return [
        GET + b"X: " + b"x" * size + b"\r\n\r\n",
        GET + b"x" * size + b": 1\r\n\r\n",
        GET.replace(b"/ ", b"/?" + b"x" * size + b" ") + b"\r\n",
        GET + fields + b"\r\n",
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_head_of_more_bytes_than_any_request_needs_is_refused(patient, which) -> None:
    for size, status in ((HEAD_BYTES + 1, b"431"), (HEAD_BYTES - 1_000, b"200")):
        with connect(patient) as connection:
            connection.sendall(big(size)[which])
            got = connection.recv(2_000)
            assert got.split(b" ", 2)[1] == status


def test_more_headers_than_any_request_has_are_refused_and_the_answer_is_like_every_other(patient) -> None:
    with connect(patient) as connection:
        connection.sendall(GET + b"X: 1\r\n" * FIELDS + b"\r\n")
        refused = everything(connection)
    with connect(patient) as connection:
        connection.sendall(GET + b"X: 1\r\n" * (FIELDS - 1) + b"\r\n")
        taken = connection.recv(1_000)

    assert refused.startswith(b"HTTP/1.1 431 ")
    assert b"\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n" in refused
    assert taken.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("begin", [GET + b"X: ", b"GET /", CHUNKED + b"1;x=", CHUNKED + b"1\r\nx\r\n0\r\nX: "])
def test_what_never_ends_before_a_body_is_cut_off(patient, begin) -> None:
    sent = 0
    with connect(patient) as connection:
        connection.sendall(begin)
        try:
            while sent < 50_000_000:
                sent += connection.send(b"x" * 65_536)
        except ConnectionError:
            pass

    # What the system holds on the way is not ours.
    assert sent < 20_000_000


def test_a_few_requests_may_wait_for_their_turn_and_whoever_sends_more_is_cut_off(patient) -> None:
    first, another = GET.replace(b"/ ", b"/slow ") + b"\r\n", GET + b"\r\n"
    with connect(patient) as modest, connect(patient) as greedy:
        modest.sendall(first + another * (WAITING - 1) + GET + b"Connection: close\r\n\r\n")
        greedy.sendall(first + another * (WAITING + 1))

        assert everything(greedy) == b""
        assert everything(modest).count(b"read 0") == WAITING


def test_what_is_no_request_is_answered_as_everything_is(patient) -> None:
    with connect(patient) as connection:
        connection.sendall(b"nothing that one could read\r\n\r\n")
        got = everything(connection)

    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"nosniff" in got
    assert b"no-store" in got


def test_where_all_places_are_taken_whoever_keeps_us_waiting_longest_makes_room() -> None:
    with served(Roomy) as address, ExitStack() as stack:
        silent = [stack.enter_context(connect(address)) for _ in range(4)]
        for each in silent:
            # One after another, so that it is known who came first.
            each.sendall(GET)
        newcomers = [httpx.get(f"http://{address[0]}:{address[1]}/", timeout=PATIENCE).text for _ in range(3)]
        silent[-1].sendall(b"\r\n")

        assert newcomers == ["read 0"] * 3
        assert everything(silent[0]) == b""
        assert heard(silent[-1], b"read 0")


def test_whoever_is_being_answered_keeps_the_place_and_one_too_many_hears_so() -> None:
    begun.clear()
    released.clear()
    with served(Roomy) as address, ExitStack() as stack:
        answered = [stack.enter_context(connect(address)) for _ in range(4)]
        for each in answered:
            each.sendall(GET.replace(b"/ ", b"/held ") + b"\r\n")
        until(lambda: len(begun) == 4, what="the four")

        with connect(address) as one_too_many:
            assert everything(one_too_many).startswith(b"HTTP/1.1 503 ")
        released.set()
        assert all(heard(each, b"held") for each in answered)


@pytest.mark.parametrize(("files", "room"), [(64, 32), (256, 128), (1_024, 824), (1_000_000, 1_000), (-1, 1_000)])
def test_there_are_fewer_places_where_a_process_may_have_few_files(monkeypatch, files, room) -> None:
    monkeypatch.setattr(serving.resource, "getrlimit", lambda _: (files, files))

    assert places() == room <= CONNECTIONS


@pytest.fixture
def narrow(place: Demo) -> Iterator[Product]:
    """`kundportal serve` where a process may have 256 files, and Slack is away."""
    product = Product(place.database_url, f"http://127.0.0.1:{free_port()}")
    product.start()
    assert product.process is not None
    resource.prlimit(product.process.pid or 0, resource.RLIMIT_NOFILE, (256, 256))
    try:
        yield product
    finally:
        product.kill()


def test_the_product_says_how_it_is_and_stops_while_somebody_holds_five_hundred_silent_connections(narrow) -> None:
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(connect(("127.0.0.1", narrow.port)))

        answers = [httpx.get(f"{narrow.url}/readyz", timeout=PATIENCE) for _ in range(5)]
        narrow.stop()

    assert [each.status_code for each in answers] == [200] * 5
    assert narrow.process.exitcode is not None


@pytest.mark.parametrize("line", ["CONNECT kundportal.test:443", "GET http://[x", "GET http://[x]:y/"])
def test_an_address_that_cannot_be_read_is_refused_without_a_word_in_the_log(line: str, caplog):
    with served(BoundedProtocol) as address, socket.create_connection(address, PATIENCE) as client:
        client.sendall(f"{line} HTTP/1.1\r\nHost: kundportal.test\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert [record for record in caplog.records if record.exc_info] == []


def test_whoever_sends_what_cannot_be_read_again_and_again_fills_no_log(caplog):
    """The server's own sentences: a release that words them anew is met here."""
    server, pace = logging.getLogger("uvicorn.error"), StrangersPace()
    with served(BoundedProtocol) as address, caplog.at_level(logging.INFO, server.name):
        # Its configuration takes others' handlers away.
        server.addHandler(caplog.handler)
        caplog.handler.addFilter(pace)
        try:
            for _ in range(3):
                for sent in (b"nonsense", GET + b"Connection: Upgrade, close\r\nUpgrade: websocket"):
                    with connect(address) as client:
                        client.sendall(sent + b"\r\n\r\n")
                        everything(client)
        finally:
            caplog.handler.removeFilter(pace)
            server.removeHandler(caplog.handler)

    invalid, unsupported, library = caplog.messages
    assert (invalid, unsupported) == ("Invalid HTTP request received.", "Unsupported upgrade request.")
    assert library.startswith("No supported WebSocket library detected.")
