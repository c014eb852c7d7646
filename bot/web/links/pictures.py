"""Where the pictures of messages lie: for whoever has the address, until it expires."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from notifications.mail.link_addresses import PICTURE
from notifications.reports.pictures import Pictures

# What fetches it for a message may keep it for as long as a message is new.
HEADERS = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True)
class PictureLinks:
    """Behind an address that only a message names. It tells of nobody."""

    pictures: Pictures

    def routes(self) -> Sequence[Route]:
        """Return the address."""
        return [Route(PICTURE + "/{token}.png", self.fetch)]

    async def fetch(self, request: Request) -> Response:
        """Return the picture; 404 where there is none, and once it is there no more."""
        content = await self.pictures.behind(request.path_params["token"])
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/png", headers=HEADERS)
