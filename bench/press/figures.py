"""From rounds to figures: medians, and ratios within one round."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.press.child import Round
from bench.press.turns import Entry


@dataclass(frozen=True)
class Figure:
    """A contender on a database with so many at once: medians over rounds, `of_raw` of the ratio within a round."""

    database: str
    at_once: int
    contender: str
    per_second: float
    of_raw: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def figures(database: str, entries: list[Entry]) -> Iterator[Figure]:
    """Every entry's figures, by how many pressed at once."""
    raw = next(entry for entry in entries if entry.name == "raw")
    for at_once in raw.rounds:
        for entry in entries:
            yield _figure(database, at_once, entry, raw)


def ratio(entry: Entry, other: Entry, at_once: int) -> float:
    """How fast one is beside another, as the median over rounds that both took part in."""
    pairs = zip(entry.rounds[at_once], other.rounds[at_once], strict=True)
    return median(_rate(mine) / _rate(theirs) for mine, theirs in pairs)


def _figure(database: str, at_once: int, entry: Entry, raw: Entry) -> Figure:
    mine = entry.rounds[at_once]
    return Figure(
        database=database,
        at_once=at_once,
        contender=entry.name,
        per_second=median(map(_rate, mine)),
        of_raw=ratio(entry, raw, at_once),
        p50_ms=median(1_000 * _part(each, 0.5) for each in mine),
        p99_ms=median(1_000 * _part(each, 0.99) for each in mine),
        cpu_us=median(1_000_000 * each["cpu"] / len(each["latencies"]) for each in mine),
    )


def _rate(each: Round) -> float:
    return len(each["latencies"]) / each["seconds"]


def _part(each: Round, part: float) -> float:
    ordered = sorted(each["latencies"])
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
