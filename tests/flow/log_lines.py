"""The log as tests read it, and what is to stand neither there nor in anything else that whoever runs this reads."""

import io
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MESSAGE = "Börja hos driften"
# What the form of these tests says (tests.flow.people), as people write it.
WRITTEN = ("Vårdcentralen", "SE2222222222", "ZZ1234", "Tekla", "@", "070-174", "före jul", MESSAGE)


def called() -> set[str]:
    """What people and organisations of the demo are called."""
    register = yaml.safe_load((ROOT / "bot" / "demo" / "demo.yaml").read_text("utf-8"))["organisations"]
    people = {person["name"] for organisation in register for person in organisation.get("people", ())}
    return people | {organisation["name"] for organisation in register}


def found(lines: io.StringIO, pattern: str) -> list[str]:
    return [line for line in lines.getvalue().splitlines() if re.search(pattern, line)]
