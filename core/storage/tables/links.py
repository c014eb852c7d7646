"""When an account stands for its person, and for which organisation's affairs: as text for the statements of a press
and as expressions.

An organisation's Slack says for that organisation alone whose an account is: whoever runs it can give any account any
address. Such an account carries the person's roles there, and none elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, not_, null, or_, select

from core.shared.vocabulary import SIDE_OF, Side
from core.storage.tables.cases import cases
from core.storage.tables.delivery import cards, workspaces
from core.storage.tables.history import history
from core.storage.tables.register import identities, role_assignments, substitutions

# Of an account `i`, in a statement.
STANDS = "i.state = 'confirmed'"


def stands() -> ColumnElement[bool]:
    """Return the condition for an account that stands for its person."""
    return identities.c.state == "confirmed"


def preferred() -> Sequence[ColumnElement[Any]]:
    """Return the order in which somebody's accounts are written to, joined with their Slacks: those that can be reached
    first; of them the one that the person has chosen, the own organisation's before Inera's own, the one that was
    confirmed last.
    """
    accounts, cannot_be_reached = identities.c, workspaces.c.problem.is_not(None)
    is_ineras = accounts.organisation_id.is_(None)
    return cannot_be_reached, not_(accounts.is_preferred), is_ineras, accounts.at.desc(), accounts.issuer


def organisation_of_account(at: datetime) -> ColumnElement[str | None]:
    """Return the organisation whose administrators alone say what becomes of an account.

    In an organisation's Slack it is that one; in Inera's own the one where the person had a role before any other that
    is not over: a role that another gives somebody else's people changes nothing of that. Numbers are given in turn,
    whatever days are said.
    """
    held = role_assignments.alias()
    is_not_over = or_(held.c.valid_to.is_(None), and_(held.c.valid_to > at, held.c.valid_to > held.c.valid_from))
    mine = select(held.c.organisation_id).where(held.c.person_id == identities.c.person_id, is_not_over)
    first = mine.order_by(held.c.id).limit(1).correlate(identities).scalar_subquery()
    return func.coalesce(identities.c.organisation_id, first)


def organisation_of_card() -> ColumnElement[Any]:
    """Return whose affair a card is; None of Inera's, and of what is nobody's in particular."""
    inera, agent = ([str(part) for part, side in SIDE_OF.items() if side is each] for each in (Side.INERA, Side.AGENT))
    side = case(
        (cards.c.part.in_(inera), null()), (cards.c.part.in_(agent), cases.c.agent_id), else_=cases.c.customer_id
    )
    of_case = select(side).where(cases.c.id == cards.c.case_id)
    of_line = select(history.c.organisation_id).where(history.c.id == cards.c.line_id)
    is_about = and_(cards.c.kind == "substitute", cast(substitutions.c.id, String) == cards.c.about)
    of_substitution = select(substitutions.c.organisation_id).where(is_about)
    found = (query.correlate(cards).scalar_subquery() for query in (of_case, of_line, of_substitution))
    return func.coalesce(*found)


def may_get_card() -> ColumnElement[bool]:
    """Return the condition for an account that a card of its person may go to: one that carries what the card is about.

    What is nobody's affair in particular goes to an organisation's Slack where the person has, has had and is to have
    roles in no other.
    """
    own, held, organisation = identities.c.organisation_id, role_assignments.alias(), organisation_of_card()
    is_held = or_(held.c.valid_to.is_(None), held.c.valid_to > held.c.valid_from)
    elsewhere = exists().where(held.c.person_id == identities.c.person_id, held.c.organisation_id != own, is_held)
    # A report names its organisation after its week, what is not ready after its reason.
    is_named = (literal("/") + cards.c.about + "/").contains(literal("/") + own + "/")
    is_nobodys = and_(organisation.is_(None), ~elsewhere)
    return or_(own.is_(None), own == organisation, and_(cards.c.case_id.is_(None), or_(is_named, is_nobodys)))
