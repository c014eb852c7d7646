"""What a card is drawn from beside the case, and what it is drawn as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.api import Action, CardId, CaseView, Happened, InboxPage, ListedCase, Part, Role, WeekView
from notifications.render.button_values import Pointer
from notifications.rules.announcements import CardKind


class CardStanding(StrEnum):
    """Whether a card that asks is still the one to answer, and if not, why."""

    LIVE = "live"
    DECIDED = "decided"
    CHANGED = "changed"  # what it asked about has changed, or is asked again: a newer card replaces it
    ATTESTED = "attested"  # its reader, or a substitute for the reader, has given one of several attests
    RECUSED = "recused"
    HANDED_OVER = "handed_over"
    NO_LONGER_ASKED = "no_longer_asked"
    LEFT = "left"  # the order goes through another agent now, of which the reader learns nothing


@dataclass(frozen=True)
class Why:
    """By what right the reader is asked. `absent` is the name of the person whom the reader substitutes for.

    `in_channel` where those who are asked read it together; `asked_only` where they alone decide there.
    """

    role: Role
    organisation: str
    limit_ore: int | None = None
    absent: str | None = None
    in_channel: bool = False
    asked_only: bool = False


@dataclass(frozen=True)
class RegisterNews:
    """A line of history that a card tells of. `by` None for Inera's customer service; `evidence` as it is stored.

    `about` is whose role it was; `service` names the only service that the role is for, by language.
    """

    happened: Happened
    at: datetime
    organisation: str
    organisation_id: str
    by: str | None
    about: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    service: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class CardFacts:
    """A card and its reader.

    `reader` is the person's name, None for a channel. `step` is the step of the case when the card was made. `why` says
    by what right the reader is asked, None where the card asks nothing or no more; `handed_by` is who left it to the
    reader. `has_claimed` says that the reader has the case at customer service, `takes` how the reader may get it.
    `is_of_another` is True for a card to the orderer whose reader is not the person who ordered. `administers`
    is the id of the organisation whose administrator the reader is told as, empty for any other reader.
    `may_stand_twice` where another message of it may stand that nobody knows of. `is_reduced` when the order was closed
    long ago. `told` is the line of history that the card tells of, `week` the week, `waiting` the first of what waits
    for its reader, and `news` what is told beside it, with the kind of card that would tell it. `at` is now, for how
    long something has waited; without it only "since" is said.

    `note` holds what a card without a case tells. LINK: name, email, state (see LinkState), and what the person
    administers. LINKED: the workspace. UNLINKED: the person's name, the workspace, why, and whether the reader is that
    person. UNDELIVERED: person, error, lost (see Lost). NOT_READY: why, organisation, and who was not reached.
    PRICE_MISSING: since when, and the offer's name by language. SUBSTITUTE: the two people, role, organisation and
    days, and whether the absence is the reader's own. GUEST: state, account, person, name, workspace, and the
    organisation whose administrators are asked. CHANNEL_LOST: the organisation, role, channel, and error.
    WEEKLY_REPORT: the organisation, empty for everything.
    """

    id: CardId
    kind: CardKind
    part: Part
    environment: str
    reader: str | None = None
    step: int = 0
    stands: CardStanding = CardStanding.LIVE
    why: Why | None = None
    handed_by: str | None = None
    has_claimed: bool = False
    takes: Action | None = None
    is_of_another: bool = False
    administers: str = ""
    portal_url: str = ""
    note: Mapping[str, str] = field(default_factory=dict[str, str])
    at: datetime | None = None
    is_reduced: bool = False
    may_stand_twice: bool = False
    told: RegisterNews | None = None
    week: WeekView | None = None
    waiting: InboxPage | None = None
    news: Sequence[tuple[CardKind, ListedCase]] = ()

    def pointer(self, view: CaseView | None) -> Pointer:
        """Return what the card's buttons carry: a pointer to the case and the step shown, never an authority."""
        if view is None:
            return Pointer(self.environment, self.id)
        return Pointer(self.environment, self.id, view.case, view.seen)


class Lost(StrEnum):
    """What a person has not seen of a case."""

    NOTHING = "nothing"
    REQUEST = "request"
    LAST_WORDS = "last_words"
