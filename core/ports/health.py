"""The port to the health of a running process: its parts, their faults, and since when."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.ports.cases import Now

log = logging.getLogger(__name__)


class HealthPart(StrEnum):
    """What a process stands on. Without the first three nothing can be pressed; without the others people wait."""

    DATABASE = "database"
    MIGRATIONS = "migrations"
    WRITER = "writer"
    SLACK = "slack"
    SOCKET = "socket"
    MAIL = "mail"
    RELAY = "relay"
    KEYS = "keys"


# Those that a process cannot answer without.
VITAL = frozenset({HealthPart.DATABASE, HealthPart.MIGRATIONS, HealthPart.WRITER})


class PartState(StrEnum):
    """How a part is."""

    OK = "ok"
    FAILING = "failing"
    OFF = "off"  # not configured
    UNKNOWN = "unknown"  # nothing has been heard of it yet, or it cannot be asked now


class FaultCode(StrEnum):
    """What may be wrong; docs/operating.md says of each what to do."""

    DATABASE_UNREACHABLE = "database_unreachable"
    DATABASE_MISSING = "database_missing"
    DATABASE_REPLACED = "database_replaced"
    MIGRATIONS_MISSING = "migrations_missing"
    MIGRATIONS_OLDER = "migrations_older"
    MIGRATIONS_NEWER = "migrations_newer"
    WRITER_ENDED = "writer_ended"
    WRITER_SILENT = "writer_silent"
    WRITER_READ_ONLY = "writer_read_only"
    WRITER_REFUSED = "writer_refused"
    SLACK_TOKEN_REFUSED = "slack_token_refused"  # noqa: S105 - the code of a fault
    SLACK_TOKEN_UNREADABLE = "slack_token_unreadable"  # noqa: S105 - (the same)
    SLACK_TOKEN_EXPIRES = "slack_token_expires"  # noqa: S105 - (the same)
    SLACK_SCOPE_MISSING = "slack_scope_missing"
    SLACK_REFUSED = "slack_refused"
    SLACK_UNREACHABLE = "slack_unreachable"
    SOCKET_LOST = "socket_lost"
    MAIL_UNREACHABLE = "mail_unreachable"
    MAIL_REFUSED = "mail_refused"
    MAIL_NOT_OFFERED = "mail_not_offered"
    MAIL_NOT_TRUSTED = "mail_not_trusted"
    RELAY_ENDED = "relay_ended"
    RELAY_SILENT = "relay_silent"
    RELAY_STUMBLES = "relay_stumbles"
    CARDS_LATE = "cards_late"
    CLOCK_ENDED = "clock_ended"
    CLOCK_SILENT = "clock_silent"
    CLOCK_STUMBLES = "clock_stumbles"
    KEYS_EXPIRE = "keys_expire"
    CHECK_FAILED = "check_failed"


@dataclass(frozen=True)
class PartFinding:
    """How a part was found. `about` holds ids and codes, never secrets or names; `since` where the part knows it."""

    state: PartState
    code: FaultCode | None = None
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    since: datetime | None = None


HEALTHY = PartFinding(PartState.OK)
NOT_CONFIGURED = PartFinding(PartState.OFF)
UNKNOWN = PartFinding(PartState.UNKNOWN)
NoteFinding = Callable[[PartFinding], object]


def failing(code: FaultCode, about: Mapping[str, str] | None = None, since: datetime | None = None) -> PartFinding:
    """Say what is wrong with a part."""
    return PartFinding(PartState.FAILING, code, about or {}, since)


class HealthCheck(Protocol):
    """Finds out how one part is."""

    async def look(self) -> PartFinding:
        """Find out. What it raises counts as a fault of the part."""
        ...


class HealthLog:
    """Remembers how each part was last found and since when; the log hears of each change once."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._failing: dict[HealthPart, PartFinding] = {}

    def note(self, part: HealthPart, finding: PartFinding) -> PartFinding:
        """Note how a part was found; answers with the same, and since when it is so where it is failing."""
        if finding.state is PartState.UNKNOWN:
            # Nothing learned is no change.
            return finding
        before = self._failing.pop(part, None)
        if finding.state is not PartState.FAILING:
            if before is not None:
                log.info("part_recovered part=%s code=%s", part, before.code)
            return finding
        lasting = PartFinding(finding.state, finding.code, finding.about, self._since(finding, before))
        self._failing[part] = lasting
        if before is None or (before.code, before.about.keys()) != (finding.code, finding.about.keys()):
            log.error("part_failing part=%s code=%s about=%s", part, finding.code, _written(finding.about))
        return lasting

    def _since(self, finding: PartFinding, before: PartFinding | None) -> datetime:
        if before is not None and before.code == finding.code and before.since is not None:
            return before.since
        return finding.since or self._now()


def _written(about: Mapping[str, str]) -> str:
    return ",".join(f"{name}:{value}" for name, value in sorted(about.items()))
