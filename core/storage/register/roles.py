"""Role assignments: granting, changing and ending them, all at once where a person has left; nothing is ever
removed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from core.audit.records import AuditRecord
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.entries import RoleChange, RoleEntry
from core.register.entry_rules import role_fits, rule_broken_by_role
from core.shared.errors import RegisterError
from core.shared.vocabulary import Happened, LineKind, OrganisationId, OrganisationKind, PersonId, Role
from core.shared.working_days import beginning_of
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, write_record
from core.storage.context.reviews import ReviewPeriod, moments, organisations_around, review_organisation
from core.storage.database.conditions import goes_on
from core.storage.register.rows import find, known, refuse
from core.storage.register.substitutions import end_left_over, end_substitutions

TABLE = tables.role_assignments
# What a role is granted with.
TERMS = ("service_id", "attest_limit_ore", "valid_from", "valid_to")
_HELD = (
    select(TABLE)
    .where(
        TABLE.c.person_id == bindparam("person"),
        TABLE.c.organisation_id == bindparam("organisation"),
        TABLE.c.role == bindparam("role"),
    )
    .order_by(TABLE.c.valid_from, TABLE.c.id)
)
_HELD_EVERYWHERE = _HELD.where(TABLE.c.service_id.is_(None))
_HELD_FOR_ONE = _HELD.where(TABLE.c.service_id == bindparam("service"))
_GRANTED = insert(TABLE).returning(TABLE.c.id)
Values = Mapping[str, Any]
Held = Sequence[RowMapping]


@dataclass(frozen=True)
class Roles:
    """Writes the roles of people inside one transaction; `author` is who grants."""

    connection: Connection
    at: datetime
    author: Author
    noted: list[tuple[int, Happened]] = field(default_factory=list[tuple[int, Happened]])  # the lines left, by id

    def put(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry) -> tuple[int | None, Outcome]:
        """Grant a role, or change the assignment that the entry speaks of, and return its number; None where there is
        none.

        That is the one with the same first day, else the one that goes on or is to come in these days. A role
        without days holds from now on; one that only ends, and is not held, stays like that.
        """
        self._refuse_misfits(person, organisation, entry)
        start, end = _instants(entry)
        held = self._held(person, organisation, entry.role, entry.service)
        meant = _meant(held, start, end, self.at)
        if meant is not None:
            return meant["id"], self._adjust(meant, held, entry)
        if start is None and end is not None:
            return None, Outcome.SAME
        return self._grant(person, organisation, entry, held), Outcome.ADDED

    def change(self, id_: int, change: RoleChange) -> Outcome:
        """Change an assignment by its number; when it began, once it has, stays."""
        row = self._numbered(id_)
        start = _instants(change)[0] or row["valid_from"]
        refuse("already_begun" if start != row["valid_from"] <= self.at else None, "from")
        _refuse_broken(Role(row["role"]), change.attest_limit_ore, row["service_id"])
        return self._change(row, self._alike(row), self._values(row, change, start))

    def end(self, id_: int, ended: datetime | None) -> Outcome:
        """End an assignment by its number, now or at an instant; one that is to come then never holds."""
        row = self._numbered(id_)
        if ended is None and row["valid_to"] is not None and row["valid_to"] <= self.at:
            return Outcome.SAME
        end = self._end(row, ended or self.at, row["valid_from"])
        return self._change(row, self._alike(row), {"valid_to": end})

    def end_all(self, person: PersonId) -> None:
        """End all that a person has or is to have, everywhere; what is to come then never holds."""
        theirs = (TABLE.c.person_id == person, goes_on(TABLE.c.valid_to, self.at))
        query = select(TABLE.c.id).where(*theirs).order_by(TABLE.c.id)
        for id_ in self.connection.execute(query).scalars().all():
            self.end(id_, None)

    # --- rules

    def _refuse_misfits(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry) -> None:
        kinds = known(self.connection, tables.organisations, organisation, "organisation")["kinds"]
        fits = role_fits(entry.role, frozenset(map(OrganisationKind, kinds)))
        refuse(None if fits else "role_not_for_kind", "role")
        known(self.connection, tables.persons, person, "person")
        _refuse_broken(entry.role, entry.attest_limit_ore, entry.service)
        if entry.service is not None:
            known(self.connection, tables.services, entry.service, "service")

    # --- rows

    def _numbered(self, id_: int) -> RowMapping:
        stored = find(self.connection, TABLE, {"id": id_})
        if stored is None:
            raise RegisterError(problem="unknown", field="id")
        return stored

    def _alike(self, row: RowMapping) -> Held:
        return self._held(row["person_id"], row["organisation_id"], row["role"], row["service_id"])

    def _held(self, person: str, organisation: str, role: str, service: str | None) -> Held:
        named = {"person": person, "organisation": organisation, "role": role}
        if service is None:
            return self.connection.execute(_HELD_EVERYWHERE, named).mappings().all()
        return self.connection.execute(_HELD_FOR_ONE, named | {"service": service}).mappings().all()

    def _adjust(self, row: RowMapping, held: Held, entry: RoleEntry) -> Outcome:
        start, end = _instants(entry)
        if row["valid_from"] <= self.at:
            values = self._values(row, entry, row["valid_from"])
            # What is said of a later period must not be taken for something about this one.
            is_later = start is not None and start > self.at
            refuse("period_overlap" if is_later and _changes(row, values) else None, "from")
            return self._change(row, held, values)
        now = self.at if end is None else row["valid_from"]
        return self._change(row, held, self._values(row, entry, start or now))

    def _values(self, row: RowMapping, entry: RoleChange, start: datetime) -> Values:
        given = entry.model_fields_set
        values: dict[str, Any] = {"valid_from": start}
        if "attest_limit_ore" in given:
            values["attest_limit_ore"] = entry.attest_limit_ore
        if "ended" in given:
            values["valid_to"] = self._end(row, _instants(entry)[1], start)
        return values

    def _end(self, row: RowMapping, end: datetime | None, start: datetime) -> datetime | None:
        # What has not begun may be called off, and what has begun has been.
        return start if end is not None and end < start and row["valid_from"] > self.at else end

    def _change(self, row: RowMapping, held: Held, values: Values) -> Outcome:
        changed = _changes(row, values)
        if not changed:
            return Outcome.SAME
        before, after = _period_of(row), _period_of({**row, **changed})
        self._refuse_who_has_left(row["person_id"], after)
        self._refuse_clashes(after, [other for other in held if other["id"] != row["id"]] if before != after else ())
        self.connection.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(changed))
        happened = Happened.ENDED if _only_ends(before, changed) else Happened.CHANGED
        self._note(happened, row, {**row, **changed})
        self._review(row["organisation_id"], before, after)
        return Outcome.CHANGED

    def _grant(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry, held: Held) -> int:
        start, end = _instants(entry)
        period = ReviewPeriod(start or self.at, end)
        self._refuse_who_has_left(person, period)
        self._refuse_clashes(period, held)
        end_left_over(self.connection, person, organisation, entry.role, self.at, self.author)
        values = {
            "person_id": person,
            "organisation_id": organisation,
            "role": entry.role,
            "service_id": entry.service,
            "attest_limit_ore": entry.attest_limit_ore,
            "valid_from": period.since,
            "valid_to": period.until,
            "granted_by": self.author.by,
        }
        id_ = self.connection.execute(_GRANTED, values).scalar_one()
        self._note(Happened.GRANTED, None, {"id": id_, **values})
        self._review(organisation, None, period)
        return id_

    def _refuse_clashes(self, period: ReviewPeriod, others: Held) -> None:
        refuse("period_reversed" if period.until is not None and period.until < period.since else None, "ended")
        refuse("period_overlap" if any(period.meets(_period_of(row)) for row in others) else None, "from")

    def _refuse_who_has_left(self, person: PersonId, period: ReviewPeriod) -> None:
        """Refuse whoever has left: such a person may have had roles, and gets none."""
        is_here = known(self.connection, tables.persons, person, "person")["active"]
        refuse("has_left" if not is_here and period.meets(ReviewPeriod(self.at, None)) else None, "person")

    def _note(self, action: Happened, before: RowMapping | None, after: Values) -> None:
        author = self.author
        line = AuditRecord(
            LineKind.ROLE,
            action,
            self.at,
            author.surface,
            person=author.person,
            assurance=author.assurance,
            about=after["person_id"],
            organisation=after["organisation_id"],
            facts={"by": author.by, "number": after["id"], "role": after["role"]}
            | changed_facts(before, {name: after[name] for name in TERMS}),
        )
        self.noted.append((write_record(self.connection, line), action))

    def _review(self, organisation: OrganisationId, before: ReviewPeriod | None, after: ReviewPeriod) -> None:
        # Also where the role decides nothing: it is what lets its holder stand in for others, or be told of a block.
        review_organisation(self.connection, organisation, moments(self.at, before, after))


def _instants(entry: RoleChange) -> tuple[datetime | None, datetime | None]:
    start = None if entry.from_ is None else beginning_of(entry.from_)
    end = None if entry.ended is None else beginning_of(entry.ended)
    refuse("period_reversed" if start is not None and end is not None and end < start else None, "ended")
    return start, end


def _period_of(row: Values | RowMapping) -> ReviewPeriod:
    return ReviewPeriod(row["valid_from"], row["valid_to"])


def _meant(held: Held, start: datetime | None, end: datetime | None, at: datetime) -> RowMapping | None:
    same = next((row for row in held if _is_same(_period_of(row), start, end)), None)
    if same is not None:
        return same
    live = [row for row in held if _period_of(row).meets(ReviewPeriod(at, None))]
    return next((row for row in live if start is None or ReviewPeriod(start, end).meets(_period_of(row))), None)


def _is_same(stored: ReviewPeriod, start: datetime | None, end: datetime | None) -> bool:
    if start is None:
        return end is not None and stored.until == end
    # One that was called off speaks for no other.
    return stored.since == start and (stored.since != stored.until or end == start)


def _only_ends(before: ReviewPeriod, changed: Values) -> bool:
    """Say whether all that is new is that the role ends, or ends sooner."""
    end = changed.get("valid_to")
    return set(changed) == {"valid_to"} and end is not None and (before.until is None or end < before.until)


def _changes(row: RowMapping, values: Values) -> Values:
    return {name: value for name, value in values.items() if row[name] != value}


def _refuse_broken(role: Role, limit_ore: int | None, service: str | None) -> None:
    broken = rule_broken_by_role(role, limit_ore, service)
    if broken is not None:
        refuse(*broken)


def note_presence(connection: Connection, person: PersonId, happened: Happened, at: datetime, author: Author) -> None:
    """Record that a person has left or is back, and end all that the person may do: new roles are granted from then on.

    Waiting cases are looked at wherever the person has had a role or has stood in for somebody.
    """
    line = AuditRecord(
        LineKind.PERSON,
        happened,
        at,
        author.surface,
        person=author.person,
        assurance=author.assurance,
        about=person,
        facts={"by": author.by},
    )
    write_record(connection, line)
    for organisation in organisations_around(connection, person, at):
        review_organisation(connection, organisation, [at])
    Roles(connection, at, author).end_all(person)
    end_substitutions(connection, person, at, author)
