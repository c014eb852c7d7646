"""Every modal, for those who open them, and which one belongs to a row of the flows table.

Block ids are the core's field names, so that what the core says of a field is shown at it.
"""

from collections.abc import Mapping

from bot.slack.views.forms import FieldErrors, InputProblem, Typed
from bot.slack.views.notices import HelpModal, NoticeModal, help_message, refusal_message
from bot.slack.views.orders.colleagues import ColleagueModal
from bot.slack.views.orders.decisions import ApproveModal, ConfirmModal, RejectModal
from bot.slack.views.orders.details import DetailsModal
from bot.slack.views.orders.messages import InstructionsModal, MessageModal
from bot.slack.views.orders.order import OrderModal
from bot.slack.views.orders.order_form import OrderAnswers, OrderChoices, OrderForm
from bot.slack.views.orders.questions import AnswerModal, QuestionModal
from bot.slack.views.orders.reasons import CancelModal, EmergencyModal, HoldModal
from bot.slack.views.orders.revision import RevisionModal
from bot.slack.views.organisations.absences import SubstituteModal
from bot.slack.views.organisations.holdings import AgreementLinkModal, HoldingsModal
from bot.slack.views.organisations.register_forms import InvoiceModal, RulesModal
from bot.slack.views.organisations.role_forms import EndRoleModal, GrantModal, RenameModal, RoleModal, UnlinkModal
from bot.slack.views.organisations.screens import OrganisationModal, OrganisationsModal, PeopleModal, PersonModal
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
    "InputProblem",
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
    "QuestionModal",
    "RejectModal",
    "RenameModal",
    "RevisionModal",
    "RoleModal",
    "RulesModal",
    "SubstituteModal",
    "Typed",
    "UnlinkModal",
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
