"""`python -m bench.press`: measure, print tables, and write JSON when asked."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bench.press.figures import Figure, figures
from bench.press.goals import Goal, goals
from bench.press.turns import measure

CONTENDERS = ["raw", "step", "ours", "ours NORMAL"]
HEAD = "database   at once  contender    presses/s  x raw  p50 ms  p99 ms  CPU us"


def main(
    db: Annotated[list[str], typer.Option(help="sqlite, postgres; may be repeated.")] = ["sqlite", "postgres"],  # noqa: B006 - typer reads it once
    conc: Annotated[list[int], typer.Option(help="How many press at once, at most 16; may be repeated.")] = [1, 16],  # noqa: B006 - typer reads it once
    only: Annotated[list[str], typer.Option(help="Contenders, raw among them; may be repeated.")] = CONTENDERS,
    rounds: Annotated[int, typer.Option(help="Rounds that count, for each contender.")] = 7,
    presses: Annotated[int, typer.Option(help="Presses in a round.")] = 600,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Measure the whole press over HTTP beside the bare driver with the same statements.

    Trust ratios, and of those only differences above 15 % at one connection and 30 % at sixteen.
    """
    found: list[Figure] = []
    reached: list[Goal] = []
    for kind in db:
        entries = uvloop.run(measure(kind, only, conc, rounds, presses))
        mine = list(figures(kind, entries))
        found += mine
        reached += goals(kind, entries, mine)
    _print(found, reached)
    if json_file:
        json_file.write_text(json.dumps({"figures": _rows(found), "goals": _rows(reached)}, indent=1) + "\n")


def _print(found: list[Figure], reached: list[Goal]) -> None:
    typer.echo(HEAD)
    for each in found:
        typer.echo(
            f"{each.database:<10}{each.at_once:>8}  {each.contender:<12}{each.per_second:>10.0f}{each.of_raw:>7.2f}"
            f"{each.p50_ms:>8.2f}{each.p99_ms:>8.2f}{each.cpu_us:>8.0f}"
        )
    for goal in reached:
        verdict = "reached" if goal.is_reached else "NOT reached"
        typer.echo(f"{goal.name:<42}{goal.limit:>6.2f}  found {goal.found:.2f}  {verdict}")


def _rows(values: list[Figure] | list[Goal]) -> list[dict[str, object]]:
    return [
        {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(each).items()}
        for each in values
    ]


typer.run(main)
