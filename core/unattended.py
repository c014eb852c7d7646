"""A case at Inera where everybody at customer service has a part of her own, so that nobody may act."""

from dataclasses import dataclass
from datetime import datetime

from core.words import CaseId
from core.working_days import week_of


@dataclass(frozen=True)
class Unattended:
    """Somebody was refused, and nobody is left who would not be: the lead is told once a week."""

    case: CaseId
    step: int
    at: datetime

    @property
    def key(self) -> str:
        """The same for every try of one week: what has been told under it is not told again."""
        return f"unattended/{self.case}/{week_of(self.at)}"
