"""Every planted mistake has its one place in the code as it is now, so that none is left out unseen."""

from itertools import chain

from tests.tooling.seeded_mistakes import MISTAKES, NOTHING, REACHING, ROOT, planted, stages


def test_every_mistake_has_its_one_place():
    for mistake in MISTAKES:
        text = (ROOT / mistake.file).read_text("utf-8")
        assert planted(mistake, text) != text, mistake.name


def test_no_mistake_is_one():
    text = (ROOT / NOTHING.file).read_text("utf-8")

    assert planted(NOTHING, text) == text


def test_every_file_with_a_mistake_has_tests_that_reach_it():
    for mistake in MISTAKES:
        assert all((ROOT / test).exists() for stage in stages(mistake.file) for test in stage), mistake.name
    assert all((ROOT / test).exists() for test in chain(*REACHING.values()))


def test_names_tell_mistakes_apart():
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)
