"""Writes the register: each entry is added, changed or found as it should be; nothing is ever removed."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, and_, insert, select, text, update

from core import db
from core.entries import (
    AGENT_FIELDS,
    AGREEMENT_KINDS,
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    ServiceEntry,
    role_fits,
    rule_broken_by_offer,
    rule_broken_by_organisation,
    rule_broken_by_prices,
)
from core.errors import RegisterError
from core.ports import NewId
from core.register import Price, is_personal
from core.storage.placing import price_from_row
from core.words import (
    AgentField,
    AgreementType,
    CustomerCategory,
    Flow,
    OfferId,
    OrganisationId,
    OrganisationKind,
    PersonId,
    Role,
)
from core.working_days import beginning_of

Values = Mapping[str, Any]


class Outcome(StrEnum):
    """What writing an entry did."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Writer:
    """Writes entries inside one transaction. What breaks a rule raises RegisterError: `problem`, and the `field`."""

    connection: Connection
    at: datetime
    new_id: NewId
    by: str  # who grants roles: a person's id, "file" or "operator"

    def service(self, code: str, entry: ServiceEntry) -> Outcome:
        """Add or change a service."""
        values = {"name": entry.name.model_dump(), "handles_personal_data": entry.handles_personal_data}
        return self._put(db.services, {"id": code}, values, entry.model_fields_set)

    def offer(self, code: str, service: str, entry: OfferEntry) -> Outcome:
        """Add or change an offer; whether the form asks for an agent must fit the flow."""
        self._known(db.services, service, "service")
        agent = self._agent_field(code, entry)
        _refuse(rule_broken_by_offer(entry.flow, agent), "agent")
        values = entry.model_dump(include=set(OfferEntry.model_fields) - {"agent"}) | {
            "service_id": service,
            "agent_field": agent,
        }
        given = entry.model_fields_set | {"service_id", "agent_field"}
        return self._put(db.offers, {"id": code}, values, given)

    def prices(self, offer: OfferId, prices: Sequence[Price]) -> list[Outcome]:
        """Add or change prices of an offer. Raises with `index`, the place of the price that breaks a rule."""
        self._known(db.offers, offer, "offer")
        self._refuse_clashes(offer, prices)
        return [self._price(offer, price) for price in prices]

    def organisation(self, entry: OrganisationEntry) -> tuple[OrganisationId, Outcome]:
        """Add or change an organisation, by its number."""
        stored = self._row(db.organisations, {"org_number": entry.org_number})
        category = entry.category
        if stored is not None and "category" not in entry.model_fields_set:
            category = stored["category"] and CustomerCategory(stored["category"])
        _refuse(rule_broken_by_organisation(entry.kinds, category), "category")
        id_ = OrganisationId(stored["id"] if stored else self.new_id("O"))
        values = {
            "name": entry.name,
            "kinds": sorted(set(entry.kinds)),
            "category": entry.category,
            "self_attest_allowed": entry.self_attest_allowed,
        }
        more = {"id": id_, "org_number_is_personal": is_personal(entry.org_number)}
        return id_, self._put(db.organisations, {"org_number": entry.org_number}, values, entry.model_fields_set, more)

    def person(self, entry: PersonEntry) -> tuple[PersonId, Outcome]:
        """Add or change a person, by e-mail address."""
        stored = self._row(db.persons, {"email": entry.email})
        id_ = PersonId(stored["id"] if stored else self.new_id("P"))
        values = {"name": entry.name, "language": entry.language, "active": entry.active}
        return id_, self._put(db.persons, {"email": entry.email}, values, entry.model_fields_set, {"id": id_})

    def agreement(self, organisation: OrganisationId, kind: AgreementType, entry: Holding) -> Outcome:
        """Add or change an agreement, which must be of the organisation's kind."""
        _refuse(None if AGREEMENT_KINDS[kind] in self._kinds(organisation) else "agreement_not_for_kind", "type")
        key = {"organisation_id": organisation, "type": kind}
        return self._put(db.agreements, key, *_holding(entry, "ended_at"))

    def agent_assignment(self, agent: OrganisationId, service: str, entry: Holding) -> Outcome:
        """Add or change an agent's assignment for a service."""
        _refuse(None if OrganisationKind.AGENT in self._kinds(agent) else "assignment_needs_agent", "service")
        self._known(db.services, service, "service")
        key = {"agent_id": agent, "service_id": service}
        return self._put(db.agent_assignments, key, *_holding(entry, "valid_to"))

    def role(
        self,
        person: PersonId,
        organisation: OrganisationId,
        role: Role,
        *,
        since: date | None = None,
        ended: date | None = None,
    ) -> Outcome:
        """Grant a role, or end it when `ended` is given; one that holds already is left as it is."""
        _refuse(None if role_fits(role, self._kinds(organisation)) else "role_not_for_kind", "role")
        self._known(db.persons, person, "person")
        start = beginning_of(since) if since else self.at
        end = beginning_of(ended) if ended else None
        held = self._held(person, organisation, role)
        current = next((each for each in held if each["valid_to"] is None or each["valid_to"] > self.at), None)
        if current is not None:
            return self._end(current, end)
        if end is not None and (since is None or any(each["valid_to"] == end for each in held)):
            return Outcome.SAME
        return self._grant(person, organisation, role, start, end)

    def end_role(self, id_: int, ended: datetime) -> Outcome:
        """End a role assignment by its number. Raises when it is unknown or begins later."""
        found = self._row(db.role_assignments, {"id": id_})
        if found is None:
            raise RegisterError(problem="unknown", field="id")
        return self._end(found, ended)

    def _held(self, person: PersonId, organisation: OrganisationId, role: Role) -> Sequence[RowMapping]:
        roles = db.role_assignments
        mine = and_(roles.c.person_id == person, roles.c.organisation_id == organisation, roles.c.role == role)
        return self.connection.execute(select(roles).where(mine).order_by(roles.c.valid_from)).mappings().all()

    def _end(self, held: RowMapping, end: datetime | None) -> Outcome:
        if end is None or held["valid_to"] == end:
            return Outcome.SAME
        _refuse("period_reversed" if end < held["valid_from"] else None, "ended")
        roles = db.role_assignments
        self.connection.execute(update(roles).where(roles.c.id == held["id"]).values(valid_to=end))
        return Outcome.CHANGED

    def _grant(
        self, person: PersonId, organisation: OrganisationId, role: Role, start: datetime, end: datetime | None
    ) -> Outcome:
        _refuse("period_reversed" if end is not None and end < start else None, "ended")
        values = {"person_id": person, "organisation_id": organisation, "role": role, "granted_by": self.by}
        values |= {"valid_from": start, "valid_to": end}
        self.connection.execute(insert(db.role_assignments), values)
        return Outcome.ADDED

    def _agent_field(self, code: str, entry: OfferEntry) -> AgentField:
        if entry.agent is not None:
            return entry.agent
        stored = self._row(db.offers, {"id": code})
        if stored is not None and stored["agent_field"] in AGENT_FIELDS[entry.flow]:
            return AgentField(stored["agent_field"])
        return AgentField.REQUIRED if entry.flow is Flow.VIA_AGENT else AgentField.NONE

    def _refuse_clashes(self, offer: OfferId, prices: Sequence[Price]) -> None:
        for index, price in enumerate(prices):
            if price.valid_to is not None and price.valid_to < price.valid_from:
                raise RegisterError(problem="period_reversed", field="to", index=index)
        given = {_price_key(price): index for index, price in enumerate(prices)}
        stored = [price for price in read_prices(self.connection, offer) if _price_key(price) not in given]
        broken = rule_broken_by_prices([*prices, *stored])
        if broken is not None:
            problem, one, other = broken
            index = max(given.get(_price_key(each), -1) for each in (one, other))
            raise RegisterError(problem=problem, field="from", index=index)

    def _price(self, offer: OfferId, price: Price) -> Outcome:
        key = {"offer_id": offer, "payer": price.payer, "kind": price.kind, "unit": price.unit}
        values = {name: value for name, value in asdict(price).items() if name in {"amount_ore", "period", "valid_to"}}
        return self._put(db.price_items, key | {"valid_from": price.valid_from}, values, frozenset(values))

    def _kinds(self, organisation: OrganisationId) -> frozenset[OrganisationKind]:
        stored = self._row(db.organisations, {"id": organisation})
        if stored is None:
            raise RegisterError(problem="unknown", field="organisation")
        return frozenset(map(OrganisationKind, stored["kinds"]))

    def _known(self, table: Table, id_: str, field: str) -> None:
        _refuse("unknown" if self._row(table, {"id": id_}) is None else None, field)

    def _row(self, table: Table, key: Values) -> RowMapping | None:
        return self.connection.execute(select(table).where(_is(table, key))).mappings().one_or_none()

    def _put(
        self,
        table: Table,
        key: Values,
        values: Values,
        given: AbstractSet[str],
        more: Values | None = None,
    ) -> Outcome:
        """Insert `values` (and `more`) under a key, or update those of `values` that were given and differ."""
        stored = self._row(table, key)
        if stored is None:
            self.connection.execute(insert(table), {**key, **values, **(more or {})})
            return Outcome.ADDED
        changed = {name: value for name, value in values.items() if name in given and stored[name] != value}
        if not changed:
            return Outcome.SAME
        self.connection.execute(update(table).where(_is(table, key)).values(changed))
        return Outcome.CHANGED


def write_register(connection: Connection, at: datetime, new_id: NewId, by: str) -> Writer:
    """A writer, alone at work: two that looked at once could both add the same entry."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    return Writer(connection, at, new_id, by)


LOCK = 7_305_881_145


def read_prices(connection: Connection, offer: OfferId) -> list[Price]:
    """The prices of an offer, past and coming ones too, oldest first."""
    items = db.price_items
    query = select(items).where(items.c.offer_id == offer).order_by(items.c.valid_from, items.c.id)
    return [price_from_row(row) for row in connection.execute(query)]


def _price_key(price: Price) -> tuple[object, ...]:
    return price.payer, price.kind, price.unit, price.valid_from


def _holding(entry: Holding, end: str) -> tuple[Values, AbstractSet[str]]:
    _refuse("period_reversed" if entry.ended is not None and entry.ended < entry.from_ else None, "ended")
    ended = None if entry.ended is None else beginning_of(entry.ended)
    given = {"valid_from", end} if "ended" in entry.model_fields_set else {"valid_from"}
    return {"valid_from": beginning_of(entry.from_), end: ended}, given


def _is(table: Table, key: Values) -> Any:  # Any: a SQLAlchemy condition
    return and_(*(table.c[name] == value for name, value in key.items()))


def _refuse(problem: str | None, field: str) -> None:
    if problem is not None:
        raise RegisterError(problem=problem, field=field)
