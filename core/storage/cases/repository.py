"""The repository of cases on a database: the unit of work in which a use case loads and saves them."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from core.applications.attachment import BroughtFile
from core.identity.accounts import Asking
from core.identity.personal_links import PersonalLink
from core.ports.cases import Alarm, CaseQuery, Sent, Transaction, UnitOfWork
from core.register.organisations import words_of
from core.shared.characters import folded
from core.shared.errors import TryAgain
from core.shared.ids import is_application
from core.shared.press_ids import press_id
from core.shared.traits import TRAITS
from core.shared.vocabulary import NO_PERSON, Action, CaseId, LinkId, OrganisationId, PersonId, Purpose, Role, Side
from core.storage.cases import alarms, applications, clock, effects, idempotency, loading, statements
from core.storage.cases.attachments import attach, bring
from core.storage.context.asking_person import person_asking
from core.storage.context.coding import (
    amount_ore,
    content_to_json,
    decisions_to_json,
    evidence,
    progress_to_json,
)
from core.storage.database.database import Database
from core.storage.database.sessions import Constant, Session, WantsTransaction, run_in
from core.storage.identity.personal_links import use_up_link
from core.storage.register.rows import lock_register
from core.storage.tables import to_micros
from core.workflow.case import Case, Order
from core.workflow.commands import Apply, PlaceOrder
from core.workflow.context import DecisionContext
from core.workflow.events import Change, NewCard, Outbox
from core.workflow.flows import find

T = TypeVar("T")
Values = dict[str, Any]
# By dialect. The first is guarded by the revision, or makes the case; the others follow if it returns the case.
Statements = Mapping[str, tuple[Constant, ...]]


def _constants(written: Mapping[str, tuple[str, ...]]) -> Statements:
    return {dialect: tuple(map(Constant, sqls)) for dialect, sqls in written.items()}


_WRITES = _constants(statements.WRITES)
_PROOF_WRITES = _constants(statements.PROOF_WRITES)
_UNIT_WRITES = _constants(statements.UNIT_WRITES)
_APPLICATION_WRITES = _constants(statements.APPLICATION_WRITES)
_NEW_ORDER_WRITES = _constants(statements.NEW_ORDER_WRITES)
_NEW_APPLICATION_WRITES = _constants(statements.NEW_APPLICATION_WRITES)


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
    return run_in(connection, lambda session: use_case(SqlUnitOfWork(session)), has_begun=True)


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
        return await (loading.load_ending if query.ends else loading.load)(self.session, query)

    async def save(self, change: Change) -> bool:
        """See UnitOfWork."""
        if not change.event.after.is_order:
            return await self._save_application(change)
        makes_more = _makes_more(change)
        if makes_more:
            self.session.want_transaction(effects.turn_for(change))
        is_saved = await save(self.session, change)
        if is_saved and makes_more:
            await self.session.run(lambda connection: effects.take_effect(connection, change))
        return is_saved

    async def _save_application(self, change: Change) -> bool:
        # What the case is to name must be there before it.
        await self.session.run(lambda connection: effects.take_effect(connection, change))
        if not await save(self.session, change):
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
        return await self.session.run(lambda connection: loading.load_draft(connection, command, at))

    async def is_taken(self, case: CaseId) -> bool:
        """See Transaction."""
        return await self.session.run(lambda connection: idempotency.is_taken(connection, case))

    async def save_new(self, change: Change, command: PlaceOrder | Apply) -> None:
        """See Transaction."""
        await save(self.session, change)
        case = change.event.after
        await self.session.run(lambda connection: idempotency.keep_made(connection, case.orderer, command, case.id))
        if not case.is_order:
            has_file = isinstance(command, Apply) and command.has_file
            await self.session.run(lambda connection: attach(connection, command.key, case.id, has_one=has_file))
            await self.session.run(lambda connection: applications.show_together(connection, change))

    async def bring_file(self, case: CaseId, brought: BroughtFile) -> None:
        """See Transaction."""
        await self.session.run(lambda connection: bring(connection, case, brought))

    async def told_of(self, key: str) -> frozenset[PersonId | None]:
        """See Transaction."""
        return await self.session.run(lambda connection: alarms.told_of(connection, key))

    async def tell(self, alarm: Alarm, cards: Sequence[NewCard]) -> None:
        """See Transaction."""
        await self.session.run(lambda connection: alarms.tell(connection, alarm, cards))


def _makes_more(change: Change) -> bool:
    """Say whether an order comes to what it makes just now, or leaves it: what comes of that is written beside it."""
    event = change.event
    before, after = event.before.state, event.after.state
    return before is not after and TRAITS[event.after.flow].takes_effect in {before, after}


def _find_sent(connection: Connection, command: PlaceOrder | Apply) -> Sent:
    if isinstance(command, Apply):
        lock_register(connection)
        person = NO_PERSON if command.by is None else person_asking(connection, Asking(command.by)).person
    else:
        person = person_asking(connection, command.by).person
        idempotency.take_turn_of_key(connection, person, command.key)
        loading.take_turn(connection, command.customer)
    return Sent(person, idempotency.find_made(connection, person, command))


async def save(session: Session, change: Change) -> bool:
    """Save one decision, guarded by the revision it was made on; False when that revision is gone."""
    values = write_values(change)
    guarded, *others = _statements(change)[session.dialect]
    if not await session.fetch(guarded, values):
        return False
    for statement in others:
        await session.fetch(statement, values)
    return True


def _statements(change: Change) -> Statements:
    """Those that also make the case, spend the proof of a decision, or replace the units it has changed."""
    before, after = change.event.before, change.event.after
    if not before.revision:
        return _NEW_ORDER_WRITES if after.is_order else _NEW_APPLICATION_WRITES
    if not after.is_order:
        return _APPLICATION_WRITES
    if change.event.decision.proof:
        return _PROOF_WRITES
    return _UNIT_WRITES if _changes_units(before, after) else _WRITES


def _changes_units(before: Case, after: Case) -> bool:
    """Say whether the units of an order are others than were saved."""
    return after.is_order and (not before.revision or before.order.units != after.order.units)


def _unit_keys(order: Order) -> list[str]:
    """What `case_units` holds of an order, each once; one empty key for an order without units."""
    return list(dict.fromkeys(key for unit in order.units for key in unit.keys)) or [""]


def _words(order: Order) -> list[str]:
    """What an order is found by: the words of its units' names, and of their HSA-ids."""
    return sorted(
        {word for unit in order.units for said in (unit.name, unit.hsa_id) if said for word in words_of(said)}
    )


def _cards_to_json(outbox: Outbox) -> str:
    """New cards as the statements read them: id, person, kind, part, e-mail."""
    return json.dumps([[card.id, card.person, card.kind, card.part, card.email] for card in outbox.cards])


def history_values(change: Change) -> Values:
    """The columns of the history line of a change."""
    event, decision = change.event, change.event.decision
    return {
        "case": event.after.id,
        "at": to_micros(decision.at),
        "action": decision.action,
        "from_state": event.before.state,
        "to_state": event.after.state,
        "step": event.before.step,
        "to_revision": event.after.revision,
        "content_version": event.after.content_version,
        "part": decision.part,
        "person": decision.person,
        "organisation": decision.organisation,
        "surface": decision.surface,
        "assurance": decision.assurance,
        "evidence": evidence(event.after, decision),
    }


def write_values(change: Change) -> Values:
    """What the writing statements name."""
    before, after = change.event.before, change.event.after
    values = case_values(after) | history_values(change)
    return values | {
        "revision": before.revision,
        "was_review_at": before.review_at and to_micros(before.review_at),
        "is_reviewed": int(bool(find(after.flow, after.state, Action.REVIEW))),
        # What nobody changed is not written anew: it is long.
        "content": None if _is_as_before(before, after) else content_to_json(after),
        "units": json.dumps(_unit_keys(after.order)) if _changes_units(before, after) else None,
        "words": json.dumps(_words(after.order)) if _changes_units(before, after) else None,
        "spent": change.event.decision.proof,
        "pressed": change.event.pressed and change.event.pressed.id,
        "repaint": json.dumps(change.outbox.repaint),
        "cards": _cards_to_json(change.outbox),
        "press_id": press_id(),
    }


def _is_as_before(before: Case, after: Case) -> bool:
    return bool(before.revision) and after.is_order and after.content == before.content


def case_values(case: Case) -> Values:
    """The columns of a case but its content, as the statements name them."""
    return {
        "case": case.id,
        "flow": case.flow,
        "to_state": case.state,
        "to_step": case.step,
        "to_revision": case.revision,
        "content_version": case.content_version,
        # An organisation that applies has no row before it is let in.
        "customer": case.customer if case.is_order or case.application.document is not None else None,
        "agent": case.agent,
        "orderer": case.orderer or None,
        "offer": case.order.offer if case.is_order else None,
        "chosen_attestant": case.chosen_attestant,
        "claimed_by": case.claimed_by,
        "decisions": decisions_to_json(case.decisions),
        "created_at": to_micros(case.created_at),
        "waiting_since": to_micros(case.waiting_since),
        "due_at": case.due_at and to_micros(case.due_at),
        "closed_at": case.closed_at and to_micros(case.closed_at),
        "review_at": case.review_at and to_micros(case.review_at),
        "progress": progress_to_json(case),
        "external_case_ref": case.order.external_case_ref if case.is_order else None,
        "invoice_reference": folded(case.order.invoice_ref) or None if case.is_order else None,
        "customer_ore": amount_ore(case, Side.CUSTOMER) if case.is_order else 0,
        "agent_ore": amount_ore(case, Side.AGENT) if case.is_order else 0,
        "applicant_number": None if case.is_order else case.application.org_number,
    }
