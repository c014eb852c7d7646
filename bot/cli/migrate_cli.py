"""The command that makes the database, or brings it to the newest schema."""

import typer

from bot.cli.terminal import DatabaseUrl, commands, in_database
from core.storage import migrations

app = commands()


@app.command()
def migrate(url: DatabaseUrl = None) -> None:
    """Make the database, or bring it to the newest schema. Nothing changes when it is there."""
    in_database(url, migrations.upgrade_database, needs_schema=False)
    typer.echo(f"The database is at revision {migrations.newest()}.")
