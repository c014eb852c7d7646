"""Who acts, through which surface, and who reads the answer; and what people are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.api import (
    Asking,
    Assurance,
    By,
    Language,
    NotLinked,
    Now,
    Organisation,
    OrganisationId,
    Person,
    PersonId,
    Queries,
    Role,
    Surface,
    language_for,
)


class Presser(Protocol):
    """Whoever acts: by a confirmed account or as a person, on a surface. `language` is for whoever has chosen none.

    `page_language` is that of the page that it acts on, which the answer is a part of; None in Slack.
    `signed_in` is how a person did where that is on the web, None elsewhere.
    """

    @property
    def account(self) -> By: ...

    @property
    def surface(self) -> Surface: ...

    @property
    def language(self) -> Language: ...

    @property
    def page_language(self) -> Language | None: ...

    @property
    def signed_in(self) -> Assurance | None: ...


@dataclass(frozen=True)
class Reader:
    """Who reads an answer, in which language; `person` None for an account that is not linked."""

    person: Person | None
    language: Language


@dataclass(frozen=True)
class Linked(Reader):
    """A reader who has said who it is."""

    person: Person


async def reader(queries: Queries, who: Presser) -> Reader:
    """The person who acts and the language to answer in."""
    person = await queries.person_of(who.account)
    return Reader(person, who.page_language or language_for(person, None, who.language))


async def linked(queries: Queries, who: Presser) -> Linked:
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

    async def reader(self, who: Presser) -> Reader:
        """Return the person behind an account and the language to answer in."""
        return await reader(self.queries, who)

    async def linked(self, who: Presser) -> Linked:
        """Return the same for what only a person may do. Raises NotLinked."""
        return await linked(self.queries, who)

    async def person_of(self, account: By) -> Person | None:
        """Return the active person behind a confirmed account, or who asks."""
        return await self.queries.person_of(account)

    async def roles_of(self, who: Asking) -> Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]:
        """Return the person's organisations and the roles valid there now."""
        return await self.queries.roles_of(who, self.now())

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
