"""The commands that look after messages: which are owed, late or lost, and which Slack has no more."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import typer

from bot.cli.terminal import in_database, print_json, settled, stop
from bot.config.settings import Settings, load_settings
from core.api import CardId, Language
from core.storage.database.database import Database
from notifications.outbox.by_hand import ByHand, CardsByHand
from notifications.outbox.leases import Outstanding, OwedHow, outstanding
from notifications.outbox.reconciling.reconciliation import Reconciled, Reconciliation
from notifications.slack.slack_errors import cause_of
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from notifications.texts import counted, say, when

# What goes out in its turn is counted, and nobody need look at it.
LISTED = 100


def cards(retry: str | None, drop: str | None, language: Language, url: str | None, *, as_json: bool) -> None:
    """Print what is owed, or look after one card by its id."""
    if retry is not None and drop is not None:
        stop(say(language, "outstanding.by_hand.one"))
    if (card := retry or drop) is not None:
        came_of_it = in_database(url, partial(_look_after, CardId(card), drop=drop is not None))
        key = ("let_go" if drop else "resent") if came_of_it is ByHand.DONE else came_of_it
        typer.echo(say(language, f"outstanding.by_hand.{key}", card=card))
        raise typer.Exit(came_of_it is not ByHand.DONE)
    found = in_database(url, _read_cards)
    if as_json:
        print_json(found)
    else:
        for line in _card_lines(found, language):
            typer.echo(line)
    raise typer.Exit(any(each.standing in (OwedHow.LOST, OwedHow.HELD, OwedHow.LATE) for each in found))


async def _look_after(card: CardId, database: Database, *, drop: bool) -> ByHand:
    cards = CardsByHand(database, _now)
    came_of_it = await (cards.let_go(card) if drop else cards.retry(card))
    await database.ring()
    return came_of_it


async def _read_cards(database: Database) -> Sequence[Outstanding]:
    return await database.read(partial(outstanding, at=_now()))


def _card_lines(found: Sequence[Outstanding], language: Language) -> Iterator[str]:
    if not found:
        yield say(language, "outstanding.nothing")
    for standing, count in Counter(each.standing for each in found).items():
        yield counted(language, f"outstanding.{standing}", count)
    grave = [each for each in found if each.standing is not OwedHow.OWED]
    for each in grave[:LISTED]:
        yield say(
            language,
            "outstanding.card",
            standing=say(language, f"outstanding.{each.standing}.word"),
            kind=each.kind,
            case=each.case or "-",
            card=each.card,
            place=each.workspace or "-",
            since=when(language, each.since),
            attempts=each.attempts,
            error=each.error or "-",
        )
    if more := len(grave) - LISTED:
        yield from [counted(language, "outstanding.more", more)] if more > 0 else []
    causes = dict.fromkeys(cause for each in grave if (cause := cause_of(each.error)) is not None)
    yield from (say(language, f"outstanding.mend.{each}") for each in causes)


def reconcile(language: Language, *, repair: bool, as_json: bool) -> None:
    """Print what Slack has no more, and what was done about it."""
    settings = settled(load_settings)
    found = in_database(settings.database_url, partial(_reconcile, settings, repair=repair))
    if as_json:
        print_json(found)
    else:
        for line in _told(found, language):
            typer.echo(line)
    raise typer.Exit(bool(found.left_out) or not all(each.is_mended for each in [*found.lost, *found.copies]))


async def _reconcile(settings: Settings, database: Database, *, repair: bool) -> Reconciled:
    workspaces = Workspaces(database, TokenSeal(*settings.token_keys()), _now)
    async with open_gateway(settings.slack_api_url) as gateway:
        found = await Reconciliation(database, workspaces, gateway, _now, asyncio.sleep).run(repair=repair)
    await database.ring()
    return found


def _told(found: Reconciled, language: Language) -> Iterator[str]:
    yield counted(language, "reconciled.looked_for", found.looked_for)
    for each in found.lost:
        key = "reconciled.mended" if each.is_mended else "reconciled.missing"
        yield say(
            language, key, kind=each.kind, case=each.case or "-", card=each.card, place=each.workspace, error=each.error
        )
    for place, error in found.left_out.items():
        yield say(language, "reconciled.left_out", place=place, error=error)
    for each in found.copies:
        yield say(
            language,
            "reconciled.reduced" if each.is_mended else "reconciled.copy",
            card=each.card,
            place=each.workspace,
        )
    yield from (say(language, "reconciled.unread", place=each) for each in sorted(found.unread))
    if not found.lost and not found.left_out and not found.copies:
        yield say(language, "reconciled.nothing")


def _now() -> datetime:
    return datetime.now(UTC)
