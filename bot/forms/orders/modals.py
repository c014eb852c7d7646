"""Which form belongs to a row of the flows table, and what it offers to choose from: people by name.

Inputs are named as the core's fields, so that what the core says of a field is shown at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal, ConfirmModal
from bot.forms.orders.ending import EndModal
from bot.forms.orders.messages import InstructionsModal, LastDayModal, MessageModal
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.questions import AnswerModal, QuestionModal
from bot.forms.orders.reasons import CancelModal, EmergencyModal, HoldModal, RejectModal
from bot.forms.orders.revision_modal import RevisionModal
from core.api import (
    PART_WAITED_FOR,
    Action,
    Asks,
    DecisionContext,
    OrganisationId,
    Part,
    PersonId,
    Transition,
    colleagues,
    eligible,
    may_attest_after,
    recipients,
    that_count,
)

Named = tuple[PersonId, str]
SENDS = frozenset({Action.SEND_INSTRUCTIONS, Action.SEND_AGAIN})
ModalClass = (
    type[ConfirmModal | RejectModal | ApproveModal | QuestionModal | AnswerModal | ColleagueModal | InstructionsModal]
    | type[HoldModal | LastDayModal]
)

MODALS: Mapping[Asks, ModalClass] = {
    Asks.CONFIRMATION: ConfirmModal,
    Asks.NOTHING: ConfirmModal,
    Asks.REASON: RejectModal,
    Asks.CERTIFICATE: ApproveModal,
    Asks.QUESTION: QuestionModal,
    Asks.ANSWER: AnswerModal,
    Asks.COLLEAGUE: ColleagueModal,
    Asks.INSTRUCTIONS: InstructionsModal,
    Asks.MESSAGE: MessageModal,
    Asks.LAST_DAY: LastDayModal,
}

# Reasons of other kinds than that of a rejection.
REASONS: Mapping[Action, ModalClass] = {
    Action.HOLD: HoldModal,
    Action.CANCEL: CancelModal,
    Action.EMERGENCY_ATTEST: EmergencyModal,
}

BY_CALLBACK: Mapping[str, ModalClass | type[RevisionModal]] = {
    modal.CALLBACK: modal for modal in (*MODALS.values(), *REASONS.values(), RevisionModal)
}

# Forms that take an order's fields.
FORMS: Mapping[str, type[OrderModal] | type[EndModal] | type[RevisionModal]] = {
    EndModal.CALLBACK: EndModal,
    OrderModal.CALLBACK: OrderModal,
    RevisionModal.CALLBACK: RevisionModal,
}


def modal_of(row: Transition) -> ModalClass:
    """Return the modal that asks what a row asks."""
    return REASONS.get(row.does) or MODALS[row.asks]


class Naming(Protocol):
    """Says what people are called."""

    async def names(
        self, people: Sequence[PersonId], organisations: Sequence[OrganisationId]
    ) -> tuple[Mapping[PersonId, str], Mapping[OrganisationId, str]]:
        """Return names by id; unknown ones are left out."""
        ...


async def choices(people: Naming, now: DecisionContext, row: Transition) -> dict[str, Any]:
    """Return what the modal of a row is built with besides the case."""
    match row.asks:
        case Asks.CERTIFICATE:
            return {"attestants": await attestants(people, now), "absent": await _absent(people, now)}
        case Asks.CONFIRMATION if row.does is Action.RECUSE:
            counted = that_count(replace(now, part=row.who))
            return {"has_attested": any(now.person in {each.person, each.principal} for each in counted)}
        case Asks.CONFIRMATION:
            return {"absent": await _absent(people, now)}
        case Asks.COLLEAGUE:
            return {"colleagues": await colleagues_of(people, now)}
        case Asks.INSTRUCTIONS:
            return {"recipients": await _recipients(people, now), "earlier": _sent_to(now)}
        case Asks.REASON if row.does is Action.EMERGENCY_ATTEST:
            return {"told": [name for _, name in await _told(people, now)]}
    return {}


async def attestants(people: Naming, now: DecisionContext) -> list[Named]:
    """Return those whom an approval may choose to attest after it, by name."""
    return await by_name(people, may_attest_after(now))


async def colleagues_of(people: Naming, now: DecisionContext) -> list[Named]:
    """Return those who may decide instead, by name."""
    return await by_name(people, colleagues(now))


async def by_name(people: Naming, ids: Sequence[PersonId]) -> list[Named]:
    """Return people with their names, in the order of names."""
    names, _ = await people.names(ids, [])
    return sorted(((each, names[each]) for each in ids if each in names), key=lambda pair: pair[1].casefold())


async def _recipients(people: Naming, now: DecisionContext) -> list[Named]:
    """Return those who may get instructions, the orderer first."""
    found, orderer = recipients(now), now.case.orderer
    first, others = [each for each in found if each == orderer], [each for each in found if each != orderer]
    return [*await by_name(people, first), *await by_name(people, others)]


def _sent_to(now: DecisionContext) -> PersonId | None:
    """Return whom instructions went to last, None where the person who ordered got them, or nobody yet."""
    sent = (each for each in reversed(now.case.decisions) if each.action in SENDS)
    return next((each.to for each in sent), None)


async def _told(people: Naming, now: DecisionContext) -> list[Named]:
    """Return those who could have attested instead of a reserve attestant, who will hear of it."""
    part = PART_WAITED_FOR.get(now.case.state, Part.CLOCK)
    could = (each.person for each in (*now.case.asked, *eligible(now, part)))
    return await by_name(people, [each for each in dict.fromkeys(could) if each != now.person])


async def _absent(people: Naming, now: DecisionContext) -> str | None:
    absent = now.grant and now.grant.absent
    if absent is None:
        return None
    names, _ = await people.names([absent], [])
    return names.get(absent)
