"""Reads organisations and the names of people, and loads texts by language as they are stored."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from core.register.organisations import Organisation
from core.shared.vocabulary import CustomerCategory, Language, Localised, OrganisationId, OrganisationKind, PersonId
from core.storage.database.sessions import bind_ids, statements

ORGANISATIONS = statements("SELECT * FROM organisations WHERE id {among}")
PEOPLE = statements("SELECT id, name FROM persons WHERE id {among}")


def organisations_by_id(connection: Connection, ids: Iterable[OrganisationId]) -> dict[OrganisationId, Organisation]:
    """Return organisations by id; unknown ids are left out."""
    found = map(organisation_from_row, rows_of(connection, ORGANISATIONS, tuple(ids)))
    return {each.id: each for each in found}


def names_of_people(connection: Connection, ids: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return names by id; unknown ids are left out."""
    return {PersonId(row.id): row.name for row in rows_of(connection, PEOPLE, tuple(ids))}


def organisation_from_row(row: Row[Any]) -> Organisation:
    """Return the organisation in a row of every column of `organisations`."""
    return Organisation(
        id=OrganisationId(row.id),
        name=row.name,
        org_number=row.org_number,
        org_number_is_personal=bool(row.org_number_is_personal),
        kinds=frozenset(map(OrganisationKind, loaded(row.kinds))),
        category=None if row.category is None else CustomerCategory(row.category),
        self_attest_allowed=bool(row.self_attest_allowed),
    )


def localised(stored: object) -> Localised:
    """Return a text by language from what is stored."""
    texts: Mapping[str, str] = loaded(stored)
    return {Language(language): words for language, words in texts.items()}


def loaded(stored: Any) -> Any:
    """Return JSON that a plain statement left as text, or that a typed column has read already."""
    return json.loads(stored) if isinstance(stored, str) else stored


def rows_of(connection: Connection, statement: Mapping[str, Any], ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the rows of a statement over some ids."""
    return connection.execute(statement[connection.dialect.name], {"ids": bind_ids(connection, ids)}).all()
