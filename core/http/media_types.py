"""Refuses a body that is no JSON, and whoever takes no answer of the type that an address gives."""

from dataclasses import dataclass
from email.message import Message

from fastapi import Request
from fastapi.routing import APIRoute

from core.http.preferences import takes
from core.http.statuses import NotAcceptable, UnsupportedMediaType

JSON = "application/json"


async def json_body(request: Request) -> None:
    """Lets pass a body that says it is JSON, and no body. Raises UnsupportedMediaType."""
    route = request.scope["route"]
    is_read = isinstance(route, APIRoute) and route.body_field is not None
    if is_read and await request.body() and not _is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType


def _is_json(content_type: str) -> bool:
    # As FastAPI tells what it reads.
    message = Message()
    message["content-type"] = content_type
    kind, subtype = message.get_content_maintype(), message.get_content_subtype()
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


@dataclass(frozen=True)
class Gives:
    """Lets pass whoever takes an answer of a media type, before anything is done. Raises NotAcceptable."""

    media_type: str

    async def __call__(self, request: Request) -> None:
        if not takes(request.headers.get("accept", ""), self.media_type):
            raise NotAcceptable
