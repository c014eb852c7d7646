"""What cards about an organisation's register tell: lines of history, with the names around them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from core.api import CardId, Happened, Role
from core.storage.tables import history, organisations, persons, role_assignments, services, workspaces
from notifications.cards.card import Card
from notifications.render.pieces.facts import RegisterNews


def read_told(connection: Connection, batch: Sequence[Card]) -> Mapping[CardId, RegisterNews]:
    """What each card that hangs on a line tells, in two statements."""
    lines = {card.id: card.line for card in batch if card.line is not None}
    if not lines:
        return {}
    by, about, held = persons.alias("by"), persons.alias("about"), role_assignments.c
    # Who administered the organisation then is named to its people; Inera's customer service is one.
    is_own = exists().where(
        held.person_id == history.c.person_id,
        held.organisation_id == history.c.organisation_id,
        held.role == Role.ADMINISTRATOR,
        and_(held.valid_from <= history.c.at, or_(held.valid_to.is_(None), held.valid_to >= history.c.at)),
    )
    query = (
        select(
            history.c.id,
            history.c.action,
            history.c.at,
            history.c.evidence,
            organisations.c.id.label("organisation_id"),
            organisations.c.name.label("organisation"),
            by.c.name.label("by"),
            about.c.name.label("about"),
            is_own.label("is_own"),
        )
        .join(organisations, organisations.c.id == history.c.organisation_id)
        .outerjoin(by, by.c.id == history.c.person_id)
        .outerjoin(about, about.c.id == history.c.about_id)
        .where(history.c.id.in_(lines.values()))
    )
    rows = {row.id: (row, json.loads(row.evidence)) for row in connection.execute(query)}
    named = _services(connection, [evidence.get("service_id") for _, evidence in rows.values()])
    return {card: _told(*rows[line], named) for card, line in lines.items() if line in rows}


def unlinked(connection: Connection, batch: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card about an account that stands for its person no longer tells, in two statements."""
    if not batch:
        return {}
    query = (
        select(history.c.id, history.c.about_id, history.c.evidence, persons.c.name)
        .join(persons, persons.c.id == history.c.about_id)
        .where(history.c.id.in_([card.line for card in batch]))
    )
    rows = {row.id: (row, json.loads(row.evidence)) for row in connection.execute(query)}
    here = workspaces.c.id.in_({evidence["workspace"] for _, evidence in rows.values()})
    names = {id_: name for id_, name in connection.execute(select(workspaces.c.id, workspaces.c.name).where(here))}
    return {
        card.id: {
            "name": row.name,
            "workspace": names.get(evidence["workspace"], ""),
            "why": evidence["why"],
            "is_own": "yes" if card.person == row.about_id else "",
        }
        for card in batch
        for row, evidence in [rows[card.line or 0]]
    }


def _told(row: Any, evidence: Mapping[str, Any], named: Mapping[str, Mapping[str, str]]) -> RegisterNews:
    return RegisterNews(
        happened=Happened(row.action),
        at=row.at,
        organisation=row.organisation,
        organisation_id=row.organisation_id,
        by=row.by if row.is_own else None,
        about=row.about or "",
        evidence=evidence,
        service=named.get(evidence.get("service_id", ""), {}),
    )


def _services(connection: Connection, codes: Sequence[str | None]) -> dict[str, Mapping[str, str]]:
    wanted = sorted({each for each in codes if each})
    if not wanted:
        return {}
    query = select(services.c.id, services.c.name).where(services.c.id.in_(wanted))
    return {code: name for code, name in connection.execute(query)}
