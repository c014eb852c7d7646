"""Holding a case against what its rows of history make of it. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from core.audit.change_records import ReplayedRecord, Table, decision_of, row_differs
from core.audit.differences import Difference, Differs
from core.catalogue.prices import Costs
from core.shared.vocabulary import (
    Action,
    PersonId,
    Side,
)
from core.workflow import superseded
from core.workflow.case import Case, Decision


def compare_case(case: Case, stored: Case, amounts: tuple[int, int], *, is_bare: bool) -> Iterator[Difference]:
    """Yield where the stored case differs from the replayed one; `amounts` are those that its limits are held against.

    A bare case has lost people and amounts to the purge.
    """
    for what, expected, stands in _pairs(case, stored, amounts, is_bare=is_bare):
        if expected != stands:
            yield Difference(Differs.CASE, case.id, what, in_code(expected), in_code(stands))


def _pairs(
    case: Case, stored: Case, amounts: tuple[int, int], *, is_bare: bool
) -> Iterator[tuple[str, object, object]]:
    for name in ("state", "step", "revision", "content_version"):
        yield name, getattr(case, name), getattr(stored, name)
    yield "is_closed", _closed_or_open(case), _closed_or_open(stored)
    if case.is_order:
        yield "customer", case.customer, stored.customer
    if case.agent is not None:
        yield "agent", case.agent, stored.agent
    if is_bare:
        return
    yield "orderer", case.orderer, stored.orderer
    yield "claimed_by", case.claimed_by, stored.claimed_by
    yield "recusals", ",".join(case.recused), ",".join(stored.recused)
    if case.is_order:
        sides = (Side.CUSTOMER, Side.AGENT)
        yield "costs", _amounts(case.order.costs), _amounts(stored.order.costs)
        mine = [case.order.first_year_ore(side) for side in sides]
        yield "amounts", _plain(mine), _plain(amounts)
    yield from _deciders(case, stored)


# What says who has taken a case.
TAKES = frozenset({Action.CLAIM, Action.TAKE_OVER})
CLAIMS = TAKES | {Action.RELEASE}


def compare_purged_case(
    records: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool
) -> Iterator[Difference]:
    """Yield what does not fit in a case whose first rows a purge took: its rows on each other, or the case on the last.

    What was decided before these rows is taken at the case's word. `table` is the flows table of
    the last one that moved it.
    """
    for before, record in pairwise(records):
        if record.state is not before.to_state:
            yield row_differs(record, "state", before.to_state, record.state)
        if record.revision != before.revision + 1:
            yield row_differs(record, "revision", str(before.revision + 1), str(record.revision))
    for what, by_rows, stands in _left(records, stored, table, is_bare=is_bare):
        if by_rows != stands:
            yield Difference(Differs.CASE, stored.id, what, in_code(by_rows), in_code(stands))


def _left(
    records: Sequence[ReplayedRecord], stored: Case, table: Table, *, is_bare: bool
) -> Iterator[tuple[str, object, object]]:
    last = records[-1]
    yield "state", last.to_state, stored.state
    yield "revision", last.revision, stored.revision
    yield "content_version", last.content_version, stored.content_version
    yield "is_closed", "closed" if table.is_final(stored.flow, last.to_state) else "open", _closed_or_open(stored)
    # What changes within a state may ask anew, or not.
    steps = {last.step + 1} if last.state is not last.to_state else {last.step, last.step + 1}
    yield "step", stored.step if stored.step in steps else max(steps), stored.step
    if is_bare:
        return
    for claimed_by in _claims(records, is_order=stored.is_order):
        yield "claimed_by", claimed_by, stored.claimed_by
    told_decisions = {_deed(decision_of(record, 0)) for record in records}
    since = [
        _deed(decision)
        for decision in stored.decisions
        if (decision.at, decision.step) >= (records[0].at, records[0].step)
    ]
    other = next((decision for decision in since if decision not in told_decisions), None)
    yield "decisions", "", "" if other is None else _plain(other)


def _claims(records: Sequence[ReplayedRecord], *, is_order: bool) -> Sequence[PersonId | None]:
    """Return who has claimed the case by the last record that says so; nothing where none does."""
    claimants = [_claimant(record) for record in records[:1] if _says_claimant(record)]
    for before, record in pairwise(records):
        if _says_claimant(record):
            claimants.append(_claimant(record))
        elif record.action is Action.RECUSE and claimants[-1:] == [record.person]:
            claimants.append(None)
        elif is_order and record.content_version > before.content_version:
            # An order with other contents is nobody's.
            claimants.append(None)
    return claimants[-1:]


def _says_claimant(record: ReplayedRecord) -> bool:
    took = record.action in superseded.TOOK_CLAIMS and record.version in superseded.TOOK_CLAIMS_IN
    return took or record.action in CLAIMS


def _claimant(record: ReplayedRecord) -> PersonId | None:
    return record.person if record.action in TAKES else None


def _deed(decision: Decision) -> tuple[object, ...]:
    who = (decision.action, decision.part, decision.person, decision.absent)
    return (
        *who,
        decision.step,
        decision.state,
        decision.at.isoformat(),
        decision.limit_ore,
        decision.to,
        decision.proof,
        decision.document_hash,
    )


def _closed_or_open(case: Case) -> str:
    return "open" if case.closed_at is None else "closed"


def in_code(value: object) -> str:
    """Write a value as a difference tells it; nothing for None."""
    return "" if value is None else str(value)


def _deciders(case: Case, stored: Case) -> Iterator[tuple[str, object, object]]:
    mine, theirs = ([_decider(decision, is_order=case.is_order) for decision in of.decisions] for of in (case, stored))
    if mine != theirs:
        other = next(n for n, pair in enumerate(zip_longest(mine, theirs)) if pair[0] != pair[1])
        yield "decisions", _nth(mine, other), _nth(theirs, other)


def _nth(deciders: Sequence[Sequence[object]], number: int) -> str:
    return _plain(deciders[number]) if number < len(deciders) else ""


def _decider(decision: Decision, *, is_order: bool) -> tuple[object, ...]:
    # What the applicant did becomes the organisation's that is made of it.
    where = decision.organisation if is_order else None
    who = (decision.action, decision.part, decision.person, decision.absent, where)
    how = (decision.step, decision.state, decision.at.isoformat(), decision.content_version, decision.counts)
    return (
        *who,
        *how,
        decision.limit_ore,
        decision.to,
        decision.proof,
        decision.document_hash,
        decision.surface,
        decision.assurance,
    )


def _amounts(costs: Costs) -> str:
    return _plain(
        [f"{payer} {cost.startup_ore}+{cost.recurring_ore}/{cost.period}" for payer, cost in sorted(costs.items())]
    )


def _plain(values: Sequence[object]) -> str:
    return " ".join("-" if value is None else str(value) for value in values)
