"""The commands of `kundportal` with their options. What one does is imported when it is called: `--help` is quick."""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from bot.server.duties import Duty

if TYPE_CHECKING:
    from core.api import Language


class CommandGroup(TyperGroup):
    """Says what is no text, and where nobody reads on."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # Any: typer's own click
        if not all(map(_is_text, args)):
            ctx.fail("What was typed is no text in UTF-8.")
        return super().resolve_command(ctx, args)

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

# The words of core.api's Language, which takes longer to import than --help may.
Spoken = Annotated[Literal["sv", "en"], typer.Option("--language", help="sv or en.")]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="SQLite or PostgreSQL; default: DATABASE_URL.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DemoUrl = Annotated[str | None, typer.Option("--database-url", help="SQLite or PostgreSQL; default: temporary.")]
Person = Annotated[str, typer.Argument(help="The person's e-mail address, or id.")]


def _language(word: str) -> "Language":
    from core.api import Language

    return Language(word)


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


# A command's line in the list is short enough for a terminal of eighty columns.


@app.command(short_help="Try everything in a small Slack, with made-up people.")
def demo(
    database_url: DemoUrl = None,
    port: Annotated[int, typer.Option(help="The product's port; a free one where it is taken.")] = 8300,
    page_port: Annotated[int, typer.Option(help="The page's port; a free one where it is taken.")] = 8301,
    mail_port: Annotated[int, typer.Option(help="Where the page takes mail; a free one where it is taken.")] = 8302,
) -> None:
    """Try everything: the product and a small Slack in the browser, with made-up people. No settings are read."""
    from bot.cli import demo_cli

    demo_cli.demo(database_url, port, page_port, mail_port)


@app.command(short_help="Run the web application and the relay.")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: PORT.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="So many processes (PostgreSQL).")] = 1,
    only: Annotated[Duty | None, typer.Option(help="Do this alone; other processes do the rest (PostgreSQL).")] = None,
) -> None:
    """Run the web application and the relay, by the settings in the environment and `.env`."""
    from bot.cli import serve_cli

    serve_cli.serve(host, port, workers, only)


@app.command(short_help="Look at everything that must work, and say what to mend.")
def doctor(
    language: Spoken = "en",
    name_server: Annotated[
        str | None, typer.Option(metavar="ADDRESS[:PORT]", help="Ask this name server instead of the machine's.")
    ] = None,
    dkim_selector: Annotated[str | None, typer.Option(help="The key that your mail server signs mails with.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Look at settings, database, clock, Slack, the server's address and mail; ends with 1 where something is wrong.

    Changes nothing, and sends nothing to anybody. What could not be checked is said to be unknown.
    """
    from bot.cli import doctor_cli

    doctor_cli.doctor(_language(language), name_server, dkim_selector, as_json=as_json)


@app.command(short_help="Let everything fail under load: do all promises hold?")
def drill(
    seed: Annotated[int | None, typer.Option(help="Of an earlier drill, to have the same go wrong.")] = None,
    seconds: Annotated[float, typer.Option(min=1, max=7_200, help="For how long people press.")] = 20,
    presses: Annotated[float, typer.Option(min=0.1, max=200, help="How much is done a second.")] = 10,
    troubles: Annotated[int, typer.Option(min=0, max=10_000, help="How much goes wrong.")] = 26,
    database: Annotated[Literal["sqlite", "postgresql"], typer.Option(help="On which kind of database.")] = "sqlite",
    server: Annotated[
        str | None, typer.Option(help="Address of a PostgreSQL server, without a database: one is made and removed.")
    ] = None,
    failover: Annotated[
        str | None, typer.Option(help="Command by which that server's primary is lost, and another one takes over.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where to write all that is known, as JSON.")] = None,
) -> None:
    """Let everything fail under load, and say which promises still hold; ends with 1 where one does not.

    It runs the product beside a small Slack, on a database that it makes itself and takes away again. No settings are
    read, and no other database is touched.
    """
    from bot.cli import demo_cli
    from bot.drill.databases import DatabaseKind

    demo_cli.drill(seed, seconds, presses, troubles, DatabaseKind(database), server, failover, report)


@app.command(short_help="Print the Slack app manifest with this server's address.")
def manifest(
    url: Annotated[str | None, typer.Option(help="Where Slack reaches this server; default: PUBLIC_URL.")] = None,
    *,
    socket_mode: Annotated[bool, typer.Option("--socket-mode", help="For a server that Slack cannot reach.")] = False,
    token_rotation: Annotated[bool, typer.Option("--token-rotation", help="Let the app's tokens expire.")] = False,
) -> None:
    """Print the Slack app manifest with this server's address: https, without a path. Or for Socket Mode, with none."""
    from bot.cli.terminal import settled
    from bot.config.app_yaml import manifest_for, socket_manifest, with_rotation
    from bot.config.settings import load_public_url

    text = socket_manifest() if socket_mode else manifest_for(settled(lambda: load_public_url(url)))
    typer.echo(with_rotation(text) if token_rotation else text, nl=False)


@app.command(short_help="Make the database, or bring it to the newest schema.")
def migrate(
    url: DatabaseUrl = None,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Change nothing: say what may go on meanwhile.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON, for programs.")] = False,
) -> None:
    """Make the database, or bring it to the newest schema. Nothing changes when it is there."""
    from bot.cli import load_cli

    load_cli.migrate(url, plan=plan, as_json=as_json)


@app.command(short_help="Load organisations, people, roles and offers from a file.")
def load(
    file: Annotated[
        typer.FileText,
        typer.Argument(help="A YAML file, as docs/example.yaml; - for standard input.", encoding="utf-8"),
    ],
    url: DatabaseUrl = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Add and update organisations, people, roles and offers from a file. A wrong file changes nothing.

    It is checked first and then written little by little, beside a running server. Cut short, it can be run again.
    """
    from bot.cli import load_cli

    load_cli.load_file(file, url, as_json=as_json)


@app.command(short_help="Make a key to the HTTP API; list keys, or end one.")
def api_key(
    person: Annotated[str | None, typer.Option(help="E-mail address of the person the key acts as.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Organisationsnummer it acts for.")] = None,
    *,
    operator: Annotated[bool, typer.Option("--operator", help="A key that keeps the register.")] = False,
    label: Annotated[str, typer.Option(help="What the key is for, to know it by later.")] = "",
    days: Annotated[int, typer.Option(help="For how many days it opens anything.", min=1, max=1825)] = 365,
    revoke: Annotated[str | None, typer.Option(help="End the key with this id.")] = None,
    show: Annotated[bool, typer.Option("--list", help="List keys.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="List keys as JSON, for programs.")] = False,
    url: DatabaseUrl = None,
) -> None:
    """Make a key to the HTTP API, shown this once; or list keys, or end one."""
    from bot.cli import api_key_cli

    if show or as_json:
        api_key_cli.print_keys(url, as_json=as_json)
    elif revoke is not None:
        api_key_cli.revoke(url, revoke)
    else:
        api_key_cli.make(url, person, organisation, label, days, operator=operator)


@app.command(short_help="Print a link to install the app in a customer's Slack.")
def install_link(
    organisation: Annotated[str, typer.Argument(help="The organisationsnummer.")],
    administrator: Annotated[str, typer.Argument(help="Its administrator: e-mail address, or id.")],
    language: Spoken = "en",
    url: DatabaseUrl = None,
) -> None:
    """Print a link by which an administrator installs the app in the organisation's own Slack."""
    from bot.cli import account_cli

    account_cli.install_link(organisation, administrator, _language(language), url)


@app.command(short_help="Print what may happen, who sees it and who hears of it.")
def flows(
    *,
    sv: Annotated[bool, typer.Option("--sv", help="Print docs/flows.sv.md, the same as Swedish sentences.")] = False,
) -> None:
    """Print docs/flows.md: what may happen, who sees what and who hears what."""
    from bot.cli import flows_cli
    from bot.cli.flow_pages.sentences import sentence_page

    typer.echo(sentence_page() if sv else flows_cli.flow_page(), nl=False)


@app.command(short_help="Hold every row of history against its seal.")
def verify_history(
    checkpoint: Annotated[str | None, typer.Option(help="One that was kept outside: N:CHAIN.")] = None,
    language: Spoken = "en",
    url: DatabaseUrl = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Hold history against its seals, and every case against its history. Ends with 1 and names what differs."""
    from bot.cli import history_cli

    history_cli.verify_history(checkpoint, _language(language), url, as_json=as_json)


@app.command(short_help="Print the newest checkpoint, to be kept outside.")
def checkpoint(language: Spoken = "en", url: DatabaseUrl = None) -> None:
    """Print the newest checkpoint, to be kept outside and given to verify-history later."""
    from bot.cli import history_cli

    history_cli.checkpoint(_language(language), url)


@app.command(short_help="Print what happened to an order, or rows as stored.")
def history(
    order: Annotated[str | None, typer.Argument(help="The number of an order or application, as B-7KM2QX4.")] = None,
    export: Annotated[Literal["jsonl", "csv"] | None, typer.Option(help="For other programs: jsonl or csv.")] = None,
    language: Spoken = "sv",
    url: DatabaseUrl = None,
) -> None:
    """Print what happened to an order, refusals too; with --export, rows as they are stored, of all or the one."""
    from bot.cli import history_cli

    history_cli.history(order, export, _language(language), url)


@app.command(short_help="Take away what is kept no longer, as every night.")
def purge(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    language: Spoken = "en",
    url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take away what is kept no longer, as every night does. Ends with 1 when history does not fit its seals."""
    from bot.cli import personal_cli

    personal_cli.purge(_language(language), url, dry_run=dry_run, as_json=as_json)


@app.command(short_help="Print all that is stored about one person, as JSON.")
def export_person(
    person: Person,
    out: Annotated[Path | None, typer.Option(help="A file to write; default: print.", dir_okay=False)] = None,
    language: Spoken = "en",
    url: DatabaseUrl = None,
) -> None:
    """Print everything that is stored about one person, as JSON."""
    from bot.cli import personal_cli

    personal_cli.export(person, out, _language(language), url)


@app.command(short_help="End what links a person to a Slack account.")
def unlink(person: Person, language: Spoken = "en", url: DatabaseUrl = None) -> None:
    """End what links a person to Slack accounts: they decide nothing more, and nobody links them again unallowed."""
    from bot.cli import account_cli

    account_cli.unlink(person, _language(language), url)


@app.command(short_help="Let an unlinked Slack account be linked again.")
def relink(person: Person, language: Spoken = "en", url: DatabaseUrl = None) -> None:
    """Let whoever holds them confirm a person's unlinked Slack accounts again, on the Home tab."""
    from bot.cli import account_cli

    account_cli.relink(person, _language(language), url)


@app.command(short_help="End a person's sessions on the web.")
def sign_out(person: Person, language: Spoken = "en", url: DatabaseUrl = None) -> None:
    """End a person's sessions on the web, and the links and codes to sign in by that have been mailed."""
    from bot.cli import account_cli

    account_cli.sign_out(person, _language(language), url)


@app.command(short_help="Print which messages are owed, late or lost.")
def cards(
    retry: Annotated[str | None, typer.Option("--retry", help="Send this card again, at once.")] = None,
    drop: Annotated[str | None, typer.Option("--drop", help="Send this card no more.")] = None,
    language: Spoken = "en",
    url: DatabaseUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print all that is owed as JSON, for programs.")] = False,
) -> None:
    """Print which cards are owed, late or lost, the gravest first. Ends with 1 where one is held, late or lost.

    With --retry or --drop look after one of them, which history tells; ends with 1 where that was not done.
    """
    from bot.cli.waiting import cards_cli

    cards_cli.cards(retry, drop, _language(language), url, as_json=as_json)


@app.command(short_help="Look for messages that Slack has no more.")
def reconcile(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Send anew what Slack has no more, and reduce second copies.")
    ] = False,
    language: Spoken = "en",
    as_json: AsJson = False,
) -> None:
    """Look in Slack for the messages of open orders and applications, as the server does every working day; and, with
    the scope im:history, for second copies of them.

    Ends with 1 where one is missing or stands twice and stays so, or where a Slack did not answer.
    """
    from bot.cli.waiting import cards_cli

    cards_cli.reconcile(_language(language), repair=repair, as_json=as_json)


@app.command(short_help="Print whom each open case, or one, waits for.")
def who(
    order: Annotated[str | None, typer.Argument(help="The number of one order or application, as B-7KM2QX4.")] = None,
    language: Spoken = "sv",
    url: DatabaseUrl = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print every open case and whom it waits for, the longest waiting first.

    Of one case print whom it waits for; of an order also who may decide it and why, and who may not, and why not.
    """
    from bot.cli.waiting import who_cli

    who_cli.who(order, _language(language), url, as_json=as_json)
