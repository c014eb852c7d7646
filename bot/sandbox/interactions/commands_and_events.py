"""Slash commands, shortcuts, opening the home tab and writing: what people do outside messages and views."""

import re
from typing import Any

from bot.sandbox.block_kit.elements import with_ids
from bot.sandbox.block_kit.validation import check_message_blocks
from bot.sandbox.box import Box, new_id
from bot.sandbox.interactions.payloads import command, shortcut
from bot.sandbox.refusals import NotThere, SlackRefusal
from bot.sandbox.shapes import Json
from bot.sandbox.world.views import view_for_app
from bot.sandbox.world.world import Conversation, direct_id


async def run_command(box: Box, team: str, user: str, channel: str, words: tuple[str, str], base: str) -> Json:
    """Run a slash command; what the app answers in the body becomes a message in the conversation."""
    where = box.conversation(user, channel)
    actor = box.actor(team, user)
    if box.config.manifest.command(words[0]) is None or team in box.world.without_app:
        box.complain(user, f"{words[0]} is not a valid command.")
        return {"status": 0, "error": "not_found"}
    url, trigger = box.response_url(base, where, user, None), box.trigger(team, user)
    sent = await box.deliveries.command(team, user, command(actor, where, words, url, trigger))
    if not sent.ok:
        reason = "operation_timeout" if sent.failure == "http_timeout" else "dispatch_failed"
        box.complain(user, f'{words[0]} failed with the error "{reason}"')
    elif sent.answer:
        _show_answer(box, where, user, words[0], sent.answer)
    return {"status": sent.status}


def _show_answer(box: Box, where: Conversation, user: str, name: str, answer: Any) -> None:
    try:
        answer_in(box, where, user, answer if isinstance(answer, dict) else {"text": str(answer)})
    except SlackRefusal as refusal:
        box.complain(user, f'{name} failed with the error "{refusal.error}"')


def answer_in(box: Box, where: Conversation, user: str, answer: Json, thread_ts: str | None = None) -> None:
    """Show an app's answer: to the one person, unless it says in_channel. Refuses blocks as chat.postMessage does."""
    blocks, text = answer.get("blocks"), answer.get("text") or ""
    if not blocks and not text:
        raise SlackRefusal("no_text")
    if blocks:
        check_message_blocks(blocks)
    shown = None if answer.get("response_type") == "in_channel" else user
    bot = box.world.teams[where.team].bot_user
    filled = with_ids(blocks, new_id) if blocks else None
    box.board.post(where, user=bot, bot=True, text=text, blocks=filled, only_for=shown, thread_ts=thread_ts)


async def run_shortcut(box: Box, team: str, user: str, callback_id: str) -> Json:
    actor = box.actor(team, user)
    declared = box.config.manifest.shortcut(callback_id)
    if declared is None or declared.type != "global" or team in box.world.without_app:
        raise NotThere("shortcut", callback_id)
    payload = shortcut(actor, callback_id, box.trigger(team, user), box.now())
    sent = await box.deliveries.interact(team, user, payload)
    if not sent.ok:
        box.complain(user, f"{declared.name} did not answer. Try again?")
    return {"status": sent.status}


async def open_home(box: Box, team: str, user: str) -> Json:
    """Open the app's home tab; status 0 when the app does not subscribe to hear of it."""
    actor = box.actor(team, user)
    if not box.config.manifest.home_tab:
        raise NotThere("home", actor.app_id)
    box.views.homes_seen.add(user)
    channel = direct_id(actor.team.bot_user, user)
    inner: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home"}
    if home := box.views.homes.get(user):
        inner["view"] = view_for_app(home, box.config.app_id)
    sent = await box.send_event(actor.team, user, inner)
    return {"status": sent.status if sent else 0}


async def write(box: Box, team: str, user: str, channel: str, text: str, thread_ts: str | None) -> Json:
    """Write as a person; the app hears of it only where the manifest subscribes."""
    where = box.conversation(user, channel)
    box.actor(team, user)
    manifest = box.config.manifest
    if where.archived or (where.kind == "im" and (manifest.messages_read_only or not manifest.messages_tab)):
        raise NotThere("composer", channel)
    if thread_ts and thread_ts not in where.messages:
        raise NotThere("thread", thread_ts)
    message = box.board.post(where, user=user, bot=False, text=text, thread_ts=thread_ts)
    owner = box.world.teams[where.team]
    kind = "im" if where.kind == "im" else "group" if where.private else "channel"
    inner: Json = {"type": "message", "user": user, "text": text, "ts": message.ts, "channel": channel, "team": team}
    inner |= {"thread_ts": thread_ts} if thread_ts else {}
    if where.bot:
        await box.send_event(owner, user, {**inner, "channel_type": kind})
        if where.kind == "channel" and re.search(rf"<@{owner.bot_user}(\|[^>]*)?>", text):
            await box.send_event(owner, user, {**inner, "type": "app_mention"})
    return {"ts": message.ts}


async def verify_url(box: Box) -> Json:
    """Ask the app to prove that the request URL is its own, as Slack does when the URL is entered."""
    challenge = new_id() * 4
    body = {"type": "url_verification", "token": "sandbox", "challenge": challenge}
    sent = await box.deliveries.event("", "", body)
    answer = sent.answer.get("challenge") if isinstance(sent.answer, dict) else sent.answer
    return {"status": sent.status, "ok": sent.ok and answer == challenge}
