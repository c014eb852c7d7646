"""What somebody pressed or sent: its id, in each log line that it leads to and with each card that it owes, and whether
anything has been saved for it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex


class _PressState:
    def __init__(self, id_: str | None, *, may_be_saved: bool = False) -> None:
        self.id = id_
        self.may_be_saved = may_be_saved


_current: ContextVar[_PressState | None] = ContextVar("press", default=None)


def press_id() -> str | None:
    """Return the id of what is answered, or shown, here; None where nobody pressed anything: the clock's own work."""
    press = _current.get()
    return None if press is None else press.id


def note_saved() -> None:
    """Remember that something has been saved for the press, or may have been."""
    if (press := _current.get()) is not None:
        press.may_be_saved = True


def may_be_saved() -> bool:
    """Say whether anything has been saved for the press, or may have been."""
    press = _current.get()
    return press is not None and press.may_be_saved


def new_press_id() -> str:
    """Make an id: random, so that it says nothing of who pressed what."""
    return token_hex(6)


@contextmanager
def under_press(id_: str | None) -> Generator[None]:
    """Do what follows, and what is started meanwhile, under an id."""
    token = _current.set(_PressState(id_))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def beside_press() -> Generator[None]:
    """Start what runs beside the answer to a press, which is not answerable for what that saves."""
    token = _current.set(_PressState(press_id(), may_be_saved=may_be_saved()))
    try:
        yield
    finally:
        _current.reset(token)
