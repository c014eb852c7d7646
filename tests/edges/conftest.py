"""A portal of its own for every test."""

from collections.abc import AsyncIterator

import pytest

from tests.edges.portal import Portal, open_portal


@pytest.fixture
async def portal(fresh_sqlite_url: str) -> AsyncIterator[Portal]:
    """The small world on a fresh SQLite file."""
    made = await open_portal(fresh_sqlite_url)
    yield made
    await made.database.close()
