"""The relocation of cards: out of an organisation's Slack that is off, and back into one that is on again.

It goes in small steps, each of which finds by itself what is left to do: nothing is forgotten that a press, a relay or
a crash leaves behind.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, literal, not_, or_, select, update

from core.api import (
    SLACK_OFF,
    CardId,
    Happened,
    NewId,
    Now,
    OrganisationKind,
    Part,
)
from core.storage.tables import (
    Instant,
    cards,
    cases,
    identities,
    organisations,
    role_assignments,
    to_micros,
    workspaces,
)
from core.storage.tables.channels import is_in_role_channel
from core.storage.tables.homes import asked_anew, asking, asking_of_guests, is_off
from core.storage.tables.links import stands
from notifications.accounts.account_links import thaw
from notifications.accounts.administrators import administrators
from notifications.cards.card import card_from_row, owed
from notifications.cards.digests import tell_apart
from notifications.database import Transactions
from notifications.mail.port import MAIL
from notifications.outbox.delivery_notes import note_delivery
from notifications.outbox.role_channels import ask_each
from notifications.rules.announcements import CardKind

AT_ONCE = 200

# Any: a SQLAlchemy row has its columns as attributes.
Step = Callable[[Connection, Any, datetime, NewId], int]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CardRelocation:
    """Lets cards follow when an organisation's Slack is switched off, or on again. Several may run at once."""

    database: Transactions
    now: Now
    new_id: NewId

    async def run(self) -> int:
        """Move what is to move, and tell administrators; return how many cards have something new. Wake the relay."""
        moved = 0
        for home in await self.database.read(_to_follow):
            moved += await (self._leave(home) if home.is_off else self._come_back(home))
            if not home.is_settled:
                await self.database.write(partial(_settle, home=home, at=self.now()))
        return moved

    async def _leave(self, home: Any) -> int:
        told = 0 if home.is_settled else await self._step(_tell, home)
        if told:
            log.error(
                "workspace_off workspace=%s organisation=%s error=%s", home.id, home.organisation_id, home.problem
            )
        if told and not await self.database.read(_has_mail):
            log.error("mail_off_cards_wait workspace=%s organisation=%s", home.id, home.organisation_id)
        return told + await self._steps(_take_away, home)

    async def _come_back(self, home: Any) -> int:
        # What comes back takes the place of what was to ask anew, before that is hurried to the same Slack.
        return await self._steps(_bring_back, home) + await self._steps(_hurry, home)

    async def _steps(self, work: Step, home: Any) -> int:
        moved = 0
        while taken := await self._step(work, home):
            moved += taken
        return moved

    async def _step(self, work: Step, home: Any) -> int:
        at = self.now()
        return await self.database.write(lambda connection: work(connection, home, at, self.new_id))


def _to_follow(connection: Connection) -> Sequence[Any]:
    """Find the workspaces that cards are to leave, or to come back to: in one statement, and mostly none."""
    owes = exists().where(cards.c.workspace_id == workspaces.c.id, cards.c.due_at.is_not(None))
    query = select(workspaces, is_off().label("is_off")).where(workspaces.c.organisation_id.is_not(None))
    # A card may have found its way to a Slack just as that was switched off.
    return connection.execute(query.where(or_(not_(workspaces.c.is_settled), and_(is_off(), owes)))).all()


def _has_mail(connection: Connection) -> bool:
    return connection.scalar(select(workspaces.c.id).where(workspaces.c.id == MAIL)) is not None


# --- away


def _tell(connection: Connection, home: Any, at: datetime, new_id: NewId) -> int:
    """Tell those who administer the organisation, once for each time that the app was installed."""
    about = f"{home.id}/{to_micros(home.installed_at or home.changed_at)}/{home.organisation_id}"
    locked = select(workspaces.c.id).where(workspaces.c.id == home.id, is_off()).with_for_update()
    told = select(cards.c.id).where(cards.c.about == about, cards.c.kind == CardKind.SLACK_OFF).limit(1)
    if connection.scalar(locked) is None or connection.scalar(told) is not None:
        return 0
    kinds = connection.scalar(select(organisations.c.kinds).where(organisations.c.id == home.organisation_id)) or ()
    is_customer = OrganisationKind.CUSTOMER in kinds
    part = Part.CUSTOMER_ADMINISTRATOR if is_customer else Part.AGENT_ADMINISTRATOR
    mailed = connection.execute(administrators(home.organisation_id, at)).all() if _has_mail(connection) else ()
    rows = [
        owed(
            CardId(new_id("C")),
            CardKind.SLACK_OFF,
            part,
            at,
            about=about,
            person_id=each.id,
            workspace_id=MAIL,
            address=each.email,
        )
        for each in mailed
    ]
    if not rows:
        rows = [owed(CardId(new_id("C")), CardKind.SLACK_OFF, Part.CUSTOMER_SERVICE, at, about=about)]
    for row in rows:
        connection.execute(insert(cards).values(row))
    return len(rows)


def _take_away(connection: Connection, home: Any, at: datetime, new_id: NewId) -> int:
    """Let what was on its way find another, and what stands there be: what that asks is asked anew."""
    still_off = select(workspaces.c.id).where(workspaces.c.id == home.id, is_off()).with_for_update()
    if connection.scalar(still_off) is None:
        return 0
    # What a press holds is left to the next step: to wait for it while holding others could end in a deadlock.
    together = is_in_role_channel().label("is_in_role_channel")
    due = select(cards, together).where(_here(home), _is_free(at), _is_to_leave(home)).limit(AT_ONCE)
    found = connection.execute(due.with_for_update(skip_locked=True)).all()
    for row in (each for each in found if each.is_in_role_channel):
        ask_each(connection, row, SLACK_OFF, at)
    asked_alone = [row for row in found if not row.is_in_role_channel]
    moving = [row for row in asked_alone if row.channel is None and row.kind != CardKind.LINK]
    staying = [row.id for row in asked_alone if row.channel is not None or row.kind == CardKind.LINK]
    stood = and_(cards.c.id.in_(staying), cards.c.channel.is_not(None), cards.c.given_up_at.is_(None))
    asked = [*asking(connection, stood), *asking_of_guests(connection, stood)]
    nowhere = {"workspace_id": None, "address": None, "leased_until": None, "attempts": 0, "last_error": SLACK_OFF}
    on_the_way = cards.c.id.in_([row.id for row in moving])
    connection.execute(update(cards).where(on_the_way).values(due_at=at, **nowhere))
    kept = {"given_up_at": func.coalesce(cards.c.given_up_at, literal(at, Instant)), "last_error": SLACK_OFF}
    connection.execute(update(cards).where(cards.c.id.in_(staying)).values(due_at=None, leased_until=None, **kept))
    tell_apart(connection, staying, SLACK_OFF, at)
    if asked:
        again = [{**asked_anew(row, new_id("C"), at), "last_error": SLACK_OFF} for row in asked]
        connection.execute(insert(cards), again)
    for row in (each for each in (*moving, *asked) if each.case_id is not None):
        note_delivery(connection, card_from_row(row), Happened.MOVED, at, error=SLACK_OFF)
    return len(found)


def _here(home: Any) -> ColumnElement[bool]:
    return cards.c.workspace_id == home.id


def _is_free(at: datetime) -> ColumnElement[bool]:
    return or_(cards.c.leased_until.is_(None), cards.c.leased_until <= at)


def _is_to_leave(home: Any) -> ColumnElement[bool]:
    is_owed = cards.c.due_at.is_not(None)
    # Once all have left, only what is owed can be new there.
    return is_owed if home.is_settled else or_(is_owed, _is_standing())


def _is_standing() -> ColumnElement[bool]:
    return and_(cards.c.channel.is_not(None), cards.c.given_up_at.is_(None))


def _settle(connection: Connection, home: Any, at: datetime) -> None:
    """Keep that a workspace's cards have followed, once none is left and none is on its way to Slack."""
    left = exists().where(_here(home), or_(cards.c.due_at.is_not(None), _is_standing(), cards.c.leased_until > at))
    is_done = and_(is_off(), ~left) if home.is_off else not_(is_off())
    mine = and_(workspaces.c.id == home.id, workspaces.c.installed_at.is_not_distinct_from(home.installed_at))
    connection.execute(update(workspaces).where(mine, is_done).values(is_settled=True))


# --- and back


def _bring_back(connection: Connection, home: Any, at: datetime, new_id: NewId) -> int:  # noqa: ARG001 - one signature
    """Let messages show the truth again, at accounts that stand for their person, unless it was told before.

    What has been asked elsewhere, and was seen there, keeps standing there alone.
    """
    if connection.scalar(select(workspaces.c.id).where(workspaces.c.id == home.id, not_(is_off()))) is None:
        return 0
    other = cards.alias("other")
    elsewhere = exists().where(
        other.c.person_id == cards.c.person_id,
        other.c.case_id == cards.c.case_id,
        other.c.kind == cards.c.kind,
        other.c.step == cards.c.step,
        other.c.id != cards.c.id,
        other.c.workspace_id != MAIL,
        other.c.channel.is_not(None),
        other.c.given_up_at.is_(None),
    )
    is_open = or_(cases.c.closed_at.is_(None), cases.c.closed_at >= cards.c.given_up_at)
    has_news = exists().where(cases.c.id == cards.c.case_id, is_open)
    account = and_(
        identities.c.issuer == cards.c.workspace_id,
        identities.c.subject == cards.c.address,
        identities.c.person_id == cards.c.person_id,
    )
    shows = and_(has_news, cards.c.channel.is_not(None), exists().where(account, stands()), ~elsewhere)
    asks = and_(cards.c.kind == CardKind.LINK, exists().where(account))
    kept = and_(_here(home), cards.c.last_error == SLACK_OFF, cards.c.given_up_at.is_not(None), or_(shows, asks))
    found = select(cards).where(kept).limit(AT_ONCE).with_for_update(skip_locked=True, of=cards)
    if rows := connection.execute(found).all():
        thaw(connection, cards.c.id.in_([row.id for row in rows]), at)
    for row in (each for each in rows if each.case_id is not None):
        note_delivery(connection, card_from_row(row), Happened.CAME_BACK, at)
    return len(rows)


def _hurry(connection: Connection, home: Any, at: datetime, new_id: NewId) -> int:  # noqa: ARG001 - one signature
    """Look at once for the organisation's people for whom something waits."""
    held = role_assignments.c
    theirs = exists().where(held.person_id == cards.c.person_id, held.organisation_id == home.organisation_id)
    waits = and_(cards.c.workspace_id.is_(None), cards.c.last_error == SLACK_OFF, cards.c.due_at > at)
    mine = select(cards.c.id).where(waits, theirs).limit(AT_ONCE).with_for_update(skip_locked=True, of=cards)
    if ids := connection.execute(mine).scalars().all():
        connection.execute(update(cards).where(cards.c.id.in_(ids)).values(due_at=at))
    return len(ids)
