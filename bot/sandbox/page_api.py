"""What the page and tests ask of the sandbox: the world, a person's state and stream, and everything people do."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from bot.sandbox.box import Box
from bot.sandbox.interactions import commands_and_events, presses, submissions
from bot.sandbox.interactions.presses import PressSpot
from bot.sandbox.shapes import Json, State
from bot.sandbox.slack_api.people_methods import color
from bot.sandbox.world.board import for_page
from bot.sandbox.world.views import view_for_page
from bot.sandbox.world.world import Conversation


class Who(BaseModel):
    team: str
    user: str


class InView(Who):
    view_id: str


class InChannel(Who):
    channel: str


class Element(Who):
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    block_id: str
    action_id: str

    def spot(self) -> PressSpot:
        names = ("team", "user", "channel", "ts", "view_id", "block_id", "action_id")
        return PressSpot(**{name: getattr(self, name) for name in names})


class Press(Element):
    value: str | None = None
    selected: Json | None = None
    values: State | None = None


class Search(Element):
    value: str = ""


class Submission(InView):
    values: State = Field(default_factory=dict)


class Command(InChannel):
    command: str
    text: str = ""


class ShortcutRun(Who):
    callback_id: str


class Writing(InChannel):
    text: str
    thread_ts: str | None = None


def page_api(box: Box) -> APIRouter:
    router = APIRouter(prefix="/sandbox")
    _add_reading(router, box)
    _add_acting(router, box)
    _add_commands_and_events(router, box)
    return router


def _add_reading(router: APIRouter, box: Box) -> None:
    @router.get("/world")
    async def world(request: Request) -> Json:
        await box.speak(request.headers.get("accept-language", ""))
        return world_for_page(box)

    @router.get("/state")
    async def state(team: str, user: str) -> Json:
        box.actor(team, user)
        return state_for_page(box, user)

    @router.get("/mails")
    async def mails(after: int = 0) -> Json:
        return box.mailbox.after(after)

    @router.get("/stream")
    async def stream(request: Request, team: str, user: str, after: int | None = None) -> StreamingResponse:
        box.actor(team, user)
        last = int(request.headers.get("last-event-id") or (box.journal.last(user) if after is None else after))
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_lines(box, user, last), media_type="text/event-stream", headers=headers)


def _add_acting(router: APIRouter, box: Box) -> None:
    @router.post("/press")
    async def press(body: Press, request: Request) -> Json:
        given = {"value": body.value, "selected": body.selected, "values": body.values}
        return await presses.press(box, body.spot(), str(request.base_url), **given)

    @router.post("/options")
    async def options(body: Search) -> Json:
        return await presses.search(box, body.spot(), body.value)

    @router.post("/submit")
    async def submit(body: Submission) -> Json:
        return await submissions.submit(box, body.team, body.user, body.view_id, body.values)

    @router.post("/close")
    async def close(body: InView) -> Json:
        return await submissions.close(box, body.team, body.user, body.view_id)


def _add_commands_and_events(router: APIRouter, box: Box) -> None:
    @router.post("/command")
    async def command(body: Command, request: Request) -> Json:
        words, base = (body.command, body.text), str(request.base_url)
        return await commands_and_events.run_command(box, body.team, body.user, body.channel, words, base)

    @router.post("/shortcut")
    async def shortcut(body: ShortcutRun) -> Json:
        return await commands_and_events.run_shortcut(box, body.team, body.user, body.callback_id)

    @router.post("/home")
    async def home(body: Who) -> Json:
        return await commands_and_events.open_home(box, body.team, body.user)

    @router.post("/read")
    async def read(body: InChannel) -> Json:
        box.actor(body.team, body.user)
        box.board.read(box.conversation(body.user, body.channel), body.user)
        return {}

    @router.post("/message")
    async def message(body: Writing) -> Json:
        return await commands_and_events.write(box, body.team, body.user, body.channel, body.text, body.thread_ts)


async def _lines(box: Box, user: str, after: int) -> AsyncIterator[str]:
    async for change in box.journal.follow(user, after):
        if change is None:
            yield ": still here\n\n"
        else:
            yield f"id: {change['seq']}\ndata: {json.dumps(change, ensure_ascii=False)}\n\n"


def world_for_page(box: Box) -> Json:
    manifest = box.config.manifest
    commands = [one.model_dump() for one in manifest.commands]
    shortcuts = [one.model_dump(include={"callback_id", "name", "type"}) for one in manifest.shortcuts]
    app = {"id": box.config.app_id, "name": manifest.name, "description": manifest.description}
    declared = {"commands": commands, "shortcuts": shortcuts, "home": manifest.home_tab}
    declared |= {"reads_messages": not manifest.messages_read_only}
    workspaces = [_workspace(box, team) | declared for team in box.world.teams]
    return {
        "app": app,
        "workspaces": workspaces,
        "mail": box.mailbox.is_open,
        "lead": box.config.lead,
        "stories": _stories(box),
    }


def _stories(box: Box) -> list[Json]:
    site = urlsplit(box.config.request_url)._replace(path="", query="").geturl()
    stories = [story.model_dump(mode="json") for story in box.config.stories]
    for step in (step for story in stories for step in story["steps"]):
        step["link"] = step["link"].replace("{site}", site)
    return stories


def _workspace(box: Box, team_id: str) -> Json:
    team, world = box.world.teams[team_id], box.world
    shown = {"id", "name", "real_name", "title", "locale", "is_bot", "deleted"}
    users = [world.people[user] for user, home in world.home_team.items() if home == team_id]
    names = {each.id: each.name for each in team.workspaces}
    channels = [one for one in world.of_team(team_id) if one.kind == "channel"]
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "has_app": team.id not in world.without_app,
        "users": [
            person.model_dump(include=shown) | {"color": color(person.id), "at": names.get(person.workspace or "")}
            for person in users
        ],
        "channels": [{"id": one.id, "name": one.name} for one in channels],
    }


def state_for_page(box: Box, user: str) -> Json:
    home = box.views.homes.get(user)
    return {
        "conversations": [_conversation(one, user) for one in box.world.of_person(user)],
        "home": view_for_page(home) if home else None,
        "home_seen": user in box.views.homes_seen,
        "modals": [view_for_page(view) for view in box.views.stacks[user]],
        "seq": box.journal.last(user),
    }


def _conversation(where: Conversation, user: str) -> Json:
    messages = [for_page(where, message) for message in where.seen_by(user)]
    unread = where.unread.get(user, 0)
    return {"id": where.id, "kind": where.kind, "name": where.name, "unread": unread, "messages": messages}
