"""The id of what somebody pressed or sent: in each log line that it leads to, and with each card that it owes."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

_current: ContextVar[str | None] = ContextVar("press_id", default=None)


def press_id() -> str | None:
    """Return the id of what is answered, or shown, here; None where nobody pressed anything: the clock's own work."""
    return _current.get()


def new_press_id() -> str:
    """Make an id: random, so that it says nothing of who pressed what."""
    return token_hex(6)


@contextmanager
def under_press(id_: str | None) -> Generator[None]:
    """Do what follows, and what is started meanwhile, under an id."""
    token = _current.set(id_)
    try:
        yield
    finally:
        _current.reset(token)
