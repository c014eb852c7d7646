"""One wish of somebody who keeps an organisation, carried out with the register's own writers."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, RowMapping, delete, insert, update

from core.audit.records import AuditRecord
from core.ports.register import JudgeName, JudgeRole, JudgeRules
from core.register.administration import (
    Capacity,
    ChangeRole,
    Done,
    EndRole,
    GrantRoles,
    HeldRole,
    Keeper,
    RegisterChanged,
    RenamePerson,
    SetInvoices,
    SetRules,
    TierWish,
)
from core.register.administration_rules import NameWish, RoleWish, RulesWish, may_self_attest, widens_authority
from core.register.entries import (
    LARGEST_ORE,
    MOST_ATTESTS,
    MOST_TIERS,
    InvoiceEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    entry,
)
from core.register.entry_rules import LIMITED, SCOPED
from core.register.organisations import Rules, Tier
from core.shared.errors import NoSuchAssignment, PersonalNumber, RegisterError
from core.shared.personal_numbers import find_personal_number
from core.shared.vocabulary import Happened, LineKind, OrganisationId, PersonId, Role
from core.shared.working_days import day_of, end_of
from core.storage import tables
from core.storage.administration import administration_reads as reads
from core.storage.audit.lines import note_renamed, write_line
from core.storage.context.situations import rules
from core.storage.register.declared import declare, write_rules
from core.storage.register.register import Writer
from core.storage.register.roles import Roles
from core.storage.register.rows import find, known, refuse

# Where a form shows what entries of the register call otherwise.
FIELDS = {
    "attest_limit_ore": "limit",
    "from": "first",
    "ended": "last",
    "role": "roles",
    "from_ore": "tiers",
    "sequence": "tiers",
}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Keeping:
    """One wish of somebody who keeps an organisation, inside its transaction."""

    connection: Connection
    writer: Writer
    keeper: Keeper
    at: datetime

    @property
    def organisation(self) -> OrganisationId:
        return self.keeper.organisation

    def grant(self, wish: GrantRoles, judge: JudgeRole) -> Done:
        refuse(None if wish.roles else "required", "roles")
        _refuse_what_nobody_takes(wish)
        self._refuse_wrong_days(wish.first, wish.last)
        person, is_active, is_new = self._person(wish)
        changes: list[RegisterChanged] = []
        for role in sorted(wish.roles):
            changes += self._write(person, judge, partial(self._grant, person, wish, role), is_active=is_active)
        return replace(self._done(changes, person), adds_person=is_new)

    def change(self, wish: ChangeRole, judge: JudgeRole) -> Done:
        person, held = self._assignment(wish.assignment)
        self._refuse_wrong_days(None, wish.last)
        given: dict[str, object] = {"ended": None if wish.last is None else wish.last + DAY}
        if held.role in LIMITED:
            given["attest_limit_ore"] = wish.limit_ore
        if wish.first is not None and wish.first != day_of(held.since):
            given["from"] = wish.first
        wanted = entry(RoleChange, **given)
        changes = self._write(person, judge, lambda roles: roles.change(held.id, wanted), is_active=True)
        return self._done(list(changes), person)

    def end(self, wish: EndRole, judge: JudgeRole) -> Done:
        person, held = self._assignment(wish.assignment)
        self._refuse_wrong_days(None, wish.last)
        end = None if wish.last is None else end_of(wish.last)
        changes = self._write(person, judge, lambda roles: roles.end(held.id, end), is_active=True)
        return Done(tuple(changes), person)

    def rename(self, wish: RenamePerson, judge: JudgeName) -> Done:
        person = reads.member(self.connection, self.organisation, wish.person, self.at).person
        is_of_others = reads.has_role_elsewhere(self.connection, self.organisation, person.id)
        judge(NameWish(self.keeper, person.id, is_of_others))
        wanted = entry(PersonEntry, email=person.email, name=wish.name)
        _refuse_personal_number("name", wanted.name)
        if wanted.name == person.name:
            return Done(person=person.id)
        mine = tables.persons.c.id == person.id
        self.connection.execute(update(tables.persons).where(mine).values(name=wanted.name))
        line = note_renamed(
            self.connection,
            LineKind.PERSON,
            self.at,
            self.writer.author,
            about=person.id,
            organisation=self.organisation,
        )
        return Done(
            (RegisterChanged(line, LineKind.PERSON, Happened.RENAMED, self.keeper, about=person.id),), person.id
        )

    def invoices(self, wish: SetInvoices) -> Done:
        data = entry(
            InvoiceEntry, address=wish.address, reference=wish.reference, service_reference=wish.service_reference
        )
        for field, said in data:
            _refuse_personal_number(field, said)
        row = known(self.connection, tables.organisations, self.organisation, "organisation")
        wanted = {"invoice_address": data.address or None, "invoice_ref": data.reference or None}
        changed = {name: value for name, value in wanted.items() if row[name] != value}
        if changed:
            mine = tables.organisations.c.id == self.organisation
            self.connection.execute(update(tables.organisations).where(mine).values(changed))
        services = self._reference(wish.service, data.service_reference) if wish.service else []
        if not changed and not services:
            return Done()
        # An address may be somebody's home: history says that it is another, and not what it is.
        facts = {"changed": sorted(changed), "services": services}
        return Done((self._note_invoices(facts),))

    def rules(self, wish: SetRules, judge: JudgeRules) -> Done:
        row = known(self.connection, tables.organisations, self.organisation, "organisation")
        is_new = wish.self_attest_allowed and not row["self_attest_allowed"]
        decides = reads.decides(self.connection, self.organisation, self.keeper.person, self.at)
        judge(RulesWish(self.keeper, decides, self._people() if is_new else 0))
        tiers = self._tiers(wish, row)
        refuse(None if 0 <= (wish.eid_from_ore or 0) <= LARGEST_ORE else "invalid", "eid_from")
        refuse(None if len(wish.tiers or ()) <= MOST_TIERS else "too_many", "tiers")
        wanted = Rules(wish.self_attest_allowed, wish.eid_from_ore, tiers)
        line = write_rules(self.connection, self.organisation, wanted, self.at, self.writer.author)
        if line is None:
            return Done()
        return Done((self._kept_rules(line),))

    def _kept_rules(self, line: int) -> RegisterChanged:
        return RegisterChanged(line, LineKind.ORGANISATION, Happened.CHANGED, self.keeper)

    def _people(self) -> int:
        return reads.people_who_order_or_attest(self.connection, self.organisation, self.at)

    def _done(self, changes: Sequence[RegisterChanged], person: PersonId) -> Done:
        """What became of roles; what one person alone was allowed ends when there is another (domain: 4.4)."""
        row = known(self.connection, tables.organisations, self.organisation, "organisation")
        if not changes or not row["self_attest_allowed"] or may_self_attest(self._people()):
            return Done(tuple(changes), person)
        was, strict = {"self_attest_allowed": True}, {"self_attest_allowed": False}
        line = declare(self.connection, self.organisation, was, strict, at=self.at, author=self.writer.author)
        ended = () if line is None else (self._kept_rules(line),)
        # The role comes last: with it an organisation may have become ready.
        return Done((*ended, *changes), person, ends_self_attest=True)

    # --- people and roles

    def _person(self, wish: GrantRoles) -> tuple[PersonId, bool, bool]:
        """Who is meant, whether the person is active, and whether nobody had the address before."""
        wanted = entry(PersonEntry, email=wish.email, name=wish.name or "-")
        stored = find(self.connection, tables.persons, {"email": wanted.email})
        if stored is None:
            refuse(None if wish.name.strip() else "required", "name")
            _refuse_personal_number("name", wish.name)
            return self.writer.person(wanted)[0], True, True
        person = PersonId(stored["id"])
        if stored["active"] or self.keeper.capacity is Capacity.ADMINISTRATOR:
            return person, bool(stored["active"]), False
        # Whoever is known keeps the own name, whatever others call the person and whatever it holds.
        self.writer.person(PersonEntry.model_construct(email=wanted.email, name=stored["name"], active=True))
        return person, True, False

    def _grant(self, person: PersonId, wish: GrantRoles, role: Role, roles: Roles) -> object:
        given: dict[str, object] = {"role": role}
        given |= {"service": wish.service} if wish.service and role in SCOPED else {}
        # Somebody who attests already keeps the limit where none is given.
        given |= {"attest_limit_ore": wish.limit_ore} if wish.limit_ore is not None and role in LIMITED else {}
        # From now on, where nothing is said of days; to the register a role that only ends is one that is ended.
        is_from_now = wish.last is None and wish.first in {None, day_of(self.at)}
        given |= {} if is_from_now else {"from": wish.first or day_of(self.at)}
        given |= {"ended": wish.last + DAY} if wish.last is not None else {}
        return roles.put(person, self.organisation, entry(RoleEntry, **given))

    def _write(
        self, person: PersonId, judge: JudgeRole, work: Callable[[Roles], object], *, is_active: bool
    ) -> Iterator[RegisterChanged]:
        """Let a writer of roles work, judge what came of it, and say what changed."""
        others = reads.administered_until(self.connection, self.organisation, person, self.at)
        judge(RoleWish(self.keeper, person, is_active, None, None, others))
        lent = reads.lent_to(self.connection, self.organisation, person, self.keeper.person, self.at)
        before = reads.roles_like(self.connection, self.organisation, person, self.at)
        roles = Roles(self.connection, self.at, self.writer.author)
        work(roles)
        after = reads.roles_like(self.connection, self.organisation, person, self.at)
        changed = [id_ for id_ in sorted({*before, *after}) if before.get(id_) != after.get(id_)]
        wishes = [
            RoleWish(self.keeper, person, is_active, was, will_be, others, is_lent=_role(was, will_be) in lent)
            for was, will_be in ((before.get(id_), after.get(id_)) for id_ in changed)
        ]
        for wish in wishes:
            judge(wish)
        for wish, (line, happened) in zip(wishes, roles.noted, strict=True):
            yield self._kept(wish, line, happened)

    def _kept(self, wish: RoleWish, line: int, happened: Happened) -> RegisterChanged:
        return RegisterChanged(
            line=line,
            kind=LineKind.ROLE,
            happened=happened,
            keeper=self.keeper,
            about=wish.person,
            role=_role(wish.before, wish.after),
            widens=widens_authority(wish),
        )

    def _refuse_wrong_days(self, first: date | None, last: date | None) -> None:
        for field, day in (("first", first), ("last", last)):
            refuse("day_gone" if day is not None and day < day_of(self.at) else None, field)
        is_reversed = first is not None and last is not None and last < first
        refuse("period_reversed" if is_reversed else None, "last")

    def _assignment(self, id_: int) -> tuple[PersonId, HeldRole]:
        found = reads.assignment(self.connection, id_)
        # One that is somewhere else is none that may be known of here.
        if found is None or found[1] != self.organisation:
            raise NoSuchAssignment
        person, _, held = found
        if held.until is not None and held.until <= self.at:
            raise NoSuchAssignment
        return person, held

    # --- invoices and rules

    def _reference(self, service: str, reference: str) -> list[str]:
        known(self.connection, tables.services, service, "service")
        table, key = tables.invoice_references, {"organisation_id": self.organisation, "service_id": service}
        stored = find(self.connection, table, key)
        if (stored["reference"] if stored else "") == reference:
            return []
        mine = (table.c.organisation_id == self.organisation, table.c.service_id == service)
        self.connection.execute(delete(table).where(*mine))
        if reference:
            self.connection.execute(insert(table).values(**key, reference=reference))
        return [service]

    def _note_invoices(self, facts: Mapping[str, object]) -> RegisterChanged:
        author = self.writer.author
        line = AuditRecord(
            LineKind.ORGANISATION,
            Happened.INVOICED,
            self.at,
            author.surface,
            person=author.person,
            organisation=self.organisation,
            facts={"by": author.by, **facts},
        )
        return RegisterChanged(write_line(self.connection, line), LineKind.ORGANISATION, Happened.INVOICED, self.keeper)

    def _tiers(self, wish: SetRules, row: RowMapping) -> tuple[Tier, ...]:
        if wish.tiers is None:
            return rules(row["self_attest_allowed"], row["eid_from_ore"], row["tiers"]).tiers
        return tuple(self._tier(index, each) for index, each in enumerate(wish.tiers))

    def _tier(self, index: int, tier: TierWish) -> Tier:
        is_amount, is_count = 0 <= tier.from_ore <= LARGEST_ORE, 1 <= tier.attests <= MOST_ATTESTS
        if not (is_amount and is_count and len(tier.sequence) <= MOST_ATTESTS):
            raise RegisterError(problem="invalid", field="tiers", index=index)
        people = [self.writer.person_with(email.strip().lower(), field="tiers", index=index) for email in tier.sequence]
        return Tier(tier.from_ore, tier.attests, tuple(people))


def _role(before: HeldRole | None, after: HeldRole | None) -> Role | None:
    held = after or before
    return None if held is None else held.role


def _refuse_personal_number(field: str, said: str) -> None:
    if find_personal_number(said):
        raise PersonalNumber(field=field)


def _refuse_what_nobody_takes(wish: GrantRoles) -> None:
    refuse("limit_not_for_role" if wish.limit_ore is not None and not wish.roles & LIMITED else None, "limit")
    refuse("service_not_for_role" if wish.service and not wish.roles & SCOPED else None, "service")


@contextmanager
def at_fields() -> Generator[None]:
    """Let what an entry calls its fields stand at the fields of a form."""
    try:
        yield
    except RegisterError as error:
        field = str(error.facts.get("field", ""))
        raise RegisterError(**{**error.facts, "field": FIELDS.get(field, field)}) from None
