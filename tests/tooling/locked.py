"""What the lock holds, and what of it this machine shall have."""

import re
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def lines() -> list[str]:
    """A line for each package, with its hashes."""
    text = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]


def locked() -> dict[str, tuple[str, int]]:
    """Name → version and number of hashes, of every package in the lock."""
    pins = [re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([^\s;]+)", line) for line in lines()]
    return {pin[1]: (pin[2], line.count("--hash=sha256:")) for pin, line in zip(pins, lines(), strict=True) if pin}


def for_this_machine() -> dict[str, str]:
    """Name → version, of what the lock's markers do not leave to other machines."""
    asked = [Requirement(line.split(" --hash")[0]) for line in lines()]
    here = [wish for wish in asked if wish.marker is None or wish.marker.evaluate()]
    return {wish.name: str(wish.specifier).removeprefix("==") for wish in here}
