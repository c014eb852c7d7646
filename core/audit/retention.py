"""The table of retention: which personal data is kept, for how long, and counted from what (domain: 4.7)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise

from core.applications.attachment import UNSENT_FOR
from core.shared.working_days import beginning_of, day_of


class Personal(StrEnum):
    """Personal data of one kind."""

    CARDS = "cards"  # what messages about a closed case say; then one short line
    SLACK_IDS = "slack_ids"  # where those messages stand, and whose they are
    FREE_TEXTS = "free_texts"  # comments, contacts, reasons, notes, questions and messages
    NAMES = "names"  # name and address of a person who has left; then a pseudonym
    AGREEMENTS = "agreements"  # the document of an agreement, whom it names and who signed it
    DECISIONS = "decisions"  # who decided what, when, and over which amount


class Measure(StrEnum):
    """What a period is counted in."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class Since(StrEnum):
    """What a period is counted from."""

    CLOSED = "closed"  # the case was closed
    LAST_ORDER = "last_order"  # the last order that the person had a part in was closed
    AGREEMENT_YEARS_END = "agreement_years_end"  # the calendar year ended in which the agreement did
    YEARS_END = "years_end"  # the calendar year of the decision ended


class Stage(IntEnum):
    """What is gone of a closed case, stored in `cases.purged`; each stage comes after the one before."""

    NOTHING = 0
    CARDS_REDUCED = 1
    CARDS_GONE = 2
    TEXTS_GONE = 3
    DECISIONS_GONE = 4


@dataclass(frozen=True)
class Policy:
    """A kind of personal data is kept for so long since something."""

    what: Personal
    keep: int
    measure: Measure
    since: Since

    @property
    def setting(self) -> str:
        """The setting that gives another period."""
        return f"keep_{self.what}_{self.measure}"

    def before(self, at: datetime) -> datetime:
        """Return the instant that separates what is due now (counted from before it) from what is still kept."""
        today = day_of(at)
        if self.since in {Since.YEARS_END, Since.AGREEMENT_YEARS_END}:
            return beginning_of(date(today.year - self.keep, 1, 1))
        if self.measure is Measure.DAYS:
            return at - timedelta(days=self.keep)
        return beginning_of(_months_before(today, self.keep * (12 if self.measure is Measure.YEARS else 1)))


row = Policy
# fmt: off
RETENTION: tuple[Policy, ...] = (
    row(Personal.CARDS,      30, Measure.DAYS,   Since.CLOSED),
    row(Personal.SLACK_IDS,  90, Measure.DAYS,   Since.CLOSED),
    row(Personal.FREE_TEXTS, 24, Measure.MONTHS, Since.CLOSED),
    row(Personal.NAMES,      24, Measure.MONTHS, Since.LAST_ORDER),
    # Accounting information, agreements of weight among it, is kept until the end of the seventh year after the
    # calendar year (Bokföringslagen 7:2).
    row(Personal.AGREEMENTS,  7, Measure.YEARS,  Since.AGREEMENT_YEARS_END),
    row(Personal.DECISIONS,   7, Measure.YEARS,  Since.YEARS_END),
)
# fmt: on
# How long each kind is kept where the operator says nothing.
USUAL_PERIODS: Mapping[Personal, int] = {policy.what: policy.keep for policy in RETENTION}
# What goes in a step of its own, and as which kind: messages about no order, links, identifications, paces and forms
# name accounts and addresses, as the messages of a case do, and are counted from their own end. So does what somebody
# signs in by, which goes sooner where anybody else signs in. Reports, and their pictures, name nobody.
KEPT_AS: Mapping[str, Personal] = {
    "cards": Personal.CARDS,
    "slack_ids": Personal.SLACK_IDS,
    "notices": Personal.SLACK_IDS,
    "links": Personal.SLACK_IDS,
    "identifications": Personal.SLACK_IDS,
    "sign_ins": Personal.SLACK_IDS,
    "sessions": Personal.SLACK_IDS,
    "paces": Personal.SLACK_IDS,
    "forms": Personal.SLACK_IDS,
    "unsent_files": Personal.SLACK_IDS,
    "pictures": Personal.SLACK_IDS,
    "reports": Personal.SLACK_IDS,
    "free_texts": Personal.FREE_TEXTS,
    "names": Personal.NAMES,
    "agreements": Personal.AGREEMENTS,
    "decisions": Personal.DECISIONS,
    "history": Personal.DECISIONS,
}
# What goes by a time of its own, whatever the operator says: nobody is waiting for it. What was told of a week is kept
# until its pictures are gone, and until nobody could tell of it again.
SOONER: Mapping[str, timedelta] = {"unsent_files": UNSENT_FOR, "pictures": timedelta(), "reports": timedelta(weeks=13)}
# From when on a closed case loses one thing after the other.
_OF_CASES = frozenset({Since.CLOSED, Since.YEARS_END})


def retention_with(periods: Mapping[Personal, int]) -> dict[Personal, Policy]:
    """Return the table with the periods of an operator, by kind."""
    return {policy.what: replace(policy, keep=periods.get(policy.what, policy.keep)) for policy in RETENTION}


def retention_out_of_order(periods: Mapping[Personal, int]) -> tuple[Personal, Personal] | None:
    """Return two kinds of which the first must go first, since a case loses one after the other, and would not; or
    None.
    """
    # On New Year's Day a period of whole calendar years is at its shortest.
    day = datetime(2027, 1, 1, 12, tzinfo=UTC)
    staged = [policy for policy in retention_with(periods).values() if policy.since in _OF_CASES]
    pairs = ((one.what, next_.what) for one, next_ in pairwise(staged) if next_.before(day) > one.before(day))
    return next(pairs, None)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
