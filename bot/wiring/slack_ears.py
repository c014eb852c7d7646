"""What calls to Slack tell beside their answers: how Slack is, and that an organisation's takes the app no more."""

from dataclasses import dataclass

from bot.server.metrics import Metrics, outcome_of
from bot.slack.switch import SlackSwitch
from bot.tracing.spans import UNTRACED, SpanName, Traces
from notifications.slack.slack_errors import OF_THE_TOKEN, SlackProblem
from notifications.slack.slack_gateway import NO_SUCH_USER
from notifications.slack.slack_watch import SlackWatch


@dataclass(frozen=True)
class SlackEars:
    """Hears how each call ends. A token that is taken no more switches off the organisation's Slack that it is of."""

    watch: SlackWatch
    switch: SlackSwitch
    metrics: Metrics
    traces: Traces = UNTRACED

    def hear(self, token: str, method: str, problem: SlackProblem | None, seconds: float) -> None:
        """See notifications.slack.slack_gateway.Heard."""
        self.watch.record_call(token, method, problem)
        self.metrics.called(method, problem)
        has_failed, outcome = _has_failed(method, problem), outcome_of(problem)
        self.traces.past(SpanName.SLACK, seconds, has_failed=has_failed, method=method, outcome=outcome)
        home = None if problem is None or problem.error not in OF_THE_TOKEN else self.switch.workspaces.of_token(token)
        if home is not None and problem is not None and home.organisation is not None and not home.is_off:
            self.switch.tasks.start(self.switch.off(home.id, problem.error, token=token))


def _has_failed(method: str, problem: SlackProblem | None) -> bool:
    # Whoever looks for an account may find none.
    is_answer = method.startswith("users.") and problem is not None and problem.error in NO_SUCH_USER
    return problem is not None and not is_answer
