"""Where tests put databases that must not wait for the disk."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

# In bytes: a container often has 64 MiB there.
ROOM = 2 << 30
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in there has a name of its own


def memory() -> Path | None:
    """The folder that lies in memory, where there is one with room for servers and their databases."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM else None


@contextmanager
def undisturbed(otherwise: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: on a busy disk a durable commit was seen to take six seconds."""
    if memory() is None:
        yield otherwise
        return
    with TemporaryDirectory(prefix="kundportal-", dir=MEMORY) as folder:
        yield Path(folder)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of a size, as `16m`, at a folder. Only whoever may mount one has it; for others the test is skipped."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: whoever still holds a file there goes on without it.
        subprocess.run(["umount", "-l", folder], check=True)
