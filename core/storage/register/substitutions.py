"""Reads and writes substitutions: the rows, whoever asks."""

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
from core.storage.audit.lines import differing, write_line
from core.storage.context.reviews import ReviewPeriod, moments, review_organisation
from core.storage.engine.conditions import goes_on

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


def put_substitution(connection: Connection, wish: Substitution, at: datetime, by: Author) -> Written:
    """Add a substitution, or change the last day of the one with the same people, role and first day."""
    stored = stored_like(connection, wish)
    if stored is None:
        new = insert(TABLE).values(_values(wish) | _owed(at, by)).returning(TABLE.c.id)
        id_ = connection.execute(new).scalar_one()
        made = replace(wish, id=id_)
        line = _note(connection, None, made, at, by)
        _review(connection, at, None, wish)
        return Written(made, Outcome.ADDED, line)
    return move_end(connection, stored, wish.until, at, by)


def move_end(connection: Connection, stored: Substitution, until: datetime, at: datetime, by: Author) -> Written:
    """Let a substitution end at another instant."""
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


def read_around(connection: Connection, wish: Substitution) -> SubstitutionContext:
    """What the register holds around a substitution."""
    return SubstitutionContext(
        absent_has_role=_holds(connection, wish, wish.absent, wish.role),
        substitute_is_here=_holds(connection, wish, wish.substitute, *Role),
        others=tuple(each for each in _with_same_people(connection, wish) if each.since != wish.since),
    )


def stored_like(connection: Connection, wish: Substitution) -> Substitution | None:
    """The substitution with the same people, role, organisation and first day."""
    return next((each for each in _with_same_people(connection, wish) if each.since == wish.since), None)


def substitution_with_id(connection: Connection, id_: int) -> Substitution | None:
    """A substitution by its number."""
    row = connection.execute(select(TABLE).where(TABLE.c.id == id_)).one_or_none()
    return None if row is None else substitution_from_row(row)


def substitution_from_row(row: Row[Any]) -> Substitution:
    """The substitution in a row of every column of `substitutions`."""
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


def _values(wish: Substitution) -> dict[str, Any]:
    return {
        "absent_id": wish.absent,
        "substitute_id": wish.substitute,
        "organisation_id": wish.organisation,
        "role": wish.role,
        "valid_from": wish.since,
        "valid_to": wish.until,
        "created_by": wish.created_by,
    }


def _owed(at: datetime, by: Author) -> dict[str, Any]:
    """Those whom it concerns must be told, but not whoever did it."""
    return {"owes_at": at, "changed_by": by.person}


def _note(connection: Connection, before: Substitution | None, after: Substitution, at: datetime, by: Author) -> int:
    changed = Happened.ENDED if after.until <= at else Happened.CHANGED
    line = AuditRecord(
        LineKind.SUBSTITUTION,
        Happened.SET if before is None else changed,
        at,
        by.surface,
        person=by.person,
        about=after.absent,
        organisation=after.organisation,
        facts={"by": by.by, "number": after.id, "role": after.role, "substitute": after.substitute}
        | differing(before and _days(before), _days(after)),
    )
    return write_line(connection, line)


def _days(each: Substitution) -> dict[str, datetime]:
    return {"valid_from": each.since, "valid_to": each.until}


def _review(connection: Connection, at: datetime, before: Substitution | None, after: Substitution) -> None:
    was = None if before is None else ReviewPeriod(before.since, before.until)
    review_organisation(connection, after.organisation, moments(at, was, ReviewPeriod(after.since, after.until)))


def _with_same_people(connection: Connection, wish: Substitution) -> list[Substitution]:
    same = and_(
        TABLE.c.absent_id == wish.absent,
        TABLE.c.substitute_id == wish.substitute,
        TABLE.c.organisation_id == wish.organisation,
        TABLE.c.role == wish.role,
    )
    return read_substitutions(connection, same)


def read_substitutions(connection: Connection, which: ColumnElement[bool]) -> list[Substitution]:
    """Those that meet a condition, the first to begin first."""
    query = select(TABLE).where(which).order_by(TABLE.c.valid_from, TABLE.c.id)
    return [substitution_from_row(row) for row in connection.execute(query)]


def _holds(connection: Connection, wish: Substitution, person: PersonId, *roles: Role) -> bool:
    """True when an active person holds one of some roles in the organisation at some time of the absence."""
    held = tables.role_assignments.c
    found = exists().where(
        held.person_id == person,
        held.organisation_id == wish.organisation,
        held.role.in_(roles),
        held.valid_from < wish.until,
        or_(held.valid_to.is_(None), and_(held.valid_to > wish.since, held.valid_to > held.valid_from)),
        tables.persons.c.id == held.person_id,
        tables.persons.c.active,
    )
    return bool(connection.execute(select(found)).scalar())
