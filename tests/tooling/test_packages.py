"""Packages come by exact version and hash, and no file says from where."""

import json
import re
import subprocess
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tooling.locked import ROOT, locked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# By their shape: a host of a registry, a file of one, or a setting that names one.
DOWNLOADS = re.compile(
    r"https?://[\w.-]*(?:pypi|npm|debian|pythonhosted)[\w.-]*"
    r"|https?://[^\s\"'<>]*(?:/simple/?(?=[\s\"']|$)|\.whl|\.tgz|/packages/[^\s\"']*\.tar\.gz)"
    r"|--(?:(?:extra-)?index-url|find[-]links|trusted[-]host)|\"resolved\": ?\"[\w+]+:",
    re.MULTILINE,
)
# Apart from the rest of an address, so that this file is held to the rule as well.
SCHEME = "https:" + "//"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.is_file()]


def asked() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for text in [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]]


def test_no_tracked_file_says_where_packages_are_downloaded() -> None:
    read = {file: file.read_text("utf-8", errors="ignore") for file in tracked()}
    found = {str(file.relative_to(ROOT)): hit[0] for file, text in read.items() if (hit := DOWNLOADS.search(text))}

    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        f"{SCHEME}files.example/simple/",
        f'"{SCHEME}mirror.example/a/b/thing-1.0-py3-none-any.whl"',
        f"{SCHEME}registry.example/thing/-/thing-1.0.0.tgz",
        f"pip install --{'index'}-url=somewhere thing",
        f"pip install --{'find'}-links=somewhere thing",
        '"resolved": "' + "git+ssh://somewhere/thing.git",
    ],
)
def test_a_planted_address_is_found(planted: str) -> None:
    assert DOWNLOADS.search(planted)


def test_every_locked_package_has_hashes() -> None:
    bare = [name for name, (_version, hashes) in locked().items() if hashes == 0]

    assert len(locked()) > 50
    assert bare == []


def test_the_lock_holds_what_the_project_asks_for() -> None:
    pins = locked()
    missing = [
        str(wish)
        for wish in asked()
        if not wish.specifier.contains(pins.get(canonicalize_name(wish.name), ("0", 0))[0], prereleases=True)
    ]

    assert missing == [], "run `make lock`"


def test_packages_of_node_are_pinned_exactly() -> None:
    wanted = json.loads((ROOT / "tests/slack/node/package.json").read_text("utf-8"))["dependencies"]

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted


def test_the_image_takes_from_the_lock_all_that_builds_it() -> None:
    # No engine runs where these tests run; a name that is missing here would only be found by the next build.
    names = re.search(r"/\^\(([\w|-]+)\)==/", (ROOT / "Dockerfile").read_text("utf-8"))
    assert names
    listed = set(names[1].split("|"))
    needed = {Requirement(text) for text in requires("hatchling") or []}

    assert {"uv", "hatchling"} <= listed <= set(locked())
    assert {wish.name for wish in needed if wish.marker is None or wish.marker.evaluate()} <= listed
