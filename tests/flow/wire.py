"""Requests to the product as Slack, or somebody who pretends to be Slack, would send them."""

import copy
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.slack.route import sign

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Json = dict[str, Any]


@dataclass(frozen=True)
class Wire:
    """The product's address and the signing secret."""

    url: str
    secret: str
    http: httpx.Client

    def interact(self, payload: Json) -> httpx.Response:
        """An interaction, signed now."""
        return self.post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    def command(self, fields: Json) -> httpx.Response:
        """A slash command, signed now."""
        return self.post(urlencode(fields).encode(), FORM)

    def event(self, envelope: Json) -> httpx.Response:
        """A Slack event, signed now."""
        return self.post(json.dumps(envelope).encode(), JSON)

    def post(self, body: bytes, content_type: str, **headers: str) -> httpx.Response:
        """Bytes, signed now unless headers say otherwise."""
        stamp = str(int(time.time()))
        signed = {
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": sign(self.secret, stamp, body),
            "content-type": content_type,
        }
        kept = {name: value for name, value in (signed | headers).items() if value}
        return self.http.post(self.url, content=body, headers=kept)


def altered(payload: Json, *path: str | int, value: object) -> Json:
    """A copy of a payload with one thing in it changed."""
    changed = copy.deepcopy(payload)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def without(payload: Json, *path: str | int) -> Json:
    """A copy of a payload with one thing in it left out."""
    changed = copy.deepcopy(payload)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return changed


def paths(part: object, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in a payload."""
    if isinstance(part, dict):
        pairs = list(part.items())
    elif isinstance(part, list):
        pairs = list(enumerate(part))
    else:
        return []
    return [found for key, value in pairs for found in ((*before, key), *paths(value, (*before, key)))]
