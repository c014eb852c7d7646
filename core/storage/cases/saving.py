"""Saves a case with its history and its outbox: the one place where a decision is written."""

import json
from collections.abc import Mapping
from typing import Any

from core.shared.vocabulary import Action, Side
from core.storage.cases import statements
from core.storage.context.coding import (
    amount_ore,
    content_to_json,
    decisions_to_json,
    evidence,
    progress_to_json,
)
from core.storage.engine.sessions import Constant, Session
from core.storage.tables import to_micros
from core.workflow.case import Case, Order
from core.workflow.events import Change, Outbox
from core.workflow.flows import find

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
        "spent": change.event.decision.proof,
        "pressed": change.event.pressed and change.event.pressed.id,
        "repaint": json.dumps(change.outbox.repaint),
        "cards": _cards_to_json(change.outbox),
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
        "customer_ore": amount_ore(case, Side.CUSTOMER) if case.is_order else 0,
        "agent_ore": amount_ore(case, Side.AGENT) if case.is_order else 0,
        "applicant_number": None if case.is_order else case.application.org_number,
    }
