"""The chain of steps, a line each: what has been decided, what waits, what is to come."""

from collections.abc import Iterator, Sequence

from core.api import Action, Part, StepView, path
from notifications.blocks.parts import Element, bold, on_one_line
from notifications.blocks.parts import words as literal
from notifications.blocks.prices import earlier_cost
from notifications.blocks.words import ATTESTED, COMING, CURRENT, DONE, FINISHED, MARKS, VOID, CaseWords
from notifications.texts import counted, say

Line = list[Element]

# Of what did not bring the order on (questions, answers, what no longer counts), a card shows the latest.
ASIDE_SHOWN = 2
ASIDE = frozenset({Action.REQUEST_COMPLETION, Action.SEND_BACK, Action.ANSWER, Action.REPRICE, Action.SEND_AGAIN})


def chain(words: CaseWords, *, whole: bool = False) -> Iterator[Line]:
    """The steps, with their state in a mark and in words. `whole` leaves out nothing that the reader may see."""
    steps = [each for each in words.view.steps if each.action is not None and _is_for_reader(words, each)]
    shown = steps if whole else _latest(steps)
    yield [bold(_progress(words))]
    if len(shown) < len(steps):
        yield [literal(counted(words.language, "chain.earlier", len(steps) - len(shown)))]
    yield from (_decided(words, each) for each in shown)
    for step in words.view.steps:
        if step.is_current:
            yield [bold(f"{CURRENT} {_place(words, step)}: {_waits(words, step)}")]
            yield from attests(words)
        elif step.action is None:
            yield [literal(f"{COMING} {_place(words, step)}: {say(words.language, 'chain.coming')}")]


def attests(words: CaseWords) -> Iterator[Line]:
    """How many have attested of those who must, who they are, and whom the order waits for; for the own side."""
    view, current = words.view, words.view.current
    if current is None or view.attests_needed < 2 or not words.is_of_reader(current.part):
        return
    done, needed = str(view.attests), str(view.attests_needed)
    key = "chain.attests" if view.attested_by else "chain.attests_unnamed"
    people = words.together(view.attested_by) if view.attested_by else ""
    line = words.rich(key, done=done, needed=needed, people=people)
    waits = words.rich("chain.waits_on", people=words.together(view.asked)) if view.asked else []
    yield [*line, *([literal(" "), *waits] if waits else [])]


def _is_for_reader(words: CaseWords, step: StepView) -> bool:
    if step.action is Action.REPRICE:
        return words.payer is None or earlier_cost(words) is not None
    # How many attests another organisation asks for is its own matter.
    return words.is_of_reader(step.part) or step.action not in ATTESTED or not _is_partial(words, step)


def _is_partial(words: CaseWords, step: StepView) -> bool:
    of_step = [each for each in words.view.steps if each.step == step.step and (each.action or each.is_current)]
    return of_step[-1] is not step


def _latest(steps: Sequence[StepView]) -> list[StepView]:
    aside = [each for each in steps if each.action in ASIDE or not each.counts]
    hidden = aside[:-ASIDE_SHOWN]
    return [each for each in steps if not any(each is one for one in hidden)]


def _progress(words: CaseWords) -> str:
    view = words.view
    if view.current is None:
        return say(words.language, "chain.done" if view.state in FINISHED else "chain.closed")
    way = path(view.flow)
    return say(words.language, "chain.count", n=way.index(view.returns_to or view.state) + 1, m=len(way))


def _decided(words: CaseWords, step: StepView) -> Line:
    key = f"chain.{'did' if step.by is None else 'did_by'}.{step.action}"
    did = say(words.language, key, who=words.who_in_a_sentence(step), at=words.at(step))
    if step.counts:
        return [literal(f"{MARKS.get(step.action, DONE) if step.action else DONE} {_place(words, step)}: {did}")]
    return [literal(f"{VOID} {_place(words, step)}: {say(words.language, 'chain.void', did=did)}")]


def _waits(words: CaseWords, step: StepView) -> str:
    if step.part is Part.ORDERER:
        return words.say("chain.asked", since=words.since())
    return words.say("chain.held" if words.view.is_held else "chain.current", since=words.since())


def _place(words: CaseWords, step: StepView) -> str:
    return say(words.language, f"chain.{step.part}", organisation=on_one_line(step.organisation or ""))
