"""The command that tells Slack's app where the product is."""

from typing import Annotated

import typer

from bot.cli.terminal import commands, settled
from bot.config.manifest import manifest_for
from bot.config.settings import load_public_url

app = commands()


@app.command()
def manifest(
    url: Annotated[str | None, typer.Option(help="Where Slack reaches this server; default: PUBLIC_URL.")] = None,
) -> None:
    """Print the Slack app manifest with this server's address: https, without a path."""
    typer.echo(manifest_for(settled(lambda: load_public_url(url))), nl=False)
