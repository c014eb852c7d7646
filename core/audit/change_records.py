"""Changes of cases as their rows of history tell them, and the flows tables that they are followed by. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.applications.application import EMPTY
from core.audit.differences import Difference, Differs
from core.catalogue.prices import Cost, Costs
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    NO_PERSON,
    Action,
    Assurance,
    CaseId,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    State,
    Surface,
)
from core.workflow.case import Case, Decision, Order
from core.workflow.flows import TABLES, RelativeTarget, Transition

# What rows from before they named their version are followed by, where they can be.
FIRST_VERSION = 1


@dataclass(frozen=True)
class ReplayedRecord:
    """A change of a case as its row of history tells it. `version` is of the flows table, None before rows named it.

    `step` is the one that it was made at; `revision` and `content_version` are those that it left. `attests` is how
    many counted where something is attested, this one too; None before rows said it, when all that were given counted.
    """

    row: int
    case: CaseId
    at: datetime
    action: Action
    state: State
    to_state: State
    step: int
    revision: int
    content_version: int
    part: Part
    person: PersonId | None
    organisation: OrganisationId | None
    surface: Surface
    assurance: Assurance
    version: int | None
    costs: Costs = field(default_factory=dict[Payer, Cost])
    coming_costs: Costs = field(default_factory=dict[Payer, Cost])
    absent: PersonId | None = None
    to: PersonId | None = None
    limit_ore: int | None = None
    amount_ore: int | None = None
    proof: str | None = None
    content_hash: str | None = None
    document_hash: str | None = None
    method: str | None = None
    attests: int | None = None


@dataclass(frozen=True)
class Table:
    """A version of the flows table, as far as a row of history is followed by it."""

    rows: Mapping[tuple[Flow, State], Sequence[Transition]]

    def find(self, flow: Flow, record: ReplayedRecord) -> list[Transition]:
        """Return the transitions that a record may be, with the state named where the table names a step."""
        mine = self.rows.get((flow, record.state), ())
        matching = [row for row in mine if (row.who, row.does) == (record.part, record.action)]
        return [self._named(row) for row in matching]

    def is_final(self, flow: Flow, state: State) -> bool:
        """Say whether a case in this state is closed."""
        return all(row.keeps_step for row in self.rows.get((flow, state), ()))

    def _named(self, row: Transition) -> Transition:
        if row.target is not RelativeTarget.FIRST_STEP:
            return row
        begins = next(first for first in self.rows[row.flow, State.DRAFT] if first.does is Action.SUBMIT)
        return replace(row, target=begins.target)


def flow_tables(versions: Mapping[int, Sequence[Transition]] = TABLES) -> dict[int, Table]:
    """Return the flows tables by their versions, the superseded ones too."""
    return {version: Table(_by_state(rows)) for version, rows in versions.items()}


def _by_state(rows: Sequence[Transition]) -> dict[tuple[Flow, State], list[Transition]]:
    by_state: dict[tuple[Flow, State], list[Transition]] = {}
    for row in rows:
        by_state.setdefault((row.flow, row.source), []).append(row)
    return by_state


def case_before(record: ReplayedRecord, flow: Flow, offer: OfferId) -> Case:
    """Return the case before its first record."""
    ordered = Order(offer, (), "", costs=record.costs, coming_costs=record.coming_costs)
    return Case(
        id=record.case,
        flow=flow,
        state=State.DRAFT,
        customer=record.organisation or OrganisationId(""),
        agent=None,
        orderer=record.person or NO_PERSON,
        content=EMPTY if TRAITS[flow].is_application else ordered,
        created_at=record.at,
        waiting_since=record.at,
    )


def row_differs(record: ReplayedRecord, what: str, expected: str, stands: str) -> Difference:
    """Say by what a record does not follow on those before it."""
    return Difference(Differs.ROW, record.case, what, expected, stands, record.row)


def decision_of(record: ReplayedRecord, content_version: int) -> Decision:
    """Return the decision that a record tells of, at a content version; what was written is not in history."""
    return Decision(
        step=record.step,
        state=record.state,
        action=record.action,
        part=record.part,
        person=record.person,
        organisation=record.organisation,
        at=record.at,
        surface=record.surface,
        assurance=record.assurance,
        content_version=content_version,
        absent=record.absent,
        limit_ore=record.limit_ore,
        to=record.to,
        proof=record.proof,
        document_hash=record.document_hash,
        method=record.method,
    )
