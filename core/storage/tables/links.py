"""When an account stands for its person: one condition, as text for the statements of a press and as an expression.

An organisation's Slack says for that organisation alone whose an account is: whoever runs it can give any account any
address. Where the person also has, has had or is to have a role elsewhere, the account stands for nobody. A role that
was called off never held.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from core.storage.tables.delivery import workspaces
from core.storage.tables.register import identities, role_assignments

# Of an account `i`, in a statement.
STANDS = """(i.state = 'confirmed' AND (i.organisation_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM role_assignments w WHERE w.person_id = i.person_id AND w.organisation_id <> i.organisation_id
      AND (w.valid_to IS NULL OR w.valid_to > w.valid_from))))"""


def stands() -> ColumnElement[bool]:
    """Return the condition for an account that stands for its person."""
    return and_(identities.c.state == "confirmed", is_vouched_for())


def preferred() -> Sequence[ColumnElement[Any]]:
    """Return the order in which somebody's accounts are written to, joined with their Slacks: those that can be reached
    first; of them the one that the person has chosen, the own organisation's before Inera's own, the one that was
    confirmed last.
    """
    accounts, cannot_be_reached = identities.c, workspaces.c.problem.is_not(None)
    is_ineras = accounts.organisation_id.is_(None)
    return cannot_be_reached, not_(accounts.is_preferred), is_ineras, accounts.at.desc(), accounts.issuer


def first_organisation(at: datetime) -> ColumnElement[str | None]:
    """Return the organisation where the person of an account had a role before any other that is not over.

    Its administrators alone say what becomes of the account: a role that another gives somebody else's people changes
    nothing of that. Numbers are given in turn, whatever days are said.
    """
    held = role_assignments.alias()
    is_not_over = or_(held.c.valid_to.is_(None), and_(held.c.valid_to > at, held.c.valid_to > held.c.valid_from))
    mine = select(held.c.organisation_id).where(held.c.person_id == identities.c.person_id, is_not_over)
    return mine.order_by(held.c.id).limit(1).correlate(identities).scalar_subquery()


def is_vouched_for() -> ColumnElement[bool]:
    """Return the condition for an account that may stand for its person, on the word of whoever says so."""
    held = role_assignments.alias()
    is_held = or_(held.c.valid_to.is_(None), held.c.valid_to > held.c.valid_from)
    elsewhere = exists().where(
        held.c.person_id == identities.c.person_id, held.c.organisation_id != identities.c.organisation_id, is_held
    )
    return or_(identities.c.organisation_id.is_(None), ~elsewhere)
