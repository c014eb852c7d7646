"""An administrator installs the app in the organisation's own Slack: from the link to the page that says it is done."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from bot.config.app_yaml import bot_scopes, optional_scopes
from bot.sandbox.app import create_app
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.server import serve
from bot.web import Pages, Site
from bot.web.links.installing import Administrators, Installer, InstallPages, InstallWay
from bot.wiring.api_words import ApiWords
from core.api import Administration, Language, LinkUnknown, TryAgain, new_id
from core.http import preferred, status_of
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from core.storage.reads.queries import SqlQueries
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.install_links import InstallLinks
from notifications.slack.port import Granted, SlackApp, TokenPair
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.workspaces import NotInstalled
from notifications.texts import keys, say
from tests.contract.office import TEAM_ID, open_office
from tests.fakes.slack import Team
from tests.support.drawn.reached import on_page
from tests.support.machines.product import sandbox_config
from tests.support.world.seed import ADA, AGENT, BO, REGION, TEAM

URL = "https://kundportal.test"
REGIONS, ANOTHER = "T0REGION001", "T0ANOTHER01"
GRANTED = Granted(REGIONS, None, "Region Exempel", "U0BOT", TokenPair("xoxb-region", "xoxe-1-refresh", 43_200))

# What an organisation's Slack is asked for; some of it may be left out there.
ASKED = (*bot_scopes(), *optional_scopes())


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def slack():
    """The small Slack with three workspaces, served as Slack is."""
    config = sandbox_config("http://127.0.0.1:9/slack/events")
    (ineras,) = config.workspaces
    more = [
        SandboxWorkspace(
            id=each, name=name, domain=each.lower(), bot_token=f"xoxb-{each}", bot_user=f"U0BOT{each[-5:]}"
        )
        for each, name in ((REGIONS, "Region Exempel"), (ANOTHER, "En annan"))
    ]
    config = config.model_copy(update={"workspaces": (ineras, *more)})
    with serve(create_app(config)) as url:
        yield url, config


@pytest.fixture
async def door(office, slack):
    """The pages, with the small Slack behind them."""
    url, config = slack
    async with open_gateway(url + "/api/") as gateway:
        app = SlackApp(config.client_id, config.client_secret, url + "/oauth/v2/authorize", ASKED)
        links = InstallLinks(office.database, office.clock, new_id)
        installer = Installer(links, office.workspaces, gateway, InstallWay(app, URL))
        queries = SqlQueries(office.database)
        pages = Pages(preferred, status_of, ApiWords(queries))
        registrar = SqlRegistrar(office.database, new_id)
        keep = Administration(registrar, RegisterAnnouncements(), office.clock, new_id)
        site = FastAPI(openapi_url=None)
        Site(
            pages,
            InstallPages(pages, installer, Administrators(queries, office.clock, keep), relocate_of(office)).routes(),
        ).answer_in(site)
        transport = httpx.ASGITransport(site, raise_app_exceptions=False)
        headers = {"Accept": "text/html", "Accept-Language": "sv"}
        async with (
            httpx.AsyncClient(
                transport=transport, base_url=URL, headers=headers, event_hooks={"response": [on_page]}
            ) as browser,
            httpx.AsyncClient() as at_slack,
        ):
            yield Door(office, links, browser, at_slack, transport)


def relocate_of(office):
    """Let cards follow, as the product does."""

    async def relocate():
        await office.relocation.run()

    return relocate


class Door:
    """What an administrator does."""

    def __init__(self, office, links, browser, at_slack, transport):
        self.office, self.links, self.browser, self.at_slack, self.transport = (
            office,
            links,
            browser,
            at_slack,
            transport,
        )

    async def link(self, organisation=REGION, person=ADA):
        return "/n/" + (await self.links.make(organisation, person)).token

    async def back(self, link, team=REGIONS):
        """From the link's page through Slack: the address that Slack leads back to."""
        sent = await self.browser.post(link)
        asked = await self.at_slack.get(sent.headers["location"])
        (place,) = [each for each in re.findall(r'href="(/oauth/[^"]+)"', asked.text) if team in each]
        address = urlsplit(sent.headers["location"])
        answered = await self.at_slack.get(f"{address.scheme}://{address.netloc}{place.replace('&amp;', '&')}")
        return answered.headers["location"].removeprefix(URL)

    async def install(self, link, team=REGIONS):
        return await self.browser.get(await self.back(link, team))


async def test_an_administrator_installs_the_app_in_the_organisations_slack(door):
    link = await door.link()
    asked = await door.browser.get(link)

    done = await door.install(link)

    assert "Region Exempel" in asked.text
    assert (done.status_code, "Kundportalen finns nu i er Slack" in done.text) == (200, True)
    made = await door.office.workspaces.by_id(f"slack:{REGIONS}")
    assert (made.organisation, made.token, made.problem) == (REGION, f"xoxb-{REGIONS}", None)


@pytest.mark.parametrize(
    ("hers", "browsers", "organisations", "expected"),
    [
        (None, "en", None, Language.EN),
        (Language.SV, "en", None, Language.SV),
        (None, "de", None, Language.SV),
        (Language.SV, "sv", Language.EN, Language.EN),
    ],
)
async def test_a_slack_and_its_organisation_speak_as_the_administrator_who_installs_the_app_unless_it_has_said_which(
    door, hers, browsers, organisations, expected
):
    office = door.office
    await office.change(tables.persons, tables.persons.c.id == ADA, language=hers)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, language=organisations)
    door.browser.headers["Accept-Language"] = browsers

    await door.install(await door.link())

    stored = select(tables.organisations.c.language).where(tables.organisations.c.id == REGION)
    assert (await office.workspaces.by_id(f"slack:{REGIONS}")).language is expected
    assert await office.database.read(lambda c: c.scalar(stored)) == expected


async def test_what_is_installed_is_said_to_be_also_where_its_language_cannot_be_saved_now(door, monkeypatch):
    async def busy(_administration, _command):
        raise TryAgain

    monkeypatch.setattr(Administration, "set_language", busy)

    done = await door.install(await door.link())

    assert (done.status_code, "Kundportalen finns nu i er Slack" in done.text) == (200, True)


async def test_the_page_names_each_scope_and_leads_nowhere_but_to_slack(door):
    asked = await door.browser.get(await door.link())

    for scope in ASKED:
        assert say(Language.SV, f"web.install.scope.{scope.replace(':', '_').replace('.', '_')}") in asked.text
    assert re.search(r"form-action 'self' http://127\.0\.0\.1:\d+;", asked.headers["content-security-policy"])
    assert {key for key in keys(Language.SV) if key.startswith("web.install.scope.")} == {
        f"web.install.scope.{scope.replace(':', '_').replace('.', '_')}" for scope in ASKED
    }


async def test_opening_the_page_changes_nothing(door):
    link = await door.link()

    for _ in range(3):
        assert (await door.browser.get(link)).status_code == 200

    assert (await door.install(link)).status_code == 200


async def test_what_is_sent_to_slack_asks_for_no_more_than_the_manifest(door):
    sent = await door.browser.post(await door.link())

    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert set(asked["scope"][0].split(",")) == set(ASKED)
    assert "user_scope" not in asked
    assert asked["redirect_uri"] == [f"{URL}/slack/installed"]


async def test_a_used_link_installs_nothing_more(door):
    link = await door.link()
    await door.install(link)

    assert (await door.browser.get(link)).status_code == 404
    assert (await door.browser.post(link)).status_code == 404


async def test_coming_back_in_another_browser_installs_nothing(door):
    back = await door.back(await door.link())

    async with httpx.AsyncClient(transport=door.transport, base_url=URL, headers={"Accept": "text/html"}) as stranger:
        there = await stranger.get(back)

    assert there.status_code == 404
    assert await door.office.workspaces.by_id(f"slack:{REGIONS}") is None


async def test_of_two_who_come_back_with_one_state_one_installs(door):
    back = await door.back(await door.link())

    answers = await asyncio.gather(*(door.browser.get(back) for _ in range(5)))

    assert sorted(each.status_code for each in answers) == [200, 404, 404, 404, 404]
    count = select(func.count()).select_from(tables.workspaces).where(tables.workspaces.c.organisation_id == REGION)
    assert await door.office.database.read(lambda connection: connection.scalar(count)) == 1


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?error=access_denied"])
async def test_coming_back_without_having_left_installs_nothing(door, query):
    assert (await door.browser.get("/slack/installed" + query)).status_code == 404


async def test_coming_back_too_late_installs_nothing(door):
    back = await door.back(await door.link())
    door.office.clock.forward(minutes=15)

    assert (await door.browser.get(back)).status_code == 404


async def test_whoever_says_no_at_slack_may_try_again(door):
    link = await door.link()
    sent = await door.browser.post(link)
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]

    said_no = await door.browser.get(f"/slack/installed?error=access_denied&state={state}")

    assert (said_no.status_code, "Appen är inte installerad" in said_no.text) == (200, True)
    assert (await door.install(link)).status_code == 200


async def test_a_code_that_slack_does_not_know_installs_nothing_and_the_link_stays(door):
    link = await door.link()
    sent = await door.browser.post(link)
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]

    failed = await door.browser.get(f"/slack/installed?code=made-up&state={state}")

    assert (failed.status_code, "Appen kunde inte installeras" in failed.text) == (502, True)
    assert (await door.install(link)).status_code == 200


async def test_whoever_is_administrator_no_more_installs_nothing(door):
    link = await door.link()
    back = await door.back(link)
    mine = tables.role_assignments.c.person_id == ADA
    await door.office.change(tables.role_assignments, mine, valid_to=door.office.clock())

    assert [(await door.browser.get(each)).status_code for each in (link, back)] == [404, 404]


async def test_a_form_that_another_site_sends_leads_nowhere(door):
    answer = await door.browser.post(await door.link(), headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_nobody_takes_a_slack_that_another_organisation_has_connected(door):
    await door.office.connect(Team(REGIONS, "xoxb-agents"), organisation=AGENT)

    answer = await door.install(await door.link())

    assert (answer.status_code, "Appen finns redan där" in answer.text) == (409, True)
    assert (await door.office.workspaces.by_id(f"slack:{REGIONS}")).organisation == AGENT


async def test_nobody_takes_ineras_own_slack(door):
    answer = await door.install(await door.link(), TEAM_ID)

    assert answer.status_code == 409
    assert (await door.office.workspaces.by_id(TEAM)).organisation is None


async def test_an_organisation_does_not_move_to_another_slack_unnoticed(door):
    await door.install(await door.link())

    answer = await door.install(await door.link(), ANOTHER)

    assert (answer.status_code, "Ni har redan appen i en annan Slack" in answer.text) == (409, True)
    assert [each.id for each in await door.office.workspaces.all() if each.organisation] == [f"slack:{REGIONS}"]


async def test_after_the_app_was_taken_away_an_organisation_may_choose_another_slack(door):
    await door.install(await door.link())
    await door.office.workspaces.note_problem(f"slack:{REGIONS}", "app_uninstalled")

    answer = await door.install(await door.link(), ANOTHER)

    assert answer.status_code == 200
    assert [each.id for each in await door.office.workspaces.all() if each.organisation] == [f"slack:{ANOTHER}"]


async def test_installing_again_in_the_same_slack_mends_it(door):
    await door.install(await door.link())
    await door.office.workspaces.note_problem(f"slack:{REGIONS}", "token_revoked")

    assert (await door.install(await door.link())).status_code == 200
    assert (await door.office.workspaces.by_id(f"slack:{REGIONS}")).problem is None


# --- links and workspaces by themselves


async def test_making_a_link_ends_only_the_one_that_it_replaces(office):
    links = InstallLinks(office.database, office.clock, new_id)
    first, others, elsewhere = [await links.make(*each) for each in ((REGION, ADA), (REGION, BO), (AGENT, ADA))]

    second = await links.make(REGION, ADA)

    with pytest.raises(LinkUnknown):
        await links.open(first.token)
    assert [(await links.open(each.token)).person for each in (others, elsewhere, second)] == [BO, ADA, ADA]


async def test_a_link_is_good_for_a_week(office):
    links = InstallLinks(office.database, office.clock, new_id)
    made = await links.make(REGION, ADA)
    office.clock.forward(days=7)

    with pytest.raises(LinkUnknown):
        await links.open(made.token)
    assert made.token not in repr(made)


async def test_no_secret_of_an_installation_lies_in_clear(office):
    links = InstallLinks(office.database, office.clock, new_id)
    made = await links.make(REGION, ADA)
    state = await links.leave(await links.open(made.token), "the browser's")
    await office.workspaces.install(REGION, GRANTED, Language.SV)

    rows = await office.database.read(
        lambda connection: [
            repr(tuple(row)) for table in tables.metadata.sorted_tables for row in connection.execute(select(table))
        ]
    )

    secrets = (made.token, state, "the browser's", GRANTED.tokens.token, GRANTED.tokens.refresh_token)
    assert [secret for secret in secrets if any(secret in row for row in rows)] == []
    assert all(secret not in repr(GRANTED) for secret in secrets)


async def test_a_slack_that_changes_hands_shows_its_new_organisation_nothing_of_the_former(office):
    """The agent's Slack is taken away, and becomes Region Exempel's: nobody there stands for anybody any more."""
    there = await office.connect(Team(REGIONS, "xoxb-agents"), organisation=AGENT)
    link = {"issuer": there.id, "subject": "U0SOMEBODY", "person_id": BO, "state": "confirmed", "at": office.clock()}
    await office.database.write(lambda connection: connection.execute(tables.identities.insert().values(**link)))
    await office.place()
    mine = (tables.cards.c.person_id == BO) & (tables.cards.c.kind == "customer_attest")
    stands = {"workspace_id": there.id, "address": "U0SOMEBODY", "channel": "D0SOMEBODY", "ts": "1.1", "does_show": 1}
    await office.change(tables.cards, mine, **stands)
    await office.workspaces.note_problem(there.id, "app_uninstalled")
    await office.relocation.run()

    await office.workspaces.install(REGION, GRANTED, Language.SV)
    office.slack.teams.append(Team(REGIONS, GRANTED.tokens.token, (), ("D0SOMEBODY",)))
    await office.database.write(lambda c: c.execute(update(tables.cases).values(revision=tables.cases.c.revision + 1)))
    await office.relay.drain()

    assert (await office.card(person_id=BO, kind="customer_attest", workspace_id=there.id)).due_at is None
    assert office.slack.in_channel("D0SOMEBODY") == []
    states = select(tables.identities.c.state).where(tables.identities.c.issuer == there.id)
    assert await office.database.read(lambda connection: connection.execute(states).scalars().all()) == ["undone"]


async def test_of_two_organisations_that_install_in_one_slack_at_once_one_has_it(office):
    found = await asyncio.gather(
        *(office.workspaces.install(each, GRANTED, Language.SV) for each in (REGION, AGENT)), return_exceptions=True
    )

    assert sorted(isinstance(each, NotInstalled) for each in found) == [False, True]


async def test_an_app_that_a_whole_enterprise_organisation_has_is_kept_as_that(office):
    made = await office.workspaces.install(
        REGION, Granted("E1", "E1", "Regionen", "U0BOT", TokenPair("xoxb-e")), Language.SV
    )

    assert (made.id, made.is_org_wide) == ("slack:E1", True)
