"""Whom a card of a case asks, and in which channel they are asked together: conditions over a card and its case."""

from sqlalchemy import ColumnElement, and_, case

from core.shared.vocabulary import DECIDING, ROLES_OF, SIDE_OF, Side
from core.storage.tables.cases import cases
from core.storage.tables.delivery import cards
from core.storage.tables.register import role_channels

# By which role each part that decides is played.
_ROLES = {str(part): str(role) for part in DECIDING for role in ROLES_OF[part]}
_OF_AGENTS = sorted(str(part) for part in DECIDING if SIDE_OF[part] is Side.AGENT)


def organisation_asked() -> ColumnElement[str | None]:
    """Return whose people a card asks."""
    return case((cards.c.part.in_(_OF_AGENTS), cases.c.agent_id), else_=cases.c.customer_id)


def is_set_for_card() -> ColumnElement[bool]:
    """Return the condition for the channel that an organisation has chosen for those whom a card asks."""
    role = case(_ROLES, value=cards.c.part, else_=None)
    return and_(role_channels.c.organisation_id == organisation_asked(), role_channels.c.role == role)


def is_in_role_channel() -> ColumnElement[bool]:
    """Return the condition for a card in a channel of an organisation's: customer service's has a part of its own."""
    return and_(cards.c.person_id.is_(None), cards.c.email.is_(None), cards.c.part.in_(sorted(map(str, DECIDING))))
