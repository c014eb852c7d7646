"""The use cases of files sent with applications: keep one, and let customer service fetch it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.applications.attachment import AttachedFile, StoredFile, check_file
from core.identity.accounts import Asking
from core.identity.personal_links import PersonalLink, expiry
from core.ports.cases import NewId, Now
from core.ports.documents import Attachments, Place
from core.ports.identity import PersonalLinks
from core.ports.reads import Queries
from core.register.organisations import Person
from core.shared.errors import LinkUnknown, NoDocument, NoRole
from core.shared.vocabulary import ROLES_OF, CaseId, LinkId, OrganisationKind, Part, Purpose


@dataclass(frozen=True)
class ApplicationFiles:
    """Keeps a file for each application; the newest takes the place of the one before."""

    attachments: Attachments
    queries: Queries
    links: PersonalLinks
    now: Now
    new_id: NewId

    async def keep(self, place: Place, content: bytes, networks: Sequence[str]) -> None:
        """Keep a file from networks, narrowest first. Raises ApplicationFormError for the field, nothing changed."""
        await self.attachments.keep(place, check_file(content), content, networks=networks, at=self.now())

    async def remove(self, place: Place) -> None:
        """Forget the file of a form or an application."""
        await self.attachments.remove(place)

    async def attached(self, place: Place) -> AttachedFile | None:
        """Return what is told of the file of a form or an application; None where there is none."""
        return await self.attachments.attached(place)

    async def make_link(self, reader: Person, case: CaseId) -> tuple[str, datetime]:
        """The token of a new link to fetch a file by, for somebody at customer service, and until when it is good.

        Raises NoRole, NoDocument.
        """
        at = self.now()
        await self._check(reader.asking, at)
        if await self.attachments.attached(case) is None:
            raise NoDocument
        link = PersonalLink(
            id=LinkId(self.new_id("L")),
            purpose=Purpose.FETCH,
            case=case,
            email=reader.email,
            created_at=at,
            expires_at=expiry(Purpose.FETCH, at),
            person=reader.id,
        )
        return await self.links.make(link), link.expires_at

    async def fetch(self, token: str) -> StoredFile:
        """The file behind a link, as often as one likes. Raises LinkUnknown, LinkExpired, NoRole, NoDocument."""
        at = self.now()
        link = await self.links.open(token, Purpose.FETCH, at)
        if link.asking is None:
            raise LinkUnknown
        await self._check(link.asking, at)
        return await self.attachments.read(link.case)

    async def _check(self, who: Asking, at: datetime) -> None:
        held = await self.queries.roles_of(who, at)
        at_inera = [roles for place, roles in held.values() if OrganisationKind.INERA in place.kinds]
        if not any(roles & ROLES_OF[Part.CUSTOMER_SERVICE] for roles in at_inera):
            raise NoRole(part=Part.CUSTOMER_SERVICE)
