"""What sentences are filled with while something is drawn: each key, and the value behind each of its placeholders."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from string import Formatter
from typing import NamedTuple

from core.api import Language
from notifications.texts.catalogue import CATALOGUE, Sentence


class Heard(NamedTuple):
    """A sentence that was filled in, by key, and with what."""

    key: str
    values: dict[str, str]


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders of a sentence in the order in which it is read."""
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name)


class _Overheard(Sentence):
    """A sentence that remembers what it is filled with, and is filled with it all the same."""

    key: str
    places: tuple[str, ...]
    heard: list[Heard]

    def filled(self, values: Mapping[str, object]) -> str:
        self._hear(values)
        return super().filled(values)

    def woven(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        self._hear(values)
        return super().woven(values)

    def _hear(self, values: Mapping[str, object]) -> None:
        self.heard.append(Heard(self.key, {name: str(values[name]) for name in self.places}))


@contextmanager
def hearing(language: Language) -> Iterator[list[Heard]]:
    """Everything that the catalogue is asked to fill in meanwhile, in one language."""
    catalogue, heard = CATALOGUE[language], list[Heard]()
    before = dict(catalogue)
    for key, text in before.items():
        said = _Overheard(text)
        said.key, said.places, said.heard = key, placeholders(text), heard
        catalogue[key] = said
    try:
        yield heard
    finally:
        catalogue.update(before)
