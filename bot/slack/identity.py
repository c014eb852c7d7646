"""Who presses, types or opens: an account, in a workspace where the app is installed; and what people are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from bot.slack.payloads import Payload
from core.api import (
    Identity,
    Language,
    NotLinked,
    Now,
    Organisation,
    OrganisationId,
    Person,
    PersonId,
    Queries,
    Role,
)
from notifications.slack.workspaces import Workspace, Workspaces

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


def caller(payload: Payload, workspace: Workspace, workspaces: Workspaces) -> Caller | None:
    """The account behind a payload; None for what no person does, such as an uninstalled app."""
    user = _user(payload)
    if user is None:
        return None
    # Whoever comes from another workspace has an account there, and is known here only if that account is linked.
    home = workspaces.home_of(workspace, _home(payload))
    return Caller(workspace, SlackUserId(user), Identity(home, user))


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


@dataclass(frozen=True)
class People:
    """Who presses, what people are called, and which roles they have at this moment."""

    queries: Queries
    now: Now

    async def reader(self, who: Caller) -> Reader:
        """Return the person behind an account and the language to answer in."""
        return await reader(self.queries, who)

    async def linked(self, who: Caller) -> Linked:
        """Return the same for what only a person may do. Raises NotLinked."""
        return await linked(self.queries, who)

    async def person_of(self, account: Identity) -> Person | None:
        """Return the active person behind a confirmed account."""
        return await self.queries.person_of(account)

    async def roles_of(self, person: PersonId) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        """Return the person's organisations and the roles valid there now."""
        return await self.queries.roles_of(person, self.now())

    async def names(
        self, people: Sequence[PersonId], organisations: Sequence[OrganisationId] = ()
    ) -> tuple[Mapping[PersonId, str], Mapping[OrganisationId, str]]:
        """Return what people and organisations are called; unknown ones are left out."""
        return await self.queries.names(people, organisations)


async def named(queries: Queries, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a refusal with names of people, organisations and services, of these by language.

    Nothing is looked up for what is absent.

    A service that is not known keeps its id.
    """
    service = facts.get("service")
    name = await queries.service_name(service) if service else None
    return await _with_names(queries, facts if name is None else {**facts, "service": name})


async def _with_names(queries: Queries, facts: Mapping[str, Any]) -> dict[str, Any]:
    people = [facts["person"]] if facts.get("person") else []
    organisations = [facts[key] for key in ("organisation", "agent") if facts.get(key)]
    if not (people or organisations):
        return dict(facts)
    names, organised = await queries.names(people, organisations)
    known: dict[str, Mapping[Any, str]] = {"person": names, "organisation": organised, "agent": organised}
    return {key: known[key].get(fact) if key in known else fact for key, fact in facts.items()}


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
