"""The cards that only say that something has happened, since an edit of the card that shows it notifies nobody."""

from notifications.blocks import parts
from notifications.blocks.facts import Message, Stands
from notifications.blocks.parts import bold, words
from notifications.blocks.sheet import Sheet
from notifications.blocks.words import CURRENT, DONE
from notifications.texts import say


def hold(sheet: Sheet) -> Message:
    """Customer service has paused the order, and why; less once it goes on."""
    if not sheet.view.is_held or sheet.card.step != sheet.view.step:
        return _nudge(sheet, "hold_card.over", DONE)
    quoted = [parts.quote(sheet.words.field("hold"), sheet.view.hold)] if sheet.view.hold else []
    return _nudge(sheet, "hold_card.held", CURRENT, *quoted)


def resumed(sheet: Sheet) -> Message:
    """Customer service works with the order again."""
    return _nudge(sheet, "hold_card.resumed", DONE)


def handed_over(sheet: Sheet) -> Message:
    """A colleague has left it to the reader, who was asked already, to decide; less once that is over."""
    if sheet.card.handed_by is None or sheet.card.stands is not Stands.LIVE or sheet.card.step != sheet.view.step:
        title, lead = parts.header(sheet.words.say("decided.title")), say(sheet.language, "decided.elsewhere")
        return Message(lead, [title, parts.rich([words(lead)]), *_rest(sheet)])
    who = parts.on_one_line(sheet.card.handed_by)
    title = parts.header(sheet.words.say("handed_over.title"))
    lead = parts.rich(sheet.words.rich("handed_over.lead", who=who), [words(say(sheet.language, "handed_over.todo"))])
    return Message(sheet.words.say("handed_over.lead", who=who), [title, lead, *_rest(sheet)])


def _nudge(sheet: Sheet, key: str, mark: str, *more: parts.Block) -> Message:
    text = sheet.words.say(f"{key}.text")
    lead = parts.rich([bold(f"{mark} {text}"), words(" " + sheet.words.say(f"{key}.next"))])
    title = parts.header(sheet.words.say(f"{key}.title"))
    return Message(text, [title, lead, *sheet.lines(sheet.of_another()), *more, *_rest(sheet)])


def _rest(sheet: Sheet) -> list[parts.Block]:
    facts = parts.facts([sheet.offer(), sheet.customer()])
    return [*facts, *parts.actions([sheet.details()]), parts.small(sheet.words.number())]
