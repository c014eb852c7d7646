"""The catalogue of sentences, read once: per language one YAML file, and one beside it for each large subject.

Every language has the same keys and placeholders.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import yaml

from core.api import Language

Tree = Mapping[str, "str | Tree"]


def say(language: Language, key: str, **values: object) -> str:
    """The sentence behind a key with its placeholders filled in. A key that is missing is a mistake: KeyError."""
    return _CATALOGUE[language][key].format_map(values)


def say_first(language: Language, keys: tuple[str, ...], **values: object) -> str:
    """The sentence of the first key that exists: the particular one, else the general one."""
    sentences = _CATALOGUE[language]
    return say(language, next(key for key in keys if key in sentences), **values)


def particular(language: Language, area: str, *wanted: str) -> str:
    """The first of some keys that exists, as an area of its own words has it before as it is said in general."""
    sentences = _CATALOGUE[language]
    found = (key for each in wanted for key in (f"{area}.{each}", each) if key in sentences)
    return next(found, wanted[-1])


def counted(language: Language, key: str, count: int, **values: object) -> str:
    """The sentence `key.one` or `key.other`, with {count} filled in."""
    return say(language, f"{key}.one" if count == 1 else f"{key}.other", count=count, **values)


def template(language: Language, key: str) -> str:
    """The sentence behind a key, placeholders left as they are."""
    return _CATALOGUE[language][key]


def keys(language: Language = Language.SV) -> frozenset[str]:
    """Every key of a language's catalogue."""
    return frozenset(_CATALOGUE[language])


def _read(language: Language) -> dict[str, str]:
    files = sorted(Path(__file__).parent.glob(f"{language}*.yaml"))
    return dict(pair for file in files for pair in _flat(_tree(file), ""))


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


_CATALOGUE = {language: _read(language) for language in Language}
