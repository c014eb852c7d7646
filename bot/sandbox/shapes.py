"""Names for plain JSON."""

from typing import Any

Json = dict[str, Any]
# Block id -> action id -> what is chosen or written there.
State = dict[str, dict[str, Any]]
