"""Channels that organisations have chosen: whom a message there calls, and what is told of one that is lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select, tuple_

from core.api import CardId, Notified, channel_called
from core.storage.tables import (
    cards,
    cases,
    identities,
    organisations,
    persons,
    role_assignments,
    role_channels,
    to_micros,
)
from core.storage.tables.channels import is_set_for_card
from core.storage.tables.links import stands
from notifications.cards.card import Card, channel_of
from notifications.render.model import Called
from notifications.render.pieces.parts import on_one_line

# A message that calls a crowd calls nobody.
CALLED_AT_MOST = 20


def read_called(connection: Connection, batch: Sequence[Card], at: datetime) -> Mapping[CardId, Sequence[Called]]:
    """Read the accounts in their Slack that cards call which are to be posted in channels, in two statements."""
    if not batch:
        return {}
    ids = [card.id for card in batch]
    found: dict[CardId, list[Called]] = {}
    for query in (_asked(ids), _all(ids, at)):
        for id_, account, name in connection.execute(query):
            found.setdefault(id_, []).append(Called(account, on_one_line(name)))
    return {id_: accounts[:CALLED_AT_MOST] for id_, accounts in found.items()}


def _asked(ids: Sequence[CardId]) -> Select[CardId, str, str]:
    """Those whose own cards rest meanwhile."""
    resting = cards.alias("resting")
    reader = identities.c.person_id == resting.c.person_id
    return _accounts(ids, Notified.ASKED).join(resting, resting.c.asked_in == cards.c.id).where(reader)


def _all(ids: Sequence[CardId], at: datetime) -> Select[CardId, str, str]:
    held = role_assignments.c
    has_role = and_(held.organisation_id == role_channels.c.organisation_id, held.role == role_channels.c.role)
    holds = and_(has_role, held.valid_from <= at, or_(held.valid_to.is_(None), held.valid_to > at))
    reader = identities.c.person_id == held.person_id
    return _accounts(ids, Notified.ALL).join(role_assignments, holds).where(reader)


def _accounts(ids: Sequence[CardId], notified: Notified) -> Select[CardId, str, str]:
    return (
        select(cards.c.id, identities.c.subject, persons.c.name)
        .distinct()
        .select_from(cards)
        .join(cases, cases.c.id == cards.c.case_id)
        .join(role_channels, is_set_for_card())
        .join(identities, identities.c.issuer == cards.c.workspace_id)
        .join(persons, persons.c.id == identities.c.person_id)
        .where(cards.c.id.in_(ids), role_channels.c.notified == notified, stands(), persons.c.active)
        .order_by(cards.c.id, identities.c.subject)
    )


def read_lost(connection: Connection, telling: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card about a channel that takes no messages tells, and whether that is over, or is another channel."""
    if not telling:
        return {}
    keys = {card.id: channel_of(card) for card in telling}
    which = tuple_(role_channels.c.organisation_id, role_channels.c.role)
    query = select(role_channels).where(which.in_([(organisation, role) for organisation, role, _ in keys.values()]))
    found = {(row.organisation_id, row.role): row for row in connection.execute(query)}
    theirs = organisations.c.id.in_({organisation for organisation, *_ in keys.values()})
    names = {row.id: row.name for row in connection.execute(select(organisations).where(theirs))}
    return {id_: _lost_channel(key, found.get(key[:2]), names) for id_, key in keys.items()}


def _lost_channel(key: tuple[str, str, int], row: Row[Any] | None, names: Mapping[str, str]) -> Mapping[str, str]:
    organisation, role, lost_at = key
    if row is not None and to_micros(row.changed_at) > lost_at:
        row = None
    return {
        "organisation": names.get(organisation, ""),
        "role": role,
        "channel": "" if row is None else channel_called(row.channel, row.name),
        "error": "" if row is None else row.problem or "",
    }
