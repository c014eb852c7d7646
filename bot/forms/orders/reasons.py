"""The modals that ask why: of a rejection, with reasons to choose from; of a pause, a cancellation, an emergency."""

from collections.abc import Sequence

from bot.forms.inputs import (
    FieldErrors,
    Typed,
    answer_lines,
    answers_too_long,
    asked,
    choice_in,
    missing,
    modal,
    options,
    select,
    text_in,
)
from bot.forms.orders.decisions import amounts, heading
from core.api import TRAITS, Action, Answers, CaseView, Language, Part, ReasonCode, State, Transition
from notifications.render.model import Block, Dialog, Line
from notifications.render.pieces.parts import on_one_line, rich, small
from notifications.render.pieces.words import CaseWords
from notifications.texts import say

CODES_OF_CUSTOMER = (
    ReasonCode.WRONG_UNIT,
    ReasonCode.WRONG_OFFER,
    ReasonCode.WRONG_INVOICE,
    ReasonCode.NO_BUDGET,
    ReasonCode.NOT_NEEDED,
    ReasonCode.DUPLICATE,
    ReasonCode.OTHER,
)
CODES_OF_AGENT = (
    ReasonCode.NOT_OUR_CUSTOMER,
    ReasonCode.WRONG_UNIT,
    ReasonCode.WRONG_OFFER,
    ReasonCode.NO_DPA,
    ReasonCode.DUPLICATE,
    ReasonCode.OTHER,
)
CODES_OF_INERA = (ReasonCode.NOT_ELIGIBLE, ReasonCode.HAS_AGREEMENT, ReasonCode.WRONG_SIGNATORY, ReasonCode.OTHER)
CODES_OF_REVIEW = (ReasonCode.NOT_ELIGIBLE, ReasonCode.WRONG_OFFER, ReasonCode.DUPLICATE, ReasonCode.OTHER)
CODES_OF: dict[Part, tuple[ReasonCode, ...]] = {
    Part.CUSTOMER_ATTESTANT: CODES_OF_CUSTOMER,
    Part.AGENT_HANDLER: CODES_OF_AGENT,
    Part.AGENT_ATTESTANT: CODES_OF_AGENT,
    Part.CUSTOMER_SERVICE: CODES_OF_INERA,
}
# What is amiss with what is paid: of what costs nothing these say nothing.
OF_COSTS = frozenset({ReasonCode.WRONG_INVOICE, ReasonCode.NO_BUDGET})
CODES = frozenset(code for codes in (*CODES_OF.values(), CODES_OF_REVIEW) for code in codes)
# More people than these are told of by what they are.
TOLD_BY_NAME = 5


class RejectModal:
    """Asks why, says who will read it, and takes a note for the own side where the order has another side."""

    CALLBACK = "kp.reject"
    CODE, REASON, INTERNAL = "reason_code", "reason", "internal"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> Dialog:
        """Return the modal for a row that asks for a reason."""
        words = CaseWords(view, language)
        lead = f"reject.lead.{view.side}" if view.application is None else "applied.reject.lead"
        codes = CODES_OF_REVIEW if view.state is State.AWAITING_REVIEW else CODES_OF[transition.who]
        if not TRAITS[view.flow].is_offered:
            codes = tuple(code for code in codes if code not in OF_COSTS)
        blocks = [rich(words.rich(lead)), cls._code(words, codes), cls._reason(words)]
        if view.agent is not None:
            blocks.append(cls._internal(words))
        title, submit = heading(words, Action.REJECT)
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return the reason, its code and the note; what is missing or too long by field."""
        code, reason = choice_in(values, cls.CODE), text_in(values, cls.REASON)
        problems = answers_too_long(values, cls.REASON, cls.INTERNAL)
        if code not in CODES:
            problems |= missing(cls.CODE)
        if not reason:
            problems |= missing(cls.REASON)
        if problems:
            return FieldErrors(problems)
        return Answers(reason_code=ReasonCode(code), reason=reason, internal=text_in(values, cls.INTERNAL))

    @classmethod
    def _code(cls, words: CaseWords, codes: Sequence[ReasonCode]) -> Block:
        listed = options((code, words.say(f"reason.{code}")) for code in codes)
        menu = select(cls.CODE, words.say("reject.choose_code"), listed, None)
        return asked(cls.CODE, words.say("reject.code"), menu)

    @classmethod
    def _reason(cls, words: CaseWords) -> Block:
        of_order = words.view.application is None
        shown = words.say(f"reject.shown.{words.view.flow}" if of_order else "applied.reject.shown")
        hint = f"{shown} {say(words.language, 'hint.no_personal_data')}"
        return asked(cls.REASON, say(words.language, "reject.text"), answer_lines(cls.REASON), hint)

    @classmethod
    def _internal(cls, words: CaseWords) -> Block:
        label, hint = say(words.language, "reject.internal"), words.say("reject.internal_shown")
        return asked(cls.INTERNAL, label, answer_lines(cls.INTERNAL), hint, optional=True)


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
        about = words.rich(f"emergency.lead.{view.side}")
        marked: list[Line] = [
            [say(language, each)] for each in ("confirm.logged", "confirm.no_eid", "emergency.marked")
        ]
        before: list[Block] = [rich(about, *amounts(words)), rich(*marked, cls._told(words, told))]
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
