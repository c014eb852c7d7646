"""API keys that are about to expire: the operator is warned in the log, and by `/readyz` while little is left."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, or_, select, update

from core.ports.cases import Now
from core.ports.health import HEALTHY, UNKNOWN, FaultCode, PartFinding, failing
from core.shared.working_days import day_of
from core.storage import tables
from core.storage.database.database import Database

log = logging.getLogger(__name__)

KEYS = tables.api_keys.c
# Days before its end that a key is warned of, each once; with the last of them `/readyz` says so too.
WARNED = (30, 7)


@dataclass(frozen=True)
class KeysCheck:
    """Implements core.ports.health.HealthCheck: whether some key has a week left at most."""

    database: Database
    now: Now

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck. A database that cannot be asked is a fault of the database."""
        try:
            soon = await self.database.inspect(self._soon)
        except Exception:
            # Whatever a driver raises, and the database's own part tells of it.
            return UNKNOWN
        return failing(FaultCode.KEYS_EXPIRE, soon) if soon else HEALTHY

    def _soon(self, connection: Connection) -> dict[str, str]:
        query = select(KEYS.id, KEYS.expires_at).where(_expires_within(WARNED[-1], self.now()))
        return {id_: day_of(at).isoformat() for id_, at in connection.execute(query)}


@dataclass(frozen=True)
class KeyWarnings:
    """Warns the operator, in the log, of keys with thirty and with seven days left."""

    database: Database
    now: Now

    async def warn(self) -> int:
        """Warn of the keys that are due, each once whoever runs this too and however late it comes; return how many."""
        at, warned = self.now(), list[tuple[str, datetime]]()
        # The shortest first: whoever has seven days left is not told of thirty as well.
        for days in sorted(WARNED):
            warned += await self.database.write(partial(_claim, days=days, at=at))
        for id_, until in warned:
            log.warning("api_key_expires key=%s on=%s days=%s", id_, day_of(until), (until - at).days)
        return len(warned)


def _claim(connection: Connection, days: int, at: datetime) -> list[tuple[str, datetime]]:
    untold = or_(KEYS.warned_days.is_(None), KEYS.warned_days > days)
    warned = update(tables.api_keys).where(_expires_within(days, at), untold).values(warned_days=days)
    return [(id_, until) for id_, until in connection.execute(warned.returning(KEYS.id, KEYS.expires_at))]


def _expires_within(days: int, at: datetime) -> ColumnElement[bool]:
    return KEYS.revoked_at.is_(None) & (KEYS.expires_at > at) & (KEYS.expires_at <= at + timedelta(days=days))
