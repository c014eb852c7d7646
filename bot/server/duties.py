"""What one process does: all of it, or one duty of several processes on one database."""

from enum import StrEnum


class Duty(StrEnum):
    """A duty of a process."""

    # Hears Slack, and answers to browsers and programs.
    WEB = "web"
    # Sends what is owed to Slack and by mail, and keeps both connected.
    RELAY = "relay"
    # Acts when time has come: due cases, seals, tokens, the nightly purge.
    CLOCK = "clock"


EVERY_DUTY = frozenset(Duty)
