"""Prints the part of the lock that the product runs on, for whoever installs its wheel; nobody is asked for it.

Extras that are named are among it.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tooling.locked import ROOT, lines

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRA = re.compile(r"extra == [\"']([^\"']+)[\"']")


def at_run_time(*extras: str) -> list[str]:
    """The lock's lines of what the project needs with these extras, and of what that needs, on whatever machine."""
    asked = [*PROJECT["dependencies"], *chain.from_iterable(PROJECT["optional-dependencies"][each] for each in extras)]
    # One package has several lines where another version of it is for another Python.
    locked = [(canonicalize_name(re.split(r"[\[=]", line)[0]), line) for line in lines()]
    known = {name for name, _ in locked}
    wanted, left = set[tuple[str, frozenset[str]]](), [Requirement(text) for text in asked]
    while left:
        wish = left.pop()
        name, more = canonicalize_name(wish.name), frozenset(wish.extras)
        # What the lock has no line for is needed by no Python that the project runs on.
        if name in known and (name, more) not in wanted:
            wanted.add((name, more))
            left += _needed_by(name, more)
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
    print("\n".join(re.sub(" +", " ", line) for line in at_run_time(*sys.argv[1:])))  # noqa: T201 - this is what it is for
