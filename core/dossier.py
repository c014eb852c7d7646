"""A case with the names around it, and the view of it that one side may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.disclosure import COST_OF, INTERNAL_OF, NAMES_OF, Fact, sees
from core.flows import Transition, is_final, path
from core.judge import offered
from core.order import SOMEBODY, Case, Cost, Decision, Situation, Unit
from core.register import Organisation
from core.words import (
    SIDE_OF,
    Action,
    CaseId,
    CustomerCategory,
    Flow,
    Language,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    ReasonCode,
    Side,
    State,
)

Localised = Mapping[Language, str]

PART_WAITED_FOR: dict[State, Part] = {
    State.AWAITING_AGENT_APPROVAL: Part.AGENT_HANDLER,
    State.AWAITING_AGENT_ATTEST: Part.AGENT_ATTESTANT,
    State.AWAITING_CUSTOMER_ATTEST: Part.CUSTOMER_ATTESTANT,
    State.AWAITING_CUSTOMER_SERVICE: Part.CUSTOMER_SERVICE,
}


@dataclass(frozen=True)
class OfferWords:
    """What people read about an offer; the template is what customer service starts from."""

    service: Localised
    offer: Localised
    terms_url: str
    template: Localised
    handles_personal_data: bool = False


@dataclass(frozen=True)
class Dossier:
    """A case and every name it mentions, barrier not yet applied: never drawn, only disclosed."""

    case: Case
    offer: OfferWords
    organisations: Mapping[OrganisationId, Organisation]
    people: Mapping[PersonId, str]
    orderer_language: Language | None = None


@dataclass(frozen=True)
class OrganisationView:
    """An organisation as others see it; the number is None where it is a personnummer."""

    name: str
    org_number: str | None
    category: CustomerCategory | None


@dataclass(frozen=True)
class StepView:
    """One step of the chain: who is asked, and what was decided once it was. `by` None across the barrier."""

    part: Part
    state: State
    organisation: str | None
    action: Action | None = None
    decided_by_part: Part | None = None
    by: str | None = None
    at: datetime | None = None
    reason_code: ReasonCode | None = None
    reason: str = ""
    internal: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class CaseView:
    """What one side may know of a case; drawing needs nothing else. None or empty: unknown, or not for this side."""

    case: CaseId
    side: Side
    flow: Flow
    state: State
    step: int
    revision: int
    content_version: int
    service: Localised
    offer: Localised
    terms_url: str
    template: Localised
    handles_personal_data: bool
    customer: OrganisationView
    agent: OrganisationView | None
    named_agent: str | None
    units: tuple[Unit, ...]
    desired_start: date | None
    technical_contact: str
    external_case_ref: str | None
    invoice_ref: str | None
    comment: str
    costs: Mapping[Payer, Cost]
    orderer: str | None
    orderer_language: Language | None
    ordered_at: datetime
    steps: tuple[StepView, ...]
    waiting_since: datetime
    due_at: datetime | None
    closed_at: datetime | None
    is_claimed: bool
    claimed_by: str | None
    chosen_attestant: str | None
    message: str
    offers: Mapping[Part, tuple[Transition, ...]]

    @property
    def is_open(self) -> bool:
        """True while somebody can still do something."""
        return self.closed_at is None

    @property
    def current(self) -> StepView | None:
        """The step that waits, None when the case is closed."""
        return next((step for step in self.steps if step.is_current), None)

    @property
    def last(self) -> StepView | None:
        """The latest decided step, None before any."""
        return next((step for step in reversed(self.steps) if step.action is not None), None)


def disclose(dossier: Dossier, side: Side) -> CaseView:
    """The view of a case for one side, by the table of disclosure."""
    case, order, offer = dossier.case, dossier.case.order, dossier.offer
    agent = None if case.agent is None else _organisation(dossier, case.agent)
    return CaseView(
        case=case.id,
        side=side,
        flow=case.flow,
        state=case.state,
        step=case.step,
        revision=case.revision,
        content_version=case.content_version,
        service=offer.service,
        offer=offer.offer,
        terms_url=offer.terms_url,
        template=offer.template if sees(side, Fact.TEMPLATE) else {},
        handles_personal_data=offer.handles_personal_data,
        customer=_organisation(dossier, case.customer),
        agent=agent,
        named_agent=None if order.named_agent is None else dossier.organisations[order.named_agent].name,
        units=order.units,
        desired_start=order.desired_start,
        technical_contact=order.technical_contact,
        external_case_ref=order.external_case_ref if sees(side, Fact.EXTERNAL_CASE_REF) else None,
        invoice_ref=order.invoice_ref if sees(side, Fact.INVOICE) else None,
        comment=order.comment if sees(side, Fact.COMMENT) else "",
        costs={payer: cost for payer, cost in order.costs.items() if sees(side, COST_OF[payer])},
        orderer=_name(dossier, side, Side.CUSTOMER, case.orderer),
        orderer_language=dossier.orderer_language if sees(side, Fact.CUSTOMER_NAMES) else None,
        ordered_at=case.created_at,
        steps=tuple(_steps(dossier, side)),
        waiting_since=case.waiting_since,
        due_at=case.due_at,
        closed_at=case.closed_at,
        is_claimed=case.claimed_by is not None,
        claimed_by=_name(dossier, side, Side.INERA, case.claimed_by),
        chosen_attestant=_name(dossier, side, Side.AGENT, case.chosen_attestant),
        message=_message(case, side),
        offers={part: _offers(case, part) for part in Part},
    )


def _offers(case: Case, part: Part) -> tuple[Transition, ...]:
    # Buttons are drawn for whoever is most entitled to them; the press is judged anew for who presses.
    entitled = {
        Part.ORDERER: case.orderer,
        Part.AGENT_ATTESTANT: case.chosen_attestant,
        Part.CUSTOMER_SERVICE: case.claimed_by,
    }
    return offered(Situation(case, entitled.get(part), roles={}, holders=SOMEBODY), part)


_MESSAGE_OF = {Action.SEND_INSTRUCTIONS: Fact.INSTRUCTIONS, Action.INFORM_AGENT: Fact.AGENT_MESSAGE}


def _organisation(dossier: Dossier, organisation: OrganisationId) -> OrganisationView:
    found = dossier.organisations[organisation]
    number = None if found.org_number_is_personal else found.org_number
    return OrganisationView(found.name, number, found.category)


def _name(dossier: Dossier, reader: Side, of: Side, person: PersonId | None) -> str | None:
    return dossier.people.get(person) if person is not None and sees(reader, NAMES_OF[of]) else None


def _message(case: Case, side: Side) -> str:
    sent = next((each for each in case.decisions if each.action in _MESSAGE_OF), None)
    return sent.message if sent is not None and sees(side, _MESSAGE_OF[sent.action]) else ""


def _steps(dossier: Dossier, side: Side) -> list[StepView]:
    case = dossier.case
    decided = [each for each in case.decisions if each.state in PART_WAITED_FOR]
    done = [_decided_step(dossier, side, each) for each in decided]
    if is_final(case.flow, case.state):
        return done
    ahead = path(case.flow)[path(case.flow).index(case.state) :]
    return done + [_coming_step(dossier, state, is_current=state is case.state) for state in ahead]


def _decided_step(dossier: Dossier, side: Side, decision: Decision) -> StepView:
    of = SIDE_OF.get(decision.part)
    return StepView(
        part=PART_WAITED_FOR[decision.state],
        state=decision.state,
        organisation=_organisation_name(dossier, PART_WAITED_FOR[decision.state]),
        action=decision.action,
        decided_by_part=decision.part,
        by=None if of is None else _name(dossier, side, of, decision.person),
        at=decision.at,
        reason_code=decision.reason_code,
        reason=decision.reason,
        internal=decision.internal if of is not None and _sees_internal(side, of) else "",
    )


def _sees_internal(reader: Side, of: Side) -> bool:
    return of in INTERNAL_OF and sees(reader, INTERNAL_OF[of])


def _coming_step(dossier: Dossier, state: State, *, is_current: bool) -> StepView:
    part = PART_WAITED_FOR[state]
    return StepView(part=part, state=state, organisation=_organisation_name(dossier, part), is_current=is_current)


def _organisation_name(dossier: Dossier, part: Part) -> str | None:
    organisation = dossier.case.organisation_of(part)
    return None if organisation is None else dossier.organisations[organisation].name
