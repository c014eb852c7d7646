"""What a press reads and writes: the case with the presser's authority, and everything one decision leaves."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.commands import Identity
from core.db import to_micros
from core.errors import CaseNotFound, NotLinked, PersonInactive, TryAgain
from core.events import Change, Owed
from core.order import CardPlace, Situation
from core.ports import Look
from core.storage import press_sql
from core.storage.coding import case_from_row, decisions_to_json, evidence
from core.storage.constant import Constant
from core.words import OrganisationId, Part, PersonId, Role

Values = dict[str, Any]
# JSON text on SQLite; on PostgreSQL a list, or NULL where nothing was found.
Listed = str | list[Any] | None

_READS = {dialect: Constant(sql) for dialect, sql in press_sql.READS.items()}
_WRITES = {dialect: tuple(map(Constant, sqls)) for dialect, sqls in press_sql.WRITES.items()}


class Row(NamedTuple):
    """What the reading statement selects, in its order."""

    id: str
    flow: str
    state: str
    step: int
    revision: int
    content_version: int
    customer_id: str
    agent_id: str | None
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
    person_id: PersonId | None
    person_active: bool | None
    self_attest: bool
    agent_self_attest: bool | None
    card_channel: str | None
    card_ts: str | None
    roles: Listed
    customer_attestants: Listed
    agent_handlers: Listed
    agent_attestants: Listed


def act(connection: Connection, look: Look, decide: Callable[[Situation], Change]) -> Change:
    """Read, decide, write; once more when somebody saved in between. Raises TryAgain when that happens twice."""
    for _ in range(2):
        change = decide(read(connection, look))
        if write(connection, change):
            return change
    raise TryAgain


def read(connection: Connection, look: Look) -> Situation:
    """The case and the looker's authority, in one statement. Raises CaseNotFound, NotLinked, PersonInactive."""
    rows = _READS[connection.dialect.name].rows(connection, read_values(look))
    if not rows:
        raise CaseNotFound(case=look.case)
    row = Row._make(rows[0])
    if look.by is not None and row.person_id is None:
        raise NotLinked
    if row.person_id is not None and not row.person_active:
        raise PersonInactive
    return _situation(row, look)


def write(connection: Connection, change: Change) -> bool:
    """Write one decision, guarded by the revision it was judged on; False when that revision is gone."""
    values = write_values(change)
    guarded, *others = _WRITES[connection.dialect.name]
    if not guarded.rows(connection, values):
        return False
    for statement in others:
        statement.rows(connection, values)
    return True


def owed_to_json(owed: Owed) -> str:
    """New cards as the statements read them: id, person, kind, part."""
    return json.dumps([[card.id, card.person, card.kind, card.part] for card in owed.cards])


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
        "pressed": change.event.pressed and change.event.pressed.id,
        "repaint": json.dumps(change.owed.repaint),
        "cards": owed_to_json(change.owed),
    }


def read_values(look: Look) -> Values:
    """What the reading statement names."""
    identity = look.by if isinstance(look.by, Identity) else Identity("", "")
    return {
        "case": look.case,
        "card": look.card or "",
        "at": to_micros(look.at),
        "issuer": identity.issuer,
        "subject": identity.subject,
        "person": None if isinstance(look.by, Identity) else look.by,
    }


def _situation(row: Row, look: Look) -> Situation:
    return Situation(
        case=case_from_row(row),
        person=row.person_id,
        roles=roles_from_json(row.roles),
        holders={
            Part.CUSTOMER_ATTESTANT: _people(row.customer_attestants),
            Part.AGENT_HANDLER: _people(row.agent_handlers),
            Part.AGENT_ATTESTANT: _people(row.agent_attestants),
        },
        self_attest_allowed=bool(row.self_attest),
        agent_self_attest_allowed=bool(row.agent_self_attest),
        card=CardPlace(look.card, row.card_channel, row.card_ts) if look.card else None,
    )


def roles_from_json(stored: Listed) -> dict[OrganisationId, frozenset[Role]]:
    """Roles per organisation from pairs [organisation, role]."""
    held: dict[OrganisationId, frozenset[Role]] = {}
    for organisation, role in _loaded(stored):
        held[organisation] = held.get(organisation, frozenset()) | {Role(role)}
    return held


def _people(stored: Listed) -> tuple[PersonId, ...]:
    return tuple(_loaded(stored))


def _loaded(stored: Listed) -> list[Any]:
    return json.loads(stored) if isinstance(stored, str) else stored or []
