"""How a person is answered in private, wherever the person stands, so that no press is met with silence."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from bot.acts.outcomes import ShownView
from bot.acts.people import Reader
from bot.server.background import Tasks, Work
from bot.slack.identity import Caller
from bot.slack.payloads import Payload
from bot.views.notices import NoticeModal, refusal_message
from core.api import OrderError, may_be_saved
from notifications.render.model import CardMessage, Dialog
from notifications.render.surfaces import block_kit
from notifications.slack.slack_errors import SlackProblem
from notifications.slack.slack_gateway import Gateway
from notifications.slack.workspaces import Workspace
from notifications.texts import say

log = logging.getLogger(__name__)

# Of modals drawn anew while somebody types, which lasts as long as a few presses of keys.
HASHES_KEPT = 1_000

Way = Callable[[], Awaitable[object]]


class NothingShown(Exception):
    """Nothing can be shown to whoever pressed, and nothing was saved: Slack is to say that it failed."""


@dataclass(frozen=True)
class ReplySpot:
    """Where a person stands: what can be opened, and where an answer can be sent."""

    by: Caller
    trigger: str | None = None
    response_url: str | None = None
    in_modal: bool = False


def spot(payload: Payload, by: Caller) -> ReplySpot:
    """The spot a payload comes from."""
    view = payload.get("view") or {}
    return ReplySpot(
        by=by,
        trigger=payload.get("trigger_id"),
        response_url=payload.get("response_url"),
        in_modal=view.get("type") == "modal",
    )


class TypedViews:
    """Modals that are drawn anew while people type: one drawing of each at a time, in the place of the one before."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._hashes: OrderedDict[tuple[str, str], str] = OrderedDict()

    def turn(self, view: Payload) -> asyncio.Lock:
        """Return what a drawing of a modal is made under, after those that were begun before."""
        return self._turns.setdefault(view["id"], asyncio.Lock())

    def as_it_is(self, view: Payload) -> Payload:
        """Return a modal with the hash that drawings for what was typed before have given it."""
        told = view.get("hash") or ""
        return {**view, "hash": self._hashes.get((view["id"], told), told)}

    def replaced(self, *before: Payload, now: str) -> None:
        """Keep the hash that a modal has now, in the place of those that it had."""
        self._hashes |= {(view["id"], view.get("hash") or ""): now for view in before}
        while len(self._hashes) > HASHES_KEPT:
            self._hashes.popitem(last=False)


@dataclass(frozen=True)
class Replies:
    """Sentences and modals for one person, as tasks beside the acknowledgement; what fails is tried in another way."""

    gateway: Gateway
    tasks: Tasks
    typed: TypedViews = field(default_factory=TypedViews)

    def beside(self, work: Work, otherwise: Callable[[], Work] | None = None) -> asyncio.Task[None]:
        """Begin what no acknowledgement waits for; `otherwise` makes what runs after work that failed."""
        return self.tasks.start(work, otherwise)

    def is_silenced(self, workspace: Workspace) -> bool:
        """Say whether nothing can be shown in a workspace, as far as this process has heard: its token is refused."""
        return workspace.problem is not None or self.gateway.is_refused(workspace.token)

    def check_shown(self, where: ReplySpot) -> None:
        """Raise NothingShown where nothing can be shown at a spot, as far as this process has heard."""
        if where.response_url is None and self.is_silenced(where.by.workspace):
            raise NothingShown

    async def tell(self, where: ReplySpot, reader: Reader, sentence: str, order: str = "") -> None:
        """Say a sentence: beside the message pressed, else as a modal, else in a direct message.

        `order` is the value of a button that shows the order it is about.
        """
        for way in self._ways(where, reader, sentence, order):
            if await self._went_well(way):
                return
        log.warning("answer_lost workspace=%s", where.by.workspace.id)

    async def open(self, where: ReplySpot, reader: Reader, dialog: Dialog) -> None:
        """Open a modal, on top of the one that is open; a trigger that came too late is answered with a sentence."""
        if where.trigger is None or not await self._went_well(self._opening(where, dialog)):
            late = ReplySpot(where.by, response_url=where.response_url)
            key = "unseen.not_opened" if self.is_silenced(where.by.workspace) else "err.modal_failed"
            await self.tell(late, reader, say(reader.language, key))

    def open_beside(self, where: ReplySpot, opened: ShownView) -> None:
        """Begin to open what an act came to. Raises NothingShown where nothing can be shown."""
        self.check_shown(where)
        self.beside(self.open(where, opened.who, opened.dialog))

    async def say_saved(self, where: ReplySpot, reader: Reader) -> None:
        """Say that what was pressed is saved, where no message can show it."""
        await self.tell(where, reader, say(reader.language, "unseen.saved"))

    def saved(self, reader: Reader) -> Dialog:
        """The same as a modal."""
        return NoticeModal.build(reader.language, "notice.done", say(reader.language, "unseen.saved"))

    async def say_failed(self, where: ReplySpot) -> None:
        """Something of ours went wrong, before anything was registered or not."""
        language = where.by.workspace.language
        key = "err.unsure" if may_be_saved() else "err.temporary"
        await self.tell(where, Reader(None, language), say(language, key))

    async def show(self, where: ReplySpot, message: CardMessage) -> None:
        """Show a message to this person only, through the answer address of a command."""
        await self._respond(where, message, {"response_type": "ephemeral", "replace_original": False})

    async def replace(self, where: ReplySpot, message: CardMessage) -> None:
        """Show a message in the place of the private one that was pressed."""
        await self._respond(where, message, {"replace_original": True})

    async def redraw(self, by: Caller, view: Payload, drawn: Dialog) -> None:
        """Replace an open modal, unless it has changed since: then a later drawing is on its way."""
        await self._redrawn(by, view, drawn)

    async def redraw_typed(self, by: Caller, view: Payload, draw: Callable[[], Awaitable[Dialog]]) -> None:
        """Replace an open modal that somebody types in, in the place of what was drawn for what was typed before."""
        async with self.typed.turn(view):
            before = self.typed.as_it_is(view)
            try:
                now = await self._redrawn(by, before, await draw())
            except OrderError as refused:
                # Said when the form is sent, not at a press of a key.
                log.info("modal_not_redrawn error=%s", refused.code)
                return
            if now is not None:
                self.typed.replaced(view, before, now=now)

    async def _redrawn(self, by: Caller, view: Payload, drawn: Dialog) -> str | None:
        """Replace an open modal; the hash that it has now, None where it was not replaced."""
        try:
            shown = block_kit.modal(drawn)
            return await self.gateway.update_view(by.workspace.token, view["id"], shown, view_hash=view.get("hash"))
        except SlackProblem as problem:
            log.info("modal_not_redrawn error=%s", problem.error)
            return None

    def notice(self, reader: Reader, sentence: str, order: str = "") -> Dialog:
        """A modal that says one sentence."""
        return NoticeModal.build(reader.language, "notice.refused", sentence, order)

    async def _respond(self, where: ReplySpot, message: CardMessage, how: dict[str, Any]) -> None:
        shown = {**how, **block_kit.message(message)}
        if where.response_url:
            await self._went_well(lambda: self.gateway.respond(where.response_url or "", shown))

    def _ways(self, where: ReplySpot, reader: Reader, sentence: str, order: str) -> Iterator[Way]:
        if where.response_url:
            url, body = where.response_url, _ephemeral(reader, sentence, order)
            yield lambda: self.gateway.respond(url, body)
        if where.trigger:
            yield self._opening(where, self.notice(reader, sentence, order))
        yield lambda: self._direct_message(where.by, sentence)

    def _opening(self, where: ReplySpot, dialog: Dialog) -> Way:
        way = self.gateway.push if where.in_modal else self.gateway.open_view
        return lambda: way(where.by.workspace.token, where.trigger or "", block_kit.modal(dialog))

    async def _direct_message(self, to: Caller, sentence: str) -> None:
        text = block_kit.mrkdwn(sentence)
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        await self.gateway.post(to.workspace.token, channel=to.user, text=text, blocks=[block])

    async def _went_well(self, way: Way) -> bool:
        try:
            await way()
        except SlackProblem as problem:
            log.info("answer_failed error=%s", problem.error)
            return False
        return True


def updated(dialog: Dialog) -> dict[str, Any]:
    """Return the answer to a submission that replaces its modal with another."""
    return {"response_action": "update", "view": block_kit.modal(dialog)}


def _ephemeral(reader: Reader, sentence: str, order: str) -> dict[str, Any]:
    said = block_kit.message(refusal_message(reader.language, sentence, order))
    body = {"response_type": "ephemeral", "replace_original": False, "text": block_kit.mrkdwn(sentence)}
    return body | {"blocks": said["blocks"]} if order else body
