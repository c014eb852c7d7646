"""The command's menu: it lists everything, imports nothing that it does not need, and each command stands in it."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_group
from typer.testing import CliRunner, Result

from bot.cli.commands import COMMANDS, app

ROOT = Path(__file__).parents[2]
# What the product stands on; `rich` is only there to draw boxes.
HEAVY = {
    "aiohttp",
    "alembic",
    "core",
    "fastapi",
    "notifications",
    "pydantic",
    "rich",
    "slack_bolt",
    "sqlalchemy",
    "uvicorn",
}
MODULES = sorted({entry.module for entry in COMMANDS.values()})


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"COLUMNS": "80"})


def imported_for(word: str) -> set[str]:
    """Every module that is imported when a program is asked for this and nothing else."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", word]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    return {line.rsplit("|", 1)[1].strip() for line in told.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("words", [("history", "\udcff"), ("api-key", "--operator", "--label", "a\udcff"), ("\udcff",)])
def test_what_is_no_text_is_told_in_a_line(words: tuple[str, ...]) -> None:
    told = typed(*words)

    assert told.exit_code == 2
    assert "What was typed is no text in UTF-8." in told.output
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_what_is_asked_first_is_answered_before_anything_heavy_is_imported(word: str) -> None:
    names = imported_for(word)

    assert "typer" in names
    assert {name.split(".")[0] for name in names} & HEAVY == set()
    assert {name for name in names if name.startswith("bot.")} == {"bot.cli", "bot.cli.commands"}


def test_every_command_is_listed_with_a_whole_line() -> None:
    told = typed("--help")

    assert told.exit_code == 0
    assert max(map(len, told.output.splitlines())) <= 80
    for name, entry in COMMANDS.items():
        assert re.search(f"^  {name} +{re.escape(entry.what)}$", told.output, re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_every_command_of_a_module_stands_in_the_menu(module: str) -> None:
    commands = get_group(import_module(f"bot.cli.{module}").app).commands

    assert set(commands) == {name for name, entry in COMMANDS.items() if entry.module == module}


def test_every_module_of_commands_is_in_the_menu() -> None:
    place = ROOT / "bot" / "cli"
    found = {file.relative_to(place).with_suffix("") for file in place.rglob("*_cli.py")}

    assert {".".join(file.parts) for file in found} == set(MODULES)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    told = typed(name, "--help")

    assert told.exit_code == 0
    assert f" {name} " in told.output
    assert "Options:" in told.output


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert typed("--version").output == project["version"] + "\n"


def test_a_command_that_there_is_not_is_told_with_one_like_it() -> None:
    told = typed("serv")

    assert told.exit_code == 2
    assert "Did you mean 'serve'?" in told.output
