"""The orderer's one living card: where the order is, who has it now, and what happens next."""

from collections.abc import Iterator

from core.api import Flow, State
from notifications.blocks import parts
from notifications.blocks.facts import Message
from notifications.blocks.parts import Block, bold, words
from notifications.blocks.sheet import Sheet
from notifications.blocks.words import CURRENT, DONE, MARKS
from notifications.texts import say, say_first


def status(sheet: Sheet) -> Message:
    """Received, where it is, since when, what follows, and what the orderer can do."""
    title = parts.header(sheet.words.say("status.title"))
    blocks = [title, _now(sheet), *_reason(sheet), *parts.facts(_rows(sheet)), *_units(sheet)]
    blocks += [*([] if sheet.is_over else [parts.rich(sheet.words.cost_line())]), sheet.chain(), *sheet.buttons()]
    state = say(sheet.language, f"state.{sheet.view.state}")
    contact = say(sheet.language, "small.contact")
    return Message(sheet.words.say("status.text", state=state), [*blocks, sheet.print(contact)])


def _now(sheet: Sheet) -> Block:
    text = _by_flow(sheet, "status.waits")
    return parts.rich([bold(f"{_mark(sheet)} {text}"), words(" " + _by_flow(sheet, "status.next"))])


def _by_flow(sheet: Sheet, key: str) -> str:
    """The state's sentence, in the flow's own words where the flows differ."""
    view, language, last = sheet.view, sheet.language, sheet.view.last
    found = (f"{key}.{view.state}.{view.flow}", f"{key}.{view.state}")
    who, at = ("", "") if last is None else (sheet.words.who(last), sheet.words.at(last))
    return say_first(language, found, **sheet.words.names, since=sheet.words.since(), who=who, at=at)


def _mark(sheet: Sheet) -> str:
    last = sheet.view.last
    if not sheet.is_over or last is None or last.action is None:
        return CURRENT
    return MARKS.get(last.action, DONE)


def _reason(sheet: Sheet) -> list[Block]:
    last = sheet.view.last
    return [] if last is None or sheet.view.state is not State.REJECTED else list(sheet.reason(last))


def _units(sheet: Sheet) -> Iterator[Block]:
    return parts.notes(*sheet.words.unit_names())


def _rows(sheet: Sheet) -> list[tuple[str, str]]:
    rows = [sheet.offer(), sheet.customer("for")]
    if sheet.view.flow is Flow.VIA_AGENT or sheet.view.named_agent:
        rows.append(sheet.connection())
    return rows
