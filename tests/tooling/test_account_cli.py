"""The commands that end what links a person to an account, and sign a person out, as an operator meets them."""

import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from core.api import NotLinked, SigningIn, SignInOver, SignInSecrets, code_key, new_id, token_hash
from core.storage import tables
from core.storage.identity.sessions import SqlSessions
from core.storage.identity.sign_ins import SqlSignIns
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


async def test_an_operator_signs_a_person_out_everywhere(office) -> None:
    """What was mailed and not used signs nobody in any more, and somebody else stays signed in."""
    at, number = datetime.now(UTC), count(1)
    secrets = SignInSecrets(lambda: f"token-{next(number)}", lambda: "12345678", code_key("k" * 32))
    signing = SigningIn(SqlSignIns(office.database), secrets, lambda: at, new_id)
    sessions = SqlSessions(office.database)
    held = [await signed_in(signing, each) for each in ("bo@example.org", "bo@example.org", "ada@example.org")]
    waiting = (await signing.ask("bo@example.org")).letter

    told, again = [await typed(office, "sign-out", "Bo@example.org") for _ in range(2)]

    assert (told.exit_code, told.output, again.output) == (
        0,
        "2 sessions are ended.\n",
        "Bo@example.org is not signed in anywhere.\n",
    )
    assert [await sessions.find(token_hash(each), at) is None for each in held] == [True, True, False]
    with pytest.raises(SignInOver):
        await signing.holder(waiting.link)
    query = select(tables.history).where(tables.history.c.action == "signed_out")
    (line,) = await office.database.read(lambda connection: connection.execute(query).all())
    assert (line.kind, line.about_id, line.person_id, line.surface) == ("identity", BO, None, "file")
    assert line.evidence == '{"sessions":2}'


async def signed_in(signing, email):
    """The token of a session that somebody begins by a mail."""
    return (await signing.by_link((await signing.ask(email)).letter.link, "Firefox")).token


@pytest.mark.parametrize("command", ["unlink", "relink", "sign-out"])
async def test_an_address_that_is_nobodys_is_told_so(office, command) -> None:
    told = await typed(office, command, "nobody@example.org")

    assert told.exit_code == 2
    assert "nobody@example.org" in told.output
