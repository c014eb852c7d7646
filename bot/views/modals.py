"""Every modal, for those who open them."""

from bot.views.decisions import ApproveModal, ConfirmModal, RejectModal
from bot.views.forms import FieldErrors, Problem, StateValues, View
from bot.views.messages import InstructionsModal, MessageModal
from bot.views.notices import DetailsModal, HelpModal, NoticeModal, help_message
from bot.views.order import OrderModal
from bot.views.order_form import OrderAnswers, OrderChoices, OrderForm

__all__ = [
    "ApproveModal",
    "ConfirmModal",
    "DetailsModal",
    "FieldErrors",
    "HelpModal",
    "InstructionsModal",
    "MessageModal",
    "NoticeModal",
    "OrderAnswers",
    "OrderChoices",
    "OrderForm",
    "OrderModal",
    "Problem",
    "RejectModal",
    "StateValues",
    "View",
    "help_message",
]
