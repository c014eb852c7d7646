"""People read whole sentences in their own language: every word of the code has one, in both."""

import inspect
import re
from datetime import UTC, date, datetime
from string import Formatter

import pytest

import bot.refusals as refusals_of_the_bot
from bot.views import refusal
from core import order_form
from core.api import (
    Action,
    Cost,
    CustomerCategory,
    Flow,
    Language,
    OrderError,
    Part,
    Period,
    PriceKind,
    PriceUnit,
    ReasonCode,
    Role,
    State,
)
from notifications.texts import clock, cost, counted, day, keys, money, price, say, template, when
from tests import builders

UNWANTED = {Language.SV: r"\b(e?-?mail|vänligen|eller/och|ombud)\b", Language.EN: r"\bplease note\b"}
ALL = sorted(keys(Language.SV) | keys(Language.EN))


def placeholders(language, key):
    return {name for _, name, _, _ in Formatter().parse(template(language, key)) if name is not None}


def refusals(of=OrderError):
    for each in of.__subclasses__():
        yield each
        yield from refusals(each)


def test_both_languages_have_the_same_keys():
    assert keys(Language.SV) == keys(Language.EN)


def test_both_languages_fill_in_the_same():
    differ = [key for key in ALL if placeholders(Language.SV, key) != placeholders(Language.EN, key)]

    assert differ == []


def test_texts_are_in_the_style_of_the_house():
    for language in Language:
        for key in ALL:
            text = template(language, key)
            assert text, key
            assert text == text.strip(), key
            assert "!" not in text, key
            assert "  " not in text, key
            assert not re.search(UNWANTED[language], re.sub(r"{\w+}", "", text), re.IGNORECASE), key


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("state", State),
        ("act", Action),
        ("part", Part),
        ("role", Role),
        ("role_of", Part),
        ("reason", ReasonCode),
        ("category", CustomerCategory),
        ("language", Language),
        ("flow", [Flow.DIRECT]),
        ("format.per", Period),
        *((f"format.price.{kind}", PriceUnit) for kind in PriceKind),
    ],
)
def test_every_word_of_the_domain_has_words_for_people(language, area, words):
    for word in words:
        assert say_any(language, f"{area}.{word}")


def say_any(language, key):
    return say(language, key, **{name: "x" for name in placeholders(language, key)})


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("error", sorted(set(refusals()), key=lambda each: each.code), ids=lambda each: each.code)
def test_every_refusal_has_a_sentence_of_its_own(language, error):
    assert f"err.{error.code}" in keys(language)

    sentence = refusal(language, error.code, {})

    assert sentence.endswith(".")
    assert "{" not in sentence
    assert sentence[0].isupper()


def test_the_bots_refusals_are_among_them():
    assert refusals_of_the_bot.ButtonIsGone in set(refusals())


FIELD_CODES = set(re.findall(r'yield (?:\w+|"\w+"), "(\w+)"', inspect.getsource(order_form)))


@pytest.mark.parametrize("language", Language)
def test_every_problem_of_a_field_has_a_sentence(language):
    assert {"required", "too_long", "too_many", "repeated", "hsa_id", "terms_not_accepted", "not_asked"} <= FIELD_CODES
    for code in FIELD_CODES:
        assert f"field_error.{code}" in keys(language)


# --- forms of dates, times and money

# A winter afternoon and a summer evening in UTC; Stockholm is one and two hours ahead.
WINTER, SUMMER = datetime(2026, 3, 12, 13, 32, tzinfo=UTC), datetime(2026, 6, 30, 22, 5, tzinfo=UTC)


def test_times_are_told_in_stockholm():
    assert when(Language.SV, WINTER) == "12 mars 2026 kl.\u00a014.32"
    assert when(Language.EN, WINTER) == "12 March 2026 at\u00a014:32"
    assert day(Language.SV, SUMMER) == "1 juli 2026"
    assert clock(Language.SV, SUMMER) == "kl.\u00a000.05"
    assert day(Language.EN, date(2026, 12, 24)) == "24 December 2026"


@pytest.mark.parametrize(
    ("ore", "swedish", "english"),
    [
        (125_000, "1\u00a0250\u00a0kr", "SEK\u00a01,250"),
        (125_050, "1\u00a0250,50\u00a0kr", "SEK\u00a01,250.50"),
        (0, "0\u00a0kr", "SEK\u00a00"),
        (123_456_789_01, "123\u00a0456\u00a0789,01\u00a0kr", "SEK\u00a0123,456,789.01"),
    ],
)
def test_money_is_told_in_kronor_that_do_not_break(ore, swedish, english):
    assert money(Language.SV, ore) == swedish
    assert money(Language.EN, ore) == english


@pytest.mark.parametrize(
    ("whole", "swedish", "english"),
    [
        (Cost(), "ingen kostnad", "no cost"),
        (Cost(100), "1\u00a0kr vid start exkl.\u00a0moms", "SEK\u00a01 one-off excl.\u00a0VAT"),
        (Cost(0, 125_000), "1\u00a0250\u00a0kr/år exkl.\u00a0moms", "SEK\u00a01,250/year excl.\u00a0VAT"),
        (
            Cost(100, 200, Period.MONTH),
            "1\u00a0kr vid start, därefter 2\u00a0kr/mån exkl.\u00a0moms",
            "SEK\u00a01 one-off, then SEK\u00a02/month excl.\u00a0VAT",
        ),
    ],
)
def test_a_cost_is_told_without_vat_and_says_so(whole, swedish, english):
    assert cost(Language.SV, whole) == swedish
    assert cost(Language.EN, whole) == english


def test_a_price_says_what_it_is_multiplied_by():
    per_unit = builders.price(kind=PriceKind.RECURRING, amount_ore=50_000)

    assert price(Language.SV, per_unit) == "500\u00a0kr/år per vårdenhet"
    assert price(Language.SV, builders.price()) == "1\u00a0000\u00a0kr vid start per vårdenhet"


def test_one_is_counted_in_the_singular():
    assert counted(Language.SV, "value.working_days", 1) == "1 arbetsdag"
    assert counted(Language.SV, "value.working_days", 2) == "2 arbetsdagar"
    assert counted(Language.EN, "value.working_days", 0) == "0 working days"


# --- refusals

AT = builders.AT


@pytest.mark.parametrize(
    ("code", "facts", "sentence"),
    [
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": Action.ATTEST, "at": AT},
            "Bo Lund har redan svarat (attesterat, 12 mars 2026 kl.\u00a014.32). Ditt svar har inte registrerats."
            " Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"person": None, "part": "customer_attestant", "organisation": "Region A", "action": "reject", "at": AT},
            "Kundens attestant hos Region A har redan svarat (avslagit, 12 mars 2026 kl.\u00a014.32)."
            " Ditt svar har inte registrerats. Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": "attest", "at": AT, "wanted": "reject"},
            "Bo Lund har redan svarat (attesterat, 12 mars 2026 kl.\u00a014.32). Ditt svar har inte registrerats."
            " Vill du ändra utfallet, kontakta beställaren eller Ineras kundservice.",
        ),
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": "attest", "at": AT, "wanted": "withdraw"},
            "Bo Lund har redan svarat (attesterat, 12 mars 2026 kl.\u00a014.32), och beställningen är inte återtagen."
            " Försök igen, eller kontakta Ineras kundservice om den inte längre går att återta.",
        ),
        (
            "already_decided",
            {"part": Part.ORDERER, "organisation": "Region A", "action": "withdraw", "at": AT, "wanted": "approve"},
            "Beställaren hos Region A har återtagit beställningen (12 mars 2026 kl.\u00a014.32)."
            " Ditt svar har inte registrerats. Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"part": Part.CLOCK, "action": Action.EXPIRE, "at": AT, "wanted": Action.ATTEST},
            "Beställningen har gått ut (12 mars 2026 kl.\u00a014.32). Ditt svar har inte registrerats."
            " Du behöver inte göra något.",
        ),
        (
            "no_role",
            {"part": Part.AGENT_ATTESTANT, "organisation": "Journalia AB"},
            "Du har inte rollen attestant för Journalia AB. Nya roller kan ta några minuter."
            " Kontakta annars er administratör.",
        ),
        (
            "no_role",
            {"part": Part.CUSTOMER_SERVICE, "organisation": None},
            "Det här görs av Ineras kundservice, och du har inte den rollen."
            " Kontakta ansvarig på kundservice om du ska ha den.",
        ),
        (
            "category_not_allowed",
            {"categories": ("region", "municipality")},
            "Erbjudandet är för Region, Kommun. Välj ett annat erbjudande eller fråga Ineras kundservice.",
        ),
        (
            "a code of the future",
            {},
            "Det går inte just nu. Öppna beställningen på nytt och försök igen.",
        ),
    ],
)
def test_a_refusal_names_what_it_is_about(code, facts, sentence):
    assert refusal(Language.SV, code, facts) == sentence
