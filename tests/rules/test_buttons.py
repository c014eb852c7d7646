"""A button is a pointer that survives the trip through Slack, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from core.api import Action, CardId, CaseId, Seen
from notifications.render import button_values
from notifications.render.button_values import Pointer

names = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789-", max_size=40)


@given(names, names, names, st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_written_is_read_back(environment, card, case, step, version):
    pointer = Pointer(environment, CardId(card), CaseId(case), Seen(step, version))
    assert button_values.read(pointer.value()) == pointer


@given(names, st.integers(0, 10**6), st.sampled_from([*Action, "details"]))
def test_an_option_of_a_menu_is_the_button_it_stands_for(environment, step, action):
    pointer = Pointer(environment, CardId("C23456789BCDF"), CaseId("B-2345678"), Seen(step, 1))

    assert button_values.read_option(pointer.option(action)) == (pointer, button_values.action_id(action))
    assert button_values.read(pointer.option(action)) is None


def test_the_longest_option_is_not_too_long_for_slack():
    pointer = Pointer("e" * 20, CardId("C23456789BCDF"), CaseId("B-2345678"), Seen(10**9 - 1, 10**9 - 1))

    assert max(len(pointer.option(action)) for action in Action) <= 150


@given(st.text(max_size=200))
def test_anything_else_is_no_option_and_no_error(text):
    found = button_values.read_option(text)
    assert found is None or found[0].value().count("|") == 4


@given(st.text(max_size=200))
def test_anything_else_is_no_pointer_and_no_error(text):
    found = button_values.read(text)
    assert found is None or found.value().count("|") == 4


def test_every_action_of_the_table_has_an_action_id_that_names_it():
    assert all(button_values.action_of(button_values.action_id(action)) is action for action in Action)


def test_an_action_that_no_longer_exists_is_recognised_as_such():
    assert button_values.action_of("kp.forward_to_fax") is None
