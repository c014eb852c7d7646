"""What tests and the page's fault panel ask: faults, the log, sending again, events, starting over."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from bot.sandbox.box import Box
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.interactions.commands_and_events import verify_url
from bot.sandbox.interactions.traffic import LoggedDelivery
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.faults import Fault


class FaultPlan(BaseModel):
    """What goes wrong; keys left out stay as they are."""

    faults: list[Fault] | None = None
    archived: list[str] | None = None
    revoked: list[str] | None = None
    limits: bool | None = None


class Replay(BaseModel):
    delivery: int
    fresh: bool = False


class SlackEvent(BaseModel):
    team: str
    event: Json


class Uninstalling(BaseModel):
    """From where somebody takes the app away: a workspace, or an Enterprise organisation."""

    team: str


class Membership(BaseModel):
    """Somebody invites the app to a channel, or takes it out of one."""

    channel: str
    is_in: bool


class Refresh(BaseModel):
    """Connections of Socket Mode are to be opened anew: with a word before, as Slack does, or by ending them."""

    politely: bool = True


def control_api(box: Box) -> APIRouter:
    router = APIRouter(prefix="/sandbox")
    _add_faults(router, box)
    _add_traffic(router, box)
    _add_membership(router, box)
    _add_sockets(router, box)
    return router


def _add_faults(router: APIRouter, box: Box) -> None:
    @router.get("/faults")
    async def faults() -> Json:
        return _faults(box)

    @router.put("/faults")
    async def plan(body: FaultPlan) -> Json:
        if body.faults is not None:
            box.faults.plan(body.faults)
        if body.archived is not None:
            _archive(box, body.archived)
        if body.revoked is not None:
            box.world.revoked = set(body.revoked)
        if body.limits is not None:
            box.limits_on = body.limits
        return _faults(box)

    @router.post("/reset")
    async def reset() -> Json:
        box.reset()
        return {}


def _add_traffic(router: APIRouter, box: Box) -> None:
    @router.get("/log")
    async def log(after: int = 0) -> Json:
        return box.traffic.after(after)

    @router.post("/replay")
    async def replay(body: Replay) -> Json:
        delivery = box.traffic.delivery(body.delivery)
        if delivery is None:
            raise HTTPException(404, f"no delivery {body.delivery}")
        sent = await box.deliveries.repeat(delivery, fresh=body.fresh)
        return {"status": sent.status, "answer": sent.answer}

    @router.post("/event")
    async def event(body: SlackEvent) -> Json:
        return _told(await box.send_event(_place(box, body.team), "", body.event))

    @router.post("/uninstall")
    async def uninstall(body: Uninstalling) -> Json:
        return _told(await box.uninstall(_place(box, body.team)))

    @router.post("/verify")
    async def verify() -> Json:
        return await verify_url(box)


def _add_membership(router: APIRouter, box: Box) -> None:
    @router.post("/membership")
    async def membership(body: Membership) -> Json:
        conversation = box.world.conversations.get(body.channel)
        if conversation is None or conversation.kind != "channel":
            raise HTTPException(404, f"no channel {body.channel}")
        conversation.bot = body.is_in
        return {"is_in": conversation.bot}


def _add_sockets(router: APIRouter, box: Box) -> None:
    @router.post("/refresh")
    async def refresh(body: Refresh) -> Json:
        return {"connections": await box.deliveries.sockets.refresh(politely=body.politely)}

    @router.get("/sockets")
    async def sockets() -> Json:
        found = box.deliveries.sockets
        return {"open": len(found.connections), "opened": found.opened}


def _place(box: Box, name: str) -> SandboxWorkspace:
    team = box.world.teams.get(name)
    if team is None:
        raise HTTPException(404, f"no workspace {name}")
    return team


def _told(sent: LoggedDelivery | None) -> Json:
    return {"status": sent.status if sent else 0, "sent": sent is not None}


def _archive(box: Box, channels: list[str]) -> None:
    if unknown := set(channels) - set(box.world.conversations):
        raise HTTPException(404, f"no conversation {', '.join(sorted(unknown))}")
    for conversation in box.world.conversations.values():
        conversation.archived = conversation.id in channels


def _faults(box: Box) -> Json:
    archived = [one.id for one in box.world.conversations.values() if one.archived]
    planned = [fault.model_dump(mode="json") for fault in box.faults.planned]
    return {
        "faults": planned,
        "archived": archived,
        "revoked": sorted(box.world.revoked),
        "limits": box.limits_on,
    }
