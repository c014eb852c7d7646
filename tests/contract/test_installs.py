"""What Slack has given us lies sealed: no table, log line, error or representation shows a token."""

import logging

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from core.api import Language
from core.storage.tables import metadata
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_seal import SealBroken, TokenSeal, _derived
from notifications.slack.workspaces import Workspaces
from tests.contract.office import open_office
from tests.fakes.slack import Team
from tests.support.world.seed import REGION

# As long as Slack's may become.
TOKEN = "xoxe.xoxb-1-" + "Ab3-" * 97


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def test_a_token_of_four_hundred_characters_is_kept_whole(office):
    made = await office.connect(Team("TREGION", TOKEN), organisation=REGION)

    other = await office.another()
    read = await other.workspaces.by_id(made.id)
    await other.database.close()

    assert len(TOKEN) == 400
    assert read.token == TOKEN


async def test_no_table_holds_a_token_in_clear(office):
    await office.connect(Team("TREGION", TOKEN), organisation=REGION)

    everything = await office.database.read(_as_text)

    assert "TREGION" in everything
    assert [part for part in _parts(TOKEN) if part in everything] == []


async def test_whoever_has_stolen_the_database_without_the_key_has_no_token(office):
    await office.connect(Team("TREGION", TOKEN), organisation=REGION)
    sealed = await office.database.read(lambda c: c.execute(select(metadata.tables["workspaces"].c.bot_token)).all())

    for (each,) in sealed:
        with pytest.raises(SealBroken):
            TokenSeal("another secret", ["and one more"]).open(each)
        with pytest.raises(InvalidToken):
            Fernet(_derived("another secret")).decrypt(each.rpartition(":")[2])


async def test_a_call_that_fails_shows_its_token_nowhere(caplog):
    caplog.set_level(logging.DEBUG)
    async with open_gateway("http://127.0.0.1:9/api/") as gateway:
        with pytest.raises(SlackProblem) as told:
            await gateway.post(TOKEN, channel="C1", text="", blocks=[])

    assert TOKEN not in caplog.text + repr(told.value) + str(told.value.__cause__)


async def test_what_holds_a_token_does_not_show_it(office):
    made = await office.connect(Team("TREGION", TOKEN), organisation=REGION)
    known = await Workspaces(office.database, TokenSeal("secret"), office.clock).all()

    assert TOKEN not in repr(made) + repr(known) + str(made)


async def test_the_language_of_a_workspace_is_kept_beside_it(office):
    made = await office.connect(Team("TREGION", TOKEN), organisation=REGION)

    assert (made.language, made.organisation) == (Language.SV, REGION)


def _as_text(connection):
    return "\n".join(repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def _parts(token):
    """Stretches that nothing else holds by chance."""
    return [token[at : at + 12] for at in range(0, len(token) - 12, 4)] + [token]
