"""Gives people who have left a pseudonym, once their last order has been closed for long; their id stays in the log."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, literal, text, update

from core.audit.retention import Stage
from core.shared.ids import ALPHABET
from core.storage import tables
from core.storage.tables import Instant, cards, identities, persons, to_micros

BATCH = 200
CODE_LENGTH = 4

# Nobody tells us when a person leaves: a night sees it.
_LEFT = text("UPDATE persons SET left_at = :at WHERE NOT active AND left_at IS NULL")
_BACK = text("UPDATE persons SET left_at = NULL WHERE active AND left_at IS NOT NULL")
# An order that is open, or was closed a short time ago, still has cards; of the others `last_order_at` tells.
_DUE = """FROM persons p WHERE p.left_at < :before AND p.pseudonymised_at IS NULL AND NOT p.active
    AND (p.last_order_at IS NULL OR p.last_order_at < :before)
    AND NOT EXISTS (SELECT 1 FROM cards k WHERE k.person_id = p.id AND k.case_id IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.orderer_id = p.id AND c.purged < :cards_gone)"""
_COUNT = text(f"SELECT count(*) {_DUE}")
_FIND = text(f"SELECT p.id {_DUE} ORDER BY p.left_at LIMIT :batch")


@dataclass(frozen=True)
class NamePurge:
    """`name_of` makes the name of a former person from a short code, which tells two of them apart."""

    name_of: Callable[[str], str]

    def count(self, connection: Connection, before: datetime) -> int:
        """Count the people who are due, of those whom a night has seen to have left."""
        return connection.execute(_COUNT, _values(before)).scalar_one()

    def take(self, connection: Connection, before: datetime, at: datetime) -> int:
        """Note who has left and who is back, and rename a batch; how many people that was."""
        for noticed in (_LEFT, _BACK):
            connection.execute(noticed, {"at": to_micros(at)})
        people = list(connection.execute(_FIND, _values(before) | {"batch": BATCH}).scalars())
        if people:
            self._rename(connection, people, at)
        return len(people)

    def _rename(self, connection: Connection, people: list[str], at: datetime) -> None:
        anew = update(persons).where(persons.c.id == bindparam("person"))
        names = [
            {"person": id_, "name": self.name_of(code_of(id_)), "email": f"{id_.lower()}@former.invalid"}
            for id_ in people
        ]
        connection.execute(anew.values(language=None, pseudonymised_at=at), names)
        connection.execute(delete(identities).where(identities.c.person_id.in_(people)))
        # What asked whether an account is theirs: it belongs to no case, so no case takes it along.
        connection.execute(delete(cards).where(cards.c.person_id.in_(people), cards.c.case_id.is_(None)))
        # Links to read agreements by come long after the case of the agreement has lost its own.
        connection.execute(delete(tables.personal_links).where(tables.personal_links.c.person_id.in_(people)))
        keys = tables.api_keys.c
        ended = {"label": "", "revoked_at": func.coalesce(keys.revoked_at, literal(at, Instant))}
        connection.execute(update(tables.api_keys).where(keys.person_id.in_(people)).values(ended))


def code_of(person: str) -> str:
    """Return a few letters and digits that are always the same for a person and say nothing about the id."""
    digest = hashlib.sha256(person.encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CODE_LENGTH])


def _values(before: datetime) -> dict[str, int]:
    return {"before": to_micros(before), "cards_gone": Stage.CARDS_GONE}
