"""The Web API methods there are: tier, scopes (one of them is enough), whether JSON is taken, required arguments."""

from dataclasses import dataclass

CONVERSATIONS_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
CONVERSATIONS_WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")


@dataclass(frozen=True)
class Method:
    tier: str | None
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    json: bool = True


METHODS: dict[str, Method] = {
    "auth.test": Method("t5"),
    "blocks.validate": Method(None),
    "chat.delete": Method("t3", ("chat:write",), ("channel", "ts")),
    "chat.getPermalink": Method("t5", (), ("channel", "message_ts"), json=False),
    "chat.postEphemeral": Method("t4", ("chat:write",), ("channel", "user")),
    "chat.postMessage": Method("t5", ("chat:write",), ("channel",)),
    "chat.update": Method("t3", ("chat:write",), ("channel", "ts")),
    "conversations.info": Method("t3", CONVERSATIONS_READ, ("channel",), json=False),
    "conversations.members": Method("t4", CONVERSATIONS_READ, ("channel",), json=False),
    "conversations.open": Method("t3", CONVERSATIONS_WRITE),
    "team.info": Method("t3", ("team:read",)),
    "users.conversations": Method("t3", CONVERSATIONS_READ, json=False),
    "users.info": Method("t4", ("users:read",), ("user",), json=False),
    "users.list": Method("t2", ("users:read",), json=False),
    "users.lookupByEmail": Method("t3", ("users:read.email",), ("email",), json=False),
    "views.open": Method("t4", (), ("view",)),
    "views.publish": Method("t4", (), ("user_id", "view")),
    "views.push": Method("t4", (), ("view",)),
    "views.update": Method("t4", (), ("view",)),
}
