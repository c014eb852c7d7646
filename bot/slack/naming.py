"""Puts names in the place of ids in the facts of a refusal."""

from collections.abc import Mapping
from typing import Any

from core.api import Queries


async def named(queries: Queries, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with names of people, organisations and services, of these by language; no look-up for what is absent.

    A service that is not known keeps its id.
    """
    service = facts.get("service")
    name = await queries.service_name(service) if service else None
    return await _with_names(queries, facts if name is None else {**facts, "service": name})


async def _with_names(queries: Queries, facts: Mapping[str, Any]) -> dict[str, Any]:
    people = [facts["person"]] if facts.get("person") else []
    organisations = [facts[key] for key in ("organisation", "agent") if facts.get(key)]
    if not (people or organisations):
        return dict(facts)
    names, organised = await queries.names(people, organisations)
    known: dict[str, Mapping[Any, str]] = {"person": names, "organisation": organised, "agent": organised}
    return {key: known[key].get(fact) if key in known else fact for key, fact in facts.items()}
