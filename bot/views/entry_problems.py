"""What breaks a rule of the register, as the sentence at the field of a form."""

from collections.abc import Mapping

from bot.views.amounts import line_of
from bot.views.forms import StateValues, text_in
from core.api import Language
from notifications.texts import say, say_first


def entry_problem(language: Language, facts: Mapping[str, object], values: StateValues) -> tuple[str, str]:
    """The field and the sentence; of one of several lines, which line it is."""
    field, code = str(facts.get("field", "")), str(facts.get("problem", ""))
    keys = (f"field_error.{field}.{code}", f"entry_error.{code}", "field_error.other")
    sentence = say_first(language, keys)
    if "index" not in facts:
        return field, sentence
    line = line_of(text_in(values, field), int(str(facts["index"])))
    return field, say(language, "field_error.line", line=line, problem=sentence)
