"""The cards that say anew what another card shows, since an edit notifies nobody: reminders, and what has happened."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from core.api import TO_CONFIRM, Language, ListedCase, Part
from notifications.render.drawings.answered import answered
from notifications.render.model import Block, Bold, CardMessage, Line
from notifications.render.pieces import parts, summary
from notifications.render.pieces.facts import CardFacts, CardStanding
from notifications.render.pieces.rows import brief_line, keep_all, number_of, show_button
from notifications.render.pieces.sheet import YES, Sheet
from notifications.render.pieces.words import CURRENT, DONE
from notifications.rules.announcements import CardKind
from notifications.texts import day, say, span, when

# A message of all that waits names so many, those that have waited longest.
NAMED = 3
# Where it tells of several things, so many of each.
NAMED_OF_SEVERAL = 1
# What it tells beside what waits, by the cards that would have told it.
NEWS_OF = {
    "new_price": frozenset({CardKind.AGENT_APPROVAL, CardKind.AGENT_ATTEST, CardKind.CUSTOMER_ATTEST}),
    "standstill": frozenset({CardKind.STANDSTILL}),
    "ended": frozenset({CardKind.OUTCOME}),
}


def hold(sheet: Sheet) -> CardMessage:
    """Customer service has paused the order, and why; less once it goes on."""
    if not sheet.view.is_held or sheet.card.step != sheet.view.step:
        return _nudge(sheet, "hold_card.over", DONE)
    quoted = [parts.quote(sheet.words.field("hold"), sheet.view.hold)] if sheet.view.hold else []
    return _nudge(sheet, "hold_card.held", CURRENT, *quoted)


def resumed(sheet: Sheet) -> CardMessage:
    """Customer service works with the order again."""
    return _nudge(sheet, "hold_card.resumed", DONE)


def progress(sheet: Sheet) -> CardMessage:
    """Return who has let the order go on, to whom it goes, and what was added; it stands below the status card."""
    decided = (step for step in reversed(sheet.view.steps) if step.action in YES and step.step < sheet.card.step)
    step = next(decided, None)
    if step is None:
        text, added = sheet.words.say("status.text", state=sheet.words.state), []
    else:
        text, added = sheet.words.say(f"progress.{step.part}", who=sheet.words.who_begins(step)), [*sheet.added(step)]
    lead = parts.rich([Bold(f"{DONE} {text}"), " ", say(sheet.language, "decided.nothing_to_do")], *sheet.of_another())
    return CardMessage(text, [lead, *added, parts.small(sheet.words.number())])


def confirming(sheet: Sheet) -> CardMessage:
    """Nobody has said yet that what was carried out works; less once somebody has, or it was called off."""
    title, text = parts.header(sheet.words.say("confirming.title")), sheet.words.say("confirming.text")
    last = sheet.view.last
    if sheet.words.is_to_confirm:
        lead = parts.rich([Bold(f"{CURRENT} "), *sheet.words.rich("confirming.lead")])
    else:
        is_told = last is not None and sheet.is_over and last.state in TO_CONFIRM
        lead = parts.rich([Bold(f"{DONE} {sheet.decided(last) if last and is_told else sheet.words.state}")])
    facts = parts.facts([sheet.offer(), sheet.customer(), *sheet.words.unit_names()])
    buttons = parts.actions([*sheet.confirms(), sheet.details()])
    blocks = [title, lead, *sheet.lines(sheet.of_another()), *facts, *buttons, parts.small(sheet.words.number())]
    return CardMessage(text, blocks)


def reminder(sheet: Sheet) -> CardMessage:
    """What has waited for an answer and since when, with what it is decided by; what became of it, once it has one."""
    if not sheet.offers:
        return answered(sheet)
    words, is_question = sheet.words, sheet.card.part is Part.ORDERER
    key, since = "reminder.question" if is_question else "reminder.lead", words.since()
    until = sheet.until() if is_question else iter([sheet.asked()])
    waited: Line = [Bold(f"{CURRENT} {words.say(key, since=since)}")]
    lead = sheet.lines(iter([waited]), sheet.of_another(), _wanted(sheet), until)
    decides, ordered = summary.decides(words, with_orderer=not is_question), summary.ordered(words)
    facts = parts.rich(decides, ordered, summary.units(words))
    blocks = [parts.header(words.say("reminder.title")), *lead, facts, *sheet.buttons(), parts.small(words.number())]
    return CardMessage(words.say(f"{key}_text", since=since), blocks)


def digest(card: CardFacts, language: Language) -> CardMessage:
    """Return how many wait for the reader, the first of them, what else has happened, and where all of them stand."""
    if card.waiting is None:
        raise LookupError(card.kind)
    count, rows = card.waiting.count, card.waiting.rows
    told = {key: [item for kind, item in card.news if kind in kinds] for key, kinds in NEWS_OF.items()}
    said = {key: _how_many(language, key, len(items)) for key, items in told.items() if items}
    # What has a new price waits for the reader, and stands among it.
    beside = {key: told[key] for key in said if key != "new_price"}
    named = NAMED if len(beside) + bool(rows) == 1 else NAMED_OF_SEVERAL
    blocks: list[Block] = []
    if rows:
        lines: list[Line] = [[Bold(said[key])] for key in said if key not in beside]
        if is_more := count > named:
            lines.append([Bold(f"{CURRENT} {say(language, 'digest.lead')}")])
        blocks = [*([parts.rich(*lines)] if lines else []), *_listed(card, language, rows[:named])]
        blocks += [parts.rich([say(language, "digest.all")])] if is_more else []
        blocks += _keeping(card, language, rows)
    for key, items in beside.items():
        blocks.append(parts.rich([Bold(said[key])]))
        blocks += [*_listed(card, language, items[:named]), *_more(items, len(items) - named, key, language)]
    text = [*([_how_many(language, "text", count)] if rows else []), *said.values()]
    title = _how_many(language, "title", count) if rows else say(language, "digest.news")
    return CardMessage(" ".join(text), [parts.header(title), *blocks])


def _keeping(card: CardFacts, language: Language, rows: Sequence[ListedCase]) -> Iterator[Block]:
    """Yield the button that keeps all that the reader is asked whether to keep, where that is several."""
    if sum(each.part is Part.ORDERER and each.view.asks_to_keep for each in rows) > 1:
        yield parts.rich([say(language, "digest.to_keep")])
        yield from parts.actions([keep_all(card.pointer(None), language)])


def _how_many(language: Language, key: str, count: int) -> str:
    return say(language, f"digest.{key}.{'one' if count == 1 else 'other'}", count=number_of(count))


def _listed(card: CardFacts, language: Language, items: Sequence[ListedCase]) -> list[Block]:
    pointer = card.pointer(None)
    return [parts.item_of(brief_line(item, language, card.at), show_button(item, pointer, language)) for item in items]


def _more(told: Sequence[ListedCase], unnamed: int, key: str, language: Language) -> Iterator[Block]:
    """Yield how many are not named, where they stand, and what can be done about what nobody answers."""
    role = "orderer" if told[0].part is Part.ORDERER else "others"
    lines: list[Line] = []
    if unnamed > 0:
        lines.append([say(language, f"digest.more.{key}.{role}", count=str(unnamed))])
    if key == "standstill":
        lines.append([say(language, f"digest.todo.{role}")])
    if lines:
        yield parts.rich(*lines)


def _wanted(sheet: Sheet) -> Iterator[Line]:
    """Yield when whoever ordered asked for an answer, the last time."""
    if sheet.view.nudged_at is not None:
        yield sheet.words.rich("reminder.wanted", at=when(sheet.language, sheet.view.nudged_at))


def handed_over(sheet: Sheet) -> CardMessage:
    """Return a colleague has left it to the reader, who was asked already, to decide; less once that is over."""
    if sheet.card.handed_by is None or sheet.card.stands is not CardStanding.LIVE or sheet.card.step != sheet.view.step:
        title, lead = parts.header(sheet.words.say("decided.title")), sheet.words.say("decided.elsewhere")
        return CardMessage(lead, [title, parts.rich([lead]), *_rest(sheet)])
    who = parts.on_one_line(sheet.card.handed_by)
    title = parts.header(sheet.words.say("handed_over.title"))
    lead = parts.rich(sheet.words.rich("handed_over.lead", who=who), [say(sheet.language, "handed_over.todo")])
    return CardMessage(sheet.words.say("handed_over.lead", who=who), [title, lead, *_rest(sheet)])


def taken_over(sheet: Sheet) -> CardMessage:
    """Customer service's lead has the case that the reader had; less once that is over, or it is the reader's again."""
    said, key = sheet.words, _had_by(sheet)
    who = parts.on_one_line(sheet.view.claimed_by or say(sheet.language, "value.somebody"))
    text = said.say(f"taken_over.{key}.text", who=who)
    lead = parts.rich([Bold(f"{DONE} {text}"), " " + said.say(f"taken_over.{key}.next")])
    facts = [] if sheet.view.application else parts.facts([sheet.offer(), sheet.customer()])
    title = parts.header(said.say("taken_over.title"))
    return CardMessage(text, [title, lead, *facts, *parts.actions([*sheet.takes(), sheet.details()]), sheet.print()])


def _had_by(sheet: Sheet) -> str:
    if sheet.card.step != sheet.view.step:
        return "over"
    if sheet.card.has_claimed:
        return "yours"
    return "by" if sheet.view.is_claimed else "released"


def _nudge(sheet: Sheet, key: str, mark: str, *more: Block) -> CardMessage:
    text = sheet.words.say(f"{key}.text")
    lead = parts.rich([Bold(f"{mark} {text}"), " " + sheet.words.say(f"{key}.next")])
    title = parts.header(sheet.words.say(f"{key}.title"))
    return CardMessage(text, [title, lead, *sheet.lines(sheet.of_another()), *more, *_rest(sheet)])


def _rest(sheet: Sheet) -> list[Block]:
    facts = parts.facts([sheet.offer(), sheet.customer()])
    return [*facts, *parts.actions([sheet.details()]), parts.small(sheet.words.number())]


def reduced(sheet: Sheet) -> CardMessage:
    """Return which order it was, and how and when it ended."""
    said = {
        "state": sheet.words.state,
        "day": day(sheet.language, sheet.view.closed_at or sheet.view.waiting_since),
    }
    return CardMessage(sheet.words.say("reduced.line", **said), [parts.rich(sheet.words.rich("reduced.line", **said))])


def came_twice(language: Language) -> CardMessage:
    """Return what is left of a second message of a card."""
    said = say(language, "copy.line")
    return CardMessage(said, [parts.rich([said])])


def substitute(card: CardFacts, language: Language) -> CardMessage:
    """Return who decides in whose place, in which role and when; or that it is over."""
    note = {name: parts.on_one_line(value) for name, value in card.note.items()}
    first, last = span(language, *(date.fromisoformat(note[name]) for name in ("from", "to")))
    named = {"absent": note["absent"], "substitute": note["substitute"]}
    text = say(language, _key(card), **named, **{"from": first, "to": last})
    role = say(language, f"role.{note['role']}")
    place = say(language, "substitute.role_at", role=role, organisation=note["organisation"])
    blocks = [parts.header(say(language, "home.substitutes")), parts.rich([Bold(text)])]
    return CardMessage(text, [*blocks, parts.small(place, say(language, "substitute.where"))])


def _key(card: CardFacts) -> str:
    over = card.at is not None and datetime.fromisoformat(card.note["until"]) <= card.at
    if card.note["mine"]:
        return "substitute.ended_for_me" if over else "substitute.saved_for_me"
    return "substitute.told_end" if over else "substitute.told"
