"""The lines of the log: facts, name and fields, each with the id of the press that led to it; as text or as JSON."""

import json
import logging

from core.api import TryAgain, Unsure, press_id


def is_news(record: logging.LogRecord) -> bool:
    """Return whether a failure is more than that the database was away or had no turn: it has told of that itself."""
    return not (record.exc_info and isinstance(record.exc_info[1], TryAgain | Unsure))


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
