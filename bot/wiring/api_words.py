"""The sentences of the HTTP API, from the same catalogue as everything else that people read."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.acts.people import named
from bot.forms.refusal_sentences import refusal
from core.api import Language, Queries
from notifications.texts import say_first


@dataclass(frozen=True)
class ApiWords:
    """Implements `core.http.Words`."""

    queries: Queries

    async def refusal(self, language: Language, code: str, facts: Mapping[str, object]) -> str:
        """The sentence of a refusal, ids replaced by names."""
        return refusal(language, code, await named(self.queries, facts))

    def field(self, language: Language, field: str, code: str) -> str:
        """What is wrong with a field: said of this field where there is such a sentence, else in general."""
        return say_first(language, tuple(_keys(field, code)))


def _keys(field: str, code: str) -> list[str]:
    return [f"field_error.{field}.{code}", f"entry_error.{code}", f"field_error.{code}", "entry_error.invalid"]
