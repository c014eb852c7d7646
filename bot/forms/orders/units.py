"""Care units as people type them, never guessed at: on each line `name; HSA-id` in either order, or a name alone."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, starmap

from bot.forms.inputs import FieldErrors, InputProblem
from core.api import (
    UNIT_LIMIT,
    UNIT_SEPARATORS,
    Language,
    Unit,
    find_personal_number,
    is_hsa_id,
    meant_as_hsa_id,
    repeated_units,
)
from notifications.render.pieces.parts import cut, on_one_line
from notifications.texts import say

# Characters that Slack takes in a field; a longer paste is cut there, so a field as long as that is no list to trust.
UNITS_FIELD_LIMIT = 3_000
# Characters from which on a field is followed by another.
ROOMY = UNITS_FIELD_LIMIT // 2
_SEPARATOR = re.compile(f"[{re.escape(UNIT_SEPARATORS)}]")
_QUOTED = 40
# Sentences about single lines in one answer; the lines after these are named by number. Slack says nowhere how long an
# answer to a field may be: a text of its own is at most 3,000 characters.
_LINES_TOLD, _TOLD_LIMIT = 8, 2_000
# What an example of a line is of help for.
_MISWRITTEN = {f"field_error.{key}" for key in ("unit_hsa_id", "unit_name", "unit_pieces", "unit_separator")}


@dataclass(frozen=True)
class LineProblems:
    """What is wrong with the lines of a field, from the top; each problem names its `line`."""

    lines: Sequence[InputProblem]

    def in_words(self, language: Language) -> str:
        """Return a sentence for each line, the numbers of those that are too many, and how a line is written."""
        return cut(" ".join(self._sentences(language)), _TOLD_LIMIT)

    def _sentences(self, language: Language) -> Iterator[str]:
        yield from (problem.in_words(language) for problem in self.lines[:_LINES_TOLD])
        if more := [int(str(problem.values["line"])) for problem in self.lines[_LINES_TOLD:]]:
            yield say(language, "field_error.unit_lines", lines=", ".join(_stretches(more)))
        if any(problem.key in _MISWRITTEN for problem in self.lines):
            yield say(language, "field_error.unit_form")


@dataclass(frozen=True)
class _UnitLine:
    """A line of a field that says something: what stands between its separators."""

    field: str
    number: int
    pieces: Sequence[str]

    def problem(self, key: str, piece: str, **values: object) -> InputProblem:
        """Return what is wrong with it, quoting a piece."""
        quoted = cut(on_one_line(piece), _QUOTED)
        return InputProblem(f"field_error.{key}", {"line": self.number, "piece": quoted, **values})


_Read = tuple[_UnitLine, Unit | InputProblem]


def read_units(typed: Mapping[str, str]) -> tuple[Unit, ...] | FieldErrors:
    """Return the units of one or more fields, or by field what is wrong, and on which lines."""
    read = [(line, _read(line)) for line in chain.from_iterable(starmap(_lines, typed.items()))]
    wrong = FieldErrors({field: LineProblems(problems) for field, problems in _problems(read).items()})
    for field in (field for field, text in typed.items() if len(text) == UNITS_FIELD_LIMIT):
        wrong[field] = InputProblem("field_error.units_full")
    return wrong or tuple(said for _, said in read if isinstance(said, Unit))


def units_so_far(texts: Iterable[str]) -> list[Unit | None]:
    """Return what is typed so far, a unit for each line that says something, None where it is none that can be read."""
    lines = chain.from_iterable(_lines("", text) for text in texts)
    return [said if isinstance(said := _read(line), Unit) else None for line in lines]


def has_room(texts: Sequence[str]) -> bool:
    """Say whether more units fit in the last of some fields, so that no further one is needed."""
    return not texts or len(texts[-1]) < ROOMY


def write_units(units: Iterable[Unit]) -> tuple[str, ...]:
    """Return units as they are typed, in as many fields as they take."""
    pages = [""]
    for unit in units:
        line = unit.name if unit.hsa_id is None else f"{unit.name}{UNIT_SEPARATORS[0]} {unit.hsa_id}"
        if len(pages[-1]) + 1 + len(line) >= UNITS_FIELD_LIMIT:
            pages.append("")
        pages[-1] = f"{pages[-1]}\n{line}" if pages[-1] else line
    return tuple(pages)


def _lines(field: str, text: str) -> Iterator[_UnitLine]:
    for number, line in enumerate(text.splitlines(), start=1):
        pieces = [piece.strip() for piece in _SEPARATOR.split(line) if piece.strip()]
        if pieces:
            yield _UnitLine(field, number, pieces)


def _read(line: _UnitLine) -> Unit | InputProblem:
    if any(map(find_personal_number, line.pieces)):
        return InputProblem("field_error.unit_personal_number", {"line": line.number})
    if len(line.pieces) > len(("name", "HSA-id")):
        return line.problem("unit_pieces", line.pieces[2])
    hsa_ids = [piece for piece in line.pieces if is_hsa_id(_tidy(piece))]
    names = [piece for piece in line.pieces if piece not in hsa_ids]
    if not names:
        return line.problem("unit_name", hsa_ids[0])
    if len(names) > 1:
        return line.problem("unit_hsa_id", next((piece for piece in names if meant_as_hsa_id(piece)), names[1]))
    return _named(line, names[0], _tidy(hsa_ids[0]) if hsa_ids else None)


def _named(line: _UnitLine, name: str, hsa_id: str | None) -> Unit | InputProblem:
    meant = meant_as_hsa_id(name)
    if meant:
        return line.problem("unit_hsa_id" if meant == name else "unit_separator", meant)
    return Unit(name, hsa_id) if len(name) <= UNIT_LIMIT else line.problem("unit_too_long", name)


def _tidy(hsa_id: str) -> str:
    return hsa_id[:2].upper() + hsa_id[2:]


def _problems(read: Sequence[_Read]) -> Mapping[str, Sequence[InputProblem]]:
    """Return by field what is wrong with lines by themselves, and which are the same as an earlier one."""
    problems: dict[str, list[InputProblem]] = {}
    repeated = dict(_repeated([(line, said) for line, said in read if isinstance(said, Unit)]))
    for line, said in read:
        problem = said if isinstance(said, InputProblem) else repeated.get((line.field, line.number))
        if problem is not None:
            problems.setdefault(line.field, []).append(problem)
    return problems


def _repeated(read: Sequence[tuple[_UnitLine, Unit]]) -> Iterator[tuple[tuple[str, int], InputProblem]]:
    for place, earlier in repeated_units(unit for _, unit in read):
        (line, unit), (first, _) = read[place], read[earlier]
        key = "unit_repeated" if line.field == first.field else "unit_repeated_above"
        yield (line.field, line.number), line.problem(key, unit.name, first=first.number)


def _stretches(numbers: Sequence[int]) -> Iterator[str]:
    """Write rising numbers, those that follow on each other as from and to."""
    first = last = numbers[0]
    for number in (*numbers[1:], 0):
        if number != last + 1:
            yield str(first) if first == last else f"{first}–{last}"
            first = number
        last = number
