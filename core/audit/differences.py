"""What differs when history is replayed, named by ids and codes."""

from dataclasses import dataclass
from enum import StrEnum

from core.shared.vocabulary import (
    CaseId,
)


class Differs(StrEnum):
    """What kind of thing does not agree with history replayed."""

    ROW = "row"  # a row does not follow on those before it
    CASE = "case"  # the case says something else than its rows
    NO_CASE = "no_case"  # rows of a case that there is not
    NO_ROWS = "no_rows"  # a case that no row tells of
    RIGHT = "right"  # somebody who had no right decided
    NO_BEGINNING = "no_beginning"  # the first rows of a case are gone, and no purge took them
    REGISTER = "register"  # the register says something else than its lines
    KEPT = "kept"  # somebody who had no right changed the register
    CONNECTION = "connection"  # what is connected is other than its lines say
    NOT_ENDED = "not_ended"  # a line of connections that its case did not begin or end
    LINE = "line"  # a line of the register cannot be read
    BASELINE = "baseline"  # rows that no upgrade and no purge wrote


@dataclass(frozen=True)
class Difference:
    """One thing by which a case and its history differ, by ids and codes: what, by history and by what stands there.

    `row` is the history id of a row that does not follow. `about` is which entry, where the register differs.
    """

    kind: Differs
    case: CaseId | None = None
    what: str = ""
    expected: str = ""
    stands: str = ""
    row: int | None = None
    about: str = ""
