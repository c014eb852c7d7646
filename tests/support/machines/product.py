"""The product as real processes of its own, against a sandbox: started, killed, started again."""

import json
import multiprocessing
import os
import random
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.parse import urlencode

from bot.cli.commands import app
from bot.sandbox.config import Channel, SandboxConfig, SandboxWorkspace, WorkspaceMember
from bot.sandbox.manifest import load_manifest
from bot.slack.route import sign
from notifications.accounts import directory
from notifications.slack import slack_gateway
from tests.support.world import contact, seed

SIGNING_SECRET = "a-signing-secret-of-the-tests"
SECRET_KEY = "of-the-tests-and-of-nobody-else-at-all"
TOKEN = "xoxb-of-the-tests"
APP_ID = "A0TESTS0001"
TEAM_ID = seed.TEAM.removeprefix("slack:")
CHANNEL = "C0KUNDSERV1"
ROOT = Path(__file__).parents[3]
# Only what never comes takes this long: a busy machine was seen to take more than twenty seconds for a start.
PATIENCE = 90
# Below those that systems give to connections on their way out: between two lives of a product nobody takes its port.
PORTS = range(20_000, 32_000)


def sandbox_config(request_url: str, *, limits: bool = False, more: tuple[tuple, ...] = ()) -> SandboxConfig:
    """A workspace with the people of the small world, `more` of their kind, and customer service's channel."""
    people = [_person(*each) for each in (*seed.PEOPLE, *more)]
    service = tuple(seed.slack_user(person) for person in (seed.KARIN, seed.KALLE))
    return SandboxConfig(
        manifest=load_manifest(ROOT / "app.yaml"),
        request_url=request_url,
        signing_secret=SIGNING_SECRET,
        app_id=APP_ID,
        limits=limits,
        workspaces=(
            SandboxWorkspace(
                id=TEAM_ID,
                name="Inera",
                domain="inera",
                bot_token=TOKEN,
                bot_user="U0BOT000001",
                users=tuple(people),
                channels=(Channel(id=CHANNEL, name="kundservice", members=service, bot=True),),
            ),
        ),
    )


def workspace_of(team: str, users: Iterable[str]) -> SandboxWorkspace:
    """One more workspace with the app in it, and with these accounts."""
    return SandboxWorkspace(
        id=team,
        name=team,
        domain=team.lower(),
        bot_token=token_of(team),
        bot_user=f"UBOT{team}",
        users=tuple(WorkspaceMember(id=user, name=user, real_name=user) for user in users),
    )


def token_of(team: str) -> str:
    """The app's token in such a workspace."""
    return f"xoxb-{team}"


def _person(id_, name, language, roles) -> WorkspaceMember:
    user, email = seed.slack_user(id_), f"{id_.removeprefix('P-')}@example.org"
    return WorkspaceMember(
        id=user, name=name.lower().replace(" ", "."), real_name=name, email=email, locale=f"{language}-SE"
    )


def _ports() -> list[int]:
    """Those of this worker of the tests alone, in an order of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = list(PORTS[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))])
    random.SystemRandom().shuffle(mine)
    return mine


_NEXT = cycle(_ports())


def free_port() -> int:
    """A port that nobody uses now, and that nobody else in this run of the tests is told of."""
    while True:
        port = next(_NEXT)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


# A process that has imported everything and run nothing, from which each product is forked: most of a start is imports.
STARTING = multiprocessing.get_context("forkserver")
UVICORN = ("lifespan.on", "loops.uvloop", "protocols.http.httptools_impl")
STARTING.set_forkserver_preload(
    [
        "bot.main",
        "bot.cli.serve_cli",
        *(f"uvicorn.{each}" for each in UVICORN),
        "tests.support.machines.product",
        "tests.support.machines.forked",
    ]
)


def _serve(environment: Mapping[str, str], port: int, options: Sequence[str]) -> None:
    """Be `kundportal serve`."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    # Stories are of what happens, not of how fast: a call to Slack is waited for, and whoever is killed stands at it.
    slack_gateway.TIMEOUT_SECONDS = directory.LOOK_ONCE_MORE_SECONDS = PATIENCE
    # What the process that it is forked from has for a stdin, its own children have not.
    sys.stdin = None
    app(["serve", "--port", str(port), *options])


@dataclass
class Product:
    """One `kundportal serve` on a port of its own; it can be killed and started again on the same port."""

    database_url: str
    slack_url: str
    port: int = field(default_factory=free_port)
    process: BaseProcess | None = None
    smtp_port: int | None = None
    options: Sequence[str] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = STARTING.Process(target=_serve, args=(self._environment(), self.port, self.options))
        self.process.start()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.is_alive(), "the product ended at start"
            # It listens when it can answer.
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError("the product does not answer")

    def kill(self) -> None:
        """SIGKILL: nothing is drained, nothing said goodbye to."""
        if self.process is not None:
            self.process.kill()
            self.process.join(PATIENCE)

    def stop(self) -> None:
        """SIGTERM, as an operator stops it."""
        if self.process is not None:
            self.process.terminate()
            self.process.join(PATIENCE)

    def _environment(self) -> dict[str, str]:
        post = {} if self.smtp_port is None else {"SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}"}
        return (
            os.environ
            | post
            | {
                "MAIL_FROM": "Kundportalen <portal@inera.example>",
                "DATABASE_URL": self.database_url,
                # Stories are of what happens, not of how fast: fifty on a busy machine wait longer than Slack would.
                "DATABASE_LOCK_SECONDS": "60",
                "SLACK_API_URL": f"{self.slack_url}/api/",
                "SLACK_BOT_TOKEN": TOKEN,
                "SLACK_SIGNING_SECRET": SIGNING_SECRET,
                "SLACK_APP_ID": APP_ID,
                "SLACK_CHANNEL": CHANNEL,
                "PORTAL_URL": "https://portal.example.org",
                **contact.ENVIRONMENT,
                "PUBLIC_URL": self.url,
                "SECRET_KEY": SECRET_KEY,
                "ENVIRONMENT": "test",
            }
        )


@contextmanager
def products(database_url: str, slack_url: str, options: Iterable[Sequence[str]]) -> Iterator[list[Product]]:
    """A product for each of these options of `serve`, all on one database, ended at the end."""
    started = [Product(database_url, slack_url, options=each) for each in options]
    try:
        for each in started:
            each.start()
        yield started
    finally:
        for each in started:
            each.kill()


def signed(payload: dict) -> tuple[bytes, dict[str, str]]:
    """A payload as Slack would post it: body and headers."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(time.time()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": sign(SIGNING_SECRET, stamp, body),
    }
    return body, headers


def submission(user: str, view: dict, values: dict, *, number: int) -> dict:
    """A `view_submission` of somebody in the workspace."""
    view_id = f"V{number:09d}"
    return {
        "type": "view_submission",
        "team": {"id": TEAM_ID, "domain": "inera"},
        "user": {"id": user, "username": "somebody", "name": "somebody", "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": "unused",
        "trigger_id": f"{number}.1.a",
        "view": view
        | {
            "id": view_id,
            "root_view_id": view_id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "bot_id": "B0BOT000001",
            "hash": "1.a",
            "state": {"values": values},
            "previous_view_id": None,
            "app_installed_team_id": TEAM_ID,
            "external_id": "",
        },
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }
