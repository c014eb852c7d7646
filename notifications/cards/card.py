"""A card as the relay works on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.api import CardId, CaseId, Part, PersonId
from notifications.rules.announcements import CardKind
from notifications.slack.port import MessagePlace

REQUEST, REPAINT, PRESSED, REDUCE = 1, 2, 0, 3
"""Priorities: what a person just pressed, what asks somebody, what only repaints, what was closed long ago."""


# What these are about is no card that they are a second message of.
ABOUT_ELSE = frozenset(
    {
        *(CardKind.LINK, CardKind.LINKED, CardKind.UNLINKED, CardKind.UNDELIVERED, CardKind.SUBSTITUTE),
        *(CardKind.NOT_READY, CardKind.PRICE_MISSING, CardKind.UNATTENDED),
    }
)


@dataclass(frozen=True)
class Card:
    """A row of `cards`. `place` None: not posted yet. `leased_until` is the proof that it is ours to work on.

    `step` is the step of its case when it was made: what it asks, it asks at that step.
    `is_reduced` once its order was closed so long ago that one line of it is left. `line` is the line of history that a
    card without a case tells of. `does_show` is 0 until it was shown. `email` is that of a contact in an application,
    who is written to by mail alone. `is_given_up` once it has been told of as lost.
    """

    id: CardId
    case: CaseId | None
    person: PersonId | None
    kind: CardKind
    part: Part
    workspace: str | None
    address: str | None
    place: MessagePlace | None
    must_show: int
    priority: int
    due_at: datetime | None
    leased_until: datetime | None
    attempts: int
    about: str | None
    last_error: str | None = None
    step: int = 0
    is_reduced: bool = False
    line: int | None = None
    does_show: int = 0
    email: str | None = None
    is_given_up: bool = False

    @property
    def is_copy(self) -> bool:
        """True for a second message of a card, left by a crash between posting and recording."""
        return self.about is not None and self.kind not in ABOUT_ELSE

    @property
    def is_of_a_channel(self) -> bool:
        """True for the one card by which a channel hears of something."""
        return self.person is None and self.email is None and not self.is_copy


def owed(id_: CardId, kind: CardKind, part: Part, at: datetime, **more: object) -> dict[str, object]:
    """The row of a card that was never shown and is due now; `more` are columns such as the person it is for."""
    made: dict[str, object] = {
        "id": id_,
        "kind": kind,
        "part": part,
        "must_show": 1,
        "does_show": 0,
        "priority": REQUEST,
        "due_at": at,
        "attempts": 0,
    }
    return made | more


def card_from_row(row: Any) -> Card:  # Any: a SQLAlchemy row has its columns as attributes
    """The card in a row that holds every column of `cards`."""
    return Card(
        id=row.id,
        case=row.case_id,
        person=row.person_id,
        kind=CardKind(row.kind),
        part=Part(row.part),
        workspace=row.workspace_id,
        address=row.address,
        place=MessagePlace(row.channel, row.ts) if row.channel and row.ts else None,
        must_show=row.must_show,
        priority=row.priority,
        due_at=row.due_at,
        leased_until=row.leased_until,
        attempts=row.attempts,
        about=row.about,
        last_error=row.last_error,
        step=row.step,
        is_reduced=row.is_reduced,
        line=row.line_id,
        does_show=row.does_show,
        email=row.email,
        is_given_up=row.given_up_at is not None,
    )
