"""chat.*: posting, updating and deleting messages."""

import re

from bot.sandbox.block_kit.elements import with_ids
from bot.sandbox.block_kit.validation import check_message_blocks
from bot.sandbox.box import new_id
from bot.sandbox.interactions.payloads import message_for_app
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.call import Call
from bot.sandbox.world.world import Conversation, PostedMessage

TEXT_CHARACTERS = 40_000
ATTACHMENTS = 100


def post_message(call: Call) -> Json:
    where = _writable(call)
    content = _content(call)
    # Slack cuts a text that is too long here, and refuses it elsewhere.
    content["text"] = content["text"][:TEXT_CHARACTERS]
    message = call.box.board.post(
        where,
        user=call.team.bot_user,
        bot=True,
        **content,
        thread_ts=_thread(call, where),
        metadata=_metadata(call),
    )
    return {"channel": where.id, "ts": message.ts, "message": _shown(call, message)}


def post_ephemeral(call: Call) -> Json:
    where = _writable(call)
    person = call.args.word("user")
    if person not in where.members:
        raise SlackRefusal("user_not_in_channel")
    content = _content(call)
    _refuse_long(content["text"])
    thread_ts = _thread(call, where)
    message = call.box.board.post(
        where, user=call.team.bot_user, bot=True, **content, thread_ts=thread_ts, only_for=person
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Update a message: text without blocks removes the blocks; with neither, both stay. Text alone marks it edited."""
    where = call.conversation()
    message = call.message(where, "ts")
    if not message.bot or message.user != call.team.bot_user:
        raise SlackRefusal("cant_update_message")
    if where.archived:
        raise SlackRefusal("is_inactive")
    new = _new_content(call)
    if metadata := _metadata(call):
        new["metadata"] = metadata
    if not new:
        raise SlackRefusal("no_text")
    changed = call.box.board.change(where, message, **new)
    # What changed is told beside its ts, which Slack's own client does not know inside it.
    shown = {name: part for name, part in _shown(call, changed).items() if name != "ts"}
    return {"channel": where.id, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(call: Call) -> Json:
    where = call.conversation()
    message = call.message(where, "ts")
    if not message.bot or where.archived:
        raise SlackRefusal("cant_delete_message")
    call.box.board.remove(where, message)
    return {"channel": where.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    where = call.conversation()
    message = call.message(where, "message_ts")
    link = f"https://{call.team.domain}.slack.com/archives/{where.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={where.id}" if message.thread_ts else ""
    return {"channel": where.id, "permalink": link + thread}


def _writable(call: Call) -> Conversation:
    where = call.conversation()
    if where.archived:
        raise SlackRefusal("is_archived")
    if where.kind == "im":
        _refuse_closed_direct(call, where)
    elif not where.bot and "chat:write.public" not in call.scopes:
        raise SlackRefusal("not_in_channel")
    return where


def _refuse_closed_direct(call: Call, where: Conversation) -> None:
    if not call.box.config.manifest.messages_tab:
        raise SlackRefusal("messages_tab_disabled")
    if call.box.world.people[where.members[0]].deleted:
        raise SlackRefusal("channel_not_found")


def _content(call: Call) -> Json:
    content = {"text": call.args.word("text") or "", "blocks": _blocks(call) or None, "attachments": _attachments(call)}
    if call.args.word("markdown_text"):
        content["blocks"] = _markdown(call, content)
    if not any(content.values()):
        raise SlackRefusal("no_text")
    return content


def _new_content(call: Call) -> Json:
    text, blocks, attachments = call.args.word("text"), _blocks(call), _attachments(call)
    _refuse_long(text or "")
    if blocks is not None:
        return {"blocks": blocks or None, "attachments": attachments} | ({"text": text} if text else {})
    if text or attachments:
        return {"text": text or "", "blocks": None, "attachments": attachments, "edited": True}
    return {}


def _blocks(call: Call) -> list[Json] | None:
    blocks = call.args.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    check_message_blocks(blocks)
    return with_ids(blocks, new_id)


def _markdown(call: Call, content: Json) -> list[Json]:
    if content["text"] or content["blocks"]:
        raise SlackRefusal("markdown_text_conflict")
    blocks = [{"type": "markdown", "text": call.args.word("markdown_text")}]
    check_message_blocks(blocks)
    return blocks


def _attachments(call: Call) -> list[Json] | None:
    attachments = call.args.parsed("attachments", "invalid_attachments")
    if attachments and len(attachments) > ATTACHMENTS:
        raise SlackRefusal("too_many_attachments")
    return attachments


def _metadata(call: Call) -> Json | None:
    metadata = call.args.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackRefusal("invalid_metadata_format")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(metadata.get("event_type", ""))):
        raise SlackRefusal("invalid_metadata_format")
    return metadata


def _thread(call: Call, where: Conversation) -> str | None:
    """Return the root that a reply answers, even when the call names another reply."""
    thread_ts = call.args.word("thread_ts")
    if not thread_ts:
        return None
    parent = where.messages.get(thread_ts)
    if parent is None or parent.only_for:
        raise SlackRefusal("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def _refuse_long(text: str) -> None:
    if len(text) > TEXT_CHARACTERS:
        raise SlackRefusal("msg_too_long")


def _shown(call: Call, message: PostedMessage) -> Json:
    return message_for_app(message, call.team, call.box.config.app_id)
