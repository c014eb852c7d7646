"""The settings of the publisher: who stands behind the pages, and what their two notices say of whoever does."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, field_validator

from bot.config.checks import must, one_of
from bot.config.environment import EnvironmentSettings
from core.api import Language
from notifications.mail.envelopes.mime import is_address

# How each begins, so that no page shows a picture that no browser draws.
PICTURES = {".svg": b"<", ".png": b"\x89PNG\r\n\x1a\n"}
LOGO_LIMIT = 200_000
NAME_LIMIT = 60
# In which order a shortcoming is told in them.
LANGUAGES = (Language.SV, Language.EN)
LEGAL_GROUNDS = ("legitimate_interest", "public_task")


def _name(text: str) -> str:
    must(f"be a name of at most {NAME_LIMIT} signs on one line", holds=text.isprintable() and len(text) <= NAME_LIMIT)
    return text.strip()


def _logo(file: Path) -> Path:
    is_one = file.suffix in PICTURES and _begins(file).lstrip().startswith(PICTURES[file.suffix].lstrip())
    must("be a picture that may be read, in a file that ends with .svg or .png", holds=is_one)
    must(f"be a file of at most {LOGO_LIMIT // 1000} kB", holds=file.stat().st_size <= LOGO_LIMIT)
    return file


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(100)
    except OSError:
        return b""


def _email(text: str) -> str:
    must("be an e-mail address alone, such as dataskydd@example.se", holds=is_address(text))
    return text


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(str(value).strip())
    except ValueError:
        day = None
    must("be a day, such as 2026-11-30", holds=day is not None)
    return day


Day = Annotated[date, BeforeValidator(_day)]


class PublisherSettings(EnvironmentSettings):
    """Each may be left out: then the pages are Inera AB's, without a logo, and nobody has assessed them yet."""

    publisher_name: Annotated[str, AfterValidator(_name)] = "Inera AB"
    publisher_logo: Annotated[Path, AfterValidator(_logo)] | None = None
    privacy_legal_ground: Annotated[str, BeforeValidator(one_of(LEGAL_GROUNDS))] = LEGAL_GROUNDS[0]
    privacy_email: Annotated[str, AfterValidator(_email)] | None = None
    accessibility_published: Day | None = None
    accessibility_reviewed: Day | None = None
    accessibility_shortcomings: str = ""

    @field_validator("accessibility_shortcomings")
    @classmethod
    def _in_both_languages(cls, value: str, info: ValidationInfo) -> str:
        is_whole = all(len(_told(pair)) == len(Language) for pair in _between(value, "|"))
        example = "Kartan saknar text. / The map has no text."
        must(f"tell of each in Swedish and English, such as {example} with | between several", holds=is_whole)
        # One that is wrong is not among the data, and is told of by itself.
        is_dated = not value or info.data.get("accessibility_reviewed", "wrong") is not None
        must("stand beside an ACCESSIBILITY_REVIEWED", holds=is_dated)
        return value

    def shortcomings(self) -> Mapping[Language, Sequence[str]]:
        """Return what the publisher found, a sentence each, by language."""
        told = [_told(pair) for pair in _between(self.accessibility_shortcomings, "|")]
        return {language: [each[place] for each in told] for place, language in enumerate(LANGUAGES)}


def _told(pair: str) -> Sequence[str]:
    return _between(pair, " / ")


def _between(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()]
