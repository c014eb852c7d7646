"""The goals for a whole press: the first six rows of performance.md, section 1."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.press.figures import Figure, ratio
from bench.press.turns import Entry

# Database, how many at once, and the least part of raw's rate.
OF_RAW = (("postgres", 16, 0.55), ("postgres", 1, 0.60), ("sqlite", 16, 0.65), ("sqlite", 1, 0.40))
P99_OF_P50, DURABLE_OF_NOT = 2.0, 0.9
BUSY = 16


@dataclass(frozen=True)
class Goal:
    """What was wanted, and what was found."""

    name: str
    limit: float
    found: float
    is_reached: bool


def goals(database: str, entries: list[Entry], found: list[Figure]) -> Iterator[Goal]:
    """The goals that a database's measurements speak of."""
    ours = {each.at_once: each for each in found if each.contender == "ours"}
    for name, at_once, least in OF_RAW:
        if name == database and at_once in ours:
            of_raw = ours[at_once].of_raw
            yield Goal(f"{database}, {at_once} at once: x raw >=", least, of_raw, of_raw >= least)
    if BUSY in ours:
        spread = ours[BUSY].p99_ms / ours[BUSY].p50_ms
        yield Goal(f"{database}, {BUSY} at once: p99 / p50 <=", P99_OF_P50, spread, spread <= P99_OF_P50)
    by_name = {each.name: each for each in entries}
    if BUSY in ours and "ours NORMAL" in by_name:
        durable = ratio(by_name["ours"], by_name["ours NORMAL"], BUSY)
        yield Goal(f"{database}, {BUSY} at once: FULL / NORMAL >=", DURABLE_OF_NOT, durable, durable >= DURABLE_OF_NOT)
