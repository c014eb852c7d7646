"""Where customer service fetches the file that came with an application, by a link made for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from core.api import ApplicationFiles, Purpose
from notifications.mail.link_addresses import page_of

# A browser saves it and runs nothing of it, whatever it holds and whatever it says it is.
UNOPENED = {"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}


@dataclass(frozen=True)
class FileLinks:
    """Behind a link to fetch by. It changes nothing, and may be followed again until it expires."""

    files: ApplicationFiles

    def routes(self) -> Sequence[Route]:
        """Return the address."""
        return [Route(page_of(Purpose.FETCH, "{token}"), self.fetch)]

    async def fetch(self, request: Request) -> Response:
        """Return the file to be saved."""
        file = await self.files.fetch(request.path_params["token"])
        headers = UNOPENED | {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type=file.kind, headers=headers)
