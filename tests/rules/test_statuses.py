"""The HTTP status of each refusal stands in one table, and nowhere else."""

from collections import Counter

import pytest

import core.http.statuses
from bot.acts.refusals import ButtonIsGone
from core.http.statuses import REFUSED_WITH, HttpRefusal, status_of
from core.shared import errors
from core.shared.errors import OrderError


def _named_in(module):
    named = (each for each in vars(module).values() if isinstance(each, type) and issubclass(each, OrderError))
    return {refusal for refusal in named if refusal.__module__.startswith(module.__name__)}


REFUSALS = (_named_in(errors) | _named_in(core.http.statuses)) - {OrderError, HttpRefusal}


def test_every_refusal_has_one_status():
    rows = Counter(refusal for refusals in REFUSED_WITH.values() for refusal in refusals)

    assert rows == Counter(REFUSALS)


def test_a_refusal_knows_nothing_of_http():
    assert [refusal for refusal in REFUSALS if hasattr(refusal, "status")] == []


@pytest.mark.parametrize("status", REFUSED_WITH)
def test_a_status_says_that_something_was_wrong(status):
    assert 400 <= status < 600


def test_a_button_that_no_page_has_is_a_bad_request():
    assert status_of(ButtonIsGone) == 400
