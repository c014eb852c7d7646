"""Where keys to the HTTP API live."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.shared.vocabulary import OrganisationId, PersonId


@dataclass(frozen=True)
class KeyHolder:
    """Whom a key speaks for: a person in an organisation, or Inera's operator, who is neither.

    `used_on` is the last day before this that it was noted to be used on.
    """

    key: str
    person: PersonId | None
    organisation: OrganisationId | None
    used_on: date | None


class ApiKeys(Protocol):
    """Where keys live, as digests. Instants are aware; days are Swedish."""

    async def holder(self, token: str, at: datetime) -> KeyHolder | None:
        """Return whom a key speaks for, None for what is no key of ours. Raises KeyExpired, PersonInactive."""
        ...

    async def note_use(self, holder: KeyHolder, at: datetime) -> None:
        """Note the day that a key was used on, once a day."""
        ...

    async def note_refused(self, key: str | None, code: str, holder: KeyHolder | None, at: datetime) -> None:
        """Let history tell that a key was refused, or what it asked for: `holder` where it was one of ours."""
        ...
