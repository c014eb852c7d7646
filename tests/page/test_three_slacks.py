"""Orders across Slacks of their own: each installed by its administrator in a browser, one taken away and given back.

Inera's, a customer's and an agent's workspace, and another customer's Enterprise organisation with two of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, or_

from bot.demo.run import Demo
from bot.sandbox.config import OrganisationWorkspace, SandboxConfig, SandboxWorkspace, WorkspaceMember
from core.api import CaseId
from core.storage import tables
from core.storage.database.database import Database
from tests.flow.office import person
from tests.flow.people import ANNA, BO, DISA, FARID, GRACE, HANNA, IVAR, TOVE, attest, order_via, place_order
from tests.flow.slack import Json, Slack, until
from tests.flow.stage import REGIONS, TEAM, at_a_place, playing, prepare, with_ineras_slack_alone, with_mail
from tests.flow.test_via_agent import approve
from tests.page.installing import (
    at_a_desk,
    give_role,
    in_database,
    install_link,
    leave_for_slack,
    see_that_it_worked,
    workspaces,
)

AGENTS, SOLSIDAN, NORTH, SOUTH = "T0NORDJDEMO", "E0SOLSIDAN1", "T0SOLNORR01", "T0SOLSODER1"
AT_HOME = {FARID: NORTH, GRACE: SOUTH, TOVE: SOUTH}
INSIDE = (OrganisationWorkspace(id=NORTH, name="Solsidan Norr"), OrganisationWorkspace(id=SOUTH, name="Solsidan Söder"))

# An organisation's number, its administrator, its name, and what its Slack is called.
INSTALLED = (
    ("222222-2222", "eva.nord@region.example", "Region Exempel", "Region Exempel"),
    ("555555-5555", "hanna.vik@nordjournal.example", "Nordjournal AB", "Nordjournal AB"),
    ("559900-0006", "tove.mark@solsidan.example", "Vårdhuset Solsidan AB", "Solsidan"),
)


@dataclass(frozen=True)
class Untouched(Demo):
    """The demo before any organisation has installed the app; one of them is an Enterprise organisation."""

    def sandbox(self) -> SandboxConfig:
        config = super().sandbox()
        inera, *others = config.workspaces
        theirs = [_at_home(user) for user in inera.users if user.id in AT_HOME]
        inera = inera.model_copy(update={"users": tuple(user for user in inera.users if user.id not in AT_HOME)})
        solsidan = SandboxWorkspace(
            id=SOLSIDAN,
            name="Solsidan",
            domain="solsidan",
            bot_token="xoxb-demo-solsidan",
            bot_user="U0KUNDPORTD",
            users=tuple(theirs),
            workspaces=INSIDE,
            installed=False,
        )
        bare = [each.model_copy(update={"installed": False}) for each in others]
        return config.model_copy(update={"workspaces": (inera, *bare, solsidan)})


def _at_home(user: WorkspaceMember) -> WorkspaceMember:
    return user.model_copy(update={"workspace": AT_HOME[user.id]})


async def _without_links(database: Database) -> None:
    """Forget who is linked in another Slack than Inera's."""
    links = tables.identities.c
    elsewhere = or_(links.issuer != f"slack:{TEAM}", links.subject.in_(AT_HOME))
    await database.write(lambda connection: connection.execute(delete(tables.identities).where(elsewhere)))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Demo]:
    with at_a_place(prepare(tmp_path / "prepared.db"), tmp_path) as bare:
        place = Untouched(bare.database_url, bare.product, bare.page)
        with_ineras_slack_alone(place)
        in_database(place, _without_links)
        with with_mail(place) as posted:
            yield posted


@pytest.fixture
def slack(place: Demo) -> Iterator[Slack]:
    with playing(place) as slack:
        yield slack


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    with at_a_desk(browser) as page:
        yield page


def install(desk: Page, link: str, organisation: str, slack: str) -> None:
    """From the link to the page that says it is done, through Slack's page."""
    leave_for_slack(desk, link, organisation)
    desk.get_by_role("link", name=slack, exact=True).click()
    see_that_it_worked(desk, slack)


def say_yes(slack: Slack, *users: str) -> None:
    """Each says that the account is theirs, in their own Slack."""
    for user in users:
        holder = slack.person(user)
        holder.opens_home()
        holder.press(holder.card("kp.link_yes"), "kp.link_yes")
        holder.message("Välkommen" if user not in AT_HOME else "Welcome")


def mail(slack: Slack, to: str, words: str) -> Json:
    """A mail to somebody that says something, waited for."""

    def came() -> Json | None:
        mails = slack.http.get("/sandbox/mails").json()["mails"]
        return next((each for each in mails if to in each["to"] and words in each["text"]), None)

    return until(came, what=f"a mail with {words} to {to}")


def link_in(letter: Json, path: str) -> str:
    """The first address in a mail that leads to a page of a kind."""
    found = re.search(rf"http://\S+{path}\S+", letter["text"])
    assert found
    return found[0]


def teams_of(slack: Slack, case: str) -> set[str]:
    """The Slacks that took something of an order."""
    calls = slack.log()["calls"]
    return {
        each["team"]
        for each in calls
        if each["method"].startswith("chat.") and each["ok"] and case in str(each["args"])
    }


def install_everywhere(desk: Page, place: Demo) -> None:
    """Each administrator in a browser: two in workspaces of their own, one in a whole Enterprise organisation."""
    give_role(place, "Nordjournal AB", person("Hanna Vik", "administrator", at="nordjournal.example"))
    for number, administrator, organisation, where in INSTALLED:
        install(desk, install_link(place, number, administrator), organisation, where)
    kept = {each.team_id: (each.organisation is None, each.is_org_wide) for each in workspaces(place)}
    assert kept == {TEAM: (True, False), REGIONS: (False, False), AGENTS: (False, False), SOLSIDAN: (False, True)}


def order_across_three(desk: Page, slack: Slack) -> CaseId:
    """A customer, its agent and Inera, each in their own; the customer's Slack goes while its attestant is asked."""
    anna, bo, hanna, disa = map(slack.person, (ANNA, BO, HANNA, DISA))
    case = order_via(slack)
    approve(slack, case)
    attest(slack, IVAR, case)
    asked = bo.card("kp.attest", case)
    assert slack.ask("uninstall", team=REGIONS)["sent"]
    assert not bo.press(asked, "kp.attest")["ok"]
    decide_by_mail(desk, mail(slack, "bo.ek@region.example", case))

    # It comes back by the link that its administrator got; what stands there is true again.
    told = mail(slack, "eva.nord@region.example", "/n/")
    install(desk, link_in(told, "/n/"), "Region Exempel", "Region Exempel")
    bo.message("Attesterad av Bo Ek", case)
    until(lambda: not any("kp.attest" in bo.acts(each) for each in bo.messages()), what="a card that asks no more")
    anna.message("Hos Ineras kundservice", case)
    disa.press(disa.card("kp.claim", case), "kp.claim")
    disa.press(disa.card("kp.inform_agent", case), "kp.inform_agent")
    assert disa.submit(disa.modal("Nordjournal"))["response_action"] == "clear"
    hanna.press(hanna.card("kp.confirm_connection", case), "kp.confirm_connection")
    anna.message("Anslutningen bekräftades", case)
    return case


def decide_by_mail(desk: Page, letter: Json) -> None:
    """Attest behind the link of a mail."""
    desk.goto(link_in(letter, "/d/"))
    desk.get_by_role("link", name="Attestera", exact=True).click()
    desk.get_by_role("button", name="Attestera").click()
    expect(desk.get_by_role("status")).to_contain_text("Ditt svar är registrerat")


def order_within_an_organisation(slack: Slack) -> CaseId:
    """Somebody of one workspace of an Enterprise organisation orders, somebody of the other attests."""
    farid, grace, disa = map(slack.person, (FARID, GRACE, DISA))
    case = place_order(slack, "npo-producent", FARID)
    grace.press(grace.card("kp.attest", case), "kp.attest")
    assert grace.submit(grace.modal("You approve and attest"))["response_action"] == "clear"
    disa.press(disa.card("kp.claim", case), "kp.claim")
    disa.press(disa.card("kp.send_instructions", case), "kp.send_instructions")
    assert disa.submit(disa.modal("Farid Haddad"))["response_action"] == "clear"
    farid.press(farid.card("kp.confirm_connection", case), "kp.confirm_connection")
    grace.message("confirmed", case)
    return case


def test_orders_cross_slacks_that_come_and_go(desk: Page, place: Demo, slack: Slack) -> None:
    install_everywhere(desk, place)
    say_yes(slack, ANNA, BO, HANNA, IVAR, FARID, GRACE)

    across = order_across_three(desk, slack)
    within = order_within_an_organisation(slack)

    assert teams_of(slack, across) == {TEAM, REGIONS, AGENTS}
    assert teams_of(slack, within) == {TEAM, SOLSIDAN}
    outside = {across: (FARID, GRACE, TOVE), within: (ANNA, BO, HANNA, IVAR)}
    assert [
        user for case, users in outside.items() for user in users if not slack.person(user).hears_nothing_of(case)
    ] == []
