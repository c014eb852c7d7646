"""From rounds to figures: medians, and ratios within one round."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from bench.press.child import Round
from bench.press.turns import Entry


@dataclass(frozen=True)
class Figure:
    """A contender on a database with so many at once: medians over rounds."""

    database: str
    at_once: int
    contender: str
    per_second: float
    of_raw: float
    p50_ms: float
    p99_ms: float
    cpu_us: float

    def row(self) -> dict[str, object]:
        """As JSON has it."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Goal:
    """A row of goals of performance.md, section 1, and what was measured."""

    name: str
    limit: float
    found: float
    is_floor: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the measured ratio is on the right side of the limit."""
        return self.found >= self.limit if self.is_floor else self.found <= self.limit


def figures(database: str, entries: list[Entry]) -> Iterator[Figure]:
    """Every entry's figures, by how many pressed at once."""
    raw = next(entry for entry in entries if entry.name == "raw")
    for at_once in raw.rounds:
        for entry in entries:
            yield _figure(database, at_once, entry, raw.rounds[at_once])


def _figure(database: str, at_once: int, entry: Entry, raw: Sequence[Round]) -> Figure:
    mine = entry.rounds[at_once]
    return Figure(
        database=database,
        at_once=at_once,
        contender=entry.name,
        per_second=median(map(_rate, mine)),
        of_raw=median(_rate(own) / _rate(theirs) for own, theirs in zip(mine, raw, strict=True)),
        p50_ms=median(1_000 * _part(each, 0.5) for each in mine),
        p99_ms=median(1_000 * _part(each, 0.99) for each in mine),
        cpu_us=median(1_000_000 * each["cpu"] / len(each["latencies"]) for each in mine),
    )


def _rate(each: Round) -> float:
    return len(each["latencies"]) / each["seconds"]


def _part(each: Round, part: float) -> float:
    ordered = sorted(each["latencies"])
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
