"""The wheel in an empty environment, a month later: exactly the lock, and every command from any folder."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.support.machines.product import free_port
from tests.tooling.at_run_time import at_run_time
from tests.tooling.locked import ROOT, for_this_machine, locked
from tests.tooling.made_up_index import MadeUpIndex, serving
from tests.tooling.processes import INSTALLING, PATIENCE, is_there, until
from tests.tooling.test_dotenv import SETTINGS

UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def in_a_month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeUpIndex]:
    with serving(locked(), tmp_path_factory.mktemp("releases")) as index:
        yield index


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make wheel` builds, by the environment that these tests run in."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(["make", "--assume-old=setup", "wheel", f"DIST={folder}"], cwd=ROOT, check=True, env=outside())
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, in_a_month: MadeUpIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment with the wheel and nothing that it was not told of."""
    made = tmp_path_factory.mktemp("installed") / "venv"
    env = outside() | told() | {"UV_INDEX": in_a_month.url, "UV_INDEX_STRATEGY": "unsafe-best-match"}
    install = [UV, "pip", "install", "--quiet", "--python", made / "bin" / "python", "--no-deps"]
    for command in (
        [UV, "venv", "--quiet", "--python", sys.executable, made],
        [*install, "--require-hashes", "-r", dist / "requirements.txt"],
        [*install, *dist.glob("kundportal-*.whl")],
        [UV, "pip", "check", "--quiet", "--python", made / "bin" / "python"],
    ):
        subprocess.run(command, check=True, env=env)
    return made / "bin"


@pytest.fixture
def elsewhere(dist: Path, tmp_path: Path) -> Path:
    """A folder that has nothing to do with the checkout, with the example of settings filled in, and a register."""
    shutil.copy2(ROOT / "docs" / "example.yaml", tmp_path / "register.yaml")
    settings = SETTINGS | {"SLACK_API_URL": "http://127.0.0.1:9/api/", "PORT": str(free_port())}
    lines = (dist / ".env.example").read_text("utf-8").splitlines()
    filled = [f"{name}={settings.get(name, value)}" if is_set else name for name, is_set, value in map(parted, lines)]
    (tmp_path / ".env").write_text("\n".join(filled), "utf-8")
    return tmp_path


def parted(line: str) -> tuple[str, str, str]:
    return (line, "", "") if line.startswith("#") else line.partition("=")


def outside() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "VIRTUAL_ENV"))}


def told() -> dict[str, str]:
    """Where pip is told to ask, for uv, which has to be told as well."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    where = os.environ.get("PIP_INDEX_URL") or configured
    return {"UV_DEFAULT_INDEX": where} if where else {}


@contextmanager
def running(command: list[str | Path], folder: Path) -> Iterator[subprocess.Popen[str]]:
    env = {"PATH": os.defpath, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def typed(command: Path, folder: Path, *words: str) -> str:
    with running([command / "kundportal", *words], folder) as process:
        said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0, said
    return said


def test_what_the_product_runs_on_are_lines_of_the_lock_and_none_of_the_tests() -> None:
    names = {line.partition("==")[0] for line in at_run_time()}

    assert {"fastapi", "sqlalchemy", "slack-bolt", "uvloop", "greenlet"} <= {name.partition("[")[0] for name in names}
    assert not names & {"pytest", "hypothesis", "jsonschema", "playwright", "hatchling", "uv", "linkify-it-py"}


def test_an_extra_that_is_asked_for_comes_with_all_that_it_needs_and_others_do_not() -> None:
    plain, more = ({re.split(r"[\[=]", line)[0] for line in at_run_time(*extras)} for extras in ((), ("otel",)))

    assert {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "protobuf", "requests"} <= more - plain
    assert plain < more
    assert not more & {"pytest", "hypothesis", "uv"}


@pytest.mark.slow
def test_traces_without_their_extra_are_refused_at_the_start_by_a_line(installed: Path, elsewhere: Path) -> None:
    with (elsewhere / ".env").open("a", encoding="utf-8") as settings:
        settings.write("\nOTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n")

    with running([installed / "kundportal", "serve"], elsewhere) as process:
        said = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode == 2
    assert said.splitlines()[1:] == [
        "OTEL_EXPORTER_OTLP_ENDPOINT: must have its packages installed: kundportal[otel] (docs/operating.md, Traces)"
    ]


@pytest.mark.slow
@pytest.mark.timeout(INSTALLING)
def test_the_environment_holds_exactly_the_lock_and_the_wheel(installed: Path) -> None:
    words = [UV, "pip", "list", "--python", installed / "python", "--format", "json"]
    listed = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    names = {re.split(r"[\[=]", line)[0] for line in at_run_time()}
    wanted = {name: version for name, version in for_this_machine().items() if name in names}

    assert {row["name"]: row["version"] for row in listed} == wanted | {"kundportal": PROJECT["version"]}


@pytest.mark.slow
@pytest.mark.timeout(INSTALLING)
def test_from_any_folder_it_makes_its_database_fills_it_and_serves(installed: Path, elsewhere: Path) -> None:
    port = dotenv_values(elsewhere / ".env")["PORT"]

    assert typed(installed, elsewhere, "--version") == PROJECT["version"] + "\n"
    assert "https://file.example.org/slack/events" in typed(installed, elsewhere, "manifest")
    assert "was empty, and is at revision" in typed(installed, elsewhere, "migrate")
    assert "30 added" in typed(installed, elsewhere, "load", "register.yaml")
    with running([installed / "kundportal", "serve"], elsewhere) as process:
        until(lambda: is_there(f"http://127.0.0.1:{port}/healthz"), process)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[0]

    assert "Traceback" not in said
    assert {file.name for file in elsewhere.iterdir()} == {
        ".env",
        "register.yaml",
        "of-the-file.db",
        "of-the-file.db-serving",
    }


@pytest.mark.slow
@pytest.mark.timeout(INSTALLING)
def test_from_any_folder_its_demo_says_where_it_is_answers_and_ends(installed: Path, elsewhere: Path) -> None:
    ports = ["--port", "0", "--page-port", "0", "--mail-port", "0"]
    with running([installed / "kundportal", "demo", *ports], elsewhere) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(found[0] for found in (re.search(r"http://[\d.]+:\d+", line) for line in lines) if found)
        until(lambda: is_there(address), process)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode == 0
    assert said.rstrip().endswith("Stopped.")
    assert {file.name for file in elsewhere.iterdir()} == {".env", "register.yaml"}
