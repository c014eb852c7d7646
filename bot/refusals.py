"""Every refusal becomes an answer here: in the modal's own reply, beside the message, or wherever the person stands."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from slack_bolt import BoltResponse
from slack_bolt.context.async_context import AsyncBoltContext

from bot.aftermath import Aftermath
from bot.answers import Answers, spot
from bot.desk import Desk
from bot.identity import Caller, Reader, reader
from bot.naming import named
from bot.payloads import Payload, kind_of, state_values
from bot.pressed import wish_behind
from bot.views import refusal
from bot.views.modals import OrderModal
from core.api import FormError, OrderError
from notifications.blocks import escape

log = logging.getLogger(__name__)

# Refusals that say that the pressed card shows what is no longer so.
STALE = frozenset(
    {
        "already_claimed",
        "already_decided",
        "already_decided_by_you",
        "changed",
        "closed",
        "not_claimed",
        "not_possible",
        "stale",
    }
)
# Where in the order form a refusal belongs, so that nothing typed is lost.
FIELD_OF: Mapping[str, str] = {
    "agent_is_customer": OrderModal.AGENT,
    "agent_no_agreement": OrderModal.AGENT,
    "agent_not_allowed": OrderModal.AGENT,
    "agent_roles": OrderModal.AGENT,
    "category_not_allowed": OrderModal.OFFER,
    "duplicate": OrderModal.UNITS,
    "no_attestant": OrderModal.OFFER,
    "no_kundavtal": OrderModal.OFFER,
}


class ButtonIsGone(OrderError):
    """The button belongs to an action that no longer exists."""

    code: ClassVar[str] = "unknown_button"


class OtherEnvironment(OrderError):
    """The button was drawn by another deployment that shares the Slack app."""

    code: ClassVar[str] = "other_environment"


class NothingToOrder(OrderError):
    """The person is not an orderer anywhere."""

    code: ClassVar[str] = "nothing_to_order"


class LinkIsGone(OrderError):
    """Nobody asked whether the account is somebody's."""

    code: ClassVar[str] = "link_gone"


Way = Callable[[Payload, Caller, Reader, OrderError], Awaitable[BoltResponse]]
SILENT = BoltResponse(status=200, body="")


@dataclass(frozen=True)
class Refusals:
    """Bolt's error handler: refusals are answered, anything else is ours to mend and answered with 500."""

    desk: Desk
    answers: Answers
    aftermath: Aftermath

    async def answer(self, error: Exception, body: Payload, context: AsyncBoltContext) -> BoltResponse:
        """What Slack gets when a listener raised."""
        by = context.get("caller")
        if not isinstance(error, OrderError) or by is None:
            log.error("listener_failed type=%s", kind_of(body), exc_info=error)
            return BoltResponse(status=500, body="")
        self._mend(body, by, error)
        way = self._ways().get(kind_of(body), self._nowhere)
        return await way(body, by, await reader(self.desk.queries, by), error)

    async def sentence(self, who: Reader, error: OrderError) -> str:
        """The refusal in the reader's words, ids replaced by names."""
        return refusal(who.language, error.code, await named(self.desk.queries, error.facts))

    def _mend(self, body: Payload, by: Caller, error: OrderError) -> None:
        wish = wish_behind(body, by) if error.code in STALE else None
        if wish is not None:
            self.aftermath.refused(wish.pointer, wish.place)
            self.aftermath.homes.redraw(by)

    # --- ways to answer, by the kind of payload

    def _ways(self) -> dict[str, Way]:
        return {
            "block_actions": self._beside,
            "shortcut": self._beside,
            "view_submission": self._in_the_modal,
            "command": self._in_the_reply,
            "block_suggestion": self._without_options,
        }

    async def _beside(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:
        sentence = await self.sentence(who, error)
        self.desk.tasks.start(self.answers.tell(spot(body, by), who, sentence))
        return SILENT

    async def _in_the_modal(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        errors = await self._at_fields(body["view"], who, error)
        if errors:
            return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
        view = self.answers.notice(who, await self.sentence(who, error))
        return BoltResponse(status=200, body={"response_action": "update", "view": view})

    async def _at_fields(self, view: Payload, who: Reader, error: OrderError) -> dict[str, str]:
        values = state_values(view)
        if isinstance(error, FormError):
            fields: Mapping[str, str] = error.facts["fields"]  # pyright: ignore[reportAssignmentType] - as it says
            return OrderModal.errors(who.language, fields, values)
        if view["callback_id"] == OrderModal.CALLBACK and error.code in FIELD_OF:
            return {OrderModal.place(FIELD_OF[error.code], values): await self.sentence(who, error)}
        return {}

    async def _in_the_reply(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        text = escape(await self.sentence(who, error))
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})

    async def _without_options(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        return BoltResponse(status=200, body={"options": []})

    async def _nowhere(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        log.warning("refusal_unheard code=%s type=%s", error.code, kind_of(body))
        return SILENT
