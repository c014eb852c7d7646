"""Readiness: what an organisation lacks before it can order, or take orders as an agent (domain: 6.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.shared.vocabulary import OrganisationId, OrganisationKind


class Missing(StrEnum):
    """What is missing; a table below says what misses it."""

    AGREEMENT = "agreement"  # no active kundavtal
    ORDERER = "orderer"
    ATTESTANT = "attestant"
    SECOND_PERSON = "second_person"  # who orders may not attest, and there is nobody else
    AGENT_AGREEMENT = "agent_agreement"  # no active agentavtal
    ASSIGNMENT = "assignment"  # no active agentuppdrag
    ASSIGNMENT_ORDERER = "assignment_orderer"  # nobody who could order an agentuppdrag, and there is none
    AGENT_HANDLER = "agent_handler"
    AGENT_ATTESTANT = "agent_attestant"
    AGENT_SECOND_PERSON = "agent_second_person"  # who approves for the agent may not attest, and there is nobody else


@dataclass(frozen=True)
class Standards:
    """What an organisation has now; people count while they are active and their roles hold."""

    organisation: OrganisationId
    kinds: frozenset[OrganisationKind]
    has_agreement: bool = False
    has_agent_agreement: bool = False
    has_assignment: bool = False
    has_orderer: bool = False
    has_attestant: bool = False
    has_handler: bool = False
    # Some orderer, and some handler, with another person who attests; or the same one, where that is allowed.
    has_two: bool = False
    has_two_as_agent: bool = False


@dataclass(frozen=True)
class Readiness:
    """Whether an organisation can order, or take orders. Inera does neither."""

    missing: tuple[Missing, ...]
    does_order: bool

    @property
    def is_ready(self) -> bool:
        """True for an organisation that lacks nothing."""
        return not self.missing


Lacks = Callable[[Standards], bool]
CUSTOMER, AGENT = OrganisationKind.CUSTOMER, OrganisationKind.AGENT
# An administrator is not among them: whoever has none is kept by Inera's customer service.
# fmt: off
NEEDS: tuple[tuple[OrganisationKind, Missing, Lacks], ...] = (
    (CUSTOMER, Missing.AGREEMENT,       lambda it: not it.has_agreement),
    (CUSTOMER, Missing.ORDERER,         lambda it: not it.has_orderer),
    (CUSTOMER, Missing.ATTESTANT,       lambda it: not it.has_attestant),
    (CUSTOMER, Missing.SECOND_PERSON,   lambda it: it.has_orderer and it.has_attestant and not it.has_two),
    (AGENT,    Missing.AGENT_AGREEMENT, lambda it: not it.has_agent_agreement),
    (AGENT,    Missing.ASSIGNMENT,      lambda it: not it.has_assignment),
    (AGENT,    Missing.ASSIGNMENT_ORDERER, lambda it: not it.has_assignment and not it.has_orderer),
    (AGENT,    Missing.AGENT_HANDLER,   lambda it: not it.has_handler),
    (AGENT,    Missing.AGENT_ATTESTANT, lambda it: not it.has_attestant),
    (AGENT,    Missing.AGENT_SECOND_PERSON, lambda it: it.has_handler and it.has_attestant and not it.has_two_as_agent),
)
# fmt: on


def readiness(standards: Standards, *kinds: OrganisationKind) -> Readiness:
    """Return what an organisation lacks, for everything that it is or for the kinds named."""
    wanted = standards.kinds & (frozenset(kinds) or standards.kinds)
    missing = tuple(what for kind, what, lacks in NEEDS if kind in wanted and lacks(standards))
    return Readiness(missing, bool(wanted & {CUSTOMER, AGENT}))
