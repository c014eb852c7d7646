"""On a fresh machine, whatever pip it has and whatever came out since, `make setup` installs exactly the lock."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.support.machines.large import LARGE
from tests.tooling.locked import ROOT, for_this_machine, locked
from tests.tooling.made_up_index import VERSION, MadeUpIndex, made_up_wheel, serving
from tests.tooling.processes import INSTALLING

# Debian 12's, which knows no Python after its own, and the newest on the day this was written. `make test-large` takes
# the newest of its own day.
DEBIAN_12 = "pip==23.0.1 --hash=sha256:236bcb61156d76c4b8a05821b988c7b8c35bf0da28a4b614e8d6ab5212c25c6f"
NEWEST = "pip==26.3 --hash=sha256:f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
OLDEST = DEBIAN_12 if sys.version_info < (3, 12) else None
# What a new environment holds before anything is installed in it, by Python's version, and this project.
BROUGHT_ALONG = {"pip", "setuptools", "kundportal"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(INSTALLING)]


@pytest.fixture
def in_a_month(tmp_path: Path) -> Iterator[MadeUpIndex]:
    folder = tmp_path / "releases"
    folder.mkdir()
    with serving(locked(), folder) as index:
        yield index


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The tracked files as they are now, in a folder where nothing was ever made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / "checkout" / name)
    return tmp_path / "checkout"


def surroundings(index: MadeUpIndex) -> dict[str, str]:
    """The environment of a machine that reaches the made-up releases beside the real ones."""
    return outside() | {
        "PIP_EXTRA_INDEX_URL": index.url,
        "UV_INDEX": index.url,
        # uv takes a name from the first index that has it, unless told to look everywhere as pip does.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def outside() -> dict[str, str]:
    """The environment without what a make that runs these tests hands on."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "VIRTUAL_ENV"))}


def prepare(requirement: str | None, checkout: Path) -> None:
    """Makes the environment beforehand, with this package in it: another pip than this machine's Python brings."""
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=checkout, check=True)
    if requirement is None:
        return
    (checkout.parent / "wish.txt").write_text(requirement)
    words = ["install", "--quiet", "--upgrade", "--no-deps", "--requirement", str(checkout.parent / "wish.txt")]
    subprocess.run([".venv/bin/pip", *words], cwd=checkout, check=True)


def make_setup(checkout: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "setup"], cwd=checkout, env=env, capture_output=True, text=True, check=False)


def installed(checkout: Path) -> dict[str, str]:
    words = [".venv/bin/pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(words, cwd=checkout, check=True, capture_output=True).stdout)
    return {canonicalize_name(row["name"]): row["version"] for row in listed}


def apart_from_the_lock(checkout: Path) -> set[tuple[str, str]]:
    there = {(name, version) for name, version in installed(checkout).items() if name not in BROUGHT_ALONG}
    return there ^ set(for_this_machine().items())


def test_made_up_releases_are_in_reach_of_whoever_resolves(in_a_month: MadeUpIndex, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(tmp_path / "taken"),
        "idna",
    ]
    subprocess.run(words, check=True, env=surroundings(in_a_month))

    assert (tmp_path / "taken" / f"idna-{VERSION}.dist-info").is_dir()


@pytest.mark.parametrize("pip", [OLDEST, "pip" if LARGE else NEWEST], ids=["oldest", "newest"])
def test_what_is_installed_in_a_month_is_exactly_the_lock(
    pip: str | None, checkout: Path, in_a_month: MadeUpIndex, tmp_path: Path
) -> None:
    prepare(pip, checkout)
    # What an older lock put there, as after `git pull`.
    stray, older = made_up_wheel("stray", tmp_path), made_up_wheel("idna", tmp_path, "0.1")
    subprocess.run([".venv/bin/pip", "install", "--quiet", "--no-deps", stray, older], cwd=checkout, check=True)

    made = make_setup(checkout, surroundings(in_a_month))

    assert made.returncode == 0, made.stdout + made.stderr
    assert apart_from_the_lock(checkout) == set()
    assert "kundportal" in installed(checkout)


def test_packages_are_asked_of_the_index_that_pip_is_told_of(checkout: Path, in_a_month: MadeUpIndex) -> None:
    # An environment that has the installer already, so that only the installer asks.
    prepare(f"uv=={locked()['uv'][0]}", checkout)

    made = make_setup(checkout, outside() | {"PIP_INDEX_URL": in_a_month.url, "UV_NO_CACHE": "1"})

    assert made.returncode != 0, "the locked releases themselves are not there"
    assert [path for agent, path in in_a_month.asked if agent.startswith("uv/")]
