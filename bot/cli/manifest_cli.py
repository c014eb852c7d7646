"""The command that tells Slack's app where the product is."""

from typing import Annotated

import typer

from bot.cli.terminal import commands, settled
from bot.config.app_yaml import manifest_for, socket_manifest, with_rotation
from bot.config.settings import load_public_url

app = commands()


@app.command()
def manifest(
    url: Annotated[str | None, typer.Option(help="Where Slack reaches this server; default: PUBLIC_URL.")] = None,
    *,
    socket_mode: Annotated[bool, typer.Option("--socket-mode", help="For a server that Slack cannot reach.")] = False,
    token_rotation: Annotated[bool, typer.Option("--token-rotation", help="Let the app's tokens expire.")] = False,
) -> None:
    """Print the Slack app manifest with this server's address: https, without a path. Or for Socket Mode, with none."""
    text = socket_manifest() if socket_mode else manifest_for(settled(lambda: load_public_url(url)))
    typer.echo(with_rotation(text) if token_rotation else text, nl=False)
