"""A copy of the tree in which a flow is added that there is not: its member, its rows, its traits and its texts."""

import shutil
import subprocess
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FLOW: dict[str, Any] = yaml.safe_load((HERE / "made_up.yaml").read_text("utf-8"))
# Where each is added: before this text, which stands in its file once.
PLACES = {
    "core/shared/vocabulary.py": ("\n\nclass State(StrEnum):", "member", 4),
    "core/shared/traits.py": ("}\n\nORDER_FLOWS = ", "traits", 4),
    "core/workflow/flows.py": (")\n# fmt: on\n", "rows", 4),
}


def copy_with_flow(to: Path) -> None:
    """Copy the tracked files as they are now, and add the flow."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    for name, (before, what, columns) in PLACES.items():
        file = to / name
        text = file.read_text("utf-8")
        assert text.count(before) == 1, name
        file.write_text(text.replace(before, indent(FLOW[what], " " * columns) + before), "utf-8")
    for language, texts in FLOW["texts"].items():
        _add_texts(to / "notifications" / "texts" / f"{language}.yaml", texts)


def _add_texts(file: Path, texts: dict[str, str]) -> None:
    catalogue = yaml.safe_load(file.read_text("utf-8"))
    for key, text in texts.items():
        *parents, name = key.split(".")
        place = catalogue
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = text
    file.write_text(yaml.safe_dump(catalogue, allow_unicode=True, sort_keys=False), "utf-8")
