"""Customer service's card of an application: everything it takes to decide, what is known around it, and its end."""

from collections.abc import Iterator

from core.api import Action, ApplicationView, CaseId, Contact, OtherApplication, Role, State
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Bold, CardMessage, Line
from notifications.render.pieces import parts
from notifications.render.pieces.application_facts import application_rows, applied_in, whose_number
from notifications.render.pieces.card_buttons import DETAILS, details
from notifications.render.pieces.facts import CardStanding
from notifications.render.pieces.sheet import Sheet
from notifications.render.pieces.talk import talk
from notifications.render.pieces.words import CURRENT, DONE, MARKS, CaseWords
from notifications.texts import counted, say, when

# Nothing is looked up around what nobody can decide any more.
DECIDABLE = frozenset({State.APPLICATION_SUBMITTED})


def application(sheet: Sheet) -> CardMessage:
    """Return what was applied for and by whom, what speaks against it, who has taken it, and the buttons to decide."""
    view, said = sheet.view, sheet.words
    first = applied_in(said).stands_with
    if first is not None:
        return _standing_with(sheet, first)
    if sheet.card.stands is CardStanding.CHANGED:
        return _replaced(sheet)
    text = said.say("applied.text", state=say(sheet.language, f"state.{view.state}").lower())
    blocks = [
        parts.header(said.say(f"applied.title.{view.state}")),
        *sheet.lines(_todo(sheet), warnings(said), signatures(sheet)),
        *_ended(sheet),
        *parts.facts(application_rows(sheet.words)),
        *talk(said),
        sheet.chain(),
        *sheet.buttons(),
        sheet.print(*_hints(sheet)),
        *_others(sheet),
    ]
    return CardMessage(text, blocks)


def signatures(sheet: Sheet) -> Iterator[Line]:
    """Return how many have signed of those who must, and who they are, while it waits for signatures."""
    one = applied_in(sheet.words)
    if sheet.view.state is not State.AGREEMENT_AWAITING_SIGNATURE:
        return
    done, needed = str(len(one.signed)), str(one.signatures_needed)
    if not one.signed:
        yield [sheet.words.counted("applied.signed_none", one.signatures_needed)]
        return
    people = sheet.words.together([each.name for each in one.signed])
    yield sheet.words.rich("applied.signed", done=done, needed=needed, people=people)


def warnings(said: CaseWords) -> Iterator[Line]:
    """Return what customer service must know before it decides: the number is known, or applied for once more."""
    one = applied_in(said)
    if said.view.state not in DECIDABLE:
        return
    if one.registered_as is not None:
        key = "applied.has_agreement" if one.has_agreement else "applied.registered"
        yield [Bold("⚠ "), *said.rich(key, name=parts.on_one_line(one.registered_as))]
    if one.others:
        yield [Bold(f"⚠ {counted(said.language, 'applied.others', one.others_count)}")]
    yield from _about_administrators(said, one)
    for key, addresses in (("applied.left", one.left), ("applied.known", one.known)):
        named = [contact.name for contact in _people(one) if contact.email in addresses]
        if named:
            yield said.rich(key, people=said.together(named))


def _about_administrators(words: CaseWords, one: ApplicationView) -> Iterator[Line]:
    if not one.is_new_administrator:
        return
    said = {"person": parts.on_one_line(_administrator(one).name)}
    key = "applied.first_administrator"
    if one.administrators:
        key, said = "applied.new_administrator", said | {"people": words.together(list(one.administrators))}
    yield [Bold("⚠ "), *words.rich(key, **said)]


def _others(sheet: Sheet) -> Iterator[Block]:
    """Return the other open applications with the number, each with the button that opens it. Most have no card."""
    one, language = applied_in(sheet.words), sheet.language
    if sheet.view.state not in DECIDABLE or not one.others:
        return
    yield parts.divider()
    yield parts.rich([Bold(say(language, "applied.others_title"))])
    for other in one.others:
        yield _other(sheet, other)
    if one.others_count > len(one.others):
        yield parts.small(counted(language, "applied.others_more", one.others_count - len(one.others)))


def _other(sheet: Sheet, other: OtherApplication) -> Block:
    language = sheet.language
    name, email = map(parts.on_one_line, (other.administrator.name, other.administrator.email))
    kind, organisation = say(language, f"applied.kind.{other.flow}"), parts.on_one_line(other.organisation)
    contact, at = say(language, "applied.contact", name=name, email=email), when(language, other.sent_in_at)
    lines = [
        say(language, "applied.other", number=other.case, kind=kind, organisation=organisation),
        say(language, "applied.other_sent", at=at, administrator=contact),
    ]
    if other.state not in DECIDABLE:
        lines.append(say(language, f"state.{other.state}"))
    text, pointer = "\n".join(lines), Pointer(sheet.card.environment, case=other.case)
    show = parts.button(language, DETAILS, pointer.value(), other.case, "show")
    return parts.item_of(text, show)


def new_administrator(sheet: Sheet) -> CardMessage:
    """Tells whoever administers an organisation that an application of it names others than who administers it.

    It holds nothing that somebody wrote in the application, who may be anybody: customer service has not looked yet.
    """
    said = sheet.words
    title = said.say("new_administrator.title")
    blocks = [
        parts.header(title),
        parts.rich(said.rich("new_administrator.text")),
        *parts.facts([whose_number(said)]),
        parts.rich(said.rich("new_administrator.todo")),
        sheet.print(),
    ]
    return CardMessage(title, blocks)


def _standing_with(sheet: Sheet, first: CaseId) -> CardMessage:
    """Return a line that leads to the card on which the application stands, and the button that opens it."""
    said = sheet.words
    text = said.say("applied.together.text", first=first)
    return CardMessage(
        text,
        [
            parts.header(said.say("applied.replaced.title")),
            parts.rich(said.rich("applied.together.text", first=first)),
            *parts.actions([details(said, sheet.pointer, "whole_application")]),
            parts.small(said.number()),
        ],
    )


def _replaced(sheet: Sheet) -> CardMessage:
    """Return a line that leads to the newer card."""
    said = sheet.words
    lead = parts.rich(said.rich("applied.replaced.text"))
    return CardMessage(
        said.say("applied.replaced.text"),
        [parts.header(said.say("applied.replaced.title")), lead, parts.small(said.number())],
    )


def _people(one: ApplicationView) -> tuple[Contact, ...]:
    return tuple({contact.email: contact for _, contact in one.contacts}.values())


def _administrator(one: ApplicationView) -> Contact:
    return next(contact for role, contact in one.contacts if role is Role.ADMINISTRATOR)


def _todo(sheet: Sheet) -> Iterator[Line]:
    state = sheet.view.state
    if not sheet.is_over:
        yield [Bold(f"{CURRENT} "), say(sheet.language, f"applied.todo.{state}")]
    if state in DECIDABLE:
        claimed = sheet.view.claimed_by or say(sheet.language, "value.nobody")
        yield [f"{sheet.words.field('claimed')}: ", Bold(parts.on_one_line(claimed))]


def _ended(sheet: Sheet) -> Iterator[Block]:
    last = sheet.view.last
    if sheet.is_over and last is not None and last.action is not None:
        yield parts.rich([Bold(f"{MARKS.get(last.action, DONE)} {sheet.decided(last)}")])
        yield from sheet.reason(last)


def _hints(sheet: Sheet) -> Iterator[str]:
    offered = {row.does for row in sheet.offers}
    if Action.CLAIM in offered:
        yield say(sheet.language, "applied.claim_first")
    if Action.APPROVE in offered:
        yield say(sheet.language, "applied.effect")
