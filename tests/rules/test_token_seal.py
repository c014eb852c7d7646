"""Tokens are sealed under keys that have names, so that a key may be changed without losing what it sealed."""

import pytest
from cryptography.fernet import Fernet

from notifications.slack.token_seal import SealBroken, TokenSeal, _derived

OLD, NEW = "the key of before, long enough", "the key of now, also long enough"
TOKEN = "xoxb-" + "å1" * 200


def test_a_sealed_token_is_opened_again_and_is_not_seen_in_the_seal():
    sealed = TokenSeal(NEW).seal(TOKEN)

    assert TokenSeal(NEW).open(sealed) == TOKEN
    assert TOKEN not in sealed


def test_the_same_token_is_sealed_otherwise_each_time():
    assert TokenSeal(NEW).seal(TOKEN) != TokenSeal(NEW).seal(TOKEN)


def test_after_a_change_of_keys_what_the_earlier_one_sealed_is_opened_and_known_as_its():
    before, after = TokenSeal(OLD), TokenSeal(NEW, [OLD])
    sealed = before.seal(TOKEN)

    assert after.open(sealed) == TOKEN
    assert (after.is_newest(sealed), after.is_newest(after.seal(TOKEN))) == (False, True)


def test_an_earlier_key_does_not_open_what_the_newest_has_sealed():
    with pytest.raises(SealBroken):
        TokenSeal(OLD).open(TokenSeal(NEW, [OLD]).seal(TOKEN))


def test_what_was_sealed_before_keys_had_names_is_opened_by_any_that_is_known():
    nameless = Fernet(_derived(OLD)).encrypt(TOKEN.encode()).decode()

    assert TokenSeal(NEW, [OLD]).open(nameless) == TOKEN
    assert not TokenSeal(OLD).is_newest(nameless)


@pytest.mark.parametrize("spoilt", ["", "x", ":", "no such key:", lambda sealed: sealed[:-5] + "AAAA="])
def test_what_was_changed_is_not_opened_and_the_error_says_nothing_of_it(spoilt):
    given = spoilt(TokenSeal(NEW).seal(TOKEN)) if callable(spoilt) else spoilt

    with pytest.raises(SealBroken) as told:
        TokenSeal(NEW, [OLD]).open(given)

    assert told.value.args == ()
