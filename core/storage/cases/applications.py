"""Loads applications with what is known around them, and shows those for one organisation on one card."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, literal, or_, select, update
from sqlalchemy import case as case_of

from core.applications.application import EMPTY, Applying
from core.applications.form import ApplicationForm, application_from
from core.ports.cases import CaseQuery
from core.shared.errors import ApplicationFormError, CaseNotFound
from core.shared.vocabulary import CaseId, OrganisationId, Part, PersonId, State
from core.storage import tables
from core.storage.cases.idempotency import read_case
from core.storage.context.application_context import read_applying
from core.storage.context.asking_person import person_asking
from core.storage.reads.waiting import read_reader
from core.workflow.case import Case
from core.workflow.commands import Apply
from core.workflow.context import CardPlace, DecisionContext
from core.workflow.events import CaseAdvanced, Change


def load(connection: Connection, query: CaseQuery) -> DecisionContext:
    """Load an application, who looks, and what is known around it. Raises CaseNotFound, NotLinked, PersonInactive."""
    # Who is nobody is told the same of any number.
    who = None if query.by is None else person_asking(connection, query.by)
    person = who and who.person
    case = read_case(connection, query.case)
    if case is None:
        raise CaseNotFound(case=query.case)
    reader = None if who is None else read_reader(connection, who, query.at)
    return DecisionContext(
        case=case,
        person=person,
        grants=() if reader is None else reader.grants,
        belongs=frozenset() if reader is None else reader.belongs(case),
        card=_place(connection, query),
        is_applicant=query.is_applicant or (who is not None and who.within is None and person == case.orderer),
        applying=_around(connection, _as_answered(case, query.form), query.at),
    )


def _around(connection: Connection, case: Case, at: datetime) -> Applying:
    return read_applying(connection, [case], at)[case.id]


def _as_answered(case: Case, form: ApplicationForm | None) -> Case:
    """The case with what it would be about; what is wrong with a form is told when it is judged."""
    if form is None:
        return case
    try:
        return replace(case, content=application_from(form, case.flow))
    except ApplicationFormError:
        return case


def _place(connection: Connection, query: CaseQuery) -> CardPlace | None:
    if query.card is None:
        return None
    cards = tables.cards.c
    row = connection.execute(select(cards.channel, cards.ts).where(cards.id == query.card)).one_or_none()
    return CardPlace(query.card, None, None) if row is None else CardPlace(query.card, row.channel, row.ts)


def load_draft(connection: Connection, command: Apply, person: PersonId, at: datetime) -> DecisionContext:
    """Load what is around an application that is about to be sent in; nothing of its form is looked at yet."""
    blank = Case(
        id=CaseId(""),
        flow=command.flow,
        state=State.DRAFT,
        customer=OrganisationId(""),
        agent=None,
        orderer=person,
        content=EMPTY,
        created_at=at,
        waiting_since=at,
    )
    around = _around(connection, replace(blank, content=application_from(command.form, command.flow)), at)
    return DecisionContext(blank, person or None, is_applicant=True, applying=around)


# Whoever sends in one application after another has the card edited this often, and no oftener.
PAUSE = timedelta(seconds=30)


def show_together(connection: Connection, change: Change) -> None:
    """Show a change on the card of the first application with the number, of the old one too where that has changed.

    What stands on no card of its own and is the first from now on is posted.
    """
    before, after = change.event.before.application.org_number, change.event.after.application.org_number
    # What is sent in has no number before it.
    numbers = {each for each in (before, after) if each}
    for number in sorted(numbers if change.outbox.together else ()):
        _show(connection, number, change)


def _show(connection: Connection, number: str, change: Change) -> None:
    cards, cases, event = tables.cards.c, tables.cases.c, change.event
    waiting = select(cases.id).where(cases.applicant_number == number, cases.state == State.APPLICATION_SUBMITTED)
    first = waiting.order_by(cases.waiting_since, cases.id).limit(1).scalar_subquery()
    # One behind the first that stands somewhere all the same, as all did once, says from now on where to query.
    shows = or_(cards.case_id == first, cards.channel.is_not(None))
    theirs = (
        cards.case_id.in_(waiting),
        cards.kind.in_(change.outbox.together),
        cards.given_up_at.is_(None),
        cards.case_id != event.after.id,
    )
    is_pressed = event.decision.part is Part.CUSTOMER_SERVICE
    priority = 0 if is_pressed else case_of((cards.does_show == 0, cards.priority), else_=2)
    due_at = literal(event.decision.at, tables.Instant) if is_pressed else _in_time(event)
    connection.execute(update(tables.cards).where(*theirs, shows).values(due_at=due_at, priority=priority))


def _in_time(event: CaseAdvanced) -> ColumnElement[datetime]:
    """At once where nothing stands yet; else after a pause, in which more may come, or when it is due already."""
    cards, at = tables.cards.c, event.decision.at
    is_free = or_(cards.due_at.is_(None), cards.leased_until > at)
    return case_of(
        (cards.does_show == 0, literal(at, tables.Instant)),
        (is_free, literal(at + PAUSE, tables.Instant)),
        else_=cards.due_at,
    )
