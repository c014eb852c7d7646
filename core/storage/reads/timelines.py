"""Reads what was done to a case, with the names it mentions."""

import json
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from core.shared.vocabulary import (
    Action,
    Assurance,
    CaseId,
    LineKind,
    OrganisationId,
    Part,
    PersonId,
    ReasonCode,
    State,
    Surface,
)
from core.storage import tables
from core.storage.reads.dossiers import names_of_people
from core.views.timeline import Past
from core.workflow.case import Decision

_ACTIONS = frozenset(map(str, Action))


def read_past(connection: Connection, case: CaseId) -> Past:
    """The history of a case, the earliest first; nothing for an unknown one."""
    mine = and_(tables.history.c.case_id == case, tables.history.c.kind == LineKind.CHANGE)
    query = select(tables.history).where(mine).order_by(tables.history.c.revision)
    done = tuple(_decision(row) for row in connection.execute(query) if row.action in _ACTIONS)
    named = {person for each in done for person in (each.person, each.absent, each.to) if person is not None}
    return Past(done, names_of_people(connection, named))


def _decision(row: Row[Any]) -> Decision:
    evidence = json.loads(row.evidence)
    code = evidence.get("reason_code")
    return Decision(
        step=row.step,
        state=State(row.from_state),
        action=Action(row.action),
        part=Part(row.part),
        person=_person(row.person_id),
        organisation=None if row.organisation_id is None else OrganisationId(row.organisation_id),
        at=row.at,
        surface=Surface(row.surface),
        assurance=Assurance(row.assurance),
        content_version=row.content_version,
        reason_code=ReasonCode(code) if code else None,
        absent=_person(evidence.get("absent")),
        limit_ore=evidence.get("limit_ore"),
        to=_person(evidence.get("to")),
    )


def _person(stored: str | None) -> PersonId | None:
    return None if stored is None else PersonId(stored)
