"""Making and installing the app: what Slack says of its manifest, its page where somebody allows it, and the token."""

import base64
import binascii
import html
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.sandbox.box import Box, language_of
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.manifest import ManifestRefused, read_manifest
from bot.sandbox.refusals import SlackRefusal, missing_fields
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.wire import Arguments

SECURE = "https://"
PAGE = """<!doctype html><html lang="{language}">
<head><meta charset="utf-8"><title>{app} – Slack (sandbox)</title></head>
<body><main><h1>{app}</h1><p>{scopes}</p><p>{where}</p><ul>{places}</ul><p><a href="{no}">{cancel}</a></p></main></body>
</html>"""
WORDS = {
    "sv": {"where": "Välj den Slack som appen ska installeras i.", "cancel": "Avbryt"},
    "en": {"where": "Choose the Slack that the app is to be installed in.", "cancel": "Cancel"},
}


def oauth_pages(box: Box) -> APIRouter:
    """The two addresses at which a person stands: what is asked for, and the answer."""
    router = APIRouter()

    @router.get("/oauth/v2/authorize")
    async def authorize(request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != box.config.client_id:
            return HTMLResponse("Invalid client_id parameter", 400)
        if not set(asked.get("scope", "").split(",")) <= box.config.manifest.scopes:
            return HTMLResponse("Invalid permissions requested", 400)
        places = "".join(_place(team, asked) for team in box.world.teams.values() if _takes(box, team))
        language = language_of(request.headers.get("accept-language", ""))
        said = {
            "language": language,
            **WORDS[language],
            "app": box.config.manifest.name,
            "scopes": html.escape(asked.get("scope", "")),
            "places": places,
        }
        return HTMLResponse(PAGE.format(no=html.escape(_back(asked, error="access_denied")), **said))

    @router.get("/oauth/v2/allow")
    async def allow(request: Request) -> Response:
        asked = request.query_params
        code = secrets.token_urlsafe(24)
        box.world.codes[code] = (asked["team"], asked["redirect_uri"])
        return RedirectResponse(_back(asked, code=code), 302)

    return router


def _takes(box: Box, team: SandboxWorkspace) -> bool:
    """Say whether the app may be installed there: in a whole Enterprise organisation only if it asks for that."""
    return not team.enterprise or box.config.manifest.for_organisations


def _place(team: SandboxWorkspace, asked: Mapping[str, str]) -> str:
    said = {name: asked.get(name, "") for name in ("state", "redirect_uri")} | {"team": team.id}
    return f'<li><a href="/oauth/v2/allow?{html.escape(urlencode(said))}">{html.escape(team.name)}</a></li>'


def _back(asked: Mapping[str, str], **said: str) -> str:
    return f"{asked.get('redirect_uri', '')}?{urlencode(said | {'state': asked.get('state', '')})}"


def oauth_access(box: Box, args: Arguments, authorization: str) -> Json:
    """Give the bot's tokens for a code, or for the refresh token of those before; each counts once."""
    if _client(args, authorization) != (box.config.client_id, box.config.client_secret):
        raise SlackRefusal("bad_client_secret")
    match args.word("grant_type") or "authorization_code":
        case "authorization_code":
            team = _allowed(box, args)
        case "refresh_token":
            team = box.world.teams[box.world.expiring.use(args.word("refresh_token") or "", box.now())]
        case _:
            raise SlackRefusal("invalid_grant_type")
    return _granted(box, team)


def _allowed(box: Box, args: Arguments) -> SandboxWorkspace:
    """Return where somebody has allowed the app who came back with a code."""
    found = box.world.codes.pop(args.word("code") or "", None)
    if found is None:
        raise SlackRefusal("invalid_code")
    name, redirect_uri = found
    if redirect_uri != args.word("redirect_uri"):
        raise SlackRefusal("bad_redirect_uri")
    box.world.install(name)
    return box.world.teams[name]


def _granted(box: Box, team: SandboxWorkspace) -> Json:
    if team.id in box.world.revoked | box.world.without_app:
        raise SlackRefusal("invalid_refresh_token")
    return {
        **_tokens(box, team),
        "app_id": box.config.app_id,
        "authed_user": {"id": next(iter(person.id for person in team.users), "U0")},
        "scope": ",".join(sorted(box.config.manifest.scopes)),
        "token_type": "bot",
        "bot_user_id": team.bot_user,
        "team": None if team.enterprise else {"id": team.id, "name": team.name},
        "enterprise": team.enterprise,
        "is_enterprise_install": team.enterprise is not None,
    }


def _tokens(box: Box, team: SandboxWorkspace) -> Json:
    if not box.config.manifest.token_rotation:
        return {"access_token": box.world.tokens[team.id]}
    access, refresh = box.world.expiring.give(team.id, box.now())
    return {"access_token": access, "refresh_token": refresh, "expires_in": box.config.token_seconds}


def _client(args: Arguments, authorization: str) -> tuple[str | None, str | None]:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return args.word("client_id"), args.word("client_secret")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return None, None
    return name, secret


def validate_manifest(box: Box, args: Arguments, _: str) -> Json:
    """Say what is wrong with a manifest, asked with a person's configuration token."""
    if not args.token:
        raise SlackRefusal("not_authed")
    if args.token != box.config.configuration_token:
        raise SlackRefusal("invalid_auth")
    if not args.given.get("manifest"):
        raise missing_fields("manifest")
    manifest = args.parsed("manifest", "invalid_manifest")
    if not isinstance(manifest, dict):
        raise SlackRefusal("invalid_manifest")
    if problems := [{"message": message, "pointer": pointer} for pointer, message in _problems(manifest)]:
        raise SlackRefusal("invalid_manifest", errors=problems)
    return {"errors": []}


def _problems(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        read_manifest(manifest)
    except ManifestRefused as refused:
        yield "/", str(refused)
    for pointer, address in _addresses(manifest, ""):
        if not address.startswith(SECURE):
            yield pointer, f"must be an address that begins with {SECURE}"


def _addresses(part: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield every address that Slack is to call, or to lead people to."""
    if isinstance(part, dict):
        for name, value in part.items():
            is_one = isinstance(value, str) and (name == "url" or name.endswith("_url"))
            yield from [(f"{at}/{name}", value)] if is_one else _addresses(value, f"{at}/{name}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            is_one = isinstance(value, str) and at.endswith("_urls")
            yield from [(f"{at}/{number}", value)] if is_one else _addresses(value, f"{at}/{number}")
