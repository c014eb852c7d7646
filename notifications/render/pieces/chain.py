"""The chain of steps, a line each: what has been decided, what waits, what is to come."""

from collections.abc import Iterator, Sequence

from core.api import ANSWER_LIMITS, TO_CONFIRM, Action, CaseView, Part, State, StepView, path
from notifications.render.model import Bold, Line
from notifications.render.pieces.parts import on_one_line
from notifications.render.pieces.prices import earlier_cost
from notifications.render.pieces.summary import progress
from notifications.render.pieces.words import ATTESTED, COMING, CURRENT, DONE, MARKS, VOID, CaseWords
from notifications.texts import say

# Of what did not bring the order on (questions, answers, what no longer counts), a card shows the latest.
ASIDE_SHOWN = 2
ASIDE = frozenset(
    {
        *(Action.REQUEST_COMPLETION, Action.SEND_BACK, Action.ANSWER),
        *(Action.RECUSE, Action.REPRICE, Action.SEND_AGAIN),
    }
)


def chain(words: CaseWords, *, whole: bool = False) -> Iterator[Line]:
    """Return the steps, with their state in a mark and in words. `whole` leaves out nothing that the reader may see."""
    steps = [each for each in words.view.steps if each.action is not None and _is_for_reader(words, each)]
    shown = steps if whole else _latest(steps)
    yield [Bold(progress(words))]
    if len(shown) < len(steps):
        yield [words.counted("chain.earlier", len(steps) - len(shown))]
    for step in shown:
        yield _decided(words, step)
        if whole and step.comment:
            yield [say(words.language, "summary.comment", comment=on_one_line(step.comment, ANSWER_LIMITS["comment"]))]
    for step in words.view.steps:
        if step.is_current:
            yield [Bold(f"{CURRENT} {_place(words, step)}: {_waits(words, step)}")]
            yield from attests(words)
        elif step.action is None:
            yield [f"{COMING} {_place(words, step)}: {say(words.language, 'chain.coming')}"]


def attests(words: CaseWords, *, with_asked: bool = True) -> Iterator[Line]:
    """Return how many have attested of those who must, who they are, and whom it waits for; for the own side.

    A card that says whom it waits for elsewhere says it `with_asked` False.
    """
    view, current = words.view, words.view.current
    if current is None or view.attests_needed < 2 or not words.is_of_reader(current.part):
        return
    done, needed = str(view.attests), str(view.attests_needed)
    key = "chain.attests" if view.attested_by else "chain.attests_none"
    people = words.together(view.attested_by) if view.attested_by else ""
    line = words.rich(key, done=done, needed=needed, people=people)
    waits = words.rich("chain.waits_on", people=words.waited_for(len(view.asked))) if view.asked and with_asked else []
    yield [*line, *([" ", *waits] if waits else [])]


def _is_for_reader(words: CaseWords, step: StepView) -> bool:
    if step.action is Action.REPRICE:
        return words.payer is None or earlier_cost(words) is not None
    # How many attests another organisation asks for is its own matter.
    return words.is_of_reader(step.part) or step.action not in ATTESTED or is_last_attest(words.view, step)


def is_last_attest(view: CaseView, attest: StepView) -> bool:
    """True for an attest that let the order go on, whether it is of the chain or of the history."""
    given = [each for each in view.steps if each.action in ATTESTED]
    step = next((each for each in given if each.at == attest.at), None)
    return step is not None and step is _like(given, step)[-1] and _went_on(view, step)


def _like(given: Sequence[StepView], step: StepView) -> list[StepView]:
    return [each for each in given if _kind_of(each) == _kind_of(step)]


def _went_on(view: CaseView, step: StepView) -> bool:
    # What no longer counts let the order go on within its own version alone.
    own = [each for each in view.steps if step.counts or each.content_version == step.content_version]
    states = [each.state for each in own if each.action] + ([view.returns_to or view.state] if step.counts else [])
    return any(_place_of(view, each) > _place_of(view, step.state) for each in states)


def _kind_of(step: StepView) -> tuple[State, int, bool]:
    return step.state, step.content_version, step.counts


def _place_of(view: CaseView, state: State) -> int:
    way = path(view.flow)
    return way.index(state) if state in way else -1


def _latest(steps: Sequence[StepView]) -> list[StepView]:
    aside = [each for each in steps if each.action in ASIDE or not each.counts]
    hidden = aside[:-ASIDE_SHOWN]
    return [each for each in steps if not any(each is one for one in hidden)]


def _decided(words: CaseWords, step: StepView) -> Line:
    did = words.done(f"chain.{'did' if step.by is None else 'did_by'}", step)
    if step.action is Action.REPRICE:
        return [f"{MARKS[step.action]} {did}"]
    if step.counts or step.action in ASIDE:
        return [f"{MARKS.get(step.action, DONE) if step.action else DONE} {_place(words, step)}: {did}"]
    return [f"{VOID} {_place(words, step)}: {say(words.language, 'chain.void', did=did)}"]


def _waits(words: CaseWords, step: StepView) -> str:
    if step.state in TO_CONFIRM:
        return words.say("chain.confirms", since=words.since())
    if step.part in {Part.ORDERER, Part.APPLICANT}:
        return words.say("chain.asked", since=words.since())
    return words.say("chain.held" if words.view.is_held else "chain.current", since=words.since())


def _place(words: CaseWords, step: StepView) -> str:
    return words.say(f"chain.{step.part}", organisation=on_one_line(step.organisation or ""))
