"""When a workspace is off, and which cards in one still ask somebody something: conditions, and what asks it anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, literal, not_, select

from core.shared.vocabulary import PART_WAITED_FOR, LinkState, State
from core.storage.tables.cases import cases
from core.storage.tables.delivery import cards, workspaces
from core.storage.tables.register import identities

# The access token has run out: whoever has a refresh token gets another by it.
EXPIRED = "token_expired"
# The refresh token counts no more: only who installs the app anew gets another.
REFUSED_REFRESH = "invalid_refresh_token"
# The app is no more there, or its token: as Slack says it, in an event or to a call. Whatever else is wrong (a scope
# that is missing, a workspace that moves) is mended there or here, and cards wait for that.
OFF = frozenset(
    {
        "account_inactive",
        "app_uninstalled",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        REFUSED_REFRESH,
        EXPIRED,
        "token_revoked",
    }
)
# What we cannot open lacks a key of ours: nobody there has taken anything away.
UNREADABLE = "unreadable_token"
# What is said beside the question itself, and asks nothing else.
REMINDER, HANDED_OVER = "reminder", "handed_over"
BESIDE = (REMINDER, HANDED_OVER)
# What asks whoever ordered, while others are waited for.
KEEP = "keep_or_withdraw"
# What asks whether a guest's account is let in.
GUEST = "guest"


def is_off() -> ColumnElement[bool]:
    """Return the condition for an organisation's Slack in which the app is no more.

    Inera's own waits for whoever runs this: nobody has another to go to.
    """
    known = workspaces.c
    # The first two are never null, so that "not off" is no null either.
    return and_(known.organisation_id.is_not(None), known.problem.is_not(None), known.problem.in_(sorted(OFF)))


def asking(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Read the cards, of some, that ask what their case waits for now, each with the case's state and revision.

    Of those that ask one person the same only the last; what is said beside a question only where that is gone.
    """
    query = select(cards, cases.c.state, cases.c.revision).join(cases, cases.c.id == cards.c.case_id)
    is_asked = and_(which, cards.c.about.is_(None), cases.c.closed_at.is_(None), cards.c.step == cases.c.step)
    found = connection.execute(query.where(is_asked, not_(_is_beside_its_question()))).all()
    waited = [row for row in found if row.kind == KEEP or PART_WAITED_FOR.get(State(row.state)) == row.part]
    # A reminder asks, and that a colleague has left it to somebody only tells.
    waited.sort(key=lambda row: (row.kind == REMINDER, row.ts))
    return list({(row.case_id, row.person_id, "" if row.kind in BESIDE else row.kind): row for row in waited}.values())


def asking_of_guests(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Read the cards, of some, that ask whether a guest's account is let in which still waits for that."""
    account = cards.c.about == identities.c.issuer + "/" + identities.c.subject
    waits = exists().where(account, identities.c.state == LinkState.ASKED)
    query = select(cards, literal(1).label("revision")).where(which, cards.c.kind == GUEST, waits)
    return connection.execute(query).all()


def _is_beside_its_question() -> ColumnElement[bool]:
    """Return the condition for a card whose reader has the question itself too, wherever that is on its way to."""
    question = cards.alias("question")
    same = and_(
        question.c.case_id == cards.c.case_id,
        question.c.person_id == cards.c.person_id,
        question.c.part == cards.c.part,
        question.c.step == cards.c.step,
    )
    is_question = and_(question.c.kind.not_in([*BESIDE, KEEP]), question.c.about.is_(None))
    return and_(cards.c.kind.in_(BESIDE), exists().where(same, is_question, question.c.given_up_at.is_(None)))


def asked_anew(row: Row[Any], id_: str, at: datetime) -> dict[str, object]:
    """Return the row of a card that asks its reader again, wherever the reader is found; `row` is one of these."""
    return {
        "id": id_,
        "case_id": row.case_id,
        "about": row.about,
        "person_id": row.person_id,
        "kind": row.kind,
        "part": row.part,
        "step": row.step,
        "must_show": row.revision,
        "does_show": 0,
        "priority": 1,
        "due_at": at,
        "attempts": 0,
    }
