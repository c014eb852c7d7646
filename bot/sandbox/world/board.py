"""Writing, changing and removing messages, and telling every page that shows them."""

from dataclasses import replace
from typing import Any

from bot.sandbox.block_kit.elements import with_former
from bot.sandbox.shapes import Json
from bot.sandbox.world.journal import Journal
from bot.sandbox.world.world import Clock, Conversation, PostedMessage, World


class Board:
    def __init__(self, world: World, journal: Journal, clock: Clock) -> None:
        self._world = world
        self._journal = journal
        self._clock = clock

    def post(self, to: Conversation, *, user: str, bot: bool, text: str, **rest: Any) -> PostedMessage:
        message = PostedMessage(
            ts=to.next_ts(self._clock()), channel=to.id, user=user, bot=bot, text=text, **_present(rest)
        )
        to.messages[message.ts] = message
        to.opened = True
        self._tell(to, "ephemeral" if message.only_for else "message", message)
        if not message.only_for:
            self._raise_unread(to, author=user)
            self._tell_root(to, message)
        return message

    def change(self, where: Conversation, message: PostedMessage, **new: Any) -> PostedMessage:
        changed = replace(message, former=with_former(message.former, message.blocks or []), **new)
        where.messages[message.ts] = changed
        self._tell(where, "message_changed", changed)
        return changed

    def remove(self, where: Conversation, message: PostedMessage) -> None:
        del where.messages[message.ts]
        for user in self._readers(where, message):
            self._journal.tell(user, "message_deleted", channel=where.id, ts=message.ts)
        self._tell_root(where, message)

    def read(self, where: Conversation, user: str) -> None:
        where.unread[user] = 0
        self._journal.tell(user, "unread", channel=where.id, count=0)

    def _raise_unread(self, to: Conversation, author: str) -> None:
        for user in to.members:
            if user != author:
                to.unread[user] = to.unread.get(user, 0) + 1
                self._journal.tell(user, "unread", channel=to.id, count=to.unread[user])

    def _tell_root(self, where: Conversation, reply: PostedMessage) -> None:
        """Tell that a reply changes the count under the message that it answers."""
        root = where.messages.get(reply.thread_ts) if reply.thread_ts else None
        if root and root.ts != reply.ts:
            self._tell(where, "message_changed", root)

    def _tell(self, where: Conversation, kind: str, message: PostedMessage) -> None:
        for user in self._readers(where, message):
            self._journal.tell(user, kind, message=for_page(where, message))

    @staticmethod
    def _readers(where: Conversation, message: PostedMessage) -> tuple[str, ...]:
        return (message.only_for,) if message.only_for else where.members


def for_page(where: Conversation, message: PostedMessage) -> Json:
    """Return a message as the page and tests read it."""
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "bot": message.bot,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "ephemeral": message.only_for is not None,
        "edited": message.edited,
        "deleted": False,
        "reply_count": len(where.thread(message.ts)),
        **({"metadata": message.metadata} if message.metadata else {}),
    }


def _present(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}
