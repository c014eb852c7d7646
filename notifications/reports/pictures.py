"""Pictures of charts: drawn once for each language, kept behind an address that nobody guesses, for a while."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from core.api import Language, Now
from core.storage.tables import report_pictures
from notifications.database import Transactions, put_unless
from notifications.documents.chart import Chart

# Slack asks for a picture when the message is posted, and keeps what it got.
LASTS = timedelta(days=30)
ONE_FOR_EACH = ("report_id", "language")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptPicture:
    """A PNG, and the token in its address."""

    token: str
    content: bytes


@dataclass(frozen=True)
class Pictures:
    """Draws and keeps the pictures of reports. `draw` may take its time, and runs in a thread of its own."""

    database: Transactions
    now: Now
    new_token: Callable[[], str]
    draw: Callable[[Chart], bytes]

    async def of(self, report: str, language: Language, chart: Chart) -> KeptPicture | None:
        """Return the picture of a report in a language; None where it cannot be drawn, as the log says."""
        if (kept := await self._kept(report, language)) is not None:
            return kept
        try:
            content = await asyncio.to_thread(self.draw, chart)
        except Exception:
            # What the picture says stands in the message too.
            log.exception("picture_not_drawn report=%s", report)
            return None
        row = {"token": self.new_token(), "report_id": report, "language": language, "content": content}
        row |= {"expires_at": self.now() + LASTS}
        # Another relay may have drawn it meanwhile: then its picture counts.
        await self.database.write(lambda connection: put_unless(connection, report_pictures, row, *ONE_FOR_EACH))
        return await self._kept(report, language)

    async def behind(self, token: str) -> bytes | None:
        """Return the picture at an address; None where there is none, and once it has expired."""
        mine = report_pictures.c.token == token, report_pictures.c.expires_at > self.now()
        query = select(report_pictures.c.content).where(*mine)
        return await self.database.read(lambda connection: connection.execute(query).scalar())

    async def _kept(self, report: str, language: Language) -> KeptPicture | None:
        mine = report_pictures.c.report_id == report, report_pictures.c.language == language
        query = select(report_pictures).where(*mine)
        row = await self.database.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else KeptPicture(row.token, row.content)
