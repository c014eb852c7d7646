"""The cards that tell of a substitute: to the substitute and to the absent person, as it stands now."""

from datetime import date, datetime

from core.api import Language
from notifications.blocks import parts
from notifications.blocks.facts import CardFacts, Message
from notifications.texts import say, span


def substitute(card: CardFacts, language: Language) -> Message:
    """Who decides in whose place, in which role and when; or that it is over."""
    note = {name: parts.on_one_line(value) for name, value in card.note.items()}
    first, last = span(language, *(date.fromisoformat(note[name]) for name in ("from", "to")))
    named = {"absent": note["absent"], "substitute": note["substitute"]}
    text = say(language, _key(card), **named, **{"from": first, "to": last})
    role = say(language, f"role.{note['role']}")
    place = say(language, "substitute.role_at", role=role, organisation=note["organisation"])
    blocks = [parts.header(say(language, "home.substitutes")), parts.rich([parts.bold(text)])]
    return Message(text, [*blocks, parts.small(place, say(language, "substitute.where"))])


def _key(card: CardFacts) -> str:
    over = card.at is not None and datetime.fromisoformat(card.note["until"]) <= card.at
    if card.note["mine"]:
        return "substitute.ended_for_me" if over else "substitute.saved_for_me"
    return "substitute.told_end" if over else "substitute.told"
