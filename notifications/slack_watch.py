"""How Slack is, learned from the calls that the product makes anyway."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.api import HEALTHY, UNKNOWN, FaultCode, NoteFinding, Now, PartFinding, failing
from notifications.slack_errors import Never, SlackProblem, TryLater
from notifications.workspaces import UNREADABLE, Workspaces

AUTH_TEST = "auth.test"
# A call may be lost now and then. So many in a row are no chance.
LOST = 3
# What a token is called that no workspace is known by yet.
GIVEN = "SLACK_BOT_TOKEN"
CODES: Mapping[str, FaultCode] = {
    "account_inactive": FaultCode.SLACK_TOKEN_REFUSED,
    "app_uninstalled": FaultCode.SLACK_TOKEN_REFUSED,
    "invalid_auth": FaultCode.SLACK_TOKEN_REFUSED,
    "not_allowed_token_type": FaultCode.SLACK_TOKEN_REFUSED,
    "not_authed": FaultCode.SLACK_TOKEN_REFUSED,
    "token_expired": FaultCode.SLACK_TOKEN_REFUSED,
    "token_revoked": FaultCode.SLACK_TOKEN_REFUSED,
    "missing_scope": FaultCode.SLACK_SCOPE_MISSING,
    "no_permission": FaultCode.SLACK_SCOPE_MISSING,
    UNREADABLE: FaultCode.SLACK_TOKEN_UNREADABLE,
}


@dataclass(frozen=True)
class RefusedToken:
    """What Slack said to a token, to which method first, and when."""

    error: str
    method: str
    since: datetime


@dataclass(frozen=True)
class LostCalls:
    """How many calls in a row Slack has not answered, the last error, and since when."""

    count: int
    error: str
    since: datetime


class SlackWatch:
    """Implements core.api.HealthCheck without asking anybody. `note` hears at once how Slack is after each call."""

    def __init__(self, workspaces: Workspaces, now: Now, note: NoteFinding) -> None:
        self._workspaces = workspaces
        self._now = now
        self._note = note
        self._refused: dict[str, RefusedToken] = {}
        self._lost: LostCalls | None = None
        self._has_answered = False

    def heard(self, token: str, method: str, problem: SlackProblem | None) -> None:
        """A call has ended so. Safe and cheap enough for every call."""
        if isinstance(problem, TryLater):
            self._miss(problem)
        else:
            self._has_answered, self._lost = True, None
        if isinstance(problem, Never) and problem.is_of_the_workspace:
            self._refuse(token, method, problem)
        elif problem is None and token in self._refused and method in (AUTH_TEST, self._refused[token].method):
            del self._refused[token]
        self._note(self.finding())

    def doubts(self, token: str) -> bool:
        """True while calls with the token do not go well, so that it should be tried anew."""
        return token in self._refused or self._is_away()

    async def look(self) -> PartFinding:
        """See core.health.HealthCheck."""
        return self.finding()

    def finding(self) -> PartFinding:
        """How Slack is, as far as this process has heard."""
        if wrong := self._wrong():
            code = CODES.get(wrong[min(wrong)], FaultCode.SLACK_REFUSED)
            return failing(code, wrong, min((each.since for each in self._refused.values()), default=None))
        if self._lost is not None and self._is_away():
            return failing(FaultCode.SLACK_UNREACHABLE, {"error": self._lost.error}, self._lost.since)
        return HEALTHY if self._has_answered else UNKNOWN

    def _wrong(self) -> Mapping[str, str]:
        """What is wrong, by workspace."""
        known = self._workspaces.known
        noted = {each.id: each.problem for each in known if each.problem is not None}
        names = {each.token: each.id for each in known}
        return noted | {names.get(token, GIVEN): each.error for token, each in self._refused.items()}

    def _refuse(self, token: str, method: str, problem: SlackProblem) -> None:
        before = self._refused.get(token)
        since = self._now() if before is None else before.since
        self._refused[token] = RefusedToken(problem.error, method, since)

    def _miss(self, problem: SlackProblem) -> None:
        count, since = (0, self._now()) if self._lost is None else (self._lost.count, self._lost.since)
        self._lost = LostCalls(count + 1, problem.error, since)

    def _is_away(self) -> bool:
        return self._lost is not None and self._lost.count >= LOST
