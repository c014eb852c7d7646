"""The commands of `kundportal`, a row each. The module of one is imported when it is called, not before."""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group


class CommandRow(NamedTuple):
    """A row of the list: the module that has the command as part of its `app`, and what it is for."""

    module: str
    what: str


# Short enough for a terminal of eighty columns.
COMMANDS = {
    "demo": CommandRow("demo_cli", "Try everything in a small Slack, with made-up people."),
    "serve": CommandRow("serve_cli", "Run the web application and the relay."),
    "doctor": CommandRow("doctor_cli", "Look at everything that must work, and say what to mend."),
    "drill": CommandRow("demo_cli", "Let everything fail under load: do all promises hold?"),
    "manifest": CommandRow("manifest_cli", "Print the Slack app manifest with this server's address."),
    "migrate": CommandRow("load_cli", "Make the database, or bring it to the newest schema."),
    "load": CommandRow("load_cli", "Load organisations, people, roles and offers from a file."),
    "api-key": CommandRow("api_key_cli", "Make a key to the HTTP API; list keys, or end one."),
    "install-link": CommandRow("account_cli", "Print a link to install the app in a customer's Slack."),
    "flows": CommandRow("flows_cli", "Print what may happen, who sees it and who hears of it."),
    "verify-history": CommandRow("history_cli", "Hold every row of history against its seal."),
    "checkpoint": CommandRow("history_cli", "Print the newest checkpoint, to be kept outside."),
    "history": CommandRow("history_cli", "Print what happened to an order, or rows as stored."),
    "purge": CommandRow("personal_cli", "Take away what is kept no longer, as every night."),
    "export-person": CommandRow("personal_cli", "Print all that is stored about one person, as JSON."),
    "unlink": CommandRow("account_cli", "End what links a person to a Slack account."),
    "relink": CommandRow("account_cli", "Let an unlinked Slack account be linked again."),
    "sign-out": CommandRow("account_cli", "End a person's sessions on the web."),
    "cards": CommandRow("waiting.cards_cli", "Print which messages are owed, late or lost."),
    "reconcile": CommandRow("waiting.cards_cli", "Look for messages that Slack has no more."),
    "who": CommandRow("waiting.who_cli", "Print whom a case waits for, and who may decide it."),
}


class CommandGroup(TyperGroup):
    """Lists commands by the rows above, and puts the command itself in the place of the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # Any: typer's own click
        if not all(map(_is_text, args)):
            ctx.fail("What was typed is no text in UTF-8.")
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else _imported(name), rest

    def invoke(self, ctx: Any) -> Any:  # Any: (the same)
        """Carry the command out, and print the last of it here: typer ends quietly where nobody reads on, as `head`."""
        try:
            return super().invoke(ctx)
        finally:
            typer.echo("", nl=False)


def _is_text(word: str) -> bool:
    try:
        return bool(word.encode("utf-8")) or not word
    except UnicodeEncodeError:
        return False


# Without rich, whose import takes longer than all else that --help needs.
app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Approvals of orders in Slack for Kundportalen. Settings: the environment, then .env in this folder.",
)


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer's way to a flag
    if asked:
        typer.echo(version("kundportal"))
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say which one this is.")
]


@app.callback()
def kundportal(_: Version = False) -> None:  # noqa: FBT002 - (the same)
    """Take what stands before the command's name."""


def _listed() -> None:
    """Stand in the list for a command that is not imported."""


for _name, _entry in COMMANDS.items():
    app.command(_name, help=_entry.what)(_listed)


def _imported(name: str) -> Any:  # Any: (the same)
    return get_group(import_module(f"bot.cli.{COMMANDS[name].module}").app).commands[name]
