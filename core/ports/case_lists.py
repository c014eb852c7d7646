"""Lists of cases for programs: which ones, whose, and page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from core.shared.vocabulary import CaseId, OrganisationId, PersonId, State


class ListPlace(NamedTuple):
    """Where a page begins: after this case."""

    created_at: datetime
    case: CaseId


@dataclass(frozen=True)
class OrderFilter:
    """Which orders: None means any."""

    state: State | None = None
    is_open: bool | None = None
    external_case_ref: str | None = None
    customer: OrganisationId | None = None


@dataclass(frozen=True)
class Scope:
    """Whose orders: those of a customer, those of an agent, both, or (neither named) all."""

    customer: OrganisationId | None = None
    agent: OrganisationId | None = None


@dataclass(frozen=True)
class ApplicationFilter:
    """Which applications: None means any."""

    state: State | None = None
    is_open: bool | None = None
    sent_by: PersonId | None = None


class CaseLists(Protocol):
    """Lists cases, the newest first, `limit` at most; `after` is the last place of the page before."""

    async def list_orders(
        self, scope: Scope, wanted: OrderFilter, after: ListPlace | None, limit: int
    ) -> Sequence[ListPlace]:
        """Return the orders of a page."""
        ...

    async def list_applications(
        self, wanted: ApplicationFilter, after: ListPlace | None, limit: int
    ) -> Sequence[ListPlace]:
        """Return the applications of a page."""
        ...
