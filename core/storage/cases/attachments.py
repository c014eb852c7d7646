"""Files sent with applications, in a table of their own: kept as they came, and handed out as they came."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select, text, update

from core.applications.attachment import (
    FILE_GONE,
    UNSENT_FOR,
    AttachedFile,
    BroughtFile,
    FileKind,
    StoredFile,
    check_room,
    is_nearly_full,
    percent_taken,
    rooms,
)
from core.identity.tokens import token_hash
from core.ports.cases import NewId
from core.ports.documents import FormKey, Place
from core.shared.errors import ApplicationFormError, NoDocument
from core.shared.vocabulary import CaseId
from core.storage.database.database import Database
from core.storage.tables import attachments, cases

log = logging.getLogger(__name__)

# Of the column that says where a file came from.
LETTERS = 32

# Whoever counts what fits counts alone.
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('attachments', 0))")


@dataclass(frozen=True)
class SqlAttachments:
    """Implements core.ports.documents.Attachments on SQLite and PostgreSQL."""

    database: Database
    new_id: NewId

    async def keep(
        self, place: Place, kind: FileKind, content: bytes, *, networks: Sequence[str], at: datetime
    ) -> None:
        """See core.ports.documents.Attachments."""
        at_place = {"form": token_hash(place.key)} if isinstance(place, FormKey) else {"case_id": place}
        within = _within(networks)
        row = {"id": self.new_id("F"), "network": within[0], "kind": kind, "size": len(content), "content": content}
        row |= {"sent_at": at, **at_place}

        def put(connection: Connection) -> None:
            _take_turn(connection)
            _forget_unsent(connection, at - UNSENT_FOR)
            connection.execute(delete(attachments).where(_at(place)))
            for network, room in zip((*within, ""), rooms(len(within)), strict=True):
                _make_room(connection, network, room - len(content))
            connection.execute(insert(attachments).values(**row))
            if is_nearly_full(taken := read_taken(connection)):
                log.warning("uploads_nearly_full percent=%s", percent_taken(taken))

        await self.database.write(put)

    async def remove(self, place: Place) -> None:
        """See core.ports.documents.Attachments."""
        await self.database.write(lambda connection: connection.execute(delete(attachments).where(_at(place))))

    async def attached(self, place: Place) -> AttachedFile | None:
        """See core.ports.documents.Attachments."""
        return await self.database.read(partial(_attached, place=place))

    async def read(self, case: CaseId) -> StoredFile:
        """See core.ports.documents.Attachments."""
        return await self.database.read(partial(_read, case=case))


def attach(connection: Connection, form: str, case: CaseId, *, has_one: bool) -> None:
    """Let the file that came with a form be its application's, in the transaction that makes the application.

    Raises ApplicationFormError where the form has one that is not there.
    """
    mine = update(attachments).where(_at(FormKey(form)))
    if connection.execute(mine.values(case_id=case, form=None)).rowcount == 0 and has_one:
        raise ApplicationFormError(fields=FILE_GONE)


def bring(connection: Connection, case: CaseId, brought: BroughtFile) -> None:
    """Let the file that came with an answer take the place of the one before, or none, in the answer's transaction."""
    came = connection.execute(select(attachments.c.id).where(_at(FormKey(brought.form)))).first()
    if came is not None or brought.takes_away:
        connection.execute(delete(attachments).where(_at(case)))
    attach(connection, brought.form, case, has_one=brought.has_one)


def _forget_unsent(connection: Connection, before: datetime) -> None:
    connection.execute(delete(attachments).where(attachments.c.case_id.is_(None), attachments.c.sent_at < before))


def _within(networks: Sequence[str]) -> list[str]:
    """Write networks, narrowest first, so that what came from a wider one begins as it does."""
    digits = LETTERS // len(networks)
    whole = "".join(network[:digits] for network in reversed(networks))
    return [whole[: digits * n] for n in range(len(networks), 0, -1)]


def _came_from(network: str) -> ColumnElement[bool]:
    # Hashes are written in digits and letters up to f.
    return attachments.c.network.between(network, network + "g")


def _make_room(connection: Connection, network: str, room: int) -> None:
    """Let files that were never sent in give way: first those of whoever has most of them, and of these the oldest."""
    missing = read_taken(connection, network) - room
    if missing <= 0:
        return
    has = func.sum(attachments.c.size).over(partition_by=func.substr(attachments.c.network, 1, LETTERS // 3))
    unsent = select(attachments.c.id, attachments.c.size).where(attachments.c.case_id.is_(None))
    unsent = unsent.where(_came_from(network)) if network else unsent
    gone: list[str] = []
    for row in connection.execute(unsent.order_by(has.desc(), attachments.c.sent_at, attachments.c.id)):
        if missing <= 0:
            break
        gone.append(row.id)
        missing -= row.size
    check_room(missing)
    connection.execute(delete(attachments).where(attachments.c.id.in_(gone)))


def _at(place: Place) -> ColumnElement[bool]:
    is_form = isinstance(place, FormKey)
    return attachments.c.form == token_hash(place.key) if is_form else attachments.c.case_id == place


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)


def read_taken(connection: Connection, network: str = "") -> int:
    """Return how many bytes the files take that wait, all or from a network: of forms that are not sent in, and of open
    applications.
    """
    is_open = exists().where(cases.c.id == attachments.c.case_id, cases.c.closed_at.is_(None))
    waits = or_(attachments.c.case_id.is_(None), is_open)
    total = select(func.coalesce(func.sum(attachments.c.size), 0)).where(waits)
    query = total.where(_came_from(network)) if network else total
    return int(connection.execute(query).scalar_one())


def _attached(connection: Connection, place: Place) -> AttachedFile | None:
    found = select(attachments.c.kind, attachments.c.size, attachments.c.sent_at).where(_at(place))
    row = connection.execute(found).one_or_none()
    return None if row is None else AttachedFile(FileKind(row.kind), row.size, row.sent_at)


def _read(connection: Connection, case: CaseId) -> StoredFile:
    found = select(attachments.c.kind, attachments.c.content).where(_at(case))
    row = connection.execute(found).one_or_none()
    if row is None:
        raise NoDocument
    return StoredFile(case, FileKind(row.kind), bytes(row.content))
