"""An agreement is one text: everything that is drawn is hashed, and the same facts give the same bytes."""

import hashlib
import logging
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from core.api import AgreementType, CaseId, CustomerCategory, HeldDocument, Language, Signature
from core.shared.characters import is_drawn
from notifications import documents
from notifications.documents import Facts, Library, TextKind, TextPart, draw_up, fill_in, read
from notifications.documents.agreement import facts_of
from notifications.documents.markup import write
from notifications.documents.pdf import pdf_of
from notifications.documents.pdf_layout import FONTS
from notifications.documents.signed import SignedDocument
from tests.support.drawn import applied
from tests.support.world.builders import AT

FACTS = Facts(
    number="A-7FKC3MN",
    organisation="Räksmörgås Vård & Omsorg AB",
    org_number="5560000001",
    category=CustomerCategory.PRIVATE_PROVIDER,
    invoice_address="Box 1, 123 45 Ånäset",
    invoice_ref="REF-1",
    administrator="Åsa Öberg",
    agreement_contact="Çelik Jovanović",
    signatories=("Bo Lund", "Zoë Müller-Łukasz"),
    signatures_needed=2,
)
LIBRARY = Library()
# A version that may have been signed never changes: a new text gets a new number, and a line of its own here.
PUBLISHED = {
    "agentavtal-1.en.md": "da6f7ed70451837f5c3957542536fb8b35892c7ce9dc922131e827c7db9d3a02",
    "agentavtal-1.sv.md": "7722b8eea1a1765da753777ff0d4e6eb0e1dc4cadc2319d2c5686bea3d495e30",
    "kundavtal-1.en.md": "09ab0c9e1af1b5c9f11157b13f0a881d2063236e20273d53d227eb515cd13230",
    "kundavtal-1.sv.md": "6fb2bf1dc606efd00043884e4827b1597873eb0c577a31fb32833fe0f42d7997",
}


@pytest.mark.parametrize("of", AgreementType)
def test_everything_is_filled_in_and_stands_in_the_document(of):
    document = draw_up(LIBRARY, of, FACTS)

    assert not re.search(r"[{}]", document.text)
    for fact in ("A-7FKC3MN", "Räksmörgås Vård & Omsorg AB", "556000-0001", "Åsa Öberg", "Zoë Müller-Łukasz"):
        assert fact in document.text
    assert document.version == f"{of}-1"


def test_an_agreement_states_what_was_applied_for():
    case = applied.applied()
    sent = case.application

    assert facts_of(case) == Facts(
        number=case.id,
        organisation=sent.organisation,
        org_number=sent.org_number,
        category=CustomerCategory.REGION,
        invoice_address=sent.invoice_address,
        invoice_ref=sent.invoice_ref,
        administrator="Alva Admin",
        agreement_contact="Kim Kontakt",
        signatories=("Frej Firma", "Signe Ström"),
        signatures_needed=2,
    )


@pytest.mark.parametrize(("since", "said"), [(None, "Avtalet är inte tecknat ännu."), (AT, "Avtalet är tecknat.")])
def test_below_an_agreement_stands_whether_it_is_signed_and_by_whom_so_far(since, said):
    text = draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS).text
    held = HeldDocument(
        organisation=applied.BYGDEN,
        organisation_name=FACTS.organisation,
        type=AgreementType.KUNDAVTAL,
        case=CaseId(FACTS.number),
        version="kundavtal-1",
        hash="0" * 64,
        text=text,
        since=since,
        ended=None,
        signatures=(Signature("Bo Lund", AT, "link_confirm"),),
    )

    below = [part.text for part in SignedDocument(held).parts[len(read(text)) :]]

    assert below[1].startswith(said)
    assert below[2].startswith("Bo Lund")


@pytest.mark.parametrize("of", AgreementType)
@pytest.mark.parametrize(
    ("language", "number", "administrator", "contact", "reference"),
    [
        (Language.SV, "Organisationsnummer", "Administratör", "Kontaktperson för avtalet", "Fakturareferens"),
        (Language.EN, "Organisation number", "Administrator", "Contact for the agreement", "Invoice reference"),
    ],
)
def test_each_fact_stands_beside_what_it_is(of, language, number, administrator, contact, reference):
    rows = dict(line.removeprefix("| ").split(" | ") for line in lines_of(fill_in(LIBRARY, f"{of}-1", FACTS, language)))

    assert rows[administrator] == "Åsa Öberg"
    assert rows[contact] == "Çelik Jovanović"
    assert (rows[number], rows[reference]) == ("556000-0001", "REF-1")


def lines_of(document):
    return [line for line in document.text.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("of", AgreementType)
def test_the_reading_aid_has_the_same_parts_as_the_agreement(of):
    swedish, english = (fill_in(LIBRARY, f"{of}-1", FACTS, language).parts for language in Language)

    assert [part.kind for part in swedish] == [part.kind for part in english]


@pytest.mark.parametrize("name", [field for field in Facts.__dataclass_fields__ if field != "number"])
def test_another_fact_is_another_document(name):
    others = {
        "signatures_needed": 1,
        "signatories": ("Bo Lund",),
        "category": CustomerCategory.REGION,
        "org_number": None,
    }
    changed = replace(FACTS, **{name: others.get(name, "another")})

    assert (
        draw_up(LIBRARY, AgreementType.KUNDAVTAL, changed).hash != draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS).hash
    )


def test_the_hash_is_of_the_whole_text_and_the_text_is_read_as_it_was_written():
    document = draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS)

    assert re.fullmatch(r"[0-9a-f]{64}", document.hash)
    assert write(read(document.text)) == document.text


def test_no_name_becomes_a_heading_or_a_fact():
    sly = replace(FACTS, organisation="AB\n## 11. Gratis\n| Pris | 0 kr", signatories=("Bo\n# Lund", "{number}"))

    parts = draw_up(LIBRARY, AgreementType.KUNDAVTAL, sly).parts
    plain = draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS).parts

    assert [part.kind for part in parts] == [part.kind for part in plain]
    assert TextPart(TextKind.ITEM, "{number}") in parts


def test_letters_that_look_alike_are_written_alike():
    composed, apart = (replace(FACTS, organisation=name) for name in ("Ånäs", "A\u030anäs"))

    assert draw_up(LIBRARY, AgreementType.KUNDAVTAL, composed) == draw_up(LIBRARY, AgreementType.KUNDAVTAL, apart)


def test_a_personal_number_stands_in_no_document():
    document = draw_up(LIBRARY, AgreementType.KUNDAVTAL, replace(FACTS, org_number=None))

    assert "enskild firma" in document.text


def test_an_operators_newer_version_takes_over_and_the_old_one_can_still_be_read(tmp_path):
    for number, text in ((1, "# Ett"), (2, "# Två"), (10, "# Tio\n\n{organisation} av\ndessa.")):
        (tmp_path / f"kundavtal-{number}.sv.md").write_text(text, "utf-8")
    own = Library(tmp_path)

    assert draw_up(own, AgreementType.KUNDAVTAL, FACTS).text == f"# Tio\n\n{FACTS.organisation} av dessa.\n"
    assert fill_in(own, "kundavtal-2", FACTS, Language.SV).text == "# Två\n"
    with pytest.raises(LookupError):
        own.newest(AgreementType.AGENTAVTAL)


def test_a_published_version_of_an_agreement_never_changes():
    folder = Path(documents.__file__).parent / "agreements"
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}

    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}

    assert found == PUBLISHED


PRINT_A_PDF = """
import sys
from tests.rules.test_documents import FACTS, LIBRARY
from core.api import AgreementType
from notifications.documents import draw_up
from notifications.documents.pdf import pdf_of
sys.stdout.buffer.write(pdf_of(draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS)))
"""


def test_the_same_document_is_the_same_pdf_in_another_process_at_another_time():
    here = pdf_of(draw_up(LIBRARY, AgreementType.KUNDAVTAL, FACTS))

    root = Path(__file__).parents[2]
    there = subprocess.run([sys.executable, "-c", PRINT_A_PDF], cwd=root, check=True, capture_output=True).stdout

    assert here.startswith(b"%PDF-")
    assert here == there


def test_a_product_that_starts_loads_nothing_that_draws_pdfs_or_migrates():
    loaded = "import sys, bot.main; print(sorted({'alembic', 'fpdf', 'fontTools', 'PIL'} & sys.modules.keys()))"

    found = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout

    assert found.strip() == "[]"


@pytest.mark.parametrize("signatory", ["Bo Lund", "王小明"])
def test_nothing_of_a_document_that_is_drawn_is_logged(caplog: pytest.LogCaptureFixture, signatory: str):
    with caplog.at_level(logging.INFO):
        pdf_of(draw_up(LIBRARY, AgreementType.KUNDAVTAL, replace(FACTS, signatories=(signatory,))))

    assert caplog.records == []


@pytest.mark.parametrize("font", sorted(FONTS.glob("*.ttf")), ids=lambda font: font.stem)
def test_every_letter_that_an_application_may_have_is_drawn(font: Path):
    letters = {chr(number) for number in range(sys.maxunicode + 1) if is_drawn(chr(number))}
    with TTFont(font) as opened:
        drawn = set(map(chr, opened.getBestCmap()))

    assert set("azåäöÅÄÖéüßłçñšžþæøŐţΔЖ€–’·«»№") <= letters
    # Documents are in composed letters, and space of any kind is a space in them.
    assert {
        each for each in letters if not {*unicodedata.normalize("NFC", each)} <= drawn and not each.isspace()
    } == set()
