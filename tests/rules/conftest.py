"""What is drawn once in a run, whichever of its processes asks first."""

import fcntl
import json
import os
import pickle
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.api import Language
from notifications.render.model import CardMessage
from tests.support.drawn.drawings import in_language, mail_of
from tests.support.drawn.sent import as_sent

# A name, its kind, and what Slack is given; or a name, what Slack is given, and the same as a mail.
Sent = tuple[str, str, dict[str, Any]]
Mailed = tuple[str, dict[str, Any], dict[str, str]]


@dataclass(frozen=True)
class Drawn:
    """Everything that can be drawn in a language."""

    drawings: list[Sent]
    mails: list[Mailed]

    @property
    def distinct(self) -> list[Sent]:
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
            file.write_bytes(pickle.dumps(_everything(language)))


def _drawn(file: Path, language: Language) -> Drawn:
    _draw(file, language, fcntl.LOCK_EX)
    return pickle.loads(file.read_bytes())  # noqa: S301 - written by this very run


def _everything(language: Language) -> Drawn:
    """All drawings as they are sent, of which those that are alike are one object, and a mail of each."""
    sent: dict[tuple[str, str], Any] = {}
    drawings: list[Sent] = []
    mails: list[Mailed] = []
    for name, kind, made in in_language(language):
        text = json.dumps(as_sent(made), ensure_ascii=False)
        if (kind, text) not in sent:
            sent[kind, text] = json.loads(text)
            if isinstance(made, CardMessage):
                mails.append((name, sent[kind, text], mail_of(made, language)))
        drawings.append((name, kind, sent[kind, text]))
    return Drawn(drawings, mails)
