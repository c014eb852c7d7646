"""An organisation looked at: found, its people page by page, one of them, and the forms opened from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.acts.organisations.holdings import HoldingsShown
from bot.acts.outcomes import Kept, Outcome, Replaced, ShownView
from bot.acts.people import Linked, People, Presser, Reader
from bot.acts.press import Acts, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.views.organisations.administered import MENU as ORGANISATION_MENU
from bot.views.organisations.channel_forms import ChannelsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, GuestModal, RenameModal, RoleModal, UnlinkModal
from bot.views.organisations.screens import (
    PEOPLE_SHOWN,
    ROLE_MENU,
    OrganisationModal,
    OrganisationsModal,
    PeopleModal,
    PersonModal,
    Screen,
    screen_in_metadata,
)
from core.api import (
    Administered,
    Administration,
    HeldRole,
    Identity,
    Member,
    Now,
    Organisation,
    OrganisationId,
    PersonId,
    account_name,
    account_named,
    day_of,
)
from notifications.render.button_values import SEPARATOR, Pointer, number_in
from notifications.render.model import Dialog, Option
from notifications.texts import say

MOST = 100


@dataclass(frozen=True)
class OrganisationScreens:
    """Reads what screens and forms about an organisation show. Who may not see it is told so by the core."""

    administration: Administration
    environment: str
    now: Now

    async def drawn(self, by: Presser, who: Reader, screen: Screen) -> Dialog:
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

    async def found(self, by: Presser, who: Reader, typed: str) -> Sequence[Option]:
        """Organisations for the menu, while people type."""
        return OrganisationsModal.choices(await self.matching(by, typed), who.language)

    async def matching(self, by: Presser, typed: str) -> Sequence[Organisation]:
        """Return organisations that somebody may keep, by what was typed."""
        return await self.administration.find(by.account, typed, MOST)

    def metadata(self, press: PressedButton, organisation: OrganisationId, about: str = "") -> str:
        """What a form carries: which organisation, which role or account, and the screen that it lies on."""
        below = None if press.form is None else screen_in_metadata(press.form.metadata)
        return "\n".join((self.pointer().value(), organisation, about, below.name if below else ""))


@dataclass(frozen=True)
class Administering:
    """Everything that people look at, of what they administer."""

    people: People
    screens: OrganisationScreens

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            "kp.people": self.on_people,
            "kp.people.more": self.on_people,
            "kp.person": self.on_person,
            "kp.organisations": self.on_organisations,
            OrganisationsModal.CHOOSE: self.on_chosen,
        }

    async def on_people(self, press: PressedButton) -> Outcome:
        """The people of an organisation, from the start or after somebody."""
        organisation, after = _parts(press, 2)
        return await self._show(press, Screen("people", OrganisationId(organisation), after))

    async def on_person(self, press: PressedButton) -> Outcome:
        """One of them."""
        organisation, person = _parts(press, 2)
        return await self._show(press, Screen("person", OrganisationId(organisation), person))

    async def on_organisations(self, press: PressedButton) -> Outcome:
        """A menu of the organisations that one keeps."""
        return self.menu(await self.people.linked(press.by))

    async def on_chosen(self, press: PressedButton) -> Outcome:
        """One of them was chosen in the open menu; its value is only an id."""
        return await self._show(press, Screen("organisation", OrganisationId(press.value)))

    async def named(self, by: Presser, typed: str) -> ShownView | Reader:
        """Return the only organisation that matches what was typed, or a menu; the reader where none does."""
        who = await self.people.linked(by)
        found = await self.screens.matching(by, typed)
        if not found:
            return who
        if typed and len(found) == 1:
            return ShownView(who, await self.screens.drawn(by, who, Screen("organisation", found[0].id)))
        return self.menu(who, found if typed else ())

    def menu(self, who: Linked, found: Sequence[Organisation] = ()) -> ShownView:
        """Return the menu of organisations: of those found, or of all while people type."""
        return ShownView(who, OrganisationsModal.build(found, self.screens.pointer(), who.language))

    async def _show(self, press: PressedButton, screen: Screen) -> Outcome:
        """A screen in the place of the one that is open, else on top."""
        who = await self.people.linked(press.by)
        drawn = await self.screens.drawn(press.by, who, screen)
        return ShownView(who, drawn) if press.form is None or not press.form.name else Replaced(drawn)


@dataclass(frozen=True)
class AdministrationOpening:
    """Opens the forms about an organisation."""

    people: People
    screens: OrganisationScreens
    holdings: HoldingsShown

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            "kp.add_person": self.on_add,
            "kp.add_role": self.on_add,
            "kp.unlink": self.on_unlink,
            "kp.let_guest_in": self.on_guest,
            "kp.rename": self.on_rename,
            ORGANISATION_MENU: self.on_menu,
            ROLE_MENU: self.on_role_menu,
        }

    async def on_menu(self, press: PressedButton) -> Outcome:
        """What stands in the menu of an organisation: a form."""
        form, organisation = _parts(press, 2)
        if form == "holdings":
            return await self.holdings.show(press, OrganisationId(organisation))
        return await self._form(press, form, OrganisationId(organisation))

    async def on_add(self, press: PressedButton) -> Outcome:
        """A button asks to add a person, or a role for one."""
        organisation, person = _parts(press, 2)
        return await self._form(press, "add_person", OrganisationId(organisation), PersonId(person) if person else None)

    async def on_unlink(self, press: PressedButton) -> Outcome:
        """A button on somebody's screen asks to end what links the person to an account."""
        organisation, person = _parts(press, 2)
        return await self._form(press, "unlink", OrganisationId(organisation), PersonId(person))

    async def on_guest(self, press: PressedButton) -> Outcome:
        """A button on somebody's screen asks to let the person's guest account be linked."""
        organisation, person, account = guest_of(press)
        administration, by = self.screens.administration, press.by.account
        who, about = await self.people.linked(press.by), await administration.organisation(by, organisation)
        member = await administration.member(by, organisation, person)
        guest = next((each for each in member.guests if each.account == account), None)
        if guest is None:
            return answered(who)
        metadata = self.screens.metadata(press, organisation, account_name(account))
        return ShownView(who, GuestModal.build(about, member, guest, metadata, who.language))

    async def on_rename(self, press: PressedButton) -> Outcome:
        """A button on somebody's screen asks to correct the person's name."""
        organisation, person = _parts(press, 2)
        return await self._form(press, "rename", OrganisationId(organisation), PersonId(person))

    async def on_role_menu(self, press: PressedButton) -> Outcome:
        """What stands in the menu of a role, on the screen of its holder."""
        form, organisation, assignment = _parts(press, 3)
        screen = None if press.form is None else screen_in_metadata(press.form.metadata)
        if screen is None or screen.what != "person":
            raise ButtonIsGone
        by, id_ = press.by.account, OrganisationId(organisation)
        about = await self.screens.administration.organisation(by, id_)
        member = await self.screens.administration.member(by, id_, PersonId(screen.more))
        held = next((each for each in member.roles if each.id == number_in(assignment)), None)
        if held is None:
            raise ButtonIsGone
        return await self._open_role(press, form, about, member, held)

    async def _form(
        self, press: PressedButton, form: str, organisation: OrganisationId, person: PersonId | None = None
    ) -> Outcome:
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
            case "channels":
                at = by.issuer if isinstance(by, Identity) else ""
                view = ChannelsModal.build(about, metadata, who.language, at=at)
            case "language":
                view = LanguageModal.build(about, metadata, who.language)
            case "rules":
                has_eid = self.screens.administration.has_eid
                view = RulesModal.build(about, metadata, who.language, has_eid=has_eid)
            case _:
                raise ButtonIsGone
        return ShownView(who, view)

    async def _open_role(
        self, press: PressedButton, form: str, about: Administered, member: Member, held: HeldRole
    ) -> Outcome:
        modals = {"change_role": RoleModal, "end_role": EndRoleModal}
        if form not in modals:
            raise ButtonIsGone
        who = await self.people.linked(press.by)
        metadata = self.screens.metadata(press, about.organisation.id, str(held.id))
        view = modals[form].build(about, member, held, metadata, who.language)
        return ShownView(who, view)


def guest_of(press: PressedButton) -> tuple[OrganisationId, PersonId, Identity]:
    """Return whose guest account a button is about: of which organisation's people, of whom, and which."""
    parts = press.rest.split(SEPARATOR, 2)
    if press.pointer is None or len(parts) != 3:
        raise ButtonIsGone
    organisation, person, account = parts
    return OrganisationId(organisation), PersonId(person), account_named(account)


def answered(who: Reader) -> Kept:
    """Say that somebody has answered for a guest's account already, or that it waits for no answer any more."""
    return Kept(who.language, say(who.language, "admin.guest_answered"))


def _parts(press: PressedButton, count: int) -> list[str]:
    """What a value says after its pointer; what is left out is empty."""
    parts = press.rest.split(SEPARATOR)
    if press.pointer is None or not press.rest or len(parts) > count:
        raise ButtonIsGone
    return [*parts, *[""] * (count - len(parts))]
