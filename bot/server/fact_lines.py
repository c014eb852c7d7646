"""The lines of the log: facts, name and fields, each with the id of the press that led to it; as text or as JSON."""

import json
import logging
import time
from collections.abc import Callable

from core.api import TryAgain, Unsure, press_id


def is_news(record: logging.LogRecord) -> bool:
    """Return whether a failure is more than that the database was away or had no turn: it has told of that itself."""
    return not (record.exc_info and isinstance(record.exc_info[1], TryAgain | Unsure))


STRANGERS_SECONDS = 60.0


class StrangersPace(logging.Filter):
    """Lets one line of each kind that a stranger can cause through in a minute; it says how many were left out.

    Such are ours of a request from Slack that was refused, and what Uvicorn warns of: requests that it cannot read.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        # For each kind, when a line was written last and how many were left out since.
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter; each kind is one of a few fixed sentences, so that little is remembered."""
        message = record.getMessage()
        is_server = record.name == "uvicorn.error" and record.levelno == logging.WARNING
        if not is_server and not message.startswith("slack_request_refused "):
            return True
        now = self._clock()
        at, left_out = self._told.get(message, (float("-inf"), 0))
        if now - at < STRANGERS_SECONDS:
            self._told[message] = (at, left_out + 1)
            return False
        self._told[message] = (now, 0)
        if left_out:
            record.msg, record.args = f"{message} left_out={left_out}", ()
        return True


class FactLines(logging.Formatter):
    """Writes log lines; what happens under a press ends with its id.

    What somebody sent may stand in an error's words. Whatever ends a line or moves a terminal is escaped, and a
    traceback is indented, so nobody writes a line that looks like ours.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """See logging.Formatter; a traceback follows below."""
        line, id_ = _escaped(super().formatMessage(record)), press_id()
        return line if id_ is None else f"{line} press={id_}"

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 - (the same)
        """Indent each line of a traceback."""
        return "\n".join(f"  | {_escaped(line)}" for line in super().formatException(ei).split("\n"))


class JsonLines(logging.Formatter):
    """Writes each line as a JSON object, a traceback in it."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        facts = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "press": press_id(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in facts.items() if value is not None})


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
