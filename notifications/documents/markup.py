"""The little markup that documents are written in, one part to a line: what is hashed, kept and drawn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby


class TextKind(Enum):
    """What a part of a document is; the value is how its line begins."""

    TITLE = "# "
    HEADING = "## "
    NOTE = "> "
    FACT = "| "
    ITEM = "- "
    PARAGRAPH = ""


@dataclass(frozen=True)
class TextPart:
    """A part of a document. A fact has a `label`."""

    kind: TextKind
    text: str
    label: str = ""

    def line(self) -> str:
        """Return the part as a line of the markup."""
        return f"{self.kind.value}{self.label} | {self.text}" if self.label else self.kind.value + self.text


def read(text: str) -> tuple[TextPart, ...]:
    """Parse a text to its parts. Lines of a paragraph, and those that follow an item without a mark, belong
    together.
    """
    return tuple(_part(line) for line in _whole_lines(text))


def write(parts: Iterable[TextPart]) -> str:
    """Write parts as the one text that is hashed: a line each with blank ones between, whatever the template's were."""
    return "\n\n".join(part.line() for part in parts) + "\n"


def _whole_lines(text: str) -> Iterator[str]:
    for is_blank, lines in groupby(text.splitlines(), key=lambda line: not line.strip()):
        if not is_blank:
            yield from _joined(lines)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    whole = ""
    for line in lines:
        if whole and _kind(line) is TextKind.PARAGRAPH:
            whole = f"{whole} {line.strip()}"
            continue
        if whole:
            yield whole
        whole = line.strip()
    yield whole


def _part(line: str) -> TextPart:
    kind = _kind(line)
    text = line.removeprefix(kind.value).strip()
    if kind is not TextKind.FACT:
        return TextPart(kind, text)
    label, _, fact = text.partition("|")
    return TextPart(kind, fact.strip(), label.strip())


def _kind(line: str) -> TextKind:
    return next(kind for kind in TextKind if line.startswith(kind.value))
