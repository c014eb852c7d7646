"""Who reads a card, and what a card without a case tells: read for a whole batch in a constant number of statements."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, or_, select, tuple_

from core.api import CardId, Happened, Language, PersonId, Role, Substitution, WeekView, missing_by, told_by
from core.storage.tables import (
    cards,
    history,
    identities,
    language_at_work,
    offers,
    organisations,
    persons,
    role_assignments,
    services,
    substitutions,
    workspaces,
)
from core.storage.tables.homes import is_off
from core.storage.tables.links import may_get_card
from notifications.cards.account_notes import read_guests, read_linked, read_unlinked
from notifications.cards.card import Card, slack_of
from notifications.cards.channel_notes import read_called, read_lost
from notifications.cards.week_notes import read_weeks
from notifications.mail.port import MAIL
from notifications.render.model import Called
from notifications.render.pieces.facts import Lost, RegisterNews
from notifications.rules.announcements import IN_THE_THREAD, LAST_WORDS, CardKind
from notifications.slack.port import MessagePlace

# Of at most so many organisations a greeting tells their administrator.
ADMINISTERED_NAMED = 3


@dataclass(frozen=True)
class CardReader:
    """Whom a card is for: a person, or a contact; `language` their own, else their organisation's, None until known."""

    name: str
    email: str
    language: Language | None


@dataclass(frozen=True)
class CardNotes:
    """The readers of a batch of cards by person, what its cards without a case tell, and below what others stand.

    `called` are the accounts that a message in a channel is to call. `weeks` are those that reports tell of.
    """

    people: Mapping[PersonId, CardReader] = field(default_factory=dict[PersonId, CardReader])
    notes: Mapping[CardId, Mapping[str, str]] = field(default_factory=dict[CardId, Mapping[str, str]])
    told: Mapping[CardId, RegisterNews] = field(default_factory=dict[CardId, RegisterNews])
    threads: Mapping[CardId, MessagePlace] = field(default_factory=dict[CardId, MessagePlace])
    called: Mapping[CardId, Sequence[Called]] = field(default_factory=dict[CardId, Sequence[Called]])
    weeks: Mapping[CardId, WeekView] = field(default_factory=dict[CardId, WeekView])

    def of(self, card: Card) -> CardReader | None:
        """The person a card is for, None for a channel's card."""
        return self.people.get(card.person) if card.person is not None else None


def read_notes(connection: Connection, batch: Sequence[Card], at: datetime) -> CardNotes:
    """Return the readers and notes of a batch."""
    people = _people(connection, [card.person for card in batch if card.person is not None])
    asking = [card for card in batch if card.kind is CardKind.LINK]
    telling = [card for card in batch if card.kind is CardKind.UNDELIVERED]
    lacking = [card for card in batch if card.kind is CardKind.NOT_READY]
    notes = {**_questions(connection, asking, people), **_notices(connection, telling), **_lacks(connection, lacking)}
    notes |= _unpriced(connection, [card for card in batch if card.kind is CardKind.PRICE_MISSING])
    notes |= substituted(connection, [card for card in batch if card.kind is CardKind.SUBSTITUTE])
    notes |= read_linked(connection, [card for card in batch if card.kind is CardKind.LINKED])
    notes |= read_unlinked(connection, [card for card in batch if card.kind is CardKind.UNLINKED])
    notes |= _switched_off(connection, [card for card in batch if card.kind is CardKind.SLACK_OFF])
    notes |= read_lost(connection, [card for card in batch if card.kind is CardKind.CHANNEL_LOST])
    notes |= read_guests(connection, [card for card in batch if card.kind is CardKind.GUEST], at)
    threads = _threads(connection, [card for card in batch if card.kind in IN_THE_THREAD and card.place is None])
    called = read_called(connection, [card for card in batch if card.is_in_role_channel and card.place is None], at)
    of_weeks = read_weeks(connection, [card for card in batch if card.kind is CardKind.WEEKLY_REPORT], at)
    notes |= {card: {"organisation": name} for card, (name, _) in of_weeks.items()}
    weeks = {card: week for card, (_, week) in of_weeks.items()}
    return CardNotes(people, notes, read_told(connection, batch), threads, called, weeks)


def _people(connection: Connection, ids: Sequence[PersonId]) -> dict[PersonId, CardReader]:
    language = func.coalesce(persons.c.language, language_at_work()).label("language")
    query = select(persons.c.id, persons.c.name, persons.c.email, language).where(persons.c.id.in_(ids))
    rows = connection.execute(query) if ids else ()
    return {row.id: CardReader(row.name, row.email, Language(row.language) if row.language else None) for row in rows}


def _threads(connection: Connection, batch: Sequence[Card]) -> dict[CardId, MessagePlace]:
    """Find where the living card of the same reader and case stands, for each card that goes below it."""
    if not batch:
        return {}
    below, living = cards.alias("below"), cards.alias("living")
    same = and_(
        living.c.case_id == below.c.case_id,
        living.c.person_id == below.c.person_id,
        living.c.workspace_id == below.c.workspace_id,
    )
    query = (
        select(below.c.id, living.c.channel, living.c.ts)
        .join(living, same)
        .where(below.c.id.in_([card.id for card in batch]))
        .where(living.c.kind == CardKind.STATUS, living.c.about.is_(None), living.c.ts.is_not(None))
    )
    return {id_: MessagePlace(channel, ts) for id_, channel, ts in connection.execute(query)}


def _questions(
    connection: Connection, asking: Sequence[Card], people: Mapping[PersonId, CardReader]
) -> dict[CardId, Mapping[str, str]]:
    if not asking:
        return {}
    # The address of a question is the account it is put to.
    here = tuple_(identities.c.issuer, identities.c.subject).in_([(card.workspace, card.address) for card in asking])
    # What goes there once the account stands for the person.
    is_owed = and_(cards.c.workspace_id.is_(None), cards.c.due_at.is_not(None), cards.c.email.is_(None))
    waits = exists().where(cards.c.person_id == identities.c.person_id, is_owed, may_get_card()).label("waits")
    rows = connection.execute(select(identities, waits).where(here))
    found = {(row.issuer, row.subject): {"state": row.state, "waits": "yes" * row.waits} for row in rows}
    administered = _administered(connection, [card.person for card in asking if card.person is not None])
    return {
        card.id: found[card.workspace, card.address]
        | {"name": reader.name, "email": reader.email, "administers": ", ".join(administered.get(card.person, ()))}
        for card in asking
        for reader in [_reader(card, people)]
    }


def _administered(connection: Connection, people: Sequence[PersonId]) -> dict[PersonId | None, list[str]]:
    """The organisations that people administer as long as nobody has ended it, by name; of many the first of each."""
    held, name = role_assignments.c, organisations.c.name
    place = func.row_number().over(partition_by=held.person_id, order_by=name)
    ranked = (
        select(held.person_id, name, place.label("place"))
        .join(organisations, organisations.c.id == held.organisation_id)
        .where(held.person_id.in_(people), held.role == Role.ADMINISTRATOR, held.valid_to.is_(None))
        .subquery()
    )
    query = select(ranked.c.person_id, ranked.c.name).where(ranked.c.place <= ADMINISTERED_NAMED)
    found: dict[PersonId | None, list[str]] = {}
    for person, named in connection.execute(query.order_by(ranked.c.name)) if people else ():
        found.setdefault(person, []).append(named)
    return found


def _switched_off(connection: Connection, telling: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card about a Slack that is off tells, and whether that is on again."""
    if not telling:
        return {}
    keys = {card.id: slack_of(card) for card in telling}
    here = workspaces.c.id.in_({*(workspace for workspace, _ in keys.values()), MAIL})
    found = {row.id: row for row in connection.execute(select(workspaces, is_off().label("is_off")).where(here))}
    theirs = organisations.c.id.in_({organisation for _, organisation in keys.values()})
    names = {row.id: row.name for row in connection.execute(select(organisations).where(theirs))}
    return {
        id_: {
            "organisation": names.get(organisation, ""),
            "workspace": found[workspace].name if workspace in found else "",
            "is_on": "yes" if workspace in found and not found[workspace].is_off else "",
            "has_mail": "yes" if MAIL in found else "",
        }
        for id_, (workspace, organisation) in keys.items()
    }


def _reader(card: Card, people: Mapping[PersonId, CardReader]) -> CardReader:
    return people[PersonId(card.person or "")]


def _lacks(connection: Connection, lacking: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    keys = {card.id: told_by(card.about or "") for card in lacking}
    here = organisations.c.id.in_({organisation for _, organisation in keys.values()})
    query = select(organisations.c.id, organisations.c.name).where(here)
    names = {row.id: row.name for row in connection.execute(query)} if keys else {}
    unreached = _unreached(connection, lacking)
    return {
        card.id: {"why": why, "organisation": names[organisation], "unreached": unreached.get(card.about, "")}
        for card, (why, organisation) in zip(lacking, keys.values(), strict=True)
    }


def _unpriced(connection: Connection, telling: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    keys = {card.id: missing_by(card.about or "") for card in telling}
    query = select(offers.c.id, offers.c.name).where(offers.c.id.in_({offer for offer, _ in keys.values()}))
    names = {row.id: row.name for row in connection.execute(query)} if keys else {}
    return {card: {**names[offer], "since": since.isoformat()} for card, (offer, since) in keys.items()}


def _unreached(connection: Connection, lacking: Sequence[Card]) -> dict[str | None, str]:
    """The administrators whom what customer service is told did not reach, by what that is about."""
    about = {card.about for card in lacking if card.is_of_a_channel}
    lost = and_(cards.c.about.in_(about), cards.c.kind == CardKind.NOT_READY, cards.c.given_up_at.is_not(None))
    query = select(cards.c.about, persons.c.name).join(persons, persons.c.id == cards.c.person_id).where(lost)
    found: dict[str | None, list[str]] = {}
    for key, name in connection.execute(query.order_by(persons.c.name)) if about else ():
        found.setdefault(key, []).append(name)
    return {key: ", ".join(names) for key, names in found.items()}


def _notices(connection: Connection, telling: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    if not telling:
        return {}
    told, of_them = cards.alias("told"), cards.alias("of_them")
    name = func.coalesce(persons.c.name, told.c.email).label("name")
    same = or_(of_them.c.person_id == told.c.person_id, of_them.c.email == told.c.email)
    statement = (
        select(told.c.id, name, of_them.c.kind, of_them.c.last_error, of_them.c.given_up_at)
        .outerjoin(persons, persons.c.id == told.c.person_id)
        .join(of_them, and_(of_them.c.case_id == told.c.case_id, same))
        .where(told.c.id.in_([card.about for card in telling]), of_them.c.about.is_(None))
        .order_by(of_them.c.given_up_at)
    )
    rows: dict[str, list[Any]] = {}
    for row in connection.execute(statement):
        rows.setdefault(row.id, []).append(row)
    return {card.id: _notice(rows.get(card.about or "", [])) for card in telling}


def _notice(rows: Sequence[Any]) -> Mapping[str, str]:
    """What a notice tells: of the cards of one person in one case, which are lost."""
    lost = [row for row in rows if row.given_up_at is not None]
    if not rows or not lost:
        return {"person": rows[0].name, "lost": Lost.NOTHING} if rows else {}
    kind = Lost.LAST_WORDS if any(row.kind in LAST_WORDS for row in lost) else Lost.REQUEST
    return {"person": rows[0].name, "lost": kind, "error": lost[-1].last_error or ""}


def read_told(connection: Connection, batch: Sequence[Card]) -> Mapping[CardId, RegisterNews]:
    """What each card that hangs on a line tells, in two statements."""
    lines = {card.id: card.line for card in batch if card.line is not None}
    if not lines:
        return {}
    by, about, held = persons.alias("by"), persons.alias("about"), role_assignments.c
    # Who administered the organisation then is named to its people; Inera's customer service is one.
    is_own = exists().where(
        held.person_id == history.c.person_id,
        held.organisation_id == history.c.organisation_id,
        held.role == Role.ADMINISTRATOR,
        and_(held.valid_from <= history.c.at, or_(held.valid_to.is_(None), held.valid_to >= history.c.at)),
    )
    query = (
        select(
            history.c.id,
            history.c.action,
            history.c.at,
            history.c.evidence,
            organisations.c.id.label("organisation_id"),
            organisations.c.name.label("organisation"),
            by.c.name.label("by"),
            about.c.name.label("about"),
            is_own.label("is_own"),
        )
        .join(organisations, organisations.c.id == history.c.organisation_id)
        .outerjoin(by, by.c.id == history.c.person_id)
        .outerjoin(about, about.c.id == history.c.about_id)
        .where(history.c.id.in_(lines.values()))
    )
    rows = {row.id: (row, json.loads(row.evidence)) for row in connection.execute(query)}
    named = _services(connection, [evidence.get("service_id") for _, evidence in rows.values()])
    return {card: _told(*rows[line], named) for card, line in lines.items() if line in rows}


def substituted(connection: Connection, batch: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card of a substitution tells, as the substitution stands now."""
    numbers = {card.id: int(card.about or 0) for card in batch}
    if not numbers:
        return {}
    absent, substitute = persons.alias("absent"), persons.alias("substitute")
    query = (
        select(substitutions, absent.c.name.label("absent"), substitute.c.name.label("substitute"))
        .add_columns(organisations.c.name.label("organisation"))
        .join(absent, absent.c.id == substitutions.c.absent_id)
        .join(substitute, substitute.c.id == substitutions.c.substitute_id)
        .join(organisations, organisations.c.id == substitutions.c.organisation_id)
        .where(substitutions.c.id.in_(numbers.values()))
    )
    rows = {row.id: row for row in connection.execute(query)}
    return {card.id: _note(rows[numbers[card.id]], card) for card in batch}


def _told(row: Any, evidence: Mapping[str, Any], named: Mapping[str, Mapping[str, str]]) -> RegisterNews:
    return RegisterNews(
        happened=Happened(row.action),
        at=row.at,
        organisation=row.organisation,
        organisation_id=row.organisation_id,
        by=row.by if row.is_own else None,
        about=row.about or "",
        evidence=evidence,
        service=named.get(evidence.get("service_id", ""), {}),
    )


def _note(row: Row[Any], card: Card) -> Mapping[str, str]:
    whole = Substitution(
        absent=row.absent_id,
        substitute=row.substitute_id,
        organisation=row.organisation_id,
        role=Role(row.role),
        since=row.valid_from,
        until=row.valid_to,
        created_by=row.created_by,
    )
    return {
        "mine": "yes" if card.person == row.absent_id else "",
        "absent": row.absent,
        "substitute": row.substitute,
        "role": row.role,
        "organisation": row.organisation,
        "from": whole.first_day.isoformat(),
        "to": whole.last_day.isoformat(),
        "until": row.valid_to.isoformat(),
    }


def _services(connection: Connection, codes: Sequence[str | None]) -> dict[str, Mapping[str, str]]:
    wanted = sorted({each for each in codes if each})
    if not wanted:
        return {}
    query = select(services.c.id, services.c.name).where(services.c.id.in_(wanted))
    return {code: name for code, name in connection.execute(query)}
