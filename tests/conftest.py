"""What every test stands on: closed sockets, a database of its own, and nothing skipped in silence."""

import ipaddress
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.machines import postgres as postgres_server
from tests.support.machines.folders import memory, undisturbed
from tests.support.machines.large import IN_CI, LARGE
from tests.support.machines.postgres import Postgres
from tests.support.machines.statements import share
from tests.support.world import contact

# Fast ones first, so that a mistake in a rule is told before a browser starts.
FOLDERS = (
    "rules",
    "doors",
    "lives",
    "edges",
    "tooling",
    "contract",
    "sandbox",
    "http",
    "web",
    "flow",
    "kill",
    "docs",
    "page",
)

settings.register_profile("default", max_examples=50, deadline=None)
# The same examples in every run: a build does not fail by chance for a change that is not to blame. Hypothesis also
# tries constants of the modules that are loaded, so a file run alone may meet others than it meets among all.
settings.register_profile("ci", max_examples=300, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("large", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile("large" if LARGE else "ci" if IN_CI else "default")
share()
# Whatever is drawn here says it as a product does.
contact.name_it()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders the tests by folder, in the order of FOLDERS; of those that take turns only those whose turn it is."""
    if not LARGE:
        left = _out_of_turn(items)
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]
    items.sort(key=lambda item: _rank(item.path))


def _out_of_turn(items: list[pytest.Item]) -> set[pytest.Item]:
    """Of each two tests that are `by_turns` and differ in their database alone, one: now on this kind, now on that."""
    turns: dict[Path, dict[str, list[pytest.Item]]] = {}
    for item in items:
        if item.get_closest_marker("by_turns"):
            alike = item.name.replace("sqlite", "").replace("postgres", "")
            turns.setdefault(item.path, {}).setdefault(alike, []).append(item)
    return {
        item
        for pairs in turns.values()
        for number, pair in enumerate(pairs.values())
        for item in pair
        if len(pair) > 1 and item is not pair[number % 2]
    }


def _rank(path: Path) -> int:
    folder = os.path.relpath(path, Path(__file__).parent).split(os.sep)[0]
    return FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS)


# --- nothing is skipped in silence


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run; by hand it is only listed."""
    if IN_CI and _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says so, since the line of figures alone would look green."""
    if IN_CI and (skipped := _skipped(config)):
        terminalreporter.write_line(f"{len(skipped)} skipped, which fails the run when CI=true", red=True)


def _skipped(config: pytest.Config) -> list[object]:
    # A worker of xdist has no reporter; the process that started it has.
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


# --- sockets beyond this machine are closed


class OutsideWorld(RuntimeError):
    """A test tried to reach something that is not on this machine."""


_reached: list[str] = []


def _keep_inside(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: it sees every connect and look-up of this process, whatever library makes it."""
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else None  # A Unix socket's address is no tuple.
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_here(host):
        _reached.append(f"{event}: {host!r}")
        raise OutsideWorld(f"{host!r} is not on this machine ({event})")


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(_keep_inside)


@pytest.fixture(autouse=True)
def outside_world_stays_outside() -> Iterator[None]:
    """Fails a test whose code swallowed the refusal, as a retry loop would."""
    _reached.clear()
    yield
    tried, _reached[:] = list(_reached), []
    assert not tried, f"reached for the outside world: {tried}"


# --- databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole run; with xdist, one for each worker."""
    with postgres_server.running(below=memory()) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The server's own database; a test that writes asks for `database_url`."""
    return postgres.url()


_numbers = itertools.count(1)


@pytest.fixture
def fresh_postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database, this test's alone."""
    name = f"test_{next(_numbers)}"
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture
def fresh_sqlite_url(tmp_path: Path) -> Iterator[str]:
    """An empty SQLite file, this test's alone; that it survives a power cut is not for tests to show."""
    with undisturbed(tmp_path) as folder:
        yield f"sqlite:///{folder / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: a test that asks for it runs twice."""
    return request.getfixturevalue(f"fresh_{request.param}_url")
