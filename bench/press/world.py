"""A database full of orders that wait for one press each, and the check that every press counted once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from core.api import (
    Action,
    ActOnCase,
    Answers,
    CardId,
    CaseId,
    CaseQuery,
    Engine,
    Identity,
    Orders,
    PersonId,
    PlaceOrder,
    Seen,
    Surface,
    new_id,
)
from core.storage import migrations, tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import Database, open_database
from notifications.rules.announcements import Announcements, CardKind
from tests.support.world import many, seed

PRESSERS = (seed.BO, seed.CECILIA)
LINES, CARDS = 2, 5
START_SECONDS, SEALS_SECONDS = 30, 150


class WrongCount(Exception):
    """A press did not count exactly once, or left a card unmade: what was expected, and what was found."""


@dataclass(frozen=True)
class Press:
    """An attestant attests an order, from the card that asked."""

    case: CaseId
    card: CardId
    person: PersonId

    def command(self) -> ActOnCase:
        """The press as the core takes it."""
        seen = Seen(step=1, content_version=1)
        return ActOnCase(
            self.case, Action.ATTEST, identity(self.person), Surface.SLACK, seen, Answers(confirmed=True), self.card
        )

    def look(self) -> CaseQuery:
        """What the core reads for it."""
        return CaseQuery(self.case, identity(self.person), _now(), self.card)


def identity(person: PersonId) -> Identity:
    """The account of a person in the seeded workspace."""
    return Identity(seed.TEAM, seed.slack_user(person))


def orders_on(database: Database) -> Orders:
    """The use cases on a database, by the real clock, as the server has it."""
    return Orders(Engine(SqlCaseRepository(database), Announcements(), _now, new_id))


@dataclass(frozen=True)
class World:
    """Makes orders by copying one that was really placed."""

    url: str
    database: Database
    template: many.Copy

    @classmethod
    async def new(cls, url: str) -> "World":
        """A fresh database with the small world and one order in it."""
        database = open_database(url)
        await migrations.upgrade_database(database)
        await database.write(seed.seed)
        await database.write(seed.nobody_is_away)
        case = await orders_on(database).place(_wish())
        return cls(url, database, await database.read(lambda connection: many.rows_of(connection, case.id)))

    async def until_connected(self, seconds: float = START_SECONDS) -> None:
        """Wait until a server has made the row of its workspace."""
        async with asyncio.timeout(seconds):
            while not await self.database.read(_has_workspace):  # noqa: ASYNC110 - another process makes the row
                await asyncio.sleep(0.05)

    async def until_sealed(self, seconds: float = SEALS_SECONDS) -> None:
        """Wait until the server has sealed all that history has gained, as it does each minute."""
        async with asyncio.timeout(seconds):
            while await self.database.read(_has_unsealed):  # noqa: ASYNC110 - another process seals
                await asyncio.sleep(0.5)

    async def prepare(self, count: int) -> list[Press]:
        """New orders, each waiting for one press; the pressers take turns.

        Slack is taken to have caught up with the round before, which at its own pace would take it an hour.
        """
        orders = many.copies(self.template, count)
        await self.database.write(_settle)
        await self.database.write(lambda connection: many.add(connection, orders))
        return [_press(order, PRESSERS[number % len(PRESSERS)]) for number, order in enumerate(orders)]

    async def check(self, presses: list[Press]) -> None:
        """Raise WrongCount unless every press counted once."""
        cases = [press.case for press in presses]
        found = await self.database.read(lambda connection: _counted(connection, cases))
        expected = {"moved": len(cases), "lines": len(cases) * LINES, "cards": len(cases) * CARDS}
        if found != expected:
            raise WrongCount(expected, found)


def _now() -> datetime:
    return datetime.now(UTC)


def _wish() -> PlaceOrder:
    return PlaceOrder(
        by=identity(seed.ANNA),
        customer=seed.REGION,
        offer=seed.SITHS,
        units=(),
        invoice_ref="REF-1",
        terms_accepted=True,
        key="bench",
        surface=Surface.SLACK,
    )


def _has_workspace(connection: Connection) -> bool:
    return connection.execute(select(tables.workspaces)).first() is not None


def _has_unsealed(connection: Connection) -> bool:
    sealed = select(func.coalesce(func.max(tables.seals.c.history_id), 0)).scalar_subquery()
    return connection.execute(select(tables.history.c.id).where(tables.history.c.id > sealed)).first() is not None


def _settle(connection: Connection) -> None:
    cards = tables.cards
    shown = {"does_show": cards.c.must_show, "due_at": None, "leased_until": None}
    connection.execute(update(cards).where(cards.c.due_at.is_not(None)).values(**shown))


def _press(order: many.Copy, person: PersonId) -> Press:
    asked = (row for row in order["cards"] if row["kind"] == CardKind.CUSTOMER_ATTEST)
    card = next(row["id"] for row in asked if row["person_id"] == person)
    return Press(order["cases"][0]["id"], card, person)


def _counted(connection: Connection, cases: list[CaseId]) -> dict[str, int]:
    def count(column: Any, *conditions: Any) -> int:
        return sum(
            connection.execute(select(func.count()).where(column.in_(some), *conditions)).scalar_one()
            for some in _parts(cases)
        )

    moved = (tables.cases.c.state == "awaiting_customer_service", tables.cases.c.revision == LINES)
    shown = tables.cards.c.must_show == LINES
    return {
        "moved": count(tables.cases.c.id, *moved),
        "lines": count(tables.history.c.case_id),
        "cards": count(tables.cards.c.case_id, shown),
    }


def _parts(cases: list[CaseId], size: int = 1_000) -> list[list[CaseId]]:
    return [cases[start : start + size] for start in range(0, len(cases), size)]
