"""Audit records of all but changes of cases: refusals, and changes of the register, accounts, deliveries and keys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.identity.accounts import By
from core.shared.errors import OrderError
from core.shared.vocabulary import (
    Action,
    Assurance,
    CardId,
    CaseId,
    Happened,
    LineKind,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Surface,
)
from core.workflow.commands import ActOnCase, PlaceOrder, Seen

# Why a message went another way where its organisation's Slack is off.
SLACK_OFF = "slack_off"
ASSURANCE_OF = {
    Surface.SLACK: Assurance.CLICK,
    Surface.API: Assurance.KEY,
    Surface.MAIL: Assurance.MAIL_LINK,
    Surface.WEB: Assurance.FORM,
    Surface.CLOCK: Assurance.CLOCK,
}


@dataclass(frozen=True)
class AuditRecord:
    """A line of another kind than a change. `facts` are ids, codes, amounts and times; never a name or a text.

    `assurance` is how sure we are of who it was, None where the surface says that by itself.
    """

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
    assurance: Assurance | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns of its row in `history`."""
        return {
            "kind": self.kind,
            "action": self.action,
            "at": self.at,
            "surface": self.surface,
            "assurance": self.assurance or ASSURANCE_OF.get(self.surface),
            "person_id": self.person,
            "about_id": self.about,
            "organisation_id": self.organisation,
            "case_id": self.case,
            "part": self.part,
            "evidence": facts_to_json(self.facts),
        }


@dataclass(frozen=True)
class RefusalRecord:
    """Somebody was told no: by which rule, to what, and what the pressed card showed. `part` where no card says it.

    An order that was refused never became a case: `customer` and `offer` say what was wished for.
    """

    case: CaseId | None
    by: By
    action: Action
    code: str
    surface: Surface
    at: datetime
    seen: Seen | None = None
    card: CardId | None = None
    part: Part | None = None
    customer: OrganisationId | None = None
    offer: OfferId | None = None
    signed_in: Assurance | None = None

    @property
    def assurance(self) -> Assurance | None:
        """Return how sure we are of who was refused."""
        return self.signed_in or ASSURANCE_OF.get(self.surface)


def refusal_of(command: ActOnCase, error: OrderError, at: datetime, part: Part | None = None) -> RefusalRecord:
    """Return the record of a command on a case that was refused."""
    return RefusalRecord(
        command.case,
        command.by,
        command.action,
        error.code,
        command.surface,
        at,
        command.seen,
        command.card,
        part,
        signed_in=command.signed_in,
    )


def refusal_of_order(command: PlaceOrder, error: OrderError, at: datetime) -> RefusalRecord:
    """Return the record of an order that was not taken."""
    return RefusalRecord(
        case=None,
        by=command.by,
        action=Action.SUBMIT,
        code=error.code,
        surface=command.surface,
        at=at,
        part=Part.ORDERER,
        customer=command.customer,
        offer=command.offer,
        signed_in=command.signed_in,
    )


def facts_to_json(facts: Mapping[str, object]) -> str:
    """Write facts as `history.evidence` keeps them; times in UTC, None left out."""
    given = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(given, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(value)
