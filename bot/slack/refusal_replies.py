"""Every refusal becomes a reply here: in the modal's own reply, beside the message, or wherever the person stands."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from slack_bolt import BoltResponse
from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.people import People, Reader
from bot.acts.refusals import LEADS_ON, STALE, RefusalWords, RefusedWishes
from bot.slack.accounts import AccountChecks
from bot.slack.identity import Caller
from bot.slack.payloads import Payload, kind_of
from bot.slack.press import AfterCommit, Pressed, opened, pressed, wish_behind
from bot.slack.replies import NothingShown, Replies, ReplySpot, spot, updated
from core.api import (
    AccountNotLookedAt,
    ActOnCase,
    Identification,
    IdentificationRequired,
    NotLinked,
    OrderError,
    TryAgain,
)
from notifications.render import button_values
from notifications.render.model import Dialog
from notifications.render.surfaces import block_kit

log = logging.getLogger(__name__)


class LinkIsGone(OrderError):
    """Nobody asked whether the account is somebody's."""

    code: ClassVar[str] = "link_gone"


class NotLinkedElsewhere(OrderError):
    """Whoever presses here has an account in another Slack, which is linked to nobody."""

    code: ClassVar[str] = "not_linked_elsewhere"


Way = Callable[[Payload, Caller, Reader, OrderError], Awaitable[BoltResponse]]
SILENT = BoltResponse(status=200, body="")


@dataclass(frozen=True)
class RefusalReplies:
    """Says a refusal where the person stands, by the kind of payload."""

    people: People
    identification: Identification
    replies: Replies
    words: RefusalWords

    async def answer(self, body: Payload, by: Caller, error: OrderError) -> BoltResponse:
        """Return what Slack gets."""
        if isinstance(error, NotLinked) and not by.is_at_home:
            # What links an account stands in the Slack that it is of.
            error = NotLinkedElsewhere()
        way = self._ways().get(kind_of(body), self._nowhere)
        return await way(body, by, await self._reader(by), error)

    async def _reader(self, by: Caller) -> Reader:
        """Whoever reads it; in the language of the workspace where the database is away."""
        try:
            return await self.people.reader(by)
        except TryAgain:
            return Reader(None, by.language)

    def _ways(self) -> dict[str, Way]:
        return {
            "block_actions": self._beside,
            "shortcut": self._beside,
            "view_submission": self._in_the_modal,
            "command": self._in_the_reply,
            "block_suggestion": self._without_options,
        }

    async def _beside(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:
        sentence, order, where = await self.words.sentence(who, error), _order(body, by, error), spot(body, by)
        wish = wish_behind(body, by) if isinstance(error, IdentificationRequired) else None
        if wish is None:
            self.replies.beside(self.replies.tell(where, who, sentence, order))
        else:
            work = self._lead_to_identify(where, who, wish.command(by), error)
            self.replies.beside(work, otherwise=partial(self.replies.say_failed, where))
        return SILENT

    async def _lead_to_identify(self, where: ReplySpot, who: Reader, wish: ActOnCase, error: OrderError) -> None:
        """Tell where the person identifies for the decision, or why that cannot be done."""
        try:
            address = await self.identification.begin(wish)
        except OrderError as other:
            await self.replies.tell(where, who, await self.words.sentence(who, other))
            return
        sentence = await self.words.said(who.language, "eid_address", error, address=address)
        await self.replies.tell(where, who, sentence)

    async def _in_the_modal(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:
        form = opened(body["view"])
        asking = await self.words.asking(form, by, who, error)
        if asking is not None:
            return _updated(asking)
        errors = await self.words.at_fields(form, who, error)
        if errors:
            return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
        return _updated(self.replies.notice(who, await self.words.sentence(who, error), _order(body, by, error)))

    async def _in_the_reply(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        text = block_kit.mrkdwn(await self.words.sentence(who, error))
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})

    async def _without_options(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        return BoltResponse(status=200, body={"options": []})

    async def _nowhere(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        log.warning("refusal_unheard code=%s type=%s", error.code, kind_of(body))
        return SILENT


@dataclass(frozen=True)
class RefusalFollowUp:
    """What follows a refusal: a card that is out of date is painted anew, and history is told."""

    environment: str
    after_commit: AfterCommit
    refused: RefusedWishes
    checks: AccountChecks

    def mend(self, body: Payload, by: Caller, error: OrderError) -> None:
        """Begin to show whoever pressed what is so now."""
        wish = wish_behind(body, by) if error.code in STALE else None
        if wish is not None:
            self.after_commit.pressed.repaint(wish.pointer, wish.place)
            self.after_commit.homes.redraw(by)
        elif kind_of(body) == "block_actions":
            self._notice(pressed(body, by))

    def _notice(self, press: Pressed) -> None:
        """Whoever may not do something may all the same have pressed a message that we did not know of."""
        if press.pointer is not None and press.pointer.environment == self.environment:
            self.after_commit.pressed.adopt_unknown(press.pointer, press.place, None)

    def answered(self, body: Payload, by: Caller, error: OrderError) -> None:
        """Follow an answer that has been made: what it says is begun."""
        self.refused.note(wish_behind(body, by), by, error)
        if isinstance(error, AccountNotLookedAt):
            # Beside the answer, which says to try again.
            self.refused.notes.tasks.start(self.checks.look_at(by.account))


@dataclass(frozen=True)
class BoltErrors:
    """Bolt's error handler: refusals are answered, anything else is ours to mend and answered with 500."""

    replies: RefusalReplies
    follow_up: RefusalFollowUp

    async def answer(self, error: Exception, body: Payload, context: AsyncBoltContext) -> BoltResponse:
        """What Slack gets when a listener raised."""
        by = context.get("caller")
        if isinstance(error, NothingShown):
            log.warning("nothing_shown type=%s", kind_of(body))
            return BoltResponse(status=503, body="")
        if not isinstance(error, OrderError) or by is None:
            log.error("listener_failed type=%s", kind_of(body), exc_info=error)
            return BoltResponse(status=500, body="")
        self.follow_up.mend(body, by, error)
        answer = await self.replies.answer(body, by, error)
        self.follow_up.answered(body, by, error)
        return answer


def _order(body: Payload, by: Caller, error: OrderError) -> str:
    """What a button carries that leads to the order as it stands; empty where nothing is left to see."""
    wish = wish_behind(body, by) if error.code in LEADS_ON else None
    return "" if wish is None else replace(wish.pointer, card=button_values.NO_CARD).value()


def _updated(view: Dialog) -> BoltResponse:
    return BoltResponse(status=200, body=updated(view))
