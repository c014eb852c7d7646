"""What outsiders do with applications, each followed by the relay, which tells whom it concerns."""

from dataclasses import dataclass

from bot.server.background import Wake
from bot.web.applying.uploads import Uploads
from core.api import ApplicationForm, Applications, Apply, BroughtFile, Case, CaseAdvanced, ToSign


@dataclass(frozen=True)
class ApplicationSteps:
    """Takes the steps of applicants and signatories as `Applications` does, and wakes the relay after each.

    `uploads` keeps files.
    """

    applications: Applications
    wake: Wake
    uploads: Uploads

    async def apply(self, command: Apply) -> Case:
        """Send an application in."""
        case = await self.applications.apply(command)
        self.wake()
        return case

    async def follow(self, token: str) -> Case:
        """Return the application behind a link to follow one."""
        return await self.applications.follow(token)

    async def complete(self, token: str, form: ApplicationForm, message: str, brought: BroughtFile) -> None:
        """Answer what customer service asks about an application."""
        await self.applications.complete(token, form, message, brought)
        self.wake()

    async def withdraw(self, token: str) -> None:
        """Take an application back."""
        await self.applications.withdraw(token)
        self.wake()

    async def to_sign(self, token: str) -> ToSign:
        """Return the agreement behind a link to sign one."""
        return await self.applications.to_sign(token)

    async def sign(self, token: str, document_hash: str, method: str) -> CaseAdvanced:
        """Sign an agreement."""
        event = await self.applications.sign(token, document_hash, method)
        self.wake()
        return event

    async def decline(self, token: str, reason: str) -> CaseAdvanced:
        """Decline to sign an agreement."""
        event = await self.applications.decline(token, reason)
        self.wake()
        return event
