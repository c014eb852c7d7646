"""The command that ends what links a person to a Slack account, as an operator meets it."""

import asyncio

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli.account_cli import app
from core.api import NotLinked
from core.storage import tables
from tests.contract.office import open_office
from tests.support.world import seed
from tests.support.world.seed import BO, TEAM


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def typed(office, *words: str) -> Result:
    """A command has an event loop of its own, and so a thread."""
    env = {"DATABASE_URL": office.url, "COLUMNS": "200"}
    return await asyncio.to_thread(CliRunner().invoke, app, [*words], env=env)


async def test_an_operator_ends_what_links_a_person_to_an_account(office) -> None:
    case = await office.place()

    told = await typed(office, "unlink", "Bo@example.org")

    assert told.exit_code == 0
    assert told.output == f"The Slack account {TEAM}/{seed.slack_user(BO)} is no longer linked.\n"
    with pytest.raises(NotLinked):
        await office.attest(case, BO)
    query = select(tables.history).where(tables.history.c.kind == "identity")
    (line,) = await office.database.read(lambda connection: connection.execute(query).all())
    assert (line.action, line.about_id, line.person_id, line.surface) == ("unlinked", BO, None, "file")
    assert '"why":"operator"' in line.evidence


async def test_whoever_is_linked_to_nothing_is_told_so(office) -> None:
    first = await typed(office, "unlink", "bo@example.org")
    again = await typed(office, "unlink", "bo@example.org")

    assert (first.exit_code, again.exit_code) == (0, 2)
    assert "No Slack account is linked to bo@example.org." in again.output


async def test_an_operator_lets_an_unlinked_account_be_linked_again(office) -> None:
    before = await typed(office, "relink", "bo@example.org")
    await typed(office, "unlink", "bo@example.org")

    told = await typed(office, "relink", "bo@example.org")

    assert (before.exit_code, told.exit_code) == (2, 0)
    assert "No unlinked Slack account waits" in before.output
    assert told.output == f"The Slack account {TEAM}/{seed.slack_user(BO)} may be linked again by whoever has it.\n"
    query = select(tables.history).where(tables.history.c.action == "allowed")
    (line,) = await office.database.read(lambda connection: connection.execute(query).all())
    assert (line.about_id, line.person_id, line.surface) == (BO, None, "file")


@pytest.mark.parametrize("command", ["unlink", "relink"])
async def test_an_address_that_is_nobodys_is_told_so(office, command) -> None:
    told = await typed(office, command, "nobody@example.org")

    assert told.exit_code == 2
    assert "nobody@example.org" in told.output
