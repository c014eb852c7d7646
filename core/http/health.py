"""Whether the process runs, how each of its parts is, and what each fault means."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from core.ports.health import (
    UNKNOWN,
    VITAL,
    FaultCode,
    HealthCheck,
    HealthLog,
    HealthPart,
    PartFinding,
    PartState,
    failing,
)

# What a part takes at most; the database is asked before the others, so an answer takes twice this at most.
LIMIT_SECONDS = 2.0
# Whoever asks again sooner hears the same: the address is open to everybody.
FRESH_SECONDS = 1.0
# What a proxy adds: whoever asks through one is elsewhere, and may have written any address there.
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
# What silence means where it is not the check itself that is to blame.
SILENCE = {
    HealthPart.DATABASE: FaultCode.DATABASE_UNREACHABLE,
    HealthPart.WRITER: FaultCode.WRITER_SILENT,
}
READ = ["GET", "HEAD"]
# Ids and errors are no business of strangers.
ON_THE_MACHINE = "; for whoever asks on the machine itself."


class Alive(BaseModel):
    """A sign of life."""

    status: str = Field(description="ok")


class PartHealth(BaseModel):
    """How one part is."""

    state: PartState = Field(
        description="ok; failing; off, where it is not configured; or unknown, where it has not been heard of yet or "
        "cannot be asked because the database is away."
    )
    code: FaultCode | None = Field(default=None, description="What is wrong, where it is failing.")
    message: str | None = Field(default=None, description=f"The same in a sentence{ON_THE_MACHINE}")
    about: dict[str, str] | None = Field(
        default=None, description=f"What it concerns: ids of workspaces, codes of errors{ON_THE_MACHINE}"
    )
    since: datetime | None = Field(default=None, description=f"When this was first seen, UTC{ON_THE_MACHINE}")

    def in_short(self) -> "PartHealth":
        """What anybody may know of it."""
        return PartHealth(state=self.state, code=self.code)


class ProcessHealth(BaseModel):
    """How the process is."""

    status: str = Field(
        description="ready; degraded, when Slack, its socket, mail or the relay is failing, or a key of the API about "
        "to expire, and presses still count; unavailable, with 503, when the database, its migrations or its writer is."
    )
    parts: dict[HealthPart, PartHealth] = Field(description="Each part by its name.")

    def in_short(self) -> "ProcessHealth":
        """What anybody may know of it."""
        return ProcessHealth(status=self.status, parts={name: part.in_short() for name, part in self.parts.items()})


class HealthChecks:
    """Asks every part how it is, never for longer than a limit, and never more often than once a moment.

    The database is asked first; what stands on it only where it answers.
    """

    def __init__(
        self,
        checks: Mapping[HealthPart, HealthCheck],
        log: HealthLog,
        *,
        limits: Mapping[HealthPart, float] | None = None,
        fresh: float = FRESH_SECONDS,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = checks[HealthPart.DATABASE]
        self._within = {part: check for part, check in checks.items() if part in VITAL - {HealthPart.DATABASE}}
        self._others = {part: check for part, check in checks.items() if part not in VITAL}
        self._log = log
        self._limits = dict(limits or {})
        self._fresh = fresh
        self._elapsed = elapsed
        self._asking: asyncio.Task[Mapping[HealthPart, PartFinding]] | None = None
        self._told: tuple[float, Mapping[HealthPart, PartFinding]] | None = None
        self._given_up: set[asyncio.Task[PartFinding]] = set()

    async def findings(self) -> Mapping[HealthPart, PartFinding]:
        """How every part is, by its name. Those who ask meanwhile share one question, whoever of them gives up."""
        if self._asking is None:
            if self._told is not None and self._elapsed() - self._told[0] < self._fresh:
                return self._told[1]
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Mapping[HealthPart, PartFinding]:
        try:
            found = await self._found()
            self._told = self._elapsed(), found
            return found
        finally:
            self._asking = None

    async def _found(self) -> Mapping[HealthPart, PartFinding]:
        database = await self._look(HealthPart.DATABASE, self._database)
        is_there = database.state is PartState.OK
        asked = (self._within if is_there else {}) | self._others
        found = dict(zip(asked, await asyncio.gather(*(self._look(*each) for each in asked.items())), strict=True))
        found[HealthPart.DATABASE] = database
        return {part: found.get(part, UNKNOWN) for part in HealthPart if part in found or part in self._within}

    async def _look(self, part: HealthPart, check: HealthCheck) -> PartFinding:
        looking = asyncio.ensure_future(check.look())
        done, _ = await asyncio.wait({looking}, timeout=self._limits.get(part, LIMIT_SECONDS))
        if not done:
            # Nor is it waited for while it gives up: a driver may take its time for that too.
            looking.cancel()
            self._given_up.add(looking)
            looking.add_done_callback(self._given_up.discard)
            return self._log.note(part, failing(SILENCE.get(part, FaultCode.CHECK_FAILED), {"error": "silence"}))
        if (error := looking.exception()) is not None:
            return self._log.note(part, failing(FaultCode.CHECK_FAILED, {"error": type(error).__name__}))
        return self._log.note(part, looking.result())


def health(checks: HealthChecks) -> APIRouter:
    """`/healthz` answers while the process runs; `/readyz` says how each part is, 503 when nothing can be saved."""
    routes = APIRouter(tags=["Health"])

    @routes.api_route("/healthz", methods=READ)
    async def healthz() -> Alive:
        """The process runs."""
        return Alive(status="ok")

    @routes.api_route(
        "/readyz", methods=READ, responses={503: {"model": ProcessHealth}}, response_model_exclude_none=True
    )
    async def readyz(request: Request, response: Response) -> ProcessHealth:
        """How each part is; presses count as long as the answer is 200."""
        health = _health(await checks.findings())
        response.status_code = 503 if health.status == "unavailable" else 200
        response.headers["Cache-Control"] = "no-store"
        return health if _is_from_this_machine(request) else health.in_short()

    return routes


def _is_from_this_machine(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _health(findings: Mapping[HealthPart, PartFinding]) -> ProcessHealth:
    wrong = {part for part, finding in findings.items() if finding.state is PartState.FAILING}
    status = "unavailable" if wrong & VITAL else "degraded" if wrong else "ready"
    return ProcessHealth(status=status, parts={part: _part(finding) for part, finding in findings.items()})


def _part(finding: PartFinding) -> PartHealth:
    if finding.code is None:
        return PartHealth(state=finding.state)
    return PartHealth(
        state=finding.state,
        code=finding.code,
        message=MEANINGS[finding.code],
        about=dict(finding.about) or None,
        since=finding.since,
    )


MEANINGS: Mapping[FaultCode, str] = {
    FaultCode.DATABASE_UNREACHABLE: "The database does not answer.",
    FaultCode.DATABASE_MISSING: "The database's file is gone from its place.",
    FaultCode.DATABASE_REPLACED: "Another file stands where the database's file stood.",
    FaultCode.MIGRATIONS_MISSING: "The database has no schema yet.",
    FaultCode.MIGRATIONS_OLDER: "The database's schema is older than this program.",
    FaultCode.MIGRATIONS_NEWER: "The database's schema is newer than this program.",
    FaultCode.WRITER_ENDED: "The thread that writes to the database has ended: nothing can be saved.",
    FaultCode.WRITER_SILENT: "The database answers, but takes nothing to be saved in time.",
    FaultCode.WRITER_READ_ONLY: "The database can be read but not written to.",
    FaultCode.WRITER_REFUSED: "The database refuses what is to be saved.",
    FaultCode.SLACK_TOKEN_REFUSED: "Slack refuses the bot token: it is wrong or revoked, or the app was removed.",
    FaultCode.SLACK_TOKEN_UNREADABLE: "A stored bot token cannot be decrypted with SECRET_KEY.",
    FaultCode.SLACK_TOKEN_EXPIRES: "A token that expires within the hour, or has expired, could not be rotated yet.",
    FaultCode.SLACK_SCOPE_MISSING: "The bot token lacks a scope that the app asks for.",
    FaultCode.SLACK_REFUSED: "The workspace does not let the app work there.",
    FaultCode.SLACK_UNREACHABLE: "Slack does not answer.",
    FaultCode.SOCKET_LOST: "There is no connection to Slack over which presses could come.",
    FaultCode.MAIL_UNREACHABLE: "The mail server does not answer, or not as a mail server does.",
    FaultCode.MAIL_REFUSED: "The mail server refuses the password or the sender.",
    FaultCode.MAIL_NOT_OFFERED: "The mail server offers no encryption, or no way to log in that is known here.",
    FaultCode.MAIL_NOT_TRUSTED: "The mail server's certificate cannot be trusted.",
    FaultCode.RELAY_ENDED: "The relay has ended: no messages go out.",
    FaultCode.RELAY_SILENT: "The relay has not looked for messages to send for minutes.",
    FaultCode.RELAY_STUMBLES: "The relay cannot look for messages to send, or fails while it sends them.",
    FaultCode.CARDS_LATE: "Messages that could go out have waited for minutes.",
    FaultCode.CLOCK_ENDED: "The clock has ended: nothing expires and nobody is reminded.",
    FaultCode.CLOCK_SILENT: "Something that the clock does each half minute has not ended for minutes.",
    FaultCode.CLOCK_STUMBLES: "Something that the clock does each half minute, or at night, fails.",
    FaultCode.KEYS_EXPIRE: "A key to the API expires within a week.",
    FaultCode.CHECK_FAILED: "This part could not be looked at.",
}
