"""Draws a document on paper: the same document gives the same bytes, today and in ten years."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from core.api import Language
from notifications.documents.markup import TextKind, TextPart
from notifications.texts import say

FONTS = Path(__file__).parent / "fonts"
FONT = "DejaVuSansCondensed"
# PDF wants to know when it was made, which says nothing about the document.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
MARGIN, LABEL_WIDTH = 22.0, 52.0
INK, QUIET, NOTE = (31, 26, 29), (91, 82, 88), (251, 238, 242)
# Size and weight of the letters, their line's height and the space before, in points and millimetres.
LOOKS: dict[TextKind, tuple[float, str, float, float]] = {
    TextKind.TITLE: (22, "B", 10, 0),
    TextKind.HEADING: (12.5, "B", 6.5, 5),
    TextKind.NOTE: (9.5, "", 5, 3),
    TextKind.FACT: (10, "", 5.4, 0.6),
    TextKind.ITEM: (10, "", 5.2, 1),
    TextKind.PARAGRAPH: (10, "", 5.2, 2),
}

# They would tell the log which letters a document has: at some eighty lines each time one is drawn, and each letter of
# an older document that our fonts lack. What fails raises.
for library in ("fontTools", "fpdf"):
    logging.getLogger(library).setLevel(logging.CRITICAL)


def draw(parts: Sequence[TextPart], foot: str) -> bytes:
    """Draw the PDF with something at the foot of each page."""
    pdf = _Paper(foot)
    pdf.set_title(parts[0].text)
    for part in parts:
        _draw(pdf, part)
    return bytes(pdf.output())


class _Paper(FPDF):
    """A4 with our letters, and at the foot of each page its number and what the document is known by."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.add_font(FONT, "", FONTS / f"{FONT}.ttf")
        self.add_font(FONT, "B", FONTS / f"{FONT}-Bold.ttf")
        self.set_creation_date(ALWAYS)
        self.set_lang("sv-SE")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + 4)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font(FONT, "", 7.5)
        self.set_text_color(*QUIET)
        number = say(Language.SV, "web.document.page", number=self.page_no())
        self.multi_cell(0, 3.8, f"{self._foot}\n{number}", align="C")


def _draw(pdf: FPDF, part: TextPart) -> None:
    size, weight, height, before = LOOKS[part.kind]
    pdf.ln(before)
    pdf.set_text_color(*INK)
    if part.kind is TextKind.HEADING and pdf.will_page_break(height * 3):
        pdf.add_page()
    if part.kind is TextKind.FACT:
        _draw_fact(pdf, part, height)
        return
    pdf.set_font(FONT, weight, size)
    pdf.set_fill_color(*NOTE)
    text = f"•  {part.text}" if part.kind is TextKind.ITEM else part.text
    is_note = part.kind is TextKind.NOTE
    pdf.multi_cell(
        0, height, text, align="L", fill=is_note, padding=2 if is_note else 0, new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )
    pdf.ln(3 if part.kind in {TextKind.TITLE, TextKind.NOTE} else 0)


def _draw_fact(pdf: FPDF, part: TextPart, height: float) -> None:
    if pdf.will_page_break(height * 2):
        pdf.add_page()
    pdf.set_font(FONT, "B", LOOKS[TextKind.FACT][0])
    pdf.cell(LABEL_WIDTH, height, part.label)
    pdf.set_font(FONT, "", LOOKS[TextKind.FACT][0])
    pdf.multi_cell(0, height, part.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
