"""Where settings come from: the environment first, then `.env` in the folder that a command is typed in."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DOTENV = Path(".env")
# Windows' editors begin a file with a mark of its encoding.
ENCODING = "utf-8-sig"
# MAIL_FORM is MAIL_FROM; SLACK_ADM_TOKEN is not SLACK_BOT_TOKEN, and may stand there for another program.
ALIKE = 0.85


class EnvironmentSettings(BaseSettings):
    """What is empty is not set, as in a copy of `.env.example`; empty in the environment, it empties the file's."""

    model_config = SettingsConfigDict(env_file=DOTENV, env_file_encoding=ENCODING, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_ones(cls, values: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if not (isinstance(value, str) and not value.strip())}


def misspelt(file: Path | None, names: Mapping[str, object], given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield every line of a file that is no setting and looks like one that is not set, and the one it looks like."""
    lines = dotenv_values(file, encoding=ENCODING) if file is not None else {}
    settings = [name.upper() for name in names]
    values = {name.upper(): value for source in (lines, os.environ, given) for name, value in source.items()}
    for written in lines:
        if written.upper() in settings:
            continue
        # Beside the one that is meant it may stand for another program.
        for meant in get_close_matches(written.upper(), settings, 1, ALIKE):
            if not values.get(meant):
                yield written, meant
