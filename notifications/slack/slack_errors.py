"""Slack's error codes, classified by what a failed call asks for: wait, try later, post anew, or never again."""

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
RATE_LIMITED = frozenset({"rate_limited", "ratelimited"})
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


# Slack takes no call with the token, whichever it is.
OF_THE_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed", "token_expired", "token_revoked"}
)


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
        return Wait(error, 30.0)
    if error in PASSING:
        return TryLater(error)
    if error in GONE:
        return Gone(error)
    return Never(error)
