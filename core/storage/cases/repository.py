"""The repository of cases on a database: the unit of work in which a use case loads and saves them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from core.identity.personal_links import PersonalLink
from core.ports.cases import Alarm, CaseQuery, Sent, Transaction, UnitOfWork
from core.shared.errors import TryAgain
from core.shared.ids import is_application
from core.shared.vocabulary import NO_PERSON, CaseId, LinkId, OrganisationId, PersonId, Purpose, Role
from core.storage.cases import alarms, applications, clock, effects, loading, placements, saving
from core.storage.context.asking_person import person_asking
from core.storage.engine.database import Database
from core.storage.engine.sessions import Session, WantsTransaction, run_in
from core.storage.identity.personal_links import use_up_link
from core.storage.register.rows import lock_register
from core.workflow.commands import Apply, PlaceOrder
from core.workflow.context import DecisionContext
from core.workflow.events import Change, NewCard

T = TypeVar("T")


@dataclass(frozen=True)
class SqlCaseRepository:
    """Implements core.ports.cases.CaseRepository on SQLite and PostgreSQL."""

    database: Database

    async def look(self, query: CaseQuery) -> DecisionContext:
        """See CaseRepository."""
        if is_application(query.case):
            return await self.database.read(lambda connection: applications.load(connection, query))
        return await self.database.look(lambda session: loading.load(session, query))

    async def press(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """See CaseRepository. On PostgreSQL its one guarded write is its transaction, until it makes more than that."""
        try:
            return await self.database.press(lambda session: use_case(SqlUnitOfWork(session)))
        except WantsTransaction as wants:
            begin = wants.begin or lock_register
        return await self.database.write(partial(_alone, use_case, begin))

    async def transact(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        """See CaseRepository."""
        return await self.database.write(partial(_together, use_case))

    async def holders(
        self, roles: frozenset[Role], at: datetime, organisation: OrganisationId | None = None
    ) -> tuple[PersonId, ...]:
        """See CaseRepository."""
        return await self.database.read(lambda connection: alarms.holders(connection, roles, at, organisation))

    async def due(self, at: datetime, limit: int) -> tuple[CaseId, ...]:
        """See CaseRepository."""
        if await self.database.read(partial(clock.is_noted, at=at)):
            await self.database.write(partial(clock.take_notes, at=at))
        return await self.database.read(partial(clock.read_due, at=at, limit=limit))


def _together(use_case: Callable[[Transaction], Awaitable[T]], connection: Connection) -> T:
    return run_in(connection, lambda session: use_case(SqlUnitOfWork(session)))


def _alone(
    use_case: Callable[[UnitOfWork], Awaitable[T]], begin: Callable[[Connection], None], connection: Connection
) -> T:
    # This begins the transaction, which the statements of a press alone would not.
    begin(connection)
    return _together(use_case, connection)


@dataclass(frozen=True)
class SqlUnitOfWork:
    """Implements core.ports.cases.Transaction in a session."""

    session: Session

    async def load(self, query: CaseQuery) -> DecisionContext:
        """See UnitOfWork."""
        if is_application(query.case):
            return await self.session.run(lambda connection: applications.load(connection, query))
        if query.revision is not None:
            return await loading.load_revised(self.session, query, query.revision)
        return await loading.load(self.session, query)

    async def save(self, change: Change) -> bool:
        """See UnitOfWork."""
        if not change.event.after.is_order:
            return await self._save_application(change)
        makes_more = effects.makes_more(change)
        if makes_more:
            self.session.want_transaction(effects.turn_for(change))
        is_saved = await saving.save(self.session, change)
        if is_saved and makes_more:
            await self.session.run(lambda connection: effects.take_effect(connection, change))
        return is_saved

    async def _save_application(self, change: Change) -> bool:
        # What the case is to name must be there before it.
        await self.session.run(lambda connection: effects.take_effect(connection, change))
        if not await saving.save(self.session, change):
            raise TryAgain
        await self.session.run(lambda connection: applications.show_together(connection, change))
        return True

    async def take_turn(self, case: CaseId) -> None:
        """See Transaction. Of applications one at a time: two approvals at once could make an organisation twice."""
        take = lock_register if is_application(case) else partial(loading.take_turn_of, case=case)
        await self.session.run(take)

    async def use_up(self, link: LinkId, purpose: Purpose, at: datetime) -> PersonalLink:
        """See Transaction."""
        return await self.session.run(lambda connection: use_up_link(connection, link, purpose, at))

    async def find_sent(self, command: PlaceOrder | Apply) -> Sent:
        """See Transaction."""
        return await self.session.run(lambda connection: _find_sent(connection, command))

    async def load_draft(self, command: PlaceOrder | Apply, person: PersonId, at: datetime) -> DecisionContext:
        """See Transaction."""
        if isinstance(command, Apply):
            return await self.session.run(lambda connection: applications.load_draft(connection, command, person, at))
        return await self.session.run(lambda connection: loading.load_draft(connection, command, person, at))

    async def is_taken(self, case: CaseId) -> bool:
        """See Transaction."""
        return await self.session.run(lambda connection: placements.is_taken(connection, case))

    async def save_new(self, change: Change, command: PlaceOrder | Apply) -> None:
        """See Transaction."""
        await saving.save(self.session, change)
        case = change.event.after
        await self.session.run(lambda connection: placements.keep_made(connection, case.orderer, command, case.id))
        if not case.is_order:
            await self.session.run(lambda connection: applications.show_together(connection, change))

    async def told_of(self, key: str) -> frozenset[PersonId | None]:
        """See Transaction."""
        return await self.session.run(lambda connection: alarms.told_of(connection, key))

    async def tell(self, alarm: Alarm, cards: Sequence[NewCard]) -> None:
        """See Transaction."""
        await self.session.run(lambda connection: alarms.tell(connection, alarm, cards))


def _find_sent(connection: Connection, command: PlaceOrder | Apply) -> Sent:
    if isinstance(command, Apply):
        lock_register(connection)
        person = NO_PERSON if command.by is None else person_asking(connection, command.by)
    else:
        person = person_asking(connection, command.by)
        placements.take_turn_of_key(connection, person, command.key)
        loading.take_turn(connection, command.customer)
    return Sent(person, placements.find_made(connection, person, command))
