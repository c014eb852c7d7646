"""What nobody sees, and what turns the reading direction around, is refused or left out wherever text comes in."""

import re

import pytest
from pydantic import BaseModel, ValidationError

from bot.forms.inputs import text_in
from bot.web.forms import CONTROLS
from core.register.entries import CLEAN, SAID, InvoiceReference, LongText, TermsUrl, Text
from core.shared.characters import HIDDEN
from notifications.render.pieces.parts import clean, on_one_line

# By Unicode's own names of them, and not by ranges as the code has it.
NO_WIDTH = {
    "ZERO WIDTH SPACE": "\N{ZERO WIDTH SPACE}",
    "ZERO WIDTH NON-JOINER": "\N{ZERO WIDTH NON-JOINER}",
    "ZERO WIDTH JOINER": "\N{ZERO WIDTH JOINER}",
    "WORD JOINER": "\N{WORD JOINER}",
    "INVISIBLE SEPARATOR": "\N{INVISIBLE SEPARATOR}",
    "MONGOLIAN VOWEL SEPARATOR": "\N{MONGOLIAN VOWEL SEPARATOR}",
    "ZERO WIDTH NO-BREAK SPACE": "\N{ZERO WIDTH NO-BREAK SPACE}",
}
TURNING = {
    "LEFT-TO-RIGHT MARK": "\N{LEFT-TO-RIGHT MARK}",
    "RIGHT-TO-LEFT MARK": "\N{RIGHT-TO-LEFT MARK}",
    "ARABIC LETTER MARK": "\N{ARABIC LETTER MARK}",
    "LEFT-TO-RIGHT EMBEDDING": "\N{LEFT-TO-RIGHT EMBEDDING}",
    "RIGHT-TO-LEFT EMBEDDING": "\N{RIGHT-TO-LEFT EMBEDDING}",
    "POP DIRECTIONAL FORMATTING": "\N{POP DIRECTIONAL FORMATTING}",
    "LEFT-TO-RIGHT OVERRIDE": "\N{LEFT-TO-RIGHT OVERRIDE}",
    "RIGHT-TO-LEFT OVERRIDE": "\N{RIGHT-TO-LEFT OVERRIDE}",
    "LEFT-TO-RIGHT ISOLATE": "\N{LEFT-TO-RIGHT ISOLATE}",
    "RIGHT-TO-LEFT ISOLATE": "\N{RIGHT-TO-LEFT ISOLATE}",
    "FIRST STRONG ISOLATE": "\N{FIRST STRONG ISOLATE}",
    "POP DIRECTIONAL ISOLATE": "\N{POP DIRECTIONAL ISOLATE}",
}
UNSEEN = NO_WIDTH | TURNING
# It joins emoji, which telephones type: systems hand it on, and entries take it out.
REFUSED = {name: mark for name, mark in UNSEEN.items() if name != "ZERO WIDTH JOINER"}
each_refused = pytest.mark.parametrize("mark", REFUSED.values(), ids=REFUSED.keys())
each_unseen = pytest.mark.parametrize("mark", UNSEEN.values(), ids=UNSEEN.keys())


class Entry(BaseModel):
    """Text of every kind that comes in by a file, a command or HTTP."""

    name: Text = "Region Norr"
    comment: LongText = ""
    reference: InvoiceReference = ""
    terms: TermsUrl = "https://example.org"


@each_refused
@pytest.mark.parametrize("field", Entry.model_fields)
def test_no_entry_takes_it_wherever_it_stands(field: str, mark: str):
    seen = "https://example.org/" if field == "terms" else "Region"

    for text in (f"{seen}{mark}a", f"{seen}a{mark}", *([f"{mark}{seen}"] if field != "terms" else [])):
        with pytest.raises(ValidationError) as refused:
            Entry.model_validate({field: text})
        assert [error["loc"] for error in refused.value.errors()] == [(field,)]


@each_unseen
def test_the_description_of_the_api_says_so_too(mark: str):
    assert not re.fullmatch(CLEAN, f"a{mark}") or mark not in REFUSED.values()
    assert not re.fullmatch(SAID, mark)
    assert not re.fullmatch(f"[^{HIDDEN}]", mark)
    assert not re.search(Entry.model_json_schema()["properties"]["terms"]["pattern"], f"https://example.org/{mark}")


@each_unseen
def test_what_is_typed_on_the_web_and_in_a_modal_loses_it(mark: str):
    typed = f"{mark}Fel {mark}enhet{mark}"

    assert CONTROLS.sub("", typed) == "Fel enhet"
    assert text_in({"reason": typed}, "reason") == "Fel enhet"


@each_unseen
def test_no_message_shows_it(mark: str):
    assert clean(f"Region{mark} Norr") == "Region Norr"
    assert on_one_line(f"{mark}Region{mark}\nNorr") == "Region Norr"


def test_what_is_seen_is_taken_as_it_is():
    entry = Entry(name=" Närhälsan – Öst (É) 👩 ", comment="En rad\nen till\toch mer", reference="R-1")

    assert (entry.name, entry.comment) == ("Närhälsan – Öst (É) 👩", "En rad\nen till\toch mer")
