"""What organisations have: services, what they convey, agreements, and the documents that these are."""

from datetime import datetime
from typing import Protocol

from core.shared.vocabulary import OrganisationId
from core.views.holdings import Conveyed, HeldAgreement, HeldDocument, HeldService


class HoldingReads(Protocol):
    """Reads what an organisation has; who may read it has been decided by whoever asks."""

    async def services(self, customer: OrganisationId, at: datetime) -> tuple[HeldService, ...]:
        """Return what a customer has or has ordered, by name: one for each offer and agent."""
        ...

    async def conveyed(self, agent: OrganisationId) -> tuple[Conveyed, ...]:
        """Return the services that an agent conveys, or has conveyed, by name."""
        ...

    async def agreements(self, organisation: OrganisationId) -> tuple[HeldAgreement, ...]:
        """Return an organisation's agreements by type, the latest first, ended ones too."""
        ...

    async def document(self, hash_: str) -> HeldDocument:
        """Return the agreement that a document is, by its SHA-256. Raises NoDocument, DocumentChanged."""
        ...
