"""The tokens of an app whose tokens expire: pairs, each given for a code or for the refresh token of the one before."""

import secrets
from dataclasses import dataclass
from itertools import count

from bot.sandbox.refusals import SlackRefusal

# Slack revokes the oldest of what is good beyond these.
ACTIVE = 2


@dataclass
class AccessToken:
    team: str
    expires_at: float
    is_revoked: bool = False


@dataclass
class RefreshToken:
    team: str
    used_at: float | None = None


class ExpiringTokens:
    """`seconds` is how long an access token is good for, `grace` for how long a refresh token is that was used."""

    def __init__(self, seconds: float, grace: float) -> None:
        self.seconds = seconds
        self.grace = grace
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self._number = count(1)

    def give(self, team: str, now: float) -> tuple[str, str]:
        """Give a workspace another pair."""
        chance = f"{next(self._number)}-{secrets.token_urlsafe(96)}"
        access, refresh = f"xoxe.xoxb-1-{chance}", f"xoxe-1-{chance}"
        self.keep(team, access, refresh, now)
        for token in [each for each in self.access.values() if each.team == team and self._is_good(each, now)][
            :-ACTIVE
        ]:
            token.is_revoked = True
        return access, refresh

    def keep(self, team: str, access: str, refresh: str, now: float) -> None:
        """Let a pair be good from now on."""
        self.access[access] = AccessToken(team, now + self.seconds)
        self.refresh[refresh] = RefreshToken(team)

    def team_of(self, token: str, now: float) -> str | None:
        """Return the workspace of an access token; None for one that was never given."""
        found = self.access.get(token)
        if found is None:
            return None
        if found.is_revoked:
            raise SlackRefusal("token_revoked")
        if not self._is_good(found, now):
            raise SlackRefusal("token_expired")
        return found.team

    def use(self, refresh: str, now: float) -> str:
        """Use up a refresh token; gives its workspace."""
        found = self.refresh.get(refresh)
        if found is None or (found.used_at is not None and now >= found.used_at + self.grace):
            raise SlackRefusal("invalid_refresh_token")
        found.used_at = now if found.used_at is None else found.used_at
        return found.team

    def end(self, team: str) -> None:
        """Let none of a workspace be good any more."""
        self.access = {token: each for token, each in self.access.items() if each.team != team}
        self.refresh = {token: each for token, each in self.refresh.items() if each.team != team}

    def _is_good(self, token: AccessToken, now: float) -> bool:
        return not token.is_revoked and now < token.expires_at
