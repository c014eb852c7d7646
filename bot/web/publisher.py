"""Who publishes the pages, as whoever runs them says: the name and logo at their head, and what their notices tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from core.api import Language


class LegalGround(StrEnum):
    """By which article 6.1 of the GDPR the publisher handles personal data, beside what law obliges it to."""

    PUBLIC_TASK = "public_task"  # e: a task in the public interest
    LEGITIMATE_INTEREST = "legitimate_interest"  # f: which a public authority cannot rely on in its tasks


@dataclass(frozen=True)
class Publisher:
    """`data_protection` is the address of its data protection officer; `reviewed` the day on which it last assessed how
    accessible the pages are, and `shortcomings` what it found, a sentence each, by language."""

    name: str = "Inera AB"
    logo: Path | None = None
    legal_ground: LegalGround = LegalGround.LEGITIMATE_INTEREST
    data_protection: str = ""
    published: date | None = None
    reviewed: date | None = None
    shortcomings: Mapping[Language, Sequence[str]] = field(default_factory=dict[Language, Sequence[str]])
