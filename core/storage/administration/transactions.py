"""What every transaction on an organisation's register has: turns, its keeper, forms that count once, and who hears."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.register.administration import By, ChangeContext, Keeper
from core.shared.vocabulary import OrganisationId, PersonId
from core.storage.administration import administration_reads as reads
from core.storage.administration.crying import owe
from core.storage.administration.submissions import count_once
from core.storage.context.asking_person import person_asking
from core.storage.register.rows import lock_register
from core.workflow.events import NewCard


@dataclass(frozen=True)
class SqlRegisterTransaction:
    """Implements core.ports.register.RegisterTransaction on a connection whose transaction has begun."""

    connection: Connection

    async def take_turn(self) -> None:
        """See RegisterTransaction."""
        lock_register(self.connection)

    async def find_person(self, by: By) -> PersonId:
        """See RegisterTransaction."""
        return person_asking(self.connection, by)

    async def load_keeper(self, by: By, organisation: OrganisationId, at: datetime) -> Keeper:
        """See RegisterTransaction."""
        return reads.keeper_of(self.connection, by, organisation, at)

    async def count_once(self, person: PersonId, key: str, at: datetime) -> None:
        """See RegisterTransaction."""
        count_once(self.connection, person, key, at)

    async def load_concerned(self, organisation: OrganisationId, at: datetime) -> ChangeContext:
        """See RegisterTransaction."""
        return reads.around(self.connection, organisation, at)

    async def tell(self, cards: Sequence[tuple[int, NewCard]], at: datetime) -> None:
        """See RegisterTransaction."""
        owe(self.connection, cards, at)
