"""Reads the document that an agreement is, held against its hash, with the signatures below it."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from core.shared.errors import DocumentChanged, NoDocument
from core.shared.vocabulary import AgreementType, CaseId, OrganisationId
from core.storage import tables
from core.storage.reads.documents import is_unchanged
from core.views.holdings import HeldDocument, Signature


def held_document(connection: Connection, hash_: str | None) -> HeldDocument:
    """The agreement that a document is, by the document's hash.

    Raises NoDocument where it is no agreement's, DocumentChanged where it is not what it was.
    """
    return _held(connection, tables.documents.c.hash == hash_)


def signed_agreement(connection: Connection, case: CaseId) -> HeldDocument:
    """The same, by the case that it was signed in."""
    return _held(connection, tables.documents.c.case_id == case)


def _held(connection: Connection, which: ColumnElement[bool]) -> HeldDocument:
    made, drawn, named = tables.agreements.c, tables.documents.c, tables.organisations.c
    query = (
        select(tables.agreements, drawn.text, drawn.version, named.name)
        .select_from(tables.documents)
        .join(tables.agreements, (made.case_id == drawn.case_id) & (made.document_hash == drawn.hash))
        .join(tables.organisations, named.id == made.organisation_id)
        .where(which)
    )
    row: Any = connection.execute(query).one_or_none()
    if row is None:
        raise NoDocument
    if not is_unchanged(row.text, row.document_hash):
        raise DocumentChanged(case=row.case_id)
    return HeldDocument(
        organisation=OrganisationId(row.organisation_id),
        organisation_name=row.name,
        type=AgreementType(row.type),
        case=CaseId(row.case_id),
        version=row.version,
        hash=row.document_hash,
        text=row.text,
        since=row.valid_from,
        ended=row.ended_at,
        signatures=_signatures(connection, row.case_id, row.document_hash),
    )


def _signatures(connection: Connection, case: str, hash_: str) -> tuple[Signature, ...]:
    signed, people = tables.signatures.c, tables.persons.c
    query = (
        select(people.name, signed.signed_at, signed.method)
        .join(tables.persons, people.id == signed.person_id)
        .where(signed.case_id == case, signed.document_hash == hash_)
        .order_by(signed.signed_at, people.name)
    )
    return tuple(Signature(row.name, row.signed_at, row.method) for row in connection.execute(query))
