"""What history tells of besides changes of cases: who was told no, and what changed around those who decide."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.commands import ActOnCase, Identity, PlaceOrder, Seen
from core.errors import OrderError
from core.words import Action, Assurance, CardId, CaseId, LineKind, OfferId, OrganisationId, Part, PersonId, Surface

# Who writes the register when a file is loaded.
FILE = "file"
ASSURANCE_OF = {
    Surface.SLACK: Assurance.CLICK,
    Surface.API: Assurance.KEY,
    Surface.MAIL: Assurance.MAIL_LINK,
    Surface.WEB: Assurance.FORM,
    Surface.CLOCK: Assurance.CLOCK,
}


class Happened(StrEnum):
    """The action of a line that is no change of a case and no refusal."""

    GRANTED = "granted"
    CHANGED = "changed"
    ENDED = "ended"
    SET = "set"
    LEFT = "left"
    CAME_BACK = "came_back"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNLINKED = "unlinked"  # an account that was confirmed stands for the person no longer
    ALLOWED = "allowed"  # one that was unlinked may be confirmed again
    GIVEN_UP = "given_up"
    MOVED = "moved"
    RENAMED = "renamed"  # the names themselves are not kept
    REFUSED = "refused"  # a key to the API, or what it asked for
    STOOD = "stood"  # how the register stood when history began to hold the whole of it
    CARRIED = "carried"  # how it stood where a purge ended, told by what the purge took
    PURGED = "purged"  # a document, or who decided, is kept no longer
    INVOICED = "invoiced"  # where an organisation's invoices go is another


@dataclass(frozen=True)
class Author:
    """Who keeps a register, and from where: a person's id in Slack, a key's over HTTP, or "file"."""

    by: str
    surface: Surface

    @property
    def person(self) -> PersonId | None:
        """The person, where it is one."""
        return PersonId(self.by) if self.surface is Surface.SLACK else None


def author_of_register(by: str) -> Author:
    """The same for whoever writes entries: "file", or an operator's key."""
    return Author(by, Surface.FILE if by == FILE else Surface.API)


@dataclass(frozen=True)
class Line:
    """A line of another kind than a change. `facts` are ids, codes, amounts and times; never a name or a text."""

    kind: LineKind
    action: Happened
    at: datetime
    surface: Surface
    person: PersonId | None = None
    about: PersonId | None = None
    organisation: OrganisationId | None = None
    case: CaseId | None = None
    part: Part | None = None
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    def values(self) -> dict[str, Any]:
        """The columns of its row."""
        return {
            "kind": self.kind,
            "action": self.action,
            "at": self.at,
            "surface": self.surface,
            "assurance": ASSURANCE_OF.get(self.surface),
            "person_id": self.person,
            "about_id": self.about,
            "organisation_id": self.organisation,
            "case_id": self.case,
            "part": self.part,
            "evidence": facts_to_json(self.facts),
        }


@dataclass(frozen=True)
class Refused:
    """Somebody was told no: by which rule, to what, and what the pressed card showed. `part` where no card says it.

    An order that was refused never became a case: `customer` and `offer` say what was wished for.
    """

    case: CaseId | None
    by: Identity | PersonId
    action: Action
    code: str
    surface: Surface
    at: datetime
    seen: Seen | None = None
    card: CardId | None = None
    part: Part | None = None
    customer: OrganisationId | None = None
    offer: OfferId | None = None


def refused(command: ActOnCase, error: OrderError, at: datetime, part: Part | None = None) -> Refused:
    """What is to be told of a command that was refused."""
    return Refused(
        command.case, command.by, command.action, error.code, command.surface, at, command.seen, command.card, part
    )


def refused_order(wish: PlaceOrder, error: OrderError, at: datetime) -> Refused:
    """What is to be told of an order that was not taken."""
    return Refused(
        case=None,
        by=wish.by,
        action=Action.SUBMIT,
        code=error.code,
        surface=wish.surface,
        at=at,
        part=Part.ORDERER,
        customer=wish.customer,
        offer=wish.offer,
    )


def facts_to_json(facts: Mapping[str, object]) -> str:
    """As `history.evidence` keeps them; times in UTC, and nothing that is not there."""
    said = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(said, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(value)
