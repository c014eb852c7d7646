"""Who presses, types or opens: an account, in a workspace where the app is installed."""

from dataclasses import dataclass
from typing import NewType

from bot.slack.payloads import Payload
from core.api import Identity, Language, NotLinked, Person, Queries
from notifications.slack.workspaces import Workspace, issuer

SlackUserId = NewType("SlackUserId", str)


@dataclass(frozen=True)
class Caller:
    """An account that acts through the app of a workspace; whose it is, only a confirmed link says."""

    workspace: Workspace
    user: SlackUserId
    account: Identity


@dataclass(frozen=True)
class Reader:
    """Who reads an answer, in which language; `person` None for an account that is not linked."""

    person: Person | None
    language: Language


def caller(payload: Payload, workspace: Workspace) -> Caller | None:
    """The account behind a payload; None for what no person does, such as an uninstalled app."""
    user = _user(payload)
    if user is None:
        return None
    home = _home(payload)
    # Whoever comes from another workspace has an account there, and is known here only if that account is linked.
    ours = home in {None, workspace.team_id, workspace.enterprise_id}
    return Caller(workspace, SlackUserId(user), Identity(workspace.id if ours else issuer(str(home)), user))


@dataclass(frozen=True)
class Linked(Reader):
    """A reader who has said who it is."""

    person: Person


async def reader(queries: Queries, who: Caller) -> Reader:
    """The person behind an account and the language to answer in: the person's, else the workspace's."""
    person = await queries.person_of(who.account)
    chosen = person.language if person is not None else None
    return Reader(person, chosen or who.workspace.language)


async def linked(queries: Queries, who: Caller) -> Linked:
    """The same for what only a person may do. Raises NotLinked."""
    found = await reader(queries, who)
    if found.person is None:
        raise NotLinked
    return Linked(found.person, found.language)


def _user(payload: Payload) -> str | None:
    if "user_id" in payload:
        return payload["user_id"]
    if payload.get("type") == "event_callback":
        user = payload["event"].get("user")
        return user["id"] if isinstance(user, dict) else user
    return payload["user"]["id"]


def _home(payload: Payload) -> str | None:
    user = payload.get("user")
    return user.get("team_id") if isinstance(user, dict) else None
