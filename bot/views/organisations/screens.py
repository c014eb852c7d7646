"""The modals in which an organisation is looked at: itself, its people, one of them; each names the organisation.

A screen is told apart by its metadata: a pointer, and on the next line which screen of what it is. Forms lie on top of
a screen and carry its name, so that it can be drawn anew when something was saved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.forms.inputs import notice, options, select
from bot.views.organisations.administered import standing, ways
from core.api import (
    Administered,
    HeldRole,
    Language,
    Member,
    Organisation,
    OrganisationId,
    PersonId,
    account_name,
    day_of,
)
from notifications.render.button_values import SEPARATOR, Pointer
from notifications.render.model import Block, Bold, Dialog, Element, Option
from notifications.render.pieces.parts import actions, button, divider, item_of, menu, on_one_line, rich, small, woven
from notifications.texts import day, money, say, span

PEOPLE_SHOWN = 8
ROLES_SHOWN = 20
ROLE_MENU = "kp.role.menu"


@dataclass(frozen=True)
class Screen:
    """Which screen of an organisation: `what` organisation, people (after somebody) or person."""

    what: str
    organisation: OrganisationId
    more: str = ""

    @property
    def name(self) -> str:
        """Return the screen in a line of metadata."""
        return SEPARATOR.join((self.what, self.organisation, self.more))

    def of_all(self) -> "Screen":
        """Return the people of the same organisation."""
        return Screen("people", self.organisation)


def screen_in_metadata(metadata: str) -> Screen | None:
    """Return the screen that an open view is, or lies on: the last line of its metadata."""
    return screen_in(metadata.split("\n")[-1])


def screen_in(name: str) -> Screen | None:
    """Return the screen in a line of metadata; None where it is none of ours."""
    parts = name.split(SEPARATOR)
    if len(parts) != 3 or parts[0] not in {"organisation", "people", "person"} or not parts[1]:
        return None
    return Screen(parts[0], OrganisationId(parts[1]), parts[2])


class OrganisationModal:
    """An organisation: what it lacks, and the ways on."""

    CALLBACK = "kp.organisation"

    @classmethod
    def build(cls, about: Administered, pointer: Pointer, language: Language) -> Dialog:
        """Return the modal."""
        organisation = about.organisation
        name = on_one_line(organisation.name)
        said = say(language, "value.organisation", name=name, number=_number(organisation, language))
        blocks: list[Block] = [rich([Bold(said)], [standing(about.readiness, language)])]
        blocks += actions(ways(organisation.id, name, pointer, language))
        screen = Screen("organisation", organisation.id)
        return _screen(cls.CALLBACK, "admin.organisation", screen, blocks, pointer, language)


class PeopleModal:
    """The people of an organisation, a page at a time; give one more than is shown where there are more."""

    CALLBACK = "kp.people"

    @classmethod
    def build(
        cls,
        organisation: Organisation,
        people: Sequence[Member],
        pointer: Pointer,
        language: Language,
        after: PersonId | None = None,
    ) -> Dialog:
        """Return the page after somebody, or the first."""
        id_, name = organisation.id, on_one_line(organisation.name)
        blocks: list[Block] = [rich([Bold(name)])]
        blocks += actions([button(language, "add_person", pointer.option(id_), name)])
        blocks.append(divider())
        shown = people[:PEOPLE_SHOWN]
        blocks += [cls._line(each, id_, pointer, language) for each in shown]
        if not people:
            blocks.append(rich([say(language, "admin.nobody")]))
        buttons: list[Element] = []
        if len(people) > PEOPLE_SHOWN:
            more = button(language, "more", pointer.option(SEPARATOR.join((id_, shown[-1].person.id))))
            buttons.append(more._replace(action_id="kp.people.more"))
        if after is not None:
            buttons.append(button(language, "home", pointer.option(id_))._replace(action_id="kp.people"))
        blocks += actions(buttons)
        screen = Screen("people", id_, after or "")
        return _screen(cls.CALLBACK, "btn.people", screen, blocks, pointer, language)

    @classmethod
    def _line(cls, member: Member, organisation: OrganisationId, pointer: Pointer, language: Language) -> Block:
        person, roles = member.person, ", ".join(dict.fromkeys(role_said(each, language) for each in member.roles))
        text = say(language, "admin.person", name=on_one_line(person.name), email=person.email, roles=roles)
        text += f"\n{say(language, 'admin.guest_listed')}" if member.guests else ""
        value = pointer.option(SEPARATOR.join((organisation, person.id)))
        show = button(language, "person", value, on_one_line(person.name))
        return item_of(text, show, 2_000)


class PersonModal:
    """Somebody's roles in an organisation, each with what may be done to it."""

    CALLBACK = "kp.person"

    @classmethod
    def build(cls, about: Administered, member: Member, pointer: Pointer, language: Language) -> Dialog:
        """Return the modal."""
        organisation, person = about.organisation, member.person
        blocks: list[Block] = [rich([Bold(on_one_line(person.name))], [person.email], [on_one_line(organisation.name)])]
        blocks += [cls._role(about, each, pointer, language) for each in member.roles[:ROLES_SHOWN]]
        if len(member.roles) > ROLES_SHOWN:
            blocks.append(rich([say(language, "value.more", count=len(member.roles) - ROLES_SHOWN)]))
        value = pointer.option(SEPARATOR.join((organisation.id, person.id)))
        back = button(language, "all_people", pointer.option(organisation.id))._replace(action_id="kp.people")
        # Who is linked by nothing has nothing to lose.
        of_account = [button(language, "unlink", value)] if member.may_be_unlinked else []
        for guest in member.guests:
            slack = on_one_line(guest.workspace)
            blocks.append(rich(woven(language, "admin.guest_waits", {"workspace": slack})))
            of_guest = SEPARATOR.join((organisation.id, person.id, account_name(guest.account)))
            blocks += actions([button(language, "let_guest_in", pointer.option(of_guest), slack)])
        blocks += actions([button(language, "add_role", value), button(language, "rename", value), *of_account, back])
        screen = Screen("person", organisation.id, person.id)
        return _screen(cls.CALLBACK, "admin.person_title", screen, blocks, pointer, language)

    @classmethod
    def _role(cls, about: Administered, held: HeldRole, pointer: Pointer, language: Language) -> Block:
        of_role = (about.organisation.id, str(held.id))
        options = [(each, pointer.option(SEPARATOR.join((each, *of_role)))) for each in ("change_role", "end_role")]
        text = "\n".join(_about_role(about, held, language))
        return item_of(text, menu(language, options, ROLE_MENU))


class OrganisationsModal:
    """A menu of the organisations that somebody keeps, which asks while people type; `found` where a few match."""

    CALLBACK = "kp.organisations"
    CHOOSE = "kp.organisation.choose"

    @classmethod
    def build(cls, found: Sequence[Organisation], pointer: Pointer, language: Language) -> Dialog:
        """Return the menu."""
        chooser = select(cls.CHOOSE, say(language, "order.choose"), cls.choices(found, language), None)
        blocks = [
            rich([Bold(say(language, "admin.which"))]),
            *actions([chooser]),
            small(say(language, "admin.which_hint")),
        ]
        return notice(language, cls.CALLBACK, say(language, "btn.organisations"), pointer.value(), blocks)

    @classmethod
    def choices(cls, found: Sequence[Organisation], language: Language) -> list[Option]:
        """Return organisations as options; the number tells those of one name apart."""
        return options((each.id, _with_number(each, language)) for each in found)


def role_said(held: HeldRole, language: Language) -> str:
    """Return a role in a few words: a limit is part of what it is."""
    role = say(language, f"role.{held.role}")
    if held.limit_ore is None:
        return role
    return say(language, "admin.role_to", role=role, limit=money(language, held.limit_ore))


def _about_role(about: Administered, held: HeldRole, language: Language) -> Iterator[str]:
    yield role_said(held, language)
    start = day(language, held.since)
    if held.last_day is None:
        yield say(language, "register.days_on", start=start)
    else:
        first, last = span(language, day_of(held.since), held.last_day)
        yield say(language, "register.days", start=first, end=last)
    if held.service is not None:
        service = about.services.get(held.service, {}).get(language, held.service)
        yield say(language, "admin.only_service", service=on_one_line(service))


def _with_number(organisation: Organisation, language: Language) -> str:
    name = on_one_line(organisation.name, 50)
    return say(language, "value.organisation", name=name, number=_number(organisation, language))


def _number(organisation: Organisation, language: Language) -> str:
    # A sole trader's number is the owner's personnummer (domain: 4.1).
    number = organisation.org_number
    return say(language, "admin.sole_trader") if organisation.org_number_is_personal else f"{number[:6]}-{number[6:]}"


def _screen(
    callback: str, title: str, screen: Screen, blocks: list[Block], pointer: Pointer, language: Language
) -> Dialog:
    metadata = "\n".join((pointer.value(), screen.name))
    return notice(language, callback, say(language, title), metadata, blocks)
