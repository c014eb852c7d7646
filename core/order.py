"""The case and what runs through it: frozen values, and `advance`, which makes the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.words import (
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    CardId,
    CaseId,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    ReasonCode,
    Role,
    Side,
    State,
    Surface,
)


@dataclass(frozen=True)
class Unit:
    """A care unit: a name, and its HSA-id where it has one."""

    name: str
    hsa_id: str | None = None

    @property
    def key(self) -> str:
        """What makes two units the same: the HSA-id, else the name in small letters."""
        return self.hsa_id or self.name.casefold()


@dataclass(frozen=True)
class Cost:
    """What one payer pays, in öre excluding VAT, counted when the order was submitted."""

    startup_ore: int = 0
    recurring_ore: int = 0
    period: Period = Period.YEAR


@dataclass(frozen=True)
class Order:
    """What was ordered. `costs` is the price snapshot per payer; `named_agent` is named for information only."""

    offer: OfferId
    units: tuple[Unit, ...]
    invoice_ref: str
    desired_start: date | None = None
    technical_contact: str = ""
    comment: str = ""
    named_agent: OrganisationId | None = None
    costs: Mapping[Payer, Cost] = field(default_factory=dict[Payer, Cost])
    external_case_ref: str | None = None


@dataclass(frozen=True)
class Decision:
    """What somebody decided at a step, for whom and with which words; the steps of a case are its decisions."""

    step: int
    state: State
    action: Action
    part: Part
    person: PersonId | None
    organisation: OrganisationId | None
    at: datetime
    surface: Surface
    assurance: Assurance
    content_version: int
    reason_code: ReasonCode | None = None
    reason: str = ""
    internal: str = ""
    message: str = ""


@dataclass(frozen=True)
class Case:
    """Anything that runs through a flow. `revision` is the lock, raised by every save; `step` counts states."""

    id: CaseId
    flow: Flow
    state: State
    customer: OrganisationId
    agent: OrganisationId | None
    orderer: PersonId
    order: Order
    created_at: datetime
    waiting_since: datetime
    step: int = 0
    revision: int = 0
    content_version: int = 1
    decisions: tuple[Decision, ...] = ()
    chosen_attestant: PersonId | None = None
    claimed_by: PersonId | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None

    def organisation_of(self, part: Part) -> OrganisationId | None:
        """The organisation a part acts for, None for Inera's own people and the clock."""
        return {Side.CUSTOMER: self.customer, Side.AGENT: self.agent}.get(SIDE_OF.get(part, Side.INERA))

    def decision_at(self, step: int) -> Decision | None:
        """What moved the case on from a step."""
        return next((each for each in self.decisions if each.step == step), None)


@dataclass(frozen=True)
class Standing:
    """What only submitting asks about the organisations."""

    customer_agreement: bool
    category_allowed: bool
    categories: tuple[str, ...] = ()
    agent_agreement: bool = False
    agent_assignment: bool = False
    duplicate: CaseId | None = None
    service: str = ""


@dataclass(frozen=True)
class CardPlace:
    """Where a card is known to stand; None where it has not been posted yet."""

    id: CardId
    channel: str | None
    ts: str | None


# Holders for drawing and for lists, where only the reader's own conditions matter: somebody can be asked next.
SOMEBODY: Mapping[Part, tuple[PersonId, ...]] = dict.fromkeys(Part, (PersonId("somebody"),))


@dataclass(frozen=True)
class Situation:
    """A case as it stands, and the person's authority, both read at the press.

    `roles` are the person's valid roles in the organisations of this case and in Inera's customer service.
    `holders` are people who may be asked next, a handful per part. `person` is None for the clock.
    """

    case: Case
    person: PersonId | None
    roles: Mapping[OrganisationId, frozenset[Role]]
    holders: Mapping[Part, tuple[PersonId, ...]]
    self_attest_allowed: bool = False
    agent_self_attest_allowed: bool = False
    standing: Standing | None = None
    card: CardPlace | None = None

    def plays(self, part: Part) -> bool:
        """True when the person holds a role for this part now, whatever the conditions say."""
        if part is Part.CLOCK:
            return self.person is None
        return any(ROLES_OF[part] & held for held in self._held_for(part))

    def _held_for(self, part: Part) -> tuple[frozenset[Role], ...]:
        if SIDE_OF[part] is Side.INERA:
            return tuple(self.roles.values())
        organisation = self.case.organisation_of(part)
        return () if organisation is None else (self.roles.get(organisation, frozenset()),)

    def at(self, case: Case) -> "Situation":
        """The same person looking at the case as it becomes."""
        return replace(self, case=case)


def advance(case: Case, *, to: State, decision: Decision, due_at: datetime | None, final: bool) -> Case:
    """The case after a decision. A change of state starts a new step; anything else keeps buttons good."""
    moved = replace(case, revision=case.revision + 1, due_at=due_at, claimed_by=_claim(case, decision))
    if to is case.state:
        return moved
    return replace(
        moved,
        state=to,
        step=case.step + 1,
        decisions=(*case.decisions, decision),
        waiting_since=decision.at,
        closed_at=decision.at if final else None,
    )


def _claim(case: Case, decision: Decision) -> PersonId | None:
    # A claim lasts until the clock asks again: whoever took the case may have left.
    claims = {Action.CLAIM: decision.person, Action.RELEASE: None, Action.ESCALATE: None}
    return claims.get(decision.action, case.claimed_by)
