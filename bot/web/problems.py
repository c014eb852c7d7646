"""What can be wrong with a visit, by its HTTP status."""

from datetime import timedelta
from enum import IntEnum


class VisitProblem(IntEnum):
    """A page of its own for each; its texts stand under `web.problem`."""

    WRONG = 400
    NOT_ALLOWED = 403
    NOT_FOUND = 404
    WRONG_METHOD = 405
    TOO_SLOW = 408
    CONFLICT = 409
    GONE = 410
    TOO_LARGE = 413
    TOO_MANY = 429
    FAILED = 500


class Hindered(Exception):
    """A visit that ends in the page of a problem; `wait` is after how long it may go well, where time mends it."""

    def __init__(self, problem: VisitProblem, wait: timedelta | None = None) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.wait = wait


class NotSignedIn(Exception):
    """A visit to what only somebody who is signed in may see."""


def problem_at(status: int, *, otherwise: VisitProblem) -> VisitProblem:
    """Return the page for an HTTP status, another one where it has none."""
    return VisitProblem(status) if status in set(VisitProblem) else otherwise
