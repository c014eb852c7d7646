"""What people do in Slack and by mailed links while somebody follows a page."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import insert

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Applications,
    Asking,
    Case,
    CaseId,
    CaseQuery,
    Engine,
    Orders,
    PersonId,
    Seen,
    Surface,
    new_id,
)
from core.storage import tables
from core.storage.audit.sealing import Sealer
from core.storage.cases.repository import SqlCaseRepository
from core.storage.database.database import open_database
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.documents import SqlDocuments
from core.storage.reads.queries import SqlQueries
from notifications.documents import Agreements, Library
from notifications.rules.announcements import Announcements
from tests.support.machines.product import SECRET_KEY
from tests.support.world import seed
from tests.support.world.applicants import Hall

ANNA, BO, DISA = "anna.berg@example.org", "bo.ek@example.org", "disa.fors@example.org"


def now() -> datetime:
    return datetime.now(UTC)


class Office(Hall):
    """Where the people of docs/example.yaml decide."""

    async def only(self, prefix: str) -> Case:
        """The newest case whose number begins so."""
        return next(case for case in reversed(await self.cases()) if case.id.startswith(prefix))

    async def does(self, email: str, case: CaseId, action: Action, **answers: object) -> Case:
        """Somebody presses a button in Slack."""
        (person,) = await self.rows(tables.persons, email=email)
        by = PersonId(person["id"])
        seen = (await self.orders.look(CaseQuery(case, Asking(by), now()))).case
        press = ActOnCase(
            case, action, Asking(by), Surface.SLACK, Seen(seen.step, seen.content_version), Answers(**answers)
        )
        return (await self.orders.act(press)).after


async def the_attestant_asks(office: Office) -> None:
    """Bo wants to know more about the order."""
    await office.does(BO, (await office.only("B-")).id, Action.REQUEST_COMPLETION, message="Which ward is it for?")


async def the_application_is_signed(office: Office) -> None:
    """Customer service approves the application, and those who are to sign it do."""
    case = await office.only("A-")
    await office.does(DISA, case.id, Action.CLAIM)
    case = await office.does(DISA, case.id, Action.APPROVE, confirmed=True)
    for contact in case.application.signatories:
        case = await office.sign(case, contact)


async def the_orderer_confirms_an_account(office: Office) -> None:
    """Anna says in Slack that it is she."""
    (anna,) = await office.rows(tables.persons, email=ANNA)
    row = seed.identity(anna["id"]) | {"at": now()}
    await office.database.write(lambda connection: connection.execute(insert(tables.identities), row).close())


async def history_is_sealed(office: Office) -> None:
    """Half a minute passes, in which the server seals what was written."""
    await Sealer(office.database, SECRET_KEY, now).seal()


def meanwhile(database_url: str, happens: Callable[[Office], Awaitable[None]]) -> None:
    """Let something happen in the server's database."""
    asyncio.run(_meanwhile(database_url, happens))


async def _meanwhile(database_url: str, happens: Callable[[Office], Awaitable[None]]) -> None:
    database = open_database(database_url)
    agreements = Agreements(Library(), SqlDocuments(database))
    orders = Orders(Engine(SqlCaseRepository(database), Announcements(), now, new_id, agreements.draw_up))
    links = SqlPersonalLinks(database, SECRET_KEY)
    try:
        await happens(Office(database, now, orders, Applications(orders.engine, links), links, SqlQueries(database)))
    finally:
        await database.close()
