"""Care units as people type them: one per line, a name and an HSA-id in either order, parted by whatever is at hand."""

import re
from collections.abc import Sequence

from bot.forms.inputs import InputProblem
from core.api import Unit, is_hsa_id, repeated_units

_PARTED = re.compile(r"\s*[;,\t]\s*")
# What was meant as an HSA-id, right or not: SE and digits, maybe a hyphen and more.
_MEANT = re.compile(r"SE\d{2,}\S*", re.IGNORECASE)
_AT_AN_END = re.compile(rf"^(?P<first>{_MEANT.pattern})\s+|\s+(?P<last>{_MEANT.pattern})$", re.IGNORECASE)


def read_units(text: str) -> tuple[Unit, ...] | InputProblem:
    """Return the units of a text, or what is wrong and on which line."""
    units: list[Unit] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        pieces = [piece for piece in _PARTED.split(line.strip()) if piece]
        if not pieces:
            continue
        name, hsa_id = _parts(pieces)
        problem = _problem(name, hsa_id, number)
        if problem is not None:
            return problem
        units.append(Unit(name, hsa_id))
        lines.append(number)
    for place, earlier in repeated_units(units):
        return InputProblem("field_error.unit_repeated", {"line": lines[place], "first": lines[earlier]})
    return tuple(units)


def write_units(units: Sequence[Unit]) -> str:
    """Return units as they are typed."""
    return "\n".join(unit.name if unit.hsa_id is None else f"{unit.name}; {unit.hsa_id}" for unit in units)


def _parts(pieces: list[str]) -> tuple[str, str | None]:
    for place in (-1, 0):
        if _MEANT.fullmatch(pieces[place]):
            return ", ".join(piece for piece in pieces if piece is not pieces[place]), _tidy(pieces[place])
    line = ", ".join(pieces)
    found = _AT_AN_END.search(line)
    if found is None:
        return line, None
    meant = found["first"] or found["last"]
    return line.replace(meant, "", 1).strip(" \t;,"), _tidy(meant)


def _tidy(hsa_id: str) -> str:
    return hsa_id[:2].upper() + hsa_id[2:]


def _problem(name: str, hsa_id: str | None, number: int) -> InputProblem | None:
    if hsa_id is not None and not is_hsa_id(hsa_id):
        return InputProblem("field_error.unit_hsa_id", {"line": number})
    return None if name else InputProblem("field_error.unit_name", {"line": number})
