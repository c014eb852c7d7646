"""Where an organisation asks those who have a role: each by themselves, or together in a channel of its own Slack."""

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from core.shared.vocabulary import DECIDING, ROLES_OF, OrganisationKind, Part, Role

# By which somebody is asked to decide for an organisation.
CHANNELLED = tuple(dict.fromkeys(role for part in Part if part in DECIDING for role in ROLES_OF[part]))
# Slack's id of a channel, alone or at the end of a link to it.
CHANNEL_ID = re.compile(r"(?:https://\S+/)?(?P<id>[CG][A-Z0-9]{8,20})(?:[/?#]\S*)?")


class Notified(StrEnum):
    """Whom a message in a channel calls, of those who may decide."""

    NOBODY = "nobody"
    ASKED = "asked"  # those who are asked
    ALL = "all"  # everybody who has the role


@dataclass(frozen=True)
class RoleChannel:
    """Where those who have a role are asked, whom that calls, and who decides there: anybody who may, or the asked.

    `name` is what the channel is called, empty where nobody knows. `problem` is why the last message did not reach it.
    """

    role: Role
    channel: str
    notified: Notified = Notified.ASKED
    asked_only: bool = False
    name: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SeenChannel:
    """How a channel stands in Slack: its name, what keeps messages from it, and whether others' people read it too.

    What nobody has said is left out.
    """

    name: str = ""
    problem: str = ""
    is_shared: bool = False


def channel_called(channel: str, name: str | None) -> str:
    """Return what people call a channel: by its name, by its id where nobody knows that."""
    return f"#{name}" if name else channel


def roles_asked_in(kinds: Set[OrganisationKind]) -> tuple[Role, ...]:
    """Return the roles of an organisation that may be asked in a channel, by what it is."""
    is_agent = OrganisationKind.AGENT in kinds
    return tuple(role for role in CHANNELLED if is_agent or role is not Role.AGENT_HANDLER)


def rule_broken_by_channel(
    role: Role, channel: str | None, kinds: Set[OrganisationKind], *, has_slack: bool
) -> tuple[str, str] | None:
    """Return what keeps an organisation from asking in a channel, and the field that it stands at; None where nothing.

    `channel` is its id, empty where each is to be asked alone; None where what was written is no channel.
    """
    if role not in roles_asked_in(kinds):
        return "role_not_for_kind", "role"
    if channel is None:
        return "channel", "channel"
    return ("no_own_slack", "channel") if channel and not has_slack else None


def channel_in(text: str) -> str | None:
    """Return the id of a channel in what somebody wrote: the id, or a link to the channel; None where it is neither."""
    found = CHANNEL_ID.fullmatch(text.strip())
    return None if found is None else found["id"]
