"""The app installed by a browser in a Slack that others have built: npm's `emulate`, which knows nothing of ours.

It is one workspace, and takes any token that it does not know for its own. So the product's own token is given to it as
one of nobody's, as it would be with Slack in an organisation's workspace.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bot.config.app_yaml import bot_scopes, optional_scopes
from bot.config.settings import Settings
from bot.demo.run import Demo
from bot.sandbox.config import SandboxConfig
from core.storage import tables
from notifications.slack.port import Installed
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.workspaces import Workspace
from tests.flow.stage import aside, at_a_place, prepare, product, with_ineras_slack_alone
from tests.page.installing import at_a_desk, in_database, install_link, leave_for_slack, see_that_it_worked, workspaces
from tests.support.drawn.slack_types import MODULES, NODE, PROGRAM, ask_for

NAME, EVA = "Region Exempels Slack", "eva.nord@region.example"


@dataclass(frozen=True)
class Elsewhere(Demo):
    """The product with another Slack than the sandbox."""

    slack: str = ""

    def settings(self, slack: SandboxConfig) -> Settings:
        return super().settings(slack).model_copy(update={"slack_api_url": f"{self.slack}/api/"})


def seed(place: Demo) -> dict[str, Any]:
    """What the other Slack is to know: the app, a person who may install it, and whose our token is not."""
    slack = place.sandbox()
    app = {
        "client_id": slack.client_id,
        "client_secret": slack.client_secret,
        "app_id": slack.app_id,
        "name": slack.manifest.name,
        "redirect_uris": [f"{place.site}/slack/installed"],
        "scopes": [*bot_scopes(), *optional_scopes()],
    }
    people = [{"name": "eva.nord", "real_name": "Eva Nord", "email": EVA, "is_admin": True}]
    theirs = {"team": {"name": NAME, "domain": "region"}, "users": people, "oauth_apps": [app], "strict_scopes": True}
    return {"tokens": {slack.workspaces[0].bot_token: {"login": "nobody", "scopes": []}}, "slack": theirs}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Elsewhere]:
    ask_for(MODULES / "emulate")
    with at_a_place(prepare(tmp_path / "prepared.db"), tmp_path) as place:
        with_ineras_slack_alone(place)
        words = [str(PROGRAM), str(NODE / "emulate.mjs"), json.dumps(seed(place))]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            port = json.loads(process.stdout.readline())["listening"]
            elsewhere = Elsewhere(place.database_url, place.product, place.page, slack=f"http://127.0.0.1:{port}")
            with product(elsewhere):
                yield elsewhere


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    with at_a_desk(browser) as page:
        yield page


def install(desk: Page, place: Elsewhere) -> Workspace:
    """From the administrator's link through that Slack's page to ours; what is kept of it."""
    leave_for_slack(desk, install_link(place, "222222-2222", EVA), "Region Exempel")
    expect(desk.locator("body")).to_contain_text("Authorize Kundportalen")
    assert desk.url.startswith(place.slack)
    desk.get_by_role("button", name="Eva Nord").click()
    see_that_it_worked(desk, NAME)
    assert desk.url.startswith(place.site)
    (made,) = workspaces(place)
    return made


def whose(place: Elsewhere, token: str) -> Installed:
    """What that Slack says of a token."""

    async def ask() -> Installed:
        async with open_gateway(f"{place.slack}/api/") as gateway:
            return await gateway.auth_test(token)

    return aside(ask())


def test_an_administrator_installs_the_app_in_a_slack_of_another_make(desk: Page, place: Elsewhere) -> None:
    made = install(desk, place)

    assert (made.name, made.problem, made.organisation is None) == (NAME, None, False)
    assert whose(place, made.token) == Installed(made.team_id, None, NAME, made.bot_user_id)
    rows = in_database(place, lambda database: database.read(lambda c: c.execute(select(tables.workspaces)).all()))
    assert made.token.startswith("xoxb-")
    assert made.token not in repr([tuple(row) for row in rows])


def test_installing_it_there_again_takes_the_newer_token(desk: Page, place: Elsewhere) -> None:
    former = install(desk, place)

    made = install(desk, place)

    assert made.id == former.id
    assert made.token != former.token
    assert whose(place, made.token).team_id == made.team_id
