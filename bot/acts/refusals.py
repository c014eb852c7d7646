"""What a "no" means at any door: at which field of a form it belongs, what is asked anew, what has grown old."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from bot.acts.people import People, Presser, Reader, named
from bot.acts.press import OpenForm, Wish
from bot.forms.orders import order_fields
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.modals import FORMS
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.questions import AnswerModal
from bot.forms.orders.reasons import RejectModal
from bot.forms.refusal_sentences import refusal
from bot.server.background import RefusalNotes, Wake
from bot.views.organisations.absences import SubstituteModal
from bot.views.organisations.amounts import entry_problem
from bot.views.organisations.register_forms import SELF_ATTEST
from bot.views.organisations.role_forms import EMAIL, LAST
from core.api import NOT_READY, FormError, Language, OrderError, RegisterError
from notifications.render.model import Dialog

# Refusals that say that the pressed card shows what is no longer so.
STALE = frozenset(
    {
        "absent_handed_over",
        "agent_price_changed",
        "already_attested",
        "already_claimed",
        "already_decided",
        "already_decided_by_you",
        "already_yours",
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


# A form as it was sent, asking what a sentence says.
Confirming = Callable[[OpenForm, Presser, str], Awaitable[Dialog]]


@dataclass(frozen=True)
class RefusalWords:
    """Says a refusal in its reader's words, in a form at its fields.

    `confirming` draws forms anew, by their names, where what was refused may be meant.
    """

    people: People
    confirming: Mapping[str, Confirming]

    async def sentence(self, who: Reader, error: OrderError) -> str:
        """Return the refusal in the reader's words, ids replaced by names."""
        return await self.said(who.language, error.code, error)

    async def said(self, language: Language, code: str, error: OrderError, **more: object) -> str:
        """Return the sentence of a code with the facts of a refusal, and more of them."""
        return refusal(language, code, {**await named(self.people.queries, error.facts), **more})

    async def asking(self, form: OpenForm, by: Presser, who: Reader, error: OrderError) -> Dialog | None:
        """Return the form as it was sent, asking what it did not ask before; None where it is not to be asked."""
        confirming = self.confirming.get(form.name) if error.code in ASKS_MORE else None
        return None if confirming is None else await confirming(form, by, await self.sentence(who, error))

    async def at_fields(self, form: OpenForm, who: Reader, error: OrderError) -> Mapping[str, str]:
        """Return sentences by the names of the fields that they belong to; nothing for what is about no field."""
        values, about = form.typed, FORMS.get(form.name)
        if isinstance(error, FormError):
            fields = cast("Mapping[str, str]", error.facts["fields"])
            if about is not None:
                return about.errors(who.language, fields, values)
            said = order_fields.errors(who.language, fields, values, error.facts)
            return {field: sentence for field, sentence in said.items() if field in values}
        if about is not None and error.code in FIELD_OF:
            return {about.place(FIELD_OF[error.code], values): await self.sentence(who, error)}
        if isinstance(error, RegisterError):
            field, sentence = entry_problem(who.language, error.facts, values)
            return {field: sentence} if field in values else {}
        wanted = error.facts.get("field") if error.code == "personal_number" else BLOCK_OF.get(error.code)
        # A block's id may say more after its name.
        block = next((each for each in values if each.partition(".")[0] == wanted), None)
        return {block: await self.sentence(who, error)} if block else {}


@dataclass(frozen=True)
class RefusedWishes:
    """Lets history tell of what was refused, and administrators hear what they can mend."""

    notes: RefusalNotes
    wake: Wake

    def note(self, wish: Wish | None, by: Presser, error: OrderError) -> None:
        """Begin to."""
        if wish is not None:
            self.notes.action(wish.command(by), error)
        if error.code in NOT_READY:
            self.wake()
