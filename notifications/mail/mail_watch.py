"""The mail server's health, learned from what it answers to each mail."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.api import HEALTHY, NOT_CONFIGURED, UNKNOWN, FaultCode, NoteFinding, Now, PartFinding, PartState, failing
from notifications.mail.port import NOT_WRITTEN, Letter, Mail, MailStopped
from notifications.slack.slack_errors import Never, SlackProblem, TryLater

# What was heard longer ago is asked for anew, once somebody wants to know.
OLD = timedelta(minutes=1)
# These say that nobody answered as a mail server does, whatever was asked.
NO_ANSWER = frozenset({"smtp_connection", "smtp_malformed", "smtp_timeout"})
CODES: Mapping[str, FaultCode] = {
    "smtp_not_offered": FaultCode.MAIL_NOT_OFFERED,
    "smtp_tls": FaultCode.MAIL_NOT_TRUSTED,
}


class MailWatch:
    """A mail server whose answers are heard (notifications.mail.port.Mail); a core.ports.health.HealthCheck of it.

    Whoever looks waits for nothing: that somebody did is remembered for whoever looks after mail. `note` hears at once.
    """

    def __init__(self, mail: Mail, now: Now, note: NoteFinding) -> None:
        self._mail = mail
        self._now = now
        self._note = note
        self._finding = UNKNOWN
        self._heard_at: datetime | None = None
        self._is_asked = True

    async def send(self, letter: Letter) -> None:
        """See notifications.mail.port.Mail."""
        try:
            await self._mail.send(letter)
        except SlackProblem as problem:
            self._hear(_of_sending(problem))
            raise
        self._hear(HEALTHY)

    async def check(self) -> None:
        """See notifications.mail.port.Mail."""
        self._is_asked = False
        try:
            await self._mail.check()
        except SlackProblem as problem:
            self._hear(finding_of(problem))
            raise
        self._hear(HEALTHY)

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        self._is_asked = True
        return self._finding

    @property
    def is_due(self) -> bool:
        """True when the server should be checked: it is failing, or somebody wants to know and nobody has heard."""
        is_old = self._heard_at is None or self._now() - self._heard_at >= OLD
        return is_old and (self._is_asked or self._finding.state is PartState.FAILING)

    def _hear(self, finding: PartFinding | None) -> None:
        if finding is None:
            return
        self._heard_at, self._finding = self._now(), finding
        self._note(finding)


class NoMail:
    """How the mail server is where there is none."""

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        return NOT_CONFIGURED


def _of_sending(problem: SlackProblem) -> PartFinding | None:
    """Return what a failed mail says of the server: nothing, when it will take that one later or was not asked."""
    if problem.error == NOT_WRITTEN or (isinstance(problem, TryLater) and problem.error not in NO_ANSWER):
        return None
    return finding_of(problem)


def finding_of(problem: SlackProblem) -> PartFinding:
    """Say what a failure tells of the server."""
    if isinstance(problem, Never) and not isinstance(problem, MailStopped):
        # It answered, and about that mail alone.
        return HEALTHY
    otherwise = FaultCode.MAIL_REFUSED if isinstance(problem, MailStopped) else FaultCode.MAIL_UNREACHABLE
    return failing(CODES.get(problem.error, otherwise), {"error": problem.error})
