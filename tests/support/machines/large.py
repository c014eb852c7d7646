"""How much is tried: enough at every push, and all of it by `make test-large`."""

import os

IN_CI = os.environ.get("CI") == "true"
LARGE = bool(os.environ.get("LARGE"))


def at_night(much: int, usually: int) -> int:
    """So many, or as many as every push can bear."""
    return much if LARGE else usually
