"""Substitutions as whoever keeps the register writes them: with entries' problems instead of people's refusals."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from core.ports.register_entries import Outcome
from core.register.administration import Author, register_author
from core.register.substitutions import Substitution, days, refusal
from core.shared.errors import (
    AbsenceReversed,
    NothingToSubstitute,
    OrderError,
    RegisterError,
    RoleNotSubstituted,
    SubstituteNotEligible,
    SubstitutionOverlaps,
)
from core.storage import tables
from core.storage.register.rows import known
from core.storage.register.substitutions import (
    move_end,
    put_substitution,
    read_context,
    stored_like,
    substitution_with_id,
)

# What the rules refuse, as a problem of an entry, and the field that it stands at.
PROBLEMS: dict[type[OrderError], tuple[str, str]] = {
    RoleNotSubstituted: ("role_not_substituted", "role"),
    AbsenceReversed: ("period_reversed", "to"),
    NothingToSubstitute: ("nothing_to_substitute", "absent"),
    SubstituteNotEligible: ("substitute_not_eligible", "substitute"),
    SubstitutionOverlaps: ("period_overlap", "from"),
}


def write_substitution(connection: Connection, substitution: Substitution, at: datetime) -> tuple[int, Outcome]:
    """Add a substitution or change its last day, and return its number. One that stands like that is not checked
    anew.
    """
    known(connection, tables.organisations, substitution.organisation, "organisation")
    known(connection, tables.persons, substitution.absent, "absent")
    known(connection, tables.persons, substitution.substitute, "substitute")
    stored = stored_like(connection, substitution)
    if stored is None or stored.until != substitution.until:
        _refuse_broken(connection, substitution)
    written = put_substitution(connection, substitution, at, register_author(substitution.created_by))
    return written.kept.id, written.outcome


def end_substitution(connection: Connection, id_: int, last: date | None, at: datetime, by: Author) -> Outcome:
    """End a substitution after a last day, or now. One that is to come may be called off; it then never holds."""
    stored = substitution_with_id(connection, id_)
    if stored is None:
        raise RegisterError(problem="unknown", field="id")
    if last is None:
        return move_end(connection, stored, stored.ended(at).until, at, by).outcome
    _, until = days(stored.first_day, last)
    if until <= stored.since and stored.since > at:
        until = stored.since
    elif until != stored.until:
        _refuse_broken(connection, replace(stored, until=until))
    return move_end(connection, stored, until, at, by).outcome


def _refuse_broken(connection: Connection, substitution: Substitution) -> None:
    broken = refusal(substitution, read_context(connection, substitution))
    if broken is not None:
        problem, field = PROBLEMS[type(broken)]
        raise RegisterError(problem=problem, field=field)
