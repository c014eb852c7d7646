"""Orders on a database whose statements are counted, for the tests of what a press costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from core.api import Action, ActOnCase, Answers, Case, Engine, Orders, Seen, Surface, Unit, new_id
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from notifications.rules.announcements import Announcements
from tests.contract.meters import Meter, metered
from tests.contract.office import identity, wish
from tests.support.machines.copies import PATIENT
from tests.support.world import many, seed
from tests.support.world.seed import AMIR, BO, HELENA, KARIN

MANY = 2_000
LOOK = ["SELECT"]
PRESS = {"postgresql": ["SELECT", "WITH"], "sqlite": ["SELECT", "UPDATE", "INSERT", "UPDATE", "INSERT"]}
# SQLite's price for many presses in one durable commit, so that each can still be undone alone.
SHARING = {"BEGIN", "SAVEPOINT", "ROLLBACK", "RELEASE", "COMMIT"}

# Who does what, with which answers.
Act = tuple[str, Action, dict[str, Any]]
ATTEST: Act = (BO, Action.ATTEST, {"confirmed": True})
CLAIM: Act = (KARIN, Action.CLAIM, {})
APPROVE: Act = (HELENA, Action.APPROVE, {"certified": True, "attestant": AMIR})
AGENT_ATTEST: Act = (AMIR, Action.ATTEST, {"confirmed": True})


@dataclass(frozen=True)
class Counted:
    """A database whose statements are counted, and the use cases on it."""

    database: Database
    orders: Orders
    meter: Meter

    async def case(self, changes: dict[str, Any], *earlier: Act) -> Case:
        """A new order on which some have pressed."""
        number = new_id("C")
        case = await self.orders.place(wish(**changes | {"key": number, "units": (Unit(number),)}))
        for one in earlier:
            case = (await self.orders.act(press(case, *one))).after
        return case

    async def fill(self) -> None:
        """Many other orders, and as many people and organisations."""
        case = await self.case({})
        template = await self.database.read(lambda connection: many.rows_of(connection, case.id))
        await self.database.write(lambda connection: many.add(connection, many.copies(template, MANY)))
        await self.database.write(lambda connection: many.add_crowd(connection, MANY))
        await self.database.write(lambda connection: connection.execute(text("ANALYZE")).close())

    def commits(self, words: list[str]) -> int:
        """How often something was made durable: each writing statement of PostgreSQL is its own transaction."""
        return words.count("COMMIT") if self.database.dialect == "sqlite" else words.count("WITH")


@asynccontextmanager
async def counting(url: str) -> AsyncIterator[Counted]:
    """The small world, counted, at its own hour."""
    await (await seed.seeded(url)).close()
    async with metered(url) as (meter, watched):
        database = open_database(watched, limits=PATIENT)
        made = Counted(
            database, Orders(Engine(SqlCaseRepository(database), Announcements(), lambda: seed.NOW, new_id)), meter
        )
        # Connections are opened, and statements prepared, when they are first used.
        case = await made.case({})
        await made.orders.consider(press(case, *ATTEST))
        await made.orders.act(press(case, *ATTEST))
        yield made
        await database.close()


def press(case: Case, person: str, action: Action, answers: dict[str, Any]) -> ActOnCase:
    """A press from a card that shows a case as given."""
    seen = Seen(case.step, case.content_version)
    return ActOnCase(case.id, action, identity(person), Surface.SLACK, seen, Answers(**answers))


def own(words: list[str]) -> list[str]:
    """The press's own statements, without what SQLite needs to share a commit."""
    return [word for word in words if word not in SHARING]
