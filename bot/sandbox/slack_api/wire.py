"""Reading a Web API call in every form that Slack's clients send it: query, form with JSON strings, JSON body."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request

from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call, wherever they stood; those that are JSON in text are read by `parsed`."""

    given: Json
    token: str | None

    def word(self, name: str) -> str | None:
        value = self.given.get(name)
        return None if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.given.get(name) in (True, "true", "True", "1", 1)

    def parsed(self, name: str, error: str) -> Any:
        """Parse a JSON argument, sent as JSON or as text that holds JSON; what cannot be read is refused with the
        error.
        """
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackRefusal(error) from None


async def read_arguments(request: Request, *, takes_json: bool) -> Arguments:
    """Read a call's arguments, refusing bodies that Slack cannot. A method that takes no JSON does not see a JSON
    body.
    """
    given: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if body and kind == JSON:
        given |= _json_object(body) if takes_json else {}
    elif body and kind == FORM:
        given |= _form(body)
    elif body:
        raise SlackRefusal("invalid_post_type")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = given.pop("token", None)
    return Arguments(given, bearer if scheme.lower() == "bearer" and bearer else token)


def _json_object(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except ValueError:
        raise SlackRefusal("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackRefusal("json_not_object")
    return value


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        raise SlackRefusal("invalid_form_data") from None
