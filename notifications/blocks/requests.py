"""The cards that ask somebody to decide: the agent's orderer, the agent's attestant, the customer's attestant."""

from collections.abc import Iterator

from core.api import Part, StepView
from notifications.blocks import parts
from notifications.blocks.facts import Message
from notifications.blocks.parts import Block, bold, words
from notifications.blocks.sheet import Row, Sheet
from notifications.blocks.words import DONE, MARKS, UNITS_SHOWN
from notifications.texts import say


def agent_approval(sheet: Sheet) -> Message:
    """Asks the agent's orderer: which customer, which service and units, what is certified, what follows."""
    rows = [sheet.customer(), *sheet.category(), sheet.service(), *sheet.start()]
    notes = [*sheet.words.unit_list(), *sheet.contact()]
    hints = [sheet.words.say("agent_approval.check"), sheet.words.say("effect.agent_approval")]
    if sheet.view.handles_personal_data:
        hints.insert(1, sheet.words.say("agent_approval.personal_data"))
    return _request(sheet, "agent_approval", rows, notes, hints)


def agent_attest(sheet: Sheet) -> Message:
    """Asks the agent's attestant: what the own handler approved, and what it commits the agent to."""
    rows = [sheet.customer(), sheet.service(), *sheet.start(), *_approved(sheet)]
    notes = list(sheet.words.unit_list())
    return _request(sheet, "agent_attest", rows, notes, [sheet.words.say("effect.agent_attest")])


def customer_attest(sheet: Sheet) -> Message:
    """Asks the customer's attestant: what, for whom, for how much, who ordered it and why."""
    rows = [sheet.offer(), sheet.connection(), sheet.customer("for"), sheet.ordered_by()]
    rows += [*sheet.invoice(), *sheet.start()]
    notes = [*_units(sheet), *sheet.comment()]
    hints = [sheet.words.say(f"effect.customer_attest.{sheet.view.flow}")]
    return _request(sheet, "customer_attest", rows, notes, hints)


def _request(sheet: Sheet, kind: str, rows: list[Row], notes: list[Row], hints: list[str]) -> Message:
    if not sheet.offers:
        return _answered(sheet)
    title = parts.header(sheet.words.say(f"{kind}.title"))
    blocks = [title, *parts.facts(rows), *parts.notes(*notes), _commitment(sheet), sheet.chain()]
    blocks += [*sheet.buttons(), sheet.print(*hints)]
    return Message(sheet.words.say(f"{kind}.text"), blocks)


def _commitment(sheet: Sheet) -> Block:
    acting = sheet.words.rich(f"acting.{sheet.card.part}") + sheet.terms()
    return parts.rich(sheet.words.cost_line(), acting)


def _units(sheet: Sheet) -> Iterator[Row]:
    """A few with their HSA-ids, many by name."""
    return sheet.words.unit_list() if len(sheet.view.units) <= UNITS_SHOWN else sheet.words.unit_names()


def _approved(sheet: Sheet) -> Iterator[Row]:
    """Who at the agent approved, and when."""
    step = _step_of(sheet, Part.AGENT_HANDLER)
    if step is not None:
        who_when = say(sheet.language, "value.who_when", who=sheet.words.who(step), at=sheet.words.at(step))
        yield sheet.words.field("approved_by"), who_when


# --- once it is decided


def _answered(sheet: Sheet) -> Message:
    """The question is answered: who did it, when, and that nothing more is to be done. No buttons, no amounts.

    It is painted for the last time now, so it holds only what stays true: no chain of steps, no expiry.
    """
    step = _step_of(sheet, sheet.card.part) or (sheet.view.last if sheet.is_over else None)
    title, lines = parts.header(sheet.words.say("decided.title")), _verdict(sheet, step)
    blocks = [title, parts.rich(lines), *(sheet.reason(step) if step else ())]
    blocks += [*parts.facts([sheet.offer(), sheet.customer()]), parts.small(sheet.words.number())]
    return Message("".join(each["text"] for each in lines), blocks)


def _verdict(sheet: Sheet, step: StepView | None) -> list[parts.Element]:
    nothing = words(" " + say(sheet.language, "decided.nothing_to_do"))
    if step is None or step.action is None:
        return [bold(say(sheet.language, "decided.elsewhere")), nothing]
    return [bold(f"{MARKS.get(step.action, DONE)} {sheet.words.decided(step)}"), nothing]


def _step_of(sheet: Sheet, part: Part) -> StepView | None:
    """The decided step of a part."""
    return next((each for each in sheet.view.steps if each.part is part and each.action is not None), None)
