"""A card whose question is no longer for its reader: what became of it, and that nothing is to be done.

It may be painted for the last time now, so it holds only what stays true: no chain of steps, no expiry.
"""

from collections.abc import Callable, Iterator

from core.api import Action, Block, StepView
from notifications.render.model import Bold, CardMessage, Line, Quote, said_in
from notifications.render.pieces import parts, summary
from notifications.render.pieces.chain import attests
from notifications.render.pieces.facts import CardStanding
from notifications.render.pieces.prices import earlier_cost
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.talk import question
from notifications.render.pieces.words import ASKED_BACK, ATTESTED, DONE, MARKS, VOID
from notifications.texts import say

Lines = Iterator[Line]
NOBODY = frozenset({Block.NOBODY, Block.OVER_LIMIT})


def answered(sheet: Sheet) -> CardMessage:
    """Return the card without its question. One that a newer card replaces is a line that leads there."""
    lines = list(_LINES[sheet.card.stands](sheet))
    text = said_in(lines[0])
    blocks = [parts.header(sheet.words.say("decided.title")), parts.rich(*lines)]
    if sheet.card.stands in {CardStanding.LIVE, CardStanding.DECIDED}:
        blocks += [each for step in decided(sheet) for each in _in_their_words(sheet, step)]
    if sheet.card.stands is CardStanding.ATTESTED:
        blocks += [each for step in decided(sheet) for each in sheet.added(step)]
    if sheet.card.stands is CardStanding.LEFT:
        blocks.append(parts.rich([sheet.words.names["offer"]]))
    elif sheet.card.stands is not CardStanding.CHANGED:
        blocks.append(parts.rich(summary.decides(sheet.words), summary.ordered(sheet.words)))
        blocks += parts.actions([sheet.details()])
    return CardMessage(text, [*blocks, parts.small(sheet.words.number())])


def decided(sheet: Sheet) -> tuple[StepView, ...]:
    """Return what was decided at the card's step; of a card from before steps were kept, what its part decided.

    A new price that did not begin the step anew is for the other side's payer, and to keep an order answers nothing.
    """
    steps = [each for each in sheet.view.steps if each.action not in {None, Action.REPRICE, Action.KEEP}]
    of_step = tuple(each for each in steps if each.step == sheet.card.step)
    if of_step:
        return of_step
    of_part = [each for each in steps if each.part is sheet.card.part]
    return tuple((of_part or (steps if sheet.is_over else []))[-1:])


def _in_their_words(sheet: Sheet, step: StepView) -> Iterator[Quote]:
    yield from sheet.reason(step)
    yield from sheet.added(step)
    if step.action in ASKED_BACK and step.message:
        yield question(sheet.words, step)


def _decided(sheet: Sheet) -> Lines:
    done = decided(sheet)
    if not done:
        yield [Bold(sheet.words.say("decided.elsewhere")), " ", _nothing_to_do(sheet)]
        return
    *before, last = done
    for step in before:
        yield [Bold(_verdict(sheet, step)), *_if_void(sheet, step)]
    yield [Bold(_verdict(sheet, last)), *_afterwards(sheet, last)]


def _verdict(sheet: Sheet, step: StepView) -> str:
    if _is_void(step):
        return f"{VOID} {sheet.decided(step)}"
    return f"{MARKS.get(step.action, DONE) if step.action else DONE} {sheet.decided(step)}"


def _is_void(step: StepView) -> bool:
    # A question, an answer or jäv is no decision that could cease to count.
    return not step.counts and step.action not in {Action.ANSWER, Action.RECUSE, *ASKED_BACK}


def _if_void(sheet: Sheet, step: StepView) -> Line:
    return [" " + sheet.words.say("decided.no_longer")] if _is_void(step) else []


def _afterwards(sheet: Sheet, step: StepView) -> Line:
    if _is_void(step):
        return [" " + sheet.words.say("decided.void")]
    if step.action is Action.REQUEST_COMPLETION and not step.counts:
        return [" " + sheet.words.say("decided.after.changed")]
    if step.action in {Action.RECUSE, *ASKED_BACK}:
        return [" " + sheet.words.say(f"decided.after.{step.action}")]
    return [" ", _nothing_to_do(sheet)]


def _nothing_to_do(sheet: Sheet) -> str:
    return say(sheet.language, "decided.nothing_to_do")


def _changed(sheet: Sheet) -> Lines:
    is_price = any(each.action is Action.REPRICE for each in sheet.ended) and earlier_cost(sheet.words) is not None
    yield sheet.words.rich("stands.repriced" if is_price else "stands.changed")


def _attested(sheet: Sheet) -> Lines:
    for step in sheet.view.steps:
        if step.action in ATTESTED and step.counts and step.state is sheet.view.state:
            yield [Bold(_verdict(sheet, step))]
    yield from attests(sheet.words)
    yield [_nothing_to_do(sheet)]


def _not_asked(sheet: Sheet) -> Lines:
    yield [Bold(sheet.words.say(f"stands.{sheet.card.stands}")), " ", _nothing_to_do(sheet)]
    if sheet.view.blocked in NOBODY:
        yield from sheet.blocked()
    elif sheet.view.asked:
        yield sheet.words.rich("stands.waits_on", people=sheet.words.waited_for(len(sheet.view.asked)))


def _left(sheet: Sheet) -> Lines:
    yield [Bold(say(sheet.language, "stands.left")), " ", _nothing_to_do(sheet)]


_LINES: dict[CardStanding, Callable[[Sheet], Lines]] = {
    # A live card is drawn as answered only where the table offers its reader nothing.
    CardStanding.LIVE: _decided,
    CardStanding.DECIDED: _decided,
    CardStanding.CHANGED: _changed,
    CardStanding.ATTESTED: _attested,
    CardStanding.RECUSED: _not_asked,
    CardStanding.HANDED_OVER: _not_asked,
    CardStanding.NO_LONGER_ASKED: _not_asked,
    CardStanding.LEFT: _left,
}
