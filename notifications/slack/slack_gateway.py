"""Slack's Web API as this product uses it: one shared session, and every failure classified by what it asks of us."""

import base64
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from core.api import SeenChannel
from notifications.slack.port import (
    Account,
    Blocks,
    Granted,
    HistoryPage,
    Inspected,
    Installed,
    Json,
    MessagePlace,
    SeenMessage,
    SlackApp,
    TokenPair,
)
from notifications.slack.slack_errors import (
    OF_THE_TOKEN,
    Gone,
    Never,
    SlackProblem,
    TryLater,
    Wait,
    classify,
    wait_asked_for,
)

TIMEOUT_SECONDS = 10
# What an app that is not in the Marketplace may read at once.
HISTORY_AT_ONCE = 15
DROPPED = "connection"
# The workspace knows of no such account: an answer, and no trouble.
NO_SUCH_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})

# Hears how each call has ended: its token, its method, what went wrong, and how many seconds it took.
Heard = Callable[[str, str, SlackProblem | None, float], None]


class Gateway:
    """Calls to Slack. Each takes the workspace's bot token and raises Wait, TryLater, Gone or Never (SlackProblem)."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        # Retries are the relay's: the client's own would post twice after a dropped connection.
        # Any: the client's own types say nothing of what Slack answers.
        self._client: Any = AsyncWebClient(
            base_url=base_url.rstrip("/") + "/", session=session, retry_handlers=[], logger=_silent()
        )
        self._heard: Heard = _nobody
        self._refused = set[str]()

    def listen(self, heard: Heard) -> None:
        """Let somebody hear how each call ends; it must not wait."""
        self._heard = heard

    def is_refused(self, token: str) -> bool:
        """Say whether Slack has said that it takes no calls with a token, until one goes well."""
        return token in self._refused

    async def post(
        self, token: str, *, channel: str, text: str, blocks: Blocks, thread_ts: str | None = None
    ) -> MessagePlace:
        """Post a message; `channel` may be a user id, which opens the direct messages with that person."""
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        body = {"channel": channel, "text": text, "blocks": blocks, "unfurl_links": False, **thread}
        answer = await self._post("chat.postMessage", token, body)
        return MessagePlace(answer["channel"], answer["ts"])

    async def update(self, token: str, *, place: MessagePlace, text: str, blocks: Blocks) -> None:
        """Replace a message, blocks and text alike (Slack keeps the old blocks when none are sent)."""
        await self._post(
            "chat.update", token, {"channel": place.channel, "ts": place.ts, "text": text, "blocks": blocks}
        )

    async def open_view(self, token: str, trigger_id: str, view: Json) -> str:
        """Open a modal; answers with the view's id. A trigger lives three seconds and counts once."""
        return await self._open("views.open", token, {"trigger_id": trigger_id, "view": view})

    async def push(self, token: str, trigger_id: str, view: Json) -> str:
        """Put a modal on top of the open one; answers with the view's id."""
        return await self._open("views.push", token, {"trigger_id": trigger_id, "view": view})

    async def update_view(self, token: str, view_id: str, view: Json, *, view_hash: str | None = None) -> str:
        """Replace an open modal; with a hash only while nobody else has. Answers with the hash that it has now."""
        guard = {"hash": view_hash} if view_hash else {}
        answer = await self._post("views.update", token, {"view_id": view_id, "view": view, **guard})
        return str(answer["view"]["hash"])

    async def publish(self, token: str, user: str, view: Json) -> None:
        """Show a person's home tab."""
        await self._post("views.publish", token, {"user_id": user, "view": view})

    async def lookup_by_email(self, token: str, email: str) -> Account | None:
        """Return the account with an e-mail address in the token's workspace, None when there is none."""
        return await self._user("users.lookupByEmail", token, {"email": email})

    async def user_info(self, token: str, user: str) -> Account | None:
        """Return an account by Slack user id, with its locale, None when the token's workspace knows of none."""
        return await self._user("users.info", token, {"user": user, "include_locale": "true"})

    async def auth_test(self, token: str) -> Installed:
        """Return whose token it is."""
        return _installed(await self._post("auth.test", token, {}))

    async def inspect(self, token: str) -> Inspected:
        """Return all that Slack says of a token, and its time. Raise SlackProblem where it does not answer."""
        try:
            answer = await self._client.api_call("auth.test", json={"token": token})
        except SlackApiError as problem:
            if isinstance(known := _classified(problem), TryLater | Wait):
                raise known from problem
            response: Any = problem.response
            return Inspected(None, known.error, None, _clock(response.headers))
        except (TimeoutError, aiohttp.ClientError) as problem:
            raise _unclear(problem) from problem
        return Inspected(_installed(answer.data), "", _scopes(answer.headers), _clock(answer.headers))

    async def offers_socket(self, app_token: str) -> None:
        """Ask for a connection and open none: raise SlackProblem where Slack gives no such to this token."""
        await self._post("apps.connections.open", app_token, {})

    async def has_message(self, token: str, place: MessagePlace) -> bool:
        """Say whether a message is still there, without a scope. Raise SlackProblem where its channel is not found."""
        try:
            await self._get("chat.getPermalink", token, {"channel": place.channel, "message_ts": place.ts})
        except Gone:
            return False
        return True

    async def history(self, token: str, channel: str, *, oldest: float, latest: float, cursor: str = "") -> HistoryPage:
        """Return some messages between two times, in seconds since 1970. Raise SlackProblem: missing_scope where nobody
        let the app read them.
        """
        asked = {"channel": channel, "oldest": f"{oldest:.6f}", "latest": f"{latest:.6f}", "limit": HISTORY_AT_ONCE}
        answer = await self._get("conversations.history", token, asked | ({"cursor": cursor} if cursor else {}))
        more: Json = answer.get("response_metadata") or {}
        return HistoryPage([_seen(each) for each in answer["messages"]], more.get("next_cursor") or "")

    async def knows_channel(self, token: str, channel: str) -> bool:
        """Say whether the app finds a channel, by asking for a message that nobody has posted: no scope is needed."""
        try:
            await self._get("chat.getPermalink", token, {"channel": channel, "message_ts": "1.000001"})
        except Gone:
            return True
        except Never as problem:
            if problem.error == "channel_not_found":
                return False
            raise
        return True

    async def channel_info(self, token: str, channel: str) -> SeenChannel:
        """Return how a channel stands. Raise SlackProblem: missing_scope where nobody let the app see it."""
        answer = await self._get("conversations.info", token, {"channel": channel})
        found: Json = answer["channel"]
        is_shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
        problem = "is_archived" if found.get("is_archived") else "" if found.get("is_member") else "not_in_channel"
        return SeenChannel(found.get("name") or "", problem, is_shared)

    async def find_in_blocks(self, token: str, blocks: Blocks) -> Sequence[str]:
        """Return what Slack finds wrong with blocks, and where; nothing where it would show them."""
        return await self._find("blocks.validate", {"token": token, "blocks": blocks})

    async def find_in_manifest(self, token: str, manifest: Json) -> Sequence[str]:
        """Return what Slack finds wrong with an app's manifest, and where; the token is one of configuration."""
        return await self._find("apps.manifest.validate", {"token": token, "manifest": json.dumps(manifest)})

    async def _find(self, method: str, body: Json) -> Sequence[str]:
        try:
            await self._client.api_call(method, json=body)
        except SlackApiError as problem:
            response: Any = problem.response
            if not (found := _found(getattr(response, "data", None))):
                raise _classified(problem) from problem
            return found
        except (TimeoutError, aiohttp.ClientError) as problem:
            raise _unclear(problem) from problem
        return ()

    async def exchange(self, app: SlackApp, code: str, redirect_uri: str) -> Granted:
        """Return what Slack gives for the code that somebody came back with, once. Raise SlackProblem."""
        return _granted(await self._access(app, {"code": code, "redirect_uri": redirect_uri}))

    async def rotate(self, app: SlackApp, refresh_token: str) -> TokenPair:
        """Return the next pair of tokens; the refresh token counts once. Raise SlackProblem."""
        # Nothing more is asked of the answer: what was given is not given again.
        said = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return _tokens(await self._access(app, said))

    async def respond(self, response_url: str, body: Json) -> None:
        """Answer an interaction through its `response_url`, which takes five answers within half an hour."""
        try:
            async with self._session.post(response_url, json=body) as answer:
                _check(answer.status, answer.headers)
                if answer.status >= 400:
                    raise Never(f"http_{answer.status}")
        except (TimeoutError, aiohttp.ClientError) as problem:
            raise _unclear(problem) from problem

    async def _user(self, method: str, token: str, query: Json) -> Account | None:
        try:
            return _account((await self._get(method, token, query))["user"])
        except Never as problem:
            if problem.error in NO_SUCH_USER:
                return None
            raise

    async def _access(self, app: SlackApp, said: Json) -> Any:
        who = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        return await self._ask("oauth.v2.access", data=said, headers={"Authorization": f"Basic {who}"})

    async def _open(self, method: str, token: str, body: Json) -> str:
        try:
            answer = await self._post(method, token, body)
        except TryLater as problem:
            if problem.error != DROPPED:
                raise
            # A kept connection may be closed just as it is used. The trigger counts once, so this opens none twice.
            answer = await self._post(method, token, body)
        return answer["view"]["id"]

    async def _post(self, method: str, token: str, body: Json) -> Any:
        return await self._call(method, token, json={**body, "token": token})

    async def _get(self, method: str, token: str, query: Json) -> Any:
        return await self._call(method, token, http_verb="GET", params={**query, "token": token})

    async def _call(self, method: str, token: str, **words: Any) -> Any:
        began = time.perf_counter()
        try:
            answer = await self._ask(method, **words)
        except SlackProblem as problem:
            if problem.error in OF_THE_TOKEN:
                self._refused.add(token)
            self._heard(token, method, problem, time.perf_counter() - began)
            raise
        self._refused.discard(token)
        self._heard(token, method, None, time.perf_counter() - began)
        return answer

    async def _ask(self, method: str, **words: Any) -> Any:
        try:
            return (await self._client.api_call(method, **words)).data
        except SlackApiError as problem:
            raise _classified(problem) from problem
        except (TimeoutError, aiohttp.ClientError) as problem:
            raise _unclear(problem) from problem


def _seen(message: Json) -> SeenMessage:
    actions = [each for each in message.get("blocks") or () if each.get("type") == "actions"]
    return SeenMessage(message["ts"], message.get("user") or "", [*_values([each["elements"] for each in actions])])


def _values(element: Any) -> Iterator[str]:
    """What stands as a value anywhere in the elements of a block: of a button, and of each choice in a menu."""
    if isinstance(element, list):
        for each in cast(list[Any], element):
            yield from _values(each)
    elif isinstance(element, dict):
        for name, part in cast(dict[str, Any], element).items():
            yield from [part] if name == "value" and isinstance(part, str) else _values(part)


def _found(answer: Any) -> Sequence[str]:
    problems: Any = answer["errors"] if answer and not isinstance(answer, (str, bytes)) and "errors" in answer else ()
    return [f"{each['pointer']}: {each['message']}" for each in problems]


def _installed(answer: Json) -> Installed:
    return Installed(answer["team_id"], answer.get("enterprise_id"), answer.get("team", ""), answer["user_id"])


def _scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    told = _header(headers, "x-oauth-scopes")
    return None if told is None else frozenset(scope.strip() for scope in told.split(","))


def _clock(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(_header(headers, "date") or "")
    except ValueError:
        return None


def _header(headers: Mapping[str, str], wanted: str) -> str | None:
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _granted(answer: Json) -> Granted:
    enterprise: Json = answer.get("enterprise") or {}
    team: Json = answer.get("team") or {}
    place = enterprise if answer.get("is_enterprise_install") else team
    return Granted(
        team_id=place["id"],
        enterprise_id=enterprise.get("id"),
        name=place.get("name") or "",
        bot_user_id=answer["bot_user_id"],
        tokens=_tokens(answer),
    )


def _tokens(answer: Json) -> TokenPair:
    return TokenPair(answer["access_token"], answer.get("refresh_token"), answer.get("expires_in"))


def _silent() -> logging.Logger:
    """The client's own log, which would tell of every call with what was sent: tokens and codes among it."""
    log = logging.getLogger("kundportal.slack_client")
    log.setLevel(logging.CRITICAL)
    return log


@asynccontextmanager
async def open_gateway(base_url: str) -> AsyncGenerator[Gateway]:
    """Open a gateway with a session of its own, closed in the end. `base_url` as in "https://slack.com/api/"."""
    # The client's own time-out does not count once it is given a session.
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield Gateway(session, base_url)


def _nobody(token: str, method: str, problem: SlackProblem | None, seconds: float) -> None:
    """Let what was heard be."""


def _account(user: Json) -> Account:
    profile: Json = user.get("profile") or {}
    enterprise: Json = user.get("enterprise_user") or {}
    return Account(
        id=user["id"],
        team_id=user.get("team_id") or "",
        email=(profile.get("email") or "").lower(),
        locale=user.get("locale") or "",
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deleted=bool(user.get("deleted")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")),
        enterprise_id=enterprise.get("enterprise_id"),
    )


def _classified(problem: SlackApiError) -> SlackProblem:
    response: Any = problem.response
    # A body that could not be read comes as aiohttp's own response.
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    try:
        _check(status, response.headers)
    except SlackProblem as known:
        return known
    data: Any = getattr(response, "data", None)
    # A page instead of JSON comes as text or as nothing.
    error = data["error"] if data and not isinstance(data, (str, bytes)) and "error" in data else None
    return classify(error) if error else TryLater(f"http_{status}")


def _check(status: int, headers: Mapping[str, str]) -> None:
    if status == 429:
        raise wait_asked_for(headers.get("Retry-After"))
    if status >= 500:
        raise TryLater(f"http_{status}")


def _unclear(problem: Exception) -> TryLater:
    return TryLater("timeout" if isinstance(problem, TimeoutError) else DROPPED)
