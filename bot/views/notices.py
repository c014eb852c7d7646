"""The modals that only tell: a refusal or a receipt, and how it all works."""

from collections.abc import Iterable, Iterator

from bot.forms.inputs import notice
from core.api import OFFERED_FLOWS, Language, Part
from notifications.render.model import Block, Bold, Button, CardMessage, Dialog, Line
from notifications.render.pieces.parts import actions, button, header, rich, small, url_button
from notifications.texts import say

SECTIONS = (*OFFERED_FLOWS, "other", "who", "commands")


class NoticeModal:
    """One sentence, for a refusal or a receipt where no message can carry it."""

    CALLBACK = "kp.notice"

    @classmethod
    def build(cls, language: Language, title_key: str, sentence: str, order: str = "") -> Dialog:
        """Return a notice: a title of the catalogue (`notice.refused`, …) and a sentence that is already in words.

        `order` is the value of a button that shows the order it is about, as it stands now.
        """
        blocks = [rich([sentence]), *actions(order_button(language, order))]
        return notice(language, cls.CALLBACK, say(language, title_key), "", blocks)


def refusal_message(language: Language, sentence: str, order: str = "") -> CardMessage:
    """Return the same beside a message."""
    blocks = [rich([sentence]), *actions(order_button(language, order))]
    return CardMessage(sentence, blocks, "refused")


def order_button(language: Language, value: str) -> list[Button]:
    """Return the way from an old card to the order as it stands now; nothing where the refusal is about no order."""
    return [button(language, "details", value)] if value else []


class HelpModal:
    """Both flows in short numbered steps, who does what, and where the rest is done."""

    CALLBACK = "kp.help"

    @classmethod
    def build(cls, language: Language, parts: Iterable[Part], portal_url: str) -> Dialog:
        """Return the help, with the parts the reader plays."""
        return notice(language, cls.CALLBACK, say(language, "help.title"), "", help_blocks(language, parts, portal_url))


def help_message(language: Language, parts: Iterable[Part], portal_url: str) -> CardMessage:
    """Return the help as a message, for the command."""
    blocks = [header(say(language, "help.title")), *help_blocks(language, parts, portal_url)]
    return CardMessage(say(language, "help.intro"), blocks, "help")


def help_blocks(language: Language, parts: Iterable[Part], portal_url: str) -> Iterator[Block]:
    """Return the help without its title."""
    roles = ", ".join(dict.fromkeys(say(language, f"role_of.{part}") for part in parts))
    yield rich([say(language, "help.intro")], [Bold(say(language, "help.yours", roles=roles))] if roles else [])
    for section in SECTIONS:
        steps = map(_step, say(language, f"help.{section}.steps").splitlines())
        yield rich([Bold(say(language, f"help.{section}.title"))], *steps)
    yield small(say(language, "help.who_sees"), say(language, "help.portal"))
    yield from actions(url_button(language, "open_portal", portal_url))


def _step(line: str) -> Line:
    """Return a line of the help; what it is about stands out."""
    about, colon, said = line.partition(": ")
    return [Bold(about), colon + said] if colon else [line]
