"""One Web API call as its method sees it, with the look-ups and refusals that methods share."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from bot.sandbox.box import Box
from bot.sandbox.config import SandboxWorkspace, WorkspaceMember
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.slack_api.wire import Arguments
from bot.sandbox.world.world import Conversation, PostedMessage


@dataclass(frozen=True)
class Call:
    box: Box
    team: SandboxWorkspace
    args: Arguments

    @property
    def scopes(self) -> frozenset[str]:
        return self.box.config.manifest.scopes

    def need(self, *scopes: str) -> None:
        """Refuse with missing_scope unless the installed app has one of these."""
        if scopes and not self.scopes.intersection(scopes):
            raise SlackRefusal("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.scopes)))

    def conversation(self) -> Conversation:
        """Return the conversation named by `channel`, unless the app cannot see it."""
        conversation = self.box.world.find(self.team.id, self.args.word("channel") or "")
        if conversation is None or (conversation.private and not conversation.bot):
            raise SlackRefusal("channel_not_found")
        return conversation

    def person(self, name: str, error: str) -> WorkspaceMember:
        person = self.box.world.knows(self.team.id, self.args.word(name) or "")
        if person is None:
            raise SlackRefusal(error)
        return person

    def message(self, where: Conversation, name: str) -> PostedMessage:
        """Return a message that everybody sees; ephemeral ones cannot be found again."""
        message = where.messages.get(self.args.word(name) or "")
        if message is None or message.only_for:
            raise SlackRefusal("message_not_found")
        return message

    def page(self, things: list[Any], most: int) -> tuple[list[Any], str]:
        """Return one page of a list, and the cursor of the next."""
        start = _offset(self.args.word("cursor") or "")
        limit = self._limit(most)
        if start > len(things):
            raise SlackRefusal("invalid_cursor")
        end = start + limit
        return things[start:end], _cursor(end) if end < len(things) else ""

    def _limit(self, most: int) -> int:
        limit = self.args.word("limit") or "0"
        if not limit.isdigit() or int(limit) > most:
            raise SlackRefusal("invalid_limit")
        return int(limit) or most


def _cursor(offset: int) -> str:
    return base64.b64encode(f"offset:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("offset:"))
    except (ValueError, binascii.Error):
        raise SlackRefusal("invalid_cursor") from None


CONVERSATIONS_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
CONVERSATIONS_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
CONVERSATIONS_WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")


@dataclass(frozen=True)
class ApiMethod:
    tier: str | None
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    json: bool = True


METHODS: dict[str, ApiMethod] = {
    "apps.connections.open": ApiMethod("t3"),
    "apps.manifest.validate": ApiMethod("t3", (), ("manifest",)),
    "auth.test": ApiMethod("t5"),
    "blocks.validate": ApiMethod(None),
    "chat.delete": ApiMethod("t3", ("chat:write",), ("channel", "ts")),
    "chat.getPermalink": ApiMethod("t5", (), ("channel", "message_ts"), json=False),
    "chat.postEphemeral": ApiMethod("t4", ("chat:write",), ("channel", "user")),
    "chat.postMessage": ApiMethod("t5", ("chat:write",), ("channel",)),
    "chat.update": ApiMethod("t3", ("chat:write",), ("channel", "ts")),
    "conversations.history": ApiMethod("t3", CONVERSATIONS_HISTORY, ("channel",)),
    "conversations.info": ApiMethod("t3", CONVERSATIONS_READ, ("channel",), json=False),
    "conversations.members": ApiMethod("t4", CONVERSATIONS_READ, ("channel",), json=False),
    "conversations.open": ApiMethod("t3", CONVERSATIONS_WRITE),
    "oauth.v2.access": ApiMethod("t5", (), (), json=False),
    "team.info": ApiMethod("t3", ("team:read",)),
    "users.conversations": ApiMethod("t3", CONVERSATIONS_READ, json=False),
    "users.info": ApiMethod("t4", ("users:read",), ("user",), json=False),
    "users.list": ApiMethod("t2", ("users:read",), json=False),
    "users.lookupByEmail": ApiMethod("t3", ("users:read.email",), ("email",), json=False),
    "views.open": ApiMethod("t4", (), ("view",)),
    "views.publish": ApiMethod("t4", (), ("user_id", "view")),
    "views.push": ApiMethod("t4", (), ("view",)),
    "views.update": ApiMethod("t4", (), ("view",)),
}
