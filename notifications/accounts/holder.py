"""What a Slack says of whose an account is: yes, no, or nothing for now."""

from dataclasses import dataclass

from core.api import Person
from notifications.slack.slack_errors import SlackProblem


@dataclass(frozen=True)
class NotSaid:
    """Slack does not say now whose an account is, which is neither a yes nor a no; `problem` is why."""

    problem: SlackProblem


# A person, whose it is; None, as it is nobody's who may have it there; or not said.
Holder = Person | NotSaid | None
