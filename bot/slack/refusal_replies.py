"""Every refusal becomes a reply here: in the modal's own reply, beside the message, or wherever the person stands."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from slack_bolt import BoltResponse
from slack_bolt.context.async_context import AsyncBoltContext

from bot.forms.orders import order_fields
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal, RejectModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.modals import FORMS
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.questions import AnswerModal
from bot.forms.refusal_sentences import refusal
from bot.server.background import RefusalNotes
from bot.slack.accounts import AccountChecks
from bot.slack.identity import Caller, People, Reader, named
from bot.slack.payloads import Payload, kind_of, typed_in
from bot.slack.press import AfterCommit, Pressed, pressed, wish_behind
from bot.slack.replies import NothingShown, Replies, ReplySpot, spot, updated
from bot.views.organisations.absences import SubstituteModal
from bot.views.organisations.amounts import entry_problem
from bot.views.organisations.register_forms import SELF_ATTEST
from bot.views.organisations.role_forms import EMAIL, LAST
from core.api import (
    NOT_READY,
    AccountNotLookedAt,
    ActOnCase,
    FormError,
    Identification,
    IdentificationRequired,
    OrderError,
    RegisterError,
)
from notifications.render import buttons
from notifications.render.model import Dialog
from notifications.render.surfaces import block_kit

log = logging.getLogger(__name__)

# Refusals that say that the pressed card shows what is no longer so.
STALE = frozenset(
    {
        "agent_price_changed",
        "already_attested",
        "already_claimed",
        "already_decided",
        "already_decided_by_you",
        "changed",
        "closed",
        "handed_over",
        "limit",
        "not_claimed",
        "not_possible",
        "not_your_turn",
        "on_hold",
        "price_changed",
        "recused",
        "stale",
    }
)
# After these there is more to see: the order as it stands now, and what can still be done about it.
LEADS_ON = frozenset(
    {"agent_price_changed", "already_attested", "changed", "not_possible", "on_hold", "price_changed", "stale"}
)
# Where in a form about an order a refusal belongs, so that nothing typed is lost.
FIELD_OF: Mapping[str, str] = {
    "agent_is_customer": OrderModal.AGENT,
    "agent_no_agreement": OrderModal.AGENT,
    "agent_not_allowed": OrderModal.AGENT,
    "agent_roles": OrderModal.AGENT,
    "already_connected": OrderModal.UNITS,
    "category_not_allowed": OrderModal.OFFER,
    "for_agents_only": OrderModal.OFFER,
    "has_assignment": OrderModal.OFFER,
    "no_agentavtal": OrderModal.OFFER,
    "duplicate": OrderModal.UNITS,
    "no_attestant": OrderModal.OFFER,
    "no_kundavtal": OrderModal.OFFER,
    "no_price": OrderModal.OFFER,
    "not_sole_trader": OrderModal.OFFER,
    "over_every_limit": OrderModal.OFFER,
}
# After these the form asks what it did not ask before.
ASKS_MORE = frozenset({"add_or_replace", "change_of_agent"})
# Which field of another modal a refusal is about; a personnummer says itself.
BLOCK_OF: Mapping[str, str] = {
    "absence_passed": SubstituteModal.LAST,
    "absence_reversed": SubstituteModal.LAST,
    "answer_required": AnswerModal.ANSWER,
    "attestant_not_eligible": ApproveModal.ATTESTANT,
    "certificate_required": ApproveModal.CERTIFIED,
    "colleague_not_eligible": ColleagueModal.COLLEAGUE,
    "last_administrator": LAST,
    "message_required": InstructionsModal.MESSAGE,
    "nobody_to_inform": InstructionsModal.MESSAGE,
    "nothing_to_substitute": SubstituteModal.FIRST,
    "person_has_left": EMAIL,
    "reason_required": RejectModal.REASON,
    "recipient_not_eligible": InstructionsModal.RECIPIENT,
    "role_not_substituted": SubstituteModal.PLACE,
    "self_attest_for_one": SELF_ATTEST,
    "substitute_not_eligible": SubstituteModal.SUBSTITUTE,
    "substitution_overlaps": SubstituteModal.FIRST,
}


class ButtonIsGone(OrderError):
    """The button belongs to an action that no longer exists."""

    code: ClassVar[str] = "unknown_button"


class OtherEnvironment(OrderError):
    """The button was drawn by another deployment that shares the Slack app."""

    code: ClassVar[str] = "other_environment"


class LinkIsGone(OrderError):
    """Nobody asked whether the account is somebody's."""

    code: ClassVar[str] = "link_gone"


Way = Callable[[Payload, Caller, Reader, OrderError], Awaitable[BoltResponse]]
# A form as it was sent, asking what a sentence says.
Confirming = Callable[[Payload, Caller, str], Awaitable[Dialog]]
SILENT = BoltResponse(status=200, body="")


@dataclass(frozen=True)
class RefusalReplies:
    """Says a refusal where the person stands, by the kind of payload.

    `confirming` draws forms anew, by callback id, where what was refused may be meant.
    """

    people: People
    identification: Identification
    replies: Replies
    confirming: Mapping[str, Confirming]

    async def answer(self, body: Payload, by: Caller, error: OrderError) -> BoltResponse:
        """Return what Slack gets."""
        way = self._ways().get(kind_of(body), self._nowhere)
        return await way(body, by, await self.people.reader(by), error)

    async def sentence(self, who: Reader, error: OrderError) -> str:
        """Return the refusal in the reader's words, ids replaced by names."""
        return refusal(who.language, error.code, await named(self.people.queries, error.facts))

    def _ways(self) -> dict[str, Way]:
        return {
            "block_actions": self._beside,
            "shortcut": self._beside,
            "view_submission": self._in_the_modal,
            "command": self._in_the_reply,
            "block_suggestion": self._without_options,
        }

    async def _beside(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:
        sentence, order, where = await self.sentence(who, error), _order(body, by, error), spot(body, by)
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
            await self.replies.tell(where, who, await self.sentence(who, other))
            return
        facts = await named(self.people.queries, error.facts)
        await self.replies.tell(where, who, refusal(who.language, "eid_address", {**facts, "address": address}))

    async def _in_the_modal(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:
        confirming = self.confirming.get(body["view"]["callback_id"]) if error.code in ASKS_MORE else None
        if confirming is not None:
            return _updated(await confirming(body["view"], by, await self.sentence(who, error)))
        errors = await self._at_fields(body["view"], who, error)
        if errors:
            return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
        return _updated(self.replies.notice(who, await self.sentence(who, error), _order(body, by, error)))

    async def _at_fields(self, view: Payload, who: Reader, error: OrderError) -> dict[str, str]:
        values, form = typed_in(view), FORMS.get(view["callback_id"])
        if isinstance(error, FormError):
            fields: Mapping[str, str] = error.facts["fields"]  # pyright: ignore[reportAssignmentType] - as it says
            if form is not None:
                return form.errors(who.language, fields, values)
            said = order_fields.errors(who.language, fields, error.facts)
            return {field: sentence for field, sentence in said.items() if field in values}
        if form is not None and error.code in FIELD_OF:
            return {form.place(FIELD_OF[error.code], values): await self.sentence(who, error)}
        if isinstance(error, RegisterError):
            field, sentence = entry_problem(who.language, error.facts, values)
            return {field: sentence} if field in values else {}
        wanted = error.facts.get("field") if error.code == "personal_number" else BLOCK_OF.get(error.code)
        # A block's id may say more after its name.
        block = next((each for each in values if each.partition(".")[0] == wanted), None)
        return {block: await self.sentence(who, error)} if block else {}

    async def _in_the_reply(self, body: Payload, by: Caller, who: Reader, error: OrderError) -> BoltResponse:  # noqa: ARG002 - one signature
        text = block_kit.mrkdwn(await self.sentence(who, error))
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
    notes: RefusalNotes
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
        wish = wish_behind(body, by)
        if wish is not None:
            self.notes.action(wish.command(by), error)
        if isinstance(error, AccountNotLookedAt):
            # Beside the answer, which says to try again.
            self.notes.tasks.start(self.checks.look_at(by.account))
        if error.code in NOT_READY:
            # Administrators are told what they can mend.
            self.after_commit.follow_up.wake()


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
    return "" if wish is None else replace(wish.pointer, card=buttons.NO_CARD).value()


def _updated(view: Dialog) -> BoltResponse:
    return BoltResponse(status=200, body=updated(view))
