"""What goes by mail to the contacts named in an application: no buttons, since the mail has a link beside it."""

from collections.abc import Callable, Iterable, Iterator

from core.api import Action, AgreementType, Role
from notifications.render.drawings.applications import signatures
from notifications.render.model import Block, CardMessage, Line
from notifications.render.pieces import parts
from notifications.render.pieces.application_facts import applied_in
from notifications.render.pieces.sheet import Row, Sheet
from notifications.render.pieces.talk import latest_question
from notifications.rules.announcements import CardKind
from notifications.texts import counted, day

Lines = Iterator[Line]


def received(sheet: Sheet) -> CardMessage:
    """That an application has come that names the address: nothing of what somebody wrote in it, who may be anybody."""
    return _letter(sheet, "received")


def completion(sheet: Sheet) -> CardMessage:
    """Return what customer service needs to know before it can decide."""
    return _letter(sheet, "completion", more=_question(sheet))


def completion_reminder(sheet: Sheet) -> CardMessage:
    """Return the same once more, with the day when it ends."""
    return _letter(sheet, "completion_reminder", todo="completion", more=_question(sheet))


def rejected(sheet: Sheet) -> CardMessage:
    """Return why the application was rejected, and that a new one may come."""
    return _letter(sheet, "rejected", more=_reason(sheet, "rejected", Action.REJECT))


def approved(sheet: Sheet) -> CardMessage:
    """To the administrator: what comes next, and whom it waits for."""
    return _letter(sheet, "approved", facts=_signing(sheet))


def to_sign(sheet: Sheet) -> CardMessage:
    """To a signatory: which agreement, for whom, how many sign, until when."""
    return _letter(sheet, "to_sign", lines=_needed(sheet), facts=_signing(sheet))


def sign_reminder(sheet: Sheet) -> CardMessage:
    """Return the same once more, to those who have not signed."""
    lines = (each for some in (signatures(sheet), _needed(sheet)) for each in some)
    return _letter(sheet, "sign_reminder", todo="to_sign", lines=lines)


def named_contact(sheet: Sheet) -> CardMessage:
    """To the contact for agreements: that one is."""
    return _letter(sheet, "named_contact")


def declined(sheet: Sheet) -> CardMessage:
    """Return who declined to sign, and why."""
    return _letter(sheet, "declined", more=_reason(sheet, "declined", Action.DECLINE))


def cancelled(sheet: Sheet) -> CardMessage:
    """That customer service has cancelled the application, and why."""
    return _letter(sheet, "cancelled", more=_reason(sheet, "cancelled", Action.CANCEL))


def sign_expired(sheet: Sheet) -> CardMessage:
    """That the links are good no longer, and how to get new ones."""
    return _letter(sheet, "sign_expired")


def lapsed(sheet: Sheet) -> CardMessage:
    """That the application has ended without an answer."""
    return _letter(sheet, "lapsed")


def signed(sheet: Sheet) -> CardMessage:
    """That the agreement holds."""
    return _letter(sheet, "signed")


def invitation(sheet: Sheet) -> CardMessage:
    """To the administrator: what to do in the portal, now that the agreement holds."""
    is_customer = applied_in(sheet.words).agreement is AgreementType.KUNDAVTAL
    return _letter(sheet, "invitation", todo="invitation", key="todo_customer" if is_customer else "todo_agent")


LETTERS: dict[CardKind, Callable[[Sheet], CardMessage]] = {
    CardKind.APPLICATION_RECEIVED: received,
    CardKind.TO_COMPLETE: completion,
    CardKind.COMPLETION_REMINDER: completion_reminder,
    CardKind.APPLICATION_REJECTED: rejected,
    CardKind.APPLICATION_APPROVED: approved,
    CardKind.AGREEMENT_TO_SIGN: to_sign,
    CardKind.SIGN_REMINDER: sign_reminder,
    CardKind.NAMED_CONTACT: named_contact,
    CardKind.AGREEMENT_DECLINED: declined,
    CardKind.APPLICATION_CANCELLED: cancelled,
    CardKind.SIGN_EXPIRED: sign_expired,
    CardKind.APPLICATION_LAPSED: lapsed,
    CardKind.AGREEMENT_SIGNED: signed,
    CardKind.INVITATION: invitation,
}


def _letter(
    sheet: Sheet,
    kind: str,
    *,
    todo: str = "",
    key: str = "todo",
    lines: Iterable[Line] = (),
    facts: Iterable[Row] = (),
    more: Iterable[Block] = (),
) -> CardMessage:
    said = sheet.words
    title = said.say(f"letter.{kind}.title", **_told(sheet))
    blocks = [
        parts.header(title),
        parts.rich(said.rich(f"letter.{kind}.lead", **_told(sheet)), *lines),
        *more,
        parts.rich([said.say(f"letter.{todo or kind}.{key}")]),
        *parts.facts(facts),
        parts.small(said.number()),
    ]
    return CardMessage(title, blocks)


def _told(sheet: Sheet) -> dict[str, str]:
    """Return what the sentences of some letters name: when it ends or began, and who ended it."""
    view, last = sheet.view, sheet.view.last
    until = view.expires_at or view.closed_at or view.waiting_since
    return {"day": day(sheet.language, until), "who": "" if last is None else sheet.words.who_begins(last)}


def _question(sheet: Sheet) -> Iterator[Block]:
    asked = latest_question(sheet.view)
    if asked is not None:
        yield parts.quote(sheet.words.say("letter.completion.asked"), asked.message)


def _reason(sheet: Sheet, kind: str, action: Action) -> Iterator[Block]:
    given = next((each for each in reversed(sheet.view.steps) if each.action is action), None)
    if given is not None and given.reason:
        label = sheet.words.say(f"letter.{kind}.reason")
        code = "" if given.reason_code is None else f": {sheet.words.say(f'reason.{given.reason_code}')}"
        yield parts.quote(label + code, given.reason)


def _needed(sheet: Sheet) -> Lines:
    yield [counted(sheet.language, "letter.to_sign.needed", applied_in(sheet.words).signatures_needed)]


def _signing(sheet: Sheet) -> Iterator[Row]:
    """Return who signs, which an administrator and a signatory may know of each other."""
    for role, contact in applied_in(sheet.words).contacts:
        if role is Role.SIGNATORY:
            yield sheet.words.say("applied.signatory"), parts.on_one_line(contact.name)
