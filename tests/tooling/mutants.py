"""Says how many small faults the tests notice, of a sample that mutmut plants in each group of modules: `make mutants`.

Run by hand: `.venv/bin/python -m tests.tooling.mutants [--seed N] [--size N] [GROUP …]`. mutmut (its settings stand in
pyproject.toml) copies the tree to `mutants/`, plants the mutants and finds out which tests reach which function; those
are then run on each mutant, the likely ones first (`forking.py`). The same seed takes the same sample. What survives is
printed with its change: it gets a test, or a line in `same_program.yaml` that says why nobody could tell.
"""

import argparse
import fnmatch
import json
import os
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree

import yaml

ROOT = Path(__file__).parents[2]
COPY = ROOT / "mutants"
MUTMUT = Path(sys.executable).parent / "mutmut"
# What the last run of the tests by mutmut itself came to, which it does not say.
LAST_RUN = COPY / "last-run.xml"
# In seconds of tests, set-up included: what a mutant meets first, and what those meet that this lets pass.
FIRST_ROUND, SECOND_ROUND = 8.0, 60.0
SLOW = 0.5
# What setting up costs a test beside itself, by the folder; mutmut measures the test alone.
SETTING_UP = {"rules": 0.0, "doors": 0.0, "lives": 0.1, "edges": 0.01, "flow": 0.7}

# Modules by what they are for, as patterns of mutants' names.
GROUPS = {
    "rules": ("core.*",),
    "use cases": ("core.use_cases.*", "core.use_cases.admission.*", "core.storage.*"),
    "outbox": ("notifications.*",),
    "listeners": ("bot.slack.*", "bot.server.background.*"),
    "doors": ("core.http.*", "bot.*"),
}
# A module belongs to the first of these that has it.
ORDER = ("use cases", "listeners", "doors", "rules", "outbox")
# Reached by one test: with it, mutmut makes all mutants and learns which tests reach what.
QUICK = "bot.config.checks.x_one_of__mutmut_1"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change that mutmut made, and the test that noticed it, or what else did; empty for nothing."""

    name: str
    by: str = ""

    @property
    def module(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def function(self) -> str:
        return self.name.rpartition("__mutmut_")[0]

    @property
    def is_noticed(self) -> bool:
        return bool(self.by)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests reach a function, and how many seconds a test takes."""

    tests: Mapping[str, list[str]]
    seconds: Mapping[str, float]

    def likely(self, mutant: Mutant) -> list[str]:
        """The tests of a mutant, quick ones first: those of files called like its module, then of each other file."""
        words, ranks = set(mutant.module.rpartition(".")[2].split("_")), Counter[str]()
        ranked = list[tuple[bool, bool, int, float, str]]()
        for test in sorted(self.tests.get(mutant.function, ()), key=self.seconds_of):
            file = test.partition("::")[0]
            is_far = words.isdisjoint(Path(file).stem.split("_"))
            seconds = self.seconds_of(test)
            ranked.append((seconds > SLOW, is_far, ranks[file], seconds, test))
            ranks[file] += 1
        return [test for *_, test in sorted(ranked)]

    def within(self, seconds: float, tests: list[str]) -> list[str]:
        """As many of some tests as there is time for, and one in any case."""
        left, found = seconds, list[str]()
        for test in tests:
            left -= self.seconds_of(test)
            if left < 0 and found:
                break
            found.append(test)
        return found

    def seconds_of(self, test: str) -> float:
        """How long a test takes with its set-up."""
        return self.seconds.get(test, 0) + SETTING_UP.get(test.split("/")[1], 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="all of them, if none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=300, help="mutants a group")
    given = parser.parse_args()
    mutmut("run", QUICK)
    chosen = {group: sample(group, given.seed, given.size) for group in given.groups or GROUPS}
    after = {
        each.name: each
        for each in tried([Mutant(name) for names in zip_longest(*chosen.values()) for name in names if name])
    }
    for group, names in chosen.items():
        report(group, [after[name] for name in names])


def tried(planted: list[Mutant]) -> list[Mutant]:
    """What became of some mutants: first with some of their tests, and what survives with the others."""
    told = json.loads((COPY / "mutmut-stats.json").read_text("utf-8"))
    reach = Reach(told["tests_by_mangled_function_name"], told["duration_by_test"])
    first = {each: reach.within(FIRST_ROUND, reach.likely(each)) for each in planted}
    early = meet(first, reach)
    passed = [each for each in planted if not early.get(each.name)]
    others = {each: [test for test in reach.likely(each) if test not in set(first[each])] for each in passed}
    late = meet({each: reach.within(SECOND_ROUND, tests) for each, tests in others.items()}, reach)
    return [Mutant(each.name, early.get(each.name) or late.get(each.name, "")) for each in planted]


def meet(tests: Mapping[Mutant, list[str]], reach: Reach) -> dict[str, str]:
    """Lets mutants meet tests, and says which of them noticed it."""
    trials, outcomes = COPY / "trials.json", COPY / "outcomes.jsonl"
    rows = [
        {"mutant": each.name, "tests": mine, "seconds": sum(map(reach.seconds_of, mine))}
        for each, mine in tests.items()
        if mine
    ]
    trials.write_text(json.dumps(rows), "utf-8")
    outcomes.write_text("", "utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    words = [
        "--rootdir=.",
        "-c",
        "pyproject.toml",
        "-q",
        "-p",
        "tests.tooling.forking",
        "--trials",
        trials,
        "--outcomes",
        outcomes,
    ]
    words += settings["pytest_add_cli_args_test_selection"] + settings["pytest_add_cli_args"]
    surroundings = os.environ | {"MUTANT_UNDER_TEST": ""}
    subprocess.run([sys.executable, "-m", "pytest", *words], cwd=COPY, env=surroundings, check=False)
    found = map(json.loads, outcomes.read_text("utf-8").splitlines())
    return {each["mutant"]: each["by"] for each in found}


def sample(group: str, seed: int, size: int) -> list[str]:
    """So many mutants of a group, the same for the same seed and the same code."""
    names = sorted(name for name in mutants() if group_of(name) == group)
    return random.Random(f"{seed} {group}").sample(names, min(size, len(names)))


def group_of(name: str) -> str:
    """The first group that has a mutant's module."""
    return next(group for group in ORDER if any(fnmatch.fnmatchcase(name, pattern) for pattern in GROUPS[group]))


def mutants() -> Iterable[str]:
    """The name of every mutant that there is."""
    lines = mutmut("results", "--all", "true", keep=True).splitlines()
    return (line.strip().rsplit(": ", 1)[0] for line in lines if ": " in line)


def report(group: str, tried: list[Mutant]) -> None:
    """Prints the score of a group, of its modules, and what nobody noticed."""
    changes = {mutant: change(mutant.name) for mutant in tried if not mutant.is_noticed}
    same = {mutant for mutant, text in changes.items() if reason_of(mutant, text)}
    counted = [mutant for mutant in tried if mutant not in same]
    noticed = Counter(mutant.module for mutant in counted if mutant.is_noticed)
    modules = sorted(Counter(mutant.module for mutant in counted).items())
    lines = [f"== {group}: {noticed.total()} of {len(counted)} noticed, {len(same)} the same program"]
    lines += [f"  {noticed[module]:4} of {count:4}  {module}" for module, count in modules]
    lines += [f"\n{mutant.name}\n{text}" for mutant, text in changes.items() if mutant not in same]
    print("\n".join(lines), flush=True)  # noqa: T201 - a script tells its caller


def change(name: str) -> str:
    """The lines that a mutant takes and gives, without those around them."""
    lines = mutmut("show", name, keep=True).splitlines()
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"})


def reason_of(mutant: Mutant, text: str) -> str | None:
    """Why nobody could tell a mutant from the program, if somebody has said so."""
    listed = yaml.safe_load((Path(__file__).parent / "same_program.yaml").read_text("utf-8")) or []
    told = (row for row in listed if row["module"] == mutant.module and row["change"].split() == text.split())
    return next((row["why"] for row in told), None)


def mutmut(*words: str, keep: bool = False) -> str:
    """Runs mutmut, and gives what it says where that is kept; ends where it fails, with the tests that failed in it."""
    LAST_RUN.unlink(missing_ok=True)
    surroundings = os.environ | {"PYTEST_ADDOPTS": f"--junitxml={LAST_RUN}"}
    out = subprocess.PIPE if keep else None
    done = subprocess.run([MUTMUT, *words], cwd=ROOT, env=surroundings, check=False, stdout=out, text=True)
    if done.returncode:
        raise SystemExit("\n".join(["mutmut failed; in its last run of the tests failed:", *failed_in(LAST_RUN)]))
    return done.stdout or ""


def failed_in(report: Path) -> list[str]:
    """The tests that failed in a run, as its report names them."""
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()  # noqa: S314 - our own file
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


if __name__ == "__main__":
    main()
