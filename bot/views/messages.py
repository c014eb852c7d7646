"""The modals in which customer service writes: instructions to the orderer, word to the agent."""

from bot.views.forms import FieldErrors, Problem, StateValues, View, asked, lines, missing, modal, text_in
from core.api import Answers, CaseView, Language, Transition
from notifications.blocks.parts import Block, bold, cut, on_one_line, rich
from notifications.blocks.words import CaseWords, local
from notifications.texts import say

MESSAGE_LIMIT = 2_900
UNITS_NAMED = 20


class InstructionsModal:
    """The offer's template with this order's names in it, to be changed and sent to the orderer."""

    CALLBACK = "kp.instructions"
    MESSAGE = "message"
    KIND = "instructions"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> View:
        """The modal for a row that asks for a text."""
        words, does = CaseWords(view, language), transition.does
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        begun = cls.begin_with(CaseWords(view, cls._language_of_reader(view) or language))
        return modal(language, cls.CALLBACK, title, metadata, [cls._lead(words), cls._text(words, begun)], submit)

    @classmethod
    def read(cls, values: StateValues) -> Answers | FieldErrors:
        """The text as it was typed."""
        message = text_in(values, cls.MESSAGE)
        if len(message) > MESSAGE_LIMIT:
            return FieldErrors({cls.MESSAGE: Problem("field_error.message.too_long")})
        return Answers(message=message) if message else missing(cls.MESSAGE)

    @classmethod
    def _lead(cls, words: CaseWords) -> Block:
        recipient = words.say(f"customer_service.recipient.{words.view.flow}")
        contact = on_one_line(words.view.technical_contact, 240)
        lead, read_in = words.rich(f"send.{cls.KIND}_lead", recipient=recipient), cls._language_of_reader(words.view)
        told = words.rich(f"send.reads.{read_in}") if read_in else []
        return rich(lead, told, words.rich("send.contact", contact=contact) if contact else [], [bold(words.about)])

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
    def begin_with(cls, words: CaseWords) -> str:
        """The offer's template with {kund}, {tjänst} and {enheter} filled in; our own text where it has none."""
        text = local(words.view.template, words.language)
        units = words.units_in_a_sentence(UNITS_NAMED)
        if not text:
            return cut(words.say(f"send.{cls.KIND}_default", units=units), MESSAGE_LIMIT)
        filled = {"{kund}": words.names["customer"], "{tjänst}": words.names["service"], "{enheter}": units}
        for placeholder, value in filled.items():
            text = text.replace(placeholder, value)
        return cut(text, MESSAGE_LIMIT)


class MessageModal(InstructionsModal):
    """The same, sent to the agent's orderers: the connection may begin."""

    CALLBACK = "kp.message"
    KIND = "message"

    @classmethod
    def _language_of_reader(cls, view: CaseView) -> Language | None:  # noqa: ARG003 - several people read it
        return None
