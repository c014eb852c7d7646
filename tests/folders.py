"""Where tests put databases that must not wait for the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in there has a name of its own


def memory() -> Path | None:
    """The folder that lies in memory, where there is one."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None


@contextmanager
def undisturbed(otherwise: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: on a busy disk a durable commit was seen to take six seconds."""
    if memory() is None:
        yield otherwise
        return
    with TemporaryDirectory(prefix="kundportal-", dir=MEMORY) as folder:
        yield Path(folder)
