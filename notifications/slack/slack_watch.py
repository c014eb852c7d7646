"""How Slack is, learned from the calls that the product makes anyway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.api import HEALTHY, UNKNOWN, FaultCode, NoteFinding, Now, PartFinding, failing
from core.storage.tables.homes import REFUSED_REFRESH, UNREADABLE
from notifications.slack.slack_errors import Never, SlackProblem, TryLater
from notifications.slack.workspaces import Workspace, Workspaces

AUTH_TEST = "auth.test"
# A call may be lost now and then. So many in a row are no chance.
LOST = 3
# What a token is called that no workspace is known by yet.
GIVEN = "SLACK_BOT_TOKEN"
# What asks for a scope that whoever installs the app may leave out.
OPTIONAL = frozenset({"conversations.history", "conversations.info"})
# Why a workspace is named whose next token has not come.
LATE = "expires"
CODES: Mapping[str, FaultCode] = {
    "account_inactive": FaultCode.SLACK_TOKEN_REFUSED,
    "app_uninstalled": FaultCode.SLACK_TOKEN_REFUSED,
    REFUSED_REFRESH: FaultCode.SLACK_TOKEN_REFUSED,
    "invalid_auth": FaultCode.SLACK_TOKEN_REFUSED,
    "not_allowed_token_type": FaultCode.SLACK_TOKEN_REFUSED,
    "not_authed": FaultCode.SLACK_TOKEN_REFUSED,
    "token_expired": FaultCode.SLACK_TOKEN_REFUSED,
    "token_revoked": FaultCode.SLACK_TOKEN_REFUSED,
    LATE: FaultCode.SLACK_TOKEN_EXPIRES,
    "missing_scope": FaultCode.SLACK_SCOPE_MISSING,
    "no_permission": FaultCode.SLACK_SCOPE_MISSING,
    UNREADABLE: FaultCode.SLACK_TOKEN_UNREADABLE,
}


@dataclass(frozen=True)
class RefusedCall:
    """A call that Slack does not let a token make: how it says so, and since when.

    `workspace` is the one known by the token then: by now it may have another.
    """

    token: str = field(repr=False)
    workspace: str | None
    method: str
    error: str
    since: datetime

    @property
    def code(self) -> FaultCode:
        """The code of the fault."""
        return CODES.get(self.error, FaultCode.SLACK_REFUSED)

    def is_mended_by(self, token: str, workspace: str | None, method: str) -> bool:
        """Say whether a call that went well shows that this would too; `auth.test` asks for a token and for no
        scope.
        """
        is_shown = method == self.method or (method == AUTH_TEST and self.code is FaultCode.SLACK_TOKEN_REFUSED)
        is_same = token == self.token or (workspace is not None and workspace == self.workspace)
        return is_same and is_shown


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
        self._refused: Sequence[RefusedCall] = ()
        self._lost: LostCalls | None = None
        self._has_answered = False

    def record_call(self, token: str, method: str, problem: SlackProblem | None) -> None:
        """Record how a call has ended. Safe and cheap enough for every call."""
        if isinstance(problem, TryLater):
            self._miss(problem)
        else:
            self._has_answered, self._lost = True, None
        if isinstance(problem, Never) and problem.is_of_the_workspace and not _may_be_left_out(method, problem):
            self._refuse(token, method, problem)
        elif problem is None:
            home = self._home(token)
            self._refused = [call for call in self._refused if not call.is_mended_by(token, home, method)]
        self._note(self.finding())

    def should_test(self, token: str) -> bool:
        """Say whether calls with the token do not go well and `auth.test` would say when they do."""
        home = self._home(token)
        return self._is_away() or any(call.is_mended_by(token, home, AUTH_TEST) for call in self._refused)

    async def look(self) -> PartFinding:
        """See core.ports.health.HealthCheck."""
        return self.finding()

    def finding(self) -> PartFinding:
        """Return how Slack is, as far as this process has heard."""
        if wrong := self._wrong():
            code = CODES.get(wrong[min(wrong)], FaultCode.SLACK_REFUSED)
            return failing(code, wrong, min((call.since for call in self._refused_to_us()), default=None))
        if self._lost is not None and self._is_away():
            return failing(FaultCode.SLACK_UNREACHABLE, {"error": self._lost.error}, self._lost.since)
        return HEALTHY if self._has_answered else UNKNOWN

    def _wrong(self) -> Mapping[str, str]:
        """Return what is wrong in Inera's own workspaces; what an organisation does with its own is no fault here.

        A token that we cannot open is, whosever it is, and one that could not be rotated in time.
        """
        known = self._workspaces.known
        ours = [*self._own(), *(workspace for workspace in known if workspace.problem == UNREADABLE)]
        late = {workspace.id: LATE for workspace in known if workspace.is_late(self._now())}
        noted = late | {workspace.id: workspace.problem for workspace in ours if workspace.problem is not None}
        return noted | {self._home_of(call): call.error for call in self._refused_to_us()}

    def _own(self) -> Sequence[Workspace]:
        known = self._workspaces.known
        return [workspace for workspace in known if workspace.organisation is None]

    def _refused_to_us(self) -> Sequence[RefusedCall]:
        """Return what was refused to Inera's own: of an organisation's, also one that is known no more, nothing."""
        ours = {GIVEN, *(workspace.id for workspace in self._own())}
        return [call for call in self._refused if self._home_of(call) in ours]

    def _home_of(self, call: RefusedCall) -> str:
        return call.workspace or self._home(call.token) or GIVEN

    def _home(self, token: str) -> str | None:
        known = self._workspaces.of_token(token) if self._refused else None
        return known and known.id

    def _refuse(self, token: str, method: str, problem: SlackProblem) -> None:
        same = [call for call in self._refused if (call.token, call.method) == (token, method)]
        since = min((call.since for call in same), default=self._now())
        others = [call for call in self._refused if call not in same]
        known = self._workspaces.of_token(token)
        self._refused = [*others, RefusedCall(token, known and known.id, method, problem.error, since)]

    def _miss(self, problem: SlackProblem) -> None:
        count, since = (0, self._now()) if self._lost is None else (self._lost.count, self._lost.since)
        self._lost = LostCalls(count + 1, problem.error, since)

    def _is_away(self) -> bool:
        return self._lost is not None and self._lost.count >= LOST


def _may_be_left_out(method: str, problem: SlackProblem) -> bool:
    return method in OPTIONAL and CODES.get(problem.error) is FaultCode.SLACK_SCOPE_MISSING
