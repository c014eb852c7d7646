"""The case and what runs through it: frozen values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.words import (
    PAYER_OF,
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    Block,
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

MONTHS = {Period.MONTH: 12, Period.YEAR: 1}


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

    @property
    def first_year_ore(self) -> int:
        """What an amount limit and a tier are held against: the start-up cost and a year of the recurring one."""
        return self.startup_ore + MONTHS[self.period] * self.recurring_ore


Costs = Mapping[Payer, Cost]


@dataclass(frozen=True)
class Order:
    """What was ordered. `costs` is the price snapshot per payer; `named_agent` is named for information only.

    `earlier_costs` is the snapshot before a change of price, empty where the price stands as it was ordered.
    `coming_costs` is what is paid from `coming_from`, a day on or before the desired start, when another price holds.
    `replaces_agent` is the agent that the units are connected through today, where the customer changes agent.
    """

    offer: OfferId
    units: tuple[Unit, ...]
    invoice_ref: str
    desired_start: date | None = None
    technical_contact: str = ""
    comment: str = ""
    named_agent: OrganisationId | None = None
    costs: Costs = field(default_factory=dict[Payer, Cost])
    earlier_costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_from: date | None = None
    replaces_agent: OrganisationId | None = None
    external_case_ref: str | None = None

    def cost(self, side: Side) -> Cost:
        """What a side pays."""
        return self.costs.get(PAYER_OF[side], Cost())


@dataclass(frozen=True)
class Decision:
    """What somebody decided at a step, for whom and with which words; the steps of a case are its decisions.

    `absent` is the person whose authority a substitute used. `to` is whom it was handed to, sent to or asked of.
    `salt` keeps the history's hash of the texts from telling anything once they are purged. `counts` turns False when
    a new content version or price has made it void; it stays in the log all the same.
    """

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
    absent: PersonId | None = None
    limit_ore: int | None = None
    to: PersonId | None = None
    salt: str = ""
    counts: bool = True

    @property
    def texts(self) -> tuple[str, str, str]:
        """What the person wrote."""
        return self.reason, self.internal, self.message

    @property
    def principal(self) -> PersonId | None:
        """Whose authority was used: the absent person's, else the own."""
        return self.absent or self.person


@dataclass(frozen=True)
class Grant:
    """A role that somebody holds in an organisation now: the own one, or as substitute for somebody `absent`.

    `limit_ore` is the highest amount, `service` the only service it is for; None for any.
    """

    person: PersonId
    organisation: OrganisationId
    role: Role
    limit_ore: int | None = None
    service: str | None = None
    absent: PersonId | None = None

    @property
    def people(self) -> frozenset[PersonId]:
        """The person and the one whose authority it is: what keeps one from deciding keeps the other."""
        return frozenset({self.person, self.absent or self.person})


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked at the step where a case stands, and by what right: the card's "why you"."""

    person: PersonId
    role: Role
    limit_ore: int | None = None
    absent: PersonId | None = None


@dataclass(frozen=True)
class Blocked:
    """Why a case waits for nobody, and whether the administrator has been told."""

    why: Block
    told: bool = False


@dataclass(frozen=True)
class Case:
    """Anything that runs through a flow. `revision` is the lock, raised by every save; `step` counts askings.

    `returns_to` is where a completion resumes. `recused` take no part in this case; `aside` have
    handed this step over. `hold` is why customer service
    paused it. `review_at` is when the clock looks at it anew because of something outside it.
    """

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
    review_at: datetime | None = None
    asked: tuple[Asked, ...] = ()
    recused: tuple[PersonId, ...] = ()
    aside: tuple[PersonId, ...] = ()
    returns_to: State | None = None
    rounds: int = 0
    hold: str = ""
    blocked: Blocked | None = None

    def organisation_of(self, part: Part) -> OrganisationId | None:
        """The organisation a part acts for, None for Inera's own people and the clock."""
        return {Side.CUSTOMER: self.customer, Side.AGENT: self.agent}.get(SIDE_OF.get(part, Side.INERA))

    def decision_at(self, step: int) -> Decision | None:
        """What moved the case on from a step: the last decision made there."""
        return next((each for each in reversed(self.decisions) if each.step == step), None)

    @property
    def attests(self) -> tuple[Decision, ...]:
        """The attests that count where the case stands; a question that was answered in words leaves them good."""
        given = (each for each in self.decisions if each.action in ATTESTS and each.counts)
        return tuple(each for each in given if each.state is self.state)

    @property
    def question(self) -> Decision | None:
        """The question that waits for an answer, None where nobody has asked."""
        last = next((each for each in reversed(self.decisions) if each.action is not Action.REPRICE), None)
        return last if last is not None and last.action in QUESTIONS else None

    def is_left_by(self, part: Part, step: int) -> bool:
        """True when the case has another organisation on a part's side now than it had at a step (a new agent)."""
        side, now = SIDE_OF.get(part), self.organisation_of(part)
        return any(
            each.step >= step and SIDE_OF.get(each.part) is side and each.organisation != now for each in self.decisions
        )

    def void(self, is_void: Callable[[Decision], bool]) -> "Case":
        """The case without what no longer counts; an attestant chosen in an approval goes with the approval."""
        decisions = tuple(replace(each, counts=each.counts and not is_void(each)) for each in self.decisions)
        is_approved = any(each.action is Action.APPROVE and each.counts for each in decisions)
        return replace(self, decisions=decisions, chosen_attestant=self.chosen_attestant if is_approved else None)

    def anew(self) -> "Case":
        """The case with other contents than those decided about: nothing counts but that it was submitted."""
        fresh = self.void(lambda each: each.action is not Action.SUBMIT)
        return replace(fresh, content_version=self.content_version + 1, claimed_by=None)


ATTESTS = frozenset({Action.ATTEST, Action.EMERGENCY_ATTEST})
QUESTIONS = frozenset({Action.REQUEST_COMPLETION, Action.SEND_BACK})
# Decisions within a state whose names or words are needed later; other changes within a state leave a history line.
REMEMBERED = ATTESTS | {Action.SEND_AGAIN, Action.REPRICE}


@dataclass(frozen=True)
class Standing:
    """What the organisations have agreed, now. What stands below `service` only submitting and revising ask."""

    customer_agreement: bool = True
    agent_agreement: bool = True
    agent_assignment: bool = True
    service: str = ""
    category_allowed: bool = True
    categories: tuple[str, ...] = ()
    sole_trader_needed: bool = False
    duplicate: CaseId | None = None
    connected: Unit | None = None
    connected_agent: OrganisationId | None = None
    change_of_agent_confirmed: bool = False


@dataclass(frozen=True)
class Tier:
    """From an amount on, how many attestants must attest, and in whose order where the organisation names it."""

    from_ore: int
    attests: int = 1
    sequence: tuple[PersonId, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What an organisation has declared about its decisions; strict by default (domain: 4.4, 4.6).

    From `eid_from_ore` on a decision needs e-identification; None: never. `tiers` in rising order of amount.
    """

    self_attest_allowed: bool = False
    eid_from_ore: int | None = None
    tiers: tuple[Tier, ...] = ()

    def tier(self, amount_ore: int) -> Tier:
        """The tier of an amount: the highest that it reaches."""
        reached = (each for each in reversed(self.tiers) if each.from_ore <= amount_ore)
        return next(reached, Tier(0))


@dataclass(frozen=True)
class CardPlace:
    """Where a card is known to stand; None where it has not been posted yet."""

    id: CardId
    channel: str | None
    ts: str | None


@dataclass(frozen=True)
class Situation:
    """A case as it stands, and the person's authority, both read at the press.

    `grants` are the person's valid roles, own and as substitute, in the organisations of this case and at Inera.
    `holders` are people who may be asked, some per part: those whose limit suffices first. `person` is None for the
    clock. `part` and `grant` are what is being judged. `costs_now` is what today's prices give. `orderer_is_active`
    says that the person who ordered is active, and an orderer of the customer still. `revised` is the case as an answer
    would make it.
    """

    case: Case
    person: PersonId | None
    grants: tuple[Grant, ...] = ()
    holders: Mapping[Part, tuple[Grant, ...]] = field(default_factory=dict[Part, tuple[Grant, ...]])
    rules: Mapping[Side, Rules] = field(default_factory=dict[Side, Rules])
    standing: Standing = Standing()
    costs_now: Costs | None = None
    orderer_is_active: bool = True
    revised: Case | None = None
    card: CardPlace | None = None
    assurance: Assurance = Assurance.CLICK_CONFIRM
    part: Part | None = None
    grant: Grant | None = None

    def plays(self, part: Part) -> bool:
        """True when the person holds a role for this part now, whatever the conditions say."""
        return self.person is None if part is Part.CLOCK else bool(self.grants_for(part))

    def grants_for(self, part: Part) -> tuple[Grant, ...]:
        """The person's grants that let play a part, the own ones first."""
        organisation = self.case.organisation_of(part)
        found = [
            each
            for each in self.grants
            if each.role in ROLES_OF.get(part, ())
            and (SIDE_OF[part] is Side.INERA or each.organisation == organisation)
        ]
        return tuple(sorted(found, key=lambda each: each.absent is not None))

    def playing(self, part: Part, grant: Grant | None) -> "Situation":
        """The situation as the conditions judge it: somebody playing a part by a grant; None is the clock."""
        return replace(self, part=part, grant=grant, person=grant.person if grant else self.person)

    def at(self, case: Case) -> "Situation":
        """The same person looking at the case as it becomes."""
        return replace(self, case=case)

    @property
    def side(self) -> Side:
        """The side of the part that is being judged."""
        return SIDE_OF.get(self.part or Part.CLOCK, Side.INERA)

    @property
    def people(self) -> frozenset[PersonId]:
        """The person who acts, and the one whose authority is used."""
        if self.grant is not None:
            return self.grant.people
        return frozenset() if self.person is None else frozenset({self.person})

    def rules_of(self, side: Side) -> Rules:
        """What the organisation on a side has declared."""
        return self.rules.get(side, Rules())


# Holders for drawing and for lists, where only the reader's own conditions matter: enough people can be asked next.
SOMEBODY: Mapping[Part, tuple[Grant, ...]] = {
    part: tuple(Grant(PersonId(f"somebody {n}"), OrganisationId(""), min(roles)) for n in range(20))
    for part, roles in ROLES_OF.items()
}
