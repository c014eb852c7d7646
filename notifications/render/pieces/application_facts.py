"""Every fact of an application, as cards, mails and modals show them."""

from collections.abc import Iterator

from core.api import ApplicationView, AttachedFile, Contact, Language, Role
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.words import CaseWords
from notifications.texts import counted, say, size, when

Row = tuple[str, str]


def applied_in(words: CaseWords) -> ApplicationView:
    """Return what was applied for."""
    found = words.view.application
    if found is None:
        raise LookupError(words.view.case)
    return found


def application_rows(words: CaseWords) -> Iterator[Row]:
    """Return what was applied for, a row each; a sole trader's number and address are not shown."""
    one, language = applied_in(words), words.language
    yield _label(language, "organisation"), on_one_line(one.organisation)
    yield whose_number(words)
    if one.category is not None:
        yield _label(language, "category"), say(language, f"category.{one.category}")
    if one.invoice_address is not None:
        yield _label(language, "invoice_address"), on_one_line(", ".join(one.invoice_address.splitlines()))
    yield _label(language, "invoice_ref"), on_one_line(one.invoice_ref)
    for role, contact in one.contacts:
        yield _label(language, role), _person(contact, language)
    yield _label(language, "signs"), counted(language, "applied.signatures", one.signatures_needed)
    if one.file is not None:
        yield _label(language, "file"), attached_file(one.file, language)
    yield _label(language, "language"), say(language, f"language.{one.language}")
    if one.document_version is not None:
        yield _label(language, "document"), one.document_version


def whose_number(words: CaseWords) -> Row:
    """Return the number of the organisation that was applied for."""
    return _label(words.language, "org_number"), _number(applied_in(words), words.language)


def attached_file(file: AttachedFile, language: Language) -> str:
    """Return what is told of a file: what it is, how large, when it came."""
    return say(
        language,
        "applied.file_told",
        kind=file.kind.name,
        size=size(language, file.size),
        at=when(language, file.sent_at),
    )


def _person(contact: Contact, language: Language) -> str:
    name, email = on_one_line(contact.name), on_one_line(contact.email)
    return say(language, "applied.contact", name=name, email=email)


def _number(one: ApplicationView, language: Language) -> str:
    number = one.org_number
    return say(language, "applied.sole_trader") if number is None else f"{number[:6]}-{number[6:]}"


def _label(language: Language, name: str | Role) -> str:
    return say(language, f"applied.{name}")
