"""What cards about accounts in Slack tell: linked, unlinked, or a guest's that waits."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from core.api import CardId, account_named
from core.storage.tables import history, identities, organisations, persons, workspaces
from core.storage.tables.links import organisation_of_account
from notifications.cards.card import Card


def read_guests(connection: Connection, batch: Sequence[Card], at: datetime) -> dict[CardId, Mapping[str, str]]:
    """Return what each card tells, in one statement; nothing of an account that there is no more."""
    if not batch:
        return {}
    accounts = {card.id: account_named(card.about or "") for card in batch}
    here = tuple_(identities.c.issuer, identities.c.subject)
    query = (
        select(identities, persons.c.name, workspaces.c.name.label("workspace"))
        .add_columns(organisations.c.id.label("asked_id"), organisations.c.name.label("asked"))
        .select_from(identities)
        .join(persons, persons.c.id == identities.c.person_id)
        .outerjoin(workspaces, workspaces.c.id == identities.c.issuer)
        .outerjoin(organisations, organisations.c.id == organisation_of_account(at))
        .where(here.in_({(account.issuer, account.subject) for account in accounts.values()}))
    )
    rows = {(row.issuer, row.subject): row for row in connection.execute(query)}
    return {
        card: {
            "state": row.state,
            "account": f"{row.issuer}/{row.subject}",
            "person": row.person_id,
            "name": row.name,
            "workspace": row.workspace or "",
            "organisation": row.asked or "",
            "organisation_id": row.asked_id or "",
        }
        for card, account in accounts.items()
        if (row := rows.get((account.issuer, account.subject))) is not None
    }


def read_linked(connection: Connection, telling: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """Return what each card about an account that stands for its person since then tells, in one statement."""
    homes = {card.id: (card.about or "").partition("/")[0] for card in telling}
    query = select(workspaces.c.id, workspaces.c.name).where(workspaces.c.id.in_(set(homes.values())))
    names = {id_: name for id_, name in connection.execute(query)} if homes else {}
    return {card: {"workspace": names.get(home, "")} for card, home in homes.items()}


def read_unlinked(connection: Connection, batch: Sequence[Card]) -> dict[CardId, Mapping[str, str]]:
    """What each card about an account that stands for its person no longer tells, in two statements."""
    if not batch:
        return {}
    query = (
        select(history.c.id, history.c.about_id, history.c.evidence, persons.c.name)
        .join(persons, persons.c.id == history.c.about_id)
        .where(history.c.id.in_([card.line for card in batch]))
    )
    rows = {row.id: (row, json.loads(row.evidence)) for row in connection.execute(query)}
    here = workspaces.c.id.in_({evidence["workspace"] for _, evidence in rows.values()})
    names = {id_: name for id_, name in connection.execute(select(workspaces.c.id, workspaces.c.name).where(here))}
    return {
        card.id: {
            "name": row.name,
            "workspace": names.get(evidence["workspace"], ""),
            "why": evidence["why"],
            "is_own": "yes" if card.person == row.about_id else "",
        }
        for card in batch
        for row, evidence in [rows[card.line or 0]]
    }
