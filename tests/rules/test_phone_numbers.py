"""Telephone numbers are read in every way that Swedes write them, and shown in one."""

import pytest

from core.shared.phone_numbers import clean_phone_number, phone_number_as_dialled


@pytest.mark.parametrize(
    ("written", "kept", "shown"),
    [
        ("070-174 06 05", "+46701740605", "070-174 06 05"),
        ("0701740605", "+46701740605", "070-174 06 05"),
        ("+46 (0)70 174 06 05", "+46701740605", "070-174 06 05"),
        ("+46 070-174 06 05", "+46701740605", "070-174 06 05"),
        ("0046701740605", "+46701740605", "070-174 06 05"),
        ("070\u2011174\u00a006\u00a005", "+46701740605", "070-174 06 05"),
        ("08-12 34 56", "+468123456", "08-12 34 56"),
        ("08 500 123 45", "+46850012345", "08-500 123 45"),
        ("031/390 06 00", "+46313900600", "031-390 06 00"),
        ("0498-12345", "+4649812345", "0498-123 45"),
        ("0771-11 22 33", "+46771112233", "077-111 22 33"),
        ("+47 22 12 34 56", "+4722123456", "+47 22 12 34 56"),
        ("+44 (0)20 7946 0958", "+442079460958", "+44 20 7946 0958"),
    ],
)
def test_a_number_is_kept_as_e164_and_shown_as_it_is_dialled(written, kept, shown):
    assert clean_phone_number(written) == kept
    assert phone_number_as_dialled(kept) == shown


@pytest.mark.parametrize(
    "written",
    [
        *("", "112", "08-123", "174 06 05", "070-174 06 0", "070-174 06 055", "0000000000", "+0701740605"),
        *("ring växeln", "070-174 06 05 ankn 3", "800101-1234", "+461", "+1234567890123456", "07O-174 06 05"),
        *("070-BRA RING", "070-174 06 05 x3", "0750-12 34 56 78"),
    ],
)
def test_what_is_no_number_is_not_guessed(written):
    assert clean_phone_number(written) is None
