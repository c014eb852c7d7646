"""Applications on a database: sent in, read with what is known around them, and each decision with what it makes."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Update, insert, select, text, update
from sqlalchemy import case as case_of

from core import db
from core.application import EMPTY
from core.commands import Apply
from core.errors import CaseNotFound, KeyReused, TryAgain
from core.events import Change
from core.order import Case
from core.ports import Decide, Look
from core.situation import CardPlace, Situation
from core.storage.admitting import take_effect
from core.storage.applying import read_applying
from core.storage.coding import case_from_row
from core.storage.placing import acting_person, card_rows, case_values, history_row, insert_case, is_taken
from core.storage.rows import lock_register
from core.storage.waiting import read_grants
from core.words import NO_PERSON, CaseId, OrganisationId, PersonId, State


def apply(connection: Connection, wish: Apply, begin: Callable[[], tuple[datetime, Decide]]) -> tuple[Case, bool]:
    """Make the case of an application, or find the one its key made. Raises KeyReused and what deciding raises."""
    lock_register(connection)
    person = NO_PERSON if wish.by is None else acting_person(connection, wish.by)
    found = _sent_before(connection, person, wish)
    if found is not None:
        return found, False
    at, decide = begin()
    now = Situation(_blank(wish, person, at), person or None, is_applicant=True)
    change = decide(now)
    # A number is short enough to be read aloud, so one day it will have been given before.
    while is_taken(connection, change.event.after.id):
        change = decide(now)
    insert_case(connection, change)
    connection.execute(
        insert(db.placements),
        {"person_id": person, "key": wish.key, "fingerprint": _fingerprint(wish), "case_id": change.event.after.id},
    )
    return change.event.after, True


def enrol(connection: Connection, begin: Callable[[], tuple[Look, Decide]]) -> Change:
    """As `press.act`, for an application: what a decision makes of organisations and people is written beside it."""
    # One at a time: two approvals at once could make the same organisation twice.
    lock_register(connection)
    look, decide = begin()
    change = decide(read(connection, look))
    # What the case is to name must be there before it.
    take_effect(connection, change)
    if not _write(connection, change):
        raise TryAgain
    return change


def read(connection: Connection, look: Look) -> Situation:
    """An application, who looks at it, and what is known around it. Raises CaseNotFound, NotLinked, PersonInactive."""
    case = _case(connection, look.case)
    if case is None:
        raise CaseNotFound(case=look.case)
    person = None if look.by is None else acting_person(connection, look.by)
    return Situation(
        case=case,
        person=person,
        grants=() if person is None else read_grants(connection, person, look.at),
        card=_place(connection, look),
        is_applicant=look.is_applicant or (person is not None and person == case.orderer),
        applying=read_applying(connection, [case], look.at)[case.id],
    )


def _case(connection: Connection, case: CaseId) -> Case | None:
    # Raw numbers, as the press reads them: the typed columns would turn instants into datetimes first.
    row = connection.execute(text("SELECT * FROM cases WHERE id = :case"), {"case": case}).one_or_none()
    return None if row is None else case_from_row(row)


def _place(connection: Connection, look: Look) -> CardPlace | None:
    if look.card is None:
        return None
    cards = db.cards.c
    row = connection.execute(select(cards.channel, cards.ts).where(cards.id == look.card)).one_or_none()
    return CardPlace(look.card, None, None) if row is None else CardPlace(look.card, row.channel, row.ts)


def _write(connection: Connection, change: Change) -> bool:
    """Write one decision, guarded by the revision it was judged on; False when that revision is gone."""
    before, after = change.event.before, change.event.after
    mine = (db.cases.c.id == after.id, db.cases.c.revision == before.revision)
    if not connection.execute(update(db.cases).where(*mine).values(case_values(after))).rowcount:
        return False
    connection.execute(insert(db.history), history_row(change))
    connection.execute(_show(change))
    if change.owed.cards:
        connection.execute(insert(db.cards), card_rows(change))
    return True


def _show(change: Change) -> Update:
    # As the statements of a press do: the pressed message first; what has not been posted keeps its place in the queue.
    cards, event = db.cards.c, change.event
    pressed = event.pressed and event.pressed.id
    priority = case_of((cards.id == pressed, 0), (cards.does_show == 0, cards.priority), else_=2)
    shown = (cards.case_id == event.after.id, cards.given_up_at.is_(None), cards.kind.in_(change.owed.repaint))
    values = {"must_show": event.after.revision, "due_at": event.decision.at, "attempts": 0, "priority": priority}
    return update(db.cards).where(*shown).values(values)


def _blank(wish: Apply, person: PersonId, at: datetime) -> Case:
    """The case that an application begins as: nothing of the form is looked at yet."""
    return Case(
        id=CaseId(""),
        flow=wish.flow,
        state=State.DRAFT,
        customer=OrganisationId(""),
        agent=None,
        orderer=person,
        content=EMPTY,
        created_at=at,
        waiting_since=at,
    )


def _sent_before(connection: Connection, person: PersonId, wish: Apply) -> Case | None:
    keys = db.placements.c
    query = select(keys.fingerprint, keys.case_id).where(keys.person_id == person, keys.key == wish.key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.fingerprint != _fingerprint(wish):
        raise KeyReused(case=row.case_id)
    return _case(connection, row.case_id)


def _fingerprint(wish: Apply) -> str:
    content = {"flow": wish.flow, "form": asdict(wish.form)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
