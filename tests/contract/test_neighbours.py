"""What is done becomes the same among neighbours as alone, and the neighbours stay as they were, on both databases."""

import re

import pytest

from core.storage import tables
from tests.contract.deeds import DEEDS, Scene
from tests.contract.neighbours import ALONE, everything, neighbours
from tests.contract.office import open_office

# Salts, and what is hashed with them, are never twice the same; nor are secrets.
BY_CHANCE = re.compile(
    r"""((?:['"](?:hold_salt|salt|texts_hash|account_hash|bot_token|hash)['"]: ?|salt=)['"])[^'"]*"""
)


async def outcomes(url, *, crowded):
    """What becomes of everything that is done, then whose the rows are, and how the neighbours' were and are."""
    office = await open_office(url)
    scene = Scene(office)
    office.orders = scene.hall.orders
    dos = {deed.__name__: await deed(scene) for deed in DEEDS}
    theirs = await office.database.write(neighbours) if crowded else {}
    told = {name: plain(await do()) for name, do in dos.items()}
    rows = await office.database.read(everything)
    await office.database.close()
    return told, rows, theirs


def plain(value):
    """A value as text, without what is by chance."""
    return BY_CHANCE.sub(r"\1", str(value))


def own(table, rows, theirs):
    """The rows of a table that are nobody else's, as texts."""
    keys = [column.name for column in tables.metadata.tables[table].primary_key]
    others = {tuple(row[each] for each in keys) for row in theirs.get(table, ())}
    return sorted(plain(row) for row in rows if tuple(row[each] for each in keys) not in others)


def kept(table, rows, theirs):
    """The neighbours' rows of a table, as they are."""
    keys = [column.name for column in tables.metadata.tables[table].primary_key]
    by_key = {tuple(row[each] for each in keys): row for row in rows}
    return [by_key.get(tuple(row[each] for each in keys)) for row in theirs[table]]


@pytest.fixture
def url_beside(database_url, request, tmp_path):
    """Another database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'beside.db'}"
        return
    server = request.getfixturevalue("postgres")
    yield server.create("beside")
    server.drop("beside")


async def test_everything_becomes_the_same_among_neighbours_as_alone_and_they_stay_as_they_were(
    database_url, url_beside
):
    told_alone, alone, _ = await outcomes(database_url, crowded=False)
    told, rows, theirs = await outcomes(url_beside, crowded=True)

    for name in told_alone:
        assert told[name] == told_alone[name], name
    for table in alone:
        assert own(table, rows[table], theirs) == own(table, alone[table], {}), table
        assert kept(table, rows[table], theirs) == theirs[table], table
    assert {table for table, of in theirs.items() if not of} == ALONE
