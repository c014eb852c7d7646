"""A case for whom a card is to: what the side may know of it, and how the recipient stands to it now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from core.shared.disclosure import ByRule, DisclosedView, ToAll
from core.shared.value_objects import value
from core.shared.vocabulary import (
    SIDE_OF,
    Action,
    CaseId,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Side,
    State,
)
from core.views.case_view import CaseView, disclose
from core.views.record import CaseRecord
from core.workflow.authorize import right_to_any, sides_of
from core.workflow.case import Assignee, Case, Grant
from core.workflow.context import DecisionContext


@value
class Recipient:
    """Whom a card is to: a part of a case, who plays it (None: a channel, or a contact), since which step."""

    case: CaseId
    part: Part
    person: PersonId | None
    step: int

    @property
    def seen_from(self) -> tuple[CaseId, Side]:
        """The case, and the side from which the recipient sees it."""
        return self.case, SIDE_OF[self.part]


@value
class RightAsked:
    """By what right the recipient is asked; `absent` is the name of the person whose place the recipient takes."""

    role: Role
    limit_ore: int | None
    absent: str | None


@value
class RecipientStanding(DisclosedView):
    """What a case says of the recipient, to nobody else.

    `organisation` is the one of the part, None for Inera's own people. `has_left` when the case has another there now
    than at the card's step; `is_outsider` when the recipient has no part on the side any more. `takes` is how the
    recipient may get the case at customer service, None for whoever has it, or may not. `asked` None for whoever is not
    asked now. `handed_by` is the colleague who has left it to the recipient to decide. `decided` is what moved the case
    on from the card's step, `decided_in` the states in which something has been decided after it.
    """

    organisation: ToAll[OrganisationId | None]
    organisation_name: ToAll[str | None]
    has_left: ToAll[bool]
    is_outsider: ToAll[bool]
    has_claimed: ToAll[bool]
    takes: ToAll[Action | None]
    asked: ByRule[RightAsked | None]
    has_attested: ToAll[bool]
    has_signed: ToAll[bool]
    has_recused: ToAll[bool]
    has_stepped_aside: ToAll[bool]
    handed_by: ByRule[str | None]
    is_orderer: ToAll[bool]
    decided: ToAll[Action | None]
    decided_in: ToAll[frozenset[State]]


@value
class AddressedView:
    """What a card of a case is drawn from."""

    view: CaseView
    recipient: RecipientStanding


def addressed(
    records: Mapping[CaseId, CaseRecord],
    recipients: Iterable[Recipient],
    grants: Mapping[PersonId, Sequence[Grant]],
    at: datetime,
) -> dict[Recipient, AddressedView]:
    """Return what each recipient of some cards may know at a time; the view of a side is made once for all of them."""
    known = [recipient for recipient in recipients if recipient.case in records]
    parts: dict[tuple[CaseId, Side], set[Part]] = {}
    for recipient in known:
        parts.setdefault(recipient.seen_from, set()).add(recipient.part)
    views = {(case, side): disclose(records[case], side, played, at) for (case, side), played in parts.items()}
    return {
        recipient: AddressedView(
            views[recipient.seen_from],
            standing_of(records[recipient.case], recipient, _held(recipient, grants)),
        )
        for recipient in known
    }


def _held(recipient: Recipient, grants: Mapping[PersonId, Sequence[Grant]]) -> Sequence[Grant]:
    return grants.get(recipient.person, ()) if recipient.person is not None else ()


def standing_of(record: CaseRecord, recipient: Recipient, grants: Sequence[Grant]) -> RecipientStanding:
    """Return how the recipient of a card stands to its case; `grants` are the rights that the person has now."""
    case, person, part = record.case, recipient.person, recipient.part
    asked = next((each for each in case.asked if each.person == person), None)
    moved = case.decision_at(recipient.step)
    return RecipientStanding(
        side=SIDE_OF[part],
        organisation=case.organisation_of(part),
        organisation_name=record.organisation_of(part),
        has_left=case.is_left_by(part, recipient.step),
        is_outsider=_is_outsider(case, part, person, grants),
        has_claimed=person is not None and person == case.claimed_by,
        takes=_takes(record, recipient, grants),
        asked=None if asked is None else _right(record, asked),
        has_attested=any(person in {each.person, each.absent} for each in case.attests),
        has_signed=any(person == each.person for each in case.signatures),
        has_recused=person in case.recused,
        has_stepped_aside=person in case.aside,
        handed_by=None if asked is None else _giver(record, person),
        is_orderer=person == case.orderer,
        decided=None if moved is None else moved.action,
        decided_in=_decided_in(case, recipient.step),
    )


def _is_outsider(case: Case, part: Part, person: PersonId | None, grants: Sequence[Grant]) -> bool:
    """Return whether somebody who has a card of an order has no part on its side any more: it tells nothing new."""
    if not case.is_order or person is None:
        return False
    return SIDE_OF[part] not in sides_of(DecisionContext(case, person, tuple(grants)))


def _takes(record: CaseRecord, recipient: Recipient, grants: Sequence[Grant]) -> Action | None:
    if recipient.person is None or recipient.part is not Part.CUSTOMER_SERVICE:
        return None
    now = DecisionContext(record.case, recipient.person, tuple(grants), applying=record.applying)
    ways = (Action.CLAIM, Action.TAKE_OVER)
    return next((each for each in ways if right_to_any(now, recipient.part, frozenset({each}))), None)


def _right(record: CaseRecord, asked: Assignee) -> RightAsked:
    absent = None if asked.absent is None else record.people.get(asked.absent)
    return RightAsked(asked.role, asked.limit_ore, absent)


def _giver(record: CaseRecord, person: PersonId | None) -> str | None:
    giver = next((each.giver for each in reversed(record.case.handed) if each.to == person), None)
    return None if giver is None else record.people.get(giver)


def _decided_in(case: Case, step: int) -> frozenset[State]:
    return frozenset(each.state for each in case.decisions if each.step > step)
