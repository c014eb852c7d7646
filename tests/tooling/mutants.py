"""Says how many small faults the tests notice, of a sample that mutmut plants in each group of modules: `make mutants`.

Run by hand: `.venv/bin/python -m tests.tooling.mutants [--seed N] [--size N] [GROUP …]`. mutmut (its settings stand in
pyproject.toml) copies the tree to `mutants/`, finds out which tests reach which function, and runs those alone on each
mutant. The same seed takes the same sample. What survives is printed with its change: it gets a test, or a line in
`same_program.yaml` that says why nobody could tell.
"""

import argparse
import fnmatch
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MUTMUT = Path(sys.executable).parent / "mutmut"
NOTICED = {"killed", "timeout", "segfault", "suspicious"}

# Modules by what they are for, as patterns of mutants' names.
GROUPS = {
    "rules": ("core.*",),
    "use cases": (
        "core.service.*", "core.registrar.*", "core.admission.*", "core.administ*", "core.applications.*",
        "core.absences.*", "core.identification.*", "core.document_links.*", "core.loading.*", "core.storage.*",
    ),
    "outbox": ("notifications.*",),
    "listeners": (
        "bot.listeners.*", "bot.views.*", "bot.pressed.*", "bot.homes.*", "bot.answers.*", "bot.refusals.*",
        "bot.aftermath.*", "bot.desk.*", "bot.naming.*", "bot.newest.*", "bot.tasks.*",
    ),
    "doors": ("core.http.*", "bot.*"),
}  # fmt: skip
# A module belongs to the first of these that has it.
ORDER = ("use cases", "listeners", "doors", "rules", "outbox")
# Quick to reach and quick to test: with it, mutmut makes all mutants and learns which tests reach what.
FIRST = "core.working_days.*"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change that mutmut made, and what became of it."""

    name: str
    status: str

    @property
    def module(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def is_noticed(self) -> bool:
        return self.status in NOTICED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="all of them, if none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=300, help="mutants a group")
    given = parser.parse_args()
    mutmut("run", FIRST)
    chosen = {group: sample(group, given.seed, given.size) for group in given.groups or GROUPS}
    mutmut("run", *(name for names in chosen.values() for name in names))
    after = {mutant.name: mutant for mutant in mutants()}
    for group, names in chosen.items():
        report(group, [after[name] for name in names])


def sample(group: str, seed: int, size: int) -> list[str]:
    """So many mutants of a group, the same for the same seed and the same code."""
    names = sorted(mutant.name for mutant in mutants() if group_of(mutant.name) == group)
    return random.Random(f"{seed} {group}").sample(names, min(size, len(names)))


def group_of(name: str) -> str:
    """The first group that has a mutant's module."""
    return next(group for group in ORDER if any(fnmatch.fnmatchcase(name, pattern) for pattern in GROUPS[group]))


def mutants() -> list[Mutant]:
    """Every mutant that there is, tried or not."""
    lines = mutmut("results", "--all", "true", keep=True).splitlines()
    return [Mutant(*line.strip().rsplit(": ", 1)) for line in lines if ": " in line]


def report(group: str, tried: list[Mutant]) -> None:
    """Prints the score of a group, of its modules, and what nobody noticed."""
    changes = {mutant: change(mutant.name) for mutant in tried if not mutant.is_noticed}
    same = {mutant for mutant, text in changes.items() if reason_of(mutant, text)}
    counted = [mutant for mutant in tried if mutant not in same]
    noticed = Counter(mutant.module for mutant in counted if mutant.is_noticed)
    modules = sorted(Counter(mutant.module for mutant in counted).items())
    lines = [f"== {group}: {noticed.total()} of {len(counted)} noticed, {len(same)} the same program"]
    lines += [f"  {noticed[module]:4} of {count:4}  {module}" for module, count in modules]
    lines += [f"\n{mutant.name}: {mutant.status}\n{text}" for mutant, text in changes.items() if mutant not in same]
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
    """Runs mutmut, and gives what it says where that is kept."""
    done = subprocess.run([MUTMUT, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE if keep else None, text=True)
    return done.stdout or ""


if __name__ == "__main__":
    main()
