"""A case as it stands, and everything around it that a decision is judged by."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime

from core.applications.application import NOTHING_KNOWN, Applying
from core.catalogue.connections import EarlierConnection
from core.catalogue.offers import OfferTerms
from core.catalogue.prices import Reckoning
from core.catalogue.units import Unit
from core.identity.proofs import Proof
from core.register.organisations import STRICT, Rules
from core.shared.errors import OrderError
from core.shared.value_objects import value
from core.shared.vocabulary import ROLES_OF, SIDE_OF, Assurance, CardId, CaseId, OrganisationId, Part, PersonId, Side
from core.workflow.case import Case, Decision, Grant
from core.workflow.commands import Seen

# Of the people who hold a role, so many are read: whom somebody may choose is a list that people read, so it may be as
# long as Slack's menus.
HOLDERS_READ = 100


@value
class Standing:
    """What the organisations have agreed, now. What stands below `service` only submitting and revising ask.

    `customer_agreement` is the one that the customer orders under: of an agentuppdrag its agentavtal. `assigned` is
    True where an agent has such an assignment for the service already, from now or later. `held_since` is the first day
    on which all of what is to end is connected as it says, None where some of it is not; whoever says the last day asks
    it as well. `connected` is a unit that has the very offer through the same agent, or none; `earlier` what units have
    of the service in other ways, and `unsaid` those of which the order does not say what becomes. `replaces_unheld`
    says that it names something to replace that no unit has, `changes_agent` that it replaces in the older way.
    """

    customer_agreement: bool = True
    agent_agreement: bool = True
    agent_assignment: bool = True
    service: str = ""
    category_allowed: bool = True
    categories: tuple[str, ...] = ()
    sole_trader_needed: bool = False
    duplicate: CaseId | None = None
    connected: Unit | None = None
    earlier: tuple[EarlierConnection, ...] = ()
    unsaid: tuple[EarlierConnection, ...] = ()
    replaces_unheld: bool = False
    changes_agent: bool = False
    is_agent: bool = True
    assigned: bool = False
    held_since: date | None = None


@value
class CardPlace:
    """Where a card is known to stand; None where it has not been posted yet.

    `asked_only` where those alone decide by it who are asked, of all who may read it.
    """

    id: CardId
    channel: str | None
    ts: str | None
    asked_only: bool = False


@value
class DecisionContext:
    """A case as it stands, and the person's authority, both read at the press.

    `grants` are the person's valid roles, own and as substitute, in the organisations of this case and at Inera.
    `belongs` are the organisations where the person has a role, has had one since the case began, or is to have one;
    those of customer service aside, and only asked where customer service acts.
    `holders` are people who may be asked, some per part: those whose limit suffices first. `person` is None for the
    clock. `part` and `grant` are what is being judged. `reckoned` is what the prices give now, of payers who have a
    price: where there is none, the one that was ordered stands. While a price is missing, since the first day
    without it in `unpriced_since`, nobody knows what the prices give, and it is None. `orderer_is_active`
    says that the person who ordered is active, and an orderer of the customer still. `revised` is the case as an answer
    would make it. `proof` is the one that the decision carries, and `unproven` why there is none though it carries one.
    `seen_at` is when the person's account was last looked at in Slack, and `stale_above_ore` the amount above which
    that is too long ago; None where it is not. `seen` is what whoever presses has seen of the case. `is_applicant` is
    True for whoever sent in an application, or follows it by the link to it. `applying` is what is known around an
    application. `terms` are those of the offer, where a form is held against them. `judged_at` is when somebody
    presses; None where nobody does: for the clock, and for what is drawn. `counted` are the attests that count, where
    that has been judged already.
    """

    case: Case
    person: PersonId | None
    grants: tuple[Grant, ...] = ()
    holders: Mapping[Part, tuple[Grant, ...]] = field(default_factory=dict[Part, tuple[Grant, ...]])
    rules: Mapping[Side, Rules] = field(default_factory=dict[Side, Rules])
    standing: Standing = Standing()
    reckoned: Reckoning | None = None
    unpriced_since: date | None = None
    orderer_is_active: bool = True
    revised: Case | None = None
    card: CardPlace | None = None
    seen: Seen | None = None
    assurance: Assurance = Assurance.CLICK_CONFIRM
    proof: Proof | None = None
    unproven: OrderError | None = None
    part: Part | None = None
    grant: Grant | None = None
    seen_at: datetime | None = None
    stale_above_ore: int | None = None
    is_applicant: bool = False
    applying: Applying = NOTHING_KNOWN
    terms: OfferTerms | None = None
    belongs: frozenset[OrganisationId] = frozenset()
    judged_at: datetime | None = None
    counted: tuple[Decision, ...] | None = None

    def plays(self, part: Part) -> bool:
        """True when the person holds a role for this part now, whatever the conditions say."""
        if part is Part.APPLICANT:
            return self.is_applicant
        if part is Part.SIGNATORY:
            return self._is_named_to_sign or bool(self.grants_for(part))
        if part is Part.CLOCK:
            return self.person is None and not self.is_applicant
        return bool(self.grants_for(part))

    @property
    def _is_named_to_sign(self) -> bool:
        # Before the agreement holds nobody has a role by it.
        return not self.case.is_order and self.case.application.signatory(self.person) is not None

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

    def playing(self, part: Part, grant: Grant | None) -> "DecisionContext":
        """The situation as the conditions judge it: somebody playing a part by a grant; None is the clock."""
        return replace(self, part=part, grant=grant, person=grant.person if grant else self.person)

    def at(self, case: Case) -> "DecisionContext":
        """The same person looking at the case as it becomes."""
        return replace(self, case=case, counted=None)

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
        return self.rules.get(side, STRICT)


# Who needs no role to act.
WITHOUT_ROLE = frozenset({Part.CLOCK, Part.APPLICANT, Part.SIGNATORY})
