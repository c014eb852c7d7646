"""What a Slack says of whose an account is: yes, no, or nothing for now."""

from dataclasses import dataclass

from core.api import Person
from notifications.slack.slack_errors import SlackProblem


@dataclass(frozen=True)
class NotSaid:
    """Slack does not say now whose an account is, which is neither a yes nor a no; `problem` is why."""

    problem: SlackProblem


@dataclass(frozen=True)
class Guest:
    """A guest's account with a person's address: the person's once an administrator has said yes to it."""

    person: Person


# A person, whose it is; a guest with a person's address; None, as it is nobody's who may have it there; or not said.
Holder = Person | Guest | NotSaid | None
