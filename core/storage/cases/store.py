"""The store of cases on a database: the port the use cases stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from core.ports.cases import CaseQuery, Decide, DecideWithTerms
from core.shared.errors import LinkUnknown
from core.shared.ids import is_application
from core.shared.vocabulary import CaseId, LinkId, PersonId, Purpose
from core.storage.cases import alarms, clock, effects, enrolling, placing, press
from core.storage.cases.alarms import Announce
from core.storage.engine.database import Database
from core.storage.identity.personal_links import use_up
from core.storage.register.rows import lock_register
from core.workflow.alarms import MissingPrice, NotReady, Unattended
from core.workflow.case import Case
from core.workflow.commands import Apply, PlaceOrder, Revision
from core.workflow.context import DecisionContext
from core.workflow.events import Change

D = TypeVar("D")


@dataclass(frozen=True)
class SqlCaseRepository:
    """Implements core.ports.cases.Store on SQLite and PostgreSQL."""

    database: Database

    async def look(self, look: CaseQuery) -> DecisionContext:
        """See core.ports.cases.Store."""
        if is_application(look.case):
            return await self.database.read(lambda connection: enrolling.read(connection, look))
        return await self.database.look(press.read(self.database.dialect, look))

    async def act(self, begin: Callable[[], tuple[CaseQuery, Decide]], link: LinkId | None = None) -> Change:
        """See core.ports.cases.Store. A link is a second row to write, so then it is one transaction."""
        if link is not None:
            return await self.database.write(
                lambda connection: _by_link(connection, link, begin, effects.act_and_assign)
            )

        def work(connection: Connection) -> Change:
            # This begins the transaction, which the statements of a press alone would not.
            lock_register(connection)
            return effects.act_and_assign(connection, begin)

        try:
            return await self.database.press(press.act(self.database.dialect, begin))
        except press.MakesMore:
            return await self.database.write(work)

    async def place(self, wish: PlaceOrder, begin: Callable[[], tuple[datetime, DecideWithTerms]]) -> tuple[Case, bool]:
        """See core.ports.cases.Store."""
        return await self.database.write(lambda connection: placing.place(connection, wish, begin))

    async def revise(
        self,
        case: CaseId,
        revision: Revision,
        begin: Callable[[], tuple[CaseQuery, DecideWithTerms]],
        link: LinkId | None = None,
    ) -> Change:
        """See core.ports.cases.Store. Other orders are read as well, so it is one transaction."""

        def work(connection: Connection, begin: Callable[[], tuple[CaseQuery, DecideWithTerms]]) -> Change:
            return placing.revise(connection, case, revision, begin)

        if link is None:
            return await self.database.write(lambda connection: work(connection, begin))
        return await self.database.write(lambda connection: _by_link(connection, link, begin, work))

    async def tell(self, lacking: NotReady, announce: Announce) -> None:
        """See core.ports.cases.Store."""
        await self.database.write(lambda connection: alarms.tell_administrators(connection, lacking, announce))

    async def serving(self, at: datetime) -> tuple[PersonId, ...]:
        """See core.ports.cases.Store."""
        return await self.database.read(lambda connection: alarms.serving(connection, at))

    async def alert(self, found: Unattended, announce: Announce) -> None:
        """See core.ports.cases.Store."""
        await self.database.write(lambda connection: alarms.alert(connection, found, announce))

    async def tell_leads(self, missing: MissingPrice, announce: Announce) -> bool:
        """See core.ports.cases.Store."""
        return await self.database.write(lambda connection: alarms.tell_leads(connection, missing, announce))

    async def apply(self, wish: Apply, begin: Callable[[], tuple[datetime, Decide]]) -> tuple[Case, bool]:
        """See core.ports.cases.Store."""
        return await self.database.write(lambda connection: enrolling.apply(connection, wish, begin))

    async def enrol(self, begin: Callable[[], tuple[CaseQuery, Decide]], link: LinkId | None = None) -> Change:
        """See core.ports.cases.Store."""
        if link is None:
            return await self.database.write(lambda connection: enrolling.enrol(connection, begin))

        def work(connection: Connection) -> Change:
            # Who sends new links takes this lock before the links: in another order each would wait for the other.
            lock_register(connection)
            return _by_link(connection, link, begin, enrolling.enrol, Purpose.SIGN)

        return await self.database.write(work)

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """See core.ports.cases.Store."""
        if await self.database.read(partial(clock.is_noted, at=at)):
            await self.database.write(partial(clock.take_notes, at=at))
        return await self.database.read(partial(clock.read_due, at=at, limit=limit))


def _by_link(
    connection: Connection,
    link: LinkId,
    begin: Callable[[], tuple[CaseQuery, D]],
    act: Callable[[Connection, Callable[[], tuple[CaseQuery, D]]], Change],
    purpose: Purpose = Purpose.DECIDE,
) -> Change:
    """Use a link up and do what it is for. Of two at once, the second waits here and learns that it was used."""
    look, _ = begin()
    found = use_up(connection, link, purpose, look.at)
    if (found.case, found.person) != (look.case, look.by):
        raise LinkUnknown
    return act(connection, begin)
