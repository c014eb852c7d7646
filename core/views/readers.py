"""Who may read a case, and from which side: one rule for Slack, mails and their links, the web and HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from core.shared.errors import CaseNotFound
from core.shared.vocabulary import (
    PART_WAITED_FOR,
    SIDE_OF,
    OrganisationId,
    OrganisationKind,
    Part,
    PersonId,
    Role,
    Side,
)
from core.workflow.authorize import sides_of, without_role
from core.workflow.case import Case, Grant
from core.workflow.context import DecisionContext

# Which roles let a person read an organisation's orders, per side. Contacts and signatories have nothing to do with
# single orders (domain: section 7).
CUSTOMER_READERS = frozenset({Role.ORDERER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
AGENT_READERS = frozenset({Role.AGENT_HANDLER, Role.ATTESTANT, Role.EMERGENCY_ATTESTANT, Role.ADMINISTRATOR})
INERA_READERS = frozenset({Role.CUSTOMER_SERVICE, Role.CUSTOMER_SERVICE_LEAD})
_READERS = {
    (OrganisationKind.CUSTOMER, Side.CUSTOMER): CUSTOMER_READERS,
    # What an agent orders is its own assignments, where it is the organisation that orders.
    (OrganisationKind.AGENT, Side.CUSTOMER): CUSTOMER_READERS,
    (OrganisationKind.AGENT, Side.AGENT): AGENT_READERS,
    (OrganisationKind.INERA, Side.INERA): INERA_READERS,
}


class CaseReader(Protocol):
    """Whom views of cases are made for."""

    def side_of(self, case: Case) -> Side | None:
        """Return the side from which a case is seen, None where it is not."""
        ...


@dataclass(frozen=True)
class OnSide:
    """A reader on one side of every case that is asked for: a part in it has been judged, or it is Inera's."""

    side: Side

    def side_of(self, case: Case) -> Side | None:  # noqa: ARG002 - one signature for all readers
        """See CaseReader."""
        return self.side


@dataclass(frozen=True)
class OrderReader:
    """A reader of orders: of all (Inera), or of an organisation's, on the sides where the person has a role now."""

    organisation: OrganisationId | None
    sides: frozenset[Side]

    def side_of(self, case: Case) -> Side | None:
        """See CaseReader."""
        if not case.is_order:
            return None
        if Side.INERA in self.sides:
            return Side.INERA
        if Side.CUSTOMER in self.sides and case.customer == self.organisation:
            return Side.CUSTOMER
        return Side.AGENT if Side.AGENT in self.sides and case.agent == self.organisation else None


@dataclass(frozen=True)
class ApplicationReader:
    """A reader of applications: of all (Inera), or of those that a person has sent in."""

    person: PersonId | None
    is_inera: bool

    def side_of(self, case: Case) -> Side | None:
        """See CaseReader."""
        if case.is_order:
            return None
        if self.is_inera:
            return Side.INERA
        return Side.CUSTOMER if case.orderer == self.person else None


@dataclass(frozen=True)
class OwnReader:
    """A reader of what organisations have ordered or convey, each on the side where the person has a role now.

    Somebody at Inera reads everything.
    """

    customers: frozenset[OrganisationId]
    agents: frozenset[OrganisationId]
    is_inera: bool

    def side_of(self, case: Case) -> Side | None:
        """See CaseReader."""
        if self.is_inera:
            return Side.INERA
        if not case.is_order:
            return None
        if case.customer in self.customers:
            return Side.CUSTOMER
        return Side.AGENT if case.agent in self.agents else None


def own_reader(grants: Iterable[Grant]) -> OwnReader:
    """Return what somebody reads by the roles of this moment, own and as a substitute."""
    held = [(grant.organisation, grant.role) for grant in grants]
    return OwnReader(
        customers=frozenset(organisation for organisation, role in held if role in CUSTOMER_READERS),
        agents=frozenset(organisation for organisation, role in held if role in AGENT_READERS),
        is_inera=any(role in INERA_READERS for _, role in held),
    )


def sides_read(kinds: frozenset[OrganisationKind], roles: frozenset[Role]) -> frozenset[Side]:
    """Return the sides from which somebody reads the orders of an organisation of some kinds, by roles held there."""
    return frozenset(side for (kind, side), needed in _READERS.items() if kind in kinds and needed & roles)


def reads_for_inera(kinds: frozenset[OrganisationKind], roles: frozenset[Role]) -> bool:
    """Return whether roles in an organisation let somebody read what all the others have."""
    return Side.INERA in sides_read(kinds, roles)


def side_shown(now: DecisionContext) -> Side:
    """Return the side to show a case from: the one asked now where the reader is on it, else any the reader is on.

    Raises CaseNotFound for whoever has no part in it.
    """
    asked = PART_WAITED_FOR.get(now.case.state, Part.ORDERER)
    mine = sides_of(now)
    if not mine:
        raise CaseNotFound(case=now.case.id)
    return SIDE_OF[asked] if SIDE_OF[asked] in mine else mine[0]


def check_card(now: DecisionContext, part: Part, *, is_asked: bool) -> None:
    """Raise NoRole for whoever opens a card by its link without a part on its side, or in it where it asks.

    Whoever has left, or has lost the role since, is not shown what the mail asked about, nor what came of it.
    """
    is_asked_in_vain = is_asked and not now.plays(part)
    if is_asked_in_vain or SIDE_OF[part] not in sides_of(now):
        raise without_role(now, part, now.case.organisation_of(part))
