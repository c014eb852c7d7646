"""What nobody sees is Unicode's own list of it, told apart here by what its characters are and are called."""

import re
import sys
import unicodedata

import pytest

from core.shared.characters import HIDDEN, emoji_apart, without_hidden

# Formatting characters that are drawn: signs around Arabic and Syriac numbers, notes between lines, hieroglyphs' joins.
DRAWN = {
    *map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)),
    *map(chr, (*range(0xFFF9, 0xFFFC), *range(0x13430, 0x13440))),
}
CALLED = re.compile("VARIATION SELECTOR|HANGUL .*FILLER|GRAPHEME JOINER|VOWEL INHERENT")


@pytest.fixture(scope="module")
def hidden():
    return set(re.findall(f"[{HIDDEN}]", "".join(map(chr, range(sys.maxunicode + 1)))))


def test_every_formatting_character_that_is_not_drawn_is_hidden(hidden):
    formatting = {each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(each) == "Cf"}

    assert len(formatting) > 100
    assert formatting - hidden == formatting & DRAWN


def test_what_else_is_hidden_is_a_filler_or_a_selector_or_not_given_out_yet(hidden):
    others = {each for each in hidden if unicodedata.category(each) not in {"Cf", "Cn"}}

    assert len(others) > 250
    assert {each for each in others if not CALLED.search(unicodedata.name(each))} == set()


@pytest.mark.parametrize("seen", ["å", "é", "王", "م", "❤", "👩", "\u00a0", "\u2011", "\u20ac", "\ufffd", "e\u0301"])
def test_what_people_write_with_is_seen(seen):
    assert without_hidden(seen) == seen


def test_a_text_without_what_is_hidden_is_what_people_see():
    assert without_hidden("Vård\u00adcent\u2060ralen\u3164 \U000e0041Å") == "Vårdcentralen Å"


def test_an_emoji_comes_apart_and_nothing_else_does():
    assert emoji_apart("Tack ❤\ufe0f 👩\u200d⚕\ufe0f, å\u00adä") == "Tack ❤ 👩⚕, å\u00adä"
