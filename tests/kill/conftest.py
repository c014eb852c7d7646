"""What is killed leaves its database in memory: that it survives a power cut is not for these tests to show."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import undisturbed


@pytest.fixture
def fresh_sqlite_url(tmp_path: Path) -> Iterator[str]:
    """An empty SQLite file, this test's alone."""
    with undisturbed(tmp_path) as folder:
        yield f"sqlite:///{folder / 'test.db'}"
