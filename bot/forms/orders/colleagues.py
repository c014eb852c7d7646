"""The modal in which a decision is handed over to a colleague who may make it."""

from collections.abc import Sequence

from bot.forms.inputs import (
    OPTIONS_LIMIT,
    FieldErrors,
    Typed,
    asked,
    choice_in,
    missing,
    modal,
    options,
    select,
)
from core.api import Answers, CaseView, Language, PersonId, Transition
from notifications.render.model import Dialog, Option
from notifications.render.pieces.parts import rich, small
from notifications.render.pieces.words import CaseWords
from notifications.texts import say


class ColleagueModal:
    """A menu of those who may decide instead; one that asks while people type where there are more than a hundred."""

    CALLBACK = "kp.colleague"
    COLLEAGUE, COLLEAGUES = "to", "kp.colleagues"

    @classmethod
    def build(
        cls,
        view: CaseView,
        transition: Transition,
        metadata: str,
        language: Language,
        *,
        colleagues: Sequence[tuple[PersonId, str]] = (),
    ) -> Dialog:
        """Return the modal for a row that asks for a colleague."""
        words, does = CaseWords(view, language), transition.does
        listed = [] if len(colleagues) > OPTIONS_LIMIT else cls.choices(colleagues)
        menu = select(cls.COLLEAGUES, say(language, "order.choose"), listed, None)
        hint = words.say("colleague.hint")
        field = asked(cls.COLLEAGUE, say(language, "colleague.label"), menu, hint)
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        blocks = [rich(words.rich("colleague.lead")), field, small(words.number())]
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return whom it is handed over to."""
        chosen = choice_in(values, cls.COLLEAGUE)
        return Answers(to=PersonId(chosen)) if chosen else missing(cls.COLLEAGUE, "colleague")

    @classmethod
    def choices(cls, colleagues: Sequence[tuple[PersonId, str]]) -> list[Option]:
        """Return the options of the menu, also while people type."""
        return options(colleagues)
