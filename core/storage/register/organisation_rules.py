"""Organisations' rules about their decisions, kept in rows of `organisations`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from core.ports.register_entries import Outcome
from core.register.administration import Author
from core.register.organisations import REMINDER_DAYS, REMINDER_HOUR, Rules, Tier
from core.shared.errors import RegisterError
from core.shared.vocabulary import Happened, Language, OrganisationId, PersonId, Role
from core.storage import tables
from core.storage.audit.audit_records import changed_facts, record_keeping
from core.storage.context.reviews import review_organisation
from core.storage.database.conditions import goes_on
from core.storage.register.rows import known

# What an organisation has declared about its decisions, its tiers aside.
DECLARED = ("self_attest_allowed", "eid_from_ore")
# What it has declared that no decision hangs on, so that the cases that wait need no look, and what holds unsaid.
ASIDE: Mapping[str, int] = {"reminder_days": REMINDER_DAYS, "reminder_hour": REMINDER_HOUR}
# What history tells of it, the tiers aside: besides that, what it is and so may order.
TOLD = (*DECLARED, *ASIDE, "kinds", "category")


def write_tiers(
    connection: Connection, organisation: OrganisationId, tiers: Sequence[Tier], at: datetime, author: Author
) -> Outcome:
    """Replace the tiers of an organisation. Raise RegisterError with `index`, the place of a tier that breaks a
    rule.
    """
    stored: list[Any] | None = known(connection, tables.organisations, organisation, "organisation")["tiers"]
    _refuse_broken(tiers, _attestants(connection, organisation, at))
    rising = [_stored(tier) for tier in sorted(tiers, key=lambda tier: tier.from_ore)]
    changed = declare(connection, organisation, {"tiers": stored or []}, {"tiers": rising}, at=at, author=author)
    if changed is None:
        return Outcome.SAME
    return Outcome.CHANGED if stored else Outcome.ADDED


def write_rules(
    connection: Connection, organisation: OrganisationId, rules: Rules, at: datetime, author: Author
) -> int | None:
    """Replace all rules of an organisation, and return the id of the audit record; None where nothing changed."""
    stored = known(connection, tables.organisations, organisation, "organisation")
    _refuse_broken(rules.tiers, _attestants(connection, organisation, at))
    rising = sorted(rules.tiers, key=lambda tier: tier.from_ore)
    wanted = {
        "self_attest_allowed": rules.self_attest_allowed,
        "eid_from_ore": rules.eid_from_ore,
        "tiers": [_stored(tier) for tier in rising],
        "reminder_days": rules.reminder_days,
        "reminder_hour": rules.reminder_hour,
    }
    before: dict[str, Any] = {**stored, "tiers": stored["tiers"] or []}
    return declare(connection, organisation, before, wanted, at=at, author=author)


def declare(
    connection: Connection,
    organisation: OrganisationId,
    before: Mapping[str, Any],
    wanted: Mapping[str, Any],
    *,
    at: datetime,
    author: Author,
) -> int | None:
    """Write the rules that differ, review the cases that wait for decisions by them, and return the id of the audit
    record; None where none differs.
    """
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if not changed:
        return None
    mine = tables.organisations.c.id == organisation
    connection.execute(update(tables.organisations).where(mine).values(changed))
    if changed.keys() - ASIDE.keys():
        review_organisation(connection, organisation, [at])
    return record_rules(connection, organisation, before, changed, at, author)


def record_rules(
    connection: Connection,
    organisation: OrganisationId,
    before: Mapping[Any, Any] | None,
    after: Mapping[str, object],
    at: datetime,
    author: Author,
    happened: Happened = Happened.CHANGED,
) -> int:
    """Record what an organisation is or has for rules now, and return the record's id; `before` is None of a new
    one.
    """
    return record_keeping(connection, organisation, happened, changed_facts(before, after), at, author)


def write_language(
    connection: Connection, organisation: OrganisationId, language: Language, at: datetime, author: Author
) -> int | None:
    """Keep the language of an organisation, and return the id of the audit record; None where it stood like that."""
    before = known(connection, tables.organisations, organisation, "organisation")["language"]
    if before == language:
        return None
    mine = tables.organisations.c.id == organisation
    connection.execute(update(tables.organisations).where(mine).values(language=language))
    return record_language(connection, organisation, before, language, at, author)


def record_language(
    connection: Connection,
    organisation: OrganisationId,
    before: str | None,
    after: str | None,
    at: datetime,
    author: Author,
) -> int:
    """Record which language an organisation's people are spoken to in now, and return the record's id."""
    facts = changed_facts({"language": before}, {"language": after})
    return record_keeping(connection, organisation, Happened.TRANSLATED, facts, at, author)


def _stored(tier: Tier) -> dict[str, Any]:
    return {"from_ore": tier.from_ore, "attests": tier.attests, "sequence": list(tier.sequence)}


def _refuse_broken(tiers: Sequence[Tier], attestants: frozenset[PersonId]) -> None:
    seen: set[int] = set()
    for index, tier in enumerate(tiers):
        if tier.from_ore in seen:
            raise RegisterError(problem="repeated", field="from_ore", among="tiers", index=index)
        if len(set(tier.sequence)) < len(tier.sequence):
            raise RegisterError(problem="repeated", field="sequence", among="tiers", index=index)
        if not attestants.issuperset(tier.sequence):
            raise RegisterError(problem="not_attestant", field="sequence", among="tiers", index=index)
        seen.add(tier.from_ore)


def _attestants(connection: Connection, organisation: OrganisationId, at: datetime) -> frozenset[PersonId]:
    held = tables.role_assignments.c
    query = select(held.person_id).where(
        held.organisation_id == organisation,
        held.role == Role.ATTESTANT,
        goes_on(held.valid_to, at),
    )
    return frozenset(connection.execute(query).scalars())
