"""Cards about the register say what has changed as its reader needs it: which days, and for which service."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.api import Happened, Language, Part, Role
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import loose, message
from tests.support.drawn.reading import as_read
from tests.support.drawn.register_views import told

MIDNIGHT = datetime(2027, 1, 31, 23, tzinfo=UTC).isoformat()
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC).isoformat()


def read(line, language):
    return as_read(message(loose(CardKind.ROLE, Part.CUSTOMER_ADMINISTRATOR, told=line), None, language))


@pytest.mark.parametrize(
    ("language", "last", "next_"),
    [
        (Language.SV, "gäller till och med 31\u00a0januari\u00a02027", "1 februari"),
        (Language.EN, "applies until 31\u00a0January\u00a02027", "1 February"),
    ],
)
def test_a_role_ends_with_the_last_day_on_which_it_holds(language, last, next_):
    text = read(told(Happened.ENDED, role=Role.ORDERER, valid_from=LONG_AGO, valid_to=MIDNIGHT), language)

    assert last in text
    assert next_ not in text


@pytest.mark.parametrize(("language", "service"), [(Language.SV, "Journalen"), (Language.EN, "The Journal")])
def test_a_role_for_one_service_names_it_in_the_readers_language(language, service):
    line = told(Happened.GRANTED, role=Role.ATTESTANT, valid_from=LONG_AGO)

    text = read(replace(line, service={Language.SV: "Journalen", Language.EN: "The Journal"}), language)

    assert service in text


@pytest.mark.parametrize(
    ("language", "days"),
    [
        (Language.SV, "1\u00a0januari\u00a02024–31\u00a0januari\u00a02027"),
        (Language.EN, "1\u00a0January\u00a02024–31\u00a0January\u00a02027"),
    ],
)
def test_a_role_that_is_given_for_a_time_says_from_which_day_to_which(language, days):
    text = read(told(Happened.GRANTED, role=Role.ORDERER, valid_from=LONG_AGO, valid_to=MIDNIGHT), language)

    assert days in text
