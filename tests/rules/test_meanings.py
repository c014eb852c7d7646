"""Sentences say what they mean: who did it, to whom, where and when, whatever the language.

`meanings.yaml` is written by hand from the domain and says of each sentence that names several things what each of its
places holds, in the order in which they are read. Sentences and what fills them in are both held against it.
"""

import re
from pathlib import Path

import pytest
import yaml

from core.api import Language
from notifications.texts import keys, template, when
from tests.scenes import SV, scenes
from tests.scenes.hearing import hearing, placeholders

MEANINGS: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("meanings.yaml").read_text())
# Said where values alone do not reach, and held word for word there.
ELSEWHERE = {
    "summary.pays": "every scene's order is for units; tests/rules/test_summary.py has one without",
    "contact.": "put into other sentences once, as the product starts: tests/rules/test_contact.py",
    "audit.": "at a terminal: tests/tooling/test_history_cli.py",
    "outstanding.": "at a terminal: tests/tooling/test_cards_cli.py",
    "reconciled.": "at a terminal: tests/tooling/test_cards_cli.py",
    "who.": "at a terminal: tests/tooling/test_who_cli.py",
    "entry_error.whole_number": "at a terminal: tests/tooling/test_register_cli.py",
    "doctor.": "at a terminal: tests/flow/test_doctor.py",
    "web.follow.needed": "on a page: tests/web/test_following.py",
    "web.accessibility.tested.reviewed": "on a page: tests/web/test_notices.py",
    "web.field.authority.attached": "on a page: tests/web/test_uploads.py",
    "web.sign.lead": "on a page: tests/web/test_signing.py",
    "substitute.saved": "to an administrator: tests/flow/test_absence.py",
    "substitute.ended": "to an administrator: tests/flow/test_absence.py",
    "substitute.in_role": "in a menu: tests/flow/test_absence.py",
    "value.service": "of what an organisation has: tests/flow/test_administration.py",
    "web.sessions.lead": "on a page: tests/web/test_signing_in.py",
    "web.sessions.end_spoken": "on a page: tests/web/test_signing_in.py",
    "decided.renew": "nothing ends by new links, but every decision has the words",
}


def is_elsewhere(key):
    return key in ELSEWHERE or f"{key.partition('.')[0]}." in ELSEWHERE


def in_order(language, key):
    return tuple(dict.fromkeys(placeholders(template(language, key))))


SEVERAL = sorted(key for key in keys() if len(in_order(SV, key)) > 1 and not is_elsewhere(key))
# English puts the time last where Swedish puts it after the verb, and the place before the role.
OTHERWISE_IN_ENGLISH = {
    "emergency_card.lead": ("who", "number", "organisation", "at"),
    "receipt.lead": ("number", "organisation", "at"),
    "termination.emergency_card.lead": ("who", "number", "organisation", "at"),
    "termination.receipt.lead": ("number", "organisation", "at"),
    "home.roles": ("organisation", "roles"),
}

# Of an end these are said to nobody: no instructions are sent, and no agent is asked that could be told of a refusal.
NOT_OF_ENDS = {"instructions.lead", "instructions.text", "outcome.rejected.agent", "outcome.cancelled.agent"}
# Lists hold cases of every kind.
NOT_OF_ENDS |= {"instructions.to_contact"}
NOT_OF_ENDS |= {"inbox.list.organisation", "inbox.list.ordered", "inbox.heading.ordered.some", "command.many"}
NOT_OF_ENDS |= {"digest.title.other", "digest.text.other", "digest.to_keep", "digest.todo.orderer"}
NOT_OF_ENDS |= {"digest.standstill.other", "digest.more.standstill.orderer", "digest.more.standstill.others"}
NOT_OF_ENDS |= {"digest.ended.other", "digest.more.ended.orderer"}


def test_every_sentence_that_names_several_things_has_a_meaning():
    assert sorted(MEANINGS) == SEVERAL


@pytest.mark.parametrize("language", Language)
def test_a_sentence_names_things_in_the_order_of_its_meaning(language):
    otherwise = OTHERWISE_IN_ENGLISH if language is Language.EN else {}
    expected = {key: otherwise.get(key, tuple(means)) for key, means in MEANINGS.items()}

    assert {key: in_order(language, key) for key in MEANINGS} == expected


def test_languages_name_everything_in_the_same_order_and_as_often():
    differ = {key for key in keys() if placeholders(template(SV, key)) != placeholders(template(Language.EN, key))}

    assert differ == set(OTHERWISE_IN_ENGLISH)


@pytest.fixture(scope="module")
def said():
    """Every sentence that is drawn anywhere, with the scene that it is said in."""
    found = []
    with hearing(SV) as heard:
        for scene in scenes():
            heard.clear()
            # What was said before is said anew, to be heard.
            when.cache_clear()
            list(scene.draw())
            found += [(scene, each) for each in heard if each.key in MEANINGS]
    return found


def test_every_sentence_is_said_somewhere(said):
    assert set(MEANINGS) - {heard.key for _, heard in said} == set()


def test_of_a_termination_nothing_is_said_of_an_order():
    """What is ordered anew afterwards, and what nobody is sent about an end, is another matter."""
    with hearing(SV) as heard:
        for scene in (scene for scene in scenes() if scene.name.startswith(("termination", "end that"))):
            list(scene.draw())
    words = re.compile(r"beställning", re.IGNORECASE)

    assert {each.key for each in heard if words.search(template(SV, each.key))} <= NOT_OF_ENDS


def test_what_fills_in_a_sentence_is_what_it_means(said):
    assert [(scene.name, *each) for scene, heard in said for each in wrong(scene.means, heard)] == []


def wrong(known, heard):
    """What a sentence was filled with against its meaning: place, value, what it is and what it was to be."""
    for place, value in heard.values.items():
        is_, means = known.get(value, frozenset()), MEANINGS[heard.key][place].split(" or ")
        is_right = bool(is_.intersection(means)) or "any" in means or ("word" in means and not is_)
        if not is_right:
            yield heard.key, place, value, sorted(is_), means


@pytest.mark.parametrize(("some", "of"), [("n", "m"), ("done", "needed")])
def test_so_many_of_so_many_are_never_the_other_way_around(said, some, of):
    counted = {
        (heard.key, heard.values[some], heard.values[of]) for _, heard in said if {some, of} <= set(heard.values)
    }

    assert counted
    assert [each for each in counted if int(each[1]) > int(each[2])] == []
    assert {key for key, *_ in counted} == {key for key, first, last in counted if first != last}
