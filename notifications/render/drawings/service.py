"""Customer service's card in its channel: what to do, for whom, who has taken it, and for how long it has waited."""

from collections.abc import Iterator

from core.api import Action, State, day_of, working_days_between
from notifications.render.drawings.answered import answered
from notifications.render.model import Block, Bold, CardMessage, Line
from notifications.render.pieces import parts, summary
from notifications.render.pieces.card_buttons import choices
from notifications.render.pieces.facts import CardStanding
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import CURRENT, DONE, MARKS
from notifications.texts import counted, day, say

HOLD_SHOWN = 300
UNITS_SHOWN = 2


def customer_service(sheet: Sheet) -> CardMessage:
    """What is to be done and everything it takes, the buttons to take it and do it; who did it, once it is done."""
    if sheet.card.stands is CardStanding.CHANGED:
        return answered(sheet)
    if sheet.view.state is not State.AWAITING_CUSTOMER_SERVICE:
        return _done(sheet) if sheet.is_over or sheet.words.is_to_confirm else _elsewhere(sheet)
    return _case(sheet, f"customer_service.{sheet.view.flow}", *_hints(sheet))


def assignment_review(sheet: Sheet) -> CardMessage:
    """Return the same of an agentuppdrag that Inera looks at first; what became of it, once that is done."""
    if sheet.card.stands is not CardStanding.LIVE:
        return answered(sheet)
    return _case(sheet, "customer_service.review", *_hints_of_review(sheet))


def _case(sheet: Sheet, key: str, *hints: str) -> CardMessage:
    words, title = sheet.words, parts.header(_if_held(sheet, sheet.words.say(f"{key}.title")))
    todo: Line = [Bold(f"{CURRENT} "), *words.rich(f"{key}.todo", recipient=_recipient(sheet))]
    # Whom to tell, the agent or else the orderer, stands in `todo` and is not said again.
    has_agent = sheet.view.agent is not None
    facts = (
        summary.decides(words, with_orderer=has_agent),
        summary.ordered(words, with_agent=not has_agent),
        summary.units(words, UNITS_SHOWN),
    )
    news = sheet.lines(sheet.version(), sheet.reserves(), sheet.earlier())
    stands = parts.rich([*_handled_by(sheet), *_waited(sheet)])
    blocks = [title, parts.rich(todo, *facts, sheet.said()), *_held(sheet), *news, *talk(words), stands]
    known = sheet.known() + summary.then(words)
    blocks += [*sheet.buttons(), parts.small(_reference(sheet), " ".join([*hints, known]))]
    return CardMessage(_if_held(sheet, words.say(f"{key}.text")), blocks)


def _if_held(sheet: Sheet, line: str) -> str:
    return sheet.words.say("customer_service.paused", line=line) if sheet.view.is_held else line


def _held(sheet: Sheet) -> Iterator[Block]:
    if sheet.view.hold:
        yield parts.quote(sheet.words.field("hold"), sheet.view.hold, HOLD_SHOWN)


def _recipient(sheet: Sheet) -> str:
    return sheet.words.say(f"customer_service.recipient.{sheet.view.flow}")


def _handled_by(sheet: Sheet) -> Line:
    """Return who has taken the case, or until when somebody should."""
    claimed_by, due_at = sheet.view.claimed_by, sheet.view.due_at
    if sheet.view.is_claimed:
        who = parts.on_one_line(claimed_by) if claimed_by else say(sheet.language, "value.somebody")
        return sheet.words.rich("customer_service.taken", who=who)
    if due_at is None:
        return [say(sheet.language, "customer_service.untaken")]
    if _is_late(sheet):
        then = sheet.view.expected_on or day_of(due_at)
        return [Bold(sheet.words.say("customer_service.late", day=day(sheet.language, then)))]
    return [Bold(say(sheet.language, "customer_service.take_by", day=day(sheet.language, due_at)))]


def _is_late(sheet: Sheet) -> bool:
    """Say whether nobody has taken the case in time; the clock has set another then, which nobody is to wait for."""
    due_at, now = sheet.view.due_at, sheet.card.at
    if sheet.view.is_claimed or due_at is None:
        return False
    return sheet.view.is_escalated or (now is not None and due_at <= now)


def _reference(sheet: Sheet) -> str:
    """Return the number that the case has in the portal, where it has one."""
    reference = sheet.view.external_case_ref
    return f"{sheet.words.field('external_ref')}: {parts.on_one_line(reference)}" if reference else ""


def _waited(sheet: Sheet) -> Line:
    """For how long it has waited, in working days, where the card knows what day it is, and says nothing stronger."""
    if sheet.card.at is None or _is_late(sheet):
        return []
    start, now = map(day_of, (sheet.view.waiting_since, sheet.card.at))
    days = working_days_between(start, now)
    said = counted(sheet.language, "value.working_days", days) if days else say(sheet.language, "value.today")
    return [" ", say(sheet.language, "customer_service.waited", days=said)]


def _hints(sheet: Sheet) -> Iterator[str]:
    if sheet.view.is_held:
        yield sheet.words.say("customer_service.resume_first")
    elif any(row.does is Action.CLAIM for row in sheet.offers):
        yield sheet.words.say(f"customer_service.{sheet.view.flow}.claim_first", "customer_service.claim_first")
        # Of what is late the same stands above.
        yield from [] if _is_late(sheet) else [say(sheet.language, "customer_service.stays")]
    else:
        yield sheet.words.say("customer_service.template")


def _hints_of_review(sheet: Sheet) -> Iterator[str]:
    if any(row.does is Action.CLAIM for row in sheet.offers):
        yield say(sheet.language, "customer_service.review.claim_first")
    yield sheet.words.say("customer_service.review.effect")


def _elsewhere(sheet: Sheet) -> CardMessage:
    """Return the orderer is asked, or has begun anew by changing the order; a new card comes when it is here again."""
    key = f"customer_service.{'asked_back' if sheet.view.state is State.COMPLETION_REQUESTED else 'begun_anew'}"
    title = parts.header(sheet.words.say(f"{key}.title"))
    waits = sheet.lines(iter([sheet.words.rich(f"{key}.lead", since=sheet.words.since())]))
    facts = parts.rich(summary.decides(sheet.words), summary.ordered(sheet.words), summary.waits(sheet.words))
    blocks = [title, *waits, *talk(sheet.words), facts, *parts.actions([sheet.details()]), sheet.print()]
    return CardMessage(sheet.words.say(f"{key}.text"), blocks)


def _done(sheet: Sheet) -> CardMessage:
    key, last = _ended_as(sheet), sheet.view.last
    title = parts.header(sheet.words.say(f"customer_service.title_{key}"))
    text = sheet.words.say(f"customer_service.text_{key}", state=sheet.words.state)
    if last is None or last.action is None:
        return CardMessage(text, [title, sheet.chain(), sheet.print()])
    verdict: Line = [Bold(f"{MARKS.get(last.action, DONE)} {sheet.decided(last)}")]
    hint: Line = [sheet.words.say(f"customer_service.sent.{sheet.view.flow}")] if sheet.words.is_to_confirm else []
    facts = parts.rich(summary.decides(sheet.words), summary.ordered(sheet.words), summary.units(sheet.words))
    return CardMessage(
        text, [title, parts.rich(verdict, hint), *sheet.reason(last), facts, *_again(sheet), sheet.print()]
    )


def _ended_as(sheet: Sheet) -> str:
    if sheet.words.is_to_confirm:
        return "sent"
    return "done" if sheet.words.is_finished else "over"


def _again(sheet: Sheet) -> Iterator[Block]:
    """Return what is left to do: what was sent is sent again, or confirmed, from the card that sent it."""
    sent = any(each.action in {Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT} for each in sheet.ended)
    offers = sheet.view.offers.get(sheet.card.part, ()) if sent else ()
    return choices(sheet.words, sheet.card.part, offers, sheet.pointer)
