"""Every command reads `.env` in the folder that it is typed in, and the environment goes before it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.main import get_group
from typer.testing import CliRunner

from bot.cli.commands import app
from bot.config.settings import Settings
from tests.docs.warm import warm_command
from tests.support.world import contact
from tests.tooling.processes import PATIENCE

EXAMPLE = Path(__file__).parents[2] / "docs" / "example.yaml"
DATABASE = "of-the-file.db"
SETTINGS = {
    "DATABASE_URL": f"sqlite:///{DATABASE}",
    "SLACK_BOT_TOKEN": "xoxb-of-the-file",
    "SLACK_SIGNING_SECRET": "a-signing-secret-of-the-tests",
    "SLACK_CHANNEL": "C0123456789",
    "PUBLIC_URL": "https://file.example.org",
    "PORTAL_URL": "https://portal.example.org",
    **contact.ENVIRONMENT,
    "SECRET_KEY": "of-the-tests-and-of-nobody-else-at-all",
    "ENVIRONMENT": "file",
    "SLACK_APP_ID": "",
}
# These begin with a database that is there.
IN_A_DATABASE = {
    "load": [str(EXAMPLE)],
    "api-key": ["--operator"],
    "verify-history": [],
    "checkpoint": [],
    "history": ["B-NONE"],
    "purge": ["--dry-run"],
    "export-person": ["anna.berg@example.org"],
    "unlink": ["anna.berg@example.org"],
    "relink": ["anna.berg@example.org"],
    "sign-out": ["anna.berg@example.org"],
    "cards": [],
    "reconcile": [],
    "who": ["B-NONE"],
    "install-link": ["555555-5555", "anna.berg@example.org"],
    "serve": [],
}
SAID = {
    "load": "0 added, 0 changed, 32 as they were.",
    "api-key": "kp_",
    "verify-history": "All that is sealed is as it was.",
    "checkpoint": "Nothing is sealed yet.",
    "history": "Det finns ingen historik för B-NONE.",
    "purge": "What would go now:",
    "export-person": '"anna.berg@example.org"',
    "unlink": "No Slack account is linked to anna.berg@example.org.",
    "relink": "No unlinked Slack account waits to be linked to anna.berg@example.org again.",
    "sign-out": "anna.berg@example.org is not signed in anywhere.",
    "cards": "Every message has been sent.",
    "reconcile": "0 messages were looked for.",
    "who": "B-NONE",
    "install-link": "Nobody with that address is an administrator of the organisation.",
    "manifest": "https://file.example.org/slack/events",
}


def kundportal(warm: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with nothing in its environment but this."""
    command = [str(warm / "kundportal"), *words]
    env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)


def write(folder: Path, settings: Mapping[str, str]) -> Path:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    return folder


@pytest.fixture(scope="module")
def warm() -> Iterator[Path]:
    with warm_command() as folder:
        yield folder


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, warm: Path) -> Path:
    """A folder with a `.env`, and the database that it names, migrated and loaded by the commands."""
    folder = write(tmp_path_factory.mktemp("office"), SETTINGS)
    for words in (["migrate"], ["load", str(EXAMPLE)]):
        done = kundportal(warm, folder, *words)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A command in this process, in a folder with a `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(write(tmp_path, SETTINGS))
    return lambda *words: CliRunner().invoke(app, [*words])


def test_no_command_that_reads_settings_is_forgotten_here() -> None:
    # Demo and drill read none, the flows are the same everywhere, and the doctor is typed in tests/flow/test_doctor.py.
    assert {"migrate", "manifest", *IN_A_DATABASE} == set(get_group(app).commands) - {
        "demo",
        "drill",
        "flows",
        "doctor",
    }


@pytest.mark.slow
def test_the_database_of_the_file_is_made(office: Path) -> None:
    assert (office / DATABASE).exists()
    assert not (office / "kundportal.db").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", SAID)
def test_each_command_reads_the_file(name: str, office: Path, warm: Path) -> None:
    done = kundportal(warm, office, name, *IN_A_DATABASE.get(name, []))

    assert SAID[name] in done.stdout + done.stderr


@pytest.mark.slow
def test_serve_reads_the_file_and_the_environment_before_it(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("kundportal")), "serve"]
    env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "SLACK_CHANNEL": "of-the-environment"}
    folder = write(tmp_path, SETTINGS | {"PORT": "of-the-file"})

    told = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert told.returncode == 2
    assert told.stderr.splitlines()[1:] == [
        "SLACK_CHANNEL: must be the id of a channel, such as C0123456789",
        "PORT: must be a whole number from 0 to 65535",
    ]


@pytest.mark.parametrize("name", IN_A_DATABASE)
def test_no_command_but_migrate_makes_a_database(name: str, typed, tmp_path: Path) -> None:
    told = typed(name, *IN_A_DATABASE[name])

    assert told.exit_code == 2
    assert told.stderr.startswith(f"There is no database {tmp_path / DATABASE}.")
    assert "kundportal migrate" in told.stderr
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("name", [*IN_A_DATABASE, "migrate"])
def test_the_environment_goes_before_the_file(
    name: str, typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # An existing file that is no database is opened, and named as what it is.
    (tmp_path / "letter.db").write_text("Dear operator, " * 100)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///letter.db")
    told = typed(name, *IN_A_DATABASE.get(name, []))

    assert told.exit_code == 2
    assert "file is not a database" in told.stderr


def test_the_manifest_takes_the_address_that_is_given_before_all_others(typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://environment.example.org")
    by_environment, given = typed("manifest"), typed("manifest", "--url", "https://given.example.org/")

    assert "https://environment.example.org/slack/events" in by_environment.output
    assert "https://given.example.org/slack/events" in given.output


def test_a_manifest_without_an_address_says_which_setting_is_missing(typed, tmp_path: Path) -> None:
    write(tmp_path, {})
    told = typed("manifest")

    assert told.exit_code == 2
    assert "PUBLIC_URL: is missing" in told.stderr
