"""Asking in a channel: those who have a role are asked together where their organisation says, in its own Slack.

Each has a card all the same, which rests while the one in the channel stands for it. Where a channel takes nothing, the
cards that rest go to their readers, and who administers the organisation is told what to do, once for each time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from core.api import CardId, Happened, NewId, OrganisationKind, Part, add_working_days, day_of, end_of
from core.storage.tables import (
    Instant,
    cards,
    cases,
    identities,
    organisations,
    persons,
    role_channels,
    to_micros,
    workspaces,
)
from core.storage.tables.channels import is_in_role_channel, is_set_for_card
from core.storage.tables.homes import is_off
from core.storage.tables.links import stands
from notifications.accounts.administrators import administrators
from notifications.cards.card import Card, card_from_row, owed
from notifications.outbox.delivery_notes import note_delivery
from notifications.rules.announcements import ASKING, CardKind

# A channel that took nothing is tried with the next question once this has passed: nobody tells us that it is mended.
TRY_AGAIN = timedelta(hours=1)
# Who was told of a loss is told of the next once the channel has been well throughout so many working days: one that
# comes and goes would have somebody told of it each hour.
WELL_AGAIN = 1
# Our own mistake, of which nobody who administers a channel can mend anything.
NOT_DRAWN = "not_drawn"
# Somebody has taken the channel away, or chosen another, before the question stood there.
NOT_CHOSEN = "channel_not_chosen"
# Cards of a case become one message only if they are looked at together.
AT_ONCE = 500
_AT, _TRIED_BEFORE = bindparam("at", type_=Instant), bindparam("tried_before", type_=Instant)
_ACCOUNT = and_(identities.c.issuer == workspaces.c.id, identities.c.person_id == cards.c.person_id, stands())
# Cards that ask and are asked in a channel instead. Made once: it is asked whenever something new is owed.
_TO_BE_ASKED: Select[*tuple[Any, ...]] = (
    select(
        cards.c.id,
        cards.c.case_id,
        cards.c.kind,
        cards.c.part,
        cards.c.step,
        cards.c.owed_at,
        cards.c.press_id,
        cases.c.revision,
        workspaces.c.id.label("workspace_id"),
        role_channels.c.channel,
        role_channels.c.asked_only,
    )
    .join(cases, cases.c.id == cards.c.case_id)
    .join(role_channels, is_set_for_card())
    .join(workspaces, workspaces.c.organisation_id == role_channels.c.organisation_id)
    .join(persons, persons.c.id == cards.c.person_id)
    .where(cards.c.workspace_id.is_(None), cards.c.due_at <= _AT, cards.c.does_show == 0)
    .where(cards.c.kind.in_(sorted(ASKING.values())), cards.c.about.is_(None), cards.c.asked_in.is_(None))
    .where(or_(role_channels.c.problem.is_(None), role_channels.c.problem_at <= _TRIED_BEFORE))
    .where(cards.c.email.is_(None), cards.c.step == cases.c.step)
    .where(cases.c.closed_at.is_(None), workspaces.c.problem.is_(None), not_(is_off()))
    .where(persons.c.active, exists().where(_ACCOUNT))
    .order_by(cards.c.case_id, cards.c.kind, cards.c.part, cards.c.step, cards.c.id)
    .limit(AT_ONCE)
)


def ask_in_channels(connection: Connection, at: datetime, new_id: NewId) -> int:
    """Let cards that ask rest, and owe one in a channel instead, where their readers are to be asked there.

    Whoever has no account in that Slack is asked otherwise, and so is whoever is asked once the message stands: an edit
    of it calls nobody. Returns how many are asked in channels.
    """
    asked = {"at": at, "tried_before": at - TRY_AGAIN}
    if connection.execute(_TO_BE_ASKED.limit(1), asked).first() is None:
        return 0
    if connection.dialect.name == "postgresql":
        # Of two who each took some of a question's cards both would post it.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("role_channels", 0))))
    found = connection.execute(_TO_BE_ASKED.with_for_update(skip_locked=True, of=cards), asked).all()
    return sum(
        _ask(connection, list(together), at, new_id)
        for _, together in groupby(found, key=lambda row: (row.case_id, row.kind, row.part, row.step))
    )


def _ask(connection: Connection, together: Sequence[Row[Any]], at: datetime, new_id: NewId) -> int:
    """Let the cards of one question rest, unless the channel has been asked it already."""
    first = together[0]
    same = and_(cards.c.case_id == first.case_id, cards.c.kind == first.kind, cards.c.step == first.step)
    there = select(cards).where(same, is_in_role_channel(), cards.c.about.is_(None))
    before = connection.execute(there).first()
    if before is not None:
        # What somebody else holds may be gone or posted in a moment. To wait for it while holding others could end in
        # a deadlock.
        before = connection.execute(there.with_for_update(skip_locked=True)).first()
        if before is None or before.does_show or before.leased_until or before.due_at is None:
            return 0
    id_ = before.id if before is not None else CardId(new_id("C"))
    resting = cards.c.id.in_([row.id for row in together])
    connection.execute(update(cards).where(resting).values(asked_in=id_, due_at=None, leased_until=None))
    if before is None:
        row = owed(
            id_,
            first.kind,
            first.part,
            at,
            case_id=first.case_id,
            step=first.step,
            must_show=first.revision,
            workspace_id=first.workspace_id,
            address=first.channel,
            asked_only=first.asked_only,
            owed_at=first.owed_at,
            press_id=first.press_id,
        )
        connection.execute(insert(cards).values(row))
    return len(together)


# --- and back to each by themselves


def leave_channel(connection: Connection, card: Card, error: str, at: datetime, new_id: NewId) -> None:
    """Ask each by themselves what a channel did not take, and tell once who administers the organisation."""
    locked = _locked(connection, card)
    if locked is None:
        return
    setting = connection.execute(_setting(card).with_for_update(of=role_channels)).first()
    ask_each(connection, locked, error, at)
    if setting is not None and setting.channel == card.address:
        same = and_(role_channels.c.organisation_id == setting.organisation_id, role_channels.c.role == setting.role)
        connection.execute(update(role_channels).where(same).values(problem=error, problem_at=at))
        if _is_news(setting, at) and error != NOT_DRAWN:
            _tell(connection, setting, at, new_id)


def _is_news(setting: Row[Any], at: datetime) -> bool:
    """Say whether a loss is one that nobody was told of, or comes when the channel has been well for long enough."""
    if setting.problem is not None or setting.problem_at is None:
        return setting.problem is None
    return at >= end_of(add_working_days(day_of(setting.problem_at), WELL_AGAIN))


def turn_back(connection: Connection, card: Card, at: datetime) -> bool:
    """Ask each otherwise where what was to stand in a channel stands nowhere yet, and the channel is chosen no more.

    False where it is to go on.
    """
    setting = connection.execute(_setting(card)).first()
    if setting is not None and setting.channel == card.address:
        return False
    locked = _locked(connection, card)
    if locked is not None:
        ask_each(connection, locked, NOT_CHOSEN, at)
    return True


def _locked(connection: Connection, card: Card) -> Row[Any] | None:
    mine = and_(cards.c.id == card.id, cards.c.leased_until == card.leased_until)
    return connection.execute(select(cards).where(mine).with_for_update()).first()


def ask_each(connection: Connection, row: Row[Any], error: str, at: datetime) -> None:
    """Let the cards go to their readers for which one in a channel stood, where they are still asked; end that one."""
    resting = cards.c.asked_in == row.id
    now = select(cases.c.revision).where(cases.c.id == row.case_id, cases.c.step == row.step)
    revision = connection.scalar(now.where(cases.c.closed_at.is_(None)))
    if revision is None:
        connection.execute(delete(cards).where(resting))
    else:
        asked = connection.execute(select(cards).where(resting)).all()
        anew = {"asked_in": None, "due_at": at, "must_show": revision, "attempts": 0, "last_error": error}
        connection.execute(update(cards).where(resting).values(anew))
        for each in asked:
            note_delivery(connection, card_from_row(each), Happened.MOVED, at, error=error)
    this = cards.c.id == row.id
    if row.channel is None:
        connection.execute(delete(cards).where(this))
    else:
        over = {"due_at": None, "leased_until": None, "given_up_at": at, "last_error": error}
        connection.execute(update(cards).where(this).values(over))


def note_reached(connection: Connection, card: Card, at: datetime) -> None:
    """Keep that a channel takes messages again, and since when: one has been posted there, for edits go on where no
    post is taken.
    """
    setting = connection.execute(_setting(card)).first()
    if setting is not None and setting.channel == card.address and setting.problem is not None:
        same = and_(role_channels.c.organisation_id == setting.organisation_id, role_channels.c.role == setting.role)
        connection.execute(update(role_channels).where(same).values(problem=None, problem_at=at))


def _setting(card: Card) -> Select[*tuple[Any, ...]]:
    return (
        select(role_channels)
        .select_from(cards)
        .join(cases, cases.c.id == cards.c.case_id)
        .join(role_channels, is_set_for_card())
        .where(cards.c.id == card.id)
    )


def _tell(connection: Connection, setting: Row[Any], at: datetime, new_id: NewId) -> None:
    """Tell who administers the organisation that a channel is lost which was well until now."""
    about = f"{setting.organisation_id}/{setting.role}/{to_micros(at)}"
    kinds = connection.scalar(select(organisations.c.kinds).where(organisations.c.id == setting.organisation_id)) or ()
    is_customer = OrganisationKind.CUSTOMER in kinds
    part = Part.CUSTOMER_ADMINISTRATOR if is_customer else Part.AGENT_ADMINISTRATOR
    people = connection.execute(administrators(setting.organisation_id, at)).all()
    rows = [
        owed(CardId(new_id("C")), CardKind.CHANNEL_LOST, part, at, about=about, person_id=each.id) for each in people
    ] or [owed(CardId(new_id("C")), CardKind.CHANNEL_LOST, Part.CUSTOMER_SERVICE, at, about=about)]
    connection.execute(insert(cards), rows)
