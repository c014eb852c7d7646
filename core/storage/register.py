"""Writes the register: each entry is added, changed or found as it should be; nothing is ever removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping

from core import db
from core.application import KIND_OF
from core.entries import (
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    ServiceEntry,
    SubstitutionEntry,
)
from core.entry_rules import AGENT_FIELDS, rule_broken_by_offer, rule_broken_by_organisation
from core.errors import RegisterError
from core.lines import Author, Happened
from core.ports import NewId
from core.register import Price, is_personal
from core.situation import Tier
from core.storage.agreement_entries import write_agreement
from core.storage.declared import note_declared, write_tiers
from core.storage.finding import write_words
from core.storage.holding_entries import write_assignment
from core.storage.lines import note_renamed
from core.storage.presence import note_presence
from core.storage.prices import write_prices
from core.storage.reviews import review_organisation
from core.storage.roles import Roles
from core.storage.rows import Outcome, find, known, lock_register, other_letters, put, refuse
from core.storage.substitution_entries import end_substitution, write_substitution
from core.substitutions import Substitution, days
from core.words import (
    AgentField,
    AgreementType,
    CustomerCategory,
    Flow,
    LineKind,
    OfferId,
    OrganisationId,
    OrganisationKind,
    PersonId,
)

# What an organisation has declared about its decisions, its tiers aside.
DECLARED = ("self_attest_allowed", "eid_from_ore")


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
        """Add or change a service; no two codes differ by capital and small letters alone."""
        refuse(other_letters(self.connection, db.services, code), "code")
        values = {"name": entry.name.model_dump(), "handles_personal_data": entry.handles_personal_data}
        return put(self.connection, db.services, {"id": code}, values, entry.model_fields_set)

    def offer(self, code: str, service: str, entry: OfferEntry) -> Outcome:
        """Add or change an offer; whether the form asks for an agent must fit the flow, and its code as a service's."""
        refuse(other_letters(self.connection, db.offers, code), "code")
        known(self.connection, db.services, service, "service")
        agent = self._agent_field(code, entry)
        refuse(rule_broken_by_offer(entry.flow, agent), "agent")
        values = entry.model_dump(include=set(OfferEntry.model_fields) - {"agent"}) | {
            "service_id": service,
            "agent_field": agent,
        }
        given = entry.model_fields_set | {"service_id", "agent_field"}
        return put(self.connection, db.offers, {"id": code}, values, given)

    def prices(self, offer: OfferId, prices: Sequence[Price]) -> list[Outcome]:
        """Add or change prices of an offer. Raises with `index`, the place of the price that breaks a rule."""
        known(self.connection, db.offers, offer, "offer")
        return write_prices(self.connection, offer, prices, self.at, self.author)

    # --- organisations

    def organisation(self, entry: OrganisationEntry) -> tuple[OrganisationId, Outcome]:
        """Add or change an organisation, by its number."""
        stored = find(self.connection, db.organisations, {"org_number": entry.org_number})
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
        }
        given, key = entry.model_fields_set, {"org_number": entry.org_number}
        more = {"id": id_, "org_number_is_personal": is_personal(entry.org_number)}
        before = dict.fromkeys(DECLARED) | {"self_attest_allowed": False} if stored is None else dict(stored)
        declared = {name: values[name] for name in given & {*DECLARED} if before[name] != values[name]}
        if declared:
            note_declared(self.connection, id_, before, declared, self.at, self.author)
        if stored is not None and declared:
            review_organisation(self.connection, id_, [self.at])
        outcome = put(self.connection, db.organisations, key, values, given, more)
        if outcome is not Outcome.SAME:
            write_words(self.connection, id_, entry.name)
            self._note_organisation(id_, stored, entry)
        return id_, outcome

    def organisation_with(self, number: str) -> OrganisationId:
        """The organisation with a number, which the caller knows to have been there."""
        found = find(self.connection, db.organisations, {"org_number": number})
        if found is None:
            raise RegisterError(problem="unknown", field="org_number")
        return OrganisationId(found["id"])

    def _note_organisation(self, id_: OrganisationId, stored: RowMapping | None, entry: OrganisationEntry) -> None:
        given = entry.model_fields_set
        if stored is not None and "name" in given and stored["name"] != entry.name:
            note_renamed(self.connection, LineKind.ORGANISATION, self.at, self.author, organisation=id_)
        was: list[str] = [] if stored is None else stored["kinds"]
        kinds = sorted(set(entry.kinds))
        # Whoever is let in as something may order, or convey; what is Inera's decides everywhere.
        is_told = stored is not None or OrganisationKind.INERA in kinds
        if "kinds" in given and was != kinds and is_told:
            note_declared(self.connection, id_, {"kinds": was}, {"kinds": kinds}, self.at, self.author)

    def tiers(self, organisation: OrganisationId, tiers: Sequence[Tier]) -> Outcome:
        """Replace what an organisation asks from which amount on. Raises with `index`, the place of a wrong tier."""
        return write_tiers(self.connection, organisation, tiers, self.at, self.author)

    def agreement(self, organisation: OrganisationId, kind: AgreementType, entry: Holding) -> Outcome:
        """Add or change an agreement of the organisation's kind: see `core.storage.agreement_entries`."""
        refuse(None if KIND_OF[kind] in self._kinds(organisation) else "agreement_not_for_kind", "type")
        return write_agreement(self.connection, organisation, kind, entry, self.at, self.author)

    def agent_assignment(self, agent: OrganisationId, service: str, entry: Holding) -> Outcome:
        """Add or change an agent's assignment for a service."""
        refuse(None if OrganisationKind.AGENT in self._kinds(agent) else "assignment_needs_agent", "service")
        known(self.connection, db.services, service, "service")
        return write_assignment(self.connection, agent, service, entry, self.at, self.author)

    # --- people

    def person(self, entry: PersonEntry) -> tuple[PersonId, Outcome]:
        """Add or change a person, by e-mail address."""
        stored = find(self.connection, db.persons, {"email": entry.email})
        id_ = PersonId(stored["id"] if stored else self.new_id("P"))
        values = {"name": entry.name, "language": entry.language, "active": entry.active}
        if stored is not None and "active" in entry.model_fields_set and stored["active"] != entry.active:
            happened = Happened.CAME_BACK if entry.active else Happened.LEFT
            note_presence(self.connection, id_, happened, self.at, self.author)
        if stored is None and not entry.active:
            note_presence(self.connection, id_, Happened.LEFT, self.at, self.author)
        if stored is not None and "name" in entry.model_fields_set and stored["name"] != entry.name:
            note_renamed(self.connection, LineKind.PERSON, self.at, self.author, about=id_)
        key, given = {"email": entry.email}, entry.model_fields_set
        return id_, put(self.connection, db.persons, key, values, given, {"id": id_})

    def person_with(self, email: str, **where: object) -> PersonId:
        """The person with an address; raises `unknown`, and `where` that stands."""
        found = find(self.connection, db.persons, {"email": email})
        if found is None:
            raise RegisterError(problem="unknown", **where)
        return PersonId(found["id"])

    def role(self, person: PersonId, organisation: OrganisationId, entry: RoleEntry) -> tuple[int | None, Outcome]:
        """Grant a role, or change the assignment that the entry speaks of: see `core.storage.roles`."""
        return self._roles.put(person, organisation, entry)

    def change_role(self, id_: int, wanted: RoleChange) -> Outcome:
        """Change a role assignment by its number."""
        return self._roles.change(id_, wanted)

    def end_role(self, id_: int, ended: datetime | None) -> Outcome:
        """End a role assignment by its number, now or at an instant."""
        return self._roles.end(id_, ended)

    def substitution(
        self, organisation: OrganisationId, absent: PersonId, substitute: PersonId, entry: SubstitutionEntry
    ) -> tuple[int, Outcome]:
        """Let somebody decide in an absent person's place; its number."""
        since, until = days(entry.from_, entry.to)
        wish = Substitution(absent, substitute, organisation, entry.role, since, until, self.author.by)
        return write_substitution(self.connection, wish, self.at)

    def end_substitution(self, id_: int, last: date | None) -> Outcome:
        """End a substitution by its number, after a last day or now."""
        return end_substitution(self.connection, id_, last, self.at, self.author)

    # --- helpers

    @property
    def _roles(self) -> Roles:
        return Roles(self.connection, self.at, self.author)

    def _agent_field(self, code: str, entry: OfferEntry) -> AgentField:
        if entry.agent is not None:
            return entry.agent
        stored = find(self.connection, db.offers, {"id": code})
        if stored is not None and stored["agent_field"] in AGENT_FIELDS[entry.flow]:
            return AgentField(stored["agent_field"])
        return AgentField.REQUIRED if entry.flow is Flow.VIA_AGENT else AgentField.NONE

    def _kinds(self, organisation: OrganisationId) -> frozenset[OrganisationKind]:
        stored = known(self.connection, db.organisations, organisation, "organisation")
        return frozenset(map(OrganisationKind, stored["kinds"]))


def write_register(connection: Connection, at: datetime, new_id: NewId, author: Author) -> Writer:
    """A writer, alone at work."""
    lock_register(connection)
    return Writer(connection, at, new_id, author)
