"""The command that tells Slack's app where the product is."""

import typer

from bot.cli.terminal import settled
from bot.config.app_yaml import manifest_for, socket_manifest, with_rotation
from bot.config.settings import load_public_url


def manifest(url: str | None, *, socket_mode: bool, token_rotation: bool) -> None:
    """Print the manifest, for an address or for Socket Mode."""
    text = socket_manifest() if socket_mode else manifest_for(settled(lambda: load_public_url(url)))
    typer.echo(with_rotation(text) if token_rotation else text, nl=False)
