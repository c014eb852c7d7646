"""An office whose years pass: the purge at it, the sealer, and everything that is stored, as text."""

import json

from sqlalchemy import Connection, select

from bot.wiring.purging import purge_of
from core.api import Language, retention_with
from core.storage import tables
from core.storage.audit.sealing import Sealer
from core.storage.audit.verifying import verify
from tests.contract.office import Office

SECRET = "a secret that the operator has in the environment"


class Archive:
    """What tests of retention do with an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.purge = purge_of(office.database, retention_with({}), secret_key=SECRET, language=Language.SV)

    async def after(self, **time) -> dict[str, int]:
        """So much later: seal, purge, and let Slack catch up. What went, where anything did."""
        self.office.clock.forward(**time)
        await self.seal()
        gone = await self.purge.run(self.office.clock())
        await self.drain()
        return {kind: count for kind, count in gone.items() if count}

    async def due(self) -> dict[str, int]:
        """What a dry run would say, where there is anything to say."""
        return {kind: count for kind, count in (await self.purge.due(self.office.clock())).items() if count}

    async def drain(self) -> None:
        """Let everything that is owed be carried, in its turn."""
        for _ in range(100):
            await self.office.relay.drain()
            if all(row.due_at is None for row in await self.office.cards()):
                return
            self.office.clock.forward(seconds=30)

    async def seal(self) -> None:
        await Sealer(self.office.database, SECRET, self.office.clock).seal()

    async def verify(self):
        return await verify(self.office.database, SECRET, self.office.clock())

    async def rows(self, table, *which):
        """Rows of a table."""
        return await self.office.database.read(lambda connection: connection.execute(select(table).where(*which)).all())

    async def stored(self) -> dict[str, str]:
        """Everything that is stored, by table."""
        return await self.office.database.read(stored)

    def shown(self) -> list[str]:
        """Everything that Slack shows, a text for each message."""
        drawn = ([each.text, each.blocks] for each in self.office.slack.messages.values())
        return [json.dumps(each, ensure_ascii=False) for each in drawn]


def stored(connection: Connection) -> dict[str, str]:
    """Every row of every table, as text."""
    return {
        name: "\n".join(str(tuple(row)) for row in connection.execute(select(table).order_by(*table.primary_key)))
        for name, table in tables.metadata.tables.items()
    }
