"""Which drawing belongs to which kind of card."""

from collections.abc import Callable

from core.api import CaseView, Language
from notifications.render.drawings import (
    accounts,
    alarms,
    applications,
    letters,
    nudges,
    orderer,
    outcomes,
    register,
    requests,
    service,
    weekly,
)
from notifications.render.drawings.answered import answered
from notifications.render.model import CardMessage
from notifications.render.pieces.facts import CardFacts, CardStanding
from notifications.render.pieces.parts import BETWEEN, on_one_line, small
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.words import CaseWords
from notifications.rules.announcements import CardKind
from notifications.texts import say

TEXT_LIMIT = 1_000

DRAWINGS: dict[CardKind, Callable[[Sheet], CardMessage]] = {
    CardKind.STATUS: orderer.status,
    CardKind.AGENT_APPROVAL: requests.agent_approval,
    CardKind.AGENT_ATTEST: requests.agent_attest,
    CardKind.CUSTOMER_ATTEST: requests.customer_attest,
    CardKind.CUSTOMER_SERVICE: service.customer_service,
    CardKind.ASSIGNMENT_REVIEW: service.assignment_review,
    CardKind.INSTRUCTIONS: outcomes.instructions,
    CardKind.AGENT_START: outcomes.agent_start,
    CardKind.CONTACT_INSTRUCTIONS: outcomes.contact_instructions,
    CardKind.CONTACT_START: outcomes.contact_start,
    CardKind.CONFIRMING: nudges.confirming,
    CardKind.REMINDER: nudges.reminder,
    CardKind.STANDSTILL: alarms.standstill,
    CardKind.KEEP_OR_WITHDRAW: orderer.keep_or_withdraw,
    CardKind.PROGRESS: nudges.progress,
    CardKind.OUTCOME: outcomes.outcome,
    CardKind.COMPLETION: orderer.completion,
    CardKind.BLOCKED: alarms.blocked,
    CardKind.EMERGENCY: alarms.emergency,
    CardKind.RECEIPT: alarms.receipt,
    CardKind.UNATTENDED: alarms.unattended,
    CardKind.OVERDUE: alarms.overdue,
    CardKind.TAKEN_OVER: nudges.taken_over,
    CardKind.HOLD: nudges.hold,
    CardKind.RESUMED: nudges.resumed,
    CardKind.HANDED_OVER: nudges.handed_over,
    CardKind.APPLICATION: applications.application,
    CardKind.NEW_ADMINISTRATOR: applications.new_administrator,
    **letters.LETTERS,
}

WITHOUT_A_CASE: dict[CardKind, Callable[[CardFacts, Language], CardMessage]] = {
    CardKind.LINK: accounts.link,
    CardKind.LINKED: accounts.linked,
    CardKind.UNLINKED: accounts.unlinked,
    CardKind.GUEST: accounts.guest,
    CardKind.SLACK_OFF: accounts.slack_off,
    CardKind.CHANNEL_LOST: accounts.channel_lost,
    CardKind.SUBSTITUTE: nudges.substitute,
    CardKind.DIGEST: nudges.digest,
    CardKind.NOT_READY: alarms.not_ready,
    CardKind.PRICE_MISSING: alarms.price_missing,
    CardKind.WEEKLY_REPORT: weekly.report,
}


def draw_card(card: CardFacts, view: CaseView | None, language: Language) -> CardMessage:
    """Return a card as its reader sees it now. `view` is None for cards about an account.

    `view` must be disclosed to the side of `card.part`: drawing shows whatever the view holds.
    """
    drawn = _draw(card, view, language)
    mark = card.note.get("state", "0") if view is None else view.revision
    blocks = drawn.blocks
    if card.may_stand_twice and view is not None and Sheet(card, view, language).offers:
        blocks = [*blocks, small(say(language, "small.stands_twice"))]
    named = drawn.text if view is None or view.application else _named(drawn.text, view, language)
    return CardMessage(on_one_line(named, TEXT_LIMIT), blocks, mark)


def _named(text: str, view: CaseView, language: Language) -> str:
    """Return the text of a notification with which order it is of, or several of a day would look alike."""
    about = (view.case, on_one_line(CaseWords(view, language).names["service"]))
    missing = BETWEEN.join(each for each in about if each not in text)
    return f"{text} {missing}" if missing else text


def _draw(card: CardFacts, view: CaseView | None, language: Language) -> CardMessage:
    if (drawing := WITHOUT_A_CASE.get(card.kind)) is not None:
        return drawing(card, language)
    if card.told is not None:
        return register.register(card, card.told, language)
    if card.stands is CardStanding.LEFT and view is not None:
        return answered(Sheet(card, view, language))
    if card.is_reduced and view is not None:
        return nudges.reduced(Sheet(card, view, language))
    if card.kind is CardKind.UNDELIVERED:
        return accounts.undelivered(card, view, language)
    if view is None:
        raise LookupError(card.kind)
    return DRAWINGS[card.kind](Sheet(card, view, language))
