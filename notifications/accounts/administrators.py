"""Who administers an organisation, as far as they can be told of something, and asking them about a guest's account."""

from datetime import datetime

from sqlalchemy import Connection, Select, and_, exists, insert, or_, select

from core.api import (
    ChangeContext,
    Happened,
    Identity,
    Keeper,
    LineKind,
    LinkState,
    NewId,
    OrganisationKind,
    PersonId,
    RegisterChanged,
    Role,
    account_name,
)
from core.storage.tables import cards, identities, organisations, persons, role_assignments
from core.storage.tables.links import organisation_of_account
from notifications.cards.card import owed
from notifications.rules.announcements import CardKind
from notifications.rules.register_announcements import TOLD_AT_MOST, RegisterAnnouncements


def ask_for_yes(connection: Connection, account: Identity, at: datetime, new_id: NewId) -> None:
    """Owe those who may say yes to a guest's account that waits the question, each once."""
    mine = and_(identities.c.issuer == account.issuer, identities.c.subject == account.subject)
    waits = and_(mine, identities.c.state == LinkState.ASKED)
    query = (
        select(identities.c.person_id, organisations.c.id, organisations.c.kinds)
        .select_from(identities)
        .join(organisations, organisations.c.id == organisation_of_account(at))
        .where(waits)
    )
    row = connection.execute(query).first()
    if row is None:
        return
    about, kinds = account_name(account), frozenset(map(OrganisationKind, row.kinds))
    keeper = Keeper(PersonId(""), row.id, kinds, None)
    change = RegisterChanged(0, LineKind.IDENTITY, Happened.ASKED, keeper, about=row.person_id)
    people = [PersonId(each.id) for each in connection.execute(administrators(row.id, at))]
    context = ChangeContext(administrators=people)
    # What stands at an account that is theirs no more asks nobody; what has found no reader still looks for one.
    is_asked = or_(cards.c.given_up_at.is_(None), cards.c.due_at.is_not(None))
    asks = and_(cards.c.about == about, cards.c.kind == CardKind.GUEST, is_asked)
    asked_before = select(cards.c.person_id).where(asks)
    asked = set(connection.execute(asked_before).scalars())
    for card in RegisterAnnouncements().announce(change, context, new_id):
        if card.person not in asked:
            told = owed(card.id, CardKind(card.kind), card.part, at, about=about, person_id=card.person)
            connection.execute(insert(cards).values(told))


def administrators(organisation: str, at: datetime) -> Select[*tuple[str, str]]:
    """Select the ids and addresses of those who administer an organisation."""
    held = role_assignments.c
    holds = exists().where(
        held.person_id == persons.c.id,
        held.organisation_id == organisation,
        held.role == Role.ADMINISTRATOR,
        held.valid_from <= at,
        or_(held.valid_to.is_(None), held.valid_to > at),
    )
    query = select(persons.c.id, persons.c.email).where(persons.c.active, holds)
    return query.order_by(persons.c.id).limit(TOLD_AT_MOST)
