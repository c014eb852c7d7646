"""The modals in which customer service writes: instructions to the orderer, word to the agent."""

from collections.abc import Iterator, Sequence

from bot.forms.inputs import (
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    day_in,
    lines,
    missing,
    modal,
    options,
    picker,
    select,
    text_in,
)
from core.api import ANSWER_LIMITS, Action, Answers, CaseView, Language, PersonId, Transition
from notifications.render.model import Block, Bold, Dialog
from notifications.render.pieces.parts import cut, notes, on_one_line, quote, rich, small
from notifications.render.pieces.words import CaseWords, local
from notifications.texts import say

MESSAGE_LIMIT = ANSWER_LIMITS["message"]
UNITS_NAMED = 20


class InstructionsModal:
    """The offer's template with this order's names in it, to be changed and sent to the orderer, or to another one."""

    CALLBACK = "kp.instructions"
    MESSAGE, RECIPIENT = "message", "to"
    KIND = "instructions"

    @classmethod
    def build(
        cls,
        view: CaseView,
        transition: Transition,
        metadata: str,
        language: Language,
        *,
        recipients: Sequence[tuple[PersonId, str]] = (),
        earlier: PersonId | None = None,
    ) -> Dialog:
        """Return the modal for a row that asks for a text; `recipients` may get it, the orderer first.

        `earlier` is whom it was sent to before: chosen beforehand while that person may still get it.
        """
        words, does = CaseWords(view, language), transition.does
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        begun_in = cls._language_of_reader(view) or language
        begun = cls._begun(CaseWords(view, begun_in), does)
        blocks = [
            cls._lead(words, does, is_choice=_is_choice(words, recipients)),
            *cls._recipient(words, recipients, earlier),
            cls._text(words, begun),
            *(cls._in_other_languages(words, begun, begun_in) if does is not Action.SEND_AGAIN else []),
        ]
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return the text as it was typed."""
        message = text_in(values, cls.MESSAGE)
        if len(message) > MESSAGE_LIMIT:
            return FieldErrors({cls.MESSAGE: InputProblem("field_error.message.too_long")})
        to = choice_in(values, cls.RECIPIENT)
        return Answers(message=message, to=PersonId(to) if to else None) if message else missing(cls.MESSAGE)

    @classmethod
    def _lead(cls, words: CaseWords, does: Action, *, is_choice: bool) -> Block:
        recipient = words.say(f"customer_service.recipient.{words.view.flow}")
        contact = on_one_line(str(words.view.technical_contact), 240)
        lead = words.rich(_lead_of(cls.KIND, does, is_choice=is_choice), recipient=recipient)
        read_in, reads = cls._language_of_reader(words.view), "send.orderer_reads" if is_choice else "send.reads"
        told = words.rich(f"{reads}.{read_in}") if read_in else []
        return rich(lead, told, words.rich("send.contact", contact=contact) if contact else [], [Bold(words.about)])

    @classmethod
    def _language_of_reader(cls, view: CaseView) -> Language | None:
        return view.orderer_language

    @classmethod
    def _text(cls, words: CaseWords, begun: str) -> Block:
        language = words.language
        hint = f"{say(language, 'send.hint')} {say(language, 'hint.no_personal_data')}"
        field = lines(cls.MESSAGE, begun, MESSAGE_LIMIT)
        return asked(cls.MESSAGE, say(language, f"send.{cls.KIND}"), field, hint)

    @classmethod
    def _recipient(
        cls, words: CaseWords, recipients: Sequence[tuple[PersonId, str]], earlier: PersonId | None
    ) -> Iterator[Block]:
        if not _is_choice(words, recipients):
            return
        listed = options((person, cls._called(words, name)) for person, name in recipients)
        first = next((each for each in listed if each.value == earlier), listed[0])
        menu = select(cls.RECIPIENT, say(words.language, "order.choose"), listed, first)
        hint = words.say("send.recipient_hint" if earlier is None else "send.recipient_hint_again")
        yield asked(cls.RECIPIENT, say(words.language, "send.recipient"), menu, hint)

    @staticmethod
    def _called(words: CaseWords, name: str) -> str:
        is_orderer = name == words.view.orderer
        return words.say("send.recipient_orderer", orderer=on_one_line(name)) if is_orderer else name

    @classmethod
    def _in_other_languages(cls, words: CaseWords, begun: str, begun_in: Language) -> Iterator[Block]:
        """Yield what the text is in each other language, for whoever reads that; nothing where it is the same."""
        written = words.view.template or Language
        for each in Language:
            text = cls.begin_with(CaseWords(words.view, each))
            if each is not begun_in and each in written and text != begun:
                yield quote(words.say(f"send.same_text.{each}"), text)

    @classmethod
    def _begun(cls, words: CaseWords, does: Action) -> str:
        # What is sent again is what was sent.
        return words.view.message if does is Action.SEND_AGAIN else cls.begin_with(words)

    @classmethod
    def begin_with(cls, words: CaseWords) -> str:
        """Return the offer's template with {kund}, {tjänst} and {enheter} filled in; our own text where it has none."""
        text = local(words.view.template, words.language)
        units = words.units_in_a_sentence(UNITS_NAMED)
        if not text:
            return cut(words.say(f"send.{cls.KIND}_default", units=units), MESSAGE_LIMIT)
        filled = {
            "{kund}": words.names["customer"],
            "{tjänst}": words.service or words.names["service"],
            "{enheter}": units,
        }
        for placeholder, value in filled.items():
            text = text.replace(placeholder, value)
        return cut(text, MESSAGE_LIMIT)


def _is_choice(words: CaseWords, recipients: Sequence[tuple[PersonId, str]]) -> bool:
    """False where only the orderer can get it, who is named anyway."""
    return any(name != words.view.orderer for _, name in recipients)


def _lead_of(kind: str, does: Action, *, is_choice: bool) -> str:
    if does is Action.SEND_AGAIN:
        return "send.again_lead"
    return "send.choose_lead" if is_choice else f"send.{kind}_lead"


class LastDayModal:
    """Asks customer service for the last day of what is ended; it begins with the day that the customer wished."""

    CALLBACK = "kp.last_day"
    LAST_DAY = "last_day"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> Dialog:
        """The modal for a row that asks for a last day."""
        words, does = CaseWords(view, language), transition.does
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        wished = picker(cls.LAST_DAY, view.desired_start)
        day = asked(cls.LAST_DAY, say(language, "last_day.label"), wished, say(language, "last_day.hint"))
        blocks = [rich(words.rich("last_day.lead")), *notes(*words.unit_names()), day, small(words.number())]
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """The day that was chosen."""
        problems = FieldErrors()
        day = day_in(values, cls.LAST_DAY, problems)
        if problems:
            return problems
        return missing(cls.LAST_DAY) if day is None else Answers(last_day=day)


class MessageModal(InstructionsModal):
    """The same, sent to the agent's orderers: the connection may begin."""

    CALLBACK = "kp.message"
    KIND = "message"

    @classmethod
    def _language_of_reader(cls, view: CaseView) -> Language | None:  # noqa: ARG003 - several people read it
        return None
