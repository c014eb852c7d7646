"""What is drawn once in a run, whichever of its processes asks first."""

import fcntl
import json
import os
import pickle
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.api import Language
from tests.support.drawn.drawings import Drawing, in_language


@dataclass(frozen=True)
class Drawn:
    """Everything that can be drawn in a language."""

    drawings: list[Drawing]

    @property
    def distinct(self) -> list[Drawing]:
        """One of those that are alike: whatever holds of a drawing holds of its equals."""
        return list({id(drawn): (name, kind, drawn) for name, kind, drawn in self.drawings}.values())


@pytest.fixture(scope="session")
def everything_drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Drawn]:
    """Everything that can be drawn, by language."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    files = {language: shared / f"drawn-{language}.pickle" for language in Language}
    for language, file in files.items():
        # Whoever finds one language being drawn draws the other meanwhile.
        with suppress(BlockingIOError):
            _draw(file, language, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return {language: _drawn(file, language) for language, file in files.items()}


def _draw(file: Path, language: Language, how: int) -> None:
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, how)
        if not file.exists():
            file.write_bytes(pickle.dumps(Drawn(_interned(in_language(language)))))


def _drawn(file: Path, language: Language) -> Drawn:
    _draw(file, language, fcntl.LOCK_EX)
    return pickle.loads(file.read_bytes())  # noqa: S301 - written by this very run


def _interned(drawings: Any) -> list[Drawing]:
    """The same drawings, of which those that are alike are one object."""

    @cache
    def one(kind: str, text: str) -> Any:
        return json.loads(text)

    return [(name, kind, one(kind, json.dumps(drawn, ensure_ascii=False))) for name, kind, drawn in drawings]
