"""The operator makes an administrator's link to install the app in the organisation's own Slack."""

import pytest
from sqlalchemy import select

from bot.cli.account_cli import make_link
from core.api import new_id
from core.storage import tables
from notifications.slack.install_links import InstallLinks
from tests.contract.office import open_office
from tests.support.world.seed import ADA, REGION


@pytest.fixture
async def office(fresh_sqlite_url):
    made = await open_office(fresh_sqlite_url)
    yield made
    await made.database.close()


async def number(office):
    query = select(tables.organisations.c.org_number).where(tables.organisations.c.id == REGION)
    return await office.database.read(lambda connection: connection.scalar(query))


@pytest.mark.parametrize("written", ["{digits}", "16{digits}", " {first}-{last}"])
async def test_an_administrator_gets_a_link_to_the_own_organisations_page(office, written):
    digits = await number(office)
    typed = written.format(digits=digits, first=digits[:6], last=digits[6:])
    made = await make_link(office.database, typed, "ada@example.org")

    links = InstallLinks(office.database, lambda: made.expires_at.replace(year=2000), new_id)
    found = await links.open(made.token)
    assert (found.organisation, found.person) == (REGION, ADA)


@pytest.mark.parametrize("who", ["bo@example.org", "nobody@example.org"])
async def test_nobody_else_gets_one(office, who):
    assert await make_link(office.database, await number(office), who) is None
    assert await make_link(office.database, "5555550000", "ada@example.org") is None
