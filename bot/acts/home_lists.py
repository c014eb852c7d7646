"""What the home page shows, read for one person: lists, what nobody can decide, who is away, what is administered,
where messages go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.acts.deployment import Deployment
from bot.acts.people import People
from bot.views.home.home import BLOCKED_SHOWN, ORDERED_SHOWN, RESERVED_SHOWN, HomeFacts
from bot.views.home.home_absences import Absence
from bot.views.home.home_absences import AbsenceSection as OnTab
from bot.views.home.status import SHOWN
from bot.views.organisations.administered import (
    ORGANISATIONS_SHOWN,
    AdministeredOrganisation,
    AdministrationSection,
)
from bot.views.organisations.roles import Held
from core.api import (
    ROLES_OF,
    SUBSTITUTED,
    Absences,
    Administration,
    CaseList,
    Inbox,
    InboxQuery,
    ListedCase,
    Now,
    Organisation,
    OrganisationId,
    OrganisationKind,
    Part,
    Person,
    Queries,
    Role,
    Substitution,
    Waiting,
)
from notifications.accounts.linked_slacks import LinkedSlacks

Roles = Mapping[OrganisationId, tuple[Organisation, frozenset[Role]]]


@dataclass(frozen=True)
class HomeLists:
    """Reads the lists of a tab."""

    queries: Queries
    inbox: Inbox
    now: Now
    here: Deployment

    async def short(self, person: Person) -> HomeFacts:
        """Return what waits and nothing else, for an answer in a conversation."""
        at = self.now()
        return HomeFacts(
            environment=self.here.environment,
            reader=person.name,
            roles=list(_held(await self.queries.roles_of(person.asking, at))),
            inbox=await self.inbox.page(person.asking, InboxQuery(size=SHOWN), at),
            at=at,
        )

    async def page(self, person: Person, query: InboxQuery, roles: Roles) -> HomeFacts:
        """Return a page of a list; beside what waits for somebody, what else there is to look after."""
        at = self.now()
        page = await self.inbox.page(person.asking, query, at)
        facts = HomeFacts(
            environment=self.here.environment,
            reader=person.name,
            roles=list(_held(roles)),
            inbox=page,
            portal_url=self.here.portal_url,
            at=at,
        )
        return await self._beside(person, facts, roles) if query.list is CaseList.WAITING else facts

    async def _beside(self, person: Person, facts: HomeFacts, roles: Roles) -> HomeFacts:
        queries, at = self.queries, self.now()
        ordered = InboxQuery(CaseList.ORDERED, size=ORDERED_SHOWN)
        return replace(
            facts,
            ordered=await self.inbox.page(person.asking, ordered, at) if ordered.list in facts.inbox.lists else None,
            blocked=await self._blocked(person),
            reserved=await listed(queries, await queries.for_reserves(person.asking, at, RESERVED_SHOWN + 1)),
            is_reserve=any(Role.EMERGENCY_ATTESTANT in held for _, held in roles.values()),
        )

    async def _blocked(self, person: Person) -> list[ListedCase]:
        found = await self.queries.blocked_for(person.asking, self.now(), BLOCKED_SHOWN + 1)
        # What hinders the other side is that side's matter.
        return [each for each in await listed(self.queries, found) if each.view.blocked is not None]


@dataclass(frozen=True)
class HomeSections:
    """Reads what stands below the lists: who is away, what somebody administers, and where messages go."""

    people: People
    substitutions: Absences
    administration: Administration
    slacks: LinkedSlacks

    async def absences(self, person: Person, roles: Roles) -> OnTab:
        """Return who is away, and may be."""
        mine = await self.substitutions.mine(person.asking)
        others = await self.substitutions.administered_by(person.asking)
        return OnTab(
            listed=await self._listed(person, list({each.id: each for each in (*mine, *others)}.values())),
            may_be_away=any(held & SUBSTITUTED for _, held in roles.values()),
            administers=any(Role.ADMINISTRATOR in held for _, held in roles.values()),
        )

    async def administered(self, person: Person, roles: Roles) -> AdministrationSection:
        """Return which organisations somebody keeps, and what each lacks."""
        kept = {id_: each for id_, (each, held) in roles.items() if Role.ADMINISTRATOR in held}
        shown = list(kept)[: ORGANISATIONS_SHOWN + 1]
        ready = await self.administration.readiness(person.asking, shown) if shown else {}
        return AdministrationSection(
            kept=[AdministeredOrganisation(id_, kept[id_].name, ready.get(id_)) for id_ in shown],
            serves=any(held & ROLES_OF[Part.CUSTOMER_SERVICE] for _, held in roles.values()),
        )

    async def _listed(self, person: Person, found: Sequence[Substitution]) -> list[Absence]:
        people = {one for each in found for one in each.people}
        names, places = await self.people.names(sorted(people), sorted({each.organisation for each in found}))
        return [
            Absence(
                id=each.id,
                absent=None if each.absent == person.id else names.get(each.absent, ""),
                substitute=None if each.substitute == person.id else names.get(each.substitute, ""),
                role=each.role,
                organisation=places.get(each.organisation, ""),
                first=each.first_day,
                last=each.last_day,
            )
            for each in found
        ]


@dataclass(frozen=True)
class PersonalHome:
    """Reads everything that the home page of a person shows."""

    people: People
    lists: HomeLists
    sections: HomeSections

    async def facts(self, person: Person, query: InboxQuery) -> HomeFacts:
        """Return a page of a list; beside what waits, the rest of what concerns the person."""
        roles = await self.people.roles_of(person.asking)
        facts = await self.lists.page(person, query, roles)
        if query.list is not CaseList.WAITING:
            return facts
        return replace(
            facts,
            absences=await self.sections.absences(person, roles),
            administration=await self.sections.administered(person, roles),
            slacks=await self.sections.slacks.of(person.asking),
        )


async def listed(queries: Queries, rows: Sequence[Waiting]) -> list[ListedCase]:
    """Cases in a list, each as the side of the part played in it may see it."""
    views = await queries.listed(rows)
    return [ListedCase(view, row.part) for row, view in zip(rows, views, strict=True)]


def _held(roles: Roles) -> Iterator[Held]:
    """What somebody is where, organisation by organisation."""
    for organisation, held in roles.values():
        if held:
            name = None if OrganisationKind.INERA in organisation.kinds else organisation.name
            yield name, [each for each in Role if each in held]
