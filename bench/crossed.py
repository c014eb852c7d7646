"""`python -m bench.crossed`: which files of the product run code from a press's arrival to each of three ends.

A file counts when a function that is defined in it is called or goes on in the meantime: generators, comprehensions and
lambdas too, but neither what runs at import nor what a dataclass is given. The sandbox, the demo and the tests do not
count. Before each press nothing runs any more, the clock is off, and a press that is not counted has filled the caches.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Annotated
from unittest.mock import DEFAULT, patch

import httpx
import typer
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.demo.run import Demo
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.server import Server
from bot.server.serving import OPTIONS
from notifications.outbox.scheduler import Scheduler
from tests.flow.people import BO, OSCAR, place_order
from tests.flow.slack import PATIENCE, Slack, text, until
from tests.flow.stage import at_a_place, prepare, running

ROOT = Path(__file__).resolve().parents[1]
NOT_COUNTED = (ROOT / "bot/sandbox", ROOT / "bot/demo")
FILES = {
    str(path): path.relative_to(ROOT)
    for package in ("core", "notifications", "bot")
    for path in (ROOT / package).rglob("*.py")
    if not any(path.is_relative_to(other) for other in NOT_COUNTED)
}
# What has been answered when each of the three ends; every one of these requests names the card that was pressed.
OPENED, ACKNOWLEDGED, REPAINTED = "/api/views.open", "/slack/events", "/api/chat.update"
ENDS = {
    OPENED: "to the opened modal",
    ACKNOWLEDGED: "to the acknowledged submission",
    REPAINTED: "to the repainted card",
}
# The relay rests for half of this at most.
QUIET_SECONDS = 0.5
Crossed = frozenset[Path]


@dataclass
class Trace:
    """The files that have run code since a press began, and those that had when each end came."""

    card: bytes = b""
    calls: int = 0
    files: set[str] = field(default_factory=set[str])
    ends: dict[str, Crossed] = field(default_factory=dict[str, Crossed])

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Python says what a thread does; the body of a module or a class is no function."""
        code = frame.f_code
        if event == "call" and code.co_flags & CO_OPTIMIZED and code.co_filename in FILES:
            self.calls += 1
            self.files.add(code.co_filename)

    def begin(self, card: str) -> None:
        """Forget what was, as soon as nothing runs any more."""
        calls = -1
        while calls != self.calls:
            calls = self.calls
            time.sleep(QUIET_SECONDS)
        self.card, self.files, self.ends = card.encode(), set(), {}

    def answered(self, path: str, body: bytes) -> None:
        """A request was answered, which is an end when it is the first of its kind that names the card."""
        if path in ENDS and self.card and self.card in body:
            self.ends.setdefault(path, frozenset(FILES[each] for each in tuple(self.files)))

    def until(self, path: str) -> Crossed:
        """The files that had run code when an end came, waited for."""
        return until(lambda: self.ends.get(path), what=path)


class Ending:
    """Tells the trace of each request whose answer is complete."""

    def __init__(self, app: ASGIApp, trace: Trace) -> None:
        self._app = app
        self._trace = trace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        body = bytearray()

        async def read() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def told(message: Message) -> None:
            # Before it is sent, so that nothing of what the answer sets going has begun.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._trace.answered(scope["path"], bytes(body))
            await send(message)

        await self._app(scope, read, told)


def main(presses: Annotated[int, typer.Option(help="Orders that are attested and count.")] = 3) -> None:
    """Attest orders in the sandbox, and print which files of the product that took."""
    with TemporaryDirectory() as folder:
        found = measure(Path(folder), presses)
    for path, name in ENDS.items():
        _print(name, [each[path] for each in found])


def measure(folder: Path, presses: int) -> list[dict[str, Crossed]]:
    """The files of each press, by end."""
    trace = Trace()
    with at_a_place(prepare(folder / "prepared.db"), folder) as place, playing(place, trace) as slack:
        return [attest(slack, trace, f"Vårdcentralen {number}") for number in range(presses + 1)][1:]


def attest(slack: Slack, trace: Trace, unit: str) -> dict[str, Crossed]:
    """Place an order for a unit, open the modal by which it is attested, and submit that."""
    bo = slack.person(BO)
    case = place_order(slack, "npo-producent", units=text(unit))
    card = bo.card("kp.attest", case)
    trace.begin(card["ts"])
    bo.press(card, "kp.attest")
    found = {OPENED: trace.until(OPENED)}
    modal = bo.modal("Region Exempel")
    trace.begin(card["ts"])
    bo.submit(modal)
    return found | {each: trace.until(each) for each in (ACKNOWLEDGED, REPAINTED)}


@contextmanager
def playing(place: Demo, trace: Trace) -> Iterator[Slack]:
    """The sandbox, and the product with its clock off; only the threads of the product are traced."""
    config = place.sandbox().model_copy(update={"ack_timeout": PATIENCE, "trigger_seconds": PATIENCE})
    small, product = create_app(config), build(place.settings(config))
    for app in (small, product):
        app.add_middleware(Ending, trace=trace)
    with running(Server(small, 0), place.page), httpx.Client(base_url=place.address, timeout=PATIENCE) as http:
        slack = Slack(http)
        with traced(trace), running(_served(product), place.product):
            until(lambda: slack.person(OSCAR).opens_home() == 200, what="the workspace")
            yield slack


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """From now on every new thread is traced, and no clock starts."""
    threading.setprofile(trace.note)
    with patch.multiple(Scheduler, start=DEFAULT, stop=DEFAULT):
        try:
            yield
        finally:
            threading.setprofile(None)


def _served(product: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(uvicorn.Config(product, log_level="warning", **OPTIONS))


def _print(name: str, found: list[Crossed]) -> None:
    counts = [len(each) for each in found]
    lines = median(sum(len((ROOT / file).read_text("utf-8").splitlines()) for file in each) for each in found)
    typer.echo(f"\n{name}: {median(counts):g} files ({', '.join(map(str, counts))}), {lines:,.0f} lines in all")
    times = Counter(file for each in found for file in each)
    folders: defaultdict[Path, list[str]] = defaultdict(list)
    for file, count in sorted(times.items()):
        folders[file.parent].append(file.stem if count == len(found) else f"{file.stem} ({count} of {len(found)})")
    for folder, files in folders.items():
        typer.echo(f"  {folder!s:<24}{len(files):>3}  {', '.join(files)}")


if __name__ == "__main__":
    typer.run(main)
