"""Services and offers: adding and changing what may be ordered, with an audit record of each change."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping

from core.audit.records import AuditRecord
from core.catalogue.offers import rule_broken_by_offer
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.entries import OfferEntry, ServiceEntry
from core.shared.traits import TRAITS
from core.shared.vocabulary import AgentField, Happened, LineKind
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, write_record
from core.storage.audit.register_records import OFFER as KEPT
from core.storage.register.rows import Values, find, known, other_letters, put, refuse

# What people read stands in history as its SHA-256: that it is another, not what it was.
TEXTS = frozenset({"name", "template", "routines"})
SERVICE = ("name", "handles_personal_data")
OFFER = (*KEPT, "name", "template", "routines")


def write_service(connection: Connection, code: str, entry: ServiceEntry, at: datetime, author: Author) -> Outcome:
    """Add or change a service; no two codes differ by capital and small letters alone."""
    refuse(other_letters(connection, tables.services, code), "code")
    before = find(connection, tables.services, {"id": code})
    values = {"name": entry.name.model_dump(), "handles_personal_data": entry.handles_personal_data}
    outcome = put(connection, tables.services, {"id": code}, values, entry.model_fields_set)
    if outcome is not Outcome.SAME:
        after = known(connection, tables.services, code, "code")
        _note(
            connection, LineKind.SERVICE, {"service": code}, _told(before, SERVICE), _told(after, SERVICE), at, author
        )
    return outcome


def write_offer(
    connection: Connection, code: str, service: str, entry: OfferEntry, at: datetime, author: Author
) -> Outcome:
    """Add or change an offer; whether the form asks for an agent must fit the flow, and its code as a service's."""
    refuse(other_letters(connection, tables.offers, code), "code")
    known(connection, tables.services, service, "service")
    before = find(connection, tables.offers, {"id": code})
    agent = _agent_field(before, entry)
    refuse(rule_broken_by_offer(entry.flow, agent), "agent")
    values = entry.model_dump(include=set(OfferEntry.model_fields) - {"agent"}) | {
        "service_id": service,
        "agent_field": agent,
    }
    given = entry.model_fields_set | {"service_id", "agent_field"}
    outcome = put(connection, tables.offers, {"id": code}, values, given)
    if outcome is not Outcome.SAME:
        after = known(connection, tables.offers, code, "code")
        _note(connection, LineKind.OFFER, {"offer": code}, _told(before, OFFER), _told(after, OFFER), at, author)
    return outcome


def _agent_field(stored: RowMapping | None, entry: OfferEntry) -> AgentField:
    if entry.agent is not None:
        return entry.agent
    if stored is not None and stored["agent_field"] in TRAITS[entry.flow].agent_fields:
        return AgentField(stored["agent_field"])
    return TRAITS[entry.flow].agent_fields[0]


def _note(
    connection: Connection,
    kind: LineKind,
    which: Values,
    before: Values | None,
    after: Values | None,
    at: datetime,
    author: Author,
) -> None:
    line = AuditRecord(
        kind,
        Happened.SET if before is None else Happened.CHANGED,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        facts={"by": author.by, **which} | changed_facts(before, after or {}),
    )
    write_record(connection, line)


def _told(row: RowMapping | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Return an entry as its audit record tells it."""
    return None if row is None else {name: _hash(row[name]) if name in TEXTS else row[name] for name in names}


def _hash(words: object) -> str:
    return sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
