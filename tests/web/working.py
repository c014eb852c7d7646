"""The product on a database of its own, and whoever sits down at the pages of the own work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from sqlalchemy import update

from bot.config.settings import load_settings
from bot.main import now, product_of
from bot.server.serving import WebApplication
from bot.wiring.joined import Joined, join
from core.api import Action, ActOnCase, Answers, Asking, Assurance, Case, CaseId, CaseQuery, PersonId, Seen, Surface
from core.http.health import HealthChecks
from core.ports.health import HealthLog
from core.storage import tables
from core.storage.database.database import Database, open_database
from core.storage.database.database_checks import database_checks
from tests.fakes.slack import FakeSlack
from tests.support.machines.copies import PATIENT
from tests.support.world.seed import nobody_is_away, seeded
from tests.support.world.signed_in import sign_in
from tests.web.conftest import a_browser
from tests.web.desk import Desk
from tests.web.test_deciding import SETTINGS

PUBLIC_URL = "https://kundportalen.example.se"


@dataclass(frozen=True)
class Work:
    """Called with a person, it lets that one sit down; what happens beside the pages is asked of it too."""

    database: Database
    joined: Joined
    app: FastAPI

    @asynccontextmanager
    async def __call__(
        self, person: PersonId, language: str = "sv", how: Assurance = Assurance.MAIL_LINK
    ) -> AsyncIterator[Desk]:
        async with a_browser(self.app) as browser:
            browser.headers["Accept-Language"] = language
            token = await sign_in(self.database, browser, person, now(), how)
            yield Desk(browser, form_token=token)

    async def speaks(self, person: PersonId, language: str) -> None:
        """Somebody has chosen a language."""
        own = update(tables.persons).where(tables.persons.c.id == person).values(language=language)
        await self.database.write(lambda connection: connection.execute(own))

    async def case(self, case: CaseId) -> Case:
        """A case as it stands."""
        return (await self.joined.orders.look(CaseQuery(case, None, now()))).case

    async def act(self, case: Case, person: PersonId, action: Action, **answers: object) -> Case:
        """Somebody does something to a case elsewhere."""
        seen = Seen(case.step, case.content_version)
        command = ActOnCase(case.id, action, Asking(person), Surface.SLACK, seen, Answers(**answers))
        return (await self.joined.orders.act(command)).after


@asynccontextmanager
async def working(database_url: str, through: str | None = None, **more: Any) -> AsyncIterator[Work]:
    """Everything joined, over the small world, `through` another address or its own, with more settings; nobody is away
    on any day.
    """
    database = await seeded(database_url)
    await database.write(nobody_is_away)
    if through is not None:
        await database.close()
        database = open_database(through, limits=PATIENT)
    settings = load_settings(_env_file=None, database_url=database_url, public_url=PUBLIC_URL, **SETTINGS, **more)
    joined, homes = join(settings, database, FakeSlack(now))
    app = WebApplication(openapi_url=None, redirect_slashes=False)
    health = HealthChecks(database_checks(database), HealthLog(now))
    product_of(settings, database, joined, homes, health).answer_in(app)
    yield Work(database, joined, app)
    await joined.tasks.drain(60)
    await database.close()
