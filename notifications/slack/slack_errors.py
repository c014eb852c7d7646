"""What a failed call of Slack's asks for, by its error code: wait, and how long; try later, post anew, never again."""

from collections.abc import Mapping
from enum import StrEnum
from math import isfinite

from core.storage.tables.homes import OFF, REFUSED_REFRESH

# Slack's own trouble, which passes.
PASSING = frozenset(
    {
        "accesslimited",
        "external_channel_migrating",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "streaming_state_conflict",
        "team_added_to_org",
        "update_failed",
    }
)
# What Slack calls it when it answers with a status alone.
TOO_MANY_CALLS = "ratelimited"
RATE_LIMITED = frozenset({"rate_limited", TOO_MANY_CALLS})
# How long Slack is left alone where it names no time that can be read.
DEFAULT_WAIT_SECONDS = 30.0
# Slack asks for seconds, sometimes for minutes. Whatever else stands there must neither stop us for ever nor let us run
# on at once.
SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 3_600.0
# The message is gone, or may no longer be edited.
GONE = frozenset(
    {
        "cant_update_message",
        "edit_window_closed",
        "is_inactive",
        "message_deleted",
        "message_not_found",
        "block_mismatch",
    }
)
# Nothing in the workspace works until somebody mends the installation.
OF_THE_WORKSPACE = frozenset(
    {
        "access_denied",
        "account_inactive",
        "app_access_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "team_not_found",
        "token_expired",
        "token_revoked",
    }
)


# How all words begin that Slack has for a channel in which the app may not post, one for each way to restrict that.
RESTRICTED = "restricted_action"


class Cause(StrEnum):
    """What a refusal comes of that somebody can mend, or that mends itself by another way to the reader."""

    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - no token
    CHANNEL_ARCHIVED = "channel_archived"
    NOT_IN_CHANNEL = "not_in_channel"
    MAY_NOT_POST = "may_not_post"
    USER_GONE = "user_gone"
    MESSAGE_GONE = "message_gone"
    NOT_EDITABLE = "not_editable"


CAUSES: Mapping[Cause, frozenset[str]] = {
    Cause.TOKEN_REVOKED: OF_THE_WORKSPACE | OFF,
    Cause.CHANNEL_ARCHIVED: frozenset({"is_archived"}),
    Cause.NOT_IN_CHANNEL: frozenset({"channel_not_found", "not_in_channel"}),
    Cause.MAY_NOT_POST: frozenset({RESTRICTED}),
    Cause.USER_GONE: frozenset({"user_disabled", "user_not_found", "user_not_visible", "not_in_slack"}),
    Cause.MESSAGE_GONE: frozenset({"message_deleted", "message_not_found"}),
    Cause.NOT_EDITABLE: GONE - {"message_deleted", "message_not_found"},
}


def cause_of(error: str | None) -> Cause | None:
    """Return what a code of Slack's, or of our own, comes of; None for one that passes, or that nobody has met."""
    plain = RESTRICTED if error is not None and error.startswith(RESTRICTED) else error
    return next((cause for cause, codes in CAUSES.items() if plain in codes), None)


# Slack takes no call with the token, whichever it is: all by which a workspace is off, but for what an event tells and
# what is answered to whoever asks for the next token.
OF_THE_TOKEN = OFF - {"app_uninstalled", REFUSED_REFRESH}


class SlackProblem(Exception):
    """A call that failed. `error` is Slack's code, or ours: timeout, connection, http_500."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Wait(SlackProblem):
    """Slack asks for `seconds` of silence on this method; nothing happened."""

    def __init__(self, error: str, seconds: float) -> None:
        super().__init__(error)
        self.seconds = seconds


class TryLater(SlackProblem):
    """It may have happened or not, and may go well another time."""


class Gone(SlackProblem):
    """The message cannot be edited any more: post it anew."""


class Never(SlackProblem):
    """It will not go well, however often it is tried."""

    @property
    def is_of_the_workspace(self) -> bool:
        """True when no call in the workspace goes well."""
        return self.error in OF_THE_WORKSPACE


def classify(error: str) -> SlackProblem:
    """Return the problem behind an error code of Slack's. A code we do not know is not tried again, so that it is
    seen.
    """
    if error in RATE_LIMITED:
        return Wait(error, DEFAULT_WAIT_SECONDS)
    if error in PASSING:
        return TryLater(error)
    if error in GONE:
        return Gone(error)
    return Never(error)


def wait_asked_for(retry_after: str | None) -> Wait:
    """Return the wait that Slack asks for by a Retry-After header: its seconds, within bounds."""
    return Wait(TOO_MANY_CALLS, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float:
    try:
        asked = float(retry_after or DEFAULT_WAIT_SECONDS)
    except ValueError:
        return DEFAULT_WAIT_SECONDS
    if not isfinite(asked):
        return DEFAULT_WAIT_SECONDS
    return min(max(asked, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
