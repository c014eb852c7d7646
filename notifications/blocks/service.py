"""Customer service's card in its channel: what to do, for whom, who has taken it, and for how long it has waited."""

from core.api import STOCKHOLM, Action, Flow, State, working_days_between
from notifications.blocks import parts
from notifications.blocks.facts import Message
from notifications.blocks.parts import Block, Element, bold, words
from notifications.blocks.sheet import Row, Sheet
from notifications.blocks.words import CURRENT, DONE, MARKS
from notifications.texts import counted, say

UNITS_SHOWN = 5


def customer_service(sheet: Sheet) -> Message:
    """What is to be done and everything it takes, the buttons to take it and do it; who did it, once it is done."""
    key = f"customer_service.{sheet.view.flow}"
    title = parts.header(sheet.words.say(f"{key}.title"))
    waits = sheet.view.state is State.AWAITING_CUSTOMER_SERVICE
    if not waits:
        return _done(sheet, title)
    recipient = _recipient(sheet)
    todo = parts.rich([bold(f"{CURRENT} "), *sheet.words.rich(f"{key}.todo", recipient=recipient)], _handled_by(sheet))
    blocks = [title, todo, *parts.facts(_rows(sheet)), sheet.chain(), *sheet.buttons()]
    return Message(sheet.words.say(f"{key}.text"), [*blocks, sheet.print(_hint(sheet))])


def _recipient(sheet: Sheet) -> str:
    return sheet.words.say(f"customer_service.recipient.{sheet.view.flow}")


def _handled_by(sheet: Sheet) -> list[Element]:
    return [words(f"{sheet.words.field('claimed')}: "), bold(_handler(sheet))]


def _handler(sheet: Sheet) -> str:
    if not sheet.view.is_claimed:
        return say(sheet.language, "value.nobody")
    claimed_by = sheet.view.claimed_by
    return parts.on_one_line(claimed_by) if claimed_by else say(sheet.language, "value.somebody")


def _rows(sheet: Sheet) -> list[Row]:
    recipient = sheet.words.field("recipient"), _recipient(sheet)
    rows = [recipient, *sheet.contact(), sheet.customer(), *sheet.category(), sheet.offer()]
    if sheet.view.flow is Flow.VIA_AGENT or sheet.view.named_agent:
        rows.append(sheet.connection())
    rows += [sheet.words.units(UNITS_SHOWN), *sheet.start(), *_reference(sheet), _waited(sheet)]
    return rows


def _reference(sheet: Sheet) -> list[Row]:
    reference = sheet.view.external_case_ref
    return [(sheet.words.field("external_ref"), parts.on_one_line(reference))] if reference else []


def _waited(sheet: Sheet) -> Row:
    since = sheet.words.since()
    if sheet.card.at is None:
        return sheet.words.field("waited"), say(sheet.language, "value.since", since=since)
    start, now = (each.astimezone(STOCKHOLM).date() for each in (sheet.view.waiting_since, sheet.card.at))
    days = working_days_between(start, now)
    text = counted(sheet.language, "value.working_days", days) if days else say(sheet.language, "value.today")
    return sheet.words.field("waited"), say(sheet.language, "value.waited", days=text, since=since)


def _hint(sheet: Sheet) -> str:
    claims = any(row.does is Action.CLAIM for row in sheet.offers)
    return say(sheet.language, "customer_service.claim_first" if claims else "customer_service.template")


def _done(sheet: Sheet, title: Block) -> Message:
    last = sheet.view.last
    text = sheet.words.say("customer_service.text_done")
    if last is None or last.action is None:
        return Message(text, [title, sheet.chain(), sheet.print()])
    verdict = parts.rich([bold(f"{MARKS.get(last.action, DONE)} {sheet.words.decided(last)}")])
    rows = [sheet.customer(), sheet.offer(), sheet.connection()]
    buttons = parts.actions([sheet.details()])
    return Message(text, [title, verdict, *parts.facts(rows), sheet.chain(), *buttons, sheet.print()])
