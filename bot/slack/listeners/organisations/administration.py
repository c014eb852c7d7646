"""An organisation looked at in Slack: found, its people page by page, one of them, and the forms opened from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.identity import Caller, People, Reader
from bot.slack.listeners.organisations.holdings import HoldingsShown
from bot.slack.payloads import Payload
from bot.slack.press import OwnActions, Pressed
from bot.slack.refusal_replies import ButtonIsGone
from bot.slack.replies import Replies, ReplySpot, spot
from bot.views.organisations.administered import MENU as ORGANISATION_MENU
from bot.views.organisations.administered import SEPARATOR
from bot.views.organisations.register_forms import InvoiceModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, RenameModal, RoleModal, UnlinkModal
from bot.views.organisations.screens import (
    PEOPLE_SHOWN,
    ROLE_MENU,
    OrganisationModal,
    OrganisationsModal,
    PeopleModal,
    PersonModal,
    Screen,
    screen_of,
)
from core.api import Administered, Administration, HeldRole, Member, Now, Organisation, OrganisationId, PersonId, day_of
from notifications.render.buttons import Pointer
from notifications.render.model import Dialog
from notifications.render.surfaces.block_kit import escape, options_of
from notifications.texts import say

MOST = 100


@dataclass(frozen=True)
class OrganisationScreens:
    """Reads what screens and forms about an organisation show. Who may not see it is told so by the core."""

    administration: Administration
    environment: str
    now: Now

    async def drawn(self, by: Caller, who: Reader, screen: Screen) -> Dialog:
        """A screen as it is now. Raises NoRole."""
        about = await self.administration.organisation(by.account, screen.organisation)
        if screen.what == "organisation":
            return OrganisationModal.build(about, self.pointer(), who.language)
        if screen.what == "person":
            person = PersonId(screen.more)
            member = await self.administration.member(by.account, screen.organisation, person)
            return PersonModal.build(about, member, self.pointer(), who.language)
        after = PersonId(screen.more) if screen.more else None
        people = await self.administration.people(by.account, screen.organisation, after=after, limit=PEOPLE_SHOWN + 1)
        return PeopleModal.build(about.organisation, people, self.pointer(), who.language, after)

    def pointer(self) -> Pointer:
        """What buttons carry where there is no card."""
        return Pointer(self.environment)

    async def found(self, by: Caller, who: Reader, typed: str) -> dict[str, Any]:
        """Organisations for the menu, while people type."""
        found = await self.administration.find(by.account, typed, MOST)
        return {"options": options_of(OrganisationsModal.choices(found, who.language))}

    async def matching(self, by: Caller, typed: str) -> Sequence[Organisation]:
        """Return organisations that somebody may keep, by what was typed."""
        return await self.administration.find(by.account, typed, MOST)

    def metadata(self, press: Pressed, organisation: OrganisationId, assignment: int | None = None) -> str:
        """What a form carries: which organisation, which role, and the screen that it lies on."""
        below = screen_of(press.view or {})
        role = "" if assignment is None else str(assignment)
        return "\n".join((self.pointer().value(), organisation, role, below.name if below else ""))


@dataclass(frozen=True)
class Administering:
    """Everything that people look at, of what they administer."""

    people: People
    screens: OrganisationScreens
    replies: Replies

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.people": self.on_people,
            "kp.people.more": self.on_people,
            "kp.person": self.on_person,
            "kp.organisations": self.on_organisations,
            OrganisationsModal.CHOOSE: self.on_chosen,
        }

    async def on_people(self, press: Pressed) -> None:
        """The people of an organisation, from the start or after somebody."""
        organisation, after = _parts(press, 2)
        await self._show(press, Screen("people", OrganisationId(organisation), after))

    async def on_person(self, press: Pressed) -> None:
        """One of them."""
        organisation, person = _parts(press, 2)
        await self._show(press, Screen("person", OrganisationId(organisation), person))

    async def on_organisations(self, press: Pressed) -> None:
        """A menu of the organisations that one keeps."""
        await self.people.linked(press.by)
        await self.menu(press.by, press.where, "")

    async def on_chosen(self, press: Pressed) -> None:
        """One of them was chosen in the open menu; its value is only an id."""
        await self._show(press, Screen("organisation", OrganisationId(press.value)))

    async def on_command(self, ack: AsyncAck, body: Payload, by: Caller, typed: str) -> None:
        """`/kundportal organisation`, with a name or a number: the only one that matches, or a menu of them."""
        who = await self.people.linked(by)
        found = await self.screens.matching(by, typed)
        if not found:
            text = escape(say(who.language, "admin.none_found"))
            await ack(text=text, response_type="ephemeral")
            return
        if typed and len(found) == 1:
            drawn = await self.screens.drawn(by, who, Screen("organisation", found[0].id))
            self.replies.beside(self.replies.open(spot(body, by), who, drawn))
        else:
            await self.menu(by, spot(body, by), typed)
        await ack()

    async def menu(self, by: Caller, where: ReplySpot, typed: str) -> None:
        """Open the menu of organisations: of those that match, or of all while people type."""
        who = await self.people.linked(by)
        found = await self.screens.matching(by, typed) if typed else ()
        view = OrganisationsModal.build(found, self.screens.pointer(), who.language)
        self.replies.beside(self.replies.open(where, who, view))

    async def _show(self, press: Pressed, screen: Screen) -> None:
        """A screen in the place of the one that is open, else as a modal."""
        who = await self.people.linked(press.by)
        drawn = await self.screens.drawn(press.by, who, screen)
        if press.view is not None and press.view.get("type") == "modal":
            self.replies.beside(self.replies.redraw(press.by, press.view, drawn))
        else:
            self.replies.beside(self.replies.open(press.where, who, drawn))


@dataclass(frozen=True)
class AdministrationOpening:
    """Opens the forms about an organisation."""

    people: People
    screens: OrganisationScreens
    replies: Replies
    holdings: HoldingsShown

    def actions(self) -> OwnActions:
        """What happens at its buttons and menus, by action id."""
        return {
            "kp.add_person": self.on_add,
            "kp.add_role": self.on_add,
            "kp.unlink": self.on_unlink,
            "kp.rename": self.on_rename,
            ORGANISATION_MENU: self.on_menu,
            ROLE_MENU: self.on_role_menu,
        }

    async def on_menu(self, press: Pressed) -> None:
        """What stands in the menu of an organisation: a form."""
        form, organisation = _parts(press, 2)
        if form == "holdings":
            await self.holdings.show(press, OrganisationId(organisation))
            return
        await self._form(press, form, OrganisationId(organisation))

    async def on_add(self, press: Pressed) -> None:
        """A button asks to add a person, or a role for one."""
        organisation, person = _parts(press, 2)
        await self._form(press, "add_person", OrganisationId(organisation), PersonId(person) if person else None)

    async def on_unlink(self, press: Pressed) -> None:
        """A button on somebody's screen asks to end what links the person to an account."""
        organisation, person = _parts(press, 2)
        await self._form(press, "unlink", OrganisationId(organisation), PersonId(person))

    async def on_rename(self, press: Pressed) -> None:
        """A button on somebody's screen asks to correct the person's name."""
        organisation, person = _parts(press, 2)
        await self._form(press, "rename", OrganisationId(organisation), PersonId(person))

    async def on_role_menu(self, press: Pressed) -> None:
        """What stands in the menu of a role, on the screen of its holder."""
        form, organisation, assignment = _parts(press, 3)
        screen = screen_of(press.view or {})
        if screen is None or screen.what != "person" or not assignment.isdecimal():
            raise ButtonIsGone
        by, id_ = press.by.account, OrganisationId(organisation)
        about = await self.screens.administration.organisation(by, id_)
        member = await self.screens.administration.member(by, id_, PersonId(screen.more))
        held = next((each for each in member.roles if each.id == int(assignment)), None)
        if held is None:
            raise ButtonIsGone
        await self._open_role(press, form, about, member, held)

    async def _form(
        self, press: Pressed, form: str, organisation: OrganisationId, person: PersonId | None = None
    ) -> None:
        who, by = await self.people.linked(press.by), press.by.account
        about, metadata = (
            await self.screens.administration.organisation(by, organisation),
            self.screens.metadata(press, organisation),
        )
        match form:
            case "add_person":
                member = None if person is None else await self.screens.administration.member(by, organisation, person)
                today = day_of(self.screens.now())
                view = GrantModal.build(about, metadata, who.language, today, member and member.person)
            case "unlink" if person is not None:
                member = await self.screens.administration.member(by, organisation, person)
                view = UnlinkModal.build(about, member, metadata, who.language)
            case "rename" if person is not None:
                member = await self.screens.administration.member(by, organisation, person)
                view = RenameModal.build(about, member, metadata, who.language)
            case "invoices":
                view = InvoiceModal.build(about, metadata, who.language)
            case "rules":
                view = RulesModal.build(about, metadata, who.language)
            case _:
                raise ButtonIsGone
        self.replies.beside(self.replies.open(press.where, who, view))

    async def _open_role(self, press: Pressed, form: str, about: Administered, member: Member, held: HeldRole) -> None:
        modals = {"change_role": RoleModal, "end_role": EndRoleModal}
        if form not in modals:
            raise ButtonIsGone
        who = await self.people.linked(press.by)
        metadata = self.screens.metadata(press, about.organisation.id, held.id)
        view = modals[form].build(about, member, held, metadata, who.language)
        self.replies.beside(self.replies.open(press.where, who, view))


def _parts(press: Pressed, count: int) -> list[str]:
    """What a value says after its pointer; what is left out is empty."""
    parts = press.rest.split(SEPARATOR)
    if press.pointer is None or not press.rest or len(parts) > count:
        raise ButtonIsGone
    return [*parts, *[""] * (count - len(parts))]
