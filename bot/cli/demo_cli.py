"""The commands that try everything out beside the small Slack: by hand, and by everything failing at once."""

import asyncio
import json
import logging
import secrets
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from bot.cli.terminal import answering_for_the_database, serving_alone, stop
from bot.demo import run
from bot.drill.databases import DatabaseKind, FailoverFailed, NamedServer, NoServer, NotAServer, server_address
from bot.drill.invariants import NAMED, Invariant
from bot.drill.plan import DrillPlan, PlannedTrouble
from bot.drill.run import DrillReport
from bot.drill.run import drill as run_drill
from bot.drill.stack import NotUp


def demo(database_url: str | None, port: int, page_port: int, mail_port: int) -> None:
    """Run the demo until it is interrupted."""
    with tempfile.TemporaryDirectory(prefix="kundportal-demo-") as folder:
        if not database_url:
            # A database made for the demo begins its chain of seals, which is news to nobody.
            logging.getLogger("core.storage.audit.sealing").setLevel(logging.ERROR)
        url = database_url or f"sqlite:///{folder}/demo.db"
        place = run.Demo(url, run.bind(port), run.bind(page_port), run.bind(mail_port))
        with serving_alone(url):
            with answering_for_the_database(url), _step("Preparing the database and the people"):
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


PROMISES = {
    Invariant.KEPT: "No acknowledged press or order is lost.",
    Invariant.ONCE: "Every step is decided once, by those who pressed.",
    Invariant.TRUE: "Every message in Slack shows what the database says.",
    Invariant.REPLAYS: "History verifies, and replayed leads to what stands.",
    Invariant.RETURNS: "Every process comes back, and ends when it is told to.",
}


def drill(
    seed: int | None,
    seconds: float,
    presses: float,
    troubles: int,
    database: DatabaseKind,
    server: str | None,
    failover: str | None,
    report: Path | None,
) -> None:
    """Print what went wrong and which promises held, as it goes."""
    # However it is ended, it leaves nothing behind that it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What the product's own parts have to say here, they say of what is made to fail.
    logging.getLogger().addHandler(logging.NullHandler())
    plan = DrillPlan(secrets.randbelow(10**9) if seed is None else seed, seconds, presses, troubles)
    kind = database if server is None else DatabaseKind.POSTGRESQL
    typer.echo(f"Seed {plan.seed}. {presses:g} a second for {seconds:g} seconds on {kind}.")
    with answering_for_the_database(server or ""):
        done = asyncio.run(_drilled(plan, kind, _named(server, failover)))
    for line in _told(done):
        typer.echo(line)
    if report is not None:
        _write(done, report)
    raise typer.Exit(not done.holds)


def _named(server: str | None, failover: str | None) -> NamedServer | None:
    if server is None:
        if failover:
            stop("--failover is for a server that --server names.")
        return None
    try:
        words = shlex.split(failover or "")
        if words and shutil.which(words[0]) is None:
            stop(f"--failover names a command that is not there: {words[0]}")
        return NamedServer(server_address(server), words)
    except NotAServer:
        stop("--server is an address such as postgresql://user@host:5432, without a database: a drill makes its own.")
    except ValueError:
        stop("--failover is a command as it is typed: a quotation mark in it is not closed.")


async def _drilled(plan: DrillPlan, database: DatabaseKind, server: NamedServer | None) -> DrillReport:
    try:
        return await run_drill(plan, database, server, _say_trouble)
    except FailoverFailed as failed:
        stop(f"What --failover names ended with an error: {failed}")
    except NotUp as late:
        stop(f"{late} does not run. It logged last:\n{late.logged}")
    except NoServer:
        stop("There is no PostgreSQL here to start. Name a server with --server.")


def _write(done: DrillReport, report: Path) -> None:
    try:
        report.write_text(json.dumps(done.as_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        stop(f"The report cannot be written: {error}")


def _say_trouble(each: PlannedTrouble) -> None:
    times = f" {each.times} times" if each.times > 1 else ""
    seconds = f" for {each.seconds:.1f} s" if each.seconds else ""
    target = f" {each.target}" if each.target else ""
    typer.echo(f"{each.at:7.1f} s  {each.trouble}{target}{times}{seconds}")


def _told(done: DrillReport) -> Iterator[str]:
    yield f"{done.presses} presses, {done.unanswered} unanswered; {done.acknowledged} of {done.forms} forms counted."
    yield f"{done.orders} orders placed, {done.changes} changes in history, {sum(done.kills.values())} kills."
    yield f"For {done.longest_silence:.1f} seconds at most nobody was told that anything counts."
    yield f"{done.copies} messages stood twice until somebody pressed one."
    for each in done.judgements:
        yield f"{'pass' if each.holds else 'FAIL'}  {PROMISES[each.invariant]} ({each.looked_at} looked at)"
        yield from (f"      {wrong}" for wrong in each.wrong[:NAMED])
        if len(each.wrong) > NAMED:
            yield f"      and {len(each.wrong) - NAMED} more"
    if not done.holds:
        yield f"Have the same go wrong again: --seed {done.plan.seed}"
