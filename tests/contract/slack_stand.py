"""The product's own door for Slack, in this process, and a sandbox of several Slacks behind it."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

from bot.config.settings import load_settings
from bot.main import join, now, product_of
from bot.sandbox.app import create_app
from bot.sandbox.box import Box
from bot.sandbox.config import Channel, SandboxConfig, SandboxWorkspace, WorkspaceMember
from bot.sandbox.manifest import load_manifest
from bot.sandbox.page_api import state_for_page
from bot.sandbox.server import serve
from bot.sandbox.world.world import direct_id
from bot.slack.route import sign
from bot.wiring.joined import Joined
from core.api import HealthLog, Language, OrganisationId
from core.http import HealthChecks
from core.storage.database.database import Database, open_database
from core.storage.database.database_checks import database_checks
from notifications.accounts import directory
from notifications.slack.slack_gateway import open_gateway
from tests.contract.slack_payloads import Account, Json
from tests.flow.slack import runs
from tests.flow.wire import FORM, JSON
from tests.support.machines import product
from tests.support.machines.copies import PATIENT
from tests.support.world import contact

DRAIN_SECONDS = 60.0
# In Slack, nobody waits for an answer here: what is slow on a busy machine is as good.
PATIENCE = 600.0


def token(team: str) -> str:
    """Return the token of the app in a Slack."""
    return f"xoxb-{team.lower()}"


@dataclass(frozen=True)
class Slacks:
    """Several Slacks in one sandbox."""

    url: str
    box: Box

    def at(self, app: str, home: str, user: str, *, in_channel: bool) -> Account:
        """Somebody who is about to do something, with a trigger and an address for the answer."""
        box, team = self.box, self.box.world.teams[app]
        channel = team.channels[0].id if in_channel else direct_id(team.bot_user, user)
        to = box.world.conversations.get(channel)
        url = "" if to is None else box.response_url(self.url, to, user, None)
        return Account(app, home, user, product.APP_ID, channel, box.trigger(app, user), url)

    def forget(self) -> None:
        """Let nobody see anything any more."""
        self.box.reset()

    def clear(self, user: str) -> None:
        """Let somebody see nothing of what was before."""
        self.box.views.stacks[user].clear()
        self.box.views.homes.pop(user, None)
        for conversation in self.box.world.of_person(user):
            conversation.messages.clear()

    def seen_by(self, user: str) -> list[str]:
        """What somebody sees: messages, modals and the home tab."""
        shown = state_for_page(self.box, user)
        messages = [each for where in shown["conversations"] for each in where["messages"]]
        return [runs(each) for each in (*messages, *shown["modals"], shown["home"]) if each]


@contextmanager
def slacks(members: dict[str, Sequence[WorkspaceMember]]) -> Iterator[Slacks]:
    """A sandbox of these Slacks, by id; whoever is in any is in the shared channel of each."""
    everybody = tuple(each.id for users in members.values() for each in users)
    workspaces = tuple(
        SandboxWorkspace(
            id=team,
            name=f"Slack {team}",
            domain=team.lower(),
            bot_token=token(team),
            bot_user=f"U0BOT{number:05}1",
            users=tuple(users),
            channels=(Channel(id=f"C0SHARED{number:02}", name="delad", members=everybody, bot=True),),
        )
        for number, (team, users) in enumerate(members.items())
    )
    config = SandboxConfig(
        manifest=load_manifest(product.ROOT / "app.yaml"),
        request_url="http://127.0.0.1:9/slack/events",
        signing_secret=product.SIGNING_SECRET,
        app_id=product.APP_ID,
        limits=False,
        workspaces=workspaces,
        trigger_seconds=PATIENCE,
        # A call that hangs is dropped at once.
        hang=0.01,
    )
    app = create_app(config)
    with serve(app) as url:
        yield Slacks(url, app.state.box)


@dataclass(frozen=True)
class Stand:
    """The product behind its door, with nothing else at work; `slacks` is what it calls."""

    app: FastAPI
    joined: Joined
    database: Database
    slacks: Slacks

    async def interact(self, payload: Json) -> httpx.Response:
        """Post an interaction, signed now."""
        return await self._post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def command(self, fields: Json) -> httpx.Response:
        """Post a slash command."""
        return await self._post(urlencode(fields).encode(), FORM)

    async def event(self, envelope: Json) -> httpx.Response:
        """Post a Slack event."""
        return await self._post(json.dumps(envelope).encode(), JSON)

    async def _post(self, body: bytes, content_type: str) -> httpx.Response:
        stamp = str(int(time.time()))
        signature = sign(product.SIGNING_SECRET, stamp, body)
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature, "content-type": content_type}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test") as slack:
            answer = await slack.post("/slack/events", content=body, headers=headers)
        # What an answer does not wait for is said by then.
        await self.joined.tasks.drain(DRAIN_SECONDS)
        return answer

    async def install(self, team: str, organisation: OrganisationId | None) -> None:
        """Let the app be in a Slack, which is an organisation's or Inera's own."""
        await self.joined.workspaces.ensure(
            team_id=team,
            enterprise_id=team if team.startswith("E") else None,
            name=f"Slack {team}",
            token=token(team),
            bot_user_id=self.slacks.box.world.teams[team].bot_user,
            channel=None,
            language=Language.SV,
            organisation=organisation,
        )


@asynccontextmanager
async def standing(database_url: str, slacks: Slacks) -> AsyncIterator[Stand]:
    """The product on a database that is seeded."""
    settings = load_settings(
        database_url=database_url,
        slack_bot_token=token("T0INERA001"),
        slack_signing_secret=product.SIGNING_SECRET,
        slack_api_url=f"{slacks.url}/api/",
        slack_app_id=product.APP_ID,
        slack_channel="C0SHARED00",
        portal_url="https://portal.example.org",
        **contact.SETTINGS,
        public_url="http://127.0.0.1:9",
        secret_key=product.SECRET_KEY,
        environment="test",
    )
    database = open_database(database_url, limits=PATIENT)
    with patch.object(directory, "LOOK_ONCE_MORE_SECONDS", PATIENCE):
        async with open_gateway(settings.slack_api_url) as gateway:
            joined, homes = join(settings, database, gateway)
            health = HealthChecks(database_checks(database), HealthLog(now))
            app = FastAPI()
            product_of(settings, database, joined, homes, health).answer_in(app)
            yield Stand(app, joined, database, slacks)
            await joined.tasks.drain(DRAIN_SECONDS)
    await database.close()
