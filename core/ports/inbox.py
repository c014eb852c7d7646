"""Lists of cases for one reader, page by page: what waits, what was ordered or decided, what customer service has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.identity.accounts import Asking
from core.shared.vocabulary import Localised, OrganisationId, Part
from core.views.case_view import CaseView

# So many are counted; of more it is said that there are.
COUNTED = 99
PAGE_SIZE = 20


class CaseList(StrEnum):
    """A list of cases that somebody may read."""

    WAITING = "waiting"  # what the reader may decide, take or answer now, or is asked whether to keep
    ORDERED = "ordered"  # what the reader has ordered
    ORGANISATION = "organisation"  # what the reader's organisations have ordered, or convey
    DECIDED = "decided"  # what the reader has decided
    UNCLAIMED = "unclaimed"  # at customer service, where nobody has taken it
    MINE = "mine"  # what the reader has taken there
    COLLEAGUES = "colleagues"  # what others have taken there
    OTHERS = "others"  # what waits for customers, agents and applicants
    OVERDUE = "overdue"  # what has waited at customer service for longer than it should


# What customer service has besides, in the order in which it is read.
SERVICE_LISTS = (CaseList.UNCLAIMED, CaseList.MINE, CaseList.COLLEAGUES, CaseList.OTHERS, CaseList.OVERDUE)


class Sorting(StrEnum):
    """In which order a list stands."""

    AGE = "age"  # what waits: the longest first; what was ordered or decided: the latest first
    AMOUNT = "amount"  # the largest first year of the reader's side first


@dataclass(frozen=True)
class InboxQuery:
    """Which list, of which customer and which service (None: of all), sorted how, and which page of it, from 0."""

    list: CaseList = CaseList.WAITING
    sorting: Sorting = Sorting.AGE
    page: int = 0
    organisation: OrganisationId | None = None
    service: str | None = None
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class ListedCase:
    """A case in a list, as its reader may know it; `part` is what the reader plays in it, where that is known.

    `absent` is the name of the person in whose place the reader stands.
    """

    view: CaseView
    part: Part | None
    absent: str | None = None


@dataclass(frozen=True)
class InboxPage:
    """A page of a list. `query` says which it is: of a page that is empty by now, the last that is not.

    `count` is how many cases there are, at most one more than COUNTED; `lists` are those that the reader has, and
    `counts` how many stand in each of customer service's. The names are of what the list is narrowed to.
    """

    query: InboxQuery
    rows: Sequence[ListedCase] = ()
    count: int = 0
    has_more: bool = False
    lists: Sequence[CaseList] = (CaseList.WAITING,)
    counts: Mapping[CaseList, int] | None = None
    organisation: str | None = None
    service: Localised | None = None


@dataclass(frozen=True)
class FoundCases:
    """What a search has found, what is open first, the latest first; `has_more` when there is more than is shown."""

    rows: Sequence[ListedCase] = ()
    has_more: bool = False


class Inbox(Protocol):
    """Reads the lists of one reader, each in as many statements whatever stands in it."""

    async def page(self, who: Asking, query: InboxQuery, at: datetime) -> InboxPage:
        """Return a page of a list; an empty one of a list that the reader does not have."""
        ...

    async def search(self, who: Asking, typed: str, at: datetime, most: int) -> FoundCases:
        """Return what the person may read and what was typed fits, so many cases at most.

        That is a number, the customer's own reference, the beginning of an invoice reference, the number or the
        beginnings of words of the customer's name, or of the names and HSA-ids of the care units.
        """
        ...

    async def customers(
        self, who: Asking, listed: CaseList, typed: str, at: datetime
    ) -> Sequence[tuple[OrganisationId, str]]:
        """Return the customers of what stands in a list, by name, at most a hundred.

        Something typed finds them in the whole list, as `find_organisations` does; else they are of its beginning.
        """
        ...

    async def services(self, who: Asking, listed: CaseList, at: datetime) -> Sequence[tuple[str, Localised]]:
        """Return the services of everything that stands in a list."""
        ...
