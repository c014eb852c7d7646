"""Which form belongs to a row of the flows table.

Inputs are named as the core's fields, so that what the core says of a field is shown at it.
"""

from collections.abc import Mapping

from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal, ConfirmModal, RejectModal
from bot.forms.orders.ending import EndModal
from bot.forms.orders.messages import InstructionsModal, LastDayModal, MessageModal
from bot.forms.orders.order import OrderModal
from bot.forms.orders.questions import AnswerModal, QuestionModal
from bot.forms.orders.reasons import CancelModal, EmergencyModal, HoldModal
from bot.forms.orders.revision import RevisionModal
from core.api import Action, Asks, Transition

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
