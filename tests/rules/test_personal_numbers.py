"""A person's number is found in whatever way it is written, and nothing else is taken for one."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.se import orgnr, personnummer

from core.shared.personal_numbers import find_personal_number

DAYS = st.dates(date(1890, 1, 1), date(2030, 12, 31))
SERIALS = st.integers(0, 999).map("{:03}".format)
BETWEEN = st.sampled_from(
    [
        "",
        "-",
        "+",
        " ",
        " - ",
        "–",
        "\u2011",
        "\u2212",
        ".",
        "   ",
        "\t",
        "\t - \t",
        "\u3000",
        "\u2009-",
        "\uff0d",
        "\uff0b",
    ]
)
# Digits as other keyboards write them: full-width and Arabic.
DIGITS = st.sampled_from(["0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "٠١٢٣٤٥٦٧٨٩"])
AROUND = st.text(st.characters(exclude_categories=["N"]), max_size=20)


@st.composite
def personal_numbers(draw):
    """A personnummer or samordningsnummer, with or without its century."""
    day, serial = draw(DAYS), draw(SERIALS)
    raised = draw(st.sampled_from([0, 60]))
    nine = f"{day:%y%m}{day.day + raised:02}{serial}"
    ten = nine + luhn.calc_check_digit(nine)
    century = draw(st.sampled_from(["", f"{day.year // 100}"]))
    return century + ten[:6] + draw(BETWEEN) + ten[6:]


def in_digits(number: str, digits: str) -> str:
    return number.translate(str.maketrans("0123456789", digits))


@st.composite
def organisation_numbers(draw):
    """An organisationsnummer: its third digit is 2 or more."""
    first, third, rest = draw(st.integers(10, 99)), draw(st.integers(2, 9)), draw(st.integers(0, 999_999))
    nine = f"{first}{third}{rest:06}"
    return nine + luhn.calc_check_digit(nine)


@given(personal_numbers(), AROUND, AROUND)
def test_every_number_of_a_person_is_found_as_it_was_typed(number, before, after):
    assert find_personal_number(f"{before} {number} {after}") == number
    assume(not re.search(r"\bSE\d{10}01$", before + number, re.IGNORECASE))  # a number for VAT
    assert find_personal_number(f"{before}{number}{after}") == number


@given(personal_numbers(), DIGITS)
def test_a_number_is_found_in_the_digits_of_another_keyboard(number, digits):
    assert find_personal_number(f"x {in_digits(number, digits)} y") == in_digits(number, digits)


@given(personal_numbers(), st.sampled_from("\u2060\u00ad\u200b\u3164\ufe0f\u034f\u061c\U000e0020"), st.data())
def test_a_number_is_found_whatever_nobody_sees_stands_in_it(number, unseen, data):
    place = data.draw(st.integers(1, len(number) - 1))
    typed = number[:place] + unseen + number[place:]

    assert find_personal_number(f"{unseen}x {typed} y") == typed


@given(organisation_numbers(), AROUND, st.sampled_from(["", "-"]), st.sampled_from(["", "16"]))
def test_no_organisation_is_taken_for_a_person(number, around, between, prefix):
    assert orgnr.is_valid(number)
    assert find_personal_number(f"{around}{prefix}{number[:6]}{between}{number[6:]}{around}") is None
    assert find_personal_number(f"{around} SE{number}01 {around}") is None


@given(organisation_numbers(), st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,17}", fullmatch=True))
def test_no_hsa_id_of_an_organisation_is_taken_for_a_person(number, unit):
    assert find_personal_number(f"SE{number}-{unit.replace('0', 'O')}") is None


@given(personal_numbers())
def test_a_number_with_another_check_digit_is_none(number):
    other = str((int(number[-1]) + 1) % 10)

    assert find_personal_number(number[:-1] + other) is None


@given(personal_numbers(), st.sampled_from("0123456789"))
def test_a_longer_number_is_another(number, digit):
    joined = "".join(each for each in number if each.isdigit())
    longer = digit + joined if len(joined) == 12 else joined + digit

    assert find_personal_number(longer) is None


@given(personal_numbers().filter(lambda number: "+" not in number and number.isascii() and " " not in number))
def test_what_the_library_knows_is_known_here(number):
    # The library knows no samordningsnummer, and today's date decides what it takes a short one for.
    if personnummer.is_valid(number):
        assert find_personal_number(number) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patienten 191212121212 ska flyttas.", "191212121212"),
        ("19121212-1212", "19121212-1212"),
        ("121212+1212", "121212+1212"),
        ("pnr:121212-1212, vårdcentralen", "121212-1212"),
        ("SE121212121201", "SE121212121201"),
        ("SE1212121212-A1", "1212121212"),
        ("SE200001010008", "200001010008"),
        ("Hasse200001010008", "200001010008"),
        ("701063-2391 är ett samordningsnummer", "701063-2391"),
        ("811228.9874", "811228.9874"),
        ("19811228\t9874", "19811228\t9874"),
        ("811228 \u00a0 9874", "811228 \u00a0 9874"),
        ("\uff18\uff11\uff11\uff12\uff12\uff18-9874", "\uff18\uff11\uff11\uff12\uff12\uff18-9874"),
        ("811228/9874", "811228/9874"),
        ("811228_9874", "811228_9874"),
        ("1981-12-28-9874", "1981-12-28-9874"),
        ("Patienten (81-12-28-9874) ska flyttas.", "81-12-28-9874"),
        ("70\u201110\u201163\u20112391", "70\u201110\u201163\u20112391"),
        ("två: 811228-9874 och 121212-1212", "811228-9874"),
    ],
)
def test_it_is_found_where_people_write_it(text, found):
    assert find_personal_number(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ring 010-123 45 67 eller 08-123 45 67.",
        "556559-4230",
        "5565594230, 232100-0016, 212000-0142",
        "165565594230",
        "SE556559423001",
        "SE192112100801",
        "SE2321000016-ABC",
        "SE2222222222-A1B2",
        "Ref 4711-A, faktura 20260312",
        "121312-1212",
        "121232-1212",
        "120230-1212",
        "121212-1213",
        "Från 2026-03-12 till 2026-12-31",
        "12121212121212",
        "\uff11121212121212",
        "Klart 811228. 9874 kronor återstår.",
        "811228\n9874",
        "Avbrott 1981-12-28 9874 kronor",
        "Gäller 1981-12-28-9874-12-31",
        "46-81-12-28-9874",
        "1981-12-28-98741",
    ],
)
def test_other_numbers_pass(text):
    assert find_personal_number(text) is None
