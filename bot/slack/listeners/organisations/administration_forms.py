"""The forms about an organisation, sent: each is one wish, and the screen below shows what came of it."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.forms.inputs import FieldErrors
from bot.slack.identity import Caller, People, Reader
from bot.slack.listeners.organisations.administration import OrganisationScreens
from bot.slack.payloads import Payload, typed_in
from bot.slack.press import AfterCommit, Submitted
from bot.slack.refusal_replies import ButtonIsGone
from bot.slack.replies import Replies, updated
from bot.views.notices import NoticeModal
from bot.views.organisations.register_forms import InvoiceModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, RenameModal, RoleModal, UnlinkModal
from bot.views.organisations.screens import screen_of
from core.api import (
    Administration,
    ChangeResult,
    ChangeRole,
    EndRole,
    GrantRoles,
    NoSuchAssignment,
    OrderError,
    OrganisationId,
    PersonId,
    RenamePerson,
    SetInvoices,
    SetRules,
    UnlinkAccounts,
)
from notifications.texts import say


@dataclass(frozen=True)
class OpenForm:
    """What an open form is about, and what it is known by: sent again, it counts no second time."""

    organisation: OrganisationId
    assignment: int
    key: str


@dataclass(frozen=True)
class KeptChanges:
    """Says what came of a form, and shows it on the screen below."""

    screens: OrganisationScreens
    replies: Replies
    after_commit: AfterCommit
    has_mail: bool

    async def answer(
        self, ack: AsyncAck, view: Payload, done: ChangeResult, said: str, *, by: Caller, who: Reader
    ) -> None:
        """Say that a change is kept, by the key of a sentence; who hears of it begins to."""
        sentences = [say(who.language, said if done.is_news else "admin.same")]
        sentences += [say(who.language, "admin.gradually")] if done.adds_person and self.has_mail else []
        await self._close(ack, who, " ".join(sentences))
        self.after_commit.register_changed(by)
        self.replies.beside(self._show_below(view, by, who))

    async def answer_unlinked(self, ack: AsyncAck, view: Payload, is_news: bool, *, by: Caller, who: Reader) -> None:  # noqa: FBT001 - as the core says it
        """Say that an account stands for the person no longer, or that none did."""
        await self._close(ack, who, say(who.language, "admin.unlinked" if is_news else "admin.same"))
        self.after_commit.accounts_changed(by)
        self.replies.beside(self._show_below(view, by, who))

    async def _close(self, ack: AsyncAck, who: Reader, sentence: str) -> None:
        await ack(**updated(NoticeModal.build(who.language, "notice.done", sentence)))

    async def _show_below(self, view: Payload, by: Caller, who: Reader) -> None:
        """Draw the screen that the form lies on anew; who is gone from it is not shown any more."""
        screen, below = screen_of(view), view.get("previous_view_id")
        if screen is None or not below:
            return
        try:
            drawn = await self.screens.drawn(by, who, screen)
        except NoSuchAssignment:
            drawn = await self.screens.drawn(by, who, screen.of_all())
        except OrderError:
            # Who has ended the own role administers nothing here any more.
            return
        await self.replies.redraw(by, {"id": below}, drawn)


@dataclass(frozen=True)
class AdministrationForms:
    """What people change of what they administer."""

    people: People
    administration: Administration
    kept: KeptChanges

    def submitted(self) -> Mapping[str, Submitted]:
        """What happens when a form is sent, by callback id."""
        return {
            GrantModal.CALLBACK: self.on_grant,
            RoleModal.CALLBACK: self.on_change,
            EndRoleModal.CALLBACK: self.on_end,
            UnlinkModal.CALLBACK: self.on_unlink,
            RenameModal.CALLBACK: self.on_rename,
            InvoiceModal.CALLBACK: self.on_invoices,
            RulesModal.CALLBACK: self.on_rules,
        }

    async def on_grant(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody gets roles."""
        form, read = self._form(view), GrantModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
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
        )
        await self._keep(ack, view, by, self.administration.grant(command))

    async def on_change(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """What holds for a role is another."""
        form, read = self._form(view), RoleModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        command = ChangeRole(
            by.account, form.organisation, form.assignment, last=read.last, limit_ore=read.limit_ore, key=form.key
        )
        await self._keep(ack, view, by, self.administration.change_role(command))

    async def on_end(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """A role ends."""
        form, read = self._form(view), EndRoleModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        command = EndRole(by.account, form.organisation, form.assignment, read.last, form.key)
        await self._keep(ack, view, by, self.administration.end_role(command), said="admin.ended")

    async def on_unlink(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody's account stands for the person no longer."""
        form, person = self._form(view), _shown_below(view)
        # Whose own account it was is nobody to the product once it is done.
        who = await self.people.linked(by)
        command = UnlinkAccounts(by.account, form.organisation, person, form.key)
        is_news = await self.administration.unlink(command)
        await self.kept.answer_unlinked(ack, view, is_news, by=by, who=who)

    async def on_rename(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Somebody's name is another."""
        form, person, read = self._form(view), _shown_below(view), RenameModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        command = RenamePerson(by.account, form.organisation, person, read, form.key)
        work = self.administration.rename(command)
        await self._keep(ack, view, by, work, said="admin.renamed", own="admin.renamed_own")

    async def on_invoices(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Invoices go elsewhere."""
        form, read = self._form(view), InvoiceModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        command = SetInvoices(
            by.account, form.organisation, read.address, read.reference, read.service, read.service_reference, form.key
        )
        await self._keep(ack, view, by, self.administration.set_invoices(command))

    async def on_rules(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """The organisation asks something else of its decisions."""
        form, read = self._form(view), RulesModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await self._refuse(ack, by, read)
            return
        command = SetRules(
            by.account, form.organisation, read.self_attest_allowed, read.eid_from_ore, read.tiers, form.key
        )
        await self._keep(ack, view, by, self.administration.set_rules(command))

    async def _keep(
        self,
        ack: AsyncAck,
        view: Payload,
        by: Caller,
        work: Awaitable[ChangeResult],
        said: str = "admin.saved",
        own: str = "",
    ) -> None:
        who, done = await self.people.linked(by), await work
        said = "admin.saved_for_two" if done.ends_self_attest else said
        said = own if own and done.is_own else said
        await self.kept.answer(ack, view, done, said, by=by, who=who)

    async def _refuse(self, ack: AsyncAck, by: Caller, problems: FieldErrors) -> None:
        who = await self.people.linked(by)
        await ack(response_action="errors", errors=problems.in_words(who.language))

    def _form(self, view: Payload) -> OpenForm:
        parts = (view.get("private_metadata") or "").split("\n")
        if len(parts) != 4:
            raise ButtonIsGone
        return OpenForm(OrganisationId(parts[1]), int(parts[2]) if parts[2].isdecimal() else 0, view["id"])


def _shown_below(view: Payload) -> PersonId:
    """Whose screen a form lies on."""
    screen = screen_of(view)
    if screen is None or screen.what != "person":
        raise ButtonIsGone
    return PersonId(screen.more)
