"""The writer of the register: each entry is added, changed or found as it should be; nothing is ever removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from core.applications.application import KIND_OF
from core.catalogue.prices import Price
from core.ports.cases import NewId, Now
from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.entries import (
    ChannelEntry,
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    ServiceEntry,
    SubstitutionEntry,
)
from core.register.entry_rules import rule_broken_by_organisation
from core.register.organisations import Tier, is_personal
from core.register.role_channels import rule_broken_by_channel
from core.register.substitutions import Substitution, days
from core.shared.errors import RegisterError
from core.shared.vocabulary import (
    AgreementType,
    CustomerCategory,
    Happened,
    LineKind,
    OfferId,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
)
from core.storage import tables
from core.storage.administration.role_channels import own_slack, read_channels, write_channel
from core.storage.audit.audit_records import record_rename
from core.storage.context.reviews import review_organisation
from core.storage.reads.organisation_search import write_words
from core.storage.register.agreement_entries import write_agreement
from core.storage.register.catalogue import write_offer, write_service
from core.storage.register.holding_entries import write_assignment
from core.storage.register.organisation_rules import ASIDE, DECLARED, TOLD, record_language, record_rules, write_tiers
from core.storage.register.prices import write_prices
from core.storage.register.roles import Roles, note_presence
from core.storage.register.rows import begin_change, find, known, put, refuse
from core.storage.register.substitution_entries import end_substitution, write_substitution


@dataclass(frozen=True)
class Writer:
    """Writes entries inside one transaction. What breaks a rule raises RegisterError: `problem`, and the `field`.

    What may change who can decide is noted in the same transaction, so that cases that wait are looked at anew.
    """

    connection: Connection
    at: datetime
    new_id: NewId
    author: Author  # who keeps the register, and from where

    # --- what may be ordered

    def service(self, code: str, entry: ServiceEntry) -> Outcome:
        """Add or change a service: see `core.storage.register.catalogue`."""
        return write_service(self.connection, code, entry, self.at, self.author)

    def offer(self, code: str, service: str, entry: OfferEntry) -> Outcome:
        """Add or change an offer: see `core.storage.register.catalogue`."""
        return write_offer(self.connection, code, service, entry, self.at, self.author)

    def prices(self, offer: OfferId, prices: Sequence[Price]) -> list[Outcome]:
        """Add or change prices of an offer. Raise RegisterError with `index`, the place of the price that breaks a
        rule.
        """
        known(self.connection, tables.offers, offer, "offer")
        return write_prices(self.connection, offer, prices, self.at, self.author)

    # --- organisations

    def organisation(self, entry: OrganisationEntry) -> tuple[OrganisationId, Outcome]:
        """Add or change an organisation, by its number."""
        stored = find(self.connection, tables.organisations, {"org_number": entry.org_number})
        category = entry.category
        if stored is not None and "category" not in entry.model_fields_set:
            category = stored["category"] and CustomerCategory(stored["category"])
        refuse(rule_broken_by_organisation(entry.kinds, category), "category")
        id_ = OrganisationId(stored["id"] if stored else self.new_id("O"))
        values = {
            "name": entry.name,
            "kinds": sorted(set(entry.kinds)),
            "category": entry.category,
            "self_attest_allowed": entry.self_attest_allowed,
            "eid_from_ore": entry.eid_from_ore,
            "reminder_days": entry.reminder_days,
            "reminder_hour": entry.reminder_hour,
            "language": entry.language,
        }
        given, key = entry.model_fields_set, {"org_number": entry.org_number}
        more = {"id": id_, "org_number_is_personal": is_personal(entry.org_number)}
        changed = _new(values) if stored is None else _told(stored, {name: values[name] for name in given & {*values}})
        if changed:
            happened = Happened.SET if stored is None else Happened.CHANGED
            record_rules(self.connection, id_, stored, changed, self.at, self.author, happened)
        spoken = None if stored is None else stored["language"]
        if "language" in given and entry.language != spoken:
            record_language(self.connection, id_, spoken, entry.language, self.at, self.author)
        if stored is not None and changed.keys() & {*DECLARED}:
            review_organisation(self.connection, id_, [self.at])
        outcome = put(self.connection, tables.organisations, key, values, given, more)
        if outcome is not Outcome.SAME:
            write_words(self.connection, id_, entry.name)
        if stored is not None and "name" in given and stored["name"] != entry.name:
            record_rename(self.connection, LineKind.ORGANISATION, self.at, self.author, organisation=id_)
        return id_, outcome

    def organisation_with(self, number: str) -> OrganisationId:
        """Return the organisation with a number. Raise RegisterError `unknown`."""
        stored = find(self.connection, tables.organisations, {"org_number": number})
        if stored is None:
            raise RegisterError(problem="unknown", field="org_number")
        return OrganisationId(stored["id"])

    def tiers(self, organisation: OrganisationId, tiers: Sequence[Tier]) -> Outcome:
        """Replace an organisation's tiers. Raise RegisterError with `index`, the place of a wrong tier."""
        return write_tiers(self.connection, organisation, tiers, self.at, self.author)

    def agreement(self, organisation: OrganisationId, kind: AgreementType, entry: Holding) -> Outcome:
        """Add or change an agreement of the organisation's kind: see `core.storage.register.agreement_entries`."""
        refuse(None if KIND_OF[kind] in self._kinds(organisation) else "agreement_not_for_kind", "type")
        return write_agreement(self.connection, organisation, kind, entry, self.at, self.author)

    def agent_assignment(self, agent: OrganisationId, service: str, entry: Holding) -> Outcome:
        """Add or change an agent's assignment for a service."""
        refuse(None if OrganisationKind.AGENT in self._kinds(agent) else "assignment_needs_agent", "service")
        known(self.connection, tables.services, service, "service")
        return write_assignment(self.connection, agent, service, entry, self.at, self.author)

    # --- people

    def person(self, entry: PersonEntry) -> tuple[PersonId, Outcome]:
        """Add or change a person, by e-mail address."""
        stored = find(self.connection, tables.persons, {"email": entry.email})
        id_ = PersonId(stored["id"] if stored else self.new_id("P"))
        values = {"name": entry.name, "language": entry.language, "active": entry.active}
        if stored is not None and "active" in entry.model_fields_set and stored["active"] != entry.active:
            happened = Happened.CAME_BACK if entry.active else Happened.LEFT
            note_presence(self.connection, id_, happened, self.at, self.author)
        if stored is None and not entry.active:
            note_presence(self.connection, id_, Happened.LEFT, self.at, self.author)
        if stored is not None and "name" in entry.model_fields_set and stored["name"] != entry.name:
            record_rename(self.connection, LineKind.PERSON, self.at, self.author, about=id_)
        key, given = {"email": entry.email}, entry.model_fields_set
        return id_, put(self.connection, tables.persons, key, values, given, {"id": id_})

    def person_with(self, email: str, **where: object) -> PersonId:
        """Return the person with an address. Raise RegisterError `unknown` with `where`, the field that it stands
        at.
        """
        stored = find(self.connection, tables.persons, {"email": email})
        if stored is None:
            raise RegisterError(problem="unknown", **where)
        return PersonId(stored["id"])

    def role(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry) -> tuple[int | None, Outcome]:
        """Grant a role, or change the assignment that the entry speaks of: see `core.storage.register.roles`."""
        return self._roles.put(person, organisation, entry)

    def change_role(self, id_: int, change: RoleChange) -> Outcome:
        """Change a role assignment by its number."""
        return self._roles.change(id_, change)

    def end_role(self, id_: int, ended: datetime | None) -> Outcome:
        """End a role assignment by its number, now or at an instant."""
        return self._roles.end(id_, ended)

    def substitution(
        self, organisation: OrganisationId, absent: PersonId, substitute: PersonId, entry: SubstitutionEntry
    ) -> tuple[int, Outcome]:
        """Let somebody decide in an absent person's place, and return the substitution's number."""
        since, until = days(entry.from_, entry.to)
        substitution = Substitution(absent, substitute, organisation, entry.role, since, until, self.author.by)
        return write_substitution(self.connection, substitution, self.at)

    def end_substitution(self, id_: int, last: date | None) -> Outcome:
        """End a substitution by its number, after a last day or now."""
        return end_substitution(self.connection, id_, last, self.at, self.author)

    def channel(self, organisation: OrganisationId, role: Role, entry: ChannelEntry) -> Outcome:
        """Say where those who have a role are asked: see `core.storage.administration.role_channels`."""
        stored = {each.role: each for each in read_channels(self.connection, organisation)}
        wanted, has_slack = entry.chosen(role, stored.get(role)), own_slack(self.connection, organisation) is not None
        broken = rule_broken_by_channel(role, wanted.channel, self._kinds(organisation), has_slack=has_slack)
        if broken is not None:
            refuse(*broken)
        line = write_channel(self.connection, organisation, wanted, self.at, self.author)
        return Outcome.SAME if line is None else Outcome.CHANGED

    # --- helpers

    @property
    def _roles(self) -> Roles:
        return Roles(self.connection, self.at, self.author)

    def _kinds(self, organisation: OrganisationId) -> frozenset[OrganisationKind]:
        stored = known(self.connection, tables.organisations, organisation, "organisation")
        return frozenset(map(OrganisationKind, stored["kinds"]))


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an audit record tells of a new organisation: all that was said of it."""
    return {name: value for name in TOLD if not _is_unsaid(name, value := values[name])}


def _is_unsaid(name: str, value: Any) -> bool:
    # Zero says something: that every decision there needs an e-identification.
    return value is False or value in (None, []) or value == ASIDE.get(name)


def _told(stored: RowMapping, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an audit record tells of a changed organisation."""
    return {name: value for name, value in values.items() if name in TOLD and stored[name] != value}


def write_register(connection: Connection, now: Now, new_id: NewId, author: Author) -> Writer:
    """Return a writer for this transaction, alone at work; what it writes is timed from when it no longer waited."""
    return Writer(connection, begin_change(connection, now), new_id, author)
