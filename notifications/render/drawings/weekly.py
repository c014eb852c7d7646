"""The card about a week: what came of orders, how long the steps took, as text and as a chart, and what waits."""

from collections.abc import Sequence

from core.api import WORKING_DAY, Language, StepTimes, StillWaiting, WeekView, day_of, working_days_between
from notifications.documents.chart import Bar, Chart
from notifications.render.model import Block, Bold, CardMessage, Line, Picture
from notifications.render.pieces import parts
from notifications.render.pieces.facts import CardFacts
from notifications.render.pieces.rows import BETWEEN
from notifications.texts import counted, say, working_time

# So many of the steps are said on the card, those that took the longest; the chart has all of them.
STEPS_SAID = 2


def report(card: CardFacts, language: Language) -> CardMessage:
    """Return what a week was like for an organisation, or for everybody where the reader is customer service."""
    if card.week is None:
        raise LookupError(card.id)
    week, whose = card.week, parts.on_one_line(card.note.get("organisation", ""))
    key = "weekly.title.of" if whose else "weekly.title.all"
    title = say(language, key, week=_number(week), organisation=whose)
    lines: list[Line] = [[_counts(week, language, whose)], *_steps(week, language)]
    blocks: list[Block] = [parts.header(title), parts.rich(*lines), *_picture(week, language)]
    return CardMessage(title, [*blocks, parts.rich(*_waiting(week, language))])


def _number(week: WeekView) -> int:
    return week.first_day.isocalendar().week


def _counts(week: WeekView, language: Language, whose: str) -> str:
    counts = {"placed": week.placed, "finished": week.finished, "refused": week.refused}
    return say(language, f"weekly.counts.{'of' if whose else 'all'}", **counts)


def _steps(week: WeekView, language: Language) -> list[Line]:
    slowest = sorted(week.steps, key=lambda step: (step.median, step.slowest), reverse=True)[:STEPS_SAID]
    said: list[Line] = [[_step(step, language, "weekly.step.brief")] for step in week.steps if step in slowest]
    return [[Bold(say(language, "weekly.steps"))], *said] if said else []


def _step(step: StepTimes, language: Language, key: str) -> str:
    times = {"median": working_time(language, step.median), "slowest": working_time(language, step.slowest)}
    return counted(language, key, step.count, state=say(language, f"state.{step.state}"), **times)


def _picture(week: WeekView, language: Language) -> list[Picture]:
    if not week.steps:
        return []
    title, steps = (
        say(language, "weekly.chart.title", week=_number(week)),
        (_step(each, language, "weekly.step.full") for each in week.steps),
    )
    chart = Chart(
        title=title,
        measure=say(language, "weekly.chart.measure"),
        usual=say(language, "weekly.chart.median"),
        longest=say(language, "weekly.chart.slowest"),
        bars=tuple(_bar(step, language) for step in week.steps),
    )
    return [Picture(say(language, "weekly.chart.alt", title=title, steps=" ".join(steps)), chart)]


def _bar(step: StepTimes, language: Language) -> Bar:
    return Bar(
        label=say(language, f"state.{step.state}"),
        usual=step.median / WORKING_DAY,
        usual_words=working_time(language, step.median),
        longest=step.slowest / WORKING_DAY,
        longest_words=working_time(language, step.slowest),
    )


def _waiting(week: WeekView, language: Language) -> Sequence[Line]:
    if not week.waiting:
        return [[say(language, "weekly.waiting.none")]]
    heading = counted(language, "weekly.waiting", week.waiting)
    return [[Bold(heading)], *([_row(case, week, language)] for case in week.oldest)]


def _row(case: StillWaiting, week: WeekView, language: Language) -> str:
    days = working_days_between(day_of(case.since), day_of(week.made_at))
    age = counted(language, "inbox.days", days) if days else say(language, "inbox.today")
    return BETWEEN.join((case.case, say(language, f"state.{case.state}"), age))
