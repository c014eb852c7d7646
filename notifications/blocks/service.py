"""Customer service's card in its channel: what to do, for whom, who has taken it, and for how long it has waited."""

from core.api import STOCKHOLM, Action, State, working_days_between
from notifications.blocks import parts
from notifications.blocks.facts import Message
from notifications.blocks.parts import Element, bold, words
from notifications.blocks.sheet import Row, Sheet
from notifications.blocks.words import CURRENT, DONE, MARKS
from notifications.texts import counted, say

UNITS_SHOWN = 5


def customer_service(sheet: Sheet) -> Message:
    """What is to be done and everything it takes, the buttons to take it and do it; who did it, once it is done."""
    key = f"customer_service.{sheet.view.flow}"
    if sheet.view.state is not State.AWAITING_CUSTOMER_SERVICE:
        return _done(sheet)
    title = parts.header(sheet.words.say(f"{key}.title"))
    recipient = _recipient(sheet)
    todo = parts.rich([bold(f"{CURRENT} "), *sheet.words.rich(f"{key}.todo", recipient=recipient)], _handled_by(sheet))
    blocks = [title, todo, *parts.facts(_rows(sheet)), *parts.notes(*_notes(sheet)), sheet.chain()]
    return Message(sheet.words.say(f"{key}.text"), [*blocks, *sheet.buttons(), sheet.print(_hint(sheet))])


def _recipient(sheet: Sheet) -> str:
    return sheet.words.say(f"customer_service.recipient.{sheet.view.flow}")


def _handled_by(sheet: Sheet) -> list[Element]:
    return [words(f"{sheet.words.field('claimed')}: "), bold(_handler(sheet)), words(f".{_waited(sheet)}")]


def _handler(sheet: Sheet) -> str:
    if not sheet.view.is_claimed:
        return say(sheet.language, "value.nobody")
    claimed_by = sheet.view.claimed_by
    return parts.on_one_line(claimed_by) if claimed_by else say(sheet.language, "value.somebody")


def _rows(sheet: Sheet) -> list[Row]:
    rows = [sheet.customer(), *sheet.category(), sheet.offer(), *sheet.invoice(), *sheet.start()]
    if sheet.view.named_agent:
        rows.append(sheet.connection())
    reference = sheet.view.external_case_ref
    return [*rows, (sheet.words.field("external_ref"), parts.on_one_line(reference))] if reference else rows


def _notes(sheet: Sheet) -> list[Row]:
    return [*sheet.words.unit_list(UNITS_SHOWN), *sheet.contact(), *sheet.comment()]


def _waited(sheet: Sheet) -> str:
    """For how long it has waited, in working days, where the card knows what day it is."""
    if sheet.card.at is None:
        return ""
    start, now = (each.astimezone(STOCKHOLM).date() for each in (sheet.view.waiting_since, sheet.card.at))
    days = working_days_between(start, now)
    said = counted(sheet.language, "value.working_days", days) if days else say(sheet.language, "value.today")
    return " " + say(sheet.language, "customer_service.waited", days=said)


def _hint(sheet: Sheet) -> str:
    claims = any(row.does is Action.CLAIM for row in sheet.offers)
    return say(sheet.language, "customer_service.claim_first" if claims else "customer_service.template")


def _done(sheet: Sheet) -> Message:
    title, last = parts.header(sheet.words.say("customer_service.title_done")), sheet.view.last
    text = sheet.words.say("customer_service.text_done")
    if last is None or last.action is None:
        return Message(text, [title, sheet.chain(), sheet.print()])
    verdict = parts.rich([bold(f"{MARKS.get(last.action, DONE)} {sheet.words.decided(last)}")])
    rows = [sheet.customer(), sheet.offer(), sheet.connection()]
    buttons = parts.actions([sheet.details()])
    return Message(text, [title, verdict, *parts.facts(rows), sheet.chain(), *buttons, sheet.print()])
