"""The forms about an organisation, sent: each is one wish, and the screen below shows what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.acts.organisations.administration import OrganisationScreens, answered, guest_of
from bot.acts.outcomes import Kept, Outcome, Unchanged, Wrong
from bot.acts.people import People, Presser, Reader
from bot.acts.press import Acts, Following, OpenForm, PressedButton, Sent
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import FieldErrors
from bot.views.organisations.channel_forms import ChannelsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, GuestModal, RenameModal, RoleModal, UnlinkModal
from bot.views.organisations.screens import Screen, screen_in_metadata
from core.api import (
    Administered,
    Administration,
    ChangeResult,
    ChangeRole,
    EndRole,
    GrantRoles,
    LetGuestIn,
    NoSuchAssignment,
    OrderError,
    OrganisationId,
    OwnSlack,
    PersonId,
    ProposedChannel,
    RenamePerson,
    Role,
    SeenChannel,
    SetChannels,
    SetInvoices,
    SetLanguage,
    SetRules,
    UnlinkAccounts,
    account_named,
    channel_in,
)
from notifications.render.button_values import number_in
from notifications.render.model import Dialog
from notifications.texts import say


@dataclass(frozen=True)
class OrganisationForm:
    """What an open form is about, and what it is known by: sent again, it counts no second time.

    `about` is the number of a role, or the name of an account.
    """

    organisation: OrganisationId
    about: str
    key: str

    @property
    def assignment(self) -> int:
        """Return the number of the role, 0 where it is about none."""
        return number_in(self.about) or 0


@dataclass(frozen=True)
class KeptChanges:
    """Says what came of a form, and shows it on the screen below."""

    screens: OrganisationScreens
    after: Following
    has_mail: bool

    def answer(self, form: OpenForm, done: ChangeResult, said: str, *, by: Presser, who: Reader, same: str) -> Kept:
        """Say that a change is kept, or that nothing is another, by keys of sentences; who hears of it begins to."""
        sentences = [say(who.language, said if done.is_news else same)]
        sentences += [say(who.language, "admin.gradually")] if done.adds_person and self.has_mail else []
        self.after.register_changed(by)
        return self._kept(form, " ".join(sentences), by, who)

    def answer_of_account(self, form: OpenForm, said: str, *, by: Presser, who: Reader) -> Kept:
        """Say what came of an account, by the key of a sentence."""
        self.after.accounts_changed(by)
        return self._kept(form, say(who.language, said), by, who)

    def _kept(self, form: OpenForm, sentence: str, by: Presser, who: Reader) -> Kept:
        screen = screen_in_metadata(form.metadata)
        below = None if screen is None else partial(self._below, screen, by, who)
        return Kept(who.language, sentence, below)

    async def _below(self, screen: Screen, by: Presser, who: Reader) -> Dialog | None:
        """Draw the screen that the form lies on anew; who is gone from it is not shown any more."""
        try:
            return await self.screens.drawn(by, who, screen)
        except NoSuchAssignment:
            return await self.screens.drawn(by, who, screen.of_all())
        except OrderError:
            # Who has ended the own role administers nothing here any more.
            return None


@dataclass(frozen=True)
class ChannelsSeen:
    """Looks at the channels that a form names anew, before they count."""

    look: Callable[[OwnSlack, str], Awaitable[SeenChannel]]

    async def see(self, about: Administered, wanted: Sequence[ProposedChannel]) -> Mapping[Role, SeenChannel]:
        """Return how those stand that are new, or were lost, as far as Slack says so; by role."""
        if about.slack is None:
            return {}
        well = {(each.role, each.channel) for each in about.channels if not each.problem}
        named = {each.role: channel_in(each.channel) for each in wanted if each.channel}
        new = {role: channel for role, channel in named.items() if channel and (role, channel) not in well}
        seen = await asyncio.gather(*(self.look(about.slack, channel) for channel in new.values()))
        return dict(zip(new, seen, strict=True))


@dataclass(frozen=True)
class AdministrationForms:
    """What people change of what they administer."""

    people: People
    administration: Administration
    kept: KeptChanges
    channels: ChannelsSeen

    def submitted(self) -> Mapping[str, Sent]:
        """What happens when a form is sent, by callback id."""
        return {
            GrantModal.CALLBACK: self.on_grant,
            RoleModal.CALLBACK: self.on_change,
            EndRoleModal.CALLBACK: self.on_end,
            UnlinkModal.CALLBACK: self.on_unlink,
            GuestModal.CALLBACK: self.on_guest,
            RenameModal.CALLBACK: self.on_rename,
            InvoiceModal.CALLBACK: self.on_invoices,
            LanguageModal.CALLBACK: self.on_language,
            RulesModal.CALLBACK: self.on_rules,
            ChannelsModal.CALLBACK: self.on_channels,
        }

    def changes(self) -> Acts:
        """What changes at its buttons, by action id."""
        return {"kp.guest_yes": self.on_guest_yes}

    async def on_grant(self, opened: OpenForm, by: Presser) -> Outcome:
        """Somebody gets roles."""
        form, read = self._form(opened), GrantModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = GrantRoles(
            by=by.account,
            organisation=form.organisation,
            email=read.email,
            name=read.name,
            roles=read.roles,
            first=read.first,
            last=read.last,
            limit_ore=read.limit_ore,
            service=read.service,
            key=form.key,
            signed_in=by.signed_in,
        )
        return await self._keep(opened, by, self.administration.grant(command))

    async def on_change(self, opened: OpenForm, by: Presser) -> Outcome:
        """What holds for a role is another."""
        form, read = self._form(opened), RoleModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = ChangeRole(
            by.account,
            form.organisation,
            form.assignment,
            last=read.last,
            limit_ore=read.limit_ore,
            key=form.key,
            signed_in=by.signed_in,
        )
        return await self._keep(opened, by, self.administration.change_role(command))

    async def on_end(self, opened: OpenForm, by: Presser) -> Outcome:
        """A role ends."""
        form, read = self._form(opened), EndRoleModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = EndRole(by.account, form.organisation, form.assignment, read.last, form.key, by.signed_in)
        return await self._keep(opened, by, self.administration.end_role(command), said="admin.ended")

    async def on_unlink(self, opened: OpenForm, by: Presser) -> Outcome:
        """Somebody's account stands for the person no longer."""
        form, person = self._form(opened), _shown_below(opened)
        # Whose own account it was is nobody to the product once it is done.
        who = await self.people.linked(by)
        command = UnlinkAccounts(by.account, form.organisation, person, form.key, by.signed_in)
        is_news = await self.administration.unlink(command)
        return self.kept.answer_of_account(opened, "admin.unlinked" if is_news else "admin.same", by=by, who=who)

    async def on_guest(self, opened: OpenForm, by: Presser) -> Outcome:
        """Somebody's guest account may be linked by whoever holds it."""
        form, person, who = self._form(opened), _shown_below(opened), await self.people.linked(by)
        account = account_named(form.about)
        command = LetGuestIn(by.account, form.organisation, person, account, form.key, by.signed_in)
        is_news = await self.administration.let_guest_in(command)
        said = "admin.guest_let_in" if is_news else "admin.guest_answered"
        return self.kept.answer_of_account(opened, said, by=by, who=who)

    async def on_guest_yes(self, press: PressedButton) -> Outcome:
        """A button on the card that asks lets somebody's guest account be linked: the card shows that it is so."""
        organisation, person, account = guest_of(press)
        who = await self.people.linked(press.by)
        command = LetGuestIn(press.by.account, organisation, person, account, signed_in=press.by.signed_in)
        is_news = await self.administration.let_guest_in(command)
        self.kept.after.accounts_changed(press.by)
        return Unchanged() if is_news else answered(who)

    async def on_rename(self, opened: OpenForm, by: Presser) -> Outcome:
        """Somebody's name is another."""
        form, person, read = self._form(opened), _shown_below(opened), RenameModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = RenamePerson(by.account, form.organisation, person, read, form.key, by.signed_in)
        work = self.administration.rename(command)
        return await self._keep(opened, by, work, said="admin.renamed", own="admin.renamed_own")

    async def on_invoices(self, opened: OpenForm, by: Presser) -> Outcome:
        """Invoices go elsewhere."""
        form, read = self._form(opened), InvoiceModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = SetInvoices(
            by.account,
            form.organisation,
            read.address,
            read.reference,
            read.service,
            read.service_reference,
            form.key,
            by.signed_in,
        )
        return await self._keep(opened, by, self.administration.set_invoices(command))

    async def on_language(self, opened: OpenForm, by: Presser) -> Outcome:
        """The organisation's language is another."""
        form, read = self._form(opened), LanguageModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = SetLanguage(by.account, form.organisation, read, form.key, by.signed_in)
        return await self._keep(opened, by, self.administration.set_language(command))

    async def on_rules(self, opened: OpenForm, by: Presser) -> Outcome:
        """The organisation asks something else of its decisions."""
        form, read = self._form(opened), RulesModal.read(opened.typed)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        command = SetRules(
            by.account,
            form.organisation,
            read.self_attest_allowed,
            read.eid_from_ore,
            read.tiers,
            read.reminder_days,
            read.reminder_hour,
            form.key,
            by.signed_in,
        )
        return await self._keep(opened, by, self.administration.set_rules(command))

    async def on_channels(self, opened: OpenForm, by: Presser) -> Outcome:
        """Those who have a role are asked somewhere else."""
        form = self._form(opened)
        about = await self.administration.organisation(by.account, form.organisation)
        read = ChannelsModal.read(opened.typed, about.channels)
        if isinstance(read, FieldErrors):
            return await self._refuse(by, read)
        seen = await self.channels.see(about, read)
        if problems := ChannelsModal.problems(seen, opened.typed):
            return await self._refuse(by, problems)
        wanted = tuple(replace(each, name=seen[each.role].name) if each.role in seen else each for each in read)
        command = SetChannels(by.account, form.organisation, wanted, form.key, by.signed_in)
        is_lost = any(each.problem for each in about.channels)
        same = "admin.channels_tried" if is_lost else "admin.same"
        return await self._keep(opened, by, self.administration.set_channels(command), same=same)

    async def _keep(
        self,
        opened: OpenForm,
        by: Presser,
        work: Awaitable[ChangeResult],
        said: str = "admin.saved",
        own: str = "",
        same: str = "admin.same",
    ) -> Outcome:
        who, done = await self.people.linked(by), await work
        said = "admin.saved_for_two" if done.ends_self_attest else said
        said = own if own and done.is_own else said
        return self.kept.answer(opened, done, said, by=by, who=who, same=same)

    async def _refuse(self, by: Presser, problems: FieldErrors) -> Wrong:
        return Wrong(problems, (await self.people.linked(by)).language)

    def _form(self, opened: OpenForm) -> OrganisationForm:
        parts = opened.metadata.split("\n")
        if len(parts) != 4:
            raise ButtonIsGone
        return OrganisationForm(OrganisationId(parts[1]), parts[2], opened.key)


def _shown_below(opened: OpenForm) -> PersonId:
    """Whose screen a form lies on."""
    screen = screen_in_metadata(opened.metadata)
    if screen is None or screen.what != "person":
        raise ButtonIsGone
    return PersonId(screen.more)
