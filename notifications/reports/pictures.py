"""Pictures of charts: drawn once for each language, kept behind an address that nobody guesses, for a while."""

import asyncio
import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, delete, or_, select

from core.api import Language, Now, token_hash
from core.storage.tables import report_pictures
from notifications.database import Transactions, put_unless
from notifications.documents.chart import Chart

# Slack asks for a picture when the message is posted, and keeps what it got.
LASTS = timedelta(days=30)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptPicture:
    """A PNG, and the token in its address."""

    token: str
    content: bytes


@dataclass(frozen=True)
class Pictures:
    """Draws and keeps the pictures of reports. `draw` may take its time, and runs in a thread of its own.

    The token in the address follows from the operator's secret and the report, so of it the database holds a hash.
    """

    database: Transactions
    now: Now
    secret_key: str
    draw: Callable[[Chart], bytes]

    async def of(self, report: str, language: Language, chart: Chart) -> KeptPicture | None:
        """Return the picture of a report in a language; None where it cannot be drawn, as the log says."""
        token = self._token(report, language)
        if (kept := await self.behind(token)) is not None:
            return KeptPicture(token, kept)
        try:
            content = await asyncio.to_thread(self.draw, chart)
        except Exception:
            # What the picture says stands in the message too.
            log.exception("picture_not_drawn report=%s", report)
            return None
        row = {"token": token_hash(token), "report_id": report, "language": language, "content": content}
        at = self.now()
        row |= {"expires_at": at + LASTS}
        mine = and_(report_pictures.c.report_id == report, report_pictures.c.language == language)
        # One that has expired, or stands behind an address of another secret.
        is_of_before = or_(report_pictures.c.token != row["token"], report_pictures.c.expires_at <= at)

        def put(connection: Connection) -> None:
            connection.execute(delete(report_pictures).where(mine, is_of_before))
            # Another relay may have drawn it meanwhile: then its picture counts.
            put_unless(connection, report_pictures, row)

        await self.database.write(put)
        return KeptPicture(token, await self.behind(token) or content)

    async def behind(self, token: str) -> bytes | None:
        """Return the picture at an address; None where there is none, and once it has expired."""
        mine = report_pictures.c.token == token_hash(token), report_pictures.c.expires_at > self.now()
        query = select(report_pictures.c.content).where(*mine)
        return await self.database.read(lambda connection: connection.execute(query).scalar())

    def _token(self, report: str, language: Language) -> str:
        key = hmac.digest(self.secret_key.encode(), b"kundportal pictures", "sha256")
        return urlsafe_b64encode(hmac.digest(key, f"{report} {language}".encode(), "sha256")).rstrip(b"=").decode()
