"""What the bare command answers: what waits for me, and the buttons people most often want."""

from collections.abc import Iterator

from bot.views.home.home import HomeFacts
from bot.views.home.inbox import rows
from bot.views.organisations.roles import roles_held
from core.api import CaseList, Language, LinkState
from notifications.render.model import Block, CardMessage
from notifications.render.pieces.parts import actions, button, on_one_line, paragraphs, rich
from notifications.render.pieces.rows import number_of
from notifications.texts import counted, say

# What a short answer shows; the home tab shows the rest.
SHOWN = 5


def status_message(home: HomeFacts, language: Language) -> CardMessage:
    """Return the answer to a person who is linked: the first that wait, and how many do."""
    lead = _lead(home, language)
    items = rows(home.inbox.rows[:SHOWN], CaseList.WAITING, home.pointer, language, home.at)
    blocks = [rich([lead]), *items, *_buttons(home, language)]
    return CardMessage(lead, blocks, "status")


def link_message(home: HomeFacts, language: Language) -> CardMessage:
    """Return the answer to an account that is not linked but has a person's e-mail address: is that you?"""
    if home.is_barred:
        return answered_message(LinkState.BARRED, home.offer_link_to or "", language)
    name = on_one_line(home.offer_link_to or "")
    if home.is_guest:
        return answered_message(LinkState.ASKED, name, language)
    question = say(language, "home.unlinked_offer", name=name)
    value = home.pointer.value()
    buttons = actions([button(language, "link_yes", value), button(language, "link_no", value)])
    return CardMessage(question, [rich([question]), *buttons], "link")


def answered_message(state: str, name: str, language: Language) -> CardMessage:
    """What stands in the place of the question once it is answered; `state` is what the account's link is now."""
    said = [say(language, f"link.{state}.text", name=on_one_line(name)), say(language, f"link.{state}.body")]
    return CardMessage(said[0], [paragraphs(said)], "answered")


def _lead(home: HomeFacts, language: Language) -> str:
    count = home.inbox.count
    if not count:
        return say(language, "command.nothing") if home.roles else roles_held(home.roles, language)
    if count > SHOWN:
        return say(language, "command.many", count=number_of(count), shown=SHOWN)
    return counted(language, "command.waiting", count)


def _buttons(home: HomeFacts, language: Language) -> Iterator[Block]:
    names = [*(["new_order"] if home.may_order else []), "help"]
    yield from actions([button(language, name, home.pointer.value()) for name in names])
