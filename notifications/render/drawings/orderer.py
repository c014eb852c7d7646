"""The orderer's cards: the living one with where the order is, and the one that asks for a completion."""

from collections.abc import Iterator

from core.api import TRAITS, Action, State, StepView
from notifications.render.drawings.answered import answered
from notifications.render.model import Block, Bold, CardMessage, Line
from notifications.render.pieces import parts, summary
from notifications.render.pieces.chain import attests
from notifications.render.pieces.facts import CardStanding
from notifications.render.pieces.prices import changed_price, coming_price
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.words import CURRENT, DONE, MARKS, SENT
from notifications.texts import say, when

# Whose decision ended the order with a reason that the orderer must read.
ENDED_WITH_A_REASON = frozenset({State.REJECTED, State.CANCELLED})
QUESTION_SHOWN = 2_000


def status(sheet: Sheet) -> CardMessage:
    """Received, where it is, since when, what follows, and what the orderer can do."""
    words, contact = sheet.words, say(sheet.language, "small.contact")
    news = sheet.lines(
        sheet.of_another(),
        sheet.blocked(),
        summary.limited(words),
        sheet.version(),
        sheet.reserves(),
        *_price(sheet),
        attests(words, with_asked=False),
    )
    blocks = [
        parts.header(words.say("status.title")),
        _now(sheet),
        *_held(sheet),
        *_reason(sheet),
        # Through which agent stands above, where that says so.
        _facts(sheet, with_agent=words.names["agent"] not in _by_flow(sheet, "status.waits") + _next(sheet)),
        *news,
    ]
    blocks += [*sheet.buttons(), sheet.print_of_course(contact)]
    return CardMessage(words.say("status.text", state=words.state), blocks)


def completion(sheet: Sheet) -> CardMessage:
    """Asks the orderer for a completion: who asks, what, until when, and what can be done about it."""
    asked = sheet.view.question
    if asked is None or sheet.card.stands is not CardStanding.LIVE:
        return answered(sheet)
    who, title = sheet.words.who_begins(asked), parts.header(sheet.words.say("completion.title"))
    lead = sheet.lines(iter([sheet.words.rich("completion.lead", who=who)]), sheet.of_another(), sheet.until())
    # Once its words are purged, there is no question to show.
    quoted = [parts.quote(sheet.words.field("question"), asked.message, QUESTION_SHOWN)] if asked.message else []
    blocks = [title, *lead, *quoted, _facts(sheet), *sheet.buttons()]
    # Until when stands above.
    todo = sheet.words.say(f"completion.todo.{'with' if _has_agent(sheet) else 'without'}_agent")
    small = parts.small(todo, sheet.words.number())
    return CardMessage(sheet.words.say("completion.text", who=who), [*blocks, small])


def keep_or_withdraw(sheet: Sheet) -> CardMessage:
    """Asks the orderer whether to keep what nobody has answered, and says what follows; less once that is done."""
    words = sheet.words
    if sheet.card.stands is not CardStanding.LIVE:
        return answered(sheet)
    if all(each.does is not Action.KEEP for each in sheet.offers):
        said = words.say("keep_or_withdraw.kept")
        lead = parts.rich([Bold(f"{DONE} {said}"), " " + words.say("keep_or_withdraw.anew")], *sheet.of_another())
    else:
        said = words.say("keep_or_withdraw.lead", whom=summary.waited_for(words), since=words.since())
        lead = parts.rich([Bold(f"{CURRENT} {said}")], *sheet.of_another(), summary.to_keep(words))
    # What it costs whoever ordered has seen, and it changes nothing here.
    ordered = parts.rich(summary.ordered(words), summary.units(words))
    blocks = [parts.header(words.say("keep_or_withdraw.title")), lead, ordered, *sheet.buttons()]
    return CardMessage(said, [*blocks, parts.small(words.number())])


def _now(sheet: Sheet) -> Block:
    text = _by_flow(sheet, "status.waits")
    how_far = "" if sheet.is_over else f" {summary.progress(sheet.words)}."
    return parts.rich([Bold(f"{_mark(sheet)} {text}"), f"{how_far} {_next(sheet)}", *_nudged(sheet)])


def _next(sheet: Sheet) -> str:
    return _by_flow(sheet, "status.next")


def _nudged(sheet: Sheet) -> Line:
    """Return when whoever ordered has reminded those who are to answer, the last time."""
    if sheet.view.nudged_at is None or sheet.is_over:
        return []
    return [" ", *sheet.words.rich("status.nudged", at=when(sheet.language, sheet.view.nudged_at))]


def _by_flow(sheet: Sheet, key: str) -> str:
    """The sentence of the state: of whom instructions reached instead, in the words of the flow, or of any flow."""
    view, last = sheet.view, sheet.view.last
    found = [f"{key}.{view.state}.{view.flow}", f"{key}.{view.state}"]
    if _went_to_another(sheet):
        found.insert(0, f"{key}.{view.state}_to_another")
    if _is_approved_anew(sheet):
        found.insert(0, f"{key}.{view.state}_anew")
    said = {"since": sheet.words.since(), "whom": summary.waited_for(sheet.words), "who": "", "at": "", "to": ""}
    if last is not None:
        said |= {"who": sheet.doer(last), "at": sheet.words.at(last), "to": _recipient(sheet, last)}
    return sheet.words.say(*found, **said)


def _recipient(sheet: Sheet, last: StepView) -> str:
    """Return whom the instructions went to: the orderer, unless customer service chose somebody else."""
    if _is_to_another(last):
        return parts.on_one_line(last.to or "")
    return sheet.words.names["orderer"] if sheet.card.is_of_another else say(sheet.language, "why.to_you")


def _went_to_another(sheet: Sheet) -> bool:
    """Say whether customer service sent the instructions to somebody else than the person who ordered."""
    last = sheet.view.last
    return last is not None and last.action in SENT and _is_to_another(last)


def _is_to_another(step: StepView) -> bool:
    return step.to is not None and not step.went_to_orderer


def _is_approved_anew(sheet: Sheet) -> bool:
    """True while the agent is to approve once more what it had approved; why is the agent's own matter."""
    view = sheet.view
    before = [each for each in view.steps if each.action is Action.APPROVE]
    is_void = any(not each.counts and each.content_version == view.content_version for each in before)
    return is_void and view.state is State.AWAITING_AGENT_APPROVAL


def _mark(sheet: Sheet) -> str:
    last = sheet.view.last
    if not sheet.is_over or last is None or last.action is None:
        return CURRENT
    return MARKS.get(last.action, DONE)


def _reason(sheet: Sheet) -> list[Block]:
    last = sheet.view.last
    return [] if last is None or sheet.view.state not in ENDED_WITH_A_REASON else list(sheet.reason(last))


def _held(sheet: Sheet) -> Iterator[Block]:
    if sheet.view.is_held:
        yield parts.rich([Bold(sheet.words.say("status.held"))])
    if sheet.view.hold:
        yield parts.quote(sheet.words.field("hold"), sheet.view.hold)


def _price(sheet: Sheet) -> tuple[Iterator[Line], ...]:
    """Return what differs from the price that was ordered for, until the order is over."""
    if sheet.is_over:
        return ()
    return changed_price(sheet.words), coming_price(sheet.words)


def _facts(sheet: Sheet, *, with_agent: bool = True) -> Block:
    words = sheet.words
    ordered = summary.ordered(words, with_agent=with_agent)
    return parts.rich(summary.decides(words, with_orderer=False), ordered, summary.units(words))


def _has_agent(sheet: Sheet) -> bool:
    """Say whether an agent takes part, or is named."""
    return TRAITS[sheet.view.flow].asks_for_agent or sheet.view.named_agent is not None
