"""What was asked back and answered: the latest question that the reader may see, in its own words."""

from collections.abc import Iterator

from core.api import Action, CaseView, Side, StepView
from notifications.render.model import Block, Quote
from notifications.render.pieces.parts import quote, rich
from notifications.render.pieces.words import ASKED_BACK, CaseWords

# Cards show the beginning of long texts; the whole order shows all of them.
SHOWN = 300


def talk(words: CaseWords, shown: int = SHOWN) -> Iterator[Block]:
    """Return the latest question, and its answer once there is one."""
    asked = latest_question(words.view)
    if asked is None:
        return
    yield question(words, asked, shown)
    answer = _answer_to(words.view, asked)
    if answer is None:
        return
    if answer.message:
        about = words.say("talk.answer", who=words.who(answer), at=words.at(answer))
        yield quote(about, answer.message, shown)
    else:
        yield rich(words.rich("talk.changed", who=words.who_in_a_sentence(answer), at=words.at(answer)))


def question(words: CaseWords, asked: StepView, shown: int = SHOWN) -> Quote:
    """Return a question, by whom and when."""
    is_own = asked.action is Action.SEND_BACK and asked.by is not None and words.view.side is Side.AGENT
    key = "talk.sent_back" if is_own else "talk.question"
    return quote(words.say(key, who=words.who(asked), at=words.at(asked)), asked.message, shown)


def latest_question(view: CaseView) -> StepView | None:
    """Return the last question that the reader may see."""
    return next((each for each in reversed(view.steps) if each.action in ASKED_BACK and each.message), None)


def _answer_to(view: CaseView, asked: StepView) -> StepView | None:
    # The orderer answers in the step that the question made.
    answers = (each for each in view.steps if each.action is Action.ANSWER and each.step == asked.step + 1)
    return next(answers, None)
