"""The use cases of reading an agreement's document in a browser: a link for one person, for a short time."""

from dataclasses import dataclass
from datetime import datetime

from core.identity.personal_links import PersonalLink, expiry
from core.ports.cases import NewId, Now
from core.ports.identity import PersonalLinks
from core.ports.register import Registrar
from core.register.organisations import Person
from core.shared.errors import LinkUnknown
from core.shared.vocabulary import LinkId, Purpose
from core.views.holdings import HeldDocument


@dataclass(frozen=True)
class DocumentLinks:
    """Both methods raise NoRole, PersonInactive, NoDocument and DocumentChanged, by what holds at that moment."""

    registrar: Registrar
    links: PersonalLinks
    now: Now
    new_id: NewId

    async def make(self, reader: Person, hash_: str) -> tuple[str, datetime]:
        """The token of a new link for a person to a document, and when it is good no longer."""
        at = self.now()
        document = await self.registrar.document(reader.asking, hash_, at)
        link = PersonalLink(
            id=LinkId(self.new_id("L")),
            purpose=Purpose.READ,
            case=document.case,
            email=reader.email,
            created_at=at,
            expires_at=expiry(Purpose.READ, at),
            person=reader.id,
            document_hash=document.hash,
        )
        return await self.links.make(link), link.expires_at

    async def read(self, token: str) -> HeldDocument:
        """The document behind a link, as often as one likes. Raises LinkUnknown, LinkExpired as well."""
        at = self.now()
        link = await self.links.open(token, Purpose.READ, at)
        if link.asking is None or link.document_hash is None:
            raise LinkUnknown
        return await self.registrar.document(link.asking, link.document_hash, at)
