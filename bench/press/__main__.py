"""`python -m bench.press`: measure, print a table, and write JSON when asked."""

import json
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bench.press.figures import Figure, figures
from bench.press.turns import measure

CONTENDERS = ("raw", "step", "ours", "ours NORMAL")
HEAD = ("database", "at once", "contender", "presses/s", "x raw", "p50 ms", "p99 ms", "CPU us")


def main(
    db: Annotated[list[str], typer.Option(help="sqlite, postgres; may be repeated.")] = ["sqlite", "postgres"],  # noqa: B006 - typer reads it once
    conc: Annotated[list[int], typer.Option(help="How many press at once; may be repeated.")] = [1, 16],  # noqa: B006 - typer reads it once
    only: Annotated[list[str], typer.Option(help="Contenders, raw among them.")] = list(CONTENDERS),  # noqa: B006 - typer reads it once
    rounds: Annotated[int, typer.Option(help="Rounds that count, for each contender.")] = 7,
    presses: Annotated[int, typer.Option(help="Presses in a round.")] = 600,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Measure the whole press over HTTP beside the bare driver with the same statements."""
    found: list[Figure] = []
    for kind in db:
        entries = uvloop.run(measure(kind, only, conc, rounds, presses))
        found += figures(kind, entries)
    typer.echo("  ".join(f"{name:>10}" for name in HEAD))
    for each in found:
        typer.echo("  ".join(f"{value:>10}" for value in each.row().values()))
    if json_file:
        json_file.write_text(json.dumps([each.row() for each in found], indent=1))


typer.run(main)
