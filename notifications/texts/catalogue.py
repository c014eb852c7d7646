"""The catalogue of sentences, read once: per language one YAML file, and one beside it for each large subject.

Every language has the same keys and placeholders.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from datetime import timedelta
from functools import cache, cached_property
from operator import itemgetter
from pathlib import Path
from string import Formatter
from typing import cast

import yaml

from core.api import (
    ANSWER_LIMITS,
    EARLIEST_REMINDER_HOUR,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    SESSION_LASTS,
    SIGN_IN_LASTS,
    UNIT_LIMIT,
    UNITS_LIMIT,
    Language,
)

Tree = Mapping[str, "str | Tree"]
# Bounds of the rules, as sentences name them.
BOUNDS = {
    "fewest_reminder_days": str(FEWEST_REMINDER_DAYS),
    "most_reminder_days": str(MOST_REMINDER_DAYS),
    "earliest_reminder_hour": f"{EARLIEST_REMINDER_HOUR:02}",
    "latest_reminder_hour": str(LATEST_REMINDER_HOUR),
    "longest_message": str(ANSWER_LIMITS["message"]),
    "most_units": str(UNITS_LIMIT),
    "longest_unit": str(UNIT_LIMIT),
    "sign_in_minutes": str(SIGN_IN_LASTS // timedelta(minutes=1)),
    "session_hours": str(SESSION_LASTS // timedelta(hours=1)),
}


class Sentence(str):
    """A sentence with placeholders in braces, and the two ways to fill them in."""

    def filled(self, values: Mapping[str, object]) -> str:
        """Return it as one text, placeholders filled in."""
        form, values_of = self._form
        return form if values_of is None else form % values_of(values)

    def woven(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield it in pieces: our own words, then the value that follows them; either may be empty."""
        return ((words, values[name] if name else "") for words, name in self._pieces)

    @cached_property
    def _form(self) -> tuple[str, Callable[[Mapping[str, object]], object] | None]:
        """The sentence for the operator %, which takes a fifth of the time of `format`, and what picks its values."""
        names = [name for _, name in self._pieces if name]
        if not names:
            return "".join(words for words, _ in self._pieces), None
        form = "".join(words.replace("%", "%%") + ("%s" if name else "") for words, name in self._pieces)
        return form, itemgetter(*names)

    @cached_property
    def _pieces(self) -> tuple[tuple[str, str | None], ...]:
        return tuple((words, name) for words, name, _, _ in Formatter().parse(self))


def say(language: Language, key: str, **values: object) -> str:
    """Return the sentence behind a key with its placeholders filled in. Raise KeyError for a key that is missing."""
    return CATALOGUE[language][key].filled(values)


def say_with(language: Language, key: str, values: Mapping[str, object]) -> str:
    """Return the sentence behind a key, filled in with values that may be more than it names."""
    return CATALOGUE[language][key].filled(values)


def pieces(language: Language, key: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the sentence in pieces: our own words, then the value that follows them; either may be empty."""
    return CATALOGUE[language][key].woven(values)


def say_first(language: Language, keys: tuple[str, ...], **values: object) -> str:
    """Return the sentence of the first key that exists: the particular one, else the general one."""
    sentences = CATALOGUE[language]
    return say(language, next(key for key in keys if key in sentences), **values)


@cache
def particular(language: Language, area: str, *wanted: str) -> str:
    """Return the first of some keys that exists: as an area has it in words of its own, before as it is said in
    general.
    """
    sentences = CATALOGUE[language]
    candidates = (key for wanted_key in wanted for key in (f"{area}.{wanted_key}", wanted_key) if key in sentences)
    return next(candidates, wanted[-1])


def counted(language: Language, key: str, count: int, **values: object) -> str:
    """Return the sentence `key.one` or `key.other`, with {count} filled in."""
    return say(language, f"{key}.one" if count == 1 else f"{key}.other", count=count, **values)


def template(language: Language, key: str) -> str:
    """Return the sentence behind a key, placeholders left as they are."""
    return CATALOGUE[language][key]


def keys(language: Language = Language.SV) -> Set[str]:
    """Return every key of a language's catalogue."""
    return CATALOGUE[language].keys()


def written(language: Language, key: str) -> str:
    """Return the sentence behind a key as its file has it, also where a contact is named in the catalogue's."""
    return WRITTEN[language][key]


def fill_in(language: Language, values: Mapping[str, str]) -> None:
    """Put what is the same for the whole product into every sentence that has a place for it."""
    CATALOGUE[language].update(_filled(WRITTEN[language], values))


def _filled(sentences: Mapping[str, Sentence], values: Mapping[str, str]) -> Iterator[tuple[str, Sentence]]:
    for key, sentence in sentences.items():
        text = str(sentence)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value.replace("{", "{{").replace("}", "}}"))
        if text != sentence:
            yield key, Sentence(text)


def _read(language: Language) -> dict[str, Sentence]:
    files = sorted(Path(__file__).parent.glob(f"{language}*.yaml"))
    return {key: Sentence(text) for file in files for key, text in _flat(_tree(file), "")}


def _tree(file: Path) -> Tree:
    # The C loader is many times faster and not there in every build of PyYAML.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("Tree", yaml.load(file.read_text("utf-8"), loader))  # noqa: S506 - both loaders are safe ones


def _flat(tree: Tree, before: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield before + key, value
        else:
            yield from _flat(value, f"{before}{key}.")


WRITTEN: Mapping[Language, Mapping[str, Sentence]] = {language: _read(language) for language in Language}
CATALOGUE = {language: dict(sentences) for language, sentences in WRITTEN.items()}
for _language, _sentences in WRITTEN.items():
    fill_in(_language, dict.fromkeys(("customer_service", "customer_service_in_full"), _sentences["contact.name"]))
    fill_in(_language, BOUNDS)
