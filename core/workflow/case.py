"""The case and what runs through it: values, never changed once made."""

from collections.abc import Callable
from dataclasses import field, replace
from datetime import date, datetime
from zlib import crc32

from core.applications.application import Application
from core.catalogue.connections import EarlierConnection
from core.catalogue.prices import NO_COST, Cost, Costs, Reckoning, first_year_ore
from core.catalogue.units import Unit
from core.register.contacts import WhomToAsk
from core.register.organisations import REMINDER_DAYS, REMINDER_HOUR
from core.shared.value_objects import value
from core.shared.vocabulary import (
    PAYER_OF,
    SIDE_OF,
    Action,
    Assurance,
    Block,
    CaseId,
    Flow,
    Localised,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    ReasonCode,
    Role,
    Side,
    State,
    Surface,
)
from core.workflow.deadlines import WaitingStep


@value
class Before:
    """What was decided about in an earlier content version: what the version after it changed is told by comparing."""

    version: int
    agent: OrganisationId | None
    units: tuple[Unit, ...]
    invoice_ref: str
    desired_start: date | None
    costs: Costs


@value
class Order:
    """What was ordered. `costs` is the price snapshot per payer; `named_agent` is named for information only.

    `offer_name` and `terms_url` are the offer's when it was ordered; None of orders from before they were kept.

    `earlier_costs` is the snapshot before a change of price, empty where the price stands as it was ordered.
    `coming_costs` is what is paid from `coming_from`, a day on or before the desired start, when another price holds.
    `ending_costs` is what recurs, at the prices of the day it was ordered, of what the order ends.
    `earlier` is what the units have of the service in another way, and whether the order replaces it. `replaces_agent`
    is an agent that the units leave, where they leave one; of an order from before `earlier` was kept it says that all
    ends that they have through other agents.
    `before` is the order as it was until an answer last changed what is decided about.
    """

    offer: OfferId
    units: tuple[Unit, ...]
    invoice_ref: str
    desired_start: date | None = None
    technical_contact: WhomToAsk = ""
    comment: str = ""
    named_agent: OrganisationId | None = None
    costs: Costs = field(default_factory=dict[Payer, Cost])
    earlier_costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_from: date | None = None
    ending_costs: Costs = field(default_factory=dict[Payer, Cost])
    replaces_agent: OrganisationId | None = None
    earlier: tuple[EarlierConnection, ...] = ()
    external_case_ref: str | None = None
    before: Before | None = None
    offer_name: Localised | None = None
    terms_url: str = ""

    def cost(self, side: Side) -> Cost:
        """What a side pays."""
        return self.costs.get(PAYER_OF[side], NO_COST)

    @property
    def reckoned(self) -> Reckoning:
        """What is decided about, to be held against what the prices give now."""
        return Reckoning(self.costs, self.coming_costs, self.coming_from)

    @property
    def replaced(self) -> tuple[EarlierConnection, ...]:
        """What ends when what is ordered begins."""
        return tuple(connection for connection in self.earlier if connection.ends)

    def first_year_ore(self, side: Side) -> int:
        """What a side's limits, tiers and e-identification are held against: a dearer price to come counts today."""
        return first_year_ore(PAYER_OF[side], self.costs, self.coming_costs)


Content = Order | Application


@value
class Decision:
    """What somebody decided at a step, for whom and with which words; the steps of a case are its decisions.

    `absent` is the person whose authority a substitute used. `to` is whom it was handed to, sent to or asked of.
    `salt` keeps the history's hash of the texts from telling anything once they are purged. `counts` turns False when
    a new content version or price has made it void; it stays in the log all the same. `lapsed` says of an attest that
    it would not have counted when the case was saved last, by the rules and rights of then. `proof` names the
    e-identification that it was made with, `document_hash` is of what was signed, `method` how. `last_day` is the
    one that was confirmed.
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
    comment: str = ""
    absent: PersonId | None = None
    limit_ore: int | None = None
    to: PersonId | None = None
    salt: str = ""
    proof: str | None = None
    counts: bool = True
    lapsed: bool = False
    document_hash: str | None = None
    method: str | None = None
    last_day: date | None = None

    @property
    def texts(self) -> tuple[str, str, str]:
        """What the person wrote, the comment aside."""
        return self.reason, self.internal, self.message

    @property
    def principal(self) -> PersonId | None:
        """Whose authority was used: the absent person's, else the own."""
        return self.absent or self.person


@value
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


@value
class Assignee:
    """Somebody who was asked at the step where a case stands, and by what right: the card's "why you"."""

    person: PersonId
    role: Role
    limit_ore: int | None = None
    absent: PersonId | None = None


@value
class Handed:
    """Who has left a step to which colleague, and when; None where that was not kept yet."""

    giver: PersonId
    to: PersonId
    at: datetime | None = None


@value
class Blocked:
    """Why a case waits for nobody, and whether the administrator has been told."""

    why: Block
    told: bool = False


@value
class Limited:
    """Of how many attestants the amount is over the limit; where it is over everybody's, which reserves may attest."""

    over: int
    of: int
    reserves: tuple[PersonId, ...] = ()


@value
class Case:
    """Anything that runs through a flow. `revision` is the lock, raised by every save; `step` counts askings.

    `returns_to` is where a completion resumes. `recused` take no part in this case; `aside` have handed this step over,
    and `handed` says who to whom. `acted` are those who have done something for a side that is no decision. `limited`
    is None where the amount keeps nobody out who is to be asked. `hold` is why customer service paused it, `hold_salt`
    what that was hashed with. `is_escalated` says that customer service's time has run out since anybody last took it,
    left it or took it up again. `review_at` is when the clock looks at it anew because of something outside it.
    `customer` is whose case it is: of an application, the organisation that it makes once it is approved.
    `reminder_days` are the working days between reminders and `reminder_hour` the hour at which they come, as they were
    said to be when the step began.
    """

    id: CaseId
    flow: Flow
    state: State
    customer: OrganisationId
    agent: OrganisationId | None
    orderer: PersonId
    content: Content
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
    asked: tuple[Assignee, ...] = ()
    limited: Limited | None = None
    recused: tuple[PersonId, ...] = ()
    aside: tuple[PersonId, ...] = ()
    handed: tuple[Handed, ...] = ()
    acted: tuple[tuple[Side, PersonId], ...] = ()
    returns_to: State | None = None
    rounds: int = 0
    hold: str = ""
    hold_salt: str = ""
    blocked: Blocked | None = None
    is_escalated: bool = False
    reminder_days: int = REMINDER_DAYS
    reminder_hour: int = REMINDER_HOUR

    @property
    def order(self) -> Order:
        """What was ordered, of a case that is an order."""
        assert isinstance(self.content, Order), self.id  # noqa: S101 - the flow says which content there is
        return self.content

    @property
    def application(self) -> Application:
        """What was applied for, of a case that is an application."""
        assert isinstance(self.content, Application), self.id  # noqa: S101 - the flow says which content there is
        return self.content

    @property
    def is_order(self) -> bool:
        """True when something is ordered, not applied for."""
        return isinstance(self.content, Order)

    def organisation_of(self, part: Part) -> OrganisationId | None:
        """The organisation a part acts for, None for Inera's own people and the clock."""
        return {Side.CUSTOMER: self.customer, Side.AGENT: self.agent}.get(SIDE_OF.get(part, Side.INERA))

    def decision_at(self, step: int) -> Decision | None:
        """What moved the case on from a step: the last decision made there."""
        return next((each for each in reversed(self.decisions) if each.step == step and each.action not in WAITS), None)

    @property
    def given(self) -> tuple[Decision, ...]:
        """The attests where the case stands that nothing has made void; a question answered in words does not."""
        given = (each for each in self.decisions if each.action in ATTESTS and each.counts)
        return tuple(each for each in given if each.state is self.state)

    @property
    def attests(self) -> tuple[Decision, ...]:
        """Of these, those that counted when the case was saved last. A decision asks `that_count` of now."""
        return tuple(each for each in self.given if not each.lapsed)

    @property
    def signatures(self) -> tuple[Decision, ...]:
        """The signatures that count, the earliest first."""
        return tuple(each for each in self.decisions if each.action is Action.SIGN and each.counts)

    @property
    def wait(self) -> WaitingStep:
        """Where the case waits, since when as the clock counts, and when it, and whoever ordered, have reminded last.

        It counts anew for whoever is asked next: since the last attest or hand-over, or since the case was kept.
        """
        here = [each for each in self.decisions if each.step == self.step]
        anew = [each.at for each in here if each.action in COUNTS_ANEW]
        anew += [each.at for each in self.handed if each.at is not None]
        since = max([self.waiting_since, *anew])
        told = {each.action: each.at for each in here if each.at > since}
        return replace(self.wait_from(since), reminded=told.get(Action.REMIND), nudged=told.get(Action.REMIND_NOW))

    def wait_from(self, since: datetime) -> WaitingStep:
        """Where the case waits, as it does when nobody has reminded since an instant."""
        return WaitingStep(self.state, since, apart=self.reminder_days, hour=self.reminder_hour)

    @property
    def claim(self) -> int | None:
        """A mark of who has the case at customer service, which says nobody's name."""
        return None if self.claimed_by is None else crc32(f"{self.id} {self.claimed_by}".encode()) % 10**9

    @property
    def question(self) -> Decision | None:
        """The question that waits for an answer, None where nobody has asked."""
        last = next((each for each in reversed(self.decisions) if each.action not in NOTES), None)
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
# What a wait is counted by, and no more: nobody has decided anything.
WAITS = frozenset({Action.REMIND, Action.REMIND_NOW, Action.KEEP})
# After these whoever is asked has all the time that there was.
COUNTS_ANEW = ATTESTS | {Action.KEEP}
# What is noted within a step answers no question.
NOTES = frozenset({Action.REPRICE, *WAITS})
QUESTIONS = frozenset({Action.REQUEST_COMPLETION, Action.SEND_BACK})
# Decisions within a state whose names or words are needed later; other changes within a state leave a history line.
REMEMBERED = ATTESTS | WAITS | {Action.SEND_AGAIN, Action.REPRICE, Action.SIGN}
