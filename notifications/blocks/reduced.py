"""What is left of a card when its order was closed long ago: a line without amounts, references or contacts."""

from notifications.blocks import parts
from notifications.blocks.facts import Message
from notifications.blocks.sheet import Sheet
from notifications.texts import day


def reduced(sheet: Sheet) -> Message:
    """Which order it was, and how and when it ended."""
    said = {
        "state": sheet.words.state,
        "day": day(sheet.language, sheet.view.closed_at or sheet.view.waiting_since),
    }
    return Message(sheet.words.say("reduced.line", **said), [parts.rich(sheet.words.rich("reduced.line", **said))])
