"""What decisions make beside the case: an organisation with its people and agreement, an agent's right to convey."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, delete, exists, insert, or_, select, update

from core.applications.application import KIND_OF, Contact
from core.catalogue.connections import ConnectionWay
from core.register.administration import Author
from core.register.entries import Holding, RoleEntry
from core.register.organisations import is_personal
from core.shared.traits import TRAITS, CaseEffect
from core.shared.vocabulary import Action, Happened, LineKind, OrganisationId, PersonId, Purpose, State
from core.shared.working_days import beginning_of, day_of
from core.storage import tables
from core.storage.audit.audit_records import record_rename
from core.storage.audit.connection_records import record_connections
from core.storage.cases.loading import take_customers_turn
from core.storage.context.reviews import ReviewPeriod, review_organisation
from core.storage.context.standings import is_of_service, sought_keys
from core.storage.database.conditions import goes_on
from core.storage.identity.personal_links import end_links
from core.storage.reads.organisation_search import write_words
from core.storage.register.holding_entries import note_holding, write_assignment
from core.storage.register.organisation_rules import TOLD, record_language, record_rules
from core.storage.register.roles import Roles, note_presence
from core.storage.register.rows import find, known, lock_register
from core.workflow.case import Case, Decision
from core.workflow.events import Change

# Where what a unit is kept by stands, in its order.
UNIT = ("unit_key", "unit_name_key", "unit_name", "unit_hsa_id")


def turn_for(change: Change) -> Callable[[Connection], None]:
    """Return what locks, before the case, what its end is written to: else two could wait for each other."""
    return partial(_TURNS[TRAITS[change.event.after.flow].effect], change)


def take_effect(connection: Connection, change: Change) -> None:
    """Write what a decision makes beside its case, in the decision's own transaction.

    Of an order that is what its flow makes at the end; of an application, what each step does.
    """
    _EFFECTS[TRAITS[change.event.after.flow].effect](connection, change)


def _take_step(connection: Connection, change: Change) -> None:
    step = _STEPS.get(change.event.decision.action)
    if step is not None:
        step(connection, change)


def _admit(connection: Connection, change: Change) -> None:
    case, decision = change.event.after, change.event.decision
    author = _author(decision)
    _make_organisation(connection, case)
    for contact in case.application.contacts:
        _person(connection, case, contact, decision.at, author)
    _agreement(connection, case)


def _make_organisation(connection: Connection, case: Case) -> None:
    """Make the organisation of an application where there is none; one that there is stays as it was."""
    if find(connection, tables.organisations, {"id": case.customer}) is not None:
        return
    number = case.application.org_number
    named = {"id": case.customer, "org_number": number, "org_number_is_personal": is_personal(number)}
    connection.execute(insert(tables.organisations), named | _as_applied(case))
    write_words(connection, case.customer, case.application.organisation)


def _as_applied(case: Case) -> dict[str, Any]:
    application = case.application
    return {
        "name": application.organisation,
        "kinds": [KIND_OF[TRAITS[case.flow].agreement]],
        "category": application.category,
        "invoice_address": application.invoice_address,
        "invoice_ref": application.invoice_ref,
        "language": application.language,
    }


def _take_in(connection: Connection, case: Case, at: datetime, author: Author) -> None:
    """Let the signed agreement make the organisation what it is for (domain: 8, case 33).

    What is kept there stays as it is, but for a category or language that is missing; where all that was kept is what
    another application said that came to nothing, it is as this one says.
    """
    mine = update(tables.organisations).where(tables.organisations.c.id == case.customer)
    stored = known(connection, tables.organisations, case.customer, "organisation")
    wanted = {
        "kinds": sorted({*stored["kinds"], KIND_OF[TRAITS[case.flow].agreement]}),
        "category": stored["category"] or case.application.category,
        "language": stored["language"] or case.application.language,
    }
    if _comes_of_nothing(connection, case):
        wanted = _as_applied(case)
        write_words(connection, case.customer, case.application.organisation)
    changed = {name: value for name, value in wanted.items() if stored[name] != value}
    if changed:
        connection.execute(mine.values(changed))
    if "name" in changed:
        record_rename(connection, LineKind.ORGANISATION, at, author, organisation=case.customer)
    if "language" in changed:
        record_language(connection, case.customer, stored["language"], case.application.language, at, author)
    changed = {name: value for name, value in changed.items() if name in TOLD}
    if changed:
        record_rules(connection, case.customer, {name: stored[name] for name in changed}, changed, at, author)


def _comes_of_nothing(connection: Connection, case: Case) -> bool:
    """True for an organisation without people, all of whose other agreements were drawn up and given up unsigned."""
    roles, agreements = tables.role_assignments.c, tables.agreements.c
    has_people = exists().where(roles.organisation_id == case.customer)
    others = and_(
        agreements.organisation_id == case.customer,
        or_(agreements.case_id.is_(None), agreements.case_id != case.id),
    )
    given_up = and_(agreements.valid_from.is_(None), agreements.ended_at.is_not(None))
    lapsed, others_stand = exists().where(others, given_up), exists().where(others, ~given_up)
    return bool(connection.scalar(select(and_(~has_people, lapsed, ~others_stand))))


def _person(connection: Connection, case: Case, contact: Contact, at: datetime, author: Author) -> None:
    stored = find(connection, tables.persons, {"id": contact.person})
    if stored is None:
        values = {"id": contact.person, "name": contact.name, "email": contact.email}
        connection.execute(insert(tables.persons), values | {"language": case.application.language})
    elif not stored["active"]:
        back = update(tables.persons).where(tables.persons.c.id == contact.person)
        connection.execute(back.values(active=True, left_at=None))
        note_presence(connection, PersonId(stored["id"]), Happened.CAME_BACK, at, author)


def _agreement(connection: Connection, case: Case) -> None:
    """A row of its own: one that has ended stays as it was."""
    document = case.application.document
    if document is not None:
        row = {"hash": document.hash, "case_id": case.id, "version": document.version, "text": document.text}
        connection.execute(insert(tables.documents), row)
    made = {
        "organisation_id": case.customer,
        "type": TRAITS[case.flow].agreement,
        "case_id": case.id,
        "document_version": document and document.version,
        "document_hash": document and document.hash,
    }
    connection.execute(insert(tables.agreements), made)


def _sign(connection: Connection, change: Change) -> None:
    case, decision = change.event.after, change.event.decision
    row = {
        "case_id": case.id,
        "person_id": decision.person,
        "document_hash": decision.document_hash,
        "method": decision.method,
        "signed_at": decision.at,
    }
    connection.execute(insert(tables.signatures), row)
    if case.state is State.AGREEMENT_ACTIVE:
        number = _close_agreement(connection, case, valid_from=decision.at)
        _note_agreement(connection, case, decision, number)
        _take_in(connection, case, decision.at, _author(decision))
        _give_roles(connection, case, Roles(connection, decision.at, _author(decision)))
        review_organisation(connection, case.customer, [decision.at])


def _note_agreement(connection: Connection, case: Case, decision: Decision, number: int) -> None:
    """What was signed is the case's document, whatever stands in the row."""
    document = case.application.document
    what = {
        "type": TRAITS[case.flow].agreement,
        "number": number,
        "document_hash": document and document.hash,
    }
    after = {"valid_from": decision.at, "ended_at": None}
    author = _author(decision)
    note_holding(connection, case.customer, what, None, after, "ended_at", at=decision.at, author=author)


def _give_roles(connection: Connection, case: Case, roles: Roles) -> None:
    """Nobody has a role before the agreement holds, and whoever has left meanwhile gets none."""
    for role, contact in case.application.roles:
        assert contact.person is not None, case.id  # noqa: S101 - whoever is admitted is somebody
        if known(connection, tables.persons, contact.person, "person")["active"]:
            roles.put(contact.person, case.customer, RoleEntry(role=role))


def _author(decision: Decision) -> Author:
    return Author(decision.person or "", decision.surface, decision.assurance)


def _renew(connection: Connection, change: Change) -> None:
    end_links(connection, change.event.after.id, Purpose.SIGN, change.event.decision.at)


def _give_up(connection: Connection, change: Change) -> None:
    """A document that nobody signs any more is no agreement, and never was."""
    case, decision = change.event.after, change.event.decision
    if case.closed_at is not None and case.application.document is not None:
        _close_agreement(connection, case, ended_at=decision.at)
        connection.execute(delete(tables.documents).where(tables.documents.c.case_id == case.id))


def _close_agreement(connection: Connection, case: Case, **values: object) -> int:
    mine = update(tables.agreements).where(tables.agreements.c.case_id == case.id).values(values)
    return connection.execute(mine.returning(tables.agreements.c.id)).scalar_one()


_STEPS: dict[Action, Callable[[Connection, Change], None]] = {
    Action.APPROVE: _admit,
    Action.SIGN: _sign,
    Action.DECLINE: _give_up,
    Action.CANCEL: _give_up,
    Action.RENEW: _renew,
    Action.EXPIRE: _give_up,
}


def _see_to_connections(connection: Connection, change: Change) -> None:
    """Write what an order makes that connects: it begins, then somebody confirms it, or it is called off."""
    traits, state = TRAITS[change.event.after.flow], change.event.after.state
    step = {traits.end: _confirm, traits.takes_effect: _connect}.get(state, _call_off)
    step(connection, change)


def _connect(connection: Connection, change: Change) -> None:
    """Let the units have the service from now on; what the order replaces ends."""
    case, at = change.event.after, change.event.decision.at
    _end_replaced(connection, change)
    begun = insert(tables.connections).values(list(connections_of(case, at))).returning(tables.connections)
    record_connections(connection, Happened.BEGAN, change, connection.execute(begun).all())


def _confirm(connection: Connection, change: Change) -> None:
    """Note since when it is known that what the case began works, of what goes on."""
    at = change.event.decision.at
    confirms = update(tables.connections).where(*_begun_by(change)).values(confirmed_at=at)
    confirmed = connection.execute(confirms.returning(tables.connections)).all()
    record_connections(connection, Happened.CONFIRMED, change, confirmed)


def _call_off(connection: Connection, change: Change) -> None:
    """End what the case began, and nobody ever confirmed."""
    _end(connection, change, *_begun_by(change), until=change.event.decision.at)


def _begun_by(change: Change) -> tuple[ColumnElement[bool], ...]:
    held = tables.connections.c
    return held.case_id == change.event.after.id, goes_on(held.valid_to, change.event.decision.at)


def _end_replaced(connection: Connection, change: Change) -> None:
    """End what an order replaces of what its units have of the service."""
    case, held = change.event.after, tables.connections.c
    which = [and_(held.offer_id == way.offer, _goes_through(way.agent)) for way in _replaced(case)]
    if not case.order.earlier and case.order.replaces_agent is not None:
        # Ordered before orders named what they replace: what goes through any other agent.
        which = [and_(is_of_service(_service_of(case)), held.agent_id != case.agent)]
    if which:
        until = change.event.decision.at
        _end_connections(connection, change, _sought(connection, case), or_(*which), until=until)


def _replaced(case: Case) -> Iterator[ConnectionWay]:
    return (connection.way for connection in case.order.replaced)


def _goes_through(agent: OrganisationId | None) -> ColumnElement[bool]:
    held = tables.connections.c
    return held.agent_id.is_(None) if agent is None else held.agent_id == agent


def _disconnect(connection: Connection, change: Change) -> None:
    """End what a customer has of an offer, for some units or as a whole, after the day that was confirmed."""
    case, last_day = change.event.after, change.event.decision.last_day
    assert last_day is not None, case.id  # noqa: S101 - the row asks for it
    mine = (
        tables.connections.c.offer_id == case.order.offer,
        _goes_through(case.agent),
        tables.connections.c.valid_to.is_(None),
    )
    until = beginning_of(last_day + timedelta(days=1))
    _end_connections(connection, change, _sought(connection, case), *mine, until=until)


def _sought(connection: Connection, case: Case) -> list[str]:
    """Return what the units of a case may be kept by; one empty key for the whole, where it names none."""
    sought = sought_keys(connection, case.customer, _service_of(case), case.order.units)
    return sorted({key for of_unit in sought.values() for key in of_unit}) or [""]


def _end_connections(
    connection: Connection, change: Change, keys: list[str], *which: ColumnElement[bool], until: datetime
) -> None:
    """End some of what the customer of a case still has for units with those keys."""
    case, held = change.event.after, tables.connections.c
    still = (
        held.organisation_id == case.customer,
        or_(held.unit_key.in_(keys), held.unit_name_key.in_(keys)),
        goes_on(held.valid_to, change.event.decision.at),
    )
    _end(connection, change, *still, *which, until=until)


def _end(connection: Connection, change: Change, *which: ColumnElement[bool], until: datetime) -> None:
    ends = update(tables.connections).where(*which).values(valid_to=until, ended_by_id=change.event.after.id)
    ended = connection.execute(ends.returning(tables.connections)).all()
    record_connections(connection, Happened.ENDED, change, ended)


def connections_of(case: Case, at: datetime) -> Iterator[dict[str, Any]]:
    """Return what a case connects: a row for each of its units, or one where it names none. Nobody confirmed it yet."""
    about = {
        "organisation_id": case.customer,
        "service_id": _service_of(case),
        "offer_id": case.order.offer,
        "agent_id": case.agent,
        "valid_from": at,
        "case_id": case.id,
    }
    for unit in case.order.units:
        yield about | dict(zip(UNIT, unit.kept, strict=True))
    if not case.order.units:
        yield about


def _service_of(case: Case) -> ScalarSelect[str]:
    offers = tables.offers.c
    return select(offers.service_id).where(offers.id == case.order.offer).scalar_subquery()


def _assign(connection: Connection, change: Change) -> None:
    """From this day on, without end; what somebody has written into the register meanwhile stands."""
    lock_register(connection)
    case, decision = change.event.after, change.event.decision
    service = connection.execute(select(_service_of(case))).scalar_one()
    stored = find(connection, tables.agent_assignments, {"agent_id": case.customer, "service_id": service})
    if stored is not None and ReviewPeriod(stored["valid_from"], stored["valid_to"]).holds(decision.at):
        return
    entry = Holding.model_validate({"from": day_of(decision.at), "ended": None})
    write_assignment(connection, case.customer, service, entry, decision.at, _author(decision))


def _lock_register(change: Change, connection: Connection) -> None:  # noqa: ARG001 - one signature
    lock_register(connection)


def _take_customers_turn(change: Change, connection: Connection) -> None:
    # Of two ends at once each would miss what the other begins; and so would an order that is placed meanwhile.
    take_customers_turn(connection, change.event.after.customer)


_TURNS: dict[CaseEffect, Callable[[Change, Connection], None]] = {
    CaseEffect.CONNECTS: _take_customers_turn,
    CaseEffect.DISCONNECTS: _take_customers_turn,
    CaseEffect.CONVEYS: _lock_register,
    CaseEffect.ADMITS: _lock_register,
}
# Who writes what a flow makes, by its traits.
_EFFECTS: dict[CaseEffect, Callable[[Connection, Change], None]] = {
    CaseEffect.CONNECTS: _see_to_connections,
    CaseEffect.DISCONNECTS: _disconnect,
    CaseEffect.CONVEYS: _assign,
    CaseEffect.ADMITS: _take_step,
}
