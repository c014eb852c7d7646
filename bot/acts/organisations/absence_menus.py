"""What the form about absence offers: where somebody may be away, who is, and who may decide meanwhile."""

from dataclasses import dataclass, replace

from bot.acts.people import Linked, People, Presser, Reader
from bot.forms.inputs import OPTIONS_LIMIT
from bot.views.organisations.absences import AbsenceForm, AbsencePlace
from core.api import SUBSTITUTED, Absences, Now, OrganisationId, Person, PersonId, Role, day_of
from notifications.texts import say

# More than a menu shows, whoever is left out of it: then it asks while people type.
MANY = OPTIONS_LIMIT + 2


@dataclass(frozen=True)
class AbsenceMenus:
    """Reads what may be chosen now."""

    people: People
    absences: Absences
    now: Now

    async def own(self, who: Linked) -> AbsenceForm:
        """The form for the person's own absence, in each role that decides something."""
        held = await self.people.roles_of(who.person.asking)
        places = [
            (AbsencePlace(id_, role), _role_at(who, role, organisation.name))
            for id_, (organisation, roles) in held.items()
            for role in sorted(roles & SUBSTITUTED)
        ]
        return replace(self._blank(), places=places)

    async def others(self, person: Person) -> AbsenceForm:
        """The form for somebody else's absence, in each organisation that the person administers."""
        held = await self.people.roles_of(person.asking)
        places = [
            (AbsencePlace(id_), organisation.name)
            for id_, (organisation, roles) in held.items()
            if Role.ADMINISTRATOR in roles
        ]
        return replace(self._blank(), places=places, absent=())

    async def with_people(self, form: AbsenceForm, place: AbsencePlace, by: Presser, who: Reader) -> AbsenceForm:
        """The form with the people of the place chosen."""
        is_own = form.absent is None
        return replace(
            form,
            people=await self.colleagues(by, place.organisation, but=who.person if is_own else None),
            absent=None if is_own else await self._absent(by, place, who),
        )

    async def colleagues(
        self, by: Presser, organisation: OrganisationId, *, but: Person | None, search: str = "", limit: int = MANY
    ) -> list[tuple[PersonId, str]]:
        """Who may be a substitute in an organisation, by name."""
        found = await self.absences.colleagues(by.account, organisation, search=search, limit=limit)
        return [(each.person, each.name) for each in found if but is None or each.person != but.id]

    async def _absent(self, by: Presser, place: AbsencePlace, who: Reader) -> list[tuple[PersonId, Role, str]]:
        found = await self.absences.colleagues(by.account, place.organisation, roles=SUBSTITUTED)
        return [
            (each.person, role, say(who.language, "substitute.in_role", person=each.name, role=_called(who, role)))
            for each in found
            for role in sorted(each.roles & SUBSTITUTED)
        ]

    def _blank(self) -> AbsenceForm:
        return AbsenceForm(places=(), today=day_of(self.now()))


def _role_at(who: Reader, role: Role, organisation: str) -> str:
    return say(who.language, "substitute.role_at", role=_called(who, role), organisation=organisation)


def _called(who: Reader, role: Role) -> str:
    return say(who.language, f"role.{role}")
