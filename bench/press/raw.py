"""The contender `raw`: the driver alone with the press's own statements, no rules and no objects."""

import itertools
import json
import re
import sqlite3
import sys
from typing import Any

import asyncpg
from sqlalchemy import make_url

from bench.press import child
from bench.press.world import Press, orders_on
from core.storage.cases import loading, repository, statements
from core.storage.database.database import open_database
from tests.fakes.judged import change_of

Values = dict[str, Any]
AT_ONCE = 16
PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "recursive_triggers=ON")


class Raw:
    """The values of one judged press, from which the values of the next ones differ little."""

    def __init__(self, url: str, synchronous: str) -> None:
        self.url = url
        self.synchronous = synchronous
        self.values: Values = {}
        self._numbers = itertools.count()

    async def judge(self, one: Press) -> None:
        """Learn what the statements are given."""
        database = open_database(self.url)
        self.values = repository.write_values(await change_of(orders_on(database), one.command()))
        await database.close()

    def changed(self, one: Press, revision: int) -> Values:
        """What the writing statements are given for another press."""
        owed = json.loads(self.values["cards"])
        cards = [[f"CRAW{next(self._numbers)}", *card[1:]] for card in owed]
        named = {"case": one.case, "revision": revision, "to_revision": revision + 1, "pressed": one.card}
        return self.values | named | {"person": one.person, "cards": json.dumps(cards)}


class RawSqlite(Raw):
    """One connection and no threads, since SQLite has one writer: the next press begins when this one is durable."""

    async def connect(self) -> None:
        """Open the file as the product does."""
        self.connection = sqlite3.connect(make_url(self.url).database or "", isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={self.synchronous}",
            "foreign_keys=ON",
            "recursive_triggers=ON",
        ):
            self.connection.execute(f"PRAGMA {pragma}")

    async def press(self, one: Press, number: int) -> None:  # noqa: ARG002 - one connection
        """The press's statements in one transaction."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        row = run(statements.READS["sqlite"], loading.read_values(one.look())).fetchone()
        values = self.changed(one, revision=row[4])
        for statement in statements.WRITES["sqlite"]:
            run(statement, values).fetchall()
        run("COMMIT")


class RawPostgres(Raw):
    """A connection for each driver, prepared statements, autocommit; asyncpg outran psycopg in threads."""

    async def connect(self) -> None:
        """Open sixteen connections and prepare both statements on each."""
        place = make_url(self.url)
        self.ways = [await self._way(str(place.query["host"]), place) for _ in range(AT_ONCE)]

    async def _way(self, host: str, place: Any) -> tuple[Any, Any]:
        connection = await asyncpg.connect(host=host, user=place.username, database=place.database)
        return await connection.prepare(READ[0]), await connection.prepare(WRITE[0])

    async def press(self, one: Press, number: int) -> None:
        """Two round trips."""
        read, write = self.ways[number]
        asked = loading.read_values(one.look())
        rows = await read.fetch(*(asked[name] for name in READ[1]))
        values = self.changed(one, revision=rows[0]["revision"])
        await write.fetch(*(values[name] for name in WRITE[1]))


def _numbered(sql: str) -> tuple[str, list[str]]:
    """A statement with `$1` for `:name`, and the names in that order."""
    names = list(dict.fromkeys(NAMED.findall(sql)))
    return NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names


NAMED = re.compile(r"(?<!:):(\w+)")
READ, WRITE = _numbered(statements.READS["postgresql"]), _numbered(statements.WRITES["postgresql"][0])


async def main(url: str, synchronous: str) -> None:
    """Serve rounds; the first press of the first round is judged before it is timed."""
    raw = RawSqlite(url, synchronous) if url.startswith("sqlite") else RawPostgres(url, synchronous)
    await raw.connect()
    await child.serve_rounds(raw.press, raw.judge)


if __name__ == "__main__":
    child.run(main(*sys.argv[1:]))
