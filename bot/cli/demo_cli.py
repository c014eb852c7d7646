"""The command that tries everything out."""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.terminal import answering_for_the_database, commands
from bot.demo import run

app = commands()

DatabaseUrl = Annotated[str | None, typer.Option("--database-url", help="SQLite or PostgreSQL; default: temporary.")]


@app.command()
def demo(
    database_url: DatabaseUrl = None,
    port: Annotated[int, typer.Option(help="The product's port; a free one where it is taken.")] = 8300,
    page_port: Annotated[int, typer.Option(help="The page's port; a free one where it is taken.")] = 8301,
    mail_port: Annotated[int, typer.Option(help="Where the page takes mail; a free one where it is taken.")] = 8302,
) -> None:
    """Try everything: the product and a small Slack in the browser, with made-up people. No settings are read."""
    with tempfile.TemporaryDirectory(prefix="kundportal-demo-") as folder:
        if not database_url:
            # A database made for the demo begins its chain of seals, which is news to nobody.
            logging.getLogger("core.storage.audit.sealing").setLevel(logging.ERROR)
        url = database_url or f"sqlite:///{folder}/demo.db"
        place = run.Demo(url, run.bind(port), run.bind(page_port), run.bind(mail_port))
        with answering_for_the_database(), _step("Preparing the database and the people"):
            asyncio.run(run.prepare(place))
        with _ending_quietly():
            asyncio.run(run.serve(place, lambda: typer.echo(_words(place))))


@contextmanager
def _step(what: str) -> Iterator[None]:
    typer.echo(f"{what} … ", nl=False)
    yield
    typer.echo("done")


@contextmanager
def _ending_quietly() -> Iterator[None]:
    with suppress(KeyboardInterrupt):
        yield
    typer.echo("Stopped.")


def _words(place: run.Demo) -> str:
    words = (Path(run.__file__).parent / "try.txt").read_text("utf-8")
    return words.format(address=place.address, site=place.site)
