"""conversations.*: direct messages and channels, as the app may see them."""

from decimal import Decimal, InvalidOperation

from bot.sandbox.interactions.payloads import message_for_app
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.call import Call
from bot.sandbox.world.world import Conversation, direct_id

# Kind of conversation -> the scope that reading it takes.
KINDS = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read"}
HISTORIES = {"public_channel": "channels:history", "private_channel": "groups:history", "im": "im:history"}
CREATED = 1_700_000_000


def kind_of(where: Conversation) -> str:
    if where.kind == "im":
        return "im"
    return "private_channel" if where.private else "public_channel"


def open_conversation(call: Call) -> Json:
    """Open the direct messages with one person; group messages are not part of the sandbox."""
    where = _asked_for(call)
    call.need("im:write")
    was_open, where.opened = where.opened, True
    if not call.args.flag("return_im"):
        channel: Json = {"id": where.id}
    else:
        channel = {name: part for name, part in for_answer(call, where).items() if name != "is_user_deleted"}
    return {"channel": channel} | ({"no_op": True, "already_open": True} if was_open else {})


def history(call: Call) -> Json:
    """A page of a conversation's messages, the newest first: what answers in a thread is not among them."""
    where = call.conversation()
    call.need(HISTORIES[kind_of(where)])
    if where.kind != "im" and not where.bot:
        raise SlackRefusal("not_in_channel")
    oldest, latest = _ts(call, "oldest", "0"), _ts(call, "latest", "9999999999")
    is_within = (
        (lambda ts: oldest <= ts <= latest) if call.args.flag("inclusive") else (lambda ts: oldest < ts < latest)
    )
    roots = [
        each
        for each in where.messages.values()
        if not each.only_for and each.thread_ts in (None, each.ts) and is_within(Decimal(each.ts))
    ]
    found, cursor = call.page(sorted(roots, key=lambda each: Decimal(each.ts), reverse=True), 999)
    app = call.box.config.app_id
    return {
        "messages": [message_for_app(each, call.team, app, len(where.thread(each.ts))) for each in found],
        "has_more": bool(cursor),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def _ts(call: Call, name: str, otherwise: str) -> Decimal:
    try:
        return Decimal(call.args.word(name) or otherwise)
    except InvalidOperation:
        raise SlackRefusal("invalid_ts_oldest" if name == "oldest" else "invalid_ts_latest") from None


def info(call: Call) -> Json:
    where = call.conversation()
    call.need(KINDS[kind_of(where)])
    channel = for_answer(call, where)
    if where.kind != "im":
        channel["is_member"] = where.bot
    if call.args.flag("include_num_members"):
        channel["num_members"] = len(_members(call, where))
    if call.args.flag("include_locale"):
        channel["locale"] = call.team.locale
    return {"channel": channel}


def members(call: Call) -> Json:
    where = call.conversation()
    call.need(KINDS[kind_of(where)])
    members, cursor = call.page(_members(call, where), 1000)
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def for_answer(call: Call, where: Conversation) -> Json:
    base: Json = {"id": where.id, "created": CREATED, "is_archived": where.archived, "is_org_shared": False}
    if where.kind == "im":
        deleted = call.box.world.people[where.members[0]].deleted
        return {
            **base,
            "is_im": True,
            "user": where.members[0],
            "is_user_deleted": deleted,
            "is_open": True,
            "priority": 0,
        }
    teams = sorted({call.box.world.home_team[user] for user in where.members} | {where.team})
    shared = len(teams) > 1
    nothing = {"value": "", "creator": "", "last_set": 0}
    return base | {
        "name": where.name,
        "name_normalized": where.name,
        "is_channel": not where.private,
        "is_group": where.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": where.private,
        "is_general": False,
        "is_shared": shared,
        "is_ext_shared": shared,
        "shared_team_ids": teams,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": where.team,
        "creator": call.team.bot_user,
        "unlinked": 0,
        "updated": CREATED * 1000,
        "topic": nothing,
        "purpose": nothing,
        "previous_names": [],
    }


def _asked_for(call: Call) -> Conversation:
    if channel := call.args.word("channel"):
        conversation = call.box.world.find(call.team.id, channel)
        if conversation is None or conversation.kind != "im":
            raise SlackRefusal("channel_not_found")
        return conversation
    users = [user.strip() for user in (call.args.word("users") or "").split(",") if user.strip()]
    if not users:
        raise SlackRefusal("users_list_not_supplied")
    if len(users) > 1:
        call.need("mpim:write")
        raise SlackRefusal("method_not_supported_for_channel_type")
    return _direct(call, users[0])


def _direct(call: Call, user: str) -> Conversation:
    person = call.box.world.people.get(user)
    if person is None or call.box.world.home_team[user] != call.team.id:
        raise SlackRefusal("user_not_found")
    if person.is_bot:
        raise SlackRefusal("cannot_dm_bot")
    if person.deleted:
        raise SlackRefusal("user_disabled")
    return call.box.world.conversations[direct_id(call.team.bot_user, user)]


def _members(call: Call, where: Conversation) -> list[str]:
    return [*where.members, *([call.team.bot_user] if where.bot else [])]
