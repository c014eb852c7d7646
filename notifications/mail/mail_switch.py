"""The switch of mail: a row beside the workspaces, which also says what keeps mail from going."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.api import Language
from core.storage.tables import cards, workspaces
from notifications.database import put
from notifications.mail.port import MAIL


def turn_on(connection: Connection, language: Language, at: datetime) -> None:
    """Send cards by mail from now on, whatever kept them from it before."""
    row: dict[str, Any] = {
        "id": MAIL,
        "team_id": MAIL,
        "name": MAIL,
        "bot_token": "",
        "bot_user_id": "",
        "language": language,
        "problem": None,
        "changed_at": at,
    }
    put(connection, workspaces, [row])


def turn_off(connection: Connection, at: datetime) -> None:
    """Send no card by mail; those that were to are owed in another way."""
    if connection.execute(delete(workspaces).where(workspaces.c.id == MAIL)).rowcount == 0:
        return
    waiting = (cards.c.workspace_id == MAIL, cards.c.due_at.is_not(None), cards.c.channel.is_(None))
    anew = {"workspace_id": None, "address": None, "due_at": at, "leased_until": None, "attempts": 0}
    connection.execute(update(cards).where(*waiting).values(anew))


def problem_of_mail(connection: Connection) -> str | None:
    """Return why no mail goes out; None when it does, or is off."""
    return connection.scalar(select(workspaces.c.problem).where(workspaces.c.id == MAIL))
