"""The port that refusals are recorded through."""

from typing import Protocol

from core.audit.records import RefusalRecord


class RefusalLog(Protocol):
    """Writes down what the press itself does not: called beside the answer, which waits for nothing of it."""

    async def refused(self, refused: RefusalRecord) -> None:
        """Record that somebody was told no; nothing for an account or a case that there is not.

        Of many by one person on one case within a minute, a few.
        """
        ...
