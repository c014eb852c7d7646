"""What happens around the product while people are at it: roles, prices and agreements change, people leave."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, select, update

from bot.demo import run
from core.api import STOCKHOLM, AccountLinks, Surface, Undoing, Undone, new_id
from core.register.administration import register_author
from core.storage import tables
from core.storage.database.database import Database, open_database
from core.storage.identity.accounts import SqlAccounts
from core.storage.register.loading import load
from core.storage.register.roles import Roles
from notifications.rules.register_announcements import RegisterAnnouncements

DEMO = yaml.safe_load((Path(run.__file__).parent / "demo.yaml").read_text("utf-8"))
FRAME = ("org_number", "name", "kinds", "category")
Json = dict[str, Any]


def today() -> date:
    """The Swedish day, asked for where it is used: midnight may come while tests run."""
    return datetime.now(STOCKHOLM).date()


def today_and_tomorrow() -> tuple[date, date]:
    """The Swedish day and the one after it."""
    day = today()
    return day, day + timedelta(days=1)


def person(name: str, *roles: str | Json, at: str = "region.example", **more: Any) -> Json:
    """Somebody of the demo, as the register's file writes it."""
    first, last = name.lower().translate(str.maketrans("åäöé", "aaoe")).split()
    return {"name": name, "email": f"{first}.{last}@{at}", "roles": list(roles), **more}


@dataclass(frozen=True)
class Office:
    """The register beside the running product; `tick` lets the product's clock look at what has changed."""

    url: str
    tick: Callable[[], None]

    def organisation(self, name: str, **more: Any) -> None:
        """Change an organisation of the demo: its people, agreements, tiers, substitutions."""
        known = next(each for each in DEMO["organisations"] if each["name"] == name)
        self._load({"organisations": [{key: known[key] for key in FRAME if key in known} | more]})

    def takes(self, role: str, email: str, organisation: str) -> None:
        """Somebody's role in an organisation ends now."""
        roles, people, places = tables.role_assignments.c, tables.persons.c, tables.organisations.c
        query = (
            select(roles.id)
            .join(tables.persons, people.id == roles.person_id)
            .join(tables.organisations, places.id == roles.organisation_id)
            .where(roles.role == role, people.email == email, places.name == organisation)
        )

        def work(connection: Connection) -> None:
            id_, at = connection.execute(query).scalar_one(), datetime.now(UTC)
            Roles(connection, at, register_author("test")).end(id_, None)

        self._write(work)

    def believes_that_every_card_is_shown(self) -> None:
        """As when Slack took an edit and shows the message as it was."""
        shown = update(tables.cards).values(does_show=tables.cards.c.must_show, due_at=None)
        self._write(lambda connection: connection.execute(shown))

    def startup_price(self, offer: str, kronor: int) -> None:
        """The customer's start-up price of an offer is another."""
        service, found = _offer(offer)
        self._load({"services": [_with(service, found, [each | {"amount": kronor} for each in _startups(found)])]})

    def prices(self, offer: str, prices: list[Json]) -> None:
        """An offer has these prices, beside those it has."""
        self._load({"services": [_with(*_offer(offer), prices)]})

    def opens(self, service: Json) -> None:
        """There is one more service."""
        self._load({"services": [service]})

    def unlinks(self, email: str) -> None:
        """The operator ends what links somebody to an account."""
        query = select(tables.persons.c.id).where(tables.persons.c.email == email)

        async def undo(database: Database) -> None:
            person = await database.read(lambda connection: connection.execute(query).scalar_one())
            accounts = SqlAccounts(database, new_id)
            links = AccountLinks(accounts, RegisterAnnouncements(), lambda: datetime.now(UTC), new_id)
            await links.undo(person, undone_by_operator())

        self._do(undo)

    def _load(self, file: Json) -> None:
        text = yaml.safe_dump(file, allow_unicode=True)
        self._do(lambda database: load(database, text, now=lambda: datetime.now(UTC), new_id=new_id))

    def _write(self, work: Callable[[Connection], object]) -> None:
        self._do(lambda database: database.write(work))

    def _do(self, deed: Callable[[Database], Awaitable[object]]) -> None:
        asyncio.run(self._done(deed))
        self.tick()

    async def _done(self, deed: Callable[[Database], Awaitable[object]]) -> None:
        database = open_database(self.url)
        try:
            await deed(database)
        finally:
            await database.close()


def undone_by_operator() -> Undoing:
    """What `kundportal unlink` says."""
    return Undoing(Undone.OPERATOR, Surface.FILE)


def _offer(code: str) -> tuple[Json, Json]:
    found = ((service, offer) for service in DEMO["services"] for offer in service["offers"])
    return next((service, offer) for service, offer in found if offer["code"] == code)


def _with(service: Json, offer: Json, prices: list[Json]) -> Json:
    return service | {"offers": [offer | {"prices": prices}]}


def _startups(offer: Json) -> list[Json]:
    return [each for each in offer["prices"] if (each["payer"], each["kind"]) == ("customer", "startup")]
