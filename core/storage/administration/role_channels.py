"""Where an organisation asks those who have a role: the channels that it has chosen in its own Slack."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.register.administration import Author, OwnSlack
from core.register.role_channels import CHANNELLED, Notified, RoleChannel
from core.shared.vocabulary import Happened, OrganisationId, Role
from core.storage.audit.audit_records import record_keeping
from core.storage.register.rows import find
from core.storage.tables import role_channels, workspaces
from core.storage.tables.homes import is_off


def own_slack(connection: Connection, organisation: OrganisationId) -> OwnSlack | None:
    """Read in which Slack of its own an organisation has the app; None where in none."""
    query = select(workspaces.c.id, workspaces.c.name, is_off().label("is_off"))
    row = connection.execute(query.where(workspaces.c.organisation_id == organisation)).one_or_none()
    return None if row is None or row.is_off else OwnSlack(row.id, row.name)


def read_channels(connection: Connection, organisation: OrganisationId) -> list[RoleChannel]:
    """Read where an organisation asks those who have a role."""
    rows = connection.execute(select(role_channels).where(role_channels.c.organisation_id == organisation))
    found = {
        row.role: RoleChannel(
            role=Role(row.role),
            channel=row.channel,
            notified=Notified(row.notified),
            asked_only=bool(row.asked_only),
            name=row.name or "",
            problem=row.problem or "",
        )
        for row in rows
    }
    return [found[role] for role in CHANNELLED if role in found]


def write_channel(
    connection: Connection, organisation: OrganisationId, wanted: RoleChannel, at: datetime, author: Author
) -> int | None:
    """Write where those who have a role are asked; the line that tells of it, None where it stood like that."""
    key = {"organisation_id": organisation, "role": wanted.role}
    mine = (role_channels.c.organisation_id == organisation, role_channels.c.role == wanted.role)
    stored = find(connection, role_channels, key)
    # A channel that stays is not looked at again.
    known_name: str | None = stored["name"] if stored is not None and stored["channel"] == wanted.channel else None
    name = wanted.name or known_name
    said: dict[str, Any] = {
        "channel": wanted.channel,
        "notified": wanted.notified,
        "asked_only": wanted.asked_only,
    }
    if stored is None and not wanted.channel:
        return None
    if stored is not None and all(stored[each] == value for each, value in said.items()):
        # Whoever saves it anew has seen to it.
        seen = {"name": name, "problem": None, "problem_at": None}
        connection.execute(update(role_channels).where(*mine).values(seen))
        return None
    connection.execute(delete(role_channels).where(*mine))
    if wanted.channel:
        row = {**key, **said, "name": name, "changed_at": at}
        connection.execute(insert(role_channels).values(row))
    facts: dict[str, Any] = {"role": wanted.role}
    if wanted.channel:
        facts |= said | ({"name": name} if name else {})
    if stored is not None:
        facts["before"] = {each: stored[each] for each in said}
    return record_keeping(connection, organisation, Happened.CHANNELLED, facts, at, author)
