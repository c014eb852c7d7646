"""Fifty at once on one order: what people press, each in the modal of a card that stands there or is about to."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.acts.press import Wish
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ConfirmModal
from bot.forms.orders.questions import AnswerModal, QuestionModal
from bot.forms.orders.reasons import RejectModal
from bot.forms.orders.revision_modal import RevisionModal
from core.api import Action, CardId, CaseId, PersonId, Seen
from notifications.render.button_values import Pointer
from tests.support.machines.product import submission
from tests.support.world import seed
from tests.support.world.seed import ANNA

Json = dict[str, Any]


@dataclass(frozen=True)
class Press:
    """Somebody submits the modal of an action, opened from a card that showed the order as `seen`."""

    person: PersonId
    action: Action
    seen: Seen
    callback: str = ConfirmModal.CALLBACK
    values: Json = field(default_factory=dict)
    to: PersonId | None = None

    def payload(self, case: CaseId, number: int) -> Json:
        """As Slack would post it."""
        wish = Wish(Pointer("test", CardId(""), case, self.seen), self.action, None)
        view = {"type": "modal", "callback_id": self.callback, "private_metadata": wish.metadata()}
        return submission(seed.slack_user(self.person), view, self.values, number=number)


@dataclass(frozen=True)
class Storm:
    """A way to draw presses: who, and about what, is left to chance, but the same in every run."""

    draw: random.Random
    attestants: tuple[PersonId, ...]

    def while_attestants_are_asked(self, now: Seen) -> Iterator[Press]:
        """All that one may do with a decision, and with the question that it may turn into."""
        question, changed = Seen(now.step + 1, now.content_version), Seen(now.step + 2, now.content_version + 1)
        yield from self._some(10, self._attest, now)
        yield from self._some(2, self._reject, now)
        yield from self._some(14, self._hand_over, now)
        yield from self._some(7, self._ask, now)
        yield from self._some(3, self._withdraw, now)
        yield from self._some(6, self._change, question)
        yield from self._some(4, self._attest, changed)
        yield from self._some(2, self._withdraw, changed)

    def while_the_orderer_is_asked(self, now: Seen) -> Iterator[Press]:
        """Answers that change the order and such that do not, between decisions on the card before and the next."""
        earlier = Seen(now.step - 1, now.content_version)
        same, changed = (Seen(now.step + 1, now.content_version + more) for more in (0, 1))
        yield from self._some(12, self._change, now)
        yield from self._some(6, self._answer, now)
        yield from self._some(2, self._withdraw, now)
        yield from self._some(4, self._attest, earlier)
        yield from self._some(8, self._attest, same)
        yield from self._some(8, self._attest, changed)
        yield from self._some(6, self._hand_over, changed)
        yield from self._some(2, self._withdraw, changed)

    def decisions(self, now: Seen, count: int) -> Iterator[Press]:
        """So many that say yes or no, as chance has it."""
        return (self.draw.choice((self._attest, self._reject))(now) for _ in range(count))

    def _some(self, count: int, press: Callable[[Seen], Press], seen: Seen) -> Iterator[Press]:
        return (press(seen) for _ in range(count))

    def _anybody(self) -> PersonId:
        return self.draw.choice(self.attestants)

    def _attest(self, seen: Seen) -> Press:
        return Press(self._anybody(), Action.ATTEST, seen)

    def _reject(self, seen: Seen) -> Press:
        values = _chosen("reason_code", "no_budget") | _typed("reason", "Ryms inte i budgeten.")
        return Press(self._anybody(), Action.REJECT, seen, RejectModal.CALLBACK, values)

    def _hand_over(self, seen: Seen) -> Press:
        giver, to = self.draw.sample(self.attestants, 2)
        return Press(giver, Action.HAND_OVER, seen, ColleagueModal.CALLBACK, _chosen("to", to), to)

    def _ask(self, seen: Seen) -> Press:
        values = _typed("message", "Vilken enhet gäller det?")
        return Press(self._anybody(), Action.REQUEST_COMPLETION, seen, QuestionModal.CALLBACK, values)

    def _withdraw(self, seen: Seen) -> Press:
        return Press(ANNA, Action.WITHDRAW, seen)

    def _answer(self, seen: Seen) -> Press:
        return Press(ANNA, Action.ANSWER, seen, AnswerModal.CALLBACK, _typed("message", "Den i norr."))

    def _change(self, seen: Seen) -> Press:
        values = _typed("units", f"Enhet {self.draw.getrandbits(60)}") | _typed("invoice_ref", "REF")
        return Press(ANNA, Action.ANSWER, seen, RevisionModal.CALLBACK, values)


def _typed(block: str, value: str) -> Json:
    return {block: {block: {"type": "plain_text_input", "value": value}}}


def _chosen(block: str, value: str) -> Json:
    return {block: {block: {"type": "static_select", "selected_option": {"value": value}}}}
