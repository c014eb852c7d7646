"""The modal that changes an order in answer to a question: its fields, filled in, and a word to whoever asked."""

from collections.abc import Mapping
from dataclasses import replace

from bot.forms.inputs import Typed, asked, lines, modal, text_in, too_long
from bot.forms.orders import order_fields
from bot.forms.orders.order_fields import NO_FACTS, Wanted
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.questions import question, shown
from core.api import Action, AgentField, Answers, CaseView, Language
from notifications.render.model import Dialog
from notifications.render.pieces.parts import rich, small
from notifications.render.pieces.words import CaseWords
from notifications.texts import say


class RevisionModal:
    """Every field of the form but the offer, which stays."""

    CALLBACK = "kp.revise"
    MESSAGE = "message"

    @classmethod
    def build(
        cls,
        view: CaseView,
        form: OrderFormState,
        wanted: Wanted,
        metadata: str,
        language: Language,
        *,
        message: str = "",
    ) -> Dialog:
        """The order as it stands, or as it has been changed so far; `message` is what has been written already."""
        words = CaseWords(view, language)
        text, route = lines(cls.MESSAGE, message), "without" if wanted.agent_field is AgentField.NONE else "with"
        blocks = [
            *question(words),
            rich([words.say(f"answer.restarts.{route}_agent")]),
            asked(cls.MESSAGE, say(language, "answer.text_with_changes"), text, shown(words), optional=True),
            *order_fields.fields(form, wanted, language),
            small(words.number()),
        ]
        submit = say(language, f"confirm.submit.{Action.ANSWER}")
        return modal(language, cls.CALLBACK, words.say("answer.change_title"), metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers:
        """Return the order with its changes and the word, and which of it cannot be read."""
        read = order_fields.read_fields(values)
        unread = (*read.unread, *too_long(values, cls.MESSAGE))
        return Answers(message=text_in(values, cls.MESSAGE), revision=replace(read, unread=unread))

    @classmethod
    def errors(
        cls, language: Language, fields: Mapping[str, str], values: Typed, facts: Mapping[str, object] = NO_FACTS
    ) -> dict[str, str]:
        """Block id -> sentence, for field names and codes of the core's FormError; each at a block the form has."""
        said = order_fields.errors(language, fields, values, facts)
        said |= too_long(values, cls.MESSAGE).in_words(language)
        return {cls.place(field, values): sentence for field, sentence in said.items()}

    @classmethod
    def place(cls, field: str, values: Typed) -> str:
        """Return the block to show something about a field at: its own, else the first."""
        return field if field in values else cls.MESSAGE
