"""The lines of the log: facts, name and fields, each with the id of the press that led to it."""

import logging

from core.api import press_id


class FactLines(logging.Formatter):
    """Writes log lines; what happens under a press ends with its id."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """See logging.Formatter; a traceback follows below."""
        line, id_ = super().formatMessage(record), press_id()
        return line if id_ is None else f"{line} press={id_}"
