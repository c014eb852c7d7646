"""Takes from closed cases what is kept no longer, stage by stage: cards, what people wrote, who decided over what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, false, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from core.audit.records import AuditRecord
from core.audit.retention import Stage
from core.shared.vocabulary import Happened, LineKind, Surface
from core.storage.audit.audit_records import write_record
from core.storage.identity.personal_links import forget_links
from core.storage.retention.stored_texts import texts_in, without_values, without_words
from core.storage.tables import attachments, cards, cases, persons, placements, to_micros, workspaces

BATCH = 200
LONGEST_ID = 40
# Where free texts stand in the JSON of a case, whatever is below each key.
ORDERED = frozenset({"comment", "technical_contact", "external_case_ref", "texts", "salt", "hold", "hold_salt"})
# Whom an application names, and what may be a person's own: a sole trader's number and address.
APPLIED = frozenset({"administrator", "signatories", "agreement_contact", "invoice_address", "org_number"})
WRITTEN = ORDERED | APPLIED
# An invoice reference is often somebody's name; it and the amounts go with the decisions.
REFERENCES = frozenset({"invoice_ref"})
AMOUNTS = frozenset({"costs", "earlier_costs", "coming_costs", "ending_costs"})
# A case needs an orderer. This one is nobody.
NOBODY = "P-NOBODY"

_LAST_ORDER = text(
    "UPDATE persons SET last_order_at = :at WHERE id = :id AND (last_order_at IS NULL OR last_order_at < :at)"
)
_WITHOUT_TEXTS = text("""UPDATE cases SET content = :content, decisions = :decisions, progress = :progress,
    external_case_ref = NULL, applicant_number = NULL WHERE id = :id""")
_WITHOUT_DECISIONS = text("""UPDATE cases SET content = :content, decisions = '[]', progress = '{}',
    orderer_id = :nobody, chosen_attestant_id = NULL, claimed_by_id = NULL, customer_ore = 0, agent_ore = 0,
    invoice_reference = NULL WHERE id = :id""")


class DueCase(NamedTuple):
    """A case as the purge looks at it."""

    id: str
    orderer: str | None
    claimed_by: str | None
    content: str
    decisions: str
    progress: str
    closed_at: datetime

    @property
    def people(self) -> set[str]:
        """Every word in it that may be the id of somebody who had a part in it."""
        words = texts_in(self.decisions) | texts_in(self.progress) | {self.orderer or "", self.claimed_by or ""}
        return {word for word in words if word.startswith("P") and len(word) <= LONGEST_ID}


_FOUND = (
    cases.c.id, cases.c.orderer_id, cases.c.claimed_by_id, cases.c.content, cases.c.decisions, cases.c.progress,
    cases.c.closed_at,
)  # fmt: skip
# A message that is still to be reduced must be, before we forget where it stands; not for as long as nobody can.
_OWED = (
    exists()
    .where(cards.c.case_id == cases.c.id, cards.c.due_at.is_not(None))
    .where(workspaces.c.id == cards.c.workspace_id, workspaces.c.problem.is_(None))
)


@dataclass(frozen=True)
class CasePurge:
    """One stage of what a closed case loses. What history is held against then is told there: `is_told`."""

    stage: Stage
    change: Callable[[Connection, Sequence[DueCase], datetime], None]
    unless: ColumnElement[bool] = field(default_factory=false)
    is_told: bool = False

    def count(self, connection: Connection, before: datetime) -> int:
        """Count the cases that are due, those too that an earlier stage takes first."""
        earlier = [stage for stage in Stage if stage < self.stage]
        is_due = (cases.c.purged.in_(earlier), cases.c.closed_at < before, ~self.unless)
        return connection.execute(select(func.count()).select_from(cases).where(*is_due)).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Take from a batch of cases that have come to this stage, and return how many those were."""
        due = (
            select(*_FOUND)
            .where(cases.c.purged == self.stage - 1, cases.c.closed_at < before, ~self.unless)
            .order_by(cases.c.closed_at)
            .limit(BATCH)
            .with_for_update()
        )
        due_cases = [DueCase._make(row) for row in connection.execute(due)]
        if due_cases:
            self.change(connection, due_cases, at)
            gone = update(cases).where(cases.c.id.in_(_ids(due_cases))).values(purged=self.stage)
            connection.execute(gone)
            if self.is_told:
                facts = {"stage": int(self.stage), "closed_before": before}
                write_record(connection, AuditRecord(LineKind.PURGE, Happened.PURGED, at, Surface.CLOCK, facts=facts))
        return len(due_cases)


def _take_cards(connection: Connection, due_cases: Sequence[DueCase], at: datetime) -> None:  # noqa: ARG001 - one signature
    """Forget where messages stand, and note when the people's last order was closed, which cards told until now."""
    last: dict[str, datetime] = {}
    for due_case in due_cases:
        last |= {name: max(due_case.closed_at, last.get(name, due_case.closed_at)) for name in due_case.people}
    people = connection.execute(select(persons.c.id).where(persons.c.id.in_(sorted(last)))).scalars()
    noted = [{"id": id_, "at": to_micros(last[id_])} for id_ in people]
    connection.execute(_LAST_ORDER, noted)
    connection.execute(delete(cards).where(cards.c.case_id.in_(_ids(due_cases))))
    forget_links(connection, _ids(due_cases))


def _take_texts(connection: Connection, due_cases: Sequence[DueCase], at: datetime) -> None:  # noqa: ARG001 - one signature
    """Empty what people wrote, with the files they sent and the fingerprints by which a repeated wish was known."""
    connection.execute(_WITHOUT_TEXTS, [_without_texts(due_case) for due_case in due_cases])
    connection.execute(delete(placements).where(placements.c.case_id.in_(_ids(due_cases))))
    connection.execute(delete(attachments).where(attachments.c.case_id.in_(_ids(due_cases))))


def _without_texts(due_case: DueCase) -> dict[str, str]:
    emptied = {name: without_words(getattr(due_case, name), WRITTEN) for name in ("content", "decisions", "progress")}
    return emptied | {"id": due_case.id}


def _take_decisions(connection: Connection, due_cases: Sequence[DueCase], at: datetime) -> None:
    """Forget people and amounts. What was ordered stays, since it says what is connected."""
    _see_to_nobody(connection, at)
    bare = [
        {
            "id": due_case.id,
            "content": without_values(without_words(due_case.content, REFERENCES), AMOUNTS),
            "nobody": NOBODY,
        }
        for due_case in due_cases
    ]
    connection.execute(_WITHOUT_DECISIONS, bare)


def _see_to_nobody(connection: Connection, at: datetime) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    nobody = {"id": NOBODY, "name": "–", "email": "nobody@former.invalid", "active": False, "pseudonymised_at": at}
    connection.execute(dialect.insert(persons).values(nobody).on_conflict_do_nothing())


def _ids(due_cases: Sequence[DueCase]) -> list[str]:
    return [due_case.id for due_case in due_cases]


CARDS = CasePurge(Stage.CARDS_GONE, _take_cards, unless=_OWED)
TEXTS = CasePurge(Stage.TEXTS_GONE, _take_texts)
DECISIONS = CasePurge(Stage.DECISIONS_GONE, _take_decisions, is_told=True)
