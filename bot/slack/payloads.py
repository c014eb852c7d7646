"""What Slack sends, from bytes to a dictionary whose shape can be relied on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json
from yarl import query_to_pairs

Payload = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# A slash command, the longest form Slack sends, has about fifteen fields.
MAX_FIELDS = 100


class Unreadable(Exception):
    """Bytes that are not what Slack sends; `args` says what was wrong, never what was sent."""


def read(body: bytes, content_type: str) -> Payload:
    """The payload in a request's bytes: a form's `payload`, a slash command's fields, or an event's JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return _dictionary(_text(body))
    if kind != FORM:
        raise Unreadable("content_type")
    fields = form(_text(body))
    if "payload" in fields:
        return _dictionary(fields["payload"])
    if "command" in fields:
        return _without_nul(fields)
    raise Unreadable("form")


def of_socket(found: Payload) -> Payload:
    """The payload in what came over a socket, as it would have been read from a request's bytes."""
    return _dictionary(json.dumps(found))


def form(text: str) -> dict[str, str]:
    """The fields of a URL-encoded form, as `urllib.parse.parse_qsl` reads them; of a repeated name the last counts."""
    try:
        return dict(query_to_pairs(text, max_fields=MAX_FIELDS))
    except ValueError as error:
        raise Unreadable("fields") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error


def _dictionary(text: str) -> Payload:
    # JSON can spell NUL, which no database stores as text, and halves of characters, which are not read here.
    # Somebody who types the same letters sends a backslash, which JSON spells with two.
    if "\\u0000" in text and "\\u0000" in text.replace("\\\\", ""):
        raise Unreadable("nul")
    try:
        found = from_json(text)
    except ValueError as error:
        raise Unreadable("json") from error
    if not isinstance(found, dict):
        raise Unreadable("object")
    # Null and missing mean the same to us, but not everywhere to Bolt.
    return {key: value for key, value in cast(Payload, found).items() if value is not None}


def _without_nul(fields: dict[str, str]) -> Payload:
    if any("\0" in value for value in fields.values()):
        raise Unreadable("nul")
    return dict(fields)


# --- shapes: what we and Bolt rely on, key by key; what is not named here is not read


@dataclass(frozen=True)
class Maybe:
    """May be missing or null."""

    shape: "Shape"


@dataclass(frozen=True)
class Each:
    """A dictionary with any keys, whose values have a shape."""

    shape: "Shape"


@dataclass(frozen=True)
class Some:
    """A list whose items have a shape; at least as many as `at_least`."""

    shape: "Shape"
    at_least: int = 0


@dataclass(frozen=True)
class Either:
    """Has one of two shapes."""

    one: "Shape"
    other: "Shape"


Shape = type | range | Maybe | Each | Some | Either | Mapping[str, "Shape"]


Fits = Callable[[Any], bool]


def checking(shape: Shape) -> Fits:
    """What says whether a value has a shape: made once, for a press asks it of some thirty values."""
    match shape:
        case Maybe(inner):
            fits = checking(inner)
            return lambda value: value is None or fits(value)
        case Either(one, other):
            fits_one, fits_other = checking(one), checking(other)
            return lambda value: fits_one(value) or fits_other(value)
        case Each(inner):
            fits = checking(inner)
            return lambda value: isinstance(value, dict) and all(map(fits, value.values()))
        case Some(inner, at_least):
            fits = checking(inner)
            return lambda value: isinstance(value, list) and len(value) >= at_least and all(map(fits, value))
        case range():
            return lambda value: type(value) is int and value in shape
        case type():
            return lambda value: type(value) is shape
        case _:
            named = [(key, checking(inner)) for key, inner in shape.items()]
            return lambda value: isinstance(value, dict) and all(fits(value.get(key)) for key, fits in named)


OPTION: Shape = {"value": str}
CHOICE: Mapping[str, Shape] = {
    "value": Maybe(str),
    "selected_option": Maybe(OPTION),
    "selected_options": Maybe(Some(OPTION)),
    "selected_date": Maybe(str),
    "selected_conversation": Maybe(str),
}
VIEW: Shape = {
    "id": str,
    "type": str,
    "root_view_id": Maybe(str),
    "previous_view_id": Maybe(str),
    "callback_id": Maybe(str),
    "private_metadata": Maybe(str),
    "hash": Maybe(str),
    "app_installed_team_id": Maybe(str),
    "team_id": Maybe(str),
    "state": Maybe({"values": Maybe(Each(Each({"type": str} | CHOICE)))}),
}
# What keeps an account from being a full member's.
STANDING: Mapping[str, Shape] = {
    name: Maybe(bool) for name in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
}
INTERACTION: Mapping[str, Shape] = {
    "user": {"id": str, "team_id": Maybe(str)},
    "team": Maybe({"id": str, "enterprise_id": Maybe(str)}),
    "enterprise": Maybe({"id": Maybe(str)}),
    "is_enterprise_install": Maybe(bool),
    "api_app_id": Maybe(str),
    "function_data": Maybe({}),
}
SHAPES: dict[str, Shape] = {
    "block_actions": INTERACTION
    | {
        "trigger_id": str,
        "response_url": Maybe(str),
        "actions": Some({"type": str, "action_id": str, "block_id": str} | CHOICE, at_least=1),
        "container": {"type": str, "channel_id": Maybe(str), "message_ts": Maybe(str)},
        "channel": Maybe({"id": str}),
        "message": Maybe({"user": Maybe(str), "thread_ts": Maybe(str)}),
        "view": Maybe(VIEW),
    },
    "view_submission": INTERACTION | {"view": VIEW | {"callback_id": str}, "response_urls": Maybe(Some({}))},
    "view_closed": INTERACTION | {"view": VIEW},
    "block_suggestion": INTERACTION | {"action_id": str, "block_id": str, "value": Maybe(str), "view": Maybe(VIEW)},
    "shortcut": INTERACTION | {"callback_id": str, "trigger_id": str},
    "event_callback": {
        "team_id": Maybe(str),
        "enterprise_id": Maybe(str),
        "api_app_id": Maybe(str),
        "authorizations": Maybe(Some({"team_id": Maybe(str), "enterprise_id": Maybe(str)})),
        # In seconds since 1970.
        "event_time": Maybe(range(1 << 32)),
        "event": {
            "type": str,
            # Whom an event is about is named, or described where the account itself has changed.
            "user": Maybe(Either(str, {"id": str, "profile": Maybe({"email": Maybe(str)})} | STANDING)),
            "tab": Maybe(str),
            "bot_id": Maybe(str),
            "channel": Maybe(str),
            "thread_ts": Maybe(str),
            "tokens": Maybe({"bot": Maybe(Some(str))}),
        },
    },
    "url_verification": {"challenge": str},
    # A slash command says of no type.
    "command": {
        "command": str,
        "user_id": str,
        "team_id": str,
        "trigger_id": str,
        "text": Maybe(str),
        "enterprise_id": Maybe(str),
        "response_url": Maybe(str),
        "api_app_id": Maybe(str),
    },
}


FITS: Mapping[str, Fits] = {kind: checking(shape) for kind, shape in SHAPES.items()}


def kind_of(payload: Payload) -> str:
    """The payload's type; a slash command, which has none, is "command"."""
    kind = payload.get("type", "command" if "command" in payload else None)
    return kind if isinstance(kind, str) else ""


def has_its_shape(payload: Payload) -> bool:
    """True when a payload is of a type we know and has what we and Bolt read from it."""
    fits = FITS.get(kind_of(payload))
    return fits is not None and fits(payload)


def typed_in(view: Payload) -> dict[str, str | list[str]]:
    """What the inputs of a view were filled in with, by their block ids, as forms are read."""
    blocks: Payload = (view.get("state") or {}).get("values") or {}
    return {name: _entered(elements) for name, elements in blocks.items()}


def _entered(elements: object) -> str | list[str]:
    """The state of a block's only element; empty where there is none, or none that is known."""
    found = elements.values() if isinstance(elements, Mapping) else ()
    element: Mapping[str, Any] = next((each for each in found if isinstance(each, Mapping)), {})
    if isinstance(several := element.get("selected_options"), list):
        return [value for value in map(_value, several) if value]
    named = (_string(element.get(key)) for key in ("value", "selected_date", "selected_conversation"))
    return _value(element.get("selected_option")) or next(filter(None, named), "")


def _value(chosen: object) -> str:
    return _string(chosen.get("value")) if isinstance(chosen, Mapping) else ""


def _string(found: object) -> str:
    return found if isinstance(found, str) else ""
