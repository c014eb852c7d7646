"""A region with five attestants and a product of several processes, which a crowd presses at all at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
from sqlalchemy import insert, select, text, update

from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from core.api import Case, CaseId, Engine, Orders, PersonId, Seen, Tier, Unit, new_id
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.context.coding import case_from_row
from core.storage.identity.api_keys import Keys
from core.storage.reads.inbox import SqlInbox
from core.storage.reads.queries import SqlQueries
from core.storage.reads.waiting import count_waiting
from core.storage.register.registry import Register
from notifications.accounts.directory import Directory
from notifications.cards.drawer import CardDrawer
from notifications.outbox.delivery_results import DeliveryResults
from notifications.outbox.leases import CardLeases
from notifications.outbox.relay import Relay
from notifications.outbox.slack_delivery import Delivery
from notifications.render.drawings import draw_card
from notifications.rules.announcements import Announcements
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.token_seal import TokenSeal
from notifications.slack.workspaces import Workspaces
from tests.edges.portal import Portal
from tests.fakes.clock import FakeClock
from tests.flow.slack import PATIENCE, Person, Slack
from tests.kill.storm import Press
from tests.kill.truth import Past, read_past
from tests.support.machines.product import SECRET_KEY, Product, free_port, products, sandbox_config, signed
from tests.support.world import seed
from tests.support.world.seed import ADA, ANNA, BO, CECILIA, KARIN, NPO_KONSUMENT, REGION

Json = dict[str, Any]

MORE = tuple(
    (PersonId(id_), name, "sv", [(REGION, "attestant")])
    for id_, name in (("P-extra1", "Elsa Holm"), ("P-extra2", "Filip Lind"), ("P-extra3", "Greta Molin"))
)
ATTESTANTS = (BO, CECILIA, *(each[0] for each in MORE))
NAMES = {ANNA: "Anna Berg", BO: "Bo Ek", CECILIA: "Cecilia Dahl"} | {each[0]: each[1] for each in MORE}
READERS = (*NAMES, ADA, KARIN)
# A connection kept over a slow round may be closed by the server just as it is used again, which is not ours to test.
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=0)


@dataclass(frozen=True)
class Crowd:
    """The product's processes, people's way to them, and what stands around."""

    portal: Portal
    processes: Sequence[Product]
    http: httpx.AsyncClient
    slack_url: str
    operator: Json
    numbers: Iterator[int]

    async def order(self, number: int, attests: int) -> Case:
        """An order that needs so many attests."""
        await self.portal.tiers(REGION, Tier(0, attests=attests))
        return await self.portal.place(offer=NPO_KONSUMENT, units=(Unit(f"Enhet {number}"),), invoice_ref="REF")

    async def at_once(
        self, draw: random.Random, case: CaseId, presses: Sequence[Press], dismissed: Sequence[PersonId]
    ) -> list[tuple[Press, Json]]:
        """Everybody presses, and some lose their role meanwhile; what each press was answered.

        Cards that do not stand there yet are pressed last, when they may have come.
        """
        roles = [await self._role(each) for each in dismissed]
        both = [self._told(case, each) for each in sorted(draw.sample(presses, len(presses)), key=_step)]
        for role in roles:
            both.insert(draw.randrange(len(both)), self._end(role))
        answers = await asyncio.gather(*both)
        return [each for each in answers if each is not None]

    async def past(self, case: CaseId, began: Seen, dismissed: Sequence[PersonId]) -> Past:
        """What is stored of a case once the clock has looked at what has changed."""
        await self.portal.tick()
        around = {"began": began, "dismissed": frozenset(dismissed), "names": NAMES}
        return await self.portal.database.read(lambda connection: read_past(connection, case, **around))

    async def take_back(self, people: Sequence[PersonId]) -> None:
        """People get the role that they have lost."""
        for each in people:
            await self.portal.give(each, REGION, "attestant")
        await self.portal.tick()

    async def carried(self) -> None:
        """Time passes until Slack has been told everything; another process carries what is left."""
        for each in self.processes:
            each.stop()
        database, clock = self.portal.database, FakeClock(datetime.now(UTC))
        async with open_gateway(f"{self.slack_url}/api/") as gateway:
            leases = CardLeases(database, clock, new_id, count_waiting)
            results = DeliveryResults(database, clock, new_id)
            workspaces = Workspaces(database, TokenSeal(SECRET_KEY), clock)
            directory = Directory(database, workspaces, gateway, now=clock, new_id=new_id)
            pages = CardDrawer(
                database, SqlQueries(database), SqlInbox(database), draw_card, "test", "https://portal.example.org"
            )
            relay = Relay(leases, Delivery(results, pages, directory, workspaces, gateway, clock, lambda: 0.5), clock)
            while await self.rows(tables.cards, tables.cards.c.due_at.is_not(None)):
                await relay.drain()
                clock.forward(seconds=60)

    async def cases(self) -> list[Case]:
        """Every case as it stands."""
        rows = text("SELECT * FROM cases")
        return await self.portal.database.read(lambda connection: [*map(case_from_row, connection.execute(rows))])

    async def rows(self, table: Any, *which: Any) -> list[Any]:
        """Rows of a table."""
        query = select(table).where(*which)
        return await self.portal.database.read(lambda connection: [*connection.execute(query)])

    def readers(self, http: httpx.Client) -> list[Person]:
        """Everybody who has got a message."""
        return [Slack(http).person(seed.slack_user(each)) for each in READERS]

    async def press(self, case: CaseId, press: Press) -> Json:
        """What a press is answered."""
        number = next(self.numbers)
        body, headers = signed(press.payload(case, number))
        answer = await self.http.post(f"{self._url(number)}/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, (answer.text, press)
        return answer.json()

    async def _told(self, case: CaseId, press: Press) -> tuple[Press, Json]:
        return press, await self.press(case, press)

    async def _end(self, role: int) -> None:
        url = f"{self._url(role)}/api/v1/register/roles/{role}/end"
        answer = await self.http.post(url, json={}, headers=self.operator)
        assert answer.status_code == 200, answer.text

    def _url(self, number: int) -> str:
        answering = [each for each in self.processes if "--only" not in each.options or "web" in each.options]
        return answering[number % len(answering)].url

    async def _role(self, person: PersonId) -> int:
        held = tables.role_assignments.c
        mine = (held.person_id == person, held.organisation_id == REGION, held.valid_to.is_(None))
        return (await self.rows(tables.role_assignments, *mine, held.role == "attestant"))[0].id


@asynccontextmanager
async def crowding(url: str, *processes: Sequence[str], through: str | None = None) -> AsyncIterator[Crowd]:
    """Processes at work on one database, by their options, and a sandbox that holds nobody back.

    They reach it `through` another address, where one is named.
    """
    database = await seed.seeded(url)
    await database.write(seed.nobody_is_away)
    await database.write(_more_attestants)
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), _now, new_id))
    portal = Portal(database, _now, orders, SqlQueries(database), Register(database, _now, new_id))
    operator = await Keys(database).create(new_id, _now(), "test", None)
    sandbox = create_app(sandbox_config(f"http://127.0.0.1:{free_port()}/slack/events", more=MORE))
    with serve(sandbox) as slack, products(through or url, slack, processes) as running:
        async with httpx.AsyncClient(limits=CONNECTIONS, timeout=PATIENCE) as http:
            crowd = Crowd(portal, running, http, slack, {"Authorization": f"Bearer {operator}"}, count(1))
            # A server answers before it has asked Slack whose token it holds, and until then no press can have come.
            await until(lambda: crowd.rows(tables.workspaces))
            yield crowd
    await database.close()


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Let time pass until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in other processes
            await asyncio.sleep(0.05)


def _more_attestants(connection) -> None:
    people = [
        {"id": id_, "name": name, "email": f"{id_}@example.org", "language": "sv", "active": True}
        for id_, name, *_ in MORE
    ]
    connection.execute(insert(tables.persons), people)
    connection.execute(update(tables.persons).values(language="sv"))
    for id_, *_ in MORE:
        connection.execute(insert(tables.role_assignments), seed.role_assignment(id_, REGION, "attestant"))
        connection.execute(insert(tables.identities), seed.identity(id_))


def _step(press: Press) -> int:
    return press.seen.step


def _now() -> datetime:
    return datetime.now(UTC)
