"""The command's menu: it lists everything, imports nothing that it does not need, and each command stands in it."""

import re
import subprocess
import sys
import tomllib
from inspect import signature
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from typer.main import get_group
from typer.testing import CliRunner, Result

from bot.cli import commands
from bot.cli.commands import app
from bot.drill.databases import DatabaseKind
from core.api import Language
from core.storage.identity.api_keys import LASTS

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
COMMANDS = get_group(app).commands
# With it typer checks what was typed for a command.
TYPERS_OWN = {"pydantic"}
# The package, the list of commands, and the words of one option.
LIGHT = {"bot", "bot.__main__", "bot.cli", "bot.cli.commands", "bot.server", "bot.server.duties"}


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"COLUMNS": "80"})


def imported_for(*words: str) -> set[str]:
    """Every module that is imported when a program is asked for this and nothing else."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", *words]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    return {line.rsplit("|", 1)[1].strip() for line in told.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("words", [("history", "\udcff"), ("api-key", "--operator", "--label", "a\udcff"), ("\udcff",)])
def test_what_is_no_text_is_told_in_a_line(words: tuple[str, ...]) -> None:
    told = typed(*words)

    assert told.exit_code == 2
    assert "What was typed is no text in UTF-8." in told.output
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_what_is_asked_first_is_answered_before_anything_heavy_is_imported(words: list[str]) -> None:
    names = imported_for(*words)

    assert "typer" in names
    heavy = HEAVY if len(words) == 1 else HEAVY - TYPERS_OWN
    assert {name.split(".")[0] for name in names} & heavy == set()
    assert {name for name in names if name.split(".")[0] == "bot"} <= LIGHT


def test_every_command_is_listed_with_a_whole_line() -> None:
    told = typed("--help")

    assert told.exit_code == 0
    assert max(map(len, told.output.splitlines())) <= 80
    for name, command in COMMANDS.items():
        assert re.search(f"^  {name} +{re.escape(command.short_help)}$", told.output, re.MULTILINE)


def test_options_have_the_words_and_the_figure_of_what_they_stand_for() -> None:
    assert get_args(get_args(commands.Spoken)[0]) == tuple(Language)
    assert get_args(get_type_hints(commands.drill)["database"]) == tuple(DatabaseKind)
    assert signature(commands.api_key).parameters["days"].default == LASTS.days


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
