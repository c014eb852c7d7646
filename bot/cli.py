"""The command `kundportal`: try it, run it, and look after it."""

import asyncio
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bot import history_cli, personal_cli, register_cli, who_cli
from bot.demo import run as demo_run
from bot.main import build
from bot.manifest import manifest_for
from bot.serving import OPTIONS, settle
from bot.settings import load_settings
from bot.terminal import check_database, settled, stop

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Approvals of orders in Slack for Kundportalen.")

app.add_typer(register_cli.app)
app.add_typer(history_cli.app)
app.add_typer(personal_cli.app)
app.add_typer(who_cli.app)

ADDRESS = re.compile(r"https://[^/\s]+/?")
DatabaseUrl = Annotated[str | None, typer.Option("--database-url", help="SQLite or PostgreSQL; default: temporary.")]


@app.command()
def demo(
    database_url: DatabaseUrl = None,
    port: Annotated[int, typer.Option(help="The product's port; a free one where it is taken.")] = 8300,
    page_port: Annotated[int, typer.Option(help="The page's port; a free one where it is taken.")] = 8301,
    mail_port: Annotated[int, typer.Option(help="Where the page takes mail; a free one where it is taken.")] = 8302,
) -> None:
    """Try everything: the product and a small Slack in the browser, with made-up people."""
    with tempfile.TemporaryDirectory(prefix="kundportal-demo-") as folder:
        if not database_url:
            # A database made for the demo begins its chain of seals, which is news to nobody.
            logging.getLogger("core.storage.sealing").setLevel(logging.ERROR)
        url = database_url or f"sqlite:///{folder}/demo.db"
        place = demo_run.Demo(url, demo_run.bind(port), demo_run.bind(page_port), demo_run.bind(mail_port))
        with _step("Preparing the database and the people"):
            asyncio.run(demo_run.prepare(place))
        with _ending_quietly():
            asyncio.run(demo_run.serve(place, lambda: typer.echo(_words(place))))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: PORT.")] = None,
) -> None:
    """Run the web application and the relay, by the settings in the environment."""
    settings = settled(load_settings)
    check_database(settings.database_url)
    # The ticker says at every tick that it ticked.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    product, port = build(settings), settings.port if port is None else port
    settle()
    uvicorn.run(product, host=host or settings.host, port=port, log_level="info", **OPTIONS)


@app.command()
def manifest(
    url: Annotated[str, typer.Option(envvar="PUBLIC_URL", help="Where Slack reaches this server: https, no path.")],
) -> None:
    """Print the Slack app manifest with this server's address."""
    if not ADDRESS.fullmatch(url):
        stop("Give an address that begins with https:// and has no path.")
    typer.echo(manifest_for(url), nl=False)


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


def _words(place: demo_run.Demo) -> str:
    words = (Path(demo_run.__file__).parent / "try.txt").read_text("utf-8")
    return words.format(address=place.address, site=place.site)
