"""What has happened to an order in plain words: a line for each thing, with what was written, the latest first."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.api import Action, Language, SlackChangeView, StepView
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Element
from notifications.render.pieces.chain import is_last_attest
from notifications.render.pieces.parts import actions, button, divider, header, on_one_line, quote, rich, small
from notifications.render.pieces.prices import earlier_cost
from notifications.render.pieces.words import ATTESTED as ATTESTS
from notifications.render.pieces.words import CaseWords
from notifications.texts import money, say, when

# With what an order may hold besides, and with every line followed by what was written, within Slack's hundred blocks.
LINES_SHOWN = 15
# What may count no longer; a question was asked all the same.
DECISIONS = ATTESTS | {Action.APPROVE}
OLDER, NEWER = "older", "newer"


def history(
    words: CaseWords, past: Sequence[StepView], slack: Sequence[SlackChangeView], page: int, pointer: Pointer | None
) -> Iterator[Block]:
    """A page of the history under its headline, and buttons to the other pages; nothing where nothing happened."""
    latest = list(_done(words, past))
    for change in slack:
        place = next((at for at, (done_at, _) in enumerate(latest) if done_at <= change.at), len(latest))
        latest.insert(place, (change.at, [rich([slack_line(words, change)])]))
    if not latest:
        return
    yield divider()
    yield header(say(words.language, "details.history"))
    for _, blocks in latest[page * LINES_SHOWN : (page + 1) * LINES_SHOWN]:
        yield from blocks
    yield from _paging(words.language, pointer, page, more=(page + 1) * LINES_SHOWN < len(latest))


def _done(words: CaseWords, past: Sequence[StepView]) -> Iterator[tuple[datetime, list[Block]]]:
    """Return what was done, the latest first, each with when that was."""
    mine = [each for each in past if _is_for_reader(words, each)]
    for step, becomes in zip(reversed(mine), reversed(_next_versions(words, mine)), strict=True):
        if step.at is not None:
            yield step.at, [rich([line(words, step, becomes)]), *_written(words, step)]


def slack_line(words: CaseWords, change: SlackChangeView) -> str:
    """Return that an organisation's Slack was off, and what came of that, or that it was on again."""
    said = {"organisation": on_one_line(change.organisation), "at": when(words.language, change.at)}
    return words.say("past.slack_back" if change.is_back else "past.slack_off", **said)


def line(words: CaseWords, step: StepView, becomes: int) -> str:
    """Return who did what and when, and by which right; `becomes` is the version of the order afterwards."""
    is_change = step.action is Action.ANSWER and becomes > step.content_version
    told = words.say(words.key(f"past.{_did(step, is_change=is_change)}"), who=_who(words, step), at=words.at(step))
    told = told[:1].upper() + told[1:]
    more = ", ".join((*_more(words, step), *_version(words, step, becomes if is_change else None)))
    return say(words.language, "past.with", line=told, more=more) if more else told


def _did(step: StepView, *, is_change: bool) -> str | None:
    if step.action is Action.REVIEW and step.reason_code is not None:
        return "moved_on"
    return "answer_changed" if is_change else step.action


def _is_for_reader(words: CaseWords, step: StepView) -> bool:
    # How many attests another organisation asks for is its own matter, and so is what it pays.
    if step.action is Action.REPRICE:
        return words.payer is None or earlier_cost(words) is not None
    if step.action not in ATTESTS or words.is_of_reader(step.part):
        return True
    return is_last_attest(words.view, step)


def _next_versions(words: CaseWords, steps: Sequence[StepView]) -> list[int]:
    return [*(each.content_version for each in steps[1:]), words.view.content_version] if steps else []


def _who(words: CaseWords, step: StepView) -> str:
    # For whom stands with the other facts of the line.
    return on_one_line(step.by) if step.by else words.who(step)


def _more(words: CaseWords, step: StepView) -> Iterator[str]:
    language = words.language
    if step.absent:
        yield say(language, "past.substitute", absent=on_one_line(step.absent))
    if step.limit_ore is not None and step.action in ATTESTS:
        yield say(language, "past.limit", limit=money(language, step.limit_ore))
    if step.to:
        yield say(language, "past.to", to=on_one_line(step.to))


def _version(words: CaseWords, step: StepView, became: int | None) -> Iterator[str]:
    language = words.language
    if became is not None:
        yield say(language, "past.became", version=became)
    elif step.content_version != words.view.content_version:
        yield say(language, "past.version", version=step.content_version)
    if not step.counts and step.action in DECISIONS:
        yield say(language, "past.void")


def _written(words: CaseWords, step: StepView) -> Iterator[Block]:
    if step.message:
        yield quote(words.field("message_of"), step.message)
    if step.reason:
        said, code = words.field("reason"), step.reason_code
        yield quote(said if code is None else f"{said}: {words.say(f'reason.{code}')}", step.reason)
    if step.internal:
        yield quote(words.say("field.internal"), step.internal)


def _paging(language: Language, pointer: Pointer | None, page: int, *, more: bool) -> Iterator[Block]:
    if pointer is None:
        return
    turns = [(NEWER, page - 1)] * (page > 0) + [(OLDER, page + 1)] * more
    if turns:
        yield small(say(language, "details.page"))
    yield from actions([_turn(language, pointer, name, to) for name, to in turns])


def _turn(language: Language, pointer: Pointer, name: str, to: int) -> Element:
    return button(language, name, pointer.option(str(to)))._replace(action_id=f"kp.history.{name}")
