"""Every modal, for those who open them, and which one belongs to a row of the flows table.

Block ids are the core's field names, so that what the core says of a field is shown at it.
"""

from collections.abc import Mapping

from bot.views.absences import SubstituteModal
from bot.views.colleagues import ColleagueModal
from bot.views.decisions import ApproveModal, ConfirmModal, RejectModal
from bot.views.details import DetailsModal
from bot.views.forms import FieldErrors, Problem, StateValues, View
from bot.views.holdings import AgreementLinkModal, HoldingsModal
from bot.views.messages import InstructionsModal, MessageModal
from bot.views.notices import HelpModal, NoticeModal, help_message, refusal_message
from bot.views.order import OrderModal
from bot.views.order_form import OrderAnswers, OrderChoices, OrderForm
from bot.views.questions import AnswerModal, QuestionModal
from bot.views.reasons import CancelModal, EmergencyModal, HoldModal
from bot.views.register_forms import InvoiceModal, RulesModal
from bot.views.revision import RevisionModal
from bot.views.role_forms import EndRoleModal, GrantModal, RenameModal, RoleModal, UnlinkModal
from bot.views.screens import OrganisationModal, OrganisationsModal, PeopleModal, PersonModal
from core.api import Action, Asks, Transition

__all__ = [
    "BY_CALLBACK",
    "FORMS",
    "AgreementLinkModal",
    "AnswerModal",
    "ApproveModal",
    "CancelModal",
    "ColleagueModal",
    "ConfirmModal",
    "DetailsModal",
    "EmergencyModal",
    "EndRoleModal",
    "FieldErrors",
    "GrantModal",
    "HelpModal",
    "HoldModal",
    "HoldingsModal",
    "InstructionsModal",
    "InvoiceModal",
    "MessageModal",
    "NoticeModal",
    "OrderAnswers",
    "OrderChoices",
    "OrderForm",
    "OrderModal",
    "OrganisationModal",
    "OrganisationsModal",
    "PeopleModal",
    "PersonModal",
    "Problem",
    "QuestionModal",
    "RejectModal",
    "RenameModal",
    "RevisionModal",
    "RoleModal",
    "RulesModal",
    "StateValues",
    "SubstituteModal",
    "UnlinkModal",
    "View",
    "help_message",
    "modal_of",
    "refusal_message",
]

ModalClass = (
    type[ConfirmModal | RejectModal | ApproveModal | QuestionModal | AnswerModal | ColleagueModal | InstructionsModal]
    | type[HoldModal]
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
FORMS: Mapping[str, type[OrderModal] | type[RevisionModal]] = {
    OrderModal.CALLBACK: OrderModal,
    RevisionModal.CALLBACK: RevisionModal,
}


def modal_of(row: Transition) -> ModalClass:
    """The modal that asks what a row asks."""
    return REASONS.get(row.does) or MODALS[row.asks]
