"""The modals that ask why something other than a rejection is done: pause, cancel, attest in an emergency."""

from collections.abc import Sequence

from bot.forms.inputs import FieldErrors, Typed, answer_lines, answers_too_long, asked, missing, modal, text_in
from core.api import Answers, CaseView, Language, Transition
from notifications.render.model import Block, Dialog, Line
from notifications.render.pieces.parts import on_one_line, rich, small
from notifications.render.pieces.words import CaseWords
from notifications.texts import cost, say

# More people than these are told of by what they are.
TOLD_BY_NAME = 5


class HoldModal:
    """Asks customer service why an order is paused, which its orderer reads."""

    CALLBACK = "kp.hold"
    KIND = "hold"
    REASON = "reason"
    CLOSE = "cancel_dialog"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> Dialog:
        """Return the modal for a row that asks for a reason."""
        words = CaseWords(view, language)
        return reason_modal(words, transition, metadata, cls, [rich(words.rich(words.key(f"{cls.KIND}.lead")))])

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return the reason as it was typed."""
        reason = text_in(values, cls.REASON)
        if not reason:
            return missing(cls.REASON)
        return answers_too_long(values, cls.REASON) or Answers(reason=reason)

    @classmethod
    def shown(cls, words: CaseWords) -> str:
        """Return who will read the reason."""
        return words.say(f"{cls.KIND}.shown")


class CancelModal(HoldModal):
    """Asks customer service why an order or an application ends here; nobody opens it again."""

    CALLBACK = "kp.cancel"
    KIND = "cancel"
    # Two buttons that both begin with Avbryt would leave one guessing.
    CLOSE = "back"

    @classmethod
    def shown(cls, words: CaseWords) -> str:
        return words.say(f"cancel.shown.{words.view.flow}")


class EmergencyModal(HoldModal):
    """Asks a reserve attestant why it cannot wait, and says that it is marked and who is told."""

    CALLBACK = "kp.emergency"
    KIND = "emergency"

    @classmethod
    def build(
        cls, view: CaseView, transition: Transition, metadata: str, language: Language, *, told: Sequence[str] = ()
    ) -> Dialog:
        """Return the modal for an attest in an emergency; `told` are the names of those who could have attested."""
        words = CaseWords(view, language)
        about, amount = words.rich(f"emergency.lead.{view.side}"), words.rich("confirm.cost", cost=_cost(words))
        marked: list[Line] = [[say(language, each)] for each in ("confirm.logged", "emergency.marked")]
        before: list[Block] = [rich(about, amount), rich(*marked, cls._told(words, told))]
        return reason_modal(words, transition, metadata, cls, before)

    @staticmethod
    def _told(words: CaseWords, told: Sequence[str]) -> Line:
        if not 0 < len(told) <= TOLD_BY_NAME:
            return words.rich("emergency.told_all")
        return words.rich("emergency.told", people=", ".join(map(on_one_line, told)))


def reason_modal(
    words: CaseWords, transition: Transition, metadata: str, kind: type[HoldModal], before: list[Block]
) -> Dialog:
    """Return a modal with one text to write, after what it says first."""
    language = words.language
    hint = f"{kind.shown(words)} {say(language, 'hint.no_personal_data')}"
    label = say(language, f"{kind.KIND}.text")
    blocks = [*before, asked(kind.REASON, label, answer_lines(kind.REASON), hint), small(words.number())]
    title, submit = (say(language, f"confirm.{part}.{transition.does}") for part in ("title", "submit"))
    return modal(language, kind.CALLBACK, title, metadata, blocks, submit, close=kind.CLOSE)


def _cost(words: CaseWords) -> str:
    return cost(words.language, words.own_cost)
