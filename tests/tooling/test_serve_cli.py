"""`serve` says in a line why it cannot run, and what a command cannot reach; its log is text or JSON."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from tests.support.machines.product import Product
from tests.tooling.processes import PATIENCE

ROOT = Path(__file__).parents[2]
NO_SLACK = "http://127.0.0.1:9"


def typed(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, [*words], env=environment)


@pytest.fixture
def url(fresh_sqlite_url: str) -> str:
    assert typed("migrate", DATABASE_URL=fresh_sqlite_url).exit_code == 0
    return fresh_sqlite_url


@pytest.fixture
def served(url: str) -> Iterator[Product]:
    product = Product(url, NO_SLACK)
    product.start()
    yield product
    product.kill()


def serve(product: Product, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `serve` says, typed where it cannot run."""
    command = [sys.executable, "-m", "bot", "serve", "--port", str(product.port)]
    environment = product._environment() | environment
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def test_a_taken_port_is_named_with_its_setting(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = serve(Product(url, NO_SLACK, port))

    assert told.returncode == 2
    assert told.stderr == f"PORT: another program listens at 127.0.0.1:{port}. End it, or set another PORT.\n"


def test_an_address_that_is_not_this_machines_is_named_with_its_setting(url: str) -> None:
    told = serve(Product(url, NO_SLACK), HOST="192.0.2.1")

    assert told.returncode == 2
    assert told.stderr == (
        "HOST: this machine has no address 192.0.2.1. Set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0.\n"
    )


def test_a_second_server_of_one_sqlite_file_is_refused_and_the_first_goes_on(served: Product) -> None:
    told = serve(Product(served.database_url, NO_SLACK))

    assert told.returncode == 2
    assert told.stderr.startswith("DATABASE_URL: another kundportal serve, or demo, runs on ")
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE):
        pass


def test_a_link_to_the_file_is_the_same_file(served: Product, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(served.database_url.removeprefix("sqlite:///"))
    told = serve(Product(f"sqlite:///{tmp_path / 'link.db'}", NO_SLACK))

    assert told.stderr.startswith("DATABASE_URL: another kundportal serve, or demo, runs on ")


def test_a_demo_on_a_served_file_is_refused(served: Product) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--database-url", served.database_url]
    told = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=PATIENCE)

    assert told.returncode == 2
    assert told.stderr.startswith("DATABASE_URL: another kundportal serve, or demo, runs on ")


def test_a_server_that_was_killed_leaves_nothing_that_keeps_the_next_out(served: Product) -> None:
    served.kill()

    served.start()


def test_commands_write_beside_a_server(served: Product) -> None:
    told = typed("load", str(ROOT / "docs" / "example.yaml"), DATABASE_URL=served.database_url)

    assert told.exit_code == 0
    assert " added" in told.output


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("postgresql://portal:hush@nowhere.invalid/x", "no machine nowhere.invalid is known"),
        ("postgresql://portal:hush@127.0.0.1:1/x", "nobody answers at 127.0.0.1:1"),
        ("sqlite:////nowhere/at/all/x.db", "/nowhere/at/all/x.db"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_with_its_setting(
    database: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def knowing_no_machine(host: str, *args: object, **named: object) -> object:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", knowing_no_machine)
    told = typed("migrate", DATABASE_URL=database)
    line = told.stderr.splitlines()[-1]

    assert told.exit_code == 2
    assert line.startswith("DATABASE_URL: ")
    assert said in line
    assert "hush" not in told.output
    assert "Errno" not in told.output


def test_with_log_format_json_every_line_of_the_log_is_an_object_with_its_level(url: str) -> None:
    product = Product(url, NO_SLACK)
    command = [sys.executable, "-m", "bot", "serve", "--port", str(product.port)]
    environment = product._environment() | {"LOG_FORMAT": "json"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = list[str]()
        for line in iter(process.stderr.readline, ""):
            lines.append(line)
            if "Uvicorn running" in line:
                process.send_signal(signal.SIGTERM)

    told = [json.loads(line) for line in lines]
    assert {each["level"] for each in told} <= {"INFO", "WARNING", "ERROR"}
    assert all({"at", "logger", "message"} <= set(each) for each in told)
    assert [each["logger"] for each in told if "Uvicorn running" in each["message"]] == ["uvicorn.error"]
