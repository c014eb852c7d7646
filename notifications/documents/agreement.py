"""An agreement drawn up: a version's text with one organisation's facts in it, and its hash."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby

from core.api import (
    TRAITS,
    AgreementType,
    Case,
    CustomerCategory,
    DocumentChanged,
    Documents,
    DrawnUp,
    Language,
    is_personal,
)
from notifications.documents.library import Library
from notifications.documents.markup import TextKind, TextPart, read, write
from notifications.texts import say

# In a template, this one stands on a line of its own, which is repeated for each of them.
SIGNATORIES = "{signatories}"
# What else a template may name, the version aside.
PLACES = (
    "number",
    "organisation",
    "org_number",
    "category",
    "invoice_address",
    "invoice_ref",
    "administrator",
    "agreement_contact",
    "signatures_needed",
)


@dataclass(frozen=True)
class Facts:
    """What is filled in. `org_number` None where it is somebody's personal number, which stands in no document."""

    number: str
    organisation: str
    org_number: str | None
    category: CustomerCategory | None
    invoice_address: str
    invoice_ref: str
    administrator: str
    agreement_contact: str
    signatories: tuple[str, ...]
    signatures_needed: int


@dataclass(frozen=True)
class Document:
    """A document as it is signed: `text` holds everything that is drawn, and `hash` is the SHA-256 of it in hex."""

    version: str
    text: str

    @property
    def hash(self) -> str:
        """The SHA-256 in hex of its text in UTF-8, normalised to composed letters."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def parts(self) -> tuple[TextPart, ...]:
        """The parts that it is drawn from, a line each."""
        return read(self.text)

    @property
    def runs(self) -> tuple[tuple[str, tuple[TextPart, ...]], ...]:
        """The parts, with facts and items that follow one another together, by the names of their kinds."""
        return runs_of(self.parts)


def draw_up(library: Library, of: AgreementType, facts: Facts) -> Document:
    """Draw up the newest version of an agreement, in Swedish, with its facts in it."""
    return fill_in(library, library.newest(of), facts, Language.SV)


def fill_in(library: Library, version: str, facts: Facts, language: Language) -> Document:
    """Fill a version of an agreement with its facts. Only the Swedish text is signed."""
    return _document(library, version, language, _values(facts, version, language), facts.signatories)


def blank(library: Library, of: AgreementType, language: Language = Language.SV) -> Document:
    """Return the newest version of an agreement as it is before anybody has applied: each fact says where it comes
    from.
    """
    version, gap = library.newest(of), say(language, "web.document.blank")
    return _document(library, version, language, {**dict.fromkeys(PLACES, gap), "version": version}, (gap,))


def _document(
    library: Library, version: str, language: Language, values: Mapping[str, str], signatories: Iterable[str]
) -> Document:
    names = [_on_one_line(name) for name in signatories]
    parts = (
        part
        for template_part in read(library.template(version, language))
        for part in _filled(template_part, names, values)
    )
    return Document(version, unicodedata.normalize("NFC", write(parts)))


def runs_of(parts: tuple[TextPart, ...]) -> tuple[tuple[str, tuple[TextPart, ...]], ...]:
    """Return parts with facts and items that follow one another together, by the names of their kinds."""
    return tuple((kind.name, tuple(run)) for kind, run in _together(parts))


def _together(parts: tuple[TextPart, ...]) -> Iterator[tuple[TextKind, Iterator[TextPart]]]:
    for kind, run in groupby(parts, key=lambda part: part.kind):
        if kind in {TextKind.FACT, TextKind.ITEM}:
            yield kind, run
        else:
            yield from ((kind, iter((part,))) for part in run)


def _filled(part: TextPart, signatories: Iterable[str], values: Mapping[str, object]) -> Iterator[TextPart]:
    if part.text == SIGNATORIES:
        yield from (replace(part, text=name) for name in signatories)
        return
    # A template is read first and filled in afterwards: no name can begin a line and become markup.
    yield replace(part, text=part.text.format_map(values))


def _values(facts: Facts, version: str, language: Language) -> dict[str, str]:
    hidden = say(language, "web.document.number_hidden")
    return {
        "number": facts.number,
        "version": version,
        "organisation": _on_one_line(facts.organisation),
        "org_number": hidden if facts.org_number is None else f"{facts.org_number[:6]}-{facts.org_number[6:]}",
        "category": "" if facts.category is None else say(language, f"category.{facts.category}"),
        "invoice_address": ", ".join(map(_on_one_line, facts.invoice_address.splitlines())),
        "invoice_ref": _on_one_line(facts.invoice_ref),
        "administrator": _on_one_line(facts.administrator),
        "agreement_contact": _on_one_line(facts.agreement_contact),
        "signatures_needed": str(facts.signatures_needed),
    }


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Agreements:
    """Draws up agreements from a library of texts; once drawn up they are kept, whatever becomes of the library."""

    library: Library
    documents: Documents

    def draw_up(self, case: Case) -> DrawnUp:
        """Draw up what the signatories of an application will sign: the newest version, and the hash of its text."""
        document = draw_up(self.library, TRAITS[case.flow].agreement, facts_of(case))
        return DrawnUp(document.version, document.hash, document.text)

    async def document(self, case: Case) -> Document:
        """Return the document of an approved application, as it was drawn up. Raise DocumentChanged without one."""
        drawn_up = case.application.document
        if drawn_up is None:
            raise DocumentChanged(case=case.id)
        return Document(drawn_up.version, await self.documents.text(drawn_up.hash))

    def reading_aid(self, case: Case, language: Language) -> Document | None:
        """Return the document in another language, to be read and not signed; None where there is none."""
        drawn_up = case.application.document
        if drawn_up is None or language is Language.SV or not self.library.has(drawn_up.version, language):
            return None
        return fill_in(self.library, drawn_up.version, facts_of(case), language)


def facts_of(case: Case) -> Facts:
    """Return what of an application stands in its agreement."""
    sent = case.application
    return Facts(
        number=case.id,
        organisation=sent.organisation,
        org_number=None if is_personal(sent.org_number) else sent.org_number,
        category=sent.category,
        invoice_address=sent.invoice_address,
        invoice_ref=sent.invoice_ref,
        administrator=sent.administrator.name,
        agreement_contact=sent.agreement_contact.name,
        signatories=tuple(signatory.name for signatory in sent.signatories),
        signatures_needed=sent.signatures_needed,
    )
