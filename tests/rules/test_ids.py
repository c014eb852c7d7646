"""New ids: what people read aloud, and what nobody guesses."""

from collections import Counter

import pytest

from core.shared.ids import ALPHABET, LENGTHS, new_id


@pytest.mark.parametrize("prefix", LENGTHS)
def test_an_id_is_its_prefix_and_as_many_letters_as_that_kind_has(prefix):
    made = new_id(prefix)

    assert made.startswith(prefix)
    assert len(made) == len(prefix) + LENGTHS[prefix]
    assert set(made.removeprefix(prefix)) <= set(ALPHABET)


def test_every_letter_comes_as_often_at_every_place():
    made = [new_id("B-").removeprefix("B-") for _ in range(27_000)]

    for place in range(LENGTHS["B-"]):
        came = Counter(each[place] for each in made)
        assert set(came) == set(ALPHABET)
        # A thousand on average: twelve times what chance strays, which is no more than once in the age of the world.
        assert all(620 < times < 1_380 for times in came.values())
