"""Prints the part of the lock that the product runs on, for whoever installs its wheel; nobody is asked for it."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tooling.locked import ROOT, lines

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRA = re.compile(r"extra == [\"']([^\"']+)[\"']")


def at_run_time() -> list[str]:
    """The lock's lines of what the project needs without extras, and of what that needs, on whatever machine."""
    # One package has several lines where another version of it is for another Python.
    locked = [(canonicalize_name(re.split(r"[\[=]", line)[0]), line) for line in lines()]
    known = {name for name, _ in locked}
    wanted, left = set[tuple[str, frozenset[str]]](), [Requirement(text) for text in PROJECT["dependencies"]]
    while left:
        wish = left.pop()
        name, extras = canonicalize_name(wish.name), frozenset(wish.extras)
        # What the lock has no line for is needed by no Python that the project runs on.
        if name in known and (name, extras) not in wanted:
            wanted.add((name, extras))
            left += _needed_by(name, extras)
    names = {name for name, _ in wanted}
    return [line for name, line in locked if name in names]


def _needed_by(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    try:
        wishes = [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        # Another machine's, which this one knows nothing of; those in the lock need nothing further.
        return
    for wish in wishes:
        asked = EXTRA.findall(str(wish.marker))
        if not asked or set(asked) & set(extras):
            yield wish


if __name__ == "__main__":
    print("\n".join(re.sub(" +", " ", line) for line in at_run_time()))  # noqa: T201 - this is what it is for
