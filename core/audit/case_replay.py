"""Replaying a case from its rows of history alone: each is followed by the flows table of its version. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.audit.case_comparison import in_code
from core.audit.change_records import FIRST_VERSION, ReplayedRecord, Table, decision_of, row_differs
from core.audit.differences import Difference
from core.audit.register_replay import Rights
from core.audit.replayed_rights import wrong_right
from core.catalogue.prices import Reckoning
from core.shared.vocabulary import (
    PAYER_OF,
    SIDE_OF,
    Action,
    Side,
)
from core.workflow import superseded
from core.workflow.apply_transition import apply_transition
from core.workflow.case import Case, Order
from core.workflow.commands import Answers
from core.workflow.context import DecisionContext
from core.workflow.flows import RelativeTarget, Transition


@dataclass(frozen=True)
class ReplayStep:
    """A row of history followed: the case after it, by which row of the table, and by what it does not follow."""

    case: Case
    row: Transition | None
    differs: Sequence[Difference] = ()


def replay_record(case: Case, record: ReplayedRecord, table: Table | None, rights: Rights | None = None) -> ReplayStep:
    """Replay one record upon a case. One that does not follow is taken at its word, so that the next one may.

    `rights` is the register as its lines tell it up to the row; None where that is not known.
    """
    differs = [row_differs(record, *misfit) for misfit in _misfits(case, record)]
    if table is None:
        return ReplayStep(
            _at_its_word(case, record), None, [*differs, row_differs(record, "version", "", str(record.version))]
        )
    rows = table.find(case.flow, record)
    if not rows:
        return ReplayStep(
            _closed(_at_its_word(case, record), record, table),
            None,
            [*differs, row_differs(record, "action", "", record.action)],
        )
    ways = [(_followed(_standing(case, record), row, record), row) for row in rows]
    good = next((way for way in ways if _is_so(way[0], record)), None)
    if good is not None:
        after = _closed(_known(good[0], record), record, table)
        wrong = wrong_right(_standing(case, record), good[1], record, rights)
        return ReplayStep(after, good[1], [*differs, *_wrong_amount(after, record), *wrong])
    after = ways[0][0]
    became = [("to_state", after.state, record.to_state)] if after.state is not record.to_state else []
    if not became:
        became = [("content_version", str(after.content_version), str(record.content_version))]
    case_after = _closed(_at_its_word(case, record), record, table)
    return ReplayStep(case_after, None, [*differs, *(row_differs(record, *misfit) for misfit in became)])


def _misfits(case: Case, record: ReplayedRecord) -> Iterator[tuple[str, str, str]]:
    if record.state is not case.state:
        yield "state", case.state, record.state
    if record.step != case.step:
        yield "step", str(case.step), str(record.step)
    if record.revision != case.revision + 1:
        yield "revision", str(case.revision + 1), str(record.revision)


def _standing(case: Case, record: ReplayedRecord) -> Case:
    """Return the case where the record says that it was, revision aside: what does not fit there is told already."""
    return replace(case, state=record.state, step=record.step, revision=record.revision - 1)


def _followed(case: Case, row: Transition, record: ReplayedRecord) -> Case:
    is_anew = row.does is Action.ANSWER and row.target is not RelativeTarget.ASKING_STEP
    # Before rows told how many attests counted, a price that was to come made none void.
    coming = case.order.coming_costs if record.attests is None and case.is_order else record.coming_costs
    now = DecisionContext(
        case,
        record.person,
        revised=_revised(case, record) if is_anew else None,
        reckoned=Reckoning(record.costs, coming),
        counted=case.given,
    )
    # What was written is not in history; that something was is what pauses a case.
    answers = Answers(attestant=record.to, reason=record.action)
    after = apply_transition(now, row, decision_of(record, case.content_version), answers)
    if record.version in {None, FIRST_VERSION} and row.does in superseded.FIXED_NO_SIDE:
        after = replace(after, acted=case.acted)
    if record.version in superseded.TOOK_CLAIMS_IN and row.does in superseded.TOOK_CLAIMS:
        after = replace(after, claimed_by=None)
    return after


def _revised(case: Case, record: ReplayedRecord) -> Case:
    if case.is_order:
        # Another agent may have come with the answer, which only that agent's own rows tell.
        return replace(case, agent=None, content=_ordered_anew(case.order, record)).anew()
    # Whoever fills in an application anew has changed something, or not.
    return replace(case, content_version=case.content_version + (record.content_version > case.content_version))


def _ordered_anew(order: Order, record: ReplayedRecord) -> Order:
    return replace(order, costs=record.costs, coming_costs=record.coming_costs, earlier_costs={})


def _is_so(case: Case, record: ReplayedRecord) -> bool:
    return (case.state, case.content_version) == (record.to_state, record.content_version)


def _known(case: Case, record: ReplayedRecord) -> Case:
    """Return the case with what only a record tells: what is paid, and who the agent is."""
    agent = record.organisation if SIDE_OF.get(record.part) is Side.AGENT else case.agent
    content = case.content
    if case.is_order:
        content = replace(case.order, costs=record.costs, coming_costs=record.coming_costs)
    return replace(case, agent=agent, content=content)


def _closed(case: Case, record: ReplayedRecord, table: Table) -> Case:
    if record.state is record.to_state:
        # An earlier table may have closed it there.
        return case
    is_final = table.is_final(case.flow, case.state)
    return replace(case, closed_at=(case.closed_at or record.at) if is_final else None)


def _wrong_amount(after: Case, record: ReplayedRecord) -> Iterator[Difference]:
    """Yield the amount that a limit was held against, where it is not what the side pays."""
    side = SIDE_OF.get(record.part, Side.INERA)
    pays = str(after.order.first_year_ore(side)) if after.is_order and side in PAYER_OF else ""
    if record.amount_ore is not None and pays != in_code(record.amount_ore):
        yield row_differs(record, "amount", pays, in_code(record.amount_ore))


def _at_its_word(case: Case, record: ReplayedRecord) -> Case:
    stays = record.state is record.to_state
    return _known(
        replace(
            case,
            state=record.to_state,
            step=record.step + (not stays),
            revision=record.revision,
            content_version=record.content_version,
            decisions=(*case.decisions, decision_of(record, case.content_version)),
        ),
        record,
    )
