"""The report of a verification of history: everything that does not fit, by name."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# So many are named; of a history that is wrong all through, the rest is counted.
NAMED = 1_000


class FindingKind(StrEnum):
    """What was done to history or to what proves it."""

    CHANGED = "changed"  # the row says something else
    REMOVED = "removed"  # the row is gone, with or without its seal
    INSERTED = "inserted"  # a row without a seal, among rows that have theirs
    MOVED = "moved"  # what the row said stands at another id
    SEAL_CHANGED = "seal_changed"
    SEAL_REMOVED = "seal_removed"
    SEAL_INSERTED = "seal_inserted"
    CHECKPOINT_CHANGED = "checkpoint_changed"
    HEAD_CHANGED = "head_changed"  # the end of the chain is gone or not ours
    PURGE_FORGED = "purge_forged"  # a line in the purge's protocol that no purge of ours wrote
    OUTSIDE = "outside"  # the copy kept outside is of another chain, or of a longer one
    OUTSIDE_PURGED = "outside_purged"  # the copy kept outside is older than everything that is left
    KEY = "key"  # nothing fits: another key made this


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit: the history id, the seal's number, and the id that a moved row stands at."""

    kind: FindingKind
    row: int | None = None
    seal: int | None = None
    stands_at: int | None = None


@dataclass
class Report:
    """What was held against what. `unnamed` counts the findings beyond those that are listed.

    `purged` rows went by the purge, all decided before `purged_before`; everything left follows on them.
    """

    sealed: int = 0
    unsealed: int = 0
    purged: int = 0
    purged_before: datetime | None = None
    findings: list[Finding] = field(default_factory=list[Finding])
    unnamed: int = 0

    @property
    def holds(self) -> bool:
        """True when everything sealed is as it was sealed."""
        return not self.findings and not self.unnamed

    def add(self, finding: Finding) -> None:
        """Add a finding; beyond the thousand that are named, it is counted."""
        if len(self.findings) < NAMED:
            self.findings.append(finding)
        else:
            self.unnamed += 1
