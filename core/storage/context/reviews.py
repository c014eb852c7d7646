"""Notes that something around waiting cases has changed, or will: the clock then looks at them anew."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Insert, String, bindparam, exists, insert, select

from core.shared.vocabulary import OrganisationId, PersonId
from core.storage import tables
from core.storage.database.conditions import goes_on

FOREVER = datetime.max.replace(tzinfo=UTC)


class ReviewPeriod(NamedTuple):
    """From an instant until another, the first at which something no longer holds; None while it goes on."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """True while it lasts."""
        return self.since <= at and (self.until is None or at < self.until)

    def meets(self, other: "ReviewPeriod") -> bool:
        """True when both hold at some instant."""
        ends = [each for each in (self.until, other.until) if each is not None]
        return max(self.since, other.since) < min(ends, default=FOREVER)


def moments(at: datetime, before: ReviewPeriod | None, after: ReviewPeriod) -> set[datetime]:
    """When cases must be looked at because something holds from and to other instants, or as something else."""
    coming = {each for each in after if each is not None and each > at}
    return coming | ({at} if after.holds(at) or (before is not None and before.holds(at)) else set[datetime]())


def review_organisation(connection: Connection, organisation: OrganisationId, due: Iterable[datetime]) -> None:
    """Cases where an organisation decides are looked at when each of some instants comes."""
    for at in sorted(due):
        _note(connection, "organisation_id", organisation, at)


def organisations_around(connection: Connection, person: PersonId, at: datetime) -> set[OrganisationId]:
    """Where a person has a role, or decides in somebody's place, now or later."""
    roles, lent = tables.role_assignments.c, tables.substitutions.c
    own = select(roles.organisation_id).where(roles.person_id == person, goes_on(roles.valid_to, at))
    others = select(lent.organisation_id).where(lent.substitute_id == person, lent.valid_to > at)
    return set(connection.execute(own).scalars()) | set(connection.execute(others).scalars())


def review_offer(connection: Connection, offer: str, due: Iterable[datetime]) -> None:
    """Cases of an offer are looked at when each of some instants comes."""
    for at in sorted(due):
        _note(connection, "offer_id", offer, at)


def _noting(column: str) -> Insert:
    # A file that changes many people of one organisation asks for one look.
    reviews, id_, at = tables.reviews, bindparam("id_", type_=String), bindparam("at", type_=tables.Instant())
    noted = exists().where(reviews.c[column] == id_, reviews.c.due_at == at)
    return insert(reviews).from_select([column, "due_at"], select(id_, at).where(~noted))


_NOTING = {column: _noting(column) for column in ("organisation_id", "offer_id")}


def _note(connection: Connection, column: str, id_: str, at: datetime) -> None:
    connection.execute(_NOTING[column], {"id_": id_, "at": at})
