"""Plants mistakes one at a time and runs the fast tests on each: a mistake that no test notices is a hole in the suite.

Run by hand: `.venv/bin/python -m tests.tooling.seeded_mistakes [name …]`. It works on a copy of the tree.
Extend the list with each bug that reached somebody.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = ("tests/rules", "tests/lives", "tests/contract/test_store.py")
COPIED = ("core", "notifications", "bot", "tests", "pyproject.toml", "app.yaml", "docs")


@dataclass(frozen=True)
class Mistake:
    """In a file, some text becomes another."""

    name: str
    file: str
    was: str
    becomes: str


MISTAKES = (
    Mistake(
        "the orderer may attest",
        "core/policies.py",
        "if now.person != now.case.orderer or now.self_attest_allowed:",
        "if True:",
    ),
    Mistake(
        "a rejected order goes on to customer service",
        "core/flows.py",
        "MAY_ATTEST, Asks.REASON, State.REJECTED)",
        "MAY_ATTEST, Asks.REASON, State.AWAITING_CUSTOMER_SERVICE)",
    ),
    Mistake(
        "an attested order can still be withdrawn",
        "core/flows.py",
        "    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK,",
        "    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION,"
        " State.WITHDRAWN),\n    row(DIRECT, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK,",
    ),
    Mistake(
        "a stale press counts",
        "core/judge.py",
        "if seen is not None and seen.step != now.case.step:",
        "if False and seen is not None:",
    ),
    Mistake(
        "anyone may press",
        "core/judge.py",
        "mine = next((each for each in found if now.plays(each.who)), None)",
        "mine = found[0]",
    ),
    Mistake(
        "a stranger is taken for an attestant",
        "core/order.py",
        "return any(ROLES_OF[part] & held for held in self._held_for(part))",
        "return True",
    ),
    Mistake(
        "nobody is told",
        "notifications/announcements.py",
        "return Owed(tuple(cards), _repaint(event))",
        "return Owed((), _repaint(event))",
    ),
    Mistake(
        "buttons stay when a step is decided",
        "notifications/announcements.py",
        "return Owed(tuple(cards), _repaint(event))",
        "return Owed(tuple(cards), ())",
    ),
    Mistake(
        "an update is lost on PostgreSQL and SQLite",
        "core/storage/press_sql.py",
        "WHERE id = :case AND revision = :revision",
        "WHERE id = :case AND :revision >= 0",
    ),
    Mistake(
        "a Swedish sentence is missing",
        "notifications/texts/sv.yaml",
        "  already_decided:",
        "  already_decide:",
    ),
    Mistake(
        "an expiry row is dropped",
        "core/flows.py",
        "    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING,"
        " State.EXPIRED),\n",
        "",
    ),
    Mistake(
        "the clock attests",
        "core/flows.py",
        "row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING,"
        " State.EXPIRED)",
        "row(DIRECT, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, NOTHING_MORE, Asks.NOTHING,"
        " State.AWAITING_CUSTOMER_SERVICE)",
    ),
    Mistake(
        "the agent's handler attests what the same person approved",
        "core/policies.py",
        "if now.agent_self_attest_allowed or now.person not in _deciders(now.case, Side.AGENT):",
        "if True:",
    ),
    Mistake(
        "somebody acts for both sides",
        "core/policies.py",
        "return BothSides(organisation=organisation) if now.person in _acted_for(now.case, other) else None",
        "return None",
    ),
    Mistake(
        "the agent sees what the customer pays",
        "core/disclosure.py",
        "Fact.CUSTOMER_COST:     frozenset({C,    I}),",
        "Fact.CUSTOMER_COST:     frozenset({C, A, I}),",
    ),
)


NOTHING = Mistake("no mistake", "core/flows.py", "SAME", "SAME")


def main() -> int:
    """Returns how many mistakes no test noticed."""
    wanted = set(sys.argv[1:])
    chosen = [each for each in MISTAKES if not wanted or each.name in wanted]
    if _is_noticed(NOTHING):
        raise SystemExit("the tests fail without any mistake, so they prove nothing")
    unnoticed = [each.name for each in chosen if not _is_noticed(each)]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} mistakes noticed")  # noqa: T201 - a script tells its caller
    return len(unnoticed)


def _is_noticed(mistake: Mistake) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy(copy)
        _plant(copy, mistake)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *SUITE],
            cwd=copy,
            capture_output=True,
            check=False,
        )
    print(f"{'noticed' if run.returncode else 'NOT NOTICED':12} {mistake.name}", flush=True)  # noqa: T201 - a script tells its caller
    return run.returncode != 0


def _copy(copy: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, copy / name, ignore=ignored)
        elif source.exists():
            shutil.copy(source, copy / name)


def _plant(copy: Path, mistake: Mistake) -> None:
    path = copy / mistake.file
    text = path.read_text()
    if mistake.was not in text:
        raise SystemExit(f"{mistake.name}: the text to change is no longer in {mistake.file}")
    path.write_text(text.replace(mistake.was, mistake.becomes))


if __name__ == "__main__":
    sys.exit(main())
