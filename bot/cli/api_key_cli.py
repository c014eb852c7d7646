"""The command that makes keys to the HTTP API, lists them and ends them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial

import typer

from bot.cli.terminal import in_database, print_json, stop
from core.api import OrganisationId, PersonId, clean_org_number, new_id
from core.storage.database.database import Database
from core.storage.identity.api_keys import KeyLine, Keys
from core.storage.reads.queries import SqlQueries
from core.storage.register.register_reads import organisation_by_number

# Characters of what an operator calls a key.
LABEL_LIMIT = 200


def make(
    url: str | None, person: str | None, organisation: str | None, label: str, days: int, *, operator: bool
) -> None:
    """Make a key, of a person or of the operator, and print it."""
    is_personal = person is not None and organisation is not None
    if operator is is_personal or (person is None) is not (organisation is None):
        stop("Give either --operator, or --person and --organisation.")
    if not label.isprintable() or len(label) > LABEL_LIMIT:
        stop(f"A label is one line of at most {LABEL_LIMIT} characters, and none of them controls a terminal.")
    lasts = timedelta(days=days)
    work = partial(_new_key, label=label, person=person, organisation=organisation, lasts=lasts)
    typer.echo(in_database(url, work))


async def _keys(database: Database) -> Sequence[KeyLine]:
    return await Keys(database).list()


async def _new_key(
    database: Database, label: str, person: str | None, organisation: str | None, lasts: timedelta
) -> str:
    owner = None
    if person is not None and organisation is not None:
        owner = await _person(database, person), await _organisation(database, organisation)
    return await Keys(database).create(new_id, datetime.now(UTC), label, owner, lasts=lasts)


async def _person(database: Database, email: str) -> PersonId:
    found = await SqlQueries(database).person_by_email(email)
    if found is None:
        stop(f"There is no active person with the address {email}.")
    return found.id


async def _organisation(database: Database, number: str) -> OrganisationId:
    digits = clean_org_number(number) or ""
    found = await database.read(lambda connection: organisation_by_number(connection, digits))
    if found is None:
        stop("There is no organisation with that number.")
    return found.id


def revoke(url: str | None, id_: str) -> None:
    """End a key."""
    if not in_database(url, lambda database: Keys(database).revoke(id_, datetime.now(UTC))):
        stop("There is no valid key with that id.")
    typer.echo(f"{id_} is ended.")


def print_keys(url: str | None, *, as_json: bool) -> None:
    """Print every key, a line each; what it opens with is not kept."""
    at, keys = datetime.now(UTC), in_database(url, _keys)
    if as_json:
        print_json([{"state": _state(key, at), **asdict(key)} for key in keys])
        return
    for key in keys:
        whose = "operator" if key.person is None else f"{key.person}, {key.organisation}"
        span = f"{key.created_at:%Y-%m-%d} to {key.expires_at:%Y-%m-%d}"
        used = "never used" if key.used_on is None else f"used {key.used_on}"
        typer.echo(f"{key.id}  {_state(key, at)}  {span}  {used}  {whose}  {_printable(key.label)}")


def _printable(label: str) -> str:
    # Labels were once kept as they were typed.
    return "".join(each if each.isprintable() else " " for each in label)


def _state(key: KeyLine, at: datetime) -> str:
    if key.revoked_at is not None:
        return "ended"
    return "valid" if at < key.expires_at else "expired"
