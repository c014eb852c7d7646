"""The cards that say how it went: instructions, the agent may begin, and every other end."""

from collections.abc import Iterator

from core.api import TO_CONFIRM, TRAITS, Action, Part, ReasonCode, Side, State, StepView
from notifications.render.model import Block, Bold, CardMessage, Line
from notifications.render.pieces import parts
from notifications.render.pieces.sheet import Row, Sheet
from notifications.render.pieces.words import CURRENT, DONE, MARKS
from notifications.texts import say

UNITS_SHOWN = 8


def instructions(sheet: Sheet) -> CardMessage:
    """Return how to get access, in customer service's own words, to the orderer."""
    title = parts.header(sheet.words.say("instructions.title"))
    lead = parts.rich(_lead(sheet, "instructions.lead"), *sheet.of_another(), *_again(sheet))
    rows = [sheet.offer(), *_questions(sheet)]
    return _with_message(sheet, "instructions.text", [title, lead], rows)


def _again(sheet: Sheet) -> Iterator[Line]:
    last = sheet.view.last
    if last is not None and last.action is Action.SEND_AGAIN:
        yield sheet.words.rich("instructions.again", at=sheet.words.at(last))


def _lead(sheet: Sheet, key: str, **said: str) -> Line:
    """Return what is to be done; how it went, once somebody has confirmed it, or called it off."""
    last = sheet.view.last
    if last is not None and last.state in TO_CONFIRM and sheet.is_over and last.action is not Action.SEND_AGAIN:
        return _verdict(sheet, last)
    mark = CURRENT if sheet.words.is_to_confirm else DONE
    todo = [" ", sheet.words.say("confirming.todo")] if sheet.confirms() else []
    return [Bold(f"{mark} "), *sheet.words.rich(key, **said), *todo]


def agent_start(sheet: Sheet) -> CardMessage:
    """Return the agent may begin: since when, which order, which units, whom to ask."""
    informed = next((step for step in reversed(sheet.view.steps) if step.action is Action.INFORM_AGENT), None)
    at = sheet.words.since() if informed is None else sheet.words.at(informed)
    title = parts.header(sheet.words.say("agent_start.title"))
    lead = parts.rich(_lead(sheet, "agent_start.lead", at=at))
    rows = [(sheet.words.field("number"), sheet.words.names["number"]), sheet.customer(), sheet.offer()]
    rows += [*sheet.start(), *_questions(sheet)]
    return _with_message(sheet, "agent_start.text", [title, lead], rows)


def contact_instructions(sheet: Sheet) -> CardMessage:
    """Return how to get access, to the technical contact of the order, who may be nobody here."""
    title = parts.header(sheet.words.say("instructions.title"))
    lead = parts.rich(sheet.words.rich("instructions.to_contact"), *_again(sheet))
    return _to_contact(sheet, "instructions.text", [title, lead])


def contact_start(sheet: Sheet) -> CardMessage:
    """That the agent may begin, to the technical contact at the customer, whom it may get in touch with."""
    title = parts.header(sheet.words.say("agent_start.contact_title"))
    return _to_contact(sheet, "agent_start.text", [title, parts.rich(sheet.words.rich("agent_start.to_contact"))])


def outcome(sheet: Sheet) -> CardMessage:
    """Return the order ended in another way: how, who decided it and why, and what that means for the reader."""
    has_come = sheet.is_over or sheet.words.is_to_confirm
    key = f"outcome.{sheet.view.state if has_come else 'open'}"
    title = parts.header(sheet.words.say(f"{key}.title"))
    last = sheet.view.last if has_come else None
    is_to_do = sheet.words.is_to_confirm and sheet.card.part is Part.ORDERER
    effect = sheet.words.rich(f"{key}.{Part.ORDERER if is_to_do else sheet.view.side}")
    lines = parts.rich(_verdict(sheet, last), effect, _hint(sheet, last), *sheet.of_another(), *sheet.reserves())
    blocks = [title, lines, *(sheet.reason(last) if last else ()), *parts.facts(_rows(sheet)), sheet.chain()]
    text = sheet.words.say("outcome.text", state=sheet.words.state)
    if sheet.is_over and sheet.view.last_day is not None:
        # Some of the units may go on.
        blocks[-1:-1] = parts.notes(*sheet.words.unit_list(UNITS_SHOWN))
    return CardMessage(text, [*blocks, *_buttons(sheet), sheet.print()])


def _to_contact(sheet: Sheet, key: str, blocks: list[Block]) -> CardMessage:
    """Return what technology is about and no more: neither what it costs, nor who ordered and decided."""
    rows = [sheet.customer(), sheet.offer(), *sheet.start(), *_questions(sheet)]
    blocks += [*_said(sheet), *parts.facts(rows), *parts.notes(*sheet.words.unit_list(UNITS_SHOWN))]
    return CardMessage(sheet.words.say(key), [*blocks, parts.small(sheet.words.number())])


def _said(sheet: Sheet) -> Iterator[Block]:
    if sheet.view.message:
        yield parts.linked(sheet.words.field("message"), sheet.view.message)
    if routines := sheet.words.routines():
        yield parts.rich(routines)


def _with_message(sheet: Sheet, key: str, blocks: list[Block], rows: list[Row]) -> CardMessage:
    blocks += _said(sheet)
    notes = parts.notes(*sheet.words.unit_list(UNITS_SHOWN), *sheet.contact())
    blocks += [*parts.facts(rows), *notes, *parts.actions([*sheet.confirms(), sheet.details()]), sheet.print()]
    return CardMessage(sheet.words.say(key), blocks)


def _questions(sheet: Sheet) -> list[Row]:
    return [(sheet.words.field("questions"), say(sheet.language, "value.questions"))]


def _verdict(sheet: Sheet, last: StepView | None) -> Line:
    if last is None or last.action is None:
        return []
    return [Bold(f"{MARKS.get(last.action, DONE)} {sheet.decided(last)}")]


def _hint(sheet: Sheet, last: StepView | None) -> Line:
    wrong_agent = last is not None and last.reason_code is ReasonCode.NOT_OUR_CUSTOMER
    return sheet.words.rich("outcome.not_our_customer") if wrong_agent and sheet.view.side is Side.CUSTOMER else []


def _rows(sheet: Sheet) -> list[Row]:
    return [sheet.offer(), sheet.customer(), sheet.connection()]


def _buttons(sheet: Sheet) -> list[Block]:
    ended_unheard = sheet.view.state in {State.REJECTED, State.EXPIRED, State.CANCELLED}
    buttons = [*sheet.confirms(), sheet.details()]
    is_offered = TRAITS[sheet.view.flow].is_offered
    if is_offered and ended_unheard and sheet.card.part is Part.ORDERER:
        buttons.insert(0, parts.button(sheet.language, "order_again", sheet.pointer.value()))
    return list(parts.actions(buttons))
