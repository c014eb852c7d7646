"""Substitutions: reading, writing and ending their rows, with an audit record of each change."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from core.audit.records import AuditRecord
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.substitutions import Substitution, SubstitutionContext
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, write_record
from core.storage.context.reviews import ReviewPeriod, moments, review_organisation
from core.storage.database.conditions import goes_on

TABLE = tables.substitutions


_PERSON: BindParameter[str] = bindparam("person")
_ORGANISATION: BindParameter[str] = bindparam("organisation")
_ROLE: BindParameter[str] = bindparam("role")
_AT: BindParameter[datetime] = bindparam("at")
_HELD = tables.role_assignments.c
_LIVE = and_(_HELD.person_id == _PERSON, _HELD.organisation_id == _ORGANISATION, goes_on(_HELD.valid_to, _AT))
_LEFT_OVER = (
    select(TABLE)
    .where(TABLE.c.organisation_id == _ORGANISATION, TABLE.c.valid_to > _AT)
    .where(
        or_(
            and_(
                TABLE.c.absent_id == _PERSON,
                TABLE.c.role == _ROLE,
                ~exists().where(_LIVE, _HELD.role == _ROLE),
            ),
            and_(TABLE.c.substitute_id == _PERSON, ~exists().where(_LIVE)),
        )
    )
    .order_by(TABLE.c.id)
)


class Written(NamedTuple):
    """A substitution as it stands, what became of it, and the line of history that tells, None where nothing did."""

    kept: Substitution
    outcome: Outcome
    line: int | None = None


def put_substitution(connection: Connection, substitution: Substitution, at: datetime, by: Author) -> Written:
    """Add a substitution, or change the last day of the one with the same people, role and first day."""
    stored = stored_like(connection, substitution)
    if stored is None:
        new = insert(TABLE).values(_values(substitution) | _owed(at, by)).returning(TABLE.c.id)
        id_ = connection.execute(new).scalar_one()
        made = replace(substitution, id=id_)
        line = _note(connection, None, made, at, by)
        _review(connection, at, None, substitution)
        return Written(made, Outcome.ADDED, line)
    return move_end(connection, stored, substitution.until, at, by)


def move_end(connection: Connection, stored: Substitution, until: datetime, at: datetime, by: Author) -> Written:
    """Move the end of a substitution to another instant."""
    if stored.until == until:
        return Written(stored, Outcome.SAME)
    after = replace(stored, until=until)
    connection.execute(update(TABLE).where(TABLE.c.id == stored.id).values(valid_to=until, **_owed(at, by)))
    line = _note(connection, stored, after, at, by)
    _review(connection, at, stored, after)
    return Written(after, Outcome.CHANGED, line)


def end_left_over(
    connection: Connection, person: PersonId, organisation: OrganisationId, role: Role, at: datetime, by: Author
) -> None:
    """End what would come to life again with a role that is given anew: the substitutes of one that has ended.

    So it is with whom the person stood in for, where the person had no role at all left.
    """
    about = {"person": person, "organisation": organisation, "role": role, "at": at}
    for row in connection.execute(_LEFT_OVER, about).all():
        stored = substitution_from_row(row)
        move_end(connection, stored, stored.ended(at).until, at, by)


def end_substitutions(connection: Connection, person: PersonId, at: datetime, by: Author) -> None:
    """Let nobody decide in a person's place any more, nor the person in anybody's."""
    theirs = or_(TABLE.c.absent_id == person, TABLE.c.substitute_id == person)
    for stored in read_substitutions(connection, and_(theirs, TABLE.c.valid_to > at)):
        move_end(connection, stored, stored.ended(at).until, at, by)


def read_context(connection: Connection, substitution: Substitution) -> SubstitutionContext:
    """Read what the rules ask about a substitution: whether roles are held, and others of the same people."""
    return SubstitutionContext(
        absent_has_role=_holds(connection, substitution, substitution.absent, substitution.role),
        substitute_is_here=_holds(connection, substitution, substitution.substitute, *Role),
        others=tuple(
            other for other in _with_same_people(connection, substitution) if other.since != substitution.since
        ),
    )


def stored_like(connection: Connection, substitution: Substitution) -> Substitution | None:
    """Read the substitution with the same people, role, organisation and first day; None where there is none."""
    return next(
        (stored for stored in _with_same_people(connection, substitution) if stored.since == substitution.since), None
    )


def substitution_with_id(connection: Connection, id_: int) -> Substitution | None:
    """Read a substitution by its number; None where there is none."""
    row = connection.execute(select(TABLE).where(TABLE.c.id == id_)).one_or_none()
    return None if row is None else substitution_from_row(row)


def substitution_from_row(row: Row[Any]) -> Substitution:
    """Return the substitution in a row with every column of `substitutions`."""
    return Substitution(
        absent=PersonId(row.absent_id),
        substitute=PersonId(row.substitute_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(row.role),
        since=row.valid_from,
        until=row.valid_to,
        created_by=row.created_by,
        id=row.id,
    )


def _values(substitution: Substitution) -> dict[str, Any]:
    return {
        "absent_id": substitution.absent,
        "substitute_id": substitution.substitute,
        "organisation_id": substitution.organisation,
        "role": substitution.role,
        "valid_from": substitution.since,
        "valid_to": substitution.until,
        "created_by": substitution.created_by,
    }


def _owed(at: datetime, by: Author) -> dict[str, Any]:
    """Return the columns that owe a card to those whom it concerns, and not to whoever did it."""
    return {"owes_at": at, "changed_by": by.person}


def _note(connection: Connection, before: Substitution | None, after: Substitution, at: datetime, by: Author) -> int:
    changed = Happened.ENDED if after.until <= at else Happened.CHANGED
    line = AuditRecord(
        LineKind.SUBSTITUTION,
        Happened.SET if before is None else changed,
        at,
        by.surface,
        person=by.person,
        assurance=by.assurance,
        about=after.absent,
        organisation=after.organisation,
        facts={"by": by.by, "number": after.id, "role": after.role, "substitute": after.substitute}
        | changed_facts(before and _days(before), _days(after)),
    )
    return write_record(connection, line)


def _days(substitution: Substitution) -> dict[str, datetime]:
    return {"valid_from": substitution.since, "valid_to": substitution.until}


def _review(connection: Connection, at: datetime, before: Substitution | None, after: Substitution) -> None:
    was = None if before is None else ReviewPeriod(before.since, before.until)
    review_organisation(connection, after.organisation, moments(at, was, ReviewPeriod(after.since, after.until)))


def _with_same_people(connection: Connection, substitution: Substitution) -> list[Substitution]:
    same = and_(
        TABLE.c.absent_id == substitution.absent,
        TABLE.c.substitute_id == substitution.substitute,
        TABLE.c.organisation_id == substitution.organisation,
        TABLE.c.role == substitution.role,
    )
    return read_substitutions(connection, same)


def read_substitutions(connection: Connection, which: ColumnElement[bool]) -> list[Substitution]:
    """Read the substitutions that meet a condition, the first to begin first."""
    query = select(TABLE).where(which).order_by(TABLE.c.valid_from, TABLE.c.id)
    return [substitution_from_row(row) for row in connection.execute(query)]


def _holds(connection: Connection, substitution: Substitution, person: PersonId, *roles: Role) -> bool:
    """Say whether an active person holds one of some roles in the organisation at some time of the absence."""
    held = tables.role_assignments.c
    holds_role = exists().where(
        held.person_id == person,
        held.organisation_id == substitution.organisation,
        held.role.in_(roles),
        held.valid_from < substitution.until,
        or_(held.valid_to.is_(None), and_(held.valid_to > substitution.since, held.valid_to > held.valid_from)),
        tables.persons.c.id == held.person_id,
        tables.persons.c.active,
    )
    return bool(connection.execute(select(holds_role)).scalar())
