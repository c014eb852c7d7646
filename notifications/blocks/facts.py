"""What a card is drawn from beside the case, and what it is drawn as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.api import CardId, CaseId, CaseView, Part, Seen
from notifications.announcements import CardKind
from notifications.blocks.parts import Block
from notifications.buttons import Pointer


@dataclass(frozen=True)
class CardFacts:
    """A card and its reader.

    `reader` is the person's name, None for a channel. `is_asked` is False for a reader who may no longer decide.
    `note` holds what a card without a case tells: LINK name, email, state (offered, confirmed, declined);
    UNDELIVERED person, error, lost (see Lost). `at` is now, for how long something has waited; without it only "since"
    is said.
    """

    id: CardId
    kind: CardKind
    part: Part
    environment: str
    reader: str | None = None
    is_asked: bool = True
    portal_url: str = ""
    note: Mapping[str, str] = field(default_factory=dict[str, str])
    at: datetime | None = None

    def pointer(self, view: CaseView | None) -> str:
        """What the card's buttons carry: a pointer to the case and the step shown, never an authority."""
        seen = Seen(0, 0) if view is None else Seen(view.step, view.content_version)
        case = CaseId("") if view is None else view.case
        return Pointer(self.environment, self.id, case, seen).value()


@dataclass(frozen=True)
class Message:
    """A message for Slack: blocks, and the sentence that notifications and screen readers use (already escaped)."""

    text: str
    blocks: list[Block]


class Lost(StrEnum):
    """What a person has not seen of a case."""

    NOTHING = "nothing"
    REQUEST = "request"
    LAST_WORDS = "last_words"
