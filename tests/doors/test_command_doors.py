"""The commands of an operator: what each asks of the few ports that it uses, and what it prints of the answer."""

import sys
import time

import pytest

from bot.cli import terminal
from bot.cli.account_cli import AccountCommands
from bot.cli.personal_cli import purge_now
from core.api import Allowing, Surface, Undoing, Undone
from tests.doors.standing import BO, BY, CLOCK
from tests.fakes.doors import FakePort, asked_of

ASKED = {
    "unlink": ("undo", BO, Undoing(Undone.OPERATOR, Surface.FILE)),
    "relink": ("allow", BO, Allowing(Surface.FILE)),
}


def finding(person):
    """Finds somebody by whatever address or id was typed."""
    return FakePort(find=person).find


@pytest.mark.parametrize("command", ASKED)
async def test_a_command_about_accounts_asks_that_of_the_person_who_was_named(command):
    accounts = FakePort(undo=[BY.account], allow=[BY.account])

    ended = await getattr(AccountCommands(finding(BO), accounts), command)("bo@example.org")

    assert (ended, accounts.asked) == ([BY.account], [ASKED[command]])


@pytest.mark.parametrize("command", ASKED)
async def test_a_command_about_accounts_changes_nothing_where_nobody_is_found(command):
    accounts = FakePort(undo=[], allow=[])

    assert await getattr(AccountCommands(finding(None), accounts), command)("nobody@example.org") is None
    assert accounts.asked == []


async def test_what_a_purge_could_not_take_is_counted_after_it_has_run():
    purge = FakePort(run={"history": 0}, due={"history": 3})

    assert await purge_now(purge, CLOCK()) == ({"history": 0}, {"history": 3})
    assert asked_of(purge) == ["run", "due"]


async def test_a_purge_that_takes_long_shows_how_far_it_has_come(monkeypatch, capsys):
    monkeypatch.setattr(terminal, "SILENT_SECONDS", 0)

    def run(at, progress):
        progress("free_texts", 50, 120)
        return {"free_texts": 120}

    await purge_now(FakePort(run=run, due={}), CLOCK())

    assert capsys.readouterr().err == "\r50 of 120 free texts\n"


def test_at_a_terminal_a_bar_says_how_far_it_is_and_how_long_it_will_take(monkeypatch, capsys):
    now = [1000.0]
    for clock in ("time", "monotonic"):
        monkeypatch.setattr(time, clock, lambda: now[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = terminal.Progress("entries written")
    progress(0, 120)

    for done in (10, 20, 30):
        now[0] += 10
        progress(done, 120)
    progress.end()

    *_, last = capsys.readouterr().err.replace("\r", "\n").strip().splitlines()
    assert "entries written  [#########---" in last
    assert "30/120" in last
    assert "00:01:30" in last
