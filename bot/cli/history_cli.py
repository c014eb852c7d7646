"""The commands that look into history: what happened to an order, rows for other programs, whether it all holds."""

import csv
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

import typer

from bot.cli.history_words import NamesAround, told_of
from bot.cli.terminal import Progress, in_database, print_json, settled, stop
from bot.config.settings import load_history_keys
from core.api import ROLES_OF, Asking, CaseId, Language, LineKind, OnSide, OrganisationId, Part, PersonId, Side
from core.storage.audit.findings import Finding, Report
from core.storage.audit.history_reads import HistoryLine, newest_checkpoint, read_all, read_case
from core.storage.audit.replaying import Difference, Replayed, replay
from core.storage.audit.verifying import read_outside, verify
from core.storage.database.database import Database
from core.storage.reads.queries import SqlQueries
from notifications.texts import counted, day, say

# Refusals that do not presume the role that the card asks for.
BEFORE_ROLES = frozenset({"closed", "inactive", "no_role", "not_found", "not_possible", "stale", "temporary"})


def verify_history(checkpoint: str | None, language: Language, url: str | None, *, as_json: bool) -> None:
    """Verify, and print what was found."""
    outside = None if checkpoint is None else _outside(checkpoint, language)
    keys = settled(load_history_keys)
    report, replayed = in_database(url, lambda database: _verify(database, keys, outside))
    if as_json:
        print_json({"holds": report.holds and replayed.holds, "seals": report, "replay": replayed})
    else:
        for sentence in (*_told(report, language), *_told_of_replay(replayed, language)):
            typer.echo(sentence)
    if not report.holds or not replayed.holds:
        raise typer.Exit(1)


def checkpoint(language: Language, url: str | None) -> None:
    """Print it, or say that nothing is sealed."""
    newest = in_database(url, newest_checkpoint)
    if newest is None:
        stop(say(language, "audit.nothing_sealed"))
    typer.echo(newest.text)


def history(order: str | None, export: Literal["jsonl", "csv"] | None, language: Language, url: str | None) -> None:
    """Print one case's history for people, or rows for programs."""
    case = CaseId(order.strip().upper()) if order else None
    if export is not None:
        if export == "csv":
            csv.writer(sys.stdout, lineterminator="\n").writerow(HistoryLine._fields)
        in_database(url, lambda database: _export(_pages(database, case), WRITERS[export]))
    elif case:
        _print(*in_database(url, lambda database: _read(database, case)), case, language)
    else:
        stop(say(language, "history.which"))


# --- whether it holds


def _outside(text: str, language: Language) -> tuple[int, str]:
    try:
        return read_outside(text)
    except ValueError:
        stop(say(language, "audit.no_checkpoint"))


async def _verify(
    database: Database, keys: tuple[str, tuple[str, ...]], outside: tuple[int, str] | None
) -> tuple[Report, Replayed]:
    progress = Progress("rows")
    report = await verify(database, keys[0], datetime.now(UTC), earlier=keys[1], outside=outside, progress=progress)
    replayed = await replay(database, progress=progress)
    progress.end()
    return report, replayed


def _told(report: Report, language: Language) -> Iterator[str]:
    for finding in report.findings:
        yield _named(finding, language)
    if report.unnamed:
        yield counted(language, "audit.unnamed", report.unnamed)
    if report.purged_before is not None:
        yield counted(language, "audit.purged", report.purged, day=day(language, report.purged_before))
    yield counted(language, "audit.sealed", report.sealed)
    yield counted(language, "audit.unsealed", report.unsealed)
    yield say(language, "audit.holds" if report.holds else "audit.broken")


def _named(finding: Finding, language: Language) -> str:
    row = say(language, "audit.unknown") if finding.row is None else finding.row
    return say(language, f"audit.{finding.kind}", row=row, seal=finding.seal, stands_at=finding.stands_at)


def _told_of_replay(replayed: Replayed, language: Language) -> Iterator[str]:
    for difference in replayed.differences:
        yield _differing(difference, language)
    if replayed.unnamed:
        yield counted(language, "audit.unnamed", replayed.unnamed)
    yield counted(language, "audit.replayed", replayed.cases)
    if replayed.not_replayable:
        yield counted(language, "audit.not_replayable", replayed.not_replayable)
    yield counted(language, "audit.registered", replayed.entries)
    if replayed.unjudged and replayed.rights_from is not None:
        yield counted(language, "audit.unjudged", replayed.unjudged, day=day(language, replayed.rights_from))
    yield say(language, "audit.agrees" if replayed.holds else "audit.disagrees")


def _differing(difference: Difference, language: Language) -> str:
    what = say(language, f"audit.what.{difference.what}") if difference.what else ""
    told, stands = (each or say(language, "audit.nothing") for each in (difference.expected, difference.stands))
    key = f"audit.differs.{difference.kind}"
    facts = {"case": difference.case, "row": difference.row, "about": difference.about}
    return say(language, key, **facts, what=what, told=told, stands=stands)


# --- for people


async def _read(database: Database, case: CaseId) -> tuple[Sequence[HistoryLine], NamesAround]:
    lines = await read_case(database, case)
    people = {PersonId(who) for line in lines for who in (line.person_id, line.about_id, _to(line)) if who}
    organisations = {OrganisationId(line.organisation_id) for line in lines if line.organisation_id}
    queries = SqlQueries(database)
    names, found = (
        await queries.names(sorted(people), sorted(organisations)),
        await queries.views([case], OnSide(Side.INERA)),
    )
    outsiders = frozenset([line.id for line in lines if await _is_outsiders(queries, line)])
    return lines, NamesAround(*names, flow=found[case].flow if case in found else "", outsiders=outsiders)


def _to(line: HistoryLine) -> str | None:
    """Whom something was handed over to, sent to or asked of."""
    return json.loads(line.evidence).get("to")


async def _is_outsiders(queries: SqlQueries, line: HistoryLine) -> bool:
    """True for a refusal that says nothing of the person's role, of somebody who did not have the card's."""
    if line.part is None or line.person_id is None or line.kind != LineKind.REFUSAL:
        return False
    if json.loads(line.evidence)["code"] not in BEFORE_ROLES:
        return False
    held = await queries.roles_of(Asking(PersonId(line.person_id)), line.at)
    asked = [OrganisationId(line.organisation_id)] if line.organisation_id else [*held]
    roles = {role for each in asked if each in held for role in held[each][1]}
    return not roles & ROLES_OF.get(Part(line.part), frozenset())


def _print(lines: Sequence[HistoryLine], around: NamesAround, case: CaseId, language: Language) -> None:
    if not lines:
        stop(say(language, "history.none", number=case))
    typer.echo(say(language, "history.title", number=case))
    for line in lines:
        typer.echo("")
        for sentence in told_of(line, around, language):
            typer.echo(sentence)


# --- for programs


async def _pages(database: Database, case: CaseId | None) -> AsyncIterator[Sequence[HistoryLine]]:
    if case is not None:
        yield await read_case(database, case)
        return
    async for lines in read_all(database):
        yield lines


async def _export(pages: AsyncIterator[Sequence[HistoryLine]], write: Callable[[Sequence[HistoryLine]], None]) -> None:
    async for lines in pages:
        write(lines)


def _write_jsonl(lines: Sequence[HistoryLine]) -> None:
    for line in lines:
        stored = line._asdict() | {"at": line.at.isoformat(), "evidence": json.loads(line.evidence)}
        typer.echo(json.dumps(stored, ensure_ascii=False))


def _write_csv(lines: Sequence[HistoryLine]) -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerows(line._replace(at=line.at.isoformat()) for line in lines)  # pyright: ignore[reportArgumentType] - as text


WRITERS = {"jsonl": _write_jsonl, "csv": _write_csv}
