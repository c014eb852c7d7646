"""Puts names in the place of ids in the facts of a refusal."""

from collections.abc import Mapping
from typing import Any

from core.api import Queries


async def named(queries: Queries, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with names of people and organisations; one look-up, none where there is nobody to name."""
    people = [facts["person"]] if facts.get("person") else []
    organisations = [facts[key] for key in ("organisation", "agent") if facts.get(key)]
    if not (people or organisations):
        return dict(facts)
    names, organised = await queries.names(people, organisations)
    known: dict[str, Mapping[Any, str]] = {"person": names, "organisation": organised, "agent": organised}
    return {key: known[key].get(fact) if key in known else fact for key, fact in facts.items()}
