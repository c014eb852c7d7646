"""What a press reads and writes: the case with the presser's authority, and everything one decision leaves."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from core.identity.accounts import Identity
from core.identity.proofs import Occasion, Proof
from core.ports.cases import CaseQuery, Decide
from core.shared.errors import CaseNotFound, NotLinked, PersonInactive, TryAgain
from core.shared.traits import TRAITS, CaseEffect
from core.shared.vocabulary import Action, CaseId, OrganisationId, PersonId, Side
from core.shared.working_days import day_of
from core.storage.cases import press_sql
from core.storage.context.coding import (
    amount_ore,
    case_from_row,
    decisions_to_json,
    evidence,
    order_to_json,
    progress_to_json,
)
from core.storage.context.situations import Authority, situation
from core.storage.engine.exchanges import Constant, Exchange
from core.storage.identity.keys import digest
from core.storage.tables import from_micros, to_micros
from core.workflow.case import Order
from core.workflow.context import CardPlace, DecisionContext
from core.workflow.events import Change, Outbox
from core.workflow.flows import find

Values = dict[str, Any]

_READS = {dialect: Constant(sql) for dialect, sql in press_sql.READS.items()}
_WRITES = {dialect: tuple(map(Constant, sqls)) for dialect, sqls in press_sql.WRITES.items()}
_PROOF_WRITES = {dialect: tuple(map(Constant, sqls)) for dialect, sqls in press_sql.PROOF_WRITES.items()}
_UNIT_WRITES = {dialect: tuple(map(Constant, sqls)) for dialect, sqls in press_sql.UNIT_WRITES.items()}


class Row(NamedTuple):
    """What the reading statement selects before the authority, in its order."""

    id: str
    flow: str
    state: str
    step: int
    revision: int
    content_version: int
    customer_id: str
    agent_id: OrganisationId | None
    orderer_id: str
    offer_id: str
    chosen_attestant_id: str | None
    claimed_by_id: str | None
    content: str
    decisions: str
    created_at: int
    waiting_since: int
    due_at: int | None
    closed_at: int | None
    review_at: int | None
    progress: str
    person_id: PersonId | None
    person_active: bool | None
    account_seen_at: int | None
    card_channel: str | None
    card_ts: str | None
    proof_id: str | None
    proof_person: PersonId
    proof_case: CaseId
    proof_step: int
    proof_content_version: int
    proof_action: str
    proof_method: str
    proof_expires_at: int
    proof_used_at: int | None


COLUMNS = len(Row._fields)


class MakesMore(Exception):
    """A decision makes more than its case, so it wants a transaction (`core.storage.cases.effects`)."""


def act(dialect: str, begin: Callable[[], tuple[CaseQuery, Decide]], *, alone: bool = True) -> Exchange[Change]:
    """Read, decide, write; once more when somebody saved in between. Raises TryAgain when that happens twice.

    `alone` is False where the caller has begun a transaction and writes the rest; else MakesMore is raised for it.
    """
    for _ in range(2):
        look, decide = begin()
        change = decide((yield from read(dialect, look)))
        if alone and makes_more(change):
            raise MakesMore
        if (yield from write(dialect, change)):
            return change
    raise TryAgain


def makes_more(change: Change) -> bool:
    """True where a decision also lets an agent convey a service."""
    event, traits = change.event, TRAITS[change.event.after.flow]
    return traits.effect is CaseEffect.CONVEYS and event.before.state is not event.after.state is traits.end


def read(dialect: str, look: CaseQuery) -> Exchange[DecisionContext]:
    """The case and the looker's authority, in one statement. Raises CaseNotFound, NotLinked, PersonInactive."""
    return read_by(_READS[dialect], look, read_values(look))


def read_by(statement: Constant, look: CaseQuery, values: Values) -> Exchange[DecisionContext]:
    """The same by another statement of the same columns; `revised_agent` among the values stands for the case's."""
    rows = yield statement, values
    if not rows:
        raise CaseNotFound(case=look.case)
    row = Row._make(rows[0][:COLUMNS])
    if look.by is not None and row.person_id is None:
        raise NotLinked
    if row.person_id is not None and not row.person_active:
        raise PersonInactive
    return situation(
        case_from_row(row),
        row.person_id,
        Authority._make(rows[0][COLUMNS:]),
        at=look.at,
        agent=values.get("revised_agent", row.agent_id),
        card=CardPlace(look.card, row.card_channel, row.card_ts) if look.card else None,
        proof=_proof(row),
        seen_at=None if row.account_seen_at is None else from_micros(row.account_seen_at),
    )


def _proof(row: Row) -> Proof | None:
    if row.proof_id is None:
        return None
    return Proof(
        id=row.proof_id,
        occasion=Occasion(
            row.proof_person, row.proof_case, row.proof_step, row.proof_content_version, Action(row.proof_action)
        ),
        method=row.proof_method,
        expires_at=from_micros(row.proof_expires_at),
        used_at=None if row.proof_used_at is None else from_micros(row.proof_used_at),
    )


def write(dialect: str, change: Change) -> Exchange[bool]:
    """Write one decision, guarded by the revision it was judged on; False when that revision is gone."""
    values = write_values(change)
    guarded, *others = writes(change)[dialect]
    if not (yield guarded, values):
        return False
    for statement in others:
        yield statement, values
    return True


def writes(change: Change) -> Mapping[str, tuple[Constant, ...]]:
    """The writing statements: those that also spend the proof of a decision, or replace the units it has changed."""
    if change.event.decision.proof:
        return _PROOF_WRITES
    before, after = change.event.before.order, change.event.after.order
    return _WRITES if unit_keys(before) == unit_keys(after) else _UNIT_WRITES


def unit_keys(order: Order) -> list[str]:
    """What `case_units` holds of an order, each once; one empty key for an order without units."""
    return list(dict.fromkeys(key for unit in order.units for key in unit.keys)) or [""]


def owed_to_json(owed: Outbox) -> str:
    """New cards as the statements read them: id, person, kind, part, e-mail."""
    return json.dumps([[card.id, card.person, card.kind, card.part, card.email] for card in owed.cards])


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
    return history_values(change) | {
        "revision": before.revision,
        "to_step": after.step,
        "decisions": decisions_to_json(after.decisions),
        "chosen_attestant": after.chosen_attestant,
        "claimed_by": after.claimed_by,
        "waiting_since": to_micros(after.waiting_since),
        "due_at": after.due_at and to_micros(after.due_at),
        "closed_at": after.closed_at and to_micros(after.closed_at),
        "was_review_at": before.review_at and to_micros(before.review_at),
        "review_at": after.review_at and to_micros(after.review_at),
        "is_reviewed": int(bool(find(after.flow, after.state, Action.REVIEW))),
        "progress": progress_to_json(after),
        # What nobody changed is not written anew: it is long.
        "content": None if after.order == before.order else order_to_json(after.order),
        "customer": after.customer,
        "agent": after.agent,
        "offer": after.order.offer,
        "customer_ore": amount_ore(after, Side.CUSTOMER),
        "agent_ore": amount_ore(after, Side.AGENT),
        "units": json.dumps(unit_keys(after.order)),
        "spent": change.event.decision.proof,
        "pressed": change.event.pressed and change.event.pressed.id,
        "repaint": json.dumps(change.outbox.repaint),
        "cards": owed_to_json(change.outbox),
    }


def read_values(look: CaseQuery) -> Values:
    """What the reading statement names."""
    identity = look.by if isinstance(look.by, Identity) else Identity("", "")
    return {
        "case": look.case,
        "card": look.card or "",
        "at": to_micros(look.at),
        "day": day_of(look.at).isoformat(),
        "issuer": identity.issuer,
        "subject": identity.subject,
        "person": None if isinstance(look.by, Identity) else look.by,
        "named": look.named or "",
        "proof": digest(look.proof) if look.proof else "",
    }
