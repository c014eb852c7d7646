"""A plugin of pytest that tries mutants: tests are collected once, and each mutant meets its own in a fork.

`--trials` names a file with a list of mutants and their tests, `--outcomes` one that gets a line for each mutant: its
name, and the test that noticed it, "time" when it took too long, or nothing.
"""

import gc
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test

from tests.support.machines import folders

# In seconds: a mutant may hang, and each of its tests may take this much longer than it did.
AT_LEAST, SLOWER = 120, 4


@dataclass(frozen=True)
class Trial:
    """A mutant, the tests that it meets, and how many seconds those take without it."""

    mutant: str
    tests: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Running:
    """A fork at work on a mutant, and the folder that it leaves behind."""

    trial: Trial
    folder: Path
    until: float


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the mutants stand and where to say what became of them."""
    for name in ("--trials", "--outcomes"):
        parser.addoption(name, type=Path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try every mutant, two at a time for each core: tests wait now and then."""
    # A server for each fork would take longer than its tests.
    items = {item.nodeid: item for item in session.items if "postgres" not in item.fixturenames}
    rows = json.loads(session.config.getoption("trials").read_text("utf-8"))
    trials = [Trial(row["mutant"], tuple(row["tests"]), row["seconds"]) for row in reversed(rows)]
    _warm_up(session, list(items.values()))
    gc.collect()
    gc.freeze()
    Forks(session, items, trials, session.config.getoption("outcomes")).try_all()
    return True


def _warm_up(session: pytest.Session, items: Sequence[pytest.Item]) -> None:
    """Run a test of each file, so that forks find what is made once in a run, as databases to copy."""
    for item in {item.path: item for item in items}.values():
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=Elsewhere(session))


@dataclass(frozen=True)
class Elsewhere:
    """What is next, as pytest asks it: of all that was set up, only what is for the whole run stays."""

    session: pytest.Session

    def listchain(self) -> list[object]:
        """See pytest's nodes."""
        return [self.session]


@dataclass
class Forks:
    """The forks of a process that has collected `items`; `trials` are still to be made, the next one last.

    `fit` are tests that passed without a mutant that failed them, and `unfit` those that fail in a fork in any case.
    """

    session: pytest.Session
    items: Mapping[str, pytest.Item]
    trials: list[Trial]
    outcomes: Path
    running: dict[int, Running] = field(default_factory=dict)
    fit: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)

    def try_all(self) -> None:
        """Go on until every mutant has met its tests."""
        while self.trials or self.running:
            while self.trials and len(self.running) < 2 * (os.cpu_count() or 1):
                self._begin(self.trials.pop())
            time.sleep(0.01)
            for pid, each in list(self.running.items()):
                self._look(pid, each)

    def _begin(self, trial: Trial) -> int:
        folder = Path(tempfile.mkdtemp(prefix="mutant-", dir=folders.memory()))
        mine = [self.items[test] for test in trial.tests if test in self.items and test not in self.unfit]
        pid = os.fork()
        if pid == 0:
            _be(self.session, mine, trial.mutant, folder)
        self.running[pid] = Running(trial, folder, time.monotonic() + AT_LEAST + SLOWER * trial.seconds)
        return pid

    def _look(self, pid: int, each: Running) -> None:
        ended, _ = os.waitpid(pid, os.WNOHANG)
        if not ended and time.monotonic() < each.until:
            return
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        noticed = self._noticed(each)
        by = noticed if ended else "time"
        del self.running[pid]
        if by in self.items and not self._is_fit(by, each.trial):
            self.trials.append(each.trial)
            return
        with self.outcomes.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mutant": each.trial.mutant, "by": by}) + "\n")

    def _noticed(self, each: Running) -> str:
        noticed = each.folder / "noticed"
        # Whoever ends without a word was ended by the mutant.
        by = noticed.read_text("utf-8") if noticed.exists() else "its end"
        shutil.rmtree(each.folder, ignore_errors=True)
        return by

    def _is_fit(self, test: str, trial: Trial) -> bool:
        """Whether a test that failed passes after the same tests without the mutant."""
        if test not in self.fit:
            control = replace(trial, mutant="", tests=trial.tests[: trial.tests.index(test) + 1])
            pid = self._begin(control)
            os.waitpid(pid, 0)
            failed = self._noticed(self.running.pop(pid))
            (self.unfit if failed else self.fit).add(failed or test)
        return test in self.fit


def _be(session: pytest.Session, items: Sequence[pytest.Item], mutant: str, folder: Path) -> None:
    """Be the process in which a mutant lives, and say which test noticed it."""
    try:
        folders.MEMORY, tempfile.tempdir = folder, str(folder)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        watch = _Watch()
        plugins.register(watch)
        set_mutant_under_test(mutant)
        for item, following in zip_longest(items, items[1:], fillvalue=Elsewhere(session)):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if watch.failed is not None:
                break
        (folder / "noticed").write_text(watch.failed or "", "utf-8")
    finally:
        os._exit(0)


class _Watch:
    """What failed first."""

    failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """See whether it failed."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid
