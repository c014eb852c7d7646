"""A button is a pointer that survives the trip through Slack, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from core.api import Action, CardId, CaseId, Seen
from notifications import buttons
from notifications.buttons import Pointer

names = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789-", max_size=40)


@given(names, names, names, st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_written_is_read_back(environment, card, case, step, version):
    pointer = Pointer(environment, CardId(card), CaseId(case), Seen(step, version))
    assert buttons.read(pointer.value()) == pointer


@given(st.text(max_size=200))
def test_anything_else_is_no_pointer_and_no_error(text):
    found = buttons.read(text)
    assert found is None or found.value().count("|") == 4


def test_every_action_of_the_table_has_an_action_id_that_names_it():
    assert all(buttons.action_of(buttons.action_id(action)) is action for action in Action)


def test_an_action_that_no_longer_exists_is_recognised_as_such():
    assert buttons.action_of("kp.forward_to_fax") is None
