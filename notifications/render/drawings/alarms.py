"""The cards that tell of what is not as it should be: nobody can decide an order, a reserve attestant has."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.api import PART_WAITED_FOR, SIDE_OF, Action, Block, Language, Part, StepView
from notifications.render.model import Bold, CardMessage, Element, Line
from notifications.render.pieces import parts, summary
from notifications.render.pieces.facts import CardFacts
from notifications.render.pieces.sheet import Row, Sheet
from notifications.render.pieces.words import CURRENT, DONE
from notifications.texts import day, money, say

AT_INERA = frozenset({Block.NO_CUSTOMER_AGREEMENT, Block.NO_AGENT_AGREEMENT, Block.NO_AGENT_ASSIGNMENT, Block.NO_PRICE})


def blocked(sheet: Sheet) -> CardMessage:
    """Return what is blocked and why, and exactly what to do; that it is solved, once it is."""
    why, part = sheet.view.blocked, PART_WAITED_FOR.get(sheet.view.state)
    if why is None or part is None:
        return _solved(sheet)
    sentence, todo = _because(sheet, why, part), _todo(sheet, why, part)
    lines: list[Line] = [[Bold(f"{CURRENT} {sentence}")], [todo], *summary.limited(sheet.words)]
    lines.append([sheet.words.say("blocked.by_itself")])
    title = parts.header(sheet.words.say("blocked.title"))
    blocks = [title, parts.rich(*lines), *parts.facts(_rows(sheet)), sheet.chain()]
    return CardMessage(f"{sentence} {todo}", [*blocks, *parts.actions(_ways(sheet, why)), sheet.print()])


def _ways(sheet: Sheet, why: Block) -> list[Element]:
    """Return the order, after the people of the organisation where the reader can set it right there."""
    people = [] if why in AT_INERA else _people(sheet.card, sheet.language)
    return [*people, sheet.details()]


def _because(sheet: Sheet, why: Block, part: Part) -> str:
    found = (f"blocked.why.{why}.{part}", f"blocked.why.{why}")
    return sheet.words.say(*found)


def _todo(sheet: Sheet, why: Block, part: Part) -> str:
    if sheet.card.part is Part.CUSTOMER_SERVICE and why not in AT_INERA:
        # The organisation has no administrator who could be told.
        place = sheet.view.current.organisation if sheet.view.current else None
        return sheet.words.say("blocked.todo.no_administrator", place=parts.on_one_line(place or ""))
    return sheet.words.say(f"blocked.todo.{why}.{part}", f"blocked.todo.{why}")


def _rows(sheet: Sheet) -> list[Row]:
    rows = [sheet.customer(), sheet.offer(), sheet.connection()]
    if sheet.view.blocked is Block.OVER_LIMIT and sheet.words.payer is not None:
        amount = money(sheet.language, sheet.words.first_year_ore)
        rows.append((sheet.words.field("first_year"), amount))
    return rows


def _solved(sheet: Sheet) -> CardMessage:
    key = "over" if sheet.is_over else "solved"
    sentence = sheet.words.say(f"blocked.{key}.text")
    lines = parts.rich([Bold(f"{DONE} {sentence}"), " " + say(sheet.language, "decided.nothing_to_do")])
    title = parts.header(sheet.words.say(f"blocked.{key}.title"))
    return CardMessage(sentence, [title, lines, *parts.facts([sheet.offer(), sheet.customer()]), sheet.print()])


def standstill(sheet: Sheet) -> CardMessage:
    """Whom an order has waited for all this time, by part, and what its reader can do; less once it has an answer."""
    words = sheet.words
    if sheet.card.step != sheet.view.step or sheet.view.current is None:
        said, title = words.say("standstill.over"), parts.header(words.say("decided.title"))
        lead = parts.rich([Bold(f"{DONE} {said}"), " " + say(sheet.language, "decided.nothing_to_do")])
        facts = parts.facts([sheet.offer(), sheet.customer()])
        return CardMessage(said, [title, lead, *facts, *parts.actions([sheet.details()]), parts.small(words.number())])
    said = words.say("standstill.lead", whom=words.part_at(sheet.view.current), since=words.since())
    is_orderers = sheet.card.part is Part.ORDERER
    lines: list[Line] = [[Bold(f"{CURRENT} {said}")], *sheet.of_another(), *_to_do_about_it(sheet)]
    ways = [] if is_orderers else parts.actions([*_people(sheet.card, sheet.language), sheet.details()])
    blocks = [
        parts.header(words.say("standstill.title")),
        parts.rich(*lines),
        *parts.facts([sheet.offer(), sheet.customer()]),
    ]
    return CardMessage(said, [*blocks, *(sheet.buttons() if is_orderers else ways), sheet.print()])


def _to_do_about_it(sheet: Sheet) -> Iterator[Line]:
    """Yield what the reader can do about an order at a standstill; why first, where nobody can answer it."""
    why, part = sheet.view.blocked, PART_WAITED_FOR[sheet.view.state]
    is_orderers = sheet.card.part is Part.ORDERER
    if why is not None and is_orderers:
        yield from sheet.blocked()
    elif why is not None:
        yield [_because(sheet, why, part)]
        yield [_todo(sheet, why, part)]
    else:
        todo = "orderer" if is_orderers else "question" if sheet.view.question is not None else "administrator"
        yield [sheet.words.say(f"standstill.todo.{todo}")]


def not_ready(card: CardFacts, language: Language) -> CardMessage:
    """Tells whoever can mend it why an order could not be placed, and what to do."""
    why, unreached = card.note.get("why", ""), parts.on_one_line(card.note.get("unreached", ""))
    said = {"organisation": parts.on_one_line(card.note.get("organisation", "")), "people": unreached}
    text = say(language, f"not_ready.{why}.text", **said)
    instead = "not_ready.unreached" if unreached else "not_ready.no_administrator"
    todo = instead if card.part is Part.CUSTOMER_SERVICE else f"not_ready.{why}.todo"
    lines: list[Line] = [
        [Bold(f"{CURRENT} {text}")],
        [say(language, todo, **said)],
        [say(language, "not_ready.anew")],
    ]
    title = parts.header(say(language, f"not_ready.{why}.title"))
    return CardMessage(text, [title, parts.rich(*lines), *parts.actions(_people(card, language))])


def price_missing(card: CardFacts, language: Language) -> CardMessage:
    """Tells whoever sees to prices which offer lacks one, what stands still, and what to do."""
    ended = date.fromisoformat(card.note["since"]) - timedelta(days=1)
    text = say(language, "price_missing.text", offer=parts.on_one_line(card.note[language]), day=day(language, ended))
    lines: list[Line] = [
        [Bold(f"{CURRENT} {text}")],
        [say(language, "price_missing.todo")],
        [say(language, "price_missing.by_itself")],
    ]
    return CardMessage(text, [parts.header(say(language, "price_missing.title")), parts.rich(*lines)])


def _people(card: CardFacts, language: Language) -> list[Element]:
    """Return where an administrator gives roles, for whoever is one."""
    if not card.administers:
        return []
    return [parts.primary(parts.button(language, "people", card.pointer(None).option(card.administers)))]


def unattended(sheet: Sheet) -> CardMessage:
    """Tells customer service's lead that everybody there has a part in a case, and what helps; less once it is over."""
    said, is_over = sheet.words, sheet.card.step != sheet.view.step
    key, mark = ("unattended.over", DONE) if is_over else ("unattended.now", CURRENT)
    text = said.say(f"{key}.text")
    lines: list[Line] = [[Bold(f"{mark} {text}")], [said.say(f"{key}.todo")]]
    rows = [] if sheet.view.application else [sheet.offer(), sheet.customer()]
    ways = [] if sheet.view.application else [sheet.details()]
    blocks = [parts.header(said.say(f"{key}.title")), parts.rich(*lines), *parts.facts(rows)]
    return CardMessage(text, [*blocks, *parts.actions(ways), sheet.print()])


def overdue(sheet: Sheet) -> CardMessage:
    """Tells customer service's lead, and whoever has taken it, that a case's time has run out; less once it is over."""
    said, is_over = sheet.words, sheet.card.step != sheet.view.step
    key, mark = ("overdue.over", DONE) if is_over else ("overdue.now", CURRENT)
    text = said.say(f"{key}.text", since=said.since())
    expected = None if is_over else sheet.view.expected_on
    late: Line = [] if expected is None else [said.say("overdue.now.expected", day=day(sheet.language, expected))]
    lines: list[Line] = [[Bold(f"{mark} {text}")], late, _left(sheet, is_over=is_over)]
    rows = [] if sheet.view.application else [sheet.offer(), sheet.customer(), *sheet.start()]
    blocks = [parts.header(said.say(f"{key}.title")), parts.rich(*lines), *parts.facts(rows)]
    return CardMessage(text, [*blocks, *parts.actions([*sheet.takes(), sheet.details()]), sheet.print()])


def _left(sheet: Sheet, *, is_over: bool) -> Line:
    """Return who has the case, or that somebody must take it."""
    if is_over:
        return [say(sheet.language, "decided.nothing_to_do")]
    if not sheet.view.is_claimed:
        return [say(sheet.language, "overdue.untaken")]
    if sheet.card.has_claimed:
        return [say(sheet.language, "overdue.yours")]
    who = parts.on_one_line(sheet.view.claimed_by or say(sheet.language, "value.somebody"))
    return sheet.words.rich("overdue.taken", who=who)


def emergency(sheet: Sheet) -> CardMessage:
    """Tells those who could have decided that a reserve attestant did: who, when, why, which order."""
    step, title = _emergency(sheet), parts.header(sheet.words.say("emergency_card.title"))
    if step is None:
        return CardMessage(sheet.words.say("decided.title"), [title, sheet.chain(), sheet.print()])
    said = {"who": sheet.words.who_begins(step), "at": sheet.words.at(step)}
    lead = parts.rich(sheet.words.rich("emergency_card.lead", **said), sheet.words.rich("emergency_card.todo"))
    rows = [sheet.offer(), sheet.customer(), sheet.connection()]
    blocks = [title, lead, *sheet.reason(step), *parts.facts(rows), sheet.chain()]
    text = sheet.words.say("emergency_card.lead", **said)
    return CardMessage(text, [*blocks, *parts.actions([sheet.details()]), sheet.print()])


def receipt(sheet: Sheet) -> CardMessage:
    """Tells a reserve attestant what was attested, who knows of it, and what follows."""
    step, title = _emergency(sheet), parts.header(sheet.words.say("receipt.title"))
    if step is None:
        return CardMessage(sheet.words.say("decided.title"), [title, sheet.chain(), sheet.print()])
    text = sheet.words.say("receipt.lead", at=sheet.words.at(step))
    lead = parts.rich(sheet.words.rich("receipt.lead", at=sheet.words.at(step)), sheet.words.rich("receipt.told"))
    rows = [sheet.offer(), sheet.customer(), sheet.connection()]
    blocks = [title, lead, *sheet.reason(step), *parts.facts(rows), sheet.chain()]
    return CardMessage(text, [*blocks, *parts.actions([sheet.details()]), sheet.print()])


def _emergency(sheet: Sheet) -> StepView | None:
    """Return the emergency that the card tells of: the latest on its side when it was made."""
    side = SIDE_OF[sheet.card.part]
    steps = [each for each in sheet.view.steps if each.action is Action.EMERGENCY_ATTEST]
    of_side = [each for each in steps if SIDE_OF.get(each.part) is side and each.step <= sheet.card.step]
    return of_side[-1] if of_side else None
