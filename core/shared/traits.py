"""What each flow is, beside its rows: under which agreement, for whom, what it asks for, and what its end makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.shared.vocabulary import AgentField, AgreementType, Flow, OrganisationKind, State


class Contents(StrEnum):
    """What a case is about."""

    ORDER = "order"
    APPLICATION = "application"


class CaseEffect(StrEnum):
    """What a case that ends well makes beside itself."""

    CONNECTS = "connects"  # units have a service
    DISCONNECTS = "disconnects"  # units no longer have it, from a day on
    CONVEYS = "conveys"  # an agent may convey a service
    ADMITS = "admits"  # an organisation is a customer, or an agent


@dataclass(frozen=True)
class Traits:
    """One row: what a flow is.

    `agreement` is the one that a case runs under; of an application the one that it makes. `offered_to` are whom
    offers of the flow are for, None where there are none. `agent_fields` are what an offer may ask about an agent, the
    first where it says nothing. `name` is the text that names what a case is about, None for the service's own name.
    `effect` is what a case makes that comes to the state `takes_effect`, and `end` is where it is over when all went
    well: another, where somebody is to confirm what was made.
    """

    contents: Contents
    agreement: AgreementType
    offered_to: OrganisationKind | None
    agent_fields: tuple[AgentField, ...]
    asks_for_units: bool
    name: str | None
    effect: CaseEffect
    takes_effect: State
    end: State

    @property
    def is_application(self) -> bool:
        """Say whether an organisation applies, and nothing is ordered."""
        return self.contents is Contents.APPLICATION

    @property
    def asks_for_agent(self) -> bool:
        """Say whether an agent takes part, with people who decide; else one is named at most."""
        return AgentField.REQUIRED in self.agent_fields

    @property
    def names_agent(self) -> bool:
        """Say whether an agent may be named who takes no part."""
        return AgentField.INFORMATION in self.agent_fields

    @property
    def is_offered(self) -> bool:
        """Say whether something is ordered as an offer: on its terms and at its prices, under an agent's agreement."""
        return self.offered_to is not None

    @property
    def is_confirmed(self) -> bool:
        """Say whether somebody confirms what a case made before that is over."""
        return self.takes_effect is not self.end

    @property
    def asks_for_category(self) -> bool:
        """Say whether the organisation states its category as a customer."""
        return self.is_application and self.agreement is AgreementType.KUNDAVTAL


TRAITS: Mapping[Flow, Traits] = {
    Flow.DIRECT: Traits(
        contents=Contents.ORDER,
        agreement=AgreementType.KUNDAVTAL,
        offered_to=OrganisationKind.CUSTOMER,
        agent_fields=(AgentField.NONE, AgentField.INFORMATION),
        asks_for_units=True,
        name=None,
        effect=CaseEffect.CONNECTS,
        takes_effect=State.INSTRUCTIONS_SENT,
        end=State.CONNECTED,
    ),
    Flow.VIA_AGENT: Traits(
        contents=Contents.ORDER,
        agreement=AgreementType.KUNDAVTAL,
        offered_to=OrganisationKind.CUSTOMER,
        agent_fields=(AgentField.REQUIRED,),
        asks_for_units=True,
        name=None,
        effect=CaseEffect.CONNECTS,
        takes_effect=State.AGENT_INFORMED,
        end=State.CONNECTED,
    ),
    Flow.CUSTOMER_APPLICATION: Traits(
        contents=Contents.APPLICATION,
        agreement=AgreementType.KUNDAVTAL,
        offered_to=None,
        agent_fields=(),
        asks_for_units=False,
        name="applied.name.customer_application",
        effect=CaseEffect.ADMITS,
        takes_effect=State.AGREEMENT_ACTIVE,
        end=State.AGREEMENT_ACTIVE,
    ),
    Flow.AGENT_APPLICATION: Traits(
        contents=Contents.APPLICATION,
        agreement=AgreementType.AGENTAVTAL,
        offered_to=None,
        agent_fields=(),
        asks_for_units=False,
        name="applied.name.agent_application",
        effect=CaseEffect.ADMITS,
        takes_effect=State.AGREEMENT_ACTIVE,
        end=State.AGREEMENT_ACTIVE,
    ),
    Flow.AGENT_ASSIGNMENT: Traits(
        contents=Contents.ORDER,
        agreement=AgreementType.AGENTAVTAL,
        offered_to=OrganisationKind.AGENT,
        agent_fields=(AgentField.NONE,),
        asks_for_units=False,
        name="agent_assignment.name",
        effect=CaseEffect.CONVEYS,
        takes_effect=State.INSTRUCTIONS_SENT,
        end=State.INSTRUCTIONS_SENT,
    ),
    # It is about a connection, through the agent that this has, who has no say in it.
    Flow.TERMINATION: Traits(
        contents=Contents.ORDER,
        agreement=AgreementType.KUNDAVTAL,
        offered_to=None,
        agent_fields=(AgentField.NONE, AgentField.REQUIRED),
        asks_for_units=True,
        name="termination.name",
        effect=CaseEffect.DISCONNECTS,
        takes_effect=State.TERMINATED,
        end=State.TERMINATED,
    ),
}

ORDER_FLOWS = tuple(flow for flow, traits in TRAITS.items() if not traits.is_application)
APPLICATION_FLOWS = tuple(flow for flow, traits in TRAITS.items() if traits.is_application)
OFFERED_FLOWS = tuple(flow for flow, traits in TRAITS.items() if traits.offered_to is not None)
CONNECTING_FLOWS = tuple(flow for flow, traits in TRAITS.items() if traits.effect is CaseEffect.CONNECTS)
DISCONNECTING_FLOWS = tuple(flow for flow, traits in TRAITS.items() if traits.effect is CaseEffect.DISCONNECTS)
CONVEYING_FLOWS = tuple(flow for flow, traits in TRAITS.items() if traits.effect is CaseEffect.CONVEYS)


def agreement_under(flow: Flow) -> AgreementType:
    """Return the agreement that a case of a flow runs under, or makes."""
    return TRAITS[flow].agreement


def application_flow(agreement: AgreementType) -> Flow:
    """Return the flow in which an agreement is applied for."""
    return next(flow for flow in APPLICATION_FLOWS if TRAITS[flow].agreement is agreement)
