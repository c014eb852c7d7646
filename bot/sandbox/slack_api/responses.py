"""Response URLs: what an app posts after an interaction, five times within thirty minutes."""

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.sandbox.block_kit.elements import with_ids
from bot.sandbox.block_kit.validation import check_message_blocks
from bot.sandbox.box import Box, new_id
from bot.sandbox.interactions.commands_and_events import answer_in
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.tickets import Response as Ticket
from bot.sandbox.world.world import Conversation, PostedMessage

GONE = ("expired_url", "used_url")


def response_urls(box: Box) -> APIRouter:
    router = APIRouter()

    @router.post("/response/{name}")
    async def respond(name: str, request: Request) -> Response:
        try:
            ticket = box.tickets.respond(name, box.now())
            _use(box, ticket, _said(await request.body()))
        except SlackRefusal as refusal:
            if refusal.error in GONE:
                return JSONResponse(refusal.answer(), 404)
            return PlainTextResponse(refusal.error, 400)
        return PlainTextResponse("ok")

    return router


def _said(body: bytes) -> Json:
    try:
        answer = json.loads(body)
    except ValueError:
        raise SlackRefusal("invalid_payload") from None
    if not isinstance(answer, dict):
        raise SlackRefusal("invalid_payload")
    return answer


def _use(box: Box, ticket: Ticket, answer: Json) -> None:
    where = box.world.conversations[ticket.channel]
    source = where.messages.get(ticket.ts or "")
    if answer.get("delete_original"):
        _remove(box, where, source)
    elif answer.get("replace_original") and source:
        _replace(box, where, source, answer)
    else:
        answer_in(box, where, ticket.user, answer, answer.get("thread_ts") or ticket.thread_ts)
    ticket.uses += 1


def _remove(box: Box, where: Conversation, source: PostedMessage | None) -> None:
    if source is None:
        raise SlackRefusal("message_not_found")
    box.board.remove(where, source)


def _replace(box: Box, where: Conversation, source: PostedMessage, answer: Json) -> None:
    text, blocks = answer.get("text") or "", answer.get("blocks")
    if not text and not blocks:
        raise SlackRefusal("no_text")
    if blocks:
        check_message_blocks(blocks)
    filled = with_ids(blocks, new_id) if blocks else None
    box.board.change(where, source, text=text, blocks=filled, edited=not blocks or source.edited)
