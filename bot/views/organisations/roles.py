"""What somebody is and where, in a sentence."""

from collections.abc import Sequence

from core.api import Language, Role
from notifications.render.pieces.parts import on_one_line
from notifications.texts import say

# People with roles in more organisations than this read that there are more.
ROLES_SHOWN = 5

# The name of an organisation, None for Inera itself, and what somebody is there.
Held = tuple[str | None, Sequence[Role]]


def roles_held(roles: Sequence[Held], language: Language) -> str:
    """Return what the reader is and where; what to do for somebody who is nothing anywhere."""
    if not roles:
        return say(language, "home.no_role")
    said = [_held(each, language) for each in roles[:ROLES_SHOWN]]
    more = len(roles) - len(said)
    return " ".join([*said, say(language, "value.more", count=more)] if more else said)


def _held(held: Held, language: Language) -> str:
    organisation, roles = held
    named = _together([say(language, f"role.{each}") for each in roles], language)
    if organisation is None:
        return say(language, "home.roles_at_inera", roles=named)
    return say(language, "home.roles", roles=named, organisation=on_one_line(organisation))


def _together(listed: Sequence[str], language: Language) -> str:
    *first, last = listed
    return say(language, "value.and", first=", ".join(first), last=last) if first else last
