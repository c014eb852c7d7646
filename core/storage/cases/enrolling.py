"""Applications on a database: sent in, read with what is known around them, and each decision with what it makes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, insert, literal, or_, select, update
from sqlalchemy import case as case_of

from core.applications.application import EMPTY, Applying
from core.applications.form import ApplicationForm, filled_in
from core.ports.cases import CaseQuery, Decide
from core.shared.errors import ApplicationFormError, CaseNotFound, TryAgain
from core.shared.vocabulary import NO_PERSON, CaseId, OrganisationId, Part, PersonId, State
from core.storage import tables
from core.storage.cases.effects import take_effect
from core.storage.cases.placing import card_rows, case_values, history_row, insert_case, is_taken
from core.storage.cases.repeats import made_before, note_made, read_case
from core.storage.context.applying import read_applying
from core.storage.context.asking_person import person_asking
from core.storage.reads.waiting import read_reader
from core.storage.register.rows import lock_register
from core.workflow.case import Case
from core.workflow.commands import Apply
from core.workflow.context import CardPlace, DecisionContext
from core.workflow.events import CaseAdvanced, Change


def apply(connection: Connection, wish: Apply, begin: Callable[[], tuple[datetime, Decide]]) -> tuple[Case, bool]:
    """Make the case of an application, or find the one its key made. Raises KeyReused and what deciding raises."""
    lock_register(connection)
    person = NO_PERSON if wish.by is None else person_asking(connection, wish.by)
    found = made_before(connection, person, wish)
    if found is not None:
        return found, False
    at, decide = begin()
    blank = _blank(wish, person, at)
    around = _around(connection, replace(blank, content=filled_in(wish.form, wish.flow)), at)
    now = DecisionContext(blank, person or None, is_applicant=True, applying=around)
    change = decide(now)
    # A number is short enough to be read aloud, so one day it will have been given before.
    while is_taken(connection, change.event.after.id):
        change = decide(now)
    insert_case(connection, change)
    show_together(connection, change, now)
    note_made(connection, person, wish, change.event.after.id)
    return change.event.after, True


def enrol(connection: Connection, begin: Callable[[], tuple[CaseQuery, Decide]]) -> Change:
    """As `press.act`, for an application: what a decision makes of organisations and people is written beside it."""
    # One at a time: two approvals at once could make the same organisation twice.
    lock_register(connection)
    look, decide = begin()
    now = read(connection, look)
    change = decide(now)
    # What the case is to name must be there before it.
    take_effect(connection, change)
    if not _write(connection, change):
        raise TryAgain
    show_together(connection, change, now)
    return change


def read(connection: Connection, look: CaseQuery) -> DecisionContext:
    """An application, who looks at it, and what is known around it. Raises CaseNotFound, NotLinked, PersonInactive."""
    case = read_case(connection, look.case)
    if case is None:
        raise CaseNotFound(case=look.case)
    person = None if look.by is None else person_asking(connection, look.by)
    reader = None if person is None else read_reader(connection, person, look.at)
    return DecisionContext(
        case=case,
        person=person,
        grants=() if reader is None else reader.grants,
        belongs=frozenset() if reader is None else reader.belongs(case),
        card=_place(connection, look),
        is_applicant=look.is_applicant or (person is not None and person == case.orderer),
        applying=_around(connection, _as_answered(case, look.form), look.at),
    )


def _around(connection: Connection, case: Case, at: datetime) -> Applying:
    return read_applying(connection, [case], at)[case.id]


def _as_answered(case: Case, form: ApplicationForm | None) -> Case:
    """The case with what it would be about; what is wrong with a form is told when it is judged."""
    if form is None:
        return case
    try:
        return replace(case, content=filled_in(form, case.flow))
    except ApplicationFormError:
        return case


def _place(connection: Connection, look: CaseQuery) -> CardPlace | None:
    if look.card is None:
        return None
    cards = tables.cards.c
    row = connection.execute(select(cards.channel, cards.ts).where(cards.id == look.card)).one_or_none()
    return CardPlace(look.card, None, None) if row is None else CardPlace(look.card, row.channel, row.ts)


def _write(connection: Connection, change: Change) -> bool:
    """Write one decision, guarded by the revision it was judged on; False when that revision is gone."""
    before, after = change.event.before, change.event.after
    mine = (tables.cases.c.id == after.id, tables.cases.c.revision == before.revision)
    if not connection.execute(update(tables.cases).where(*mine).values(case_values(after))).rowcount:
        return False
    connection.execute(insert(tables.history), history_row(change))
    connection.execute(_show_on_cards(change))
    if change.outbox.cards:
        connection.execute(insert(tables.cards), card_rows(change))
    return True


def _show_on_cards(change: Change) -> Update:
    # As the statements of a press do: the pressed message first; what has not been posted keeps its place in the queue.
    cards, event = tables.cards.c, change.event
    pressed = event.pressed and event.pressed.id
    priority = case_of((cards.id == pressed, 0), (cards.does_show == 0, cards.priority), else_=2)
    shown = (cards.case_id == event.after.id, cards.given_up_at.is_(None), cards.kind.in_(change.outbox.repaint))
    values = {"must_show": event.after.revision, "due_at": event.decision.at, "attempts": 0, "priority": priority}
    return update(tables.cards).where(*shown).values(values)


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


# Whoever sends in one application after another has the card edited this often, and no oftener.
PAUSE = timedelta(seconds=30)


def show_together(connection: Connection, change: Change, now: DecisionContext) -> None:
    """Show a change on the card of the first application with the number, of the old one too where that has changed.

    `now` is what it was decided on. What stands on no card of its own and is the first from now on is posted.
    """
    before, after = change.event.before.application.org_number, change.event.after.application.org_number
    # What is sent in has no number before it.
    numbers = {each for each in (before, after) if each}
    if change.outbox.together and (now.applying.others or len(numbers) > 1):
        for number in sorted(numbers):
            _show(connection, number, change)


def _show(connection: Connection, number: str, change: Change) -> None:
    cards, cases, event = tables.cards.c, tables.cases.c, change.event
    waiting = select(cases.id).where(cases.applicant_number == number, cases.state == State.APPLICATION_SUBMITTED)
    first = waiting.order_by(cases.waiting_since, cases.id).limit(1).scalar_subquery()
    # One behind the first that stands somewhere all the same, as all did once, says from now on where to look.
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
